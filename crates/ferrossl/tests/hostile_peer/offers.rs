//! What a hello offers and a server takes up or leaves: sessions, early data, certificates, bindings.

use ferrossl::connection::Binding;
use ferrossl::openssl_names::groups::Group;
use ferrossl_testkit::peer::crypto::{AES128_SHA256, ECDHE_ECDSA_AES128, ECDHE_RSA_AES128};
use ferrossl_testkit::peer::wire::{alert, extension, group, scheme};
use ferrossl_testkit::peer::{Peer, Stage, Ticket};
use ferrossl_testkit::{KeyKind, Leaf};

use super::hellos::without;
use super::{ANY, CLIENT, Case, During, SERVER, STAGE, TLS12, TLS13, accepted, carries_data, refused};

/// A ticket that no server here has given out.
pub(super) fn foreign_ticket() -> Ticket {
    Ticket {
        identity: vec![0xAB; 120],
        secret: vec![7; 32],
        suite: AES128_SHA256,
        age_add: 0,
        nonce: vec![],
        extensions: vec![],
        extended: true,
    }
}

#[test]
fn pre_shared_key_is_the_last_extension() {
    fn not_last(peer: &mut Peer) {
        peer.setup.ticket = Some(foreign_ticket());
        peer.edit_client_hello(|hello| hello.extensions.push(0xfafa, b""));
    }
    refused(
        &STAGE,
        &[
            ("one behind it", CLIENT, TLS13, During, not_last, &[alert::ILLEGAL_PARAMETER]),
            (
                "it is first",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.setup.ticket = Some(foreign_ticket());
                    p.edit_client_hello(|hello| hello.extensions.move_first(extension::PRE_SHARED_KEY));
                },
                &[alert::ILLEGAL_PARAMETER],
            ),
        ],
    );
    accepted(
        &STAGE,
        &[(
            "a ticket of another server",
            CLIENT,
            TLS13,
            During,
            |p| {
                p.setup.ticket = Some(foreign_ticket());
            },
            ANY,
        )],
    );
}

#[test]
fn a_binder_that_is_wrong() {
    let stage = Stage::new(KeyKind::P256);
    let mut first = stage.scripted_client(TLS13);
    first.complete_handshake();
    first.connection.write(b"tickets come with data").unwrap();
    first.settle();
    let mut second = stage.scripted_client(TLS13);
    second.setup.ticket = first.tickets.pop();
    second.change(1, |body| *body.last_mut().unwrap() ^= 1);
    let outcome = second.run();
    assert_eq!(outcome.alert(), Some(alert::DECRYPT_ERROR), "{:?}", outcome.error);
    assert!(outcome.error.is_some());
}

/// Has a client offer a session that the server does not know, and send this many records of early data for it.
fn early(peer: &mut Peer, count: usize, size: usize) {
    peer.setup.ticket = Some(foreign_ticket());
    peer.setup.early_data = vec![vec![0xED; size]; count];
}

/// Early data that a server skips up to the Finished of a client.
const EARLY_DATA: &[Case] = &[
    ("a little", CLIENT, TLS13, During, |p| early(p, 1, 20), ANY),
    ("nothing", CLIENT, TLS13, During, |p| early(p, 1, 0), ANY),
    ("a full record", CLIENT, TLS13, During, |p| early(p, 1, 1 << 14), ANY),
    ("four full records", CLIENT, TLS13, During, |p| early(p, 4, 1 << 14), ANY),
    ("many records", CLIENT, TLS13, During, |p| early(p, 200, 100), ANY),
    (
        "byte by byte",
        CLIENT,
        TLS13,
        During,
        |p| {
            early(p, 3, 3_000);
            p.setup.piece = 1;
        },
        ANY,
    ),
];

/// Early data in front of the second hello that the server asks for: that is where it ends.
const EARLY_DATA_BEFORE_A_SECOND_HELLO: &[Case] = &[
    (
        "before a second hello",
        CLIENT,
        TLS13,
        During,
        |p| {
            early(p, 4, 1 << 14);
            p.setup.shares = vec![group::X25519];
        },
        ANY,
    ),
    (
        "many records before a second hello",
        CLIENT,
        TLS13,
        During,
        |p| {
            early(p, 100, 100);
            p.setup.shares = vec![group::X25519];
        },
        ANY,
    ),
];

