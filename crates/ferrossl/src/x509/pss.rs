//! Digests, and the parameters of RSASSA-PSS (RFC 4055 section 3.1).

use super::der::{items, oid, only, small_integer, tag};

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

    /// Reads the contents of the parameters; what is left out is SHA-1 and 20 bytes of salt.
    ///
    /// The mask's digest is not looked at: if it differs from the signature's, verification fails.
    pub(super) fn read(parameters: &[u8]) -> Option<Self> {
        let mut fields = items(parameters);
        let hash = match fields.optional(tag::explicit(0)) {
            None => Hash::Sha1,
            Some(field) => {
                let identifier = items(only(field.value, tag::SEQUENCE)?.value).expect(tag::OID)?;
                match oid(identifier.value)?.as_str() {
                    "1.3.14.3.2.26" => Hash::Sha1,
                    "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
                    "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
                    "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
                    _ => return None,
                }
            }
        };
        let _mask = fields.optional(tag::explicit(1));
        let salt = match fields.optional(tag::explicit(2)) {
            None => 20,
            Some(field) => small_integer(only(field.value, tag::INTEGER)?.value)?.try_into().ok()?,
        };
        Some(Self { hash, salt })
    }

    /// Whether a key with the restrictions `self` may make or check such a signature.
    pub(super) fn permits(self, used: Self) -> bool {
        self.hash == used.hash && self.salt <= used.salt
    }
}
