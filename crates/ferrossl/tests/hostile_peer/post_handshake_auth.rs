//! Messages after the handshake: whole or in parts, together or alone, with data between (RFC 8446 sections 4.6 and 5.1).

use ferrossl::Version;
use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::Peer;
use ferrossl_testkit::peer::wire::{alert, content, message};

use super::certificates::client_that_was_asked;
use super::{
    ANY, After, CLIENT, Case, POST_HANDSHAKE_STAGE, SERVER, STAGE, TLS12, TLS13, accepted, carries_data,
    complaint, peer, refused,
};

const UNEXPECTED: &[u8] = &[alert::UNEXPECTED_MESSAGE];
const KEY_UPDATE: [u8; 5] = [message::KEY_UPDATE, 0, 0, 1, 0];

/// Sends a message in two records with something between.
fn split(peer: &mut Peer, message: &[u8], between: fn(&mut Peer)) {
    peer.send_sealed(content::HANDSHAKE, &message[..2], 0);
    between(peer);
    peer.send_sealed(content::HANDSHAKE, &message[2..], 0);
}

fn ticket(peer: &mut Peer) -> Vec<u8> {
    peer.new_ticket(b"a ticket", &[1])
}

/// What stands between two records that share a message.
const BETWEEN_PARTS: &[Case] = &[
    ("KeyUpdate", CLIENT, TLS13, After, |p| split(p, &KEY_UPDATE, |p| p.send_data(b"data")), UNEXPECTED),
    ("KeyUpdate", SERVER, TLS13, After, |p| split(p, &KEY_UPDATE, |p| p.send_data(b"data")), UNEXPECTED),
    (
        "a ticket",
        SERVER,
        TLS13,
        After,
        |p| {
            let ticket = ticket(p);
            split(p, &ticket, |p| p.send_data(b"data"));
        },
        UNEXPECTED,
    ),
    ("empty data", CLIENT, TLS13, After, |p| split(p, &KEY_UPDATE, |p| p.send_data(b"")), UNEXPECTED),
    (
        "a warning",
        CLIENT,
        TLS13,
        After,
        |p| {
            split(p, &KEY_UPDATE, |p| p.send_alert(alert::WARNING, alert::USER_CANCELED));
        },
        UNEXPECTED,
    ),
    ("close_notify", CLIENT, TLS13, After, |p| split(p, &KEY_UPDATE, Peer::close), UNEXPECTED),
    (
        "data between header and body",
        SERVER,
        TLS13,
        After,
        |p| {
            p.send_sealed(content::HANDSHAKE, &KEY_UPDATE[..4], 0);
            p.send_data(b"data");
            p.send_sealed(content::HANDSHAKE, &KEY_UPDATE[4..], 0);
        },
        UNEXPECTED,
    ),
];

#[test]
fn nothing_stands_between_the_parts_of_a_post_handshake_message() {
    let data = |p: &mut Peer| p.send_data(b"data");
    refused(&STAGE, BETWEEN_PARTS);
    // A request, on its way to a client.
    let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
    server.complete_handshake();
    let request = server.certificate_request13(b"one");
    split(&mut server, &request, data);
    let outcome = server.outcome();
    assert_eq!(complaint(&server, &outcome, UNEXPECTED), None);
    // The answer to one, on its way to a server: in each of its messages.
    for at in 0..3 {
        let mut client = client_that_was_asked(KeyKind::P256);
        let request = client.take_request().unwrap();
        for (index, message) in client.post_handshake_answer(&request).unwrap().iter().enumerate() {
            if index == at {
                split(&mut client, message, data);
            } else {
                client.send_handshake(message);
            }
        }
        let outcome = client.outcome();
        assert_eq!(complaint(&client, &outcome, UNEXPECTED), None, "message {at}");
        assert!(client.connection.peer_certificates().is_empty(), "message {at}");
    }
}

/// The messages of an answer come one behind the other (RFC 8446 section 4.4), with or without data.
#[test]
fn no_other_message_stands_between_those_of_an_answer() {
    for (between, expected) in [(KEY_UPDATE, UNEXPECTED)] {
        for at in 1..3 {
            let mut client = client_that_was_asked(KeyKind::P256);
            let request = client.take_request().unwrap();
            for (index, message) in client.post_handshake_answer(&request).unwrap().iter().enumerate() {
                if index == at {
                    client.send_handshake(&between);
                    client.change_write_keys();
                }
                client.send_handshake(message);
            }
            let outcome = client.outcome();
            assert_eq!(complaint(&client, &outcome, expected), None, "before message {at}");
        }
    }
}

