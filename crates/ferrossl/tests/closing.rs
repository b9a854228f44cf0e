//! The end of a connection: close_notify, what stands behind it, and transports that just stop.

use ferrossl::Error;
use ferrossl::connection::{Closing, Read};
use ferrossl_testkit::{Pair, Pki, contexts};

fn pair() -> Pair {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.handshake().unwrap();
    pair
}

#[test]
fn clear_text_behind_close_notify_is_kept() {
    let pair = pair();
    assert_eq!(pair.server.close().unwrap(), Closing::NeedRead);
    pair.exchange();
    pair.client.feed(b"220 clear text");
    assert_eq!(pair.client.close().unwrap(), Closing::Done);
    assert_eq!(pair.client.take_leftover(), b"220 clear text");
    pair.exchange();
    assert_eq!(pair.server.close().unwrap(), Closing::Done);
}

#[test]
fn nothing_is_left_over_while_the_connection_is_open() {
    let pair = pair();
    pair.client.feed(&[23, 3, 3]);
    assert!(pair.client.take_leftover().is_empty());
}

#[test]
fn data_before_the_close_is_not_lost() {
    let pair = pair();
    pair.server.write(b"last words").unwrap();
    assert_eq!(pair.server.close().unwrap(), Closing::NeedRead);
    pair.exchange();
    let reason = pair.client.close().unwrap_err().report().reason.unwrap().name;
    assert_eq!(reason, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY");
    let mut buffer = [0; 32];
    assert_eq!(pair.client.read(&mut buffer).unwrap(), Read::Data(10));
    assert_eq!(pair.client.read(&mut buffer).unwrap(), Read::Closed);
    assert_eq!(pair.client.close().unwrap(), Closing::Done);
}

#[test]
fn an_end_without_close_notify_is_no_proper_end() {
    let pair = pair();
    pair.server.write(b"cut").unwrap();
    pair.exchange();
    pair.client.feed_eof();
    let mut buffer = [0; 32];
    assert_eq!(pair.client.read(&mut buffer).unwrap(), Read::Data(3));
    assert!(matches!(pair.client.read(&mut buffer), Err(Error::UnexpectedEof)));
}

#[test]
fn an_unexpected_end_can_be_ignored_by_those_who_ask_for_it() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.ignore_unexpected_eof = true);
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.handshake().unwrap();
    pair.client.feed_eof();
    assert_eq!(pair.client.read(&mut [0; 9]).unwrap(), Read::Closed);
}

#[test]
fn writing_ends_with_our_close_and_not_with_the_peers() {
    let pair = pair();
    pair.server.close().unwrap();
    let error = pair.server.write(b"more").unwrap_err();
    assert!(matches!(error, Error::Misuse { .. }), "{error:?}");
    assert_eq!(error.report().reason.unwrap().name, "PROTOCOL_IS_SHUTDOWN");
    pair.exchange();
    assert_eq!(pair.client.read(&mut [0; 9]).unwrap(), Read::Closed);
    assert_eq!(Pair::send(&pair.client, &pair.server, b"still here").unwrap(), b"still here");
}

#[test]
fn closing_too_early_is_said() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    let reason = pair.client.close().unwrap_err().report().reason.unwrap().name;
    assert_eq!(reason, "SHUTDOWN_WHILE_IN_INIT");
}
