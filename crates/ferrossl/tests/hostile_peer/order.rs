//! What comes when: first messages, order, nothing between the parts of a message, change_cipher_spec, and messages
//! that are too short, too long or in the wrong company (RFC 8446 section 5, RFC 5246 section 7).

use ferrossl_testkit::peer::wire::{self, alert, content, handshake, message};
use ferrossl_testkit::peer::{Peer, Step};

use super::{ANY, After, CLIENT, Case, During, First, SERVER, STAGE, TLS12, TLS13, accepted, refused};

const UNEXPECTED: &[u8] = &[alert::UNEXPECTED_MESSAGE];
const DECODE: &[u8] = &[alert::DECODE_ERROR];
const MAX: usize = 1 << 14;

fn hello(peer: &mut Peer) -> Vec<u8> {
    peer.client_hello().encode()
}

/// Sends the next message of this type in two records, with `between` between them.
fn split(peer: &mut Peer, kind: u8, between: fn(&mut Peer)) {
    peer.replace(kind, move |peer, message| {
        let at = message.len() / 2;
        peer.send_handshake_bytes(&message[..at]);
        between(peer);
        peer.send_handshake_bytes(&message[at..]);
    });
}

fn change_cipher_spec(peer: &mut Peer) {
    peer.send_record(content::CHANGE_CIPHER_SPEC, wire::TLS12, &[1]);
}

fn data(peer: &mut Peer) {
    peer.send_data(b"data");
}

fn warning(peer: &mut Peer) {
    peer.send_alert(alert::WARNING, alert::USER_CANCELED);
}

#[test]
fn whatever_comes_first_in_place_of_a_hello_gets_an_alert() {
    let cases: &[Case] = &[
        ("Finished", CLIENT, TLS13, First, |p| p.send_handshake(&handshake(20, &[0; 32])), UNEXPECTED),
        ("KeyUpdate", CLIENT, TLS13, First, |p| p.send_handshake(&handshake(24, &[0])), UNEXPECTED),
        ("HelloRequest", CLIENT, TLS12, First, |p| p.send_handshake(&handshake(0, &[])), UNEXPECTED),
        ("ServerHello", CLIENT, TLS12, First, |p| p.send_handshake(&handshake(2, &[0; 40])), UNEXPECTED),
        ("ClientKeyExchange", CLIENT, TLS12, First, |p| p.send_handshake(&handshake(16, &[0])), UNEXPECTED),
        ("an unknown message", CLIENT, TLS13, First, |p| p.send_handshake(&handshake(99, &[0])), UNEXPECTED),
        ("change_cipher_spec", CLIENT, TLS13, First, change_cipher_spec, UNEXPECTED),
        ("data", CLIENT, TLS13, First, data, UNEXPECTED),
        ("a warning", CLIENT, TLS13, First, warning, UNEXPECTED),
        ("a fatal alert", CLIENT, TLS13, First, |p| p.send_alert(alert::FATAL, 40), UNEXPECTED),
        ("heartbeat", CLIENT, TLS13, First, |p| p.send_record(24, 0x0303, &[1, 0, 0]), UNEXPECTED),
        ("Finished", SERVER, TLS13, First, |p| p.send_handshake(&handshake(20, &[0; 32])), UNEXPECTED),
        ("Certificate", SERVER, TLS12, First, |p| p.send_handshake(&handshake(11, &[0; 3])), UNEXPECTED),
        (
            "a ClientHello",
            SERVER,
            TLS12,
            First,
            |p| {
                let h = hello(p);
                p.send_handshake(&h)
            },
            UNEXPECTED,
        ),
        ("data", SERVER, TLS13, First, data, UNEXPECTED),
        ("data", SERVER, TLS12, First, data, UNEXPECTED),
    ];
    refused(&STAGE, cases);
}

