//! Cipher suites under OpenSSL's names, with what `SSL_CIPHER_description` says of them.

/// How the keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyExchange {
    /// TLS 1.3: by the groups, not by the suite.
    Any,
    /// Ephemeral elliptic curves.
    Ecdhe,
    /// Ephemeral Diffie-Hellman over a prime field.
    Dhe,
}

/// How the server proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// TLS 1.3: by the certificate, not by the suite.
    Any,
    /// ECDSA or EdDSA.
    Ecdsa,
    /// RSA.
    Rsa,
}

/// How records are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// AES in Galois/counter mode.
    AesGcm,
    /// ChaCha20 and Poly1305.
    ChaCha20,
    /// AES in CBC mode with a MAC before it: obsolete.
    AesCbc,
}

/// What authenticates records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mac {
    /// The encryption itself.
    Aead,
    /// HMAC with SHA-1.
    Sha1,
    /// HMAC with SHA-256.
    Sha256,
}

/// What `SSLContext.get_ciphers()` and `SSLSocket.cipher()` show of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CipherName {
    /// The two bytes on the wire (IANA's TLS cipher suite registry).
    pub wire: u16,
    /// OpenSSL's name.
    pub name: &'static str,
    /// IANA's name.
    pub standard_name: &'static str,
    /// The lowest protocol that has the suite, as `cipher()` names it.
    pub protocol: &'static str,
    /// How the keys are agreed on.
    pub key_exchange: KeyExchange,
    /// How the server proves who it is.
    pub authentication: Authentication,
    /// How records are encrypted.
    pub encryption: Encryption,
    /// What authenticates records.
    pub mac: Mac,
    /// Strength of the symmetric key in bits.
    pub bits: u16,
}

impl CipherName {
    /// OpenSSL's 32-bit id (`SSL_CIPHER_get_id`): `0x03000000` and the wire bytes.
    #[must_use]
    pub const fn id(&self) -> u32 {
        0x0300_0000 | self.wire as u32
    }

    /// Whether only the feature `legacy` brings the suite.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        matches!(self.encryption, Encryption::AesCbc) || matches!(self.key_exchange, KeyExchange::Dhe)
    }

    pub(super) const fn is_built(&self) -> bool {
        cfg!(feature = "legacy") || !self.is_legacy()
    }

    /// Whether the suite is of TLS 1.3.
    #[must_use]
    pub const fn is_tls13(&self) -> bool {
        matches!(self.key_exchange, KeyExchange::Any)
    }

    /// Whether encryption and authentication are one.
    #[must_use]
    pub const fn is_aead(&self) -> bool {
        matches!(self.mac, Mac::Aead)
    }

    /// The symmetric cipher under OpenSSL's object name.
    #[must_use]
    pub const fn symmetric(&self) -> &'static str {
        match (self.encryption, self.bits) {
            (Encryption::AesGcm, 128) => "aes-128-gcm",
            (Encryption::AesGcm, _) => "aes-256-gcm",
            (Encryption::ChaCha20, _) => "chacha20-poly1305",
            (Encryption::AesCbc, 128) => "aes-128-cbc",
            (Encryption::AesCbc, _) => "aes-256-cbc",
        }
    }

    /// The MAC's digest under OpenSSL's object name; `None` where encryption does it all.
    #[must_use]
    pub const fn digest(&self) -> Option<&'static str> {
        match self.mac {
            Mac::Aead => None,
            Mac::Sha1 => Some("sha1"),
            Mac::Sha256 => Some("sha256"),
        }
    }

    /// The key exchange under OpenSSL's object name.
    #[must_use]
    pub const fn key_exchange_name(&self) -> &'static str {
        match self.key_exchange {
            KeyExchange::Any => "kx-any",
            KeyExchange::Ecdhe => "kx-ecdhe",
            KeyExchange::Dhe => "kx-dhe",
        }
    }

    /// The authentication under OpenSSL's object name.
    #[must_use]
    pub const fn authentication_name(&self) -> &'static str {
        match self.authentication {
            Authentication::Any => "auth-any",
            Authentication::Ecdsa => "auth-ecdsa",
            Authentication::Rsa => "auth-rsa",
        }
    }

    /// The line that `SSL_CIPHER_description` prints, without its line feed.
    #[must_use]
    pub fn description(&self) -> String {
        let protocol = if self.protocol == "TLSv1.0" { "TLSv1" } else { self.protocol };
        let key_exchange = match self.key_exchange {
            KeyExchange::Any => "any",
            KeyExchange::Ecdhe => "ECDH",
            KeyExchange::Dhe => "DH",
        };
        let authentication = match self.authentication {
            Authentication::Any => "any",
            Authentication::Ecdsa => "ECDSA",
            Authentication::Rsa => "RSA",
        };
        let encryption = match self.encryption {
            Encryption::AesGcm => "AESGCM",
            Encryption::ChaCha20 => "CHACHA20/POLY1305",
            Encryption::AesCbc => "AES",
        };
        let mac = match self.mac {
            Mac::Aead => "AEAD",
            Mac::Sha1 => "SHA1",
            Mac::Sha256 => "SHA256",
        };
        let encryption = format!("{encryption}({})", self.bits);
        format!(
            "{:<30} {protocol:<7} Kx={key_exchange:<8} Au={authentication:<5} Enc={encryption:<22} Mac={mac:<4}",
            self.name
        )
    }
}

