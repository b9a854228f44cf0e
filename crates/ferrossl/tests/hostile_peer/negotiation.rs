//! Hellos that do not read, extensions in the wrong places, messages that nobody has asked for (RFC 8446 sections 4.1 to
//! 4.4, RFC 5246 section 7.4).

use ferrossl_testkit::peer::Peer;
use ferrossl_testkit::peer::hellos::{ClientHello, Extensions};
use ferrossl_testkit::peer::wire::{alert, extension, handshake, message, vec16, vec24};

use super::{ANY, CLIENT, Case, During, SERVER, STAGE, TLS12, TLS13, accepted, refused};

const ILLEGAL: &[u8] = &[alert::ILLEGAL_PARAMETER];
const DECODE: &[u8] = &[alert::DECODE_ERROR];
const UNEXPECTED: &[u8] = &[alert::UNEXPECTED_MESSAGE];
const UNSUPPORTED: &[u8] = &[alert::UNSUPPORTED_EXTENSION];

fn edit(peer: &mut Peer, change: fn(&mut ClientHello)) {
    peer.edit_client_hello(change);
}

/// Fields of a ClientHello that hold what they must not.
const WRONG_FIELDS: &[Case] = &[
    (
        "no suites",
        CLIENT,
        TLS13,
        During,
        |p| edit(p, |h| h.suites.clear()),
        &[alert::DECODE_ERROR, alert::HANDSHAKE_FAILURE, alert::ILLEGAL_PARAMETER],
    ),
    ("no null compression", CLIENT, TLS13, During, |p| edit(p, |h| h.compression = vec![1]), ILLEGAL),
    (
        "no null compression",
        CLIENT,
        TLS12,
        During,
        |p| edit(p, |h| h.compression = vec![1]),
        &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR, alert::HANDSHAKE_FAILURE],
    ),
    ("two compressions", CLIENT, TLS13, During, |p| edit(p, |h| h.compression = vec![0, 1]), ILLEGAL),
    (
        "no compression at all",
        CLIENT,
        TLS12,
        During,
        |p| edit(p, |h| h.compression.clear()),
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
    ),
    (
        "a session id that is too long",
        CLIENT,
        TLS12,
        During,
        |p| {
            edit(p, |h| {
                h.session_id = vec![1; 33];
            })
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
    ),
];

/// Extensions of a ClientHello whose contents do not read, or say what they must not.
const WRONG_CONTENTS: &[Case] = &[
    (
        "two halves for one group",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                let shares = hello.extensions.get(extension::KEY_SHARE).unwrap()[2..].to_vec();
                hello.extensions.set(extension::KEY_SHARE, &vec16(&[&shares[..], &shares].concat()));
            })
        },
        ILLEGAL,
    ),
    (
        "an empty list of groups",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SUPPORTED_GROUPS, &[0, 0]);
            })
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER, alert::HANDSHAKE_FAILURE],
    ),
    (
        "an empty list of schemes",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SIGNATURE_ALGORITHMS, &[0, 0]);
            })
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER, alert::HANDSHAKE_FAILURE],
    ),
    (
        "half a version",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SUPPORTED_VERSIONS, &[3, 3, 4, 3]);
            })
        },
        DECODE,
    ),
    (
        "a server name of zero bytes",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::SERVER_NAME, &[0, 3, 0, 0, 0]);
            })
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
    ),
    (
        "a protocol name of zero bytes",
        CLIENT,
        TLS13,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::ALPN, &[0, 1, 0]);
            })
        },
        &[alert::DECODE_ERROR, alert::ILLEGAL_PARAMETER],
    ),
    (
        "renegotiation_info that does not read",
        CLIENT,
        TLS12,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::RENEGOTIATION_INFO, &[]);
            })
        },
        &[alert::DECODE_ERROR, alert::HANDSHAKE_FAILURE],
    ),
    (
        "extended_master_secret with contents",
        CLIENT,
        TLS12,
        During,
        |p| {
            edit(p, |hello| {
                hello.extensions.set(extension::EXTENDED_MASTER_SECRET, &[1]);
            })
        },
        DECODE,
    ),
];

#[test]
fn hellos_whose_fields_are_not_right() {
    refused(&STAGE, WRONG_FIELDS);
}

#[test]
fn hellos_whose_extensions_are_not_right() {
    refused(&STAGE, WRONG_CONTENTS);
}

/// Has a server's EncryptedExtensions hold this one.
fn encrypted(peer: &mut Peer, kind: u16, contents: &'static [u8]) {
    peer.replace(message::ENCRYPTED_EXTENSIONS, move |peer, _| {
        let mut extensions = Extensions::default();
        extensions.push(kind, contents);
        peer.send_handshake(&handshake(message::ENCRYPTED_EXTENSIONS, &extensions.encode()));
    });
}

