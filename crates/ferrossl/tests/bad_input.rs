//! Peers that break off, send garbage or never read: a clear error each time, never a panic or a hang.

use std::time::Duration;

use ferrossl::socket::{Deadline, SocketDriver};
use ferrossl::{Connection, Context, Error, Version, Versions};
use ferrossl_testkit::{Fault, Leaf, Pair, Pki, contexts, wire};

fn drivers(client: &Context, server: &Context) -> (SocketDriver, SocketDriver) {
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    (SocketDriver::new(client), SocketDriver::new(Connection::server(server.snapshot())))
}

fn soon() -> Deadline {
    Deadline::after(Some(Duration::from_secs(20)))
}

/// Runs both handshakes over a wire with a fault at the client's or at the server's end.
/// Returns both results and how much the faulty end wanted to send.
fn run(
    client: &Context,
    server: &Context,
    fault: Fault,
    faulty_client: bool,
) -> (Result<usize, Error>, Result<usize, Error>, usize) {
    let (client, server) = drivers(client, server);
    let (bad, good) = wire(fault);
    let (client_end, server_end) = if faulty_client { (bad, good) } else { (good, bad) };
    std::thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let result = server.handshake(&server_end, soon()).and_then(|_| {
                let read = server.read(&server_end, &mut [0; 9], soon())?;
                server.write(&server_end, b"hello", soon())?;
                Ok(read)
            });
            let sent = server_end.sent();
            (result, sent)
        });
        let result = client.handshake(&client_end, soon()).and_then(|_| {
            client.write(&client_end, b"hello", soon())?;
            client.read(&client_end, &mut [0; 9], soon())
        });
        let sent = client_end.sent();
        drop(client_end);
        let (server_result, server_sent) = serving.join().unwrap();
        (result, server_result, if faulty_client { sent } else { server_sent })
    })
}

#[test]
fn a_connection_cut_after_every_byte() {
    let pki = Pki::new();
    for versions in [Versions::only(Version::Tls12), Versions::only(Version::Tls13)] {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        for faulty_client in [true, false] {
            let (whole, _, length) = run(&client, &server, Fault::default(), faulty_client);
            whole.unwrap();
            for cut in 0..length {
                let fault = Fault { cut_after: Some(cut), ..Fault::default() };
                let (one, other, _) = run(&client, &server, fault, faulty_client);
                let sees_the_end = if faulty_client { other } else { one };
                match sees_the_end {
                    Err(Error::UnexpectedEof | Error::Io(_)) => {}
                    // The last record may be whole already.
                    Ok(5) => {}
                    other => panic!("cut after {cut} bytes ({versions:?}): {other:?}"),
                }
            }
        }
    }
}

#[test]
fn pieces_of_any_size_make_no_difference() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    // Tickets would wait for room while the client's first words wait for room too: with a byte or so
    // each way, that is nobody's turn for ever, in any TLS library.
    server.update(|settings| settings.ticket_count = 0);
    for piece in [1, 2, 3, 5, 7, 100] {
        for capacity in [None, Some(1), Some(64)] {
            let fault = Fault { piece: Some(piece), capacity, ..Fault::default() };
            let (client, server, _) = run(&client, &server, fault, true);
            assert_eq!((client.unwrap(), server.unwrap()), (5, 5), "{fault:?}");
        }
    }
}

/// A peer that says `bytes` and hangs up, and what our side makes of it.
struct Listener {
    client: Context,
    server: Context,
}

impl Listener {
    fn new() -> Self {
        let pki = Pki::new();
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        Self { client, server }
    }

    fn answer(&self, is_server: bool, bytes: &[u8]) -> Result<(), Error> {
        let connection = if is_server {
            Connection::server(self.server.snapshot())
        } else {
            Connection::client(&self.client.snapshot(), Some("localhost")).unwrap()
        };
        connection.feed(bytes);
        connection.feed_eof();
        connection.handshake().map(|_| ())
    }
}

fn reason(result: Result<(), Error>) -> &'static str {
    result.unwrap_err().report().reason.map_or("none", |reason| reason.name)
}

#[test]
fn other_protocols_are_named() {
    let peer = Listener::new();
    for method in ["GET / HTTP/1.1", "POST / HTTP/1.1", "HEAD / HTTP/1.1", "PUT / HTTP/1.1"] {
        assert_eq!(reason(peer.answer(true, method.as_bytes())), "HTTP_REQUEST");
    }
    assert_eq!(reason(peer.answer(true, b"CONNECT a:443 HTTP/1.1")), "HTTPS_PROXY_REQUEST");
    assert_eq!(reason(peer.answer(true, b"SSH-2.0-x")), "WRONG_VERSION_NUMBER");
    assert_eq!(reason(peer.answer(false, b"HTTP/1.1 400 Bad Request")), "WRONG_VERSION_NUMBER");
    assert_eq!(reason(peer.answer(true, b"GET")), "UNEXPECTED_EOF_WHILE_READING");
}