macro_rules! suites {
    ($($wire:literal $name:literal $standard:literal $protocol:literal $kx:ident $au:ident $enc:ident $mac:ident $bits:literal;)*) => {
        /// Every suite that this library has code for, in the order in which OpenSSL prefers them.
        pub(super) const TABLE: &[CipherName] = &[$(CipherName {
            wire: $wire, name: $name, standard_name: $standard, protocol: $protocol,
            key_exchange: KeyExchange::$kx, authentication: Authentication::$au, encryption: Encryption::$enc,
            mac: Mac::$mac, bits: $bits,
        },)*];
    };
}

suites! {
    0x1302 "TLS_AES_256_GCM_SHA384" "TLS_AES_256_GCM_SHA384" "TLSv1.3" Any Any AesGcm Aead 256;
    0x1303 "TLS_CHACHA20_POLY1305_SHA256" "TLS_CHACHA20_POLY1305_SHA256" "TLSv1.3" Any Any ChaCha20 Aead 256;
    0x1301 "TLS_AES_128_GCM_SHA256" "TLS_AES_128_GCM_SHA256" "TLSv1.3" Any Any AesGcm Aead 128;
    0xC02C "ECDHE-ECDSA-AES256-GCM-SHA384" "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" "TLSv1.2" Ecdhe Ecdsa AesGcm Aead 256;
    0xC030 "ECDHE-RSA-AES256-GCM-SHA384" "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" "TLSv1.2" Ecdhe Rsa AesGcm Aead 256;
    0x009F "DHE-RSA-AES256-GCM-SHA384" "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384" "TLSv1.2" Dhe Rsa AesGcm Aead 256;
    0xCCA9 "ECDHE-ECDSA-CHACHA20-POLY1305" "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" "TLSv1.2" Ecdhe Ecdsa ChaCha20 Aead 256;
    0xCCA8 "ECDHE-RSA-CHACHA20-POLY1305" "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" "TLSv1.2" Ecdhe Rsa ChaCha20 Aead 256;
    0xCCAA "DHE-RSA-CHACHA20-POLY1305" "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256" "TLSv1.2" Dhe Rsa ChaCha20 Aead 256;
    0xC02B "ECDHE-ECDSA-AES128-GCM-SHA256" "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" "TLSv1.2" Ecdhe Ecdsa AesGcm Aead 128;
    0xC02F "ECDHE-RSA-AES128-GCM-SHA256" "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" "TLSv1.2" Ecdhe Rsa AesGcm Aead 128;
    0x009E "DHE-RSA-AES128-GCM-SHA256" "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" "TLSv1.2" Dhe Rsa AesGcm Aead 128;
    0xC023 "ECDHE-ECDSA-AES128-SHA256" "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" "TLSv1.2" Ecdhe Ecdsa AesCbc Sha256 128;
    0xC027 "ECDHE-RSA-AES128-SHA256" "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256" "TLSv1.2" Ecdhe Rsa AesCbc Sha256 128;
    0xC00A "ECDHE-ECDSA-AES256-SHA" "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA" "TLSv1.0" Ecdhe Ecdsa AesCbc Sha1 256;
    0xC014 "ECDHE-RSA-AES256-SHA" "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA" "TLSv1.0" Ecdhe Rsa AesCbc Sha1 256;
    0xC009 "ECDHE-ECDSA-AES128-SHA" "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" "TLSv1.0" Ecdhe Ecdsa AesCbc Sha1 128;
    0xC013 "ECDHE-RSA-AES128-SHA" "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" "TLSv1.0" Ecdhe Rsa AesCbc Sha1 128;
}

/// Every suite that there is, in the order in which OpenSSL prefers them: without the feature `legacy`, none with CBC, and
/// none with Diffie-Hellman over a prime field.
pub fn all() -> impl Iterator<Item = &'static CipherName> {
    TABLE.iter().filter(|suite| suite.is_built())
}

/// The suite with these two bytes on the wire.
#[must_use]
pub fn by_wire(wire: u16) -> Option<&'static CipherName> {
    all().find(|suite| suite.wire == wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_openssls() {
        // Printed by OpenSSL 3.0.19's `SSL_CIPHER_description`.
        assert_eq!(
            by_wire(0x1302).unwrap().description(),
            "TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(256)            Mac=AEAD"
        );
        assert_eq!(
            by_wire(0xC014).unwrap().description(),
            "ECDHE-RSA-AES256-SHA           TLSv1   Kx=ECDH     Au=RSA   Enc=AES(256)               Mac=SHA1"
        );
        assert_eq!(by_wire(0x1302).unwrap().id(), 50_336_514);
    }
}
