//! A connection that is fed anything: before the handshake, in the middle of it, behind it.
//!
//! The first byte says which side and version and when, the second in pieces of how many bytes, and the rest is fed.

#![no_main]

use std::sync::LazyLock;

use ferrossl::{Error, Version};
use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::Stage;
use libfuzzer_sys::fuzz_target;

// Ed25519: its certificates and signatures have one length, so that runs are alike.
static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::new(KeyKind::Ed25519));
static LATER: LazyLock<Stage> = LazyLock::new(|| {
    let stage = Stage::new(KeyKind::Ed25519);
    stage.take_post_handshake_auth();
    stage
});

fuzz_target!(|bytes: &[u8]| {
    let [flags, piece, rest @ ..] = bytes else { return };
    let version = if flags & 2 == 0 { Version::Tls13 } else { Version::Tls12 };
    let stage = if flags & 16 == 0 { &STAGE } else { &LATER };
    let mut peer =
        if flags & 1 == 0 { stage.scripted_client(version) } else { stage.scripted_server(version) };
    // The server of the other stage asks for a certificate, in TLS 1.2 in the handshake.
    peer.setup.signer = Some(stage.signer());
    let is_server = flags & 1 != 0;
    match flags >> 2 & 3 {
        0 if is_server => peer.receive_client_hello().unwrap(),
        0 => {}
        // The first flight is there already, whole or but for its last byte.
        1 | 2 => {
            if is_server {
                peer.receive_client_hello().unwrap();
                if version == Version::Tls13 {
                    peer.send_server_hello().unwrap();
                }
            } else {
                peer.send_client_hello();
            }
            let mut flight = peer.take_output();
            if flags >> 2 & 3 == 2 {
                flight.pop();
            }
            peer.send_bytes(&flight);
        }
        _ => peer.complete_handshake(),
    }
    peer.setup.piece = usize::from(*piece).max(1) * 16;
    let was_done = peer.connection.negotiated().is_some();
    peer.send_bytes(rest);
    peer.exchange();
    assert!(was_done || peer.connection.negotiated().is_none(), "a handshake without keys");
    assert!(peer.take_delivered().is_empty(), "data without keys");
    if let Some(error) = &peer.error {
        let again = peer.connection.read(&mut [0; 9]).map_err(|error| error.report());
        assert!(again.as_ref().is_err_and(|again| *again == error.report()), "{error:?}, then {again:?}");
        assert!(!matches!(error, Error::Io(_)), "{error:?}");
    }
    assert!(peer.unread() < 1 << 16, "so much for an answer");
});