#[test]
fn records_of_every_illegal_length() {
    let peer = Listener::new();
    // 2^14 is the most for a record in clear text (RFC 8446 section 5.1); nothing at all is for data only.
    let lengths = (16_385..=u16::MAX).chain([0]);
    let zeros = vec![0; usize::from(u16::MAX)];
    for length in lengths {
        let mut record = vec![22, 3, 3];
        record.extend(length.to_be_bytes());
        record.extend(&zeros[..usize::from(length)]);
        for is_server in [true, false] {
            let found = reason(peer.answer(is_server, &record));
            let expected = if length == 0 { "RECORD_TOO_SMALL" } else { "PACKET_LENGTH_TOO_LONG" };
            assert_eq!(found, expected, "{length}");
        }
    }
}

#[test]
fn protected_records_of_illegal_lengths() {
    let pki = Pki::new();
    for versions in [Versions::only(Version::Tls12), Versions::only(Version::Tls13)] {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        // Too short for a tag, and longer than any record may be.
        for length in (0..17u16).chain([18_433, 20_000, u16::MAX]) {
            let pair = Pair::new(&client, &server, "localhost").unwrap();
            pair.handshake().unwrap();
            let mut record = vec![23, 3, 3];
            record.extend(length.to_be_bytes());
            record.extend(vec![0; usize::from(length)]);
            pair.server.feed(&record);
            let error = pair.server.read(&mut [0; 100]).unwrap_err();
            let found = error.report().reason.unwrap().name;
            let expected = if length > 18_432 {
                ["PACKET_LENGTH_TOO_LONG"; 2]
            } else {
                ["DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "RECORD_TOO_SMALL"]
            };
            assert!(expected.contains(&found), "{versions:?} {length}: {found}");
            // The error stays, and the peer is told.
            assert!(pair.server.write(b"more").is_err());
            pair.exchange();
            let told = pair.client.read(&mut [0; 100]).unwrap_err();
            assert!(matches!(told, Error::AlertReceived(_)), "{versions:?} {length}: {told}");
        }
    }
}

#[test]
fn bits_flipped_anywhere_are_noticed() {
    let pki = Pki::new();
    let (client_context, server_context) = contexts(&pki, pki.issue(&Leaf::default()));
    for target in 0..2000usize {
        let (client, server) = drivers(&client_context, &server_context);
        let (client, server) = (client.connection(), server.connection());
        let mut passed = 0;
        let mut done = [false; 2];
        for _ in 0..8 {
            for (index, (from, to)) in [(client, server), (server, client)].into_iter().enumerate() {
                done[index] = matches!(from.handshake(), Ok(ferrossl::connection::Handshake::Done));
                from.send_with(|bytes| {
                    let mut bytes = bytes.to_vec();
                    if (passed..passed + bytes.len()).contains(&target) {
                        bytes[target - passed] ^= 1 << (target % 8);
                    }
                    passed += bytes.len();
                    to.feed(&bytes);
                    Ok(bytes.len())
                })
                .unwrap();
            }
        }
        if target < passed && done == [true, true] {
            // Only what nobody authenticates may differ: the legacy version of a clear-text record's header and
            // the dummy change_cipher_spec of TLS 1.3. Then both sides have agreed on the same all the same.
            let negotiated = [client.negotiated().unwrap(), server.negotiated().unwrap()];
            assert_eq!(negotiated[0].version, Version::Tls13, "byte {target}");
            assert_eq!(negotiated[0].cipher, negotiated[1].cipher, "byte {target}");
            for (from, to) in [(client, server), (server, client)] {
                assert_eq!(
                    Pair::send(from, to, b"the same keys").unwrap(),
                    b"the same keys",
                    "byte {target}"
                );
            }
        }
    }
}

#[test]
fn a_peer_that_never_reads_runs_into_the_deadline() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let (client, server) = drivers(&client, &server);
    let (near, far) = wire(Fault { capacity: Some(10_000), ..Fault::default() });
    std::thread::scope(|scope| {
        scope.spawn(|| server.handshake(&far, soon()).unwrap());
        client.handshake(&near, soon()).unwrap();
    });
    let data = vec![7; 100_000];
    let deadline = Deadline::after(Some(Duration::from_millis(50)));
    assert!(matches!(client.write(&near, &data, deadline), Err(Error::TimedOut { operation: "write" })));
    assert!(matches!(client.write(&near, &data, Deadline::Now), Err(Error::WantWrite)));
    // The peer wakes up: the retried write goes through, and its bytes arrive once.
    let mut received = Vec::new();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut buffer = [0; 5000];
            while received.len() < data.len() {
                let bytes = server.read(&far, &mut buffer, soon()).unwrap();
                received.extend_from_slice(&buffer[..bytes]);
            }
        });
        assert_eq!(client.write(&near, &data, soon()).unwrap(), data.len());
        reading.join().unwrap();
    });
    assert!(received == data);
}

#[test]
fn nobody_there_runs_into_the_deadline() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let (client, _) = drivers(&client, &server);
    let (near, _far) = wire(Fault::default());
    assert!(matches!(client.handshake(&near, Deadline::Now), Err(Error::WantRead)));
    let deadline = Deadline::after(Some(Duration::from_millis(20)));
    assert!(matches!(client.handshake(&near, deadline), Err(Error::TimedOut { operation: "handshake" })));
}
