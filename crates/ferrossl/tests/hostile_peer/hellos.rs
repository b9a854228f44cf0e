//! ClientHello and ServerHello: what must be there, what must not, and what is chosen.

use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::hellos::ClientHello;
use ferrossl_testkit::peer::wire::{
    FALLBACK_SCSV, RENEGOTIATION_SCSV, alert, extension, group, numbers, vec16,
};
use ferrossl_testkit::peer::{Peer, Stage};

use super::offers::foreign_ticket;
use super::{ANY, CLIENT, Case, During, SERVER, STAGE, TLS12, TLS13, accepted, refused};

const ILLEGAL: &[u8] = &[alert::ILLEGAL_PARAMETER];

fn edit(peer: &mut Peer, change: fn(&mut ClientHello)) {
    peer.edit_client_hello(change);
}

pub(super) fn without(peer: &mut Peer, kind: u16) {
    peer.edit_client_hello(move |hello| hello.extensions.remove(kind));
}

#[test]
fn a_needless_fallback() {
    fn fall_back(peer: &mut Peer) {
        peer.edit_client_hello(|hello| hello.suites.push(FALLBACK_SCSV));
    }
    refused(&STAGE, &[("to TLS 1.2", CLIENT, TLS12, During, fall_back, &[alert::INAPPROPRIATE_FALLBACK])]);
    accepted(
        &STAGE,
        &[
            ("none", CLIENT, TLS13, During, fall_back, ANY),
            (
                "none, with both versions",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.setup.offer_both_versions();
                    fall_back(p);
                },
                ANY,
            ),
        ],
    );
    let old = Stage::new(KeyKind::P256);
    old.server.update(|settings| settings.versions.tls13 = false);
    accepted(&old, &[("to the server's highest version", CLIENT, TLS12, During, fall_back, ANY)]);
}

#[test]
fn renegotiation_info_is_empty_in_a_first_hello() {
    const FAILURE: &[u8] = &[alert::HANDSHAKE_FAILURE];
    refused(
        &STAGE,
        &[
            (
                "a client's",
                CLIENT,
                TLS12,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.extensions.push(extension::RENEGOTIATION_INFO, &[2, 1, 1]);
                    })
                },
                FAILURE,
            ),
            (
                "a client's beside the SCSV",
                CLIENT,
                TLS12,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.suites.retain(|suite| *suite != RENEGOTIATION_SCSV);
                        hello
                            .extensions
                            .push(extension::RENEGOTIATION_INFO, &[12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                    })
                },
                FAILURE,
            ),
            (
                "a server's",
                SERVER,
                TLS12,
                During,
                |p| {
                    p.edit_server_hello(|hello| {
                        hello.extensions.set(extension::RENEGOTIATION_INFO, &[2, 1, 1]);
                    })
                },
                FAILURE,
            ),
        ],
    );
    accepted(
        &STAGE,
        &[
            (
                "an empty one",
                CLIENT,
                TLS12,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.extensions.push(extension::RENEGOTIATION_INFO, &[0]);
                    })
                },
                ANY,
            ),
            (
                "an empty one in place of the SCSV",
                CLIENT,
                TLS12,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.suites.retain(|suite| *suite != RENEGOTIATION_SCSV);
                        hello.extensions.push(extension::RENEGOTIATION_INFO, &[0]);
                    })
                },
                ANY,
            ),
        ],
    );
}

const VERSION: &[u8] = &[alert::PROTOCOL_VERSION];

/// Has a client offer this version, as one would that knows no signature_algorithms yet.
fn old(peer: &mut Peer, version: u16) {
    peer.edit_client_hello(move |hello| {
        hello.version = version;
        hello.extensions.remove(extension::SIGNATURE_ALGORITHMS);
    });
}

