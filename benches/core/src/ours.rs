//! The core of this project.

use std::sync::Arc;

use ferrossl::connection::{Limit, Read};
use ferrossl::{Connection, Context, Identity, MemoryBio, MemoryConnection, Version as Tls, Versions};
use ferrossl_testkit::Pair;

use crate::{Credentials, Ends, Maker, Version};

/// A client's context and a server's.
pub(crate) struct Contexts {
    client: Context,
    server: Context,
}

impl Contexts {
    pub(crate) fn new(credentials: &Credentials, version: Version) -> Self {
        let (client, server) = (Context::client(), Context::server());
        client.trust_pem(credentials.authority.as_bytes()).expect("an authority");
        let identity = Identity::from_pem(credentials.chain.as_bytes(), credentials.key.as_bytes(), None);
        server.use_identity(identity.expect("a chain and its key"));
        let version = if version == Version::Tls12 { Tls::Tls12 } else { Tls::Tls13 };
        client.update(|settings| settings.versions = Versions::only(version));
        Self { client, server }
    }
}

impl Maker for Contexts {
    fn connect(&self) -> Box<dyn Ends> {
        let pair = Pair::new(&self.client, &self.server, "localhost").expect("settings that fit");
        pair.handshake().expect("certificates that fit");
        pair.server.release_tickets();
        pair.exchange();
        assert_eq!(pair.client.read(&mut [0]).expect("tickets"), Read::NeedRead);
        Box::new(Connected { pair, wire: vec![] })
    }
}

struct Connected {
    pair: Pair,
    wire: Vec<u8>,
}

impl Connected {
    fn write(&self, mut data: &[u8], mut take: impl FnMut(&[u8])) {
        while !data.is_empty() {
            let written = self.pair.client.write(data).expect("an open connection").expect("no handshake");
            data = &data[written..];
            let sent = self.pair.client.send_with(|bytes| {
                take(bytes);
                Ok(bytes.len())
            });
            sent.expect("memory takes everything");
        }
    }
}

impl Ends for Connected {
    fn seal(&mut self, data: &[u8]) {
        self.write(data, |_| ());
    }

    fn keep(&mut self, data: &[u8]) {
        let mut wire = std::mem::take(&mut self.wire);
        wire.clear();
        self.write(data, |bytes| wire.extend_from_slice(bytes));
        self.wire = wire;
    }

    fn open(&mut self, buffer: &mut [u8]) {
        let (mut filled, mut rest) = (0, self.wire.as_slice());
        while filled < buffer.len() {
            if let Read::Data(bytes) = self.pair.server.read(&mut buffer[filled..]).expect("good records") {
                filled += bytes;
                continue;
            }
            let room = Limit::Bytes(rest.len().min(65536));
            let received = self.pair.server.fill(room, |room| {
                let bytes = room.len().min(rest.len());
                room[..bytes].copy_from_slice(&rest[..bytes]);
                Ok(bytes)
            });
            rest = &rest[received.expect("memory does not fail")..];
        }
    }
}

/// Moves `size` bytes from a client to a server through memory queues, each time that it is called.
pub(crate) fn memory(credentials: &Credentials, version: Version, size: usize) -> impl FnMut() + 'static {
    let contexts = Contexts::new(credentials, version);
    let (up, down) = (Arc::new(MemoryBio::new()), Arc::new(MemoryBio::new()));
    let client = Connection::client(&contexts.client.snapshot(), Some("localhost")).expect("a client");
    let client = MemoryConnection::new(client, down.clone(), up.clone());
    let server = MemoryConnection::new(Connection::server(contexts.server.snapshot()), up, down);
    // Each side says WantRead when it is the other's turn.
    for side in [&client, &server, &client, &server, &client] {
        let _ = side.handshake();
    }
    let (data, mut buffer) = (vec![7; size], vec![0; size]);
    move || {
        let mut written = 0;
        while written < data.len() {
            written += client.write(&data[written..]).expect("an open connection");
        }
        let mut filled = 0;
        while filled < buffer.len() {
            filled += server.read(&mut buffer[filled..]).expect("good records");
        }
    }
}
