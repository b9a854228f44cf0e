//! CertificateVerify, ServerKeyExchange and Finished: schemes, signatures, lengths.

use std::sync::Arc;

use ferrossl::VerifyMode;
use ferrossl_testkit::peer::wire::{alert, group, message, scheme};
use ferrossl_testkit::peer::{Peer, Role, Stage};
use ferrossl_testkit::{KeyKind, Leaf};

use super::{
    ANY, After, CLIENT, Case, During, POST_HANDSHAKE_STAGE, RSA_STAGE, SERVER, STAGE, TLS12, TLS13, accepted,
    carries_data, refused,
};

const ILLEGAL: &[u8] = &[alert::ILLEGAL_PARAMETER];
const DECODE: &[u8] = &[alert::DECODE_ERROR];
const DECRYPT: &[u8] = &[alert::DECRYPT_ERROR];
const UNEXPECTED: &[u8] = &[alert::UNEXPECTED_MESSAGE];
const ECDSA_SHA1: u16 = 0x0203;
const ED448: u16 = 0x0808;
/// A NewSessionTicket of one byte.
const TICKET: [u8; 18] = [4, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0];

/// A stage whose server asks for a certificate in the handshake, which scripted clients have.
fn asking(kind: KeyKind) -> Stage {
    let stage = Stage::new(kind);
    stage.server.trust_pem(stage.pki.authority_pem().as_bytes()).unwrap();
    stage.server.update(|settings| settings.verify_mode = VerifyMode::Required);
    stage
}

/// Has the peer sign under this number.
fn signing(peer: &mut Peer, number: u16) {
    peer.setup.scheme = Some(number);
}

/// What a client with a certificate does wrong, and the alerts for it.
type Wrong = (&'static str, fn(&mut Peer), &'static [u8]);