#[test]
fn post_handshake_messages_come_in_any_records() {
    accepted(
        &STAGE,
        &[
            ("KeyUpdate in pieces", CLIENT, TLS13, After, |p| p.send_key_update_in(&[1, 1, 1, 1], true), ANY),
            ("KeyUpdate in pieces", SERVER, TLS13, After, |p| p.send_key_update_in(&[3], true), ANY),
            (
                "two tickets in a record",
                SERVER,
                TLS13,
                After,
                |p| {
                    let tickets = [ticket(p), ticket(p)].concat();
                    p.send_handshake(&tickets);
                },
                ANY,
            ),
            (
                "tickets and a half",
                SERVER,
                TLS13,
                After,
                |p| {
                    let tickets = [ticket(p), ticket(p)].concat();
                    p.send_fragments(content::HANDSHAKE, &tickets, &[tickets.len() / 2 + 10]);
                },
                ANY,
            ),
            (
                "a ticket and KeyUpdate",
                SERVER,
                TLS13,
                After,
                |p| {
                    let messages = [&ticket(p)[..], &KEY_UPDATE].concat();
                    p.send_handshake(&messages);
                    p.change_write_keys();
                },
                ANY,
            ),
            (
                "a ticket byte by byte",
                SERVER,
                TLS13,
                After,
                |p| {
                    let ticket = ticket(p);
                    p.send_fragments(content::HANDSHAKE, &ticket, &vec![1; ticket.len()]);
                },
                ANY,
            ),
            (
                "a large ticket",
                SERVER,
                TLS13,
                After,
                |p| {
                    let ticket = p.new_ticket(&[13; 40_000], &[1]);
                    p.send_handshake(&ticket);
                },
                ANY,
            ),
        ],
    );
}

