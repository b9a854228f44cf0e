//! The readers of handshake messages, for fuzz targets: they are private to the crate.

use crate::engine::hooks::handshake_log::HandshakeLog;
use crate::engine::post_handshake_auth::messages;
use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::wire::handshake::Reassembly;
use crate::wire::record::HANDSHAKE;
use crate::wire::{certificate, hello, hello_rules, record};

/// Reads bytes as every handshake message that is read here.
pub fn read_messages(bytes: &[u8]) {
    let offers = hello::offers_tls13(bytes);
    let _ = (hello::server_name(bytes), hello::chooses_tls13(bytes));
    if let Some(changed) = hello::with_post_handshake_auth(bytes) {
        assert_eq!(changed.len(), bytes.len() + 4);
        // What was offered still is.
        assert_eq!(hello::offers_tls13(&changed), offers);
    }
    let _ = hello::offers_post_handshake_auth(bytes);
    let _ = hello::transcript_with_post_handshake_auth(bytes);
    let _ = hello::records_with_post_handshake_auth(bytes);
    messages::read_bytes(bytes);
    let _ = (hello_rules::check(bytes), hello_rules::check_for(bytes, true, true));
    let _ = (hello_rules::check_answer(bytes, &[]), hello_rules::check_renegotiates_safely(bytes));
    let _ = (certificate::read_tls13(bytes), record::split(bytes));
    put_together(bytes);
}

/// What goes in comes out, in whole messages, however it is cut.
fn put_together(bytes: &[u8]) {
    let mut reassembly = Reassembly::default();
    let mut messages = Vec::new();
    for piece in bytes.chunks(7) {
        reassembly.add(piece);
        loop {
            match reassembly.next() {
                Ok(Some(message)) => messages.extend_from_slice(&message),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
    assert!(bytes.starts_with(&messages));
    assert_eq!(reassembly.is_empty(), messages.len() == bytes.len());
}

/// Has the watcher of a connection see what goes out: records and messages, each behind a byte that says what it is and
/// its length.
pub fn log_messages(mut pieces: &[u8]) {
    let mut handshake_log = HandshakeLog::default();
    handshake_log.transcript = Some(Transcript::default());
    handshake_log.keep_log();
    while let Some((&[what, length], rest)) = pieces.split_first_chunk::<2>() {
        let (bytes, rest) = rest.split_at(usize::from(length).min(rest.len()));
        match what >> 2 {
            0 => handshake_log.sealing(HANDSHAKE, bytes.to_vec()),
            1 => handshake_log.sent_records(bytes),
            _ => handshake_log.sent_records(&[&[20 + what % 4, 3, 3, 0, length][..], bytes].concat()),
        }
        pieces = rest;
    }
    handshake_log.sent_records(&[]);
    let _ = handshake_log.take_log();
}
