//! Records: types, versions, lengths (RFC 8446 section 5, RFC 5246 section 6).

use ferrossl_testkit::peer::Peer;
use ferrossl_testkit::peer::records::Plain;
use ferrossl_testkit::peer::wire::{alert, content, extension};

use super::{
    ANY, After, CLIENT, Case, During, First, RSA_STAGE, SERVER, STAGE, TLS12, TLS13, accepted, refused,
};

const UNEXPECTED: &[u8] = &[alert::UNEXPECTED_MESSAGE];
const OVERFLOW: &[u8] = &[alert::RECORD_OVERFLOW];
const MAX: usize = 1 << 14;
/// For an alert in clear text among protected records, which the RFCs do not tell from one that does not open.
const NOT_CLEAR: &[u8] = &[alert::UNEXPECTED_MESSAGE, alert::BAD_RECORD_MAC];

/// The plaintext of a record with nothing in it, of any type.
fn empty(peer: &mut Peer, content_type: u8) {
    peer.send_sealed(content_type, &[], 0);
}

fn odd(content_type: u8, change: impl FnOnce(&mut Plain)) -> Plain {
    let mut plain = Plain::new(content_type, b"data", 0);
    change(&mut plain);
    plain
}

#[test]
fn a_record_of_zeros_has_no_type() {
    let zeros = |p: &mut Peer| p.send_plain(&odd(0, |plain| plain.plaintext = vec![0; 50]));
    let cases: &[Case] = &[
        ("zeros", CLIENT, TLS13, After, zeros, UNEXPECTED),
        ("zeros", SERVER, TLS13, After, zeros, UNEXPECTED),
        (
            "zeros",
            CLIENT,
            TLS13,
            During,
            |p| {
                p.before(20, |p| p.send_plain(&odd(0, |plain| plain.plaintext = vec![0; 50])));
            },
            UNEXPECTED,
        ),
        (
            "zeros",
            SERVER,
            TLS13,
            During,
            |p| {
                p.before(8, |p| p.send_plain(&odd(0, |plain| plain.plaintext = vec![0; 50])));
            },
            UNEXPECTED,
        ),
        (
            "nothing at all",
            CLIENT,
            TLS13,
            After,
            |p| {
                p.send_plain(&odd(0, |plain| plain.plaintext.clear()));
            },
            UNEXPECTED,
        ),
    ];
    refused(&STAGE, cases);
}

/// For another type: that is seen before or after the record is opened.
const TYPES: &[u8] = &[alert::UNEXPECTED_MESSAGE, alert::BAD_RECORD_MAC];
const MAC: &[u8] = &[alert::BAD_RECORD_MAC];

/// Headers of protected records that say something else than application_data of TLS 1.2, or do so on the way only.
const HEADERS: &[Case] = &[
    (
        "another type on the way",
        CLIENT,
        TLS13,
        After,
        |p| {
            p.send_plain(&odd(23, |plain| {
                plain.outer_type = 22;
                plain.authenticated = Some((23, 0x0303));
            }))
        },
        TYPES,
    ),
    (
        "another type, sealed so",
        CLIENT,
        TLS13,
        After,
        |p| {
            p.send_plain(&odd(23, |plain| plain.outer_type = 22));
        },
        UNEXPECTED,
    ),
    (
        "alert, sealed so",
        SERVER,
        TLS13,
        After,
        |p| {
            p.send_plain(&odd(21, |plain| (plain.outer_type, plain.plaintext) = (21, vec![1, 0, 21])));
        },
        UNEXPECTED,
    ),
    (
        "another version on the way",
        CLIENT,
        TLS13,
        After,
        |p| {
            p.send_plain(&odd(23, |plain| {
                plain.version = 0x0302;
                plain.authenticated = Some((23, 0x0303));
            }))
        },
        MAC,
    ),
    (
        "another version on the way",
        SERVER,
        TLS13,
        After,
        |p| {
            p.send_plain(&odd(23, |plain| {
                plain.version = 0x03ff;
                plain.authenticated = Some((23, 0x0303));
            }))
        },
        MAC,
    ),
    (
        "another version of Finished's",
        CLIENT,
        TLS13,
        During,
        |p| {
            p.replace(20, |p, finished| {
                p.send_plain(&odd(22, |plain| {
                    plain.plaintext = [&finished[..], &[22]].concat();
                    plain.version = 0x0302;
                    plain.authenticated = Some((23, 0x0303));
                }));
            })
        },
        MAC,
    ),
];