/// With authentication on offer, messages are told apart by what they are and not by how records begin.
#[test]
fn requests_come_in_any_records() {
    type Way = (&'static str, fn(&mut Peer, &[u8]));
    let ways: &[Way] = &[
        ("alone", |p, request| p.send_handshake(request)),
        ("byte by byte", |p, request| p.send_fragments(content::HANDSHAKE, request, &vec![1; request.len()])),
        ("behind a ticket", |p, request| {
            let messages = [&ticket(p)[..], request].concat();
            p.send_handshake(&messages);
        }),
        ("before a ticket", |p, request| {
            let messages = [request, &ticket(p)].concat();
            p.send_handshake(&messages);
        }),
        ("before KeyUpdate", |p, request| {
            p.send_handshake(&[request, &KEY_UPDATE].concat());
            p.change_write_keys();
        }),
        ("behind KeyUpdate", |p, request| {
            p.send_key_update(true);
            p.send_handshake(request);
        }),
        ("half a ticket, the other half and the request", |p, request| {
            let ticket = ticket(p);
            let (first, second) = ticket.split_at(20);
            p.send_sealed(content::HANDSHAKE, first, 0);
            p.send_sealed(content::HANDSHAKE, &[second, request].concat(), 0);
        }),
        ("behind a ticket, in pieces", |p, request| {
            let messages = [&ticket(p)[..], request].concat();
            let sizes = vec![7; messages.len() / 7];
            p.send_fragments(content::HANDSHAKE, &messages, &sizes);
        }),
        ("with data around it", |p, request| {
            p.send_data(b"before");
            p.send_handshake(request);
            p.send_data(b"behind");
        }),
    ];
    let mut complaints = Vec::new();
    for (name, way) in ways {
        let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
        server.complete_handshake();
        let request = server.certificate_request13(b"one");
        way(&mut server, &request);
        let answered = server.receive_post_handshake_answer(&request);
        let works = answered.map_err(|stopped| stopped.0).and_then(|()| carries_data(&mut server));
        complaints.extend(works.err().map(|text| format!("{name}: {text}, {:?}", server.error)));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A client that offers authentication, and a ticket whose second record begins like a CertificateRequest.
#[test]
fn the_rest_of_a_ticket_is_no_request() {
    for size in [1, 5, 9, 512] {
        let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
        server.complete_handshake();
        let ticket = server.new_ticket(&[13; 700], &[13]);
        let sizes = vec![size; ticket.len() / size];
        server.send_fragments(content::HANDSHAKE, &ticket, &sizes);
        carries_data(&mut server).unwrap_or_else(|error| panic!("{size}: {error}"));
        assert!(server.connection.session().unwrap().has_ticket());
    }
}

#[test]
fn two_requests_get_two_answers() {
    let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
    server.complete_handshake();
    let requests = [server.certificate_request13(b"one"), server.certificate_request13(b"two")];
    server.send_handshake(&requests.concat());
    for request in &requests {
        server.receive_post_handshake_answer(request).unwrap();
    }
    carries_data(&mut server).unwrap();
}

#[test]
fn answers_come_in_any_records() {
    type Way = (&'static str, fn(&mut Peer, &[Vec<u8>]));
    let ways: &[Way] = &[
        ("one each", |p, messages| messages.iter().for_each(|message| p.send_handshake(message))),
        ("together", |p, messages| p.send_handshake(&messages.concat())),
        ("byte by byte", |p, messages| {
            let bytes = messages.concat();
            p.send_fragments(content::HANDSHAKE, &bytes, &vec![1; bytes.len()]);
        }),
        ("in odd pieces", |p, messages| {
            let bytes = messages.concat();
            p.send_fragments(content::HANDSHAKE, &bytes, &vec![99; bytes.len() / 99]);
        }),
        ("before KeyUpdate", |p, messages| {
            p.send_handshake(&[&messages.concat()[..], &KEY_UPDATE].concat());
            p.change_write_keys();
        }),
        ("with data before it", |p, messages| {
            p.send_data(b"first");
            p.send_handshake(&messages.concat());
        }),
    ];
    let mut complaints = Vec::new();
    for (name, way) in ways {
        let mut client = client_that_was_asked(KeyKind::P256);
        let request = client.take_request().unwrap();
        let messages = client.post_handshake_answer(&request).unwrap();
        way(&mut client, &messages);
        let works = carries_data(&mut client);
        complaints.extend(works.err().map(|text| format!("{name}: {text}")));
        if client.connection.peer_certificates().is_empty() {
            complaints.push(format!("{name}: nobody was authenticated"));
        }
    }
    // The keys may be changed between request and answer.
    let mut client = client_that_was_asked(KeyKind::P256);
    client.send_key_update(true);
    client.answer_request().unwrap();
    complaints.extend(carries_data(&mut client).err());
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn messages_that_have_no_business_after_the_handshake() {
    refused(
        &STAGE,
        &[
            (
                "a ClientHello",
                CLIENT,
                TLS13,
                After,
                |p| {
                    let hello = p.client_hello().encode();
                    p.send_handshake(&hello);
                },
                UNEXPECTED,
            ),
            ("Finished", CLIENT, TLS13, After, |p| p.send_handshake(&[20, 0, 0, 0]), UNEXPECTED),
            (
                "a ticket to a server",
                CLIENT,
                TLS13,
                After,
                |p| {
                    let ticket = ticket(p);
                    p.send_handshake(&ticket);
                },
                UNEXPECTED,
            ),
            (
                "EncryptedExtensions",
                SERVER,
                TLS13,
                After,
                |p| p.send_handshake(&[8, 0, 0, 2, 0, 0]),
                UNEXPECTED,
            ),
            ("HelloRequest", SERVER, TLS13, After, |p| p.send_handshake(&[0, 0, 0, 0]), UNEXPECTED),
            ("an unknown message", SERVER, TLS13, After, |p| p.send_handshake(&[99, 0, 0, 0]), UNEXPECTED),
            (
                "KeyUpdate with an unknown request",
                CLIENT,
                TLS13,
                After,
                |p| {
                    p.send_handshake(&[24, 0, 0, 1, 2]);
                },
                &[alert::ILLEGAL_PARAMETER],
            ),
            ("KeyUpdate in TLS 1.2", CLIENT, TLS12, After, |p| p.send_handshake(&KEY_UPDATE), UNEXPECTED),
            ("Finished in TLS 1.2", SERVER, TLS12, After, |p| p.send_handshake(&[20, 0, 0, 0]), UNEXPECTED),
        ],
    );
}

#[test]
fn a_second_handshake_is_declined_in_tls12() {
    for role in [CLIENT, SERVER] {
        let mut peer = peer(&STAGE, role, Version::Tls12);
        peer.complete_handshake();
        let request = if role == CLIENT { peer.client_hello().encode() } else { vec![0; 4] };
        peer.send_handshake(&request);
        let outcome = peer.outcome();
        let last = outcome.alerts.last().map(|alert| alert.description);
        assert_eq!(last, Some(alert::NO_RENEGOTIATION), "peer: {role:?}");
        if outcome.error.is_none() {
            carries_data(&mut peer).unwrap();
        }
    }
}

/// A client that does not know the version yet passes over a HelloRequest, and signs nothing of it after the handshake.
#[test]
fn a_hello_request_is_no_part_of_what_is_signed() {
    let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
    server.before(message::SERVER_HELLO, |server| {
        server.send_handshake_bytes(&[message::HELLO_REQUEST, 0, 0, 0]);
    });
    server.complete_handshake();
    let request = server.certificate_request13(b"context");
    server.send_handshake(&request);
    server.settle();
    server.receive_post_handshake_answer(&request).unwrap();
}
