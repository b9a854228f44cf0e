//! A flight of the handshake leaves in one piece, however many messages and records it has: small pieces one by one would meet Nagle's
//! algorithm and delayed acknowledgements, and each is a system call.

use std::io;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use ferrossl::openssl_names::groups::Group;
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl::{Connection, Context, Version, Versions};

use ferrossl_testkit::{Fault, Pki, Wire, contexts, wire};

/// Remembers how the bytes went out.
struct Counting {
    wire: Wire,
    sends: Mutex<Vec<Vec<u8>>>,
    /// What was called, a letter for each: receive, send, send past Nagle's algorithm, acknowledge, wait.
    calls: Mutex<String>,
}

impl Counting {
    fn new(wire: Wire) -> Self {
        Self { wire, sends: Mutex::default(), calls: Mutex::default() }
    }

    fn call(&self, letter: char) {
        self.calls.lock().unwrap().push(letter);
    }

    /// The types of the records of each piece.
    fn pieces(&self) -> Vec<Vec<u8>> {
        self.sends.lock().unwrap().iter().map(|bytes| types(bytes)).collect()
    }
}

fn types(mut bytes: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let Some((&[content_type, _, _, high, low], rest)) = bytes.split_first_chunk() {
        types.push(content_type);
        bytes = &rest[usize::from(u16::from_be_bytes([high, low]))..];
    }
    types
}

impl Transport for Counting {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call('r');
        self.wire.receive(buffer)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.call('s');
        self.sends.lock().unwrap().push(bytes.to_vec());
        self.wire.send(bytes)
    }

    fn send_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        self.call('S');
        self.send(bytes)
    }

    fn acknowledge_now(&self) {
        self.call('a');
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.call('w');
        self.wire.wait(interest, timeout)
    }
}

/// The pieces that client and server send in a handshake.
fn handshake(client: &Context, server: &Context) -> [Vec<Vec<u8>>; 2] {
    connect(client, server).map(|transport| transport.pieces())
}

fn connect(client: &Context, server: &Context) -> [Counting; 2] {
    let (near, far) = wire(Fault::default());
    let (near, far) = (Counting::new(near), Counting::new(far));
    let server = SocketDriver::new(Connection::server(server.snapshot()));
    let client = SocketDriver::new(Connection::client(&client.snapshot(), Some("localhost")).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| server.handshake(&far, Deadline::Never).unwrap());
        client.handshake(&near, Deadline::Never).unwrap();
    });
    [near, far]
}

const CHANGE: u8 = 20;
const HANDSHAKE: u8 = 22;
const PROTECTED: u8 = 23;

#[test]
fn a_flight_is_one_piece() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let only = |version| {
        client.update(|settings| settings.versions = Versions::only(version));
        handshake(&client, &server)
    };
    let [ours, theirs] = only(Version::Tls13);
    assert_eq!(ours, [vec![HANDSHAKE], vec![CHANGE, PROTECTED]]);
    assert_eq!(
        theirs,
        [[HANDSHAKE, CHANGE, PROTECTED]],
        "from ServerHello to Finished; tickets go with the first data"
    );
    let [ours, theirs] = only(Version::Tls12);
    assert_eq!(ours, [vec![HANDSHAKE], vec![HANDSHAKE, CHANGE, HANDSHAKE]]);
    assert_eq!(theirs.len(), 2);
    assert!(theirs[0].iter().all(|&content_type| content_type == HANDSHAKE));
    assert_eq!(theirs[1][theirs[1].len() - 2..], [CHANGE, HANDSHAKE]);
}

#[test]
fn with_a_client_certificate_and_after_a_retry_too() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.use_identity(pki.identity("client"));
    server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    server.update(|settings| settings.verify_mode = ferrossl::VerifyMode::Required);
    let [ours, theirs] = handshake(&client, &server);
    assert_eq!((ours.len(), theirs.len()), (2, 1));
    server.update(|settings| settings.group = Group::by_name("secp384r1"));
    let [ours, theirs] = handshake(&client, &server);
    assert_eq!(ours[..2], [vec![HANDSHAKE], vec![CHANGE, HANDSHAKE]]);
    assert_eq!((ours.len(), theirs.len()), (3, 2));
}

/// Each call is a system call, some are two: none is made that can bring nothing.
#[test]
fn nothing_is_asked_of_the_transport_in_vain() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    for version in [Version::Tls13, Version::Tls12] {
        client.update(|settings| settings.versions = Versions::only(version));
        let [near, far] = connect(&client, &server);
        let (ours, theirs) = (near.calls.into_inner().unwrap(), far.calls.into_inner().unwrap());
        assert!(
            ours.starts_with("sw"),
            "the hello, and nothing is looked for before it can be there: {ours}"
        );
        assert!(theirs.contains("sw"), "{theirs}");
        assert!(!ours.contains('S') && !theirs.contains('S'), "all flights are answers: {ours} {theirs}");
        // Who speaks last has the acknowledgement go along, the other one sends it.
        let (last, other) = if version == Version::Tls13 { (ours, theirs) } else { (theirs, ours) };
        assert!(last.ends_with('s') && !last.contains('a'), "{last}");
        assert!(other.ends_with('a') && other.matches('a').count() == 1, "{other}");
    }
}
