//! rustls as everyone uses it: its own verifier, its own buffers.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, NamedGroup, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion, version,
};

use crate::{Credentials, Ends, Maker, Version};

/// Takes sessions and gives none, so that tickets are made and read and every handshake is a full one.
#[derive(Debug)]
struct Forgetful;

impl ClientSessionStore for Forgetful {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// A client's configuration and a server's.
pub(crate) struct Configs {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
}

impl Configs {
    pub(crate) fn new(credentials: &Credentials, version: Version) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions: &[&SupportedProtocolVersion] =
            if version == Version::Tls12 { &[&version::TLS12] } else { &[&version::TLS13] };
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(credentials.authority.as_bytes()).expect("PEM");
        roots.add(authority).expect("an authority");
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("versions that there are")
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.resumption = Resumption::store(Arc::new(Forgetful));
        let chain = CertificateDer::pem_slice_iter(credentials.chain.as_bytes());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("versions that there are")
            .with_no_client_auth()
            .with_single_cert(
                chain.collect::<Result<_, _>>().expect("PEM"),
                PrivateKeyDer::from_pem_slice(credentials.key.as_bytes()).expect("PEM"),
            )
            .expect("a chain and its key");
        server.ticketer = aws_lc_rs::Ticketer::new().expect("random bytes");
        Self { client: Arc::new(client), server: Arc::new(server) }
    }
}

impl Maker for Configs {
    fn connect(&self) -> Box<dyn Ends> {
        let name = ServerName::try_from("localhost").expect("a name");
        let mut ends = Connected {
            client: ClientConnection::new(Arc::clone(&self.client), name).expect("settings that fit"),
            server: ServerConnection::new(Arc::clone(&self.server)).expect("settings that fit"),
            wire: vec![],
        };
        while ends.client.is_handshaking() || ends.server.is_handshaking() {
            ends.exchange();
        }
        ends.exchange(); // tickets
        Box::new(ends)
    }
}

struct Connected {
    client: ClientConnection,
    server: ServerConnection,
    wire: Vec<u8>,
}

impl Connected {
    fn exchange(&mut self) {
        for from_client in [true, false] {
            self.wire.clear();
            while if from_client { self.client.wants_write() } else { self.server.wants_write() } {
                let wire = &mut self.wire;
                let sent =
                    if from_client { self.client.write_tls(wire) } else { self.server.write_tls(wire) };
                sent.expect("memory takes everything");
            }
            let mut rest = self.wire.as_slice();
            while !rest.is_empty() {
                if from_client {
                    self.server.read_tls(&mut rest).expect("memory does not fail");
                    self.server.process_new_packets().expect("a client that fits");
                } else {
                    self.client.read_tls(&mut rest).expect("memory does not fail");
                    self.client.process_new_packets().expect("a server that fits");
                }
            }
        }
    }

    fn write(&mut self, mut data: &[u8], take: &mut dyn Write) {
        while !data.is_empty() {
            let written = self.client.writer().write(data).expect("an open connection");
            data = &data[written..];
            while self.client.wants_write() {
                self.client.write_tls(take).expect("memory takes everything");
            }
        }
    }
}

impl Ends for Connected {
    fn seal(&mut self, data: &[u8]) {
        self.write(data, &mut std::io::sink());
    }

    fn keep(&mut self, data: &[u8]) {
        let mut wire = std::mem::take(&mut self.wire);
        wire.clear();
        self.write(data, &mut wire);
        self.wire = wire;
    }

    fn open(&mut self, buffer: &mut [u8]) {
        let (mut filled, mut rest) = (0, self.wire.as_slice());
        while filled < buffer.len() {
            self.server.read_tls(&mut rest).expect("memory does not fail");
            let state = self.server.process_new_packets().expect("good records");
            let there = state.plaintext_bytes_to_read();
            self.server.reader().read_exact(&mut buffer[filled..filled + there]).expect("what is there");
            filled += there;
        }
    }
}
