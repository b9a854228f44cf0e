//! Cipher suites under OpenSSL's names, with what `SSL_CIPHER_description` says of them.

/// What `SSLContext.get_ciphers()` and `SSLSocket.cipher()` show of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherName {
    /// The two bytes on the wire (IANA's TLS cipher suite registry).
    pub wire: u16,
    /// OpenSSL's name.
    pub name: &'static str,
    /// The lowest protocol that has the suite, as `cipher()` names it.
    pub protocol: &'static str,
    /// Key exchange as the description shows it (`any`, `ECDH`).
    pub key_exchange: &'static str,
    /// Authentication as the description shows it (`any`, `ECDSA`, `RSA`).
    pub authentication: &'static str,
    /// Encryption as the description shows it.
    pub encryption: &'static str,
    /// The symmetric cipher under OpenSSL's object name.
    pub symmetric: &'static str,
    /// Strength of the symmetric key in bits.
    pub bits: u16,
}

impl CipherName {
    /// OpenSSL's 32-bit id (`SSL_CIPHER_get_id`): `0x03000000` and the wire bytes.
    #[must_use]
    pub const fn id(&self) -> u32 {
        0x0300_0000 | self.wire as u32
    }

    /// The line that `SSL_CIPHER_description` prints, without its line feed.
    #[must_use]
    pub fn description(&self) -> String {
        format!(
            "{:<30} {:<7} Kx={:<8} Au={:<5} Enc={:<22} Mac=AEAD",
            self.name, self.protocol, self.key_exchange, self.authentication, self.encryption
        )
    }
}

macro_rules! suites {
    ($($wire:literal $name:literal $protocol:literal $kx:literal $au:literal $enc:literal $sym:literal $bits:literal;)*) => {
        /// Every suite of this library, in the order in which OpenSSL prefers them.
        pub const ALL: &[CipherName] = &[$(CipherName {
            wire: $wire, name: $name, protocol: $protocol, key_exchange: $kx, authentication: $au,
            encryption: $enc, symmetric: $sym, bits: $bits,
        },)*];
    };
}

suites! {
    0x1302 "TLS_AES_256_GCM_SHA384" "TLSv1.3" "any" "any" "AESGCM(256)" "aes-256-gcm" 256;
    0x1303 "TLS_CHACHA20_POLY1305_SHA256" "TLSv1.3" "any" "any" "CHACHA20/POLY1305(256)" "chacha20-poly1305" 256;
    0x1301 "TLS_AES_128_GCM_SHA256" "TLSv1.3" "any" "any" "AESGCM(128)" "aes-128-gcm" 128;
    0xC02C "ECDHE-ECDSA-AES256-GCM-SHA384" "TLSv1.2" "ECDH" "ECDSA" "AESGCM(256)" "aes-256-gcm" 256;
    0xC030 "ECDHE-RSA-AES256-GCM-SHA384" "TLSv1.2" "ECDH" "RSA" "AESGCM(256)" "aes-256-gcm" 256;
    0xC02B "ECDHE-ECDSA-AES128-GCM-SHA256" "TLSv1.2" "ECDH" "ECDSA" "AESGCM(128)" "aes-128-gcm" 128;
    0xC02F "ECDHE-RSA-AES128-GCM-SHA256" "TLSv1.2" "ECDH" "RSA" "AESGCM(128)" "aes-128-gcm" 128;
    0xCCA9 "ECDHE-ECDSA-CHACHA20-POLY1305" "TLSv1.2" "ECDH" "ECDSA" "CHACHA20/POLY1305(256)" "chacha20-poly1305" 256;
    0xCCA8 "ECDHE-RSA-CHACHA20-POLY1305" "TLSv1.2" "ECDH" "RSA" "CHACHA20/POLY1305(256)" "chacha20-poly1305" 256;
}

/// The suite with these two bytes on the wire.
#[must_use]
pub fn by_wire(wire: u16) -> Option<&'static CipherName> {
    ALL.iter().find(|suite| suite.wire == wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_is_openssls() {
        // Printed by OpenSSL 3.0.19's `SSL_CIPHER_description`.
        assert_eq!(
            by_wire(0x1302).unwrap().description(),
            "TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(256)            Mac=AEAD"
        );
        assert_eq!(by_wire(0x1302).unwrap().id(), 50_336_514);
    }
}