#[test]
fn nothing_may_stand_between_the_parts_of_a_message() {
    let cases: &[Case] = &[
        ("a CCS in ClientHello", CLIENT, TLS13, During, |p| split(p, 1, change_cipher_spec), UNEXPECTED),
        ("data in ClientHello", CLIENT, TLS13, During, |p| split(p, 1, data), UNEXPECTED),
        ("a warning in ClientHello", CLIENT, TLS13, During, |p| split(p, 1, warning), UNEXPECTED),
        ("a CCS in Finished", CLIENT, TLS13, During, |p| split(p, 20, change_cipher_spec), UNEXPECTED),
        ("data in Finished", CLIENT, TLS13, During, |p| split(p, 20, data), UNEXPECTED),
        ("a warning in Finished", CLIENT, TLS13, During, |p| split(p, 20, warning), UNEXPECTED),
        ("a CCS in ServerHello", SERVER, TLS13, During, |p| split(p, 2, change_cipher_spec), UNEXPECTED),
        ("data in ServerHello", SERVER, TLS13, During, |p| split(p, 2, data), UNEXPECTED),
        ("a CCS in Certificate", SERVER, TLS13, During, |p| split(p, 11, change_cipher_spec), UNEXPECTED),
        ("data in Certificate", SERVER, TLS13, During, |p| split(p, 11, data), UNEXPECTED),
        ("a warning in Certificate", SERVER, TLS13, During, |p| split(p, 11, warning), UNEXPECTED),
        ("a CCS in ClientHello", CLIENT, TLS12, During, |p| split(p, 1, change_cipher_spec), UNEXPECTED),
        ("data in ClientKeyExchange", CLIENT, TLS12, During, |p| split(p, 16, data), UNEXPECTED),
        (
            "a CCS in ClientKeyExchange",
            CLIENT,
            TLS12,
            During,
            |p| split(p, 16, change_cipher_spec),
            UNEXPECTED,
        ),
        ("a CCS in Certificate", SERVER, TLS12, During, |p| split(p, 11, change_cipher_spec), UNEXPECTED),
        ("data in Certificate", SERVER, TLS12, During, |p| split(p, 11, data), UNEXPECTED),
    ];
    refused(&STAGE, cases);
}

#[test]
fn data_comes_behind_the_handshake() {
    let cases: &[Case] = &[
        ("before Finished", CLIENT, TLS13, During, |p| p.before(20, data), UNEXPECTED),
        ("before EncryptedExtensions", SERVER, TLS13, During, |p| p.before(8, data), UNEXPECTED),
        ("before Certificate", SERVER, TLS13, During, |p| p.before(11, data), UNEXPECTED),
        ("before ClientKeyExchange", CLIENT, TLS12, During, |p| p.before(16, data), UNEXPECTED),
        ("before Finished", CLIENT, TLS12, During, |p| p.before(20, data), UNEXPECTED),
        ("before Certificate", SERVER, TLS12, During, |p| p.before(11, data), UNEXPECTED),
        ("before Finished", SERVER, TLS12, During, |p| p.before(20, data), UNEXPECTED),
    ];
    refused(&STAGE, cases);
}

#[test]
fn messages_that_are_cut_short() {
    fn cut(peer: &mut Peer, kind: u8) {
        peer.change(kind, |body| {
            body.pop();
        });
    }
    let cases: &[Case] = &[
        ("ClientHello", CLIENT, TLS13, During, |p| cut(p, 1), DECODE),
        ("ClientHello", CLIENT, TLS12, During, |p| cut(p, 1), DECODE),
        ("an empty ClientHello", CLIENT, TLS12, First, |p| p.send_handshake(&[1, 0, 0, 0]), DECODE),
        (
            "ClientKeyExchange",
            CLIENT,
            TLS12,
            During,
            |p| cut(p, 16),
            &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
        ),
        ("ServerHello", SERVER, TLS13, During, |p| cut(p, 2), DECODE),
        ("ServerHello", SERVER, TLS12, During, |p| cut(p, 2), DECODE),
        ("EncryptedExtensions", SERVER, TLS13, During, |p| cut(p, 8), DECODE),
        ("Certificate", SERVER, TLS13, During, |p| cut(p, 11), DECODE),
        ("Certificate", SERVER, TLS12, During, |p| cut(p, 11), DECODE),
        ("CertificateVerify", SERVER, TLS13, During, |p| cut(p, 15), DECODE),
        ("ServerKeyExchange", SERVER, TLS12, During, |p| cut(p, 12), DECODE),
        ("an empty KeyUpdate", CLIENT, TLS13, After, |p| p.send_handshake(&[24, 0, 0, 0]), DECODE),
        ("an empty ticket", SERVER, TLS13, After, |p| p.send_handshake(&[4, 0, 0, 0]), DECODE),
        ("an empty alert", CLIENT, TLS13, After, |p| p.send_sealed(content::ALERT, &[2], 0), DECODE),
    ];
    refused(&STAGE, cases);
}

