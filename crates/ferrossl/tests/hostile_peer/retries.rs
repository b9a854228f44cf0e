//! HelloRetryRequest and the second ClientHello: what the first ones said binds both sides (RFC 8446 section 4.1).

use ferrossl_testkit::peer::Peer;
use ferrossl_testkit::peer::crypto::{AES128_SHA256, CHACHA20_SHA256};
use ferrossl_testkit::peer::hellos::{ClientHello, Extensions};
use ferrossl_testkit::peer::wire::{RETRY_RANDOM, alert, extension, group, numbers, vec16};

use super::{ANY, CLIENT, Case, During, SERVER, STAGE, TLS13, accepted, refused};

const ILLEGAL: &[u8] = &[alert::ILLEGAL_PARAMETER];
const UNSUPPORTED: &[u8] = &[alert::UNSUPPORTED_EXTENSION];

/// Has a client send no half of a key agreement first, so that it is asked for one, and changes its second hello.
fn second_hello(peer: &mut Peer, change: fn(&mut ClientHello)) {
    peer.setup.shares = vec![];
    let mut hellos = 0;
    peer.edit_client_hello(move |hello| {
        hellos += 1;
        if hellos == 2 {
            change(hello);
        }
    });
}

#[test]
fn a_second_client_hello_does_what_it_was_asked_for() {
    refused(
        &STAGE,
        &[
            (
                "no half for the group",
                CLIENT,
                TLS13,
                During,
                |p| second_hello(p, |hello| hello.extensions.set(extension::KEY_SHARE, &[0, 0])),
                ILLEGAL,
            ),
            (
                "a half for another group",
                CLIENT,
                TLS13,
                During,
                |p| {
                    second_hello(p, |hello| {
                        let half = [&numbers(&[group::SECP384R1])[..], &vec16(&[4; 97])].concat();
                        hello.extensions.set(extension::KEY_SHARE, &vec16(&half));
                    });
                },
                ILLEGAL,
            ),
            (
                "early data",
                CLIENT,
                TLS13,
                During,
                |p| {
                    second_hello(p, |hello| hello.extensions.push(extension::EARLY_DATA, &[]));
                },
                &[alert::ILLEGAL_PARAMETER, alert::UNSUPPORTED_EXTENSION],
            ),
            (
                "another version",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.setup.offer_both_versions();
                    second_hello(p, |hello| hello.extensions.set(extension::SUPPORTED_VERSIONS, &[2, 3, 3]));
                },
                &[alert::ILLEGAL_PARAMETER, alert::PROTOCOL_VERSION],
            ),
        ],
    );
    accepted(&STAGE, &[("what was asked for", CLIENT, TLS13, During, |p| second_hello(p, |_| {}), ANY)]);
}

/// Has a server ask for a half of another group than the client sends first.
fn retry(peer: &mut Peer) {
    peer.setup.retry_with = Some(group::SECP256R1);
}

/// HelloRetryRequests that ask for nothing, for what cannot be had, or do not read.
const RETRY_REQUESTS: &[Case] = &[
    (
        "for a group that was sent already",
        SERVER,
        TLS13,
        During,
        |p| {
            p.setup.retry_with = Some(group::X25519);
            p.edit_server_hello(|hello| hello.extensions.remove(extension::COOKIE));
        },
        ILLEGAL,
    ),
    (
        "for a group that was not offered",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| {
                if hello.random == RETRY_RANDOM {
                    hello.extensions.set(extension::KEY_SHARE, &[0x7a, 0x7a]);
                }
            });
        },
        ILLEGAL,
    ),
    (
        "for nothing",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| {
                if hello.random == RETRY_RANDOM {
                    hello.extensions.remove(extension::KEY_SHARE);
                    hello.extensions.remove(extension::COOKIE);
                }
            });
        },
        ILLEGAL,
    ),
    (
        "with an unknown extension",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| hello.extensions.push(0x7777, b""));
        },
        UNSUPPORTED,
    ),
    (
        "with an empty cookie",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| {
                if hello.random == RETRY_RANDOM {
                    hello.extensions.set(extension::COOKIE, &[0, 0]);
                }
            });
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
    ),
];

/// A ServerHello that goes back on the HelloRetryRequest before it.
const BEHIND_A_RETRY_REQUEST: &[Case] = &[
    (
        "then another suite",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.setup.suites = vec![AES128_SHA256];
            p.edit_server_hello(|hello| {
                if hello.random != RETRY_RANDOM {
                    hello.suite = CHACHA20_SHA256;
                }
            });
        },
        ILLEGAL,
    ),
    (
        "then another group",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| {
                if hello.random != RETRY_RANDOM {
                    let half = [&numbers(&[group::X25519])[..], &vec16(&[9; 32])].concat();
                    hello.extensions.set(extension::KEY_SHARE, &half);
                }
            });
        },
        ILLEGAL,
    ),
    (
        "then TLS 1.2",
        SERVER,
        TLS13,
        During,
        |p| {
            retry(p);
            p.edit_server_hello(|hello| {
                if hello.random != RETRY_RANDOM {
                    hello.extensions = Extensions::default();
                    hello.suite = 0xC02B;
                }
            });
        },
        &[alert::ILLEGAL_PARAMETER, alert::PROTOCOL_VERSION],
    ),
];

#[test]
fn a_retry_request_changes_something() {
    refused(&STAGE, RETRY_REQUESTS);
}

#[test]
fn a_retry_request_binds() {
    refused(&STAGE, BEHIND_A_RETRY_REQUEST);
}