/// Clients that offer no version which a server here speaks.
const OFFERED_VERSIONS: &[Case] = &[
    ("SSL 3 in legacy_version", CLIENT, TLS13, During, |p| edit(p, |h| h.version = 0x0300), VERSION),
    ("less in legacy_version", CLIENT, TLS13, During, |p| edit(p, |h| h.version = 0x0200), VERSION),
    ("SSL 3", CLIENT, TLS12, During, |p| edit(p, |hello| hello.version = 0x0300), VERSION),
    ("nothing", CLIENT, TLS12, During, |p| edit(p, |hello| hello.version = 0), VERSION),
    ("TLS 1.0 and no signature_algorithms", CLIENT, TLS12, During, |p| old(p, 0x0301), VERSION),
    ("TLS 1.1 and no signature_algorithms", CLIENT, TLS12, During, |p| old(p, 0x0302), VERSION),
    ("TLS 1.1", CLIENT, TLS12, During, |p| edit(p, |hello| hello.version = 0x0302), VERSION),
    (
        "TLS 1.0 without any extension",
        CLIENT,
        TLS12,
        During,
        |p| {
            edit(p, |hello| {
                hello.version = 0x0301;
                hello.extensions.0.clear();
            })
        },
        VERSION,
    ),
    (
        "supported_versions without ours",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SUPPORTED_VERSIONS, &[2, 3, 2]);
            })
        },
        VERSION,
    ),
];

/// Servers that choose a version which no client here speaks.
const CHOSEN_VERSIONS: &[Case] = &[
    (
        "SSL 3 in a ServerHello",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| hello.version = 0x0300);
        },
        &[alert::PROTOCOL_VERSION, alert::ILLEGAL_PARAMETER],
    ),
    ("SSL 3 chosen", SERVER, TLS12, During, |p| p.edit_server_hello(|hello| hello.version = 0x0300), VERSION),
    (
        "TLS 1.1 chosen",
        SERVER,
        TLS12,
        During,
        |p| p.edit_server_hello(|hello| hello.version = 0x0302),
        VERSION,
    ),
];

/// Clients that offer a version which nobody knows, and one that a server here speaks.
const UNKNOWN_VERSIONS: &[Case] = &[
    ("a version of the future", CLIENT, TLS12, During, |p| edit(p, |hello| hello.version = 0x0304), ANY),
    (
        "unknown ones beside ours",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SUPPORTED_VERSIONS, &[4, 0xfa, 0xfa, 3, 4]);
            })
        },
        ANY,
    ),
];

#[test]
fn versions_that_nobody_speaks() {
    refused(&STAGE, OFFERED_VERSIONS);
    refused(&STAGE, CHOSEN_VERSIONS);
    accepted(&STAGE, UNKNOWN_VERSIONS);
}

#[test]
fn extensions_that_tls13_cannot_do_without() {
    const MISSING: &[u8] = &[alert::MISSING_EXTENSION];
    refused(
        &STAGE,
        &[
            ("key_share", CLIENT, TLS13, During, |p| without(p, extension::KEY_SHARE), MISSING),
            ("supported_groups", CLIENT, TLS13, During, |p| without(p, extension::SUPPORTED_GROUPS), MISSING),
            (
                "both",
                CLIENT,
                TLS13,
                During,
                |p| {
                    without(p, extension::KEY_SHARE);
                    without(p, extension::SUPPORTED_GROUPS);
                },
                MISSING,
            ),
            (
                "signature_algorithms",
                CLIENT,
                TLS13,
                During,
                |p| {
                    without(p, extension::SIGNATURE_ALGORITHMS);
                },
                MISSING,
            ),
            (
                "psk_key_exchange_modes beside pre_shared_key",
                CLIENT,
                TLS13,
                During,
                |p| {
                    p.setup.ticket = Some(foreign_ticket());
                    without(p, extension::PSK_KEY_EXCHANGE_MODES);
                },
                MISSING,
            ),
        ],
    );
}

/// Fields of a ServerHello that name what was not offered, and a second HelloRetryRequest.
const CHOSEN_FIELDS: &[Case] = &[
    (
        "a suite of the other version",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| hello.suite = 0xC02B);
        },
        ILLEGAL,
    ),
    (
        "an unknown suite",
        SERVER,
        TLS12,
        During,
        |p| p.edit_server_hello(|h| h.suite = 0x1234),
        &[alert::ILLEGAL_PARAMETER, alert::HANDSHAKE_FAILURE],
    ),
    (
        "another session id",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| hello.session_id = vec![1; 32]);
        },
        ILLEGAL,
    ),
    ("compression", SERVER, TLS13, During, |p| p.edit_server_hello(|h| h.compression = 1), ILLEGAL),
    ("compression", SERVER, TLS12, During, |p| p.edit_server_hello(|h| h.compression = 1), ILLEGAL),
    (
        "TLS 1.2 with the mark of a downgrade",
        SERVER,
        TLS12,
        During,
        |p| {
            p.edit_server_hello(|hello| hello.random[24..].copy_from_slice(b"DOWNGRD\x01"));
        },
        ILLEGAL,
    ),
    (
        "two HelloRetryRequests",
        SERVER,
        TLS13,
        During,
        |p| {
            p.setup.retry_with = Some(group::SECP256R1);
            p.replace(2, |p, retry| {
                p.send_handshake(&retry);
                p.send_handshake(&retry);
            });
        },
        &[alert::UNEXPECTED_MESSAGE],
    ),
];