#[test]
fn trailing_bytes_in_messages() {
    fn longer(peer: &mut Peer, kind: u8) {
        peer.change(kind, |body| body.push(0));
    }
    let cases: &[Case] = &[
        ("ClientHello", CLIENT, TLS13, During, |p| longer(p, 1), DECODE),
        ("ServerHello", SERVER, TLS13, During, |p| longer(p, 2), DECODE),
        ("EncryptedExtensions", SERVER, TLS13, During, |p| longer(p, 8), DECODE),
        ("Certificate", SERVER, TLS13, During, |p| longer(p, 11), DECODE),
        ("CertificateVerify", SERVER, TLS13, During, |p| longer(p, 15), DECODE),
        ("ServerHelloDone", SERVER, TLS12, During, |p| longer(p, 14), DECODE),
        ("KeyUpdate", CLIENT, TLS13, After, |p| p.send_handshake(&[24, 0, 0, 2, 0, 0]), DECODE),
        ("an alert", CLIENT, TLS13, After, |p| p.send_sealed(content::ALERT, &[1, 0, 0], 0), DECODE),
    ];
    refused(&STAGE, cases);
}

#[test]
fn a_hello_that_is_too_large() {
    fn announce(peer: &mut Peer, kind: u8, size: usize) {
        peer.send_handshake_bytes(&[kind, 0xff, 0xff, 0xff]);
        peer.setup.record_size = size;
        peer.send_handshake_bytes(&vec![7; size * 300_000usize.div_ceil(size)]);
    }
    let cases: &[Case] = &[
        ("ClientHello", CLIENT, TLS13, First, |p| announce(p, 1, MAX), ANY),
        ("ClientHello in small records", CLIENT, TLS13, First, |p| announce(p, 1, 3), ANY),
        ("ServerHello", SERVER, TLS13, First, |p| announce(p, 2, MAX), ANY),
        ("ServerHello in small records", SERVER, TLS12, First, |p| announce(p, 2, 3), ANY),
        ("Certificate", SERVER, TLS13, During, |p| p.before(11, |p| announce(p, 11, MAX)), ANY),
        ("a ticket", SERVER, TLS13, After, |p| announce(p, 4, MAX), ANY),
        ("KeyUpdate", CLIENT, TLS13, After, |p| announce(p, 24, MAX), ANY),
    ];
    refused(&STAGE, cases);
}

#[test]
fn change_cipher_spec_means_nothing_in_tls13() {
    fn some(peer: &mut Peer, count: usize) {
        for _ in 0..count {
            change_cipher_spec(peer);
        }
    }
    accepted(
        &STAGE,
        &[
            ("three", CLIENT, TLS13, During, |p| p.before(20, |p| some(p, 3)), ANY),
            ("three", SERVER, TLS13, During, |p| p.before(8, |p| some(p, 3)), ANY),
            ("three behind ClientHello", CLIENT, TLS13, During, |p| p.after(1, |p| some(p, 3)), ANY),
            (
                "one before each message",
                SERVER,
                TLS13,
                During,
                |p| {
                    for kind in [8, 11, 15, 20] {
                        p.before(kind, change_cipher_spec);
                    }
                },
                ANY,
            ),
        ],
    );
    refused(
        &STAGE,
        &[
            ("a flood", CLIENT, TLS13, During, |p| p.before(20, |p| some(p, 10_000)), ANY),
            ("a flood", SERVER, TLS13, During, |p| p.before(8, |p| some(p, 10_000)), ANY),
            ("behind Finished", CLIENT, TLS13, After, change_cipher_spec, UNEXPECTED),
            ("behind Finished", SERVER, TLS13, After, change_cipher_spec, UNEXPECTED),
            (
                "with another value",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.before(20, |p| p.send_record(20, 0x0303, &[2]));
                },
                UNEXPECTED,
            ),
            (
                "with two values",
                SERVER,
                TLS13,
                During,
                |p| {
                    p.before(8, |p| p.send_record(20, 0x0303, &[1, 1]));
                },
                UNEXPECTED,
            ),
            ("sealed", CLIENT, TLS13, During, |p| p.before(20, |p| p.send_sealed(20, &[1], 0)), UNEXPECTED),
            ("sealed", SERVER, TLS13, During, |p| p.before(8, |p| p.send_sealed(20, &[1], 0)), UNEXPECTED),
            ("sealed, behind Finished", SERVER, TLS13, After, |p| p.send_sealed(20, &[1], 0), UNEXPECTED),
        ],
    );
}