#[test]
fn the_header_of_a_protected_record_is_authenticated_as_it_came() {
    refused(&STAGE, HEADERS);
}

#[test]
fn empty_records_are_for_data_only() {
    let cases: &[Case] = &[
        ("handshake", CLIENT, TLS13, After, |p| empty(p, content::HANDSHAKE), UNEXPECTED),
        ("alert", CLIENT, TLS13, After, |p| empty(p, content::ALERT), UNEXPECTED),
        ("handshake", SERVER, TLS13, After, |p| empty(p, content::HANDSHAKE), UNEXPECTED),
        ("alert", SERVER, TLS13, After, |p| empty(p, content::ALERT), UNEXPECTED),
        ("handshake", CLIENT, TLS13, During, |p| p.before(20, |p| empty(p, content::HANDSHAKE)), UNEXPECTED),
        ("alert", CLIENT, TLS13, During, |p| p.before(20, |p| empty(p, content::ALERT)), UNEXPECTED),
        ("handshake", SERVER, TLS13, During, |p| p.before(8, |p| empty(p, content::HANDSHAKE)), UNEXPECTED),
        ("with padding", CLIENT, TLS13, After, |p| p.send_sealed(content::HANDSHAKE, &[], 9), UNEXPECTED),
        ("in clear text", CLIENT, TLS13, First, |p| empty(p, content::HANDSHAKE), ANY),
        ("in clear text", SERVER, TLS13, First, |p| empty(p, content::HANDSHAKE), ANY),
        ("alert in clear text", SERVER, TLS13, First, |p| empty(p, content::ALERT), ANY),
        ("alert", CLIENT, TLS12, After, |p| empty(p, content::ALERT), ANY),
    ];
    refused(&STAGE, cases);
}

#[test]
fn records_that_are_too_long() {
    // What is announced is enough: the body need not come.
    fn announce(peer: &mut Peer, content_type: u8, length: usize) {
        let [high, low] = (length as u16).to_be_bytes();
        peer.send_bytes(&[content_type, 3, 3, high, low]);
        peer.send_bytes(&vec![0; length]);
    }
    refused(
        &STAGE,
        &[
            ("handshake", CLIENT, TLS13, First, |p| announce(p, 22, MAX + 1), OVERFLOW),
            ("handshake", SERVER, TLS13, First, |p| announce(p, 22, MAX + 1), OVERFLOW),
            ("handshake", CLIENT, TLS12, First, |p| announce(p, 22, u16::MAX.into()), OVERFLOW),
            ("alert", SERVER, TLS12, First, |p| announce(p, 21, MAX + 1), OVERFLOW),
            ("protected, announced", CLIENT, TLS13, After, |p| announce(p, 23, MAX + 257), OVERFLOW),
            ("protected, announced", SERVER, TLS13, After, |p| announce(p, 23, u16::MAX.into()), OVERFLOW),
            ("protected", CLIENT, TLS13, After, |p| p.send_sealed(23, &vec![7; MAX], 240), OVERFLOW),
            ("protected", SERVER, TLS13, After, |p| p.send_sealed(23, &vec![7; MAX], 240), OVERFLOW),
            (
                "protected",
                CLIENT,
                TLS13,
                During,
                |p| p.before(20, |p| p.send_sealed(22, &vec![0; MAX], 240)),
                OVERFLOW,
            ),
            ("protected, announced", CLIENT, TLS12, After, |p| announce(p, 23, MAX + 2049), OVERFLOW),
            ("protected, announced", SERVER, TLS12, After, |p| announce(p, 23, u16::MAX.into()), OVERFLOW),
            ("data", CLIENT, TLS12, After, |p| p.send_sealed(23, &vec![7; MAX + 1], 0), OVERFLOW),
            ("data", SERVER, TLS12, After, |p| p.send_sealed(23, &vec![7; MAX + 1], 0), OVERFLOW),
        ],
    );
}

