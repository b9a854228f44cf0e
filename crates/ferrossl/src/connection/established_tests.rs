//! Connections that go on without rustls: when that is, and that nobody can tell.

use super::tests::{pair, transfer};
use super::{Connection, Read};
use crate::connection::state::State;
use crate::error::Error;
use crate::openssl_names::alerts::UNEXPECTED_MESSAGE;
use crate::sync::lock;
use crate::wire::handshake::message;
use crate::wire::record::HANDSHAKE;
use crate::{Context, Version, Versions};

fn open<R>(connection: &Connection, ask: impl FnOnce(&mut crate::engine::RustlsConnection) -> R) -> R {
    let State::Open(connection) = &mut *lock(&connection.state) else { panic!("not open") };
    ask(connection)
}

fn has_rustls(connection: &Connection) -> bool {
    open(connection, |connection| connection.has_rustls())
}

fn send(from: &Connection, to: &Connection, data: &[u8]) {
    from.write(data).unwrap();
    transfer(from, to);
    let mut buffer = vec![0; data.len() + 1];
    assert_eq!(to.read(&mut buffer).unwrap(), Read::Data(data.len()));
    assert!(buffer[..data.len()] == *data);
}

fn exported(connection: &Connection) -> [Vec<u8>; 3] {
    let export = |length, label, context| connection.export_keying_material(length, label, context).unwrap();
    [
        export(32, b"a label", None),
        export(500, b"a label", Some(b"")),
        export(7, b"another", Some(b"context")),
    ]
}

#[test]
fn rustls_goes_when_the_handshake_is_done_and_tickets_are_there() {
    let (client, server) = pair(Versions::only(Version::Tls12));
    assert!(!has_rustls(&client) && !has_rustls(&server));
    assert_eq!(exported(&client), exported(&server));

    let (client, server) = pair(Versions::only(Version::Tls13));
    assert!(has_rustls(&client) && !has_rustls(&server));
    // What rustls exports is what we do.
    let by_rustls = exported(&client);
    assert_eq!(by_rustls, exported(&server));
    send(&client, &server, b"a question");
    assert!(has_rustls(&client), "no ticket has come");
    send(&server, &client, b"an answer, behind the tickets");
    assert!(!has_rustls(&client));
    assert_eq!(exported(&client), by_rustls);
    assert!(client.session().unwrap().has_ticket());
}

/// Whoever asks, and whoever of the two has rustls.
#[test]
fn keys_are_changed_without_rustls() {
    for tickets in [true, false] {
        let (client, server) = pair(Versions::only(Version::Tls13));
        if tickets {
            send(&server, &client, b"data");
        }
        assert_eq!(has_rustls(&client), !tickets);
        for round in 0..9 {
            for (one, other) in [(&client, &server), (&server, &client)] {
                for _ in 0..round % 3 {
                    open(one, |connection| connection.ask_for_new_keys());
                }
                send(one, other, b"under a new key");
                send(other, one, b"under another");
            }
        }
        assert_eq!(exported(&client), exported(&server));
    }
}

/// A key that has changed is rustls' to change again.
#[test]
fn rustls_stays_where_it_has_changed_keys() {
    let (client, server) = pair(Versions::only(Version::Tls13));
    assert!(open(&client, |connection| connection.has_first_secrets()));
    open(&server, |connection| connection.ask_for_new_keys());
    for _ in 0..3 {
        send(&server, &client, b"data");
        send(&client, &server, b"data");
    }
    assert!(has_rustls(&client));
    assert!(!open(&client, |connection| connection.has_first_secrets()), "they are over");
}

#[test]
fn tickets_that_come_late_are_read_and_not_kept() {
    let ticket = [4, 0, 0, 15, 0, 0, 28, 32, 1, 2, 3, 4, 0, 0, 2, 9, 9, 0, 0];
    for (message, is_fine) in [(&ticket[..], true), (&[4, 0, 0, 4, 0, 0, 28, 32], false)] {
        let (client, server) = pair(Versions::only(Version::Tls13));
        send(&server, &client, b"data");
        let id = client.session().unwrap();
        server.say(HANDSHAKE, message);
        server.write(b"more").unwrap();
        transfer(&server, &client);
        assert_eq!(client.read(&mut [0; 9]).is_ok(), is_fine);
        if is_fine {
            assert_eq!(client.session().unwrap(), id, "the one that is kept");
        }
    }
}

/// The tickets of a client that may have to authenticate later are worth waiting for.
#[test]
fn rustls_stays_for_authentication_after_the_handshake() {
    let client = Context::client();
    client.update(|settings| settings.post_handshake_auth = true);
    let (client, server) = super::tests::pair_of(&client);
    for _ in 0..3 {
        send(&server, &client, b"data");
        send(&client, &server, b"data");
    }
    assert!(has_rustls(&client) && !has_rustls(&server));
    assert!(!open(&client, |connection| connection.has_first_secrets()));
}

