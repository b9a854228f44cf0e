//! What the words of OpenSSL's cipher-list language mean (`cipher_aliases` in `ssl_ciph.c`).

use super::ciphers::{self, CipherName};

/// How the keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyExchange {
    Rsa,
    Dhe,
    Ecdhe,
    Psk,
    RsaPsk,
    DhePsk,
    EcdhePsk,
    Srp,
}

/// How the server proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authentication {
    Null,
    Rsa,
    Ecdsa,
    Dss,
    Psk,
    Srp,
}

/// How records are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Null,
    AesCbc,
    AesGcm,
    AesCcm,
    AesCcm8,
    Camellia,
    Aria,
    ChaCha20,
}

/// What authenticates records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mac {
    Aead,
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

/// The lowest protocol that has a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Ssl3,
    Tls10,
    Tls12,
}

/// What words know a suite of TLS 1.2 by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) key_exchange: KeyExchange,
    pub(super) authentication: Authentication,
    pub(super) encryption: Encryption,
    pub(super) mac: Mac,
    pub(super) protocol: Protocol,
    /// Strength of the symmetric key in bits.
    pub(super) bits: u16,
}

impl Traits {
    /// Those of a suite of ours; `None` for one of TLS 1.3, which no word knows.
    pub(super) fn of(suite: &CipherName) -> Option<Self> {
        Some(Self {
            key_exchange: match suite.key_exchange {
                ciphers::KeyExchange::Any => return None,
                ciphers::KeyExchange::Ecdhe => KeyExchange::Ecdhe,
                ciphers::KeyExchange::Dhe => KeyExchange::Dhe,
            },
            authentication: match suite.authentication {
                ciphers::Authentication::Any => return None,
                ciphers::Authentication::Ecdsa => Authentication::Ecdsa,
                ciphers::Authentication::Rsa => Authentication::Rsa,
            },
            encryption: match suite.encryption {
                ciphers::Encryption::AesGcm => Encryption::AesGcm,
                ciphers::Encryption::ChaCha20 => Encryption::ChaCha20,
                ciphers::Encryption::AesCbc => Encryption::AesCbc,
            },
            mac: match suite.mac {
                ciphers::Mac::Aead => Mac::Aead,
                ciphers::Mac::Sha1 => Mac::Sha1,
                ciphers::Mac::Sha256 => Mac::Sha256,
            },
            protocol: if suite.protocol == "TLSv1.0" { Protocol::Tls10 } else { Protocol::Tls12 },
            bits: suite.bits,
        })
    }

    /// Whether encryption and authentication are one.
    pub(super) const fn is_aead(self) -> bool {
        matches!(self.mac, Mac::Aead)
    }

    /// Whether a word means this suite; `None` when OpenSSL has no such word, or none that means any suite today.
    pub(super) fn has(self, word: &str) -> Option<bool> {
        use Authentication as A;
        use Encryption as E;
        use KeyExchange as K;
        let kx = |kind| self.key_exchange == kind;
        let au = |kind| self.authentication == kind;
        let enc = |kinds: &[E]| kinds.contains(&self.encryption);
        let aes = [E::AesCbc, E::AesGcm, E::AesCcm, E::AesCcm8];
        let null = self.encryption == E::Null;
        Some(match word {
            // Whatever encrypts is of high strength; those of medium and low strength are gone from OpenSSL 3.
            "ALL" | "HIGH" => !null,
            "COMPLEMENTOFALL" | "NULL" | "eNULL" => null,
            "COMPLEMENTOFDEFAULT" => {
                !null && (au(A::Null) || au(A::Dss) || enc(&[E::AesCcm, E::AesCcm8, E::Camellia, E::Aria]))
            }
            "FIPS" => enc(&[E::AesCbc, E::AesGcm]) && !kx(K::Srp),
            "kRSA" => kx(K::Rsa),
            "kDHE" | "kEDH" | "DH" => kx(K::Dhe),
            "kECDHE" | "kEECDH" | "ECDH" => kx(K::Ecdhe),
            "kPSK" => kx(K::Psk),
            "kRSAPSK" => kx(K::RsaPsk),
            "kDHEPSK" => kx(K::DhePsk),
            "kECDHEPSK" => kx(K::EcdhePsk),
            "PSK" => kx(K::Psk) || kx(K::RsaPsk) || kx(K::DhePsk) || kx(K::EcdhePsk),
            "kSRP" | "SRP" => kx(K::Srp),
            "aRSA" => au(A::Rsa),
            "aECDSA" | "ECDSA" => au(A::Ecdsa),
            "aDSS" | "DSS" => au(A::Dss),
            "aNULL" => au(A::Null),
            "aPSK" => au(A::Psk),
            "aSRP" => au(A::Srp),
            "EDH" | "DHE" => kx(K::Dhe) && !au(A::Null),
            "EECDH" | "ECDHE" => kx(K::Ecdhe) && !au(A::Null),
            "RSA" => kx(K::Rsa) && au(A::Rsa),
            "ADH" => kx(K::Dhe) && au(A::Null),
            "AECDH" => kx(K::Ecdhe) && au(A::Null),
            "AES" => enc(&aes),
            "AES128" => enc(&aes) && self.bits == 128,
            "AES256" => enc(&aes) && self.bits == 256,
            "AESGCM" => enc(&[E::AesGcm]),
            "AESCCM" => enc(&[E::AesCcm, E::AesCcm8]),
            "AESCCM8" => enc(&[E::AesCcm8]),
            "CAMELLIA" => enc(&[E::Camellia]),
            "CAMELLIA128" => enc(&[E::Camellia]) && self.bits == 128,
            "CAMELLIA256" => enc(&[E::Camellia]) && self.bits == 256,
            "ARIA" | "ARIAGCM" => enc(&[E::Aria]),
            "ARIA128" => enc(&[E::Aria]) && self.bits == 128,
            "ARIA256" => enc(&[E::Aria]) && self.bits == 256,
            "CHACHA20" => enc(&[E::ChaCha20]),
            "CBC" => enc(&[E::AesCbc, E::Camellia]),
            "MD5" => self.mac == Mac::Md5,
            "SHA" | "SHA1" => self.mac == Mac::Sha1,
            "SHA256" => self.mac == Mac::Sha256,
            "SHA384" => self.mac == Mac::Sha384,
            "SSLv3" => self.protocol == Protocol::Ssl3,
            "TLSv1" | "TLSv1.0" => self.protocol == Protocol::Tls10,
            "TLSv1.2" => self.protocol == Protocol::Tls12,
            _ => return None,
        })
    }
}
