//! ClientHello and ServerHello as lists of fields that may be changed at will (RFC 8446 section 4.1).

use super::wire::{Reader, handshake, message, numbers, vec8, vec16};

/// Extensions in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(pub Vec<(u16, Vec<u8>)>);

impl Extensions {
    /// The contents of an extension.
    #[must_use]
    pub fn get(&self, kind: u16) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == kind).map(|(_, contents)| &contents[..])
    }

    /// Sets an extension: in its old place, or behind all others.
    pub fn set(&mut self, kind: u16, contents: &[u8]) {
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, old)) => *old = contents.to_vec(),
            None => self.0.push((kind, contents.to_vec())),
        }
    }

    /// Takes an extension out.
    pub fn remove(&mut self, kind: u16) {
        self.0.retain(|(known, _)| *known != kind);
    }

    /// Adds one, even if it is there already.
    pub fn push(&mut self, kind: u16, contents: &[u8]) {
        self.0.push((kind, contents.to_vec()));
    }

    /// Puts an extension in front of all others.
    pub fn move_first(&mut self, kind: u16) {
        self.0.sort_by_key(|(known, _)| *known != kind);
    }

    /// The extensions behind the length of all of them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let one = |(kind, contents): &(u16, Vec<u8>)| [&kind.to_be_bytes()[..], &vec16(contents)].concat();
        vec16(&self.0.iter().flat_map(one).collect::<Vec<u8>>())
    }

    /// Reads extensions behind their length.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut list = Reader(reader.vector(2)?);
        let mut extensions = Self::default();
        while !list.0.is_empty() {
            let kind = list.u16()?;
            extensions.push(kind, list.vector(2)?);
        }
        Some(extensions)
    }
}

/// The first message of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// `legacy_version`.
    pub version: u16,
    /// The random.
    pub random: [u8; 32],
    /// `legacy_session_id`.
    pub session_id: Vec<u8>,
    /// The cipher suites, and values that look like them.
    pub suites: Vec<u16>,
    /// `legacy_compression_methods`.
    pub compression: Vec<u8>,
    /// The extensions. With none, not even their length is sent.
    pub extensions: Extensions,
}

impl ClientHello {
    /// The whole message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(self.random);
        body.extend(vec8(&self.session_id));
        body.extend(vec16(&numbers(&self.suites)));
        body.extend(vec8(&self.compression));
        if !self.extensions.0.is_empty() {
            body.extend(self.extensions.encode());
        }
        handshake(message::CLIENT_HELLO, &body)
    }

    /// Reads a whole message.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut reader = Reader(message.get(4..)?);
        Some(Self {
            version: reader.u16()?,
            random: reader.bytes(32)?.try_into().ok()?,
            session_id: reader.vector(1)?.to_vec(),
            suites: Reader(reader.vector(2)?).numbers(),
            compression: reader.vector(1)?.to_vec(),
            extensions: match reader.0 {
                [] => Extensions::default(),
                _ => Extensions::read(&mut reader)?,
            },
        })
    }

    /// The numbers of an extension that is a list of them behind its length in two bytes.
    #[must_use]
    pub fn list(&self, kind: u16) -> Vec<u16> {
        let list = self.extensions.get(kind).and_then(|contents| Reader(contents).vector(2));
        list.map(|list| Reader(list).numbers()).unwrap_or_default()
    }

    /// The half of a key agreement that the client has sent for a group.
    #[must_use]
    pub fn share(&self, group: u16) -> Option<&[u8]> {
        let mut shares = Reader(Reader(self.extensions.get(super::wire::extension::KEY_SHARE)?).vector(2)?);
        while let Some(known) = shares.u16() {
            let share = shares.vector(2)?;
            if known == group {
                return Some(share);
            }
        }
        None
    }
}

/// A server's answer, HelloRetryRequest among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// `legacy_version`.
    pub version: u16,
    /// The random.
    pub random: [u8; 32],
    /// `legacy_session_id_echo`.
    pub session_id: Vec<u8>,
    /// The cipher suite.
    pub suite: u16,
    /// `legacy_compression_method`.
    pub compression: u8,
    /// The extensions. With none, not even their length is sent.
    pub extensions: Extensions,
}

impl ServerHello {
    /// The whole message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(self.random);
        body.extend(vec8(&self.session_id));
        body.extend(self.suite.to_be_bytes());
        body.push(self.compression);
        if !self.extensions.0.is_empty() {
            body.extend(self.extensions.encode());
        }
        handshake(message::SERVER_HELLO, &body)
    }

    /// Reads a whole message.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut reader = Reader(message.get(4..)?);
        Some(Self {
            version: reader.u16()?,
            random: reader.bytes(32)?.try_into().ok()?,
            session_id: reader.vector(1)?.to_vec(),
            suite: reader.u16()?,
            compression: reader.number(1)? as u8,
            extensions: match reader.0 {
                [] => Extensions::default(),
                _ => Extensions::read(&mut reader)?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::wire::{TLS12, extension};

    #[test]
    fn what_is_written_reads() {
        let mut extensions = Extensions::default();
        extensions.set(extension::COOKIE, b"c");
        extensions.set(extension::ALPN, b"a");
        extensions.move_first(extension::ALPN);
        assert_eq!(extensions.0[0].0, extension::ALPN);
        let hello = ClientHello {
            version: TLS12,
            random: [7; 32],
            session_id: vec![1; 32],
            suites: vec![0x1301, 0x00ff],
            compression: vec![0],
            extensions: extensions.clone(),
        };
        assert_eq!(ClientHello::read(&hello.encode()), Some(hello));
        let hello = ServerHello {
            version: TLS12,
            random: [7; 32],
            session_id: vec![],
            suite: 0xc02b,
            compression: 0,
            extensions,
        };
        assert_eq!(ServerHello::read(&hello.encode()), Some(hello));
    }
}
