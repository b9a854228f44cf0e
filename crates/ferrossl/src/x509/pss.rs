//! Digests, and the parameters of RSASSA-PSS (RFC 4055 section 3.1).

use super::algorithm::AlgorithmIdentifier;
use super::der::{Tlv, all_items, items, only, small_integer, tag};
use super::oids;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Security bits, as `X509_get_signature_info` gives them: half the digest; 63 for the broken SHA-1.
    pub(super) const fn security_bits(self) -> u16 {
        match self {
            Self::Sha1 => 63,
            Self::Sha256 => 128,
            Self::Sha384 => 192,
            Self::Sha512 => 256,
        }
    }

    /// The digest that an AlgorithmIdentifier names, whatever parameters it has.
    fn of(algorithm: &AlgorithmIdentifier<'_>) -> Option<Self> {
        Some(match algorithm.identifier {
            oids::SHA1 => Self::Sha1,
            oids::SHA256 => Self::Sha256,
            oids::SHA384 => Self::Sha384,
            oids::SHA512 => Self::Sha512,
            _ => return None,
        })
    }

    /// The digest's length in bytes.
    pub(super) const fn length(self) -> u16 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// `RSASSA-PSS-params`: of a signature what was used, of a key what must be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pss {
    pub(super) hash: Hash,
    /// The salt's length in bytes; for a key the least length.
    pub(super) salt: u16,
}

impl Pss {
    /// As TLS uses it: the salt as long as the digest (RFC 8446 section 4.2.3).
    pub(super) const fn of_tls(hash: Hash) -> Self {
        Self { hash, salt: hash.length() }
    }

    /// Reads the parameters; what is left out is SHA-1 and 20 bytes of salt. `None` when they are damaged, and for a
    /// mask that is made with another digest than the signature, which this library cannot check.
    pub(super) fn read(parameters: Tlv<'_>) -> Option<Self> {
        if parameters.tag != tag::SEQUENCE {
            return None;
        }
        let mut fields = items(parameters.value);
        let hash = match fields.optional(tag::explicit(0)) {
            None => Hash::Sha1,
            Some(field) => Hash::of(&inside(field)?)?,
        };
        let mask = match fields.optional(tag::explicit(1)) {
            None => Hash::Sha1,
            Some(field) => {
                let algorithm = inside(field)?;
                if algorithm.identifier != oids::MGF1 {
                    return None;
                }
                Hash::of(&AlgorithmIdentifier::read(algorithm.parameters?)?)?
            }
        };
        let mut number = |n, default| match fields.optional(tag::explicit(n)) {
            None => Some(default),
            Some(field) => small_integer(only(field.value, tag::INTEGER)?.value),
        };
        let salt = number(2, 20)?.try_into().ok()?;
        let trailer = number(3, 1)?;
        fields.finish()?;
        (mask == hash && trailer == 1).then_some(Self { hash, salt })
    }

    /// Whether a key with the restrictions `self` may make or check such a signature.
    pub(super) fn permits(self, used: Self) -> bool {
        self.hash == used.hash && self.salt <= used.salt
    }
}

/// The AlgorithmIdentifier in a field with an explicit tag.
fn inside(field: Tlv<'_>) -> Option<AlgorithmIdentifier<'_>> {
    let [algorithm] = all_items(field.value)?.try_into().ok()?;
    AlgorithmIdentifier::read(algorithm)
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    const SHA256: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    const MGF1: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

    fn read(contents: &[u8]) -> Option<Pss> {
        let raw = wrap(tag::SEQUENCE, contents);
        Pss::read(items(&raw).next()?)
    }

    #[test]
    fn every_field_counts() {
        let hash = wrap(0xa0, &wrap(0x30, &SHA256));
        let mask = wrap(0xa1, &wrap(0x30, &[&MGF1[..], &wrap(0x30, &SHA256)].concat()));
        let good = [&hash[..], &mask].concat();
        assert_eq!(read(&[]), Some(Pss { hash: Hash::Sha1, salt: 20 }));
        assert_eq!(read(&good), Some(Pss { hash: Hash::Sha256, salt: 20 }));
        let with = |more: &[u8]| read(&[&good[..], more].concat());
        assert_eq!(with(&[0xa2, 3, 2, 1, 32]), Some(Pss { hash: Hash::Sha256, salt: 32 }));
        assert_eq!(with(&[0xa3, 3, 2, 1, 1]), Some(Pss { hash: Hash::Sha256, salt: 20 }));
        for damaged in [
            &[0xa3, 3, 2, 1, 2][..],
            &[0xa2, 3, 2, 1, 0x80],
            &[0xa2, 4, 2, 2, 0, 32],
            &[0xa2, 3, 5, 1, 32],
            &[0xa3, 3, 2, 1, 1, 0xa2, 3, 2, 1, 32],
            &[5, 0],
            &[0xa2, 0],
        ] {
            assert_eq!(with(damaged), None, "{damaged:02x?}");
        }
        // A mask of another digest than the signature's, and no mask at all.
        assert_eq!(read(&hash), None);
        assert_eq!(read(&mask), None);
        let other = wrap(0xa1, &wrap(0x30, &[&SHA256[..], &wrap(0x30, &SHA256)].concat()));
        assert_eq!(read(&[&hash[..], &other].concat()), None);
        let bare = wrap(0xa1, &wrap(0x30, &MGF1));
        assert_eq!(read(&[&hash[..], &bare].concat()), None);
        let raw = wrap(tag::SET, &good);
        assert_eq!(Pss::read(items(&raw).next().unwrap()), None);
    }
}