/// Extensions of a ServerHello that answer nothing which was offered.
const CHOSEN_EXTENSIONS: &[Case] = &[
    (
        "an extension",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| {
                hello.extensions.push(0xfafa, b"");
            })
        },
        &[alert::UNSUPPORTED_EXTENSION],
    ),
    (
        "an extension",
        SERVER,
        TLS12,
        During,
        |p| {
            p.edit_server_hello(|hello| {
                hello.extensions.push(0xfafa, b"");
            })
        },
        &[alert::UNSUPPORTED_EXTENSION],
    ),
    (
        "a PSK",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| {
                hello.extensions.push(extension::PRE_SHARED_KEY, &[0, 0]);
            })
        },
        &[alert::UNSUPPORTED_EXTENSION, alert::ILLEGAL_PARAMETER],
    ),
    (
        "a group without a half",
        SERVER,
        TLS13,
        During,
        |p| {
            p.edit_server_hello(|hello| {
                let entry = [&numbers(&[group::SECP384R1])[..], &vec16(&[4; 97])].concat();
                hello.extensions.set(extension::KEY_SHARE, &entry);
            })
        },
        ILLEGAL,
    ),
];

#[test]
fn a_server_that_chooses_what_was_not_offered() {
    refused(&STAGE, CHOSEN_FIELDS);
    refused(&STAGE, CHOSEN_EXTENSIONS);
}

#[test]
fn a_half_of_a_key_agreement_that_is_none() {
    fn share(group: u16, half: &[u8]) -> Vec<u8> {
        [&numbers(&[group])[..], &vec16(half)].concat()
    }
    refused(
        &STAGE,
        &[
            (
                "zeros",
                CLIENT,
                TLS13,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.extensions.set(extension::KEY_SHARE, &vec16(&share(group::X25519, &[0; 32])));
                    })
                },
                ILLEGAL,
            ),
            (
                "too short",
                CLIENT,
                TLS13,
                During,
                |p| {
                    edit(p, |hello| {
                        hello.extensions.set(extension::KEY_SHARE, &vec16(&share(group::X25519, &[9; 31])));
                    })
                },
                ILLEGAL,
            ),
            (
                "no point",
                CLIENT,
                TLS13,
                During,
                |p| {
                    edit(p, |hello| {
                        hello
                            .extensions
                            .set(extension::KEY_SHARE, &vec16(&share(group::SECP256R1, &[4; 65])));
                    })
                },
                ILLEGAL,
            ),
            (
                "zeros",
                SERVER,
                TLS13,
                During,
                |p| {
                    p.edit_server_hello(|hello| {
                        hello.extensions.set(extension::KEY_SHARE, &share(group::X25519, &[0; 32]));
                    })
                },
                ILLEGAL,
            ),
            (
                "no point",
                CLIENT,
                TLS12,
                During,
                |p| {
                    p.setup.groups = vec![group::SECP256R1];
                    p.change(16, |body| body[5..].fill(0xff));
                },
                &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
            ),
        ],
    );
}

/// RFC 5746 section 4.1: a client that wants to be safe talks to no other server, as OpenSSL has it.
#[test]
fn servers_say_that_they_renegotiate_safely() {
    fn silent(peer: &mut Peer) {
        peer.edit_server_hello(|hello| hello.extensions.remove(extension::RENEGOTIATION_INFO));
    }
    refused(&STAGE, &[("no word of it", SERVER, TLS12, During, silent, &[alert::HANDSHAKE_FAILURE])]);
    accepted(&STAGE, &[("no word of it", SERVER, TLS13, During, silent, ANY)]);
    let stage = Stage::new(KeyKind::P256);
    stage.client.update(|settings| settings.legacy_server_connect = true);
    accepted(&stage, &[("allowed", SERVER, TLS12, During, silent, ANY)]);
}