/// What does not belong into EncryptedExtensions.
const ENCRYPTED_EXTENSIONS: &[Case] = &[
    ("an unknown extension", SERVER, TLS13, During, |p| encrypted(p, 0x7777, b""), UNSUPPORTED),
    (
        "key_share in the wrong place",
        SERVER,
        TLS13,
        During,
        |p| {
            encrypted(p, extension::KEY_SHARE, &[0, 29, 0, 1, 1]);
        },
        &[alert::ILLEGAL_PARAMETER, alert::UNSUPPORTED_EXTENSION],
    ),
    (
        "supported_versions in the wrong place",
        SERVER,
        TLS13,
        During,
        |p| {
            encrypted(p, extension::SUPPORTED_VERSIONS, &[3, 4]);
        },
        &[alert::ILLEGAL_PARAMETER, alert::UNSUPPORTED_EXTENSION],
    ),
    (
        "early_data that was not offered",
        SERVER,
        TLS13,
        During,
        |p| {
            encrypted(p, extension::EARLY_DATA, b"");
        },
        UNSUPPORTED,
    ),
    (
        "a protocol, and none was offered",
        SERVER,
        TLS13,
        During,
        |p| {
            encrypted(p, extension::ALPN, &[0, 3, 2, b'h', b'2']);
        },
        UNSUPPORTED,
    ),
    (
        "the same extension twice",
        SERVER,
        TLS13,
        During,
        |p| {
            p.replace(message::ENCRYPTED_EXTENSIONS, |peer, _| {
                let mut extensions = Extensions::default();
                extensions.push(extension::SERVER_NAME, b"");
                extensions.push(extension::SERVER_NAME, b"");
                peer.send_handshake(&handshake(message::ENCRYPTED_EXTENSIONS, &extensions.encode()));
            });
        },
        &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
    ),
];

/// Certificate messages of a server that hold none, too much or nothing that reads.
const CERTIFICATES: &[Case] = &[
    (
        "no certificate at all",
        SERVER,
        TLS13,
        During,
        |p| {
            p.replace(message::CERTIFICATE, |peer, _| {
                let message = peer.certificate_message(&[], &[]);
                peer.send_handshake(&message);
            });
        },
        DECODE,
    ),
    (
        "no certificate at all",
        SERVER,
        TLS12,
        During,
        |p| {
            p.replace(message::CERTIFICATE, |peer, _| {
                let message = peer.certificate_message(&[], &[]);
                peer.send_handshake(&message);
            });
        },
        &[alert::DECODE_ERROR, alert::HANDSHAKE_FAILURE, alert::ILLEGAL_PARAMETER],
    ),
    (
        "a context with the certificate",
        SERVER,
        TLS13,
        During,
        |p| {
            p.replace(message::CERTIFICATE, |peer, _| {
                let chain = peer.setup.signer.as_ref().unwrap().chain.clone();
                let message = peer.certificate_message(b"context", &chain);
                peer.send_handshake(&message);
            });
        },
        &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
    ),
    (
        "an empty certificate",
        SERVER,
        TLS13,
        During,
        |p| {
            p.change(message::CERTIFICATE, |body| *body = [vec![0], vec24(&[0, 0, 0, 0, 0])].concat());
        },
        &[alert::DECODE_ERROR, alert::BAD_CERTIFICATE],
    ),
    (
        "an extension of the certificate that was not offered",
        SERVER,
        TLS13,
        During,
        |p| {
            p.replace(message::CERTIFICATE, |peer, _| {
                let der = peer.setup.signer.as_ref().unwrap().chain[0].clone();
                let mut extensions = Extensions::default();
                extensions.push(0x7777, b"");
                let list = [vec24(&der), extensions.encode()].concat();
                let body = [vec![0], vec24(&list)].concat();
                peer.send_handshake(&handshake(message::CERTIFICATE, &body));
            });
        },
        UNSUPPORTED,
    ),
];

/// CertificateRequests that are wrong in themselves, one too many or too late.
const CERTIFICATE_REQUESTS: &[Case] = &[
    (
        "a request with a context",
        SERVER,
        TLS13,
        During,
        |p| {
            p.setup.ask_for_certificate = true;
            p.replace(message::CERTIFICATE_REQUEST, |peer, _| {
                let request = peer.certificate_request13(b"context");
                peer.send_handshake(&request);
            });
        },
        &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
    ),
    (
        "a request without schemes",
        SERVER,
        TLS13,
        During,
        |p| {
            p.setup.ask_for_certificate = true;
            p.change(message::CERTIFICATE_REQUEST, |body| *body = vec![0, 0, 0]);
        },
        &[alert::MISSING_EXTENSION],
    ),
    (
        "two requests",
        SERVER,
        TLS13,
        During,
        |p| {
            p.setup.ask_for_certificate = true;
            p.replace(message::CERTIFICATE_REQUEST, |peer, request| {
                peer.send_handshake(&request);
                peer.send_handshake(&request);
            });
        },
        UNEXPECTED,
    ),
    (
        "a request behind the certificate",
        SERVER,
        TLS13,
        During,
        |p| {
            p.before(message::CERTIFICATE_VERIFY, |peer| {
                let request = peer.certificate_request13(&[]);
                peer.send_handshake(&request);
            });
        },
        UNEXPECTED,
    ),
];