#[test]
fn change_cipher_spec_has_its_place_in_tls12() {
    refused(
        &STAGE,
        &[
            (
                "before ClientKeyExchange",
                CLIENT,
                TLS12,
                During,
                |p| p.before(16, change_cipher_spec),
                UNEXPECTED,
            ),
            ("twice", CLIENT, TLS12, During, |p| p.before(Step::ChangeCipherSpec, change_cipher_spec), ANY),
            ("none", CLIENT, TLS12, During, |p| p.skip(Step::ChangeCipherSpec), ANY),
            ("before Certificate", SERVER, TLS12, During, |p| p.before(11, change_cipher_spec), UNEXPECTED),
            ("none", SERVER, TLS12, During, |p| p.skip(Step::ChangeCipherSpec), ANY),
            ("behind the handshake", CLIENT, TLS12, After, |p| p.send_sealed(20, &[1], 0), ANY),
            ("behind the handshake", SERVER, TLS12, After, |p| p.send_sealed(20, &[1], 0), ANY),
        ],
    );
}

#[test]
fn messages_that_share_records_with_what_they_must_not() {
    // RFC 8446 section 5.1: a message before a change of keys ends its record.
    refused(
        &STAGE,
        &[
            (
                "Finished and KeyUpdate",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.replace(20, |p, finished| {
                        p.send_sealed(22, &[&finished[..], &[24, 0, 0, 1, 0]].concat(), 0);
                    })
                },
                UNEXPECTED,
            ),
            (
                "ServerHello and more",
                SERVER,
                TLS13,
                During,
                |p| {
                    p.replace(2, |p, hello| {
                        p.send_handshake(
                            &[&hello[..], &handshake(message::ENCRYPTED_EXTENSIONS, &[0, 0])].concat(),
                        );
                    })
                },
                UNEXPECTED,
            ),
            (
                "ClientHello and more",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.replace(1, |p, hello| {
                        p.send_handshake(&[&hello[..], &handshake(message::FINISHED, &[0; 32])].concat());
                    })
                },
                UNEXPECTED,
            ),
            (
                "KeyUpdate and the same",
                CLIENT,
                TLS13,
                After,
                |p| {
                    p.send_sealed(22, &[24, 0, 0, 1, 0, 24, 0, 0, 1, 0], 0);
                },
                UNEXPECTED,
            ),
            (
                "KeyUpdate and a ticket",
                SERVER,
                TLS13,
                After,
                |p| {
                    let ticket = p.new_ticket(b"ticket", &[1]);
                    p.send_sealed(22, &[&[24, 0, 0, 1, 0][..], &ticket].concat(), 0);
                },
                UNEXPECTED,
            ),
        ],
    );
}

/// A server passes over early data behind its HelloRetryRequest, but not inside of the second ClientHello.
#[test]
fn early_data_does_not_stand_between_the_parts_of_a_hello() {
    fn with_early_data(inside: bool) -> ferrossl_testkit::peer::Outcome {
        let mut client = STAGE.scripted_client(TLS13);
        client.complete_handshake();
        client.connection.release_tickets();
        client.settle();
        let ticket = client.tickets.first().cloned();
        let mut client = STAGE.scripted_client(TLS13);
        client.setup.ticket = ticket;
        client.setup.early_data = vec![b"early".to_vec()];
        client.setup.shares = Vec::new();
        client.after(message::CLIENT_HELLO, move |client| {
            client.replace(message::CLIENT_HELLO, move |client, hello| {
                let (begin, rest) = hello.split_at(hello.len() / 2);
                let early =
                    |client: &mut Peer| client.send_record(content::APPLICATION_DATA, wire::TLS12, &[7; 40]);
                if !inside {
                    early(client);
                }
                client.send_handshake(begin);
                if inside {
                    early(client);
                }
                client.send_handshake(rest);
            });
        });
        client.run()
    }
    let before = with_early_data(false);
    assert!(before.is_fine(), "{:?}, {:?}", before.error, before.stopped);
    let inside = with_early_data(true);
    assert_eq!(inside.alert(), Some(alert::UNEXPECTED_MESSAGE), "{:?}", inside.error);
}