/// What does not open and is no early data: it is not skipped.
const NO_EARLY_DATA: &[Case] = &[
    (
        "without the extension",
        CLIENT,
        TLS13,
        During,
        |p| {
            early(p, 1, 20);
            without(p, extension::EARLY_DATA);
        },
        &[alert::BAD_RECORD_MAC, alert::UNEXPECTED_MESSAGE],
    ),
    (
        "behind Finished",
        CLIENT,
        TLS13,
        During,
        |p| {
            early(p, 1, 20);
            p.after(20, |p| p.send_record(23, 0x0303, &[0xED; 60]));
        },
        &[alert::BAD_RECORD_MAC],
    ),
];

/// RFC 8446 section 4.2.10: a server that does not take early data skips it.
#[test]
fn early_data_that_is_rejected() {
    accepted(&STAGE, EARLY_DATA);
    let picky = Stage::new(KeyKind::P256);
    picky.server.update(|settings| settings.group = Some(Group::P256));
    accepted(&picky, EARLY_DATA_BEFORE_A_SECOND_HELLO);
    // It is skipped, not whatever does not open: without the extension it is no early data.
    refused(&STAGE, NO_EARLY_DATA);
}

#[test]
fn the_identity_that_a_tls13_client_can_check() {
    const BOTH: [u16; 2] = [scheme::RSA_PKCS1_SHA256, scheme::ECDSA_P256_SHA256];
    for (first, second) in [(KeyKind::P256, KeyKind::Rsa2048), (KeyKind::Rsa2048, KeyKind::P256)] {
        let stage = Stage::new(first);
        stage.server.use_identity(stage.pki.issue(&Leaf { key: second, ..Leaf::default() }));
        for schemes in [BOTH, [BOTH[1], BOTH[0]]] {
            let mut client = stage.scripted_client(TLS13);
            client.setup.schemes = schemes.to_vec();
            let outcome = client.run();
            assert!(outcome.is_fine(), "{first:?} first, {schemes:x?}: {:?}", outcome.error);
            // In TLS 1.2 it can check both.
            for suite in [ECDHE_RSA_AES128, ECDHE_ECDSA_AES128] {
                let mut client = stage.scripted_client(TLS12);
                client.setup.suites = vec![suite];
                client.setup.schemes = schemes.to_vec();
                client.complete_handshake();
            }
        }
        // And with nothing for TLS 1.3 but what it forbids there is nothing to show.
        let mut client = stage.scripted_client(TLS13);
        client.setup.schemes = vec![scheme::RSA_PKCS1_SHA256];
        let outcome = client.run();
        assert_eq!(outcome.alert(), Some(alert::HANDSHAKE_FAILURE));
    }
}

/// RFC 9266 section 4.2.
#[test]
fn tls_exporter_wants_an_extended_master_secret() {
    for extended in [true, false] {
        for role in [CLIENT, SERVER] {
            let mut peer = super::peer(&STAGE, role, TLS12);
            peer.setup.extended_master_secret = extended;
            peer.complete_handshake();
            let binding = peer.connection.channel_binding(Binding::TlsExporter).unwrap();
            assert_eq!(binding.is_some(), extended, "peer: {role:?}");
        }
    }
    let mut client = STAGE.scripted_client(TLS13);
    client.complete_handshake();
    assert!(client.connection.channel_binding(Binding::TlsExporter).unwrap().is_some());
}

/// More application protocols than fit into one record, and an extension that is added on the way.
#[test]
fn a_hello_of_several_records_offers_post_handshake_auth() {
    let stage = Stage::new(KeyKind::P256);
    stage.take_post_handshake_auth();
    stage.client.update(|settings| settings.alpn_protocols = vec![vec![b'x'; 250]; 80]);
    for version in [TLS13, TLS12] {
        let mut server = stage.scripted_server(version);
        server.complete_handshake();
        let outcome = server.outcome();
        let lengths: Vec<usize> = outcome.records.iter().map(|record| record.contents.len()).collect();
        assert!(lengths.iter().all(|length| *length <= 1 << 14), "{version:?}: {lengths:?}");
        assert!(lengths[0] > 1 << 13, "the hello is a short one: {lengths:?}");
        carries_data(&mut server).unwrap();
    }
}
