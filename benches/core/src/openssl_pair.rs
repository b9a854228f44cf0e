//! OpenSSL, by the crate of that name: what the standard library's `ssl` stands on, without Python.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use openssl::pkey::PKey;
use openssl::ssl::{
    ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use crate::{Credentials, Ends, Maker, Version};

/// A client's context and a server's.
pub(crate) struct Contexts {
    client: SslContext,
    server: SslContext,
}

fn builder(version: Version) -> SslContextBuilder {
    let mut builder = SslContext::builder(SslMethod::tls()).expect("a context");
    let version = if version == Version::Tls12 { SslVersion::TLS1_2 } else { SslVersion::TLS1_3 };
    builder.set_min_proto_version(Some(version)).expect("a version");
    builder.set_max_proto_version(Some(version)).expect("a version");
    builder
}

impl Contexts {
    pub(crate) fn new(credentials: &Credentials, version: Version) -> Self {
        let mut client = builder(version);
        client.set_verify(SslVerifyMode::PEER);
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(X509::from_pem(credentials.authority.as_bytes()).expect("PEM")).expect("an authority");
        client.set_cert_store(store.build());
        let mut server = builder(version);
        server
            .set_certificate(&X509::from_pem(credentials.chain.as_bytes()).expect("PEM"))
            .expect("a certificate");
        server
            .set_private_key(&PKey::private_key_from_pem(credentials.key.as_bytes()).expect("PEM"))
            .expect("a key");
        Self { client: client.build(), server: server.build() }
    }
}

/// Bytes under way in one direction, and how many of them were read.
#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    read: usize,
    drops: bool,
}

/// One end of two pipes.
struct Wire {
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut pipe = self.incoming.borrow_mut();
        let bytes = buffer.len().min(pipe.bytes.len() - pipe.read);
        if bytes == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        buffer[..bytes].copy_from_slice(&pipe.bytes[pipe.read..pipe.read + bytes]);
        pipe.read += bytes;
        if pipe.read == pipe.bytes.len() {
            pipe.bytes.clear();
            pipe.read = 0;
        }
        Ok(bytes)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.outgoing.borrow_mut();
        if !pipe.drops {
            pipe.bytes.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Maker for Contexts {
    fn connect(&self) -> Box<dyn Ends> {
        let (up, down) = (Rc::<RefCell<Pipe>>::default(), Rc::<RefCell<Pipe>>::default());
        let mut client = Ssl::new(&self.client).expect("a client");
        client.set_hostname("localhost").expect("a name");
        client.param_mut().set_host("localhost").expect("a name");
        client.set_connect_state();
        let mut server = Ssl::new(&self.server).expect("a server");
        server.set_accept_state();
        let wire = Wire { incoming: Rc::clone(&down), outgoing: Rc::clone(&up) };
        let mut client = SslStream::new(client, wire).expect("a stream");
        let wire = Wire { incoming: Rc::clone(&up), outgoing: down };
        let mut server = SslStream::new(server, wire).expect("a stream");
        loop {
            let done = [&mut client, &mut server].map(|end| match end.do_handshake() {
                Ok(()) => true,
                Err(error) if error.code() == ErrorCode::WANT_READ => false,
                Err(error) => panic!("a handshake that fails: {error}"),
            });
            if done == [true, true] {
                break;
            }
        }
        let tickets = client.ssl_read(&mut [0]).expect_err("tickets and no data");
        assert_eq!(tickets.code(), ErrorCode::WANT_READ);
        Box::new(Connected { client, server, up })
    }
}

struct Connected {
    client: SslStream<Wire>,
    server: SslStream<Wire>,
    up: Rc<RefCell<Pipe>>,
}

impl Connected {
    fn write(&mut self, mut data: &[u8], drops: bool) {
        self.up.borrow_mut().drops = drops;
        while !data.is_empty() {
            data = &data[self.client.ssl_write(data).expect("an open connection")..];
        }
    }
}

impl Ends for Connected {
    fn seal(&mut self, data: &[u8]) {
        self.write(data, true);
    }

    fn keep(&mut self, data: &[u8]) {
        self.write(data, false);
    }

    fn open(&mut self, buffer: &mut [u8]) {
        let mut filled = 0;
        while filled < buffer.len() {
            filled += self.server.ssl_read(&mut buffer[filled..]).expect("good records");
        }
    }
}
