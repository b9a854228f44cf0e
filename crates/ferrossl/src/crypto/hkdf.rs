//! HKDF for the key schedule of TLS 1.3 (RFC 5869, RFC 8446 section 7.1) with keys that are prepared once.
//!
//! Half of an HMAC's work is done when its key is known (two blocks of four, for inputs as short as these), and the schedule
//! expands most of its secrets two to four times. rustls' own provider prepares the key anew each time. And what comes of no
//! PSK, the early secret and the salt derived from it, is the same in every handshake: it is computed once per process.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::hmac::{Algorithm, Context, HMAC_SHA256, HMAC_SHA384, Key, Tag};
use rustls::crypto;
use rustls::crypto::hash::HashAlgorithm;
use rustls::crypto::tls13::{Hkdf, HkdfExpander, OkmBlock, OutputLengthError};
use zeroize::Zeroize;

/// HKDF under one hash.
struct PreparedHkdf {
    algorithm: Algorithm,
    early: Arc<EarlySecret>,
}

/// The early secret without a PSK. No secret at all: everybody can compute it.
struct EarlySecret {
    key: Key,
    derived: OnceLock<Derived>,
}

/// What is expanded under the label "derived", and the HMAC key that it is next used as.
struct Derived {
    info: Vec<u8>,
    block: OkmBlock,
    salt: Key,
}

impl PreparedHkdf {
    fn new(algorithm: Algorithm) -> Self {
        let zeros = [0; OkmBlock::MAX_LEN];
        let zeros = &zeros[..algorithm.tag_len()];
        let secret = sign(&Key::new(algorithm, zeros), &[zeros]);
        let key = Key::new(algorithm, secret.as_ref());
        Self { algorithm, early: Arc::new(EarlySecret { key, derived: OnceLock::new() }) }
    }

    fn extract(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        let zeros = [0; OkmBlock::MAX_LEN];
        let salt = salt.unwrap_or(&zeros[..self.algorithm.tag_len()]);
        let extracted = match self.early.derived.get() {
            Some(derived) if derived.block.as_ref() == salt => sign(&derived.salt, &[secret]),
            _ => sign(&Key::new(self.algorithm, salt), &[secret]),
        };
        Box::new(Expander(Key::new(self.algorithm, extracted.as_ref())))
    }
}

fn sign(key: &Key, parts: &[&[u8]]) -> Tag {
    let mut context = Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}

impl Hkdf for PreparedHkdf {
    fn extract_from_zero_ikm(&self, salt: Option<&[u8]>) -> Box<dyn HkdfExpander> {
        match salt {
            None => Box::new(EarlyExpander(Arc::clone(&self.early))),
            Some(_) => self.extract(salt, &[0; OkmBlock::MAX_LEN][..self.algorithm.tag_len()]),
        }
    }

    fn extract_from_secret(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        self.extract(salt, secret)
    }

    fn expander_for_okm(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        Box::new(Expander(Key::new(self.algorithm, okm.as_ref())))
    }

    fn hmac_sign(&self, key: &OkmBlock, message: &[u8]) -> crypto::hmac::Tag {
        crypto::hmac::Tag::new(sign(&Key::new(self.algorithm, key.as_ref()), &[message]).as_ref())
    }
}

/// Expands one secret.
struct Expander(Key);

/// T(number) of RFC 5869 section 2.3.
fn term(key: &Key, last: &[u8], info: &[&[u8]], number: u8) -> Tag {
    let mut context = Context::with_key(key);
    context.update(last);
    info.iter().for_each(|part| context.update(part));
    context.update(&[number]);
    context.sign()
}

impl HkdfExpander for Expander {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        let length = self.hash_len();
        if output.len() > 255 * length {
            return Err(OutputLengthError);
        }
        let mut last = [0; OkmBlock::MAX_LEN];
        for (piece, number) in output.chunks_mut(length).zip(1..=u8::MAX) {
            let before = if number == 1 { &[][..] } else { &last[..length] };
            let tag = term(&self.0, before, info, number);
            piece.copy_from_slice(&tag.as_ref()[..piece.len()]);
            last[..length].copy_from_slice(tag.as_ref());
        }
        last.zeroize();
        Ok(())
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        OkmBlock::new(term(&self.0, &[], info, 1).as_ref())
    }

    fn hash_len(&self) -> usize {
        self.0.algorithm().tag_len()
    }
}

/// Expands the early secret without a PSK.
struct EarlyExpander(Arc<EarlySecret>);

