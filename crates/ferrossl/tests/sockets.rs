//! `SslSocket` over real sockets: full duplex from two threads, timeouts, non-blocking, unwrapping.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use ferrossl::socket::{Deadline, SocketDriver};
use ferrossl::{Connection, Error, SslSocket};
use ferrossl_testkit::{Fault, Pki, Wire, contexts, wire};

fn connected() -> (SslSocket, SslSocket) {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::scope(|scope| {
        let accepting = scope.spawn(|| SslSocket::accept(&server, listener.accept().unwrap().0).unwrap());
        let stream = TcpStream::connect(address).unwrap();
        (SslSocket::connect(&client, stream, "localhost").unwrap(), accepting.join().unwrap())
    })
}

#[test]
fn full_duplex_through_shared_references() {
    let (client, server) = connected();
    let data: Vec<u8> = (0..12_000_000u32).map(|i| (i * 31) as u8).collect();
    let send = |mut socket: &SslSocket| {
        let mut rest = data.as_slice();
        for size in [1, 100, 5000, 16_384, 70_000, 300_000].into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at(size.min(rest.len()));
            socket.write_all(piece).unwrap();
            rest = tail;
        }
    };
    let receive = |mut socket: &SslSocket| {
        let mut received = vec![0; data.len()];
        socket.read_exact(&mut received).unwrap();
        assert!(received == data);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| send(&client));
        scope.spawn(|| receive(&client));
        scope.spawn(|| send(&server));
        scope.spawn(|| receive(&server));
    });
}

/// What takes a reader or a writer takes the socket itself too.
#[test]
fn a_socket_is_a_reader_and_a_writer() {
    fn write(mut writer: impl Write) {
        writer.write_all(b"owned").unwrap();
        writer.flush().unwrap();
    }
    fn read(mut reader: impl Read) -> Vec<u8> {
        let mut received = vec![0; 5];
        reader.read_exact(&mut received).unwrap();
        received
    }
    let (client, server) = connected();
    let sending = std::thread::spawn(move || write(client));
    assert_eq!(read(server), b"owned");
    sending.join().unwrap();
}

#[test]
fn a_timeout_is_for_the_whole_operation() {
    let (client, server) = connected();
    client.set_timeout(Some(Duration::from_millis(60)));
    let begin = Instant::now();
    assert!(matches!(client.receive(&mut [0; 9]), Err(Error::TimedOut { operation: "read" })));
    assert!(begin.elapsed() >= Duration::from_millis(60));
    client.set_timeout(Some(Duration::ZERO));
    assert!(matches!(client.receive(&mut [0; 9]), Err(Error::WantRead)));
    // The other direction has not suffered.
    (&server).write_all(b"late").unwrap();
    client.set_timeout(None);
    let mut buffer = [0; 9];
    assert_eq!(client.receive(&mut buffer).unwrap(), 4);
}

#[test]
fn unwrapping_gives_the_stream_back() {
    let (client, server) = connected();
    let serving = std::thread::spawn(move || {
        let mut stream = server.into_clear_text().unwrap();
        stream.write_all(b"clear").unwrap();
    });
    let mut stream = client.into_clear_text().unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text, "clear");
    serving.join().unwrap();
}

#[test]
fn the_end_is_proper_with_close_notify_only() {
    let (client, server) = connected();
    server.close_notify().unwrap();
    drop(server);
    assert_eq!((&client).read(&mut [0; 9]).unwrap(), 0);

    let (client, server) = connected();
    drop(server);
    let error = (&client).read(&mut [0; 9]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

/// A TLS 1.3 client may send all it has to say and hang up before the server's tickets reach it.
#[test]
fn a_client_that_does_not_wait_for_tickets_is_heard() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let (near, far) = wire(Fault::default());
    let client = SocketDriver::new(Connection::client(&client.snapshot(), Some("localhost")).unwrap());
    let server = SocketDriver::new(Connection::server(server.snapshot()));
    let step = |driver: &SocketDriver, end: &Wire| driver.handshake(end, Deadline::Now);
    assert!(matches!(step(&client, &near), Err(Error::WantRead)));
    assert!(matches!(step(&server, &far), Err(Error::WantRead)));
    step(&client, &near).unwrap();
    client.write(&near, b"one-way", Deadline::Now).unwrap();
    drop(near);
    step(&server, &far).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(server.read(&far, &mut buffer, Deadline::Now).unwrap(), 7);
    assert!(matches!(server.read(&far, &mut buffer, Deadline::Now), Err(Error::UnexpectedEof)));
}

/// A server that only reads gives its tickets when the client has been silent for a while, and when it has closed.
#[test]
fn a_server_that_only_reads_gives_its_tickets() {
    let has_ticket = |client: &SslSocket| client.connection().session().unwrap().has_ticket();
    let (client, server) = connected();
    let ((mut sending, mut receiving), mut buffer) = ((&client, &server), [0; 9]);
    sending.write_all(b"something").unwrap();
    receiving.read_exact(&mut buffer).unwrap();
    assert!(!has_ticket(&client));
    std::thread::scope(|scope| {
        scope.spawn(|| receiving.read(&mut [0; 9]).unwrap());
        client.set_timeout(Some(Duration::from_millis(50)));
        while !has_ticket(&client) {
            assert!(matches!(client.receive(&mut [0; 9]), Err(Error::TimedOut { .. })));
        }
        sending.write_all(b"the end").unwrap();
    });

    let (client, server) = connected();
    client.close_notify().unwrap();
    assert!(matches!(server.receive(&mut [0; 9]), Err(Error::Closed)));
    client.set_timeout(Some(Duration::from_millis(50)));
    while !has_ticket(&client) {
        assert!(matches!(client.receive(&mut [0; 9]), Err(Error::TimedOut { .. })));
    }
}
