//! What an idle connection keeps on the heap: no buffers, nothing of its handshake, no rustls.
//!
//! The one test of its program, because it counts everything that is allocated.

use ferrossl::{Connection, Context, Identity, VerifyMode, Version, Versions};
use ferrossl_testkit::{CountingAllocator, Leaf, Pair, Pki, contexts};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const CONNECTIONS: usize = 100;

/// Bytes for each of so many connections: a client, a server.
fn kept(client: &Context, server: &Context, resumes: bool, data: usize) -> (usize, usize) {
    let connect = |session| {
        let pair = Pair::new(client, server, "localhost").unwrap();
        if let Some(session) = &session {
            pair.client.resume(session).unwrap();
        }
        pair.handshake().unwrap();
        for (from, to) in [(&pair.client, &pair.server), (&pair.server, &pair.client)] {
            assert_eq!(Pair::send(from, to, &vec![7; data]).unwrap().len(), data);
        }
        pair
    };
    // What is made once.
    let mut session = connect(None).client.session();
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        let pair = connect(session.filter(|_| resumes));
        assert_eq!(pair.client.negotiated().unwrap().resumed, resumes);
        session = pair.client.session();
        clients.push(Box::new(pair.client));
        servers.push(Box::new(pair.server));
    }
    drop(session);
    let freed = |connections: Vec<Box<Connection>>| {
        let before = CountingAllocator::live();
        drop(connections);
        (before - CountingAllocator::live()) / CONNECTIONS
    };
    (freed(clients), freed(servers))
}

/// The bounds are what was measured and a quarter more. A buffer for a record, rustls' connection or a transcript would
/// each be above them.
#[test]
fn idle_connections_are_small() {
    let pki = Pki::new();
    let identity = || -> Identity { pki.issue(&Leaf::default()) };
    for (name, version, authenticates, resumes, most) in [
        ("TLS 1.3", Version::Tls13, false, false, (8200, 2700)),
        ("TLS 1.2", Version::Tls12, false, false, (6600, 3100)),
        ("TLS 1.3 with a client's certificate", Version::Tls13, true, false, (11600, 5900)),
        ("TLS 1.2 with a client's certificate", Version::Tls12, true, false, (8400, 5900)),
        ("TLS 1.3, resumed", Version::Tls13, false, true, (3600, 3000)),
        ("TLS 1.2, resumed", Version::Tls12, false, true, (3400, 2700)),
    ] {
        let (client, server) = contexts(&pki, identity());
        client.update(|settings| settings.versions = Versions::only(version));
        if authenticates {
            client.use_identity(identity());
            server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
            server.update(|settings| settings.verify_mode = VerifyMode::Required);
        }
        for data in [1000, 1 << 20] {
            let kept = kept(&client, &server, resumes, data);
            assert!(kept.0 <= most.0 && kept.1 <= most.1, "{name}, {data} bytes each way: {kept:?}");
        }
    }
}