impl HkdfExpander for EarlyExpander {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        Expander(self.0.key.clone()).expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        let compute = || OkmBlock::new(term(&self.0.key, &[], info, 1).as_ref());
        // Length, the label's length, "tls13 ", the label, the context's length, the context.
        if info.get(3).is_none_or(|label| *label != b"derived") {
            return compute();
        }
        let derived = self.0.derived.get_or_init(|| {
            let block = compute();
            let salt = Key::new(self.0.key.algorithm(), block.as_ref());
            Derived { info: info.concat(), block, salt }
        });
        if derived.info.iter().eq(info.iter().copied().flatten()) { derived.block.clone() } else { compute() }
    }

    fn hash_len(&self) -> usize {
        self.0.key.algorithm().tag_len()
    }
}

/// HKDF under this hash; `None` for one that no suite of TLS 1.3 here has. To be called once per process and suite.
pub(crate) fn prepared(hash: HashAlgorithm) -> Option<&'static dyn Hkdf> {
    let algorithm = match hash {
        HashAlgorithm::SHA256 => HMAC_SHA256,
        HashAlgorithm::SHA384 => HMAC_SHA384,
        _ => return None,
    };
    Some(Box::leak(Box::new(PreparedHkdf::new(algorithm))))
}

#[cfg(test)]
mod tests {
    use rustls::SupportedCipherSuite;
    use rustls::crypto::aws_lc_rs::cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384};

    use super::*;

    /// rustls' own beside ours.
    fn both(suite: SupportedCipherSuite) -> [&'static dyn Hkdf; 2] {
        let suite = suite.tls13().unwrap();
        [suite.hkdf_provider, prepared(suite.common.hash_provider.algorithm()).unwrap()]
    }

    const SUITES: [SupportedCipherSuite; 2] = [TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384];

    fn info<'a>(label: &'a [u8], context: &'a [u8]) -> [&'a [u8]; 6] {
        [&[0, 32], &[9], b"tls13 ", label, &[7], context]
    }

    /// All that can be asked of an expander, in two orders.
    fn all_of(expander: &dyn HkdfExpander) -> Vec<Vec<u8>> {
        let mut answers = vec![vec![u8::try_from(expander.hash_len()).unwrap()]];
        for context in [&b""[..], b"one", b"", b"another"] {
            for label in [&b"key"[..], b"derived", b"iv", b"derived"] {
                answers.push(expander.expand_block(&info(label, context)).as_ref().to_vec());
                for length in [0, 1, 12, 31, 32, 33, 48, 49, 96, 97, 300, 255 * expander.hash_len()] {
                    let mut output = vec![0; length];
                    expander.expand_slice(&info(label, context), &mut output).unwrap();
                    answers.push(output);
                }
            }
        }
        let too_long = 255 * expander.hash_len() + 1;
        assert!(expander.expand_slice(&[], &mut vec![0; too_long]).is_err());
        answers
    }

    #[test]
    fn every_answer_is_that_of_rustls() {
        for suite in SUITES {
            // The second time, what was kept from the first is used.
            for _ in 0..2 {
                let [theirs, ours] = both(suite);
                let early = [theirs, ours].map(|hkdf| hkdf.extract_from_zero_ikm(None));
                assert_eq!(all_of(&*early[0]), all_of(&*early[1]));
                let derived = early[1].expand_block(&info(b"derived", b""));
                let other = early[1].expand_block(&info(b"other", b""));
                for salt in
                    [None, Some(derived.as_ref()), Some(other.as_ref()), Some(&b""[..]), Some(&[7; 200])]
                {
                    let extracted = [theirs, ours].map(|hkdf| hkdf.extract_from_secret(salt, &[5; 32]));
                    assert_eq!(all_of(&*extracted[0]), all_of(&*extracted[1]), "{salt:?}");
                    let extracted = [theirs, ours].map(|hkdf| hkdf.extract_from_zero_ikm(salt));
                    assert_eq!(all_of(&*extracted[0]), all_of(&*extracted[1]), "{salt:?}");
                }
                let expanders = [theirs, ours].map(|hkdf| hkdf.expander_for_okm(&derived));
                assert_eq!(all_of(&*expanders[0]), all_of(&*expanders[1]));
                for message in [&b""[..], b"a message", &[3; 1000]] {
                    let [theirs, ours] = [theirs, ours].map(|hkdf| hkdf.hmac_sign(&other, message));
                    assert_eq!(theirs.as_ref(), ours.as_ref());
                }
            }
        }
    }

    /// Whatever stands under the label first: only the same info gets the same answer.
    #[test]
    fn what_is_kept_is_for_the_same_question_only() {
        for suite in SUITES {
            let [theirs, ours] = both(suite).map(|hkdf| hkdf.extract_from_zero_ikm(None));
            for context in [&b"first"[..], b"second", b"first", b""] {
                let question = info(b"derived", context);
                assert_eq!(theirs.expand_block(&question).as_ref(), ours.expand_block(&question).as_ref());
            }
        }
    }
}