/// What a client says to this: the alert that the server gets, and the error's text.
fn refusal(message: &[u8], has_data: bool) -> Option<(u8, String)> {
    let (client, server) = pair(Versions::only(Version::Tls13));
    if has_data {
        send(&server, &client, b"data");
    } else {
        // The tickets, and nothing behind them.
        assert!(client.read(&mut [0; 9]).is_ok());
    }
    assert_eq!(has_rustls(&client), !has_data);
    server.say(HANDSHAKE, message);
    transfer(&server, &client);
    let error = client.read(&mut [0; 9]).err()?;
    transfer(&client, &server);
    match server.read(&mut [0; 9]) {
        Err(Error::AlertReceived(alert)) => Some((alert, error.to_string())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_rustls_refuses_is_refused_without_it() {
    let fields = [0, 0, 28, 32, 1, 2, 3, 4, 1, 5, 0, 2, 9, 9];
    let ticket = |extensions: &[u8]| message(4, &[&fields[..], extensions].concat());
    let mut messages: Vec<_> = [
        &[0, 0][..],
        // Not known, twice another; without its length; of another length.
        &[0, 4, 0, 77, 0, 0],
        &[0, 8, 0, 77, 0, 0, 0, 78, 0, 0],
        &[0, 8, 0, 77, 0, 0, 0, 77, 0, 0],
        &[0, 2, 0, 77],
        &[0, 4, 0, 77, 0, 1],
        // early_data.
        &[0, 8, 0, 42, 0, 4, 0, 0, 0, 1],
        &[0, 4, 0, 42, 0, 0],
        &[0, 7, 0, 42, 0, 3, 0, 0, 1],
        &[0, 9, 0, 42, 0, 5, 0, 0, 0, 0, 1],
        &[0, 16, 0, 42, 0, 4, 0, 0, 0, 1, 0, 42, 0, 4, 0, 0, 0, 1],
        // Something behind the list, and less than it says.
        &[0, 0, 0],
        &[0, 5, 0, 77, 0, 0],
    ]
    .into_iter()
    .map(ticket)
    .collect();
    messages.extend((0..=fields.len()).map(|cut| message(4, &fields[..cut])));
    messages.push(message(4, &[0, 0, 28, 32, 1, 2, 3, 4, 0, 0, 0, 0, 0]));
    messages.extend([&[][..], &[2], &[255], &[0, 0], &[1, 1, 1]].map(|body| message(24, body)));
    // What is read well enough, and comes at the wrong time; and what nobody knows.
    messages.extend([5, 14, 20, 77, 255].map(|kind| message(kind, &[])));
    messages.push([&message(24, &[0])[..], &message(24, &[0])].concat());
    let answers = |message: &Vec<u8>| (refusal(message, true), refusal(message, false));
    let differ = |message: &Vec<u8>| {
        Some((message.clone(), answers(message))).filter(|(_, (one, other))| one != other)
    };
    assert_eq!(messages.iter().filter_map(differ).collect::<Vec<_>>(), []);
}

/// Both sides may change their keys at the same time, and each asks the other to change its own (RFC 8446 section 4.6.3).
#[test]
fn both_sides_change_keys_at_once() {
    for tickets in [true, false] {
        let (client, server) = pair(Versions::only(Version::Tls13));
        if tickets {
            send(&server, &client, b"data");
        }
        for round in 0..20 {
            for side in [&client, &server] {
                open(side, |connection| connection.ask_for_new_keys());
                side.write(b"crosses the other").unwrap();
            }
            if round % 2 == 0 {
                // An answer that is owed already is none to this.
                open(&client, |connection| connection.ask_for_new_keys());
            }
            transfer(&client, &server);
            transfer(&server, &client);
            for side in [&server, &client] {
                assert_eq!(side.read(&mut [0; 40]).unwrap(), Read::Data(17));
            }
            send(&client, &server, b"on the way there");
            send(&server, &client, b"and back");
        }
        assert_eq!(exported(&client), exported(&server));
    }
}

/// RFC 8446 section 5.1: a KeyUpdate may come in pieces, and nothing may stand behind it in its record.
#[test]
fn a_key_update_ends_its_record() {
    for has_data in [true, false] {
        for behind in [&message(24, &[0])[..], &[24], &message(4, &[0]), &[0]] {
            let (alert, text) = refusal(&[&message(24, &[1])[..], behind].concat(), has_data).unwrap();
            assert_eq!(alert, UNEXPECTED_MESSAGE);
            assert!(text.contains("NOT_ON_RECORD_BOUNDARY"), "{text}");
        }
    }
    let (client, server) = pair(Versions::only(Version::Tls13));
    send(&server, &client, b"data");
    let update = message(24, &[1]);
    for piece in update.chunks(1) {
        client.say(HANDSHAKE, piece);
        transfer(&client, &server);
        assert!(server.read(&mut [0; 9]).is_ok());
    }
    let keys = |connection: &Connection| open(connection, |connection| connection.opening().unwrap());
    let old = keys(&client);
    send(&server, &client, b"the answer comes first");
    assert!(!keys(&client).is(&old));
}