#[test]
fn data_and_padding_count_together() {
    refused(
        &STAGE,
        &[
            (
                "one byte too much of data",
                CLIENT,
                TLS13,
                After,
                |p| p.send_sealed(23, &vec![7; MAX + 1], 0),
                OVERFLOW,
            ),
            ("data and padding", CLIENT, TLS13, After, |p| p.send_sealed(23, &vec![7; MAX], 1), OVERFLOW),
            ("data and padding", SERVER, TLS13, After, |p| p.send_sealed(23, b"data", MAX - 3), OVERFLOW),
            ("no data and padding", SERVER, TLS13, After, |p| p.send_sealed(23, b"", MAX + 1), OVERFLOW),
            ("an alert and padding", CLIENT, TLS13, After, |p| p.send_sealed(21, &[1, 0], MAX), OVERFLOW),
            (
                "KeyUpdate and padding",
                CLIENT,
                TLS13,
                After,
                |p| {
                    p.send_sealed(22, &[24, 0, 0, 1, 0], MAX);
                },
                OVERFLOW,
            ),
        ],
    );
    accepted(
        &STAGE,
        &[
            ("all that may be of data", CLIENT, TLS13, After, |p| p.send_sealed(23, &vec![7; MAX], 0), ANY),
            (
                "all that may be of padding",
                SERVER,
                TLS13,
                After,
                |p| p.send_sealed(23, b"data", MAX - 4),
                ANY,
            ),
            ("padding around nothing", SERVER, TLS13, After, |p| p.send_sealed(23, b"", MAX), ANY),
            ("all that may be of data", CLIENT, TLS12, After, |p| p.send_sealed(23, &vec![7; MAX], 0), ANY),
        ],
    );
}

#[test]
fn types_that_nobody_knows() {
    fn clear(peer: &mut Peer, content_type: u8) {
        peer.send_record(content_type, 0x0303, &[0; 40]);
    }
    refused(
        &STAGE,
        &[
            ("heartbeat", CLIENT, TLS13, During, |p| p.after(1, |p| clear(p, 24)), UNEXPECTED),
            ("an unknown one", CLIENT, TLS13, During, |p| p.after(1, |p| clear(p, 99)), UNEXPECTED),
            ("heartbeat", CLIENT, TLS12, During, |p| p.after(1, |p| clear(p, 24)), UNEXPECTED),
            ("an unknown one", CLIENT, TLS12, During, |p| p.after(1, |p| clear(p, 99)), UNEXPECTED),
            ("heartbeat", SERVER, TLS13, During, |p| p.after(2, |p| clear(p, 24)), UNEXPECTED),
            ("an unknown one", SERVER, TLS12, During, |p| p.after(2, |p| clear(p, 99)), UNEXPECTED),
            ("heartbeat in clear text", CLIENT, TLS13, After, |p| clear(p, 24), UNEXPECTED),
            ("an unknown one in clear text", SERVER, TLS13, After, |p| clear(p, 0), UNEXPECTED),
            ("heartbeat, sealed", CLIENT, TLS13, After, |p| p.send_sealed(24, &[1, 0, 0], 0), UNEXPECTED),
            ("an unknown one, sealed", SERVER, TLS13, After, |p| p.send_sealed(255, b"x", 0), UNEXPECTED),
            ("heartbeat, sealed", CLIENT, TLS12, After, |p| p.send_sealed(24, &[1, 0, 0], 0), UNEXPECTED),
            ("an unknown one, sealed", SERVER, TLS12, After, |p| p.send_sealed(99, b"x", 0), UNEXPECTED),
            (
                "an unknown one, sealed",
                SERVER,
                TLS13,
                During,
                |p| p.before(8, |p| p.send_sealed(99, b"x", 0)),
                UNEXPECTED,
            ),
        ],
    );
}

