//! Sessions that are offered or resumed where they do not fit (RFC 8446 section 4.2.11, RFC 7627 section 5.3).

use ferrossl_testkit::peer::crypto::{AES128_SHA256, AES256_SHA384};
use ferrossl_testkit::peer::wire::{alert, extension, message, vec8, vec16};
use ferrossl_testkit::peer::{Peer, Stage};
use ferrossl_testkit::{KeyKind, Leaf};

use super::{TLS12, TLS13};

/// The sessions that a peer is given and those that it offers.
#[test]
fn sessions_that_do_not_fit() {
    let stage = Stage::new(KeyKind::P256);
    let first = |version, suite: u16| {
        let mut first = stage.scripted_client(version);
        first.setup.suites = vec![suite];
        first.complete_handshake();
        first.connection.write(b"tickets come with data").unwrap();
        first.settle();
        first.tickets.pop().unwrap()
    };
    // A session is of one hash: with another one there is a full handshake.
    let mut second = stage.scripted_client(TLS13);
    second.setup.ticket = Some(first(TLS13, AES128_SHA256));
    second.setup.suites = vec![AES256_SHA384];
    second.complete_handshake();
    assert!(!second.is_resumed());
    // RFC 8446 section 4.2.11: as many binders as identities.
    let mut second = stage.scripted_client(TLS13);
    second.setup.ticket = Some(first(TLS13, AES128_SHA256));
    second.edit_client_hello(|hello| {
        let mut offer = hello.extensions.get(extension::PRE_SHARED_KEY).unwrap().to_vec();
        let identities = usize::from(u16::from_be_bytes([offer[0], offer[1]]));
        let binders = vec8(&[0; 32]).repeat(2);
        offer.truncate(2 + identities);
        offer.extend(vec16(&binders));
        hello.extensions.set(extension::PRE_SHARED_KEY, &offer);
    });
    let outcome = second.run();
    assert_eq!(outcome.alert(), Some(alert::ILLEGAL_PARAMETER), "{:?}", outcome.error);
    // RFC 7627 section 5.3: a session with an extended master secret is not resumed without one.
    for extended in [true, false] {
        let mut first = stage.scripted_client(TLS12);
        first.setup.extended_master_secret = extended;
        first.complete_handshake();
        let mut second = stage.scripted_client(TLS12);
        second.setup.ticket = first.tickets.pop();
        second.setup.extended_master_secret = !extended;
        let outcome = second.run();
        if extended {
            let alerts = [Some(alert::HANDSHAKE_FAILURE), Some(alert::ILLEGAL_PARAMETER)];
            assert!(alerts.contains(&outcome.alert()), "{:?}, {:?}", outcome.alerts, outcome.error);
        } else {
            assert!(outcome.is_fine() && !second.is_resumed(), "{:?} {:?}", outcome.error, outcome.stopped);
        }
    }
}

/// A server that resumes what the client did not offer, or not so.
#[test]
fn a_server_that_resumes_wrongly() {
    let stage = Stage::new(KeyKind::P256);
    let mut first = stage.scripted_server(TLS13);
    first.setup.suites = vec![AES128_SHA256];
    first.complete_handshake();
    first.send_ticket(b"a ticket");
    first.settle();
    let resuming = |first: &Peer| {
        let client = ferrossl::Connection::client(&stage.client.snapshot(), Some("localhost")).unwrap();
        client.resume(&first.connection.session().unwrap()).unwrap();
        let mut second = Peer::server(TLS13, stage.signer(), client);
        second.setup.known_tickets = first.tickets.clone();
        second.setup.suites = vec![AES128_SHA256];
        second
    };
    let mut second = resuming(&first);
    second.edit_server_hello(|hello| hello.extensions.set(extension::PRE_SHARED_KEY, &[0, 7]));
    assert_eq!(second.run().alert(), Some(alert::ILLEGAL_PARAMETER));
    // A ticket serves once.
    first.send_ticket(b"another");
    first.settle();
    let mut second = resuming(&first);
    second.setup.suites = vec![AES128_SHA256];
    // Of another hash than the session's.
    second.edit_server_hello(|hello| hello.suite = AES256_SHA384);
    assert_eq!(second.run().alert(), Some(alert::ILLEGAL_PARAMETER));
    first.send_ticket(b"a third");
    first.settle();
    // RFC 8446 section 4.1.4 and 4.2.11: with a session there is no certificate.
    let mut second = resuming(&first);
    let signer = stage.pki.signer(&Leaf::default());
    second.before(message::FINISHED, move |peer| {
        let message = peer.certificate_message(&[], &signer.chain);
        peer.send_handshake(&message);
    });
    assert_eq!(second.run().alert(), Some(alert::UNEXPECTED_MESSAGE));
}
