//! Groups for the key exchange under OpenSSL's names.

/// A group that exists here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Group {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Curve25519 (RFC 7748).
    X25519,
    /// X25519 together with ML-KEM-768, against quantum computers.
    X25519MlKem768,
    /// P-256 together with ML-KEM-768.
    P256MlKem768,
}

impl Group {
    /// The group with this name, as OpenSSL and the TLS registry know it.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "prime256v1" | "secp256r1" | "P-256" => Self::P256,
            "secp384r1" | "P-384" => Self::P384,
            "secp521r1" | "P-521" => Self::P521,
            "X25519" | "x25519" => Self::X25519,
            "X25519MLKEM768" => Self::X25519MlKem768,
            "SecP256r1MLKEM768" => Self::P256MlKem768,
            _ => return None,
        })
    }

    /// Strength in bits of a symmetric key (NIST SP 800-57 part 1, table 2).
    #[must_use]
    pub const fn security_bits(self) -> u16 {
        match self {
            Self::P256 | Self::X25519 => 128,
            Self::P384 | Self::X25519MlKem768 | Self::P256MlKem768 => 192,
            Self::P521 => 256,
        }
    }
}
