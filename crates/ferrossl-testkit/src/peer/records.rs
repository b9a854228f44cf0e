//! Sealing and opening records under the keys of either version, with nothing that keeps a record decent.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};

use super::crypto::Suite;
use super::wire::{TLS12, content};

const HEADER: usize = 5;
const TAG: usize = 16;

/// One direction's keys.
pub struct Keys {
    suite: Suite,
    key: LessSafeKey,
    iv: Vec<u8>,
    /// The traffic secret in TLS 1.3.
    pub(crate) secret: Option<Vec<u8>>,
    /// The number of the next record; may be changed.
    pub sequence: u64,
}

/// A record of TLS 1.3 that is to be sealed, as odd as it may be.
#[derive(Clone, Debug)]
pub struct Plain {
    /// Contents, the inner content type and padding, in this order.
    pub plaintext: Vec<u8>,
    /// What the record calls itself.
    pub outer_type: u8,
    /// The version in its header.
    pub version: u16,
    /// The type and version that go into the additional data, where they shall differ from what is sent.
    pub authenticated: Option<(u8, u16)>,
}

impl Plain {
    /// An ordinary record: contents of this type and so many zeros behind them.
    #[must_use]
    pub fn new(content_type: u8, contents: &[u8], padding: usize) -> Self {
        let plaintext = [contents, &[content_type], &vec![0; padding]].concat();
        Self { plaintext, outer_type: content::APPLICATION_DATA, version: TLS12, authenticated: None }
    }
}

impl Keys {
    /// Keys of TLS 1.3 from a traffic secret (RFC 8446 section 7.3).
    pub(crate) fn tls13(suite: Suite, secret: Vec<u8>) -> Self {
        let key = suite.expand(&secret, "key", &[], suite.aead.key_len());
        let iv = suite.expand(&secret, "iv", &[], 12);
        let key = UnboundKey::new(suite.aead, &key).expect("a key of the right length");
        Self { suite, key: LessSafeKey::new(key), iv, secret: Some(secret), sequence: 0 }
    }

    /// Keys of TLS 1.2 from its key block.
    pub(crate) fn tls12(suite: Suite, key: &[u8], iv: &[u8]) -> Self {
        let key = UnboundKey::new(suite.aead, key).expect("a key of the right length");
        Self { suite, key: LessSafeKey::new(key), iv: iv.to_vec(), secret: None, sequence: 0 }
    }

    /// The keys behind a KeyUpdate (RFC 8446 section 7.2).
    ///
    /// # Panics
    ///
    /// In TLS 1.2.
    #[must_use]
    pub fn next(&self) -> Self {
        let secret = self.secret.as_ref().expect("keys of TLS 1.3");
        Self::tls13(self.suite, self.suite.expand(secret, "traffic upd", &[], self.suite.hash_length()))
    }

    const fn is_tls13(&self) -> bool {
        self.secret.is_some()
    }

    fn nonce(&self, explicit: &[u8]) -> Nonce {
        let mut nonce = [0; 12];
        if self.suite.explicit_nonce {
            nonce[..4].copy_from_slice(&self.iv);
            nonce[4..].copy_from_slice(explicit);
        } else {
            nonce.copy_from_slice(&self.iv);
            for (place, byte) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
                *place ^= byte;
            }
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// Seals a record of TLS 1.3.
    ///
    /// # Panics
    ///
    /// When the plaintext is too long for the AEAD, which takes gigabytes.
    pub fn seal(&mut self, plain: &Plain) -> Vec<u8> {
        let length = (plain.plaintext.len() + TAG) as u16;
        let header = |(outer_type, version): (u8, u16)| {
            let ([major, minor], [high, low]) = (version.to_be_bytes(), length.to_be_bytes());
            [outer_type, major, minor, high, low]
        };
        let sent = (plain.outer_type, plain.version);
        let aad = header(plain.authenticated.unwrap_or(sent));
        let mut body = plain.plaintext.clone();
        self.key.seal_in_place_append_tag(self.nonce(&[]), Aad::from(aad), &mut body).expect("sealed");
        self.sequence += 1;
        [&header(sent)[..], &body].concat()
    }

    /// Seals a record of TLS 1.2.
    pub(crate) fn seal12(&mut self, content_type: u8, version: u16, contents: &[u8]) -> Vec<u8> {
        let explicit = self.sequence.to_be_bytes();
        let aad = self.aad12(content_type, version, contents.len());
        let mut body = contents.to_vec();
        self.key.seal_in_place_append_tag(self.nonce(&explicit), Aad::from(aad), &mut body).expect("sealed");
        self.sequence += 1;
        if self.suite.explicit_nonce {
            body.splice(..0, explicit);
        }
        super::wire::record(content_type, version, &body)
    }

    fn aad12(&self, content_type: u8, version: u16, length: usize) -> Vec<u8> {
        let mut aad = self.sequence.to_be_bytes().to_vec();
        aad.push(content_type);
        aad.extend(version.to_be_bytes());
        aad.extend((length as u16).to_be_bytes());
        aad
    }

    /// Opens a whole record: its content type and contents.
    pub fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (header, body) = record.split_at_checked(HEADER)?;
        let (explicit, body) = body.split_at_checked(if self.suite.explicit_nonce { 8 } else { 0 })?;
        let length = body.len().checked_sub(TAG)?;
        let aad = if self.is_tls13() {
            header.to_vec()
        } else {
            self.aad12(header[0], u16::from_be_bytes([header[1], header[2]]), length)
        };
        let mut body = body.to_vec();
        let length = self.key.open_in_place(self.nonce(explicit), Aad::from(aad), &mut body).ok()?.len();
        body.truncate(length);
        self.sequence += 1;
        if !self.is_tls13() {
            return Some((header[0], body));
        }
        let end = body.iter().rposition(|&byte| byte != 0)?;
        let content_type = body[end];
        body.truncate(end);
        Some((content_type, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::crypto::{SUITES_12, SUITES_13};

    #[test]
    fn what_is_sealed_opens() {
        for number in SUITES_13 {
            let suite = Suite::find(number).unwrap();
            let secret = vec![7; suite.hash_length()];
            let (mut one, mut other) = (Keys::tls13(suite, secret.clone()), Keys::tls13(suite, secret));
            for padding in [0, 1, 300] {
                let record = one.seal(&Plain::new(content::ALERT, b"text", padding));
                assert_eq!(other.open(&record), Some((content::ALERT, b"text".to_vec())));
            }
            (one, other) = (one.next(), other.next());
            assert!(other.open(&one.seal(&Plain::new(content::HANDSHAKE, b"", 0))).is_some());
        }
        for number in SUITES_12 {
            let suite = Suite::find(number).unwrap();
            let (key, iv) =
                (vec![1; suite.aead.key_len()], vec![2; if suite.explicit_nonce { 4 } else { 12 }]);
            let (mut one, mut other) = (Keys::tls12(suite, &key, &iv), Keys::tls12(suite, &key, &iv));
            for _ in 0..3 {
                let record = one.seal12(content::HANDSHAKE, TLS12, b"text");
                assert_eq!(other.open(&record), Some((content::HANDSHAKE, b"text".to_vec())));
            }
        }
    }
}
