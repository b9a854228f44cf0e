//! What follows a handshake: data, messages, alerts and odd records under the right keys, in pieces and together.
//!
//! The first byte says which side and version, then come actions with what they need. Data that the connection has not
//! refused arrives, whole and in order, both ways.

#![no_main]

use std::sync::LazyLock;

use ferrossl::Version;
use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::records::Plain;
use ferrossl_testkit::peer::wire::content;
use ferrossl_testkit::peer::{Peer, Stage};
use libfuzzer_sys::fuzz_target;

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let stage = Stage::new(KeyKind::Ed25519);
    stage.take_post_handshake_auth();
    stage
});

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(bytes)
    }
}

struct Talk {
    peer: Peer,
    is_server: bool,
    is_new: bool,
    sent: Vec<u8>,
    written: Vec<u8>,
    /// The rest of a message whose beginning was sent.
    rest: Vec<u8>,
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let Some(flags) = input.byte() else { return };
    let (is_server, is_new) = (flags & 1 != 0, flags & 2 == 0);
    let version = if is_new { Version::Tls13 } else { Version::Tls12 };
    let mut peer = if is_server { STAGE.scripted_server(version) } else { STAGE.scripted_client(version) };
    peer.setup.post_handshake_auth = flags & 4 == 0;
    // In TLS 1.2, or without the offer, the server asks in the handshake.
    peer.setup.signer = Some(STAGE.signer());
    peer.setup.ask_for_certificate = flags & 8 != 0;
    peer.complete_handshake();
    let mut talk = Talk { peer, is_server, is_new, sent: vec![], written: vec![], rest: vec![] };
    while act(&mut talk, &mut input).is_some() {}
    let outcome = talk.peer.outcome();
    assert!(talk.sent.starts_with(&outcome.delivered), "data that was not sent");
    assert!(talk.written.starts_with(&outcome.data()), "data that was not written");
    if let Some(error) = &outcome.error {
        let again = talk.peer.connection.read(&mut [0; 9]).map_err(|error| error.report());
        assert!(again.as_ref().is_err_and(|again| *again == error.report()), "{error:?}, then {again:?}");
    } else {
        assert_eq!(outcome.data(), talk.written, "data was lost on its way out");
        assert!(outcome.closed || outcome.delivered == talk.sent, "data was lost on its way in");
    }
});

fn act(talk: &mut Talk, input: &mut Input<'_>) -> Option<()> {
    let action = input.byte()?;
    let Talk { peer, is_server, is_new, sent, written, rest } = talk;
    match action % 16 {
        0 => {
            let data = input.bytes()?;
            peer.send_sealed(content::APPLICATION_DATA, data, if *is_new { (action >> 4).into() } else { 0 });
            sent.extend_from_slice(data);
        }
        1 => peer.send_sealed(content::HANDSHAKE, input.bytes()?, 0),
        2 => peer.send_alert(input.byte()?, input.byte()?),
        3 if *is_new => peer.send_key_update(action & 16 != 0),
        4 if *is_new && *is_server => peer.send_ticket(input.bytes()?),
        5 if *is_new && *is_server => {
            let request = peer.certificate_request13(input.bytes()?);
            peer.send_handshake(&request);
        }
        5 if *is_new => {
            // It may not be the time, or the connection may have failed.
            if peer.connection.request_client_certificate().is_ok() && action & 16 == 0 {
                let _ = peer.answer_request();
            }
        }
        6 => {
            let kind = input.byte()?;
            let contents = input.bytes()?;
            // Data of the fuzzer's own is not counted. Where the type is 0, it is the contents' last byte.
            let kind = if matches!(kind, 0 | content::APPLICATION_DATA) { content::HEARTBEAT } else { kind };
            peer.send_sealed(kind, contents, 0);
        }
        7 => {
            let data = input.bytes()?;
            if peer.connection.write(data).is_ok_and(|taken| taken == Some(data.len())) {
                written.extend_from_slice(data);
            }
        }
        8 if *is_new => {
            // The beginning of a message that would be all right.
            let mut message = match action >> 4 {
                0 | 1 => vec![24, 0, 0, 1, 0],
                2..=7 => peer.new_ticket(b"ticket", b"1"),
                _ => peer.certificate_request13(b"context"),
            };
            let at = usize::from(input.byte()?) % message.len();
            *rest = message.split_off(at);
            peer.send_handshake_bytes(&message);
        }
        9 if !rest.is_empty() => {
            let message = std::mem::take(rest);
            peer.send_handshake_bytes(&message);
            if message.ends_with(&[0]) && action & 16 != 0 {
                peer.change_write_keys();
            }
        }
        10 if *is_new => {
            let mut plain = Plain::new(input.byte()? % 26, input.bytes()?, 0);
            let is_type = |byte: &&u8| **byte != 0;
            if plain.plaintext.iter().rev().find(is_type) == Some(&content::APPLICATION_DATA) {
                plain.plaintext.push(content::ALERT);
            }
            if action & 16 != 0 {
                plain.outer_type = input.byte()?;
            } else {
                plain.version = 0x0300 | u16::from(input.byte()?);
            }
            peer.send_plain(&plain);
        }
        11 => peer.send_record(input.byte()?, 0x0303, input.bytes()?),
        12 if action & 16 != 0 => peer.close(),
        13 => {
            peer.setup.piece = 1 + usize::from(input.byte()?);
            peer.exchange();
        }
        14 => peer.settle(),
        _ => peer.setup.record_size = 1 + usize::from(input.byte()?),
    }
    Some(())
}
