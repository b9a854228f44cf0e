//! Connections that go on without rustls: when that is, and that nobody can tell.

use super::tests::{pair, transfer};
use super::{Connection, Read};
use crate::connection::state::State;
use crate::sync::lock;
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
