//! The limit for records: AES-256-GCM of aws-lc-rs in place, in records as TLS has them (RFC 8446 section 5.2, RFC 5288), and nothing else.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{Ends, Maker, Version};

const RECORD: usize = 16384;
const TAG: usize = 16;
/// What is authenticated with each record; only its length costs anything.
const HEADER: [u8; 13] = [0; 13];

/// Keys; a "handshake" is making them.
pub(crate) struct Keys {
    version: Version,
}

impl Keys {
    pub(crate) const fn new(version: Version) -> Self {
        Self { version }
    }
}

impl Maker for Keys {
    fn connect(&self) -> Box<dyn Ends> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[5; 32]).expect("32 bytes"));
        // TLS 1.2 authenticates the sequence number, type, version and length; TLS 1.3 the record's header.
        let aad = if self.version == Version::Tls12 { 13 } else { 5 };
        Box::new(Cipher { key, aad, records: vec![], work: vec![], sealed: 0, opened: 0 })
    }
}

struct Cipher {
    key: LessSafeKey,
    aad: usize,
    /// Sealed data for `open`, each record's tag behind it.
    records: Vec<u8>,
    work: Vec<u8>,
    sealed: u64,
    opened: u64,
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

impl Cipher {
    fn seal_records(&mut self) {
        for record in self.work.chunks_mut(RECORD) {
            let aad = Aad::from(&HEADER[..self.aad]);
            let tag = self.key.seal_in_place_separate_tag(nonce(self.sealed), aad, record);
            self.records.extend_from_slice(tag.expect("a record is short enough").as_ref());
            self.sealed += 1;
        }
    }
}

impl Ends for Cipher {
    fn seal(&mut self, data: &[u8]) {
        // In place: the data of the last time is as good, and copying it is not the cipher's work.
        self.work.resize(data.len(), 0);
        self.records.clear();
        self.seal_records();
    }

    fn keep(&mut self, data: &[u8]) {
        self.work.clear();
        self.work.extend_from_slice(data);
        self.records.clear();
        self.seal_records();
        let tags = std::mem::take(&mut self.records);
        for (record, tag) in self.work.chunks(RECORD).zip(tags.chunks(TAG)) {
            self.records.extend_from_slice(record);
            self.records.extend_from_slice(tag);
        }
        self.opened = self.sealed - tags.len() as u64 / TAG as u64;
    }

    fn open(&mut self, buffer: &mut [u8]) {
        for (sealed, place) in self.records.chunks(RECORD + TAG).zip(buffer.chunks_mut(RECORD)) {
            let (record, tag) = sealed.split_at(place.len());
            let nonce = nonce(self.opened);
            let aad = Aad::from(&HEADER[..self.aad]);
            let opened = self.key.open_separate_gather(nonce, aad, record, tag, place);
            opened.expect("what was sealed");
            self.opened += 1;
        }
    }
}