#[test]
fn clear_text_is_over_once_there_are_keys() {
    refused(
        &STAGE,
        &[
            (
                "Finished",
                CLIENT,
                TLS13,
                During,
                |p| p.replace(20, |p, m| p.send_record(22, 0x0303, &m)),
                UNEXPECTED,
            ),
            (
                "EncryptedExtensions",
                SERVER,
                TLS13,
                During,
                |p| {
                    p.replace(8, |p, m| p.send_record(22, 0x0303, &m));
                },
                UNEXPECTED,
            ),
            ("KeyUpdate", CLIENT, TLS13, After, |p| p.send_record(22, 0x0303, &[24, 0, 0, 1, 0]), UNEXPECTED),
            ("KeyUpdate", SERVER, TLS13, After, |p| p.send_record(22, 0x0303, &[24, 0, 0, 1, 0]), UNEXPECTED),
            ("close_notify", CLIENT, TLS13, After, |p| p.send_record(21, 0x0303, &[1, 0]), NOT_CLEAR),
            ("close_notify", SERVER, TLS13, After, |p| p.send_record(21, 0x0303, &[1, 0]), NOT_CLEAR),
            ("an error", CLIENT, TLS13, After, |p| p.send_record(21, 0x0303, &[2, 40]), NOT_CLEAR),
            ("data", CLIENT, TLS13, After, |p| p.send_record(23, 0x0303, &[7; 40]), &[alert::BAD_RECORD_MAC]),
            ("data", CLIENT, TLS12, After, |p| p.send_record(23, 0x0303, &[7; 40]), &[alert::BAD_RECORD_MAC]),
            (
                "close_notify",
                SERVER,
                TLS12,
                After,
                |p| p.send_record(21, 0x0303, &[1, 0]),
                &[alert::BAD_RECORD_MAC, alert::DECODE_ERROR],
            ),
        ],
    );
}

#[test]
fn a_handshake_in_records_of_one_byte() {
    fn pad(peer: &mut Peer) {
        peer.setup.record_size = 1;
        // padding (RFC 7685), in front of pre_shared_key and the like.
        peer.edit_client_hello(|hello| {
            hello.extensions.push(21, &[0; 16_000]);
            hello.extensions.move_first(21);
        });
    }
    accepted(
        &STAGE,
        &[
            ("a small hello", CLIENT, TLS13, During, |p| p.setup.record_size = 1, ANY),
            ("a large hello", CLIENT, TLS13, During, pad, ANY),
            ("a large hello", CLIENT, TLS12, During, pad, ANY),
            ("fed in pieces", CLIENT, TLS13, During, |p| (p.setup.record_size, p.setup.piece) = (1, 5), ANY),
            ("a server", SERVER, TLS13, During, |p| p.setup.record_size = 1, ANY),
            ("a server", SERVER, TLS12, During, |p| p.setup.record_size = 1, ANY),
        ],
    );
    accepted(
        &RSA_STAGE,
        &[
            ("an RSA certificate", SERVER, TLS12, During, |p| p.setup.record_size = 1, ANY),
            ("an RSA certificate", SERVER, TLS13, During, |p| p.setup.record_size = 2, ANY),
        ],
    );
}

#[test]
fn the_hello_may_have_whatever_extensions() {
    accepted(
        &STAGE,
        &[
            (
                "unknown ones",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.edit_client_hello(|hello| {
                        hello.extensions.push(0xfafa, b"grease");
                        hello.extensions.move_first(0xfafa);
                    })
                },
                ANY,
            ),
            (
                "an empty unknown one",
                CLIENT,
                TLS12,
                During,
                |p| {
                    p.edit_client_hello(|hello| {
                        hello.extensions.push(0x7777, b"");
                    })
                },
                ANY,
            ),
        ],
    );
    refused(
        &STAGE,
        &[(
            "one twice",
            CLIENT,
            TLS13,
            During,
            |p| {
                p.edit_client_hello(|hello| {
                    hello.extensions.push(extension::SUPPORTED_GROUPS, &[0, 2, 0, 29]);
                })
            },
            &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
        )],
    );
}