/// Plays these cases with a certificate on the peer, whoever it is.
fn refused_with_certificate(stage: &Stage, cases: &[Wrong]) {
    let mut complaints = Vec::new();
    for version in [TLS12, TLS13] {
        for (name, script, alerts) in cases {
            let mut client = stage.scripted_client(version);
            client.setup.signer = Some(stage.signer());
            script(&mut client);
            let outcome = client.run();
            if let Some(complaint) = super::complaint(&client, &outcome, alerts) {
                complaints.push(format!("{name} ({version:?}): {complaint}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_servers_signature_of_a_scheme_that_was_not_offered() {
    let cases: &[Case] = &[
        ("ECDSA with SHA-1", SERVER, TLS13, During, |p| signing(p, ECDSA_SHA1), ILLEGAL),
        ("Ed448", SERVER, TLS13, During, |p| signing(p, ED448), ILLEGAL),
        ("an unknown one", SERVER, TLS13, During, |p| signing(p, 0x9999), ILLEGAL),
        ("ECDSA with SHA-1", SERVER, TLS12, During, |p| signing(p, ECDSA_SHA1), ILLEGAL),
        ("Ed448", SERVER, TLS12, During, |p| signing(p, ED448), ILLEGAL),
        ("an unknown one", SERVER, TLS12, During, |p| signing(p, 0x9999), ILLEGAL),
    ];
    refused(&STAGE, cases);
    let cases: &[Case] = &[
        ("PKCS#1 with SHA-1", SERVER, TLS13, During, |p| signing(p, scheme::RSA_PKCS1_SHA1), ILLEGAL),
        ("PKCS#1 with SHA-1", SERVER, TLS12, During, |p| signing(p, scheme::RSA_PKCS1_SHA1), ILLEGAL),
    ];
    refused(&RSA_STAGE, cases);
}

#[test]
fn a_clients_signature_of_a_scheme_that_was_not_offered() {
    refused_with_certificate(
        &asking(KeyKind::P256),
        &[
            ("ECDSA with SHA-1", |p| signing(p, ECDSA_SHA1), ILLEGAL),
            ("an unknown one", |p| signing(p, 0x9999), ILLEGAL),
        ],
    );
}

/// What a security level leaves out is not offered, so nobody may sign with it.
#[test]
fn a_scheme_that_the_security_level_leaves_out() {
    let strict = Stage::new(KeyKind::P256);
    strict.client.update(|settings| {
        settings.verify_mode = VerifyMode::None;
        settings.check_hostname = false;
        settings.policy.security_level = 4;
    });
    let sha256 = |p: &mut Peer| {
        // The level leaves the smaller groups out as well.
        p.setup.shares = vec![group::SECP384R1, group::SECP521R1];
        signing(p, scheme::ECDSA_P256_SHA256);
    };
    refused(
        &strict,
        &[
            ("ECDSA with SHA-256", SERVER, TLS13, During, sha256, ILLEGAL),
            ("ECDSA with SHA-256", SERVER, TLS12, During, sha256, ILLEGAL),
        ],
    );
}

#[test]
fn tls13_forbids_pkcs1_in_handshakes() {
    fn pkcs1(peer: &mut Peer) {
        signing(peer, scheme::RSA_PKCS1_SHA256);
    }
    refused(&RSA_STAGE, &[("a server", SERVER, TLS13, During, pkcs1, ILLEGAL)]);
    accepted(&RSA_STAGE, &[("a server", SERVER, TLS12, During, pkcs1, ANY)]);
    let stage = asking(KeyKind::Rsa2048);
    for (version, expected) in [(TLS13, Some(alert::ILLEGAL_PARAMETER)), (TLS12, None)] {
        let mut client = stage.scripted_client(version);
        client.setup.signer = Some(stage.signer());
        pkcs1(&mut client);
        let outcome = client.run();
        assert_eq!(outcome.alert(), expected, "{version:?}: {:?}", outcome.error);
        assert_eq!(outcome.error.is_some(), expected.is_some());
    }
}

#[test]
fn a_scheme_of_another_key() {
    // The server's key is for P-256, and RSA was offered; RFC 8446 section 4.4.3.
    refused(
        &STAGE,
        &[
            (
                "PSS",
                SERVER,
                TLS13,
                During,
                |p| signing(p, scheme::RSA_PSS_SHA256),
                &[alert::ILLEGAL_PARAMETER, alert::DECRYPT_ERROR],
            ),
            (
                "another curve",
                SERVER,
                TLS13,
                During,
                |p| signing(p, scheme::ECDSA_P384_SHA384),
                &[alert::ILLEGAL_PARAMETER, alert::DECRYPT_ERROR],
            ),
        ],
    );
}

#[test]
fn signatures_that_are_wrong() {
    fn flip(peer: &mut Peer, kind: u8) {
        peer.change(kind, |body| *body.last_mut().unwrap() ^= 1);
    }
    refused(
        &STAGE,
        &[
            ("CertificateVerify", SERVER, TLS13, During, |p| flip(p, 15), DECRYPT),
            ("ServerKeyExchange", SERVER, TLS12, During, |p| flip(p, 12), DECRYPT),
        ],
    );
    refused_with_certificate(&asking(KeyKind::P256), &[("CertificateVerify", |p| flip(p, 15), DECRYPT)]);
}

#[test]
fn finished_of_a_wrong_length() {
    fn resize(peer: &mut Peer, length: usize) {
        peer.change(message::FINISHED, move |body| body.resize(length, 0));
    }
    refused(
        &STAGE,
        &[
            ("empty", CLIENT, TLS13, During, |p| resize(p, 0), DECODE),
            ("one too few", CLIENT, TLS13, During, |p| resize(p, 31), DECODE),
            ("one too many", CLIENT, TLS13, During, |p| resize(p, 33), DECODE),
            ("empty", SERVER, TLS13, During, |p| resize(p, 0), DECODE),
            ("one too few", SERVER, TLS13, During, |p| resize(p, 31), DECODE),
            ("one too many", SERVER, TLS13, During, |p| resize(p, 33), DECODE),
            ("empty", CLIENT, TLS12, During, |p| resize(p, 0), DECODE),
            ("one too few", CLIENT, TLS12, During, |p| resize(p, 11), DECODE),
            ("one too many", CLIENT, TLS12, During, |p| resize(p, 13), DECODE),
            ("empty", SERVER, TLS12, During, |p| resize(p, 0), DECODE),
            ("one too few", SERVER, TLS12, During, |p| resize(p, 11), DECODE),
            ("one too many", SERVER, TLS12, During, |p| resize(p, 13), DECODE),
        ],
    );
}

#[test]
fn finished_that_is_wrong() {
    fn flip(peer: &mut Peer) {
        peer.change(message::FINISHED, |body| body[0] ^= 1);
    }
    refused(
        &STAGE,
        &[
            ("a client's", CLIENT, TLS13, During, flip, DECRYPT),
            ("a server's", SERVER, TLS13, During, flip, DECRYPT),
            ("a client's", CLIENT, TLS12, During, flip, DECRYPT),
            ("a server's", SERVER, TLS12, During, flip, DECRYPT),
        ],
    );
}

/// Messages of a handshake that are left out, or stand where none of their kind does.
const OUT_OF_ORDER: &[Case] = &[
    ("no EncryptedExtensions", SERVER, TLS13, During, |p| p.skip(8), UNEXPECTED),
    ("no Certificate", SERVER, TLS13, During, |p| p.skip(11), UNEXPECTED),
    ("no CertificateVerify", SERVER, TLS13, During, |p| p.skip(15), UNEXPECTED),
    ("no Certificate", SERVER, TLS12, During, |p| p.skip(11), UNEXPECTED),
    ("no ServerKeyExchange", SERVER, TLS12, During, |p| p.skip(12), UNEXPECTED),
    (
        "no ServerHelloDone",
        SERVER,
        TLS12,
        During,
        |p| {
            p.replace(14, |p, _| {
                p.send_handshake(&[20, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            })
        },
        UNEXPECTED,
    ),
    ("no ClientKeyExchange", CLIENT, TLS12, During, |p| p.skip(16), UNEXPECTED),
    (
        "a second ClientHello",
        CLIENT,
        TLS13,
        During,
        |p| {
            p.replace(20, |p, _| {
                let hello = p.client_hello().encode();
                p.send_handshake(&hello);
            })
        },
        UNEXPECTED,
    ),
    (
        "EndOfEarlyData without early data",
        CLIENT,
        TLS13,
        During,
        |p| {
            p.before(20, |p| p.send_handshake(&[5, 0, 0, 0]));
        },
        UNEXPECTED,
    ),
    (
        "KeyUpdate",
        CLIENT,
        TLS13,
        During,
        |p| {
            p.before(20, |p| p.send_handshake(&[24, 0, 0, 1, 0]));
        },
        UNEXPECTED,
    ),
    (
        "a ticket",
        SERVER,
        TLS13,
        During,
        |p| {
            p.before(20, |p| p.send_handshake(&TICKET));
        },
        UNEXPECTED,
    ),
    (
        "an unknown message",
        SERVER,
        TLS13,
        During,
        |p| {
            p.before(11, |p| p.send_handshake(&[99, 0, 0, 0]));
        },
        UNEXPECTED,
    ),
];

/// Messages that a client with a certificate leaves out.
const LEFT_OUT_BY_CLIENT: &[Wrong] =
    &[("no Certificate", |p| p.skip(11), UNEXPECTED), ("no CertificateVerify", |p| p.skip(15), UNEXPECTED)];

#[test]
fn messages_out_of_order_or_left_out() {
    refused(&STAGE, OUT_OF_ORDER);
    refused_with_certificate(&asking(KeyKind::P256), LEFT_OUT_BY_CLIENT);
}

/// A client that may authenticate after the handshake keeps its transcript in another way: that must not show in TLS 1.2.
#[test]
fn a_client_certificate_in_tls12_with_authentication_after_the_handshake_on_offer() {
    let mut complaints = Vec::new();
    for kind in KeyKind::ALL {
        let stage = Stage::new(kind);
        stage.client.use_identity(stage.pki.issue(&Leaf { key: kind, ..Leaf::default() }));
        stage.client.update(|settings| settings.post_handshake_auth = true);
        for (version, extended) in [(TLS12, true), (TLS12, false), (TLS13, true)] {
            let mut server = stage.scripted_server(version);
            server.setup.ask_for_certificate = true;
            server.setup.extended_master_secret = extended;
            let outcome = server.run();
            let works = carries_data(&mut server);
            if !outcome.is_fine() || server.peer_certificates().is_empty() || works.is_err() {
                let outcome = (outcome.stopped, outcome.error, works);
                complaints.push(format!("{kind:?} {version:?} (extended: {extended}): {outcome:?}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The same rules for a certificate that is shown after the handshake.
#[test]
fn what_is_wrong_about_a_post_handshake_answer() {
    type WrongScheme = (&'static str, KeyKind, fn(&mut Peer), &'static [u8]);
    let change = |peer: &mut Peer, at: usize, change: fn(&mut Vec<u8>)| {
        let request = peer.take_request().unwrap();
        for (index, mut message) in peer.post_handshake_answer(&request).unwrap().into_iter().enumerate() {
            if index == at {
                let mut body = message.split_off(4);
                change(&mut body);
                message = ferrossl_testkit::peer::wire::handshake(message[0], &body);
            }
            peer.send_handshake(&message);
        }
    };
    let cases: &[WrongScheme] = &[
        ("a scheme that was not offered", KeyKind::P256, |p| signing(p, ECDSA_SHA1), ILLEGAL),
        ("an unknown scheme", KeyKind::P256, |p| signing(p, 0x9999), ILLEGAL),
        ("PKCS#1", KeyKind::Rsa2048, |p| signing(p, scheme::RSA_PKCS1_SHA256), ILLEGAL),
    ];
    let mut complaints = Vec::new();
    for (name, kind, script, alerts) in cases {
        let mut client = client_that_was_asked(*kind);
        script(&mut client);
        client.answer_request().unwrap();
        let outcome = client.outcome();
        complaints.extend(super::complaint(&client, &outcome, alerts).map(|text| format!("{name}: {text}")));
    }
    type Change = (&'static str, usize, fn(&mut Vec<u8>), &'static [u8]);
    let changes: &[Change] = &[
        ("a wrong context", 0, |body| body[1] ^= 1, ILLEGAL),
        ("a wrong signature", 1, |body| *body.last_mut().unwrap() ^= 1, DECRYPT),
        ("a signature cut short", 1, |body| body.truncate(body.len() - 1), DECODE),
        ("a wrong Finished", 2, |body| body[0] ^= 1, DECRYPT),
        ("an empty Finished", 2, Vec::clear, DECODE),
        ("a Finished that is too short", 2, |body| body.truncate(31), DECODE),
        ("a Finished that is too long", 2, |body| body.push(0), DECODE),
    ];
    for (name, at, how, alerts) in changes {
        let mut client = client_that_was_asked(KeyKind::P256);
        change(&mut client, *at, *how);
        let outcome = client.outcome();
        complaints.extend(super::complaint(&client, &outcome, alerts).map(|text| format!("{name}: {text}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A client whose handshake is done and whose server has asked for a certificate since.
pub(super) fn client_that_was_asked(kind: KeyKind) -> Peer {
    let signer = POST_HANDSHAKE_STAGE.pki.signer(&Leaf { key: kind, ..Leaf::default() });
    let mut client = POST_HANDSHAKE_STAGE.scripted_client(TLS13);
    client.setup.post_handshake_auth = true;
    client.setup.signer = Some(Arc::new(signer));
    client.complete_handshake();
    client.connection.request_client_certificate().unwrap();
    client
}

#[test]
fn nobody_is_asked_in_vain() {
    fn answer(peer: &mut Peer) {
        peer.setup.signer = Some(STAGE.signer());
        let request = peer.certificate_request13(b"made up");
        for message in peer.post_handshake_answer(&request).unwrap() {
            peer.send_handshake(&message);
        }
    }
    refused(
        &STAGE,
        &[
            ("an answer to nothing", CLIENT, TLS13, After, answer, UNEXPECTED),
            (
                "a request that was not asked for",
                SERVER,
                TLS13,
                After,
                |p| {
                    let request = p.certificate_request13(b"one");
                    p.send_handshake(&request);
                },
                UNEXPECTED,
            ),
        ],
    );
    refused(
        &POST_HANDSHAKE_STAGE,
        &[("an answer to nothing", Role::Client, TLS13, After, answer, UNEXPECTED)],
    );
}
