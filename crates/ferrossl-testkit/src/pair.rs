//! A client and a server in memory.

use std::sync::Arc;

use ferrossl::connection::{Handshake, Limit, Read};
use ferrossl::{Connection, Context, Identity, Result};

use crate::Pki;

/// A client's and a server's context that trust each other's authority.
///
/// # Panics
///
/// Never: the PKI is its own.
#[must_use]
pub fn contexts(pki: &Pki, identity: Identity) -> (Context, Context) {
    let (client, server) = (Context::client(), Context::server());
    client.trust_pem(pki.authority_pem().as_bytes()).expect("the authority's own PEM");
    server.use_identity(identity);
    (client, server)
}

/// Two connections that talk to each other.
pub struct Pair {
    /// The client.
    pub client: Connection,
    /// The server.
    pub server: Connection,
}

impl Pair {
    /// Begins a connection; nothing has been sent yet.
    ///
    /// # Errors
    ///
    /// Those of [`Connection::client`].
    pub fn new(client: &Context, server: &Context, server_name: &str) -> Result<Self> {
        Ok(Self {
            client: Connection::client(&client.snapshot(), Some(server_name))?,
            server: Connection::server(server.snapshot()),
        })
    }

    /// Moves everything that is queued to the other side. True when there was something.
    pub fn exchange(&self) -> bool {
        let forth = transfer(&self.client, &self.server);
        let back = transfer(&self.server, &self.client);
        forth || back
    }

    /// Does the handshake on both sides.
    ///
    /// # Errors
    ///
    /// The first error of either side, the client's first.
    pub fn handshake(&self) -> Result<()> {
        loop {
            let client = self.client.handshake();
            transfer(&self.client, &self.server);
            let server = self.server.handshake();
            transfer(&self.server, &self.client);
            if client? == Handshake::Done && server? == Handshake::Done {
                return Ok(());
            }
        }
    }

    /// Sends `data` from `from` to `to` and returns what arrives.
    ///
    /// # Errors
    ///
    /// Those of writing and reading.
    pub fn send(from: &Connection, to: &Connection, data: &[u8]) -> Result<Vec<u8>> {
        let (mut written, mut received, mut buffer) = (0, Vec::new(), vec![0; 1 << 16]);
        while received.len() < data.len() {
            if written < data.len() {
                written += from.write(&data[written..])?.unwrap_or(0);
            }
            transfer(from, to);
            while let Read::Data(bytes) = to.read(&mut buffer)? {
                received.extend_from_slice(&buffer[..bytes]);
            }
        }
        Ok(received)
    }
}

/// Moves what `from` has queued into `to`.
fn transfer(from: &Connection, to: &Connection) -> bool {
    let mut moved = false;
    let result = from.send_with(|bytes| {
        moved = true;
        let mut rest = bytes;
        while !rest.is_empty() {
            to.fill(Limit::Bytes(rest.len()), |room| {
                room.copy_from_slice(rest);
                Ok(rest.len())
            })?;
            rest = &[];
        }
        Ok(bytes.len())
    });
    result.expect("memory takes everything");
    moved
}

/// Contexts may be shared; so may what they are made of.
const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Arc<Context>>();
    is_shareable::<Connection>();
};