#[test]
fn encrypted_extensions_that_do_not_belong_there() {
    refused(&STAGE, ENCRYPTED_EXTENSIONS);
}

#[test]
fn certificate_messages_that_are_not_right() {
    refused(&STAGE, CERTIFICATES);
}

#[test]
fn certificate_requests_that_are_not_right() {
    refused(&STAGE, CERTIFICATE_REQUESTS);
}

/// What a server of TLS 1.2 says that nobody has offered or asked for, or that does not read.
const NOT_ASKED_IN_TLS12: &[Case] = &[
    (
        "a ticket without having said so",
        SERVER,
        TLS12,
        During,
        |p| {
            p.edit_server_hello(|hello| hello.extensions.remove(extension::SESSION_TICKET));
        },
        UNEXPECTED,
    ),
    (
        "a status",
        SERVER,
        TLS12,
        During,
        |p| {
            p.before(message::SERVER_KEY_EXCHANGE, |p| p.send_handshake(&[22, 0, 0, 5, 1, 0, 0, 1, 0]));
        },
        UNEXPECTED,
    ),
    (
        "a curve that is spelled out",
        SERVER,
        TLS12,
        During,
        |p| {
            p.change(message::SERVER_KEY_EXCHANGE, |body| body[0] = 1);
        },
        &[alert::ILLEGAL_PARAMETER, alert::HANDSHAKE_FAILURE, alert::DECODE_ERROR],
    ),
    (
        "a group that was not offered",
        SERVER,
        TLS12,
        During,
        |p| {
            p.change(message::SERVER_KEY_EXCHANGE, |body| body[1..3].copy_from_slice(&[0x7a, 0x7a]));
        },
        // It was signed with another group.
        &[alert::ILLEGAL_PARAMETER, alert::HANDSHAKE_FAILURE, alert::DECRYPT_ERROR],
    ),
    (
        "an empty half",
        SERVER,
        TLS12,
        During,
        |p| {
            p.change(message::SERVER_KEY_EXCHANGE, |body| {
                let length = usize::from(body[3]);
                body.splice(3..4 + length, [0]);
            });
        },
        &[alert::ILLEGAL_PARAMETER, alert::DECODE_ERROR],
    ),
    (
        "a protocol, and none was offered",
        SERVER,
        TLS12,
        During,
        |p| {
            p.setup.alpn = vec![b"h2".to_vec()];
        },
        UNSUPPORTED,
    ),
    (
        "a second ServerHello",
        SERVER,
        TLS12,
        During,
        |p| {
            p.replace(message::SERVER_HELLO, |p, hello| {
                p.send_handshake(&hello);
                p.send_handshake(&hello);
            })
        },
        UNEXPECTED,
    ),
];

/// RFC 5246 section 7.4.1.1: while the handshake goes on, HelloRequest is passed over.
const HELLO_REQUEST_IN_TLS12: &[Case] = &[(
    "HelloRequest in the handshake",
    SERVER,
    TLS12,
    During,
    |p| {
        p.replace(message::SERVER_HELLO_DONE, |p, done| {
            p.send_handshake_bytes(&[0, 0, 0, 0]);
            p.send_handshake(&done);
        });
    },
    ANY,
)];

#[test]
fn what_a_server_of_tls12_says_and_was_not_asked() {
    refused(&STAGE, NOT_ASKED_IN_TLS12);
    accepted(&STAGE, HELLO_REQUEST_IN_TLS12);
}

#[test]
fn a_client_that_nobody_has_asked() {
    fn certificate(peer: &mut Peer, before: u8) {
        peer.before(before, |peer| {
            let chain = STAGE.signer().chain.clone();
            let message = peer.certificate_message(&[], &chain);
            peer.send_handshake(&message);
        });
    }
    let verify = |p: &mut Peer| p.before(20, |p| p.send_handshake(&[15, 0, 0, 6, 4, 3, 0, 2, 1, 1]));
    refused(
        &STAGE,
        &[
            ("a certificate", CLIENT, TLS13, During, |p| certificate(p, 20), UNEXPECTED),
            ("a certificate", CLIENT, TLS12, During, |p| certificate(p, 16), UNEXPECTED),
            ("CertificateVerify", CLIENT, TLS13, During, verify, UNEXPECTED),
            ("CertificateVerify", CLIENT, TLS12, During, verify, UNEXPECTED),
        ],
    );
}
