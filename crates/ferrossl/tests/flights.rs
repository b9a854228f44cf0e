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
}

impl Counting {
    fn new(wire: Wire) -> Self {
        Self { wire, sends: Mutex::default() }
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
        self.wire.receive(buffer)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.sends.lock().unwrap().push(bytes.to_vec());
        self.wire.send(bytes)
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.wire.wait(interest, timeout)
    }
}

/// The pieces that client and server send in a handshake.
fn handshake(client: &Context, server: &Context) -> [Vec<Vec<u8>>; 2] {
    let (near, far) = wire(Fault::default());
    let (near, far) = (Counting::new(near), Counting::new(far));
    let server = SocketDriver::new(Connection::server(server.snapshot()));
    let client = SocketDriver::new(Connection::client(&client.snapshot(), Some("localhost")).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| server.handshake(&far, Deadline::Never).unwrap());
        client.handshake(&near, Deadline::Never).unwrap();
    });
    [near.pieces(), far.pieces()]
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
