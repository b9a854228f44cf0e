//! Suites of TLS 1.2 that OpenSSL 3 has and this library does not.
//!
//! A cipher list written for OpenSSL may consist of nothing else, and is valid all the same: these are here so
//! that [`super::cipher_list`] understands such a list, and can say what is missing.

use super::cipher_words::{
    Authentication as A, Encryption as E, KeyExchange as K, Mac as M, Protocol as P, Traits,
};

/// A suite that is not here.
#[derive(Debug)]
pub(super) struct AbsentCipher {
    /// OpenSSL's name.
    pub(super) name: &'static str,
    /// IANA's name.
    pub(super) standard_name: &'static str,
    pub(super) traits: Traits,
}

impl AbsentCipher {
    /// What it would need, in words that go behind "needs"; one at least.
    pub(super) fn needs(&self) -> impl Iterator<Item = &'static str> {
        let Traits { key_exchange, authentication, encryption, mac, .. } = self.traits;
        let pre_shared = matches!(key_exchange, K::Psk | K::RsaPsk | K::DhePsk | K::EcdhePsk);
        let ccm = matches!(encryption, E::AesCcm | E::AesCcm8);
        [
            (key_exchange == K::Rsa, "static RSA key exchange"),
            (pre_shared, "pre-shared keys"),
            (key_exchange == K::Srp, "SRP"),
            (authentication == A::Null, "anonymous key exchange"),
            (authentication == A::Dss, "DSA certificates"),
            (encryption == E::Null, "NULL encryption"),
            (encryption == E::Camellia, "Camellia"),
            (encryption == E::Aria, "ARIA"),
            (ccm, "AES in CCM mode"),
            (encryption == E::AesCbc && mac == M::Sha384, "CBC with a MAC of SHA-384"),
            (encryption == E::AesCbc && key_exchange == K::Dhe, "CBC with Diffie-Hellman over a prime field"),
        ]
        .into_iter()
        .filter_map(|(it_does, need)| it_does.then_some(need))
    }
}

macro_rules! suites {
    ($($name:literal $standard:literal $protocol:ident $kx:ident $au:ident $enc:ident $mac:ident $bits:literal;)*) => {
        /// In OpenSSL's order of preference, as `openssl ciphers -stdname ALL:COMPLEMENTOFALL` prints them.
        pub(super) const ABSENT: &[AbsentCipher] = &[$(AbsentCipher {
            name: $name,
            standard_name: $standard,
            traits: Traits {
                key_exchange: K::$kx, authentication: A::$au, encryption: E::$enc, mac: M::$mac,
                protocol: P::$protocol, bits: $bits,
            },
        },)*];
    };
}

suites! {
    "DHE-DSS-AES256-GCM-SHA384" "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384" Tls12 Dhe Dss AesGcm Aead 256;
    "ECDHE-ECDSA-AES256-CCM8" "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8" Tls12 Ecdhe Ecdsa AesCcm8 Aead 256;
    "ECDHE-ECDSA-AES256-CCM" "TLS_ECDHE_ECDSA_WITH_AES_256_CCM" Tls12 Ecdhe Ecdsa AesCcm Aead 256;
    "DHE-RSA-AES256-CCM8" "TLS_DHE_RSA_WITH_AES_256_CCM_8" Tls12 Dhe Rsa AesCcm8 Aead 256;
    "DHE-RSA-AES256-CCM" "TLS_DHE_RSA_WITH_AES_256_CCM" Tls12 Dhe Rsa AesCcm Aead 256;
    "ECDHE-ECDSA-ARIA256-GCM-SHA384" "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384" Tls12 Ecdhe Ecdsa Aria Aead 256;
    "ECDHE-ARIA256-GCM-SHA384" "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384" Tls12 Ecdhe Rsa Aria Aead 256;
    "DHE-DSS-ARIA256-GCM-SHA384" "TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384" Tls12 Dhe Dss Aria Aead 256;
    "DHE-RSA-ARIA256-GCM-SHA384" "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384" Tls12 Dhe Rsa Aria Aead 256;
    "ADH-AES256-GCM-SHA384" "TLS_DH_anon_WITH_AES_256_GCM_SHA384" Tls12 Dhe Null AesGcm Aead 256;
    "DHE-DSS-AES128-GCM-SHA256" "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256" Tls12 Dhe Dss AesGcm Aead 128;
    "ECDHE-ECDSA-AES128-CCM8" "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8" Tls12 Ecdhe Ecdsa AesCcm8 Aead 128;
    "ECDHE-ECDSA-AES128-CCM" "TLS_ECDHE_ECDSA_WITH_AES_128_CCM" Tls12 Ecdhe Ecdsa AesCcm Aead 128;
    "DHE-RSA-AES128-CCM8" "TLS_DHE_RSA_WITH_AES_128_CCM_8" Tls12 Dhe Rsa AesCcm8 Aead 128;
    "DHE-RSA-AES128-CCM" "TLS_DHE_RSA_WITH_AES_128_CCM" Tls12 Dhe Rsa AesCcm Aead 128;
    "ECDHE-ECDSA-ARIA128-GCM-SHA256" "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256" Tls12 Ecdhe Ecdsa Aria Aead 128;
    "ECDHE-ARIA128-GCM-SHA256" "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256" Tls12 Ecdhe Rsa Aria Aead 128;
    "DHE-DSS-ARIA128-GCM-SHA256" "TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256" Tls12 Dhe Dss Aria Aead 128;
    "DHE-RSA-ARIA128-GCM-SHA256" "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256" Tls12 Dhe Rsa Aria Aead 128;
    "ADH-AES128-GCM-SHA256" "TLS_DH_anon_WITH_AES_128_GCM_SHA256" Tls12 Dhe Null AesGcm Aead 128;
    "ECDHE-ECDSA-AES256-SHA384" "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384" Tls12 Ecdhe Ecdsa AesCbc Sha384 256;
    "ECDHE-RSA-AES256-SHA384" "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384" Tls12 Ecdhe Rsa AesCbc Sha384 256;
    "DHE-RSA-AES256-SHA256" "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256" Tls12 Dhe Rsa AesCbc Sha256 256;
    "DHE-DSS-AES256-SHA256" "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256" Tls12 Dhe Dss AesCbc Sha256 256;
    "ECDHE-ECDSA-CAMELLIA256-SHA384" "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384" Tls12 Ecdhe Ecdsa Camellia Sha384 256;
    "ECDHE-RSA-CAMELLIA256-SHA384" "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384" Tls12 Ecdhe Rsa Camellia Sha384 256;
    "DHE-RSA-CAMELLIA256-SHA256" "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256" Tls12 Dhe Rsa Camellia Sha256 256;
    "DHE-DSS-CAMELLIA256-SHA256" "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256" Tls12 Dhe Dss Camellia Sha256 256;
    "ADH-AES256-SHA256" "TLS_DH_anon_WITH_AES_256_CBC_SHA256" Tls12 Dhe Null AesCbc Sha256 256;
    "ADH-CAMELLIA256-SHA256" "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256" Tls12 Dhe Null Camellia Sha256 256;
    "DHE-RSA-AES128-SHA256" "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256" Tls12 Dhe Rsa AesCbc Sha256 128;
    "DHE-DSS-AES128-SHA256" "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256" Tls12 Dhe Dss AesCbc Sha256 128;
    "ECDHE-ECDSA-CAMELLIA128-SHA256" "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Ecdhe Ecdsa Camellia Sha256 128;
    "ECDHE-RSA-CAMELLIA128-SHA256" "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Ecdhe Rsa Camellia Sha256 128;
    "DHE-RSA-CAMELLIA128-SHA256" "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Dhe Rsa Camellia Sha256 128;
    "DHE-DSS-CAMELLIA128-SHA256" "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Dhe Dss Camellia Sha256 128;
    "ADH-AES128-SHA256" "TLS_DH_anon_WITH_AES_128_CBC_SHA256" Tls12 Dhe Null AesCbc Sha256 128;
    "ADH-CAMELLIA128-SHA256" "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Dhe Null Camellia Sha256 128;
    "DHE-RSA-AES256-SHA" "TLS_DHE_RSA_WITH_AES_256_CBC_SHA" Ssl3 Dhe Rsa AesCbc Sha1 256;
    "DHE-DSS-AES256-SHA" "TLS_DHE_DSS_WITH_AES_256_CBC_SHA" Ssl3 Dhe Dss AesCbc Sha1 256;
    "DHE-RSA-CAMELLIA256-SHA" "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA" Ssl3 Dhe Rsa Camellia Sha1 256;
    "DHE-DSS-CAMELLIA256-SHA" "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA" Ssl3 Dhe Dss Camellia Sha1 256;
    "AECDH-AES256-SHA" "TLS_ECDH_anon_WITH_AES_256_CBC_SHA" Tls10 Ecdhe Null AesCbc Sha1 256;
    "ADH-AES256-SHA" "TLS_DH_anon_WITH_AES_256_CBC_SHA" Ssl3 Dhe Null AesCbc Sha1 256;
    "ADH-CAMELLIA256-SHA" "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA" Ssl3 Dhe Null Camellia Sha1 256;
    "DHE-RSA-AES128-SHA" "TLS_DHE_RSA_WITH_AES_128_CBC_SHA" Ssl3 Dhe Rsa AesCbc Sha1 128;
    "DHE-DSS-AES128-SHA" "TLS_DHE_DSS_WITH_AES_128_CBC_SHA" Ssl3 Dhe Dss AesCbc Sha1 128;
    "DHE-RSA-CAMELLIA128-SHA" "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA" Ssl3 Dhe Rsa Camellia Sha1 128;
    "DHE-DSS-CAMELLIA128-SHA" "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA" Ssl3 Dhe Dss Camellia Sha1 128;
    "AECDH-AES128-SHA" "TLS_ECDH_anon_WITH_AES_128_CBC_SHA" Tls10 Ecdhe Null AesCbc Sha1 128;
    "ADH-AES128-SHA" "TLS_DH_anon_WITH_AES_128_CBC_SHA" Ssl3 Dhe Null AesCbc Sha1 128;
    "ADH-CAMELLIA128-SHA" "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA" Ssl3 Dhe Null Camellia Sha1 128;
    "RSA-PSK-AES256-GCM-SHA384" "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384" Tls12 RsaPsk Rsa AesGcm Aead 256;
    "DHE-PSK-AES256-GCM-SHA384" "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384" Tls12 DhePsk Psk AesGcm Aead 256;
    "RSA-PSK-CHACHA20-POLY1305" "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256" Tls12 RsaPsk Rsa ChaCha20 Aead 256;
    "DHE-PSK-CHACHA20-POLY1305" "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256" Tls12 DhePsk Psk ChaCha20 Aead 256;
    "ECDHE-PSK-CHACHA20-POLY1305" "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256" Tls12 EcdhePsk Psk ChaCha20 Aead 256;
    "DHE-PSK-AES256-CCM8" "TLS_PSK_DHE_WITH_AES_256_CCM_8" Tls12 DhePsk Psk AesCcm8 Aead 256;
    "DHE-PSK-AES256-CCM" "TLS_DHE_PSK_WITH_AES_256_CCM" Tls12 DhePsk Psk AesCcm Aead 256;
    "RSA-PSK-ARIA256-GCM-SHA384" "TLS_RSA_PSK_WITH_ARIA_256_GCM_SHA384" Tls12 RsaPsk Rsa Aria Aead 256;
    "DHE-PSK-ARIA256-GCM-SHA384" "TLS_DHE_PSK_WITH_ARIA_256_GCM_SHA384" Tls12 DhePsk Psk Aria Aead 256;
    "AES256-GCM-SHA384" "TLS_RSA_WITH_AES_256_GCM_SHA384" Tls12 Rsa Rsa AesGcm Aead 256;
    "AES256-CCM8" "TLS_RSA_WITH_AES_256_CCM_8" Tls12 Rsa Rsa AesCcm8 Aead 256;
    "AES256-CCM" "TLS_RSA_WITH_AES_256_CCM" Tls12 Rsa Rsa AesCcm Aead 256;
    "ARIA256-GCM-SHA384" "TLS_RSA_WITH_ARIA_256_GCM_SHA384" Tls12 Rsa Rsa Aria Aead 256;
    "PSK-AES256-GCM-SHA384" "TLS_PSK_WITH_AES_256_GCM_SHA384" Tls12 Psk Psk AesGcm Aead 256;
    "PSK-CHACHA20-POLY1305" "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256" Tls12 Psk Psk ChaCha20 Aead 256;
    "PSK-AES256-CCM8" "TLS_PSK_WITH_AES_256_CCM_8" Tls12 Psk Psk AesCcm8 Aead 256;
    "PSK-AES256-CCM" "TLS_PSK_WITH_AES_256_CCM" Tls12 Psk Psk AesCcm Aead 256;
    "PSK-ARIA256-GCM-SHA384" "TLS_PSK_WITH_ARIA_256_GCM_SHA384" Tls12 Psk Psk Aria Aead 256;
    "RSA-PSK-AES128-GCM-SHA256" "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256" Tls12 RsaPsk Rsa AesGcm Aead 128;
    "DHE-PSK-AES128-GCM-SHA256" "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256" Tls12 DhePsk Psk AesGcm Aead 128;
    "DHE-PSK-AES128-CCM8" "TLS_PSK_DHE_WITH_AES_128_CCM_8" Tls12 DhePsk Psk AesCcm8 Aead 128;
    "DHE-PSK-AES128-CCM" "TLS_DHE_PSK_WITH_AES_128_CCM" Tls12 DhePsk Psk AesCcm Aead 128;
    "RSA-PSK-ARIA128-GCM-SHA256" "TLS_RSA_PSK_WITH_ARIA_128_GCM_SHA256" Tls12 RsaPsk Rsa Aria Aead 128;
    "DHE-PSK-ARIA128-GCM-SHA256" "TLS_DHE_PSK_WITH_ARIA_128_GCM_SHA256" Tls12 DhePsk Psk Aria Aead 128;
    "AES128-GCM-SHA256" "TLS_RSA_WITH_AES_128_GCM_SHA256" Tls12 Rsa Rsa AesGcm Aead 128;
    "AES128-CCM8" "TLS_RSA_WITH_AES_128_CCM_8" Tls12 Rsa Rsa AesCcm8 Aead 128;
    "AES128-CCM" "TLS_RSA_WITH_AES_128_CCM" Tls12 Rsa Rsa AesCcm Aead 128;
    "ARIA128-GCM-SHA256" "TLS_RSA_WITH_ARIA_128_GCM_SHA256" Tls12 Rsa Rsa Aria Aead 128;
    "PSK-AES128-GCM-SHA256" "TLS_PSK_WITH_AES_128_GCM_SHA256" Tls12 Psk Psk AesGcm Aead 128;
    "PSK-AES128-CCM8" "TLS_PSK_WITH_AES_128_CCM_8" Tls12 Psk Psk AesCcm8 Aead 128;
    "PSK-AES128-CCM" "TLS_PSK_WITH_AES_128_CCM" Tls12 Psk Psk AesCcm Aead 128;
    "PSK-ARIA128-GCM-SHA256" "TLS_PSK_WITH_ARIA_128_GCM_SHA256" Tls12 Psk Psk Aria Aead 128;
    "AES256-SHA256" "TLS_RSA_WITH_AES_256_CBC_SHA256" Tls12 Rsa Rsa AesCbc Sha256 256;
    "CAMELLIA256-SHA256" "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256" Tls12 Rsa Rsa Camellia Sha256 256;
    "AES128-SHA256" "TLS_RSA_WITH_AES_128_CBC_SHA256" Tls12 Rsa Rsa AesCbc Sha256 128;
    "CAMELLIA128-SHA256" "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256" Tls12 Rsa Rsa Camellia Sha256 128;
    "ECDHE-PSK-AES256-CBC-SHA384" "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384" Tls10 EcdhePsk Psk AesCbc Sha384 256;
    "ECDHE-PSK-AES256-CBC-SHA" "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA" Tls10 EcdhePsk Psk AesCbc Sha1 256;
    "SRP-DSS-AES-256-CBC-SHA" "TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA" Ssl3 Srp Dss AesCbc Sha1 256;
    "SRP-RSA-AES-256-CBC-SHA" "TLS_SRP_SHA_RSA_WITH_AES_256_CBC_SHA" Ssl3 Srp Rsa AesCbc Sha1 256;
    "SRP-AES-256-CBC-SHA" "TLS_SRP_SHA_WITH_AES_256_CBC_SHA" Ssl3 Srp Srp AesCbc Sha1 256;
    "RSA-PSK-AES256-CBC-SHA384" "TLS_RSA_PSK_WITH_AES_256_CBC_SHA384" Tls10 RsaPsk Rsa AesCbc Sha384 256;
    "DHE-PSK-AES256-CBC-SHA384" "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384" Tls10 DhePsk Psk AesCbc Sha384 256;
    "RSA-PSK-AES256-CBC-SHA" "TLS_RSA_PSK_WITH_AES_256_CBC_SHA" Ssl3 RsaPsk Rsa AesCbc Sha1 256;
    "DHE-PSK-AES256-CBC-SHA" "TLS_DHE_PSK_WITH_AES_256_CBC_SHA" Ssl3 DhePsk Psk AesCbc Sha1 256;
    "ECDHE-PSK-CAMELLIA256-SHA384" "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384" Tls10 EcdhePsk Psk Camellia Sha384 256;
    "RSA-PSK-CAMELLIA256-SHA384" "TLS_RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384" Tls10 RsaPsk Rsa Camellia Sha384 256;
    "DHE-PSK-CAMELLIA256-SHA384" "TLS_DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384" Tls10 DhePsk Psk Camellia Sha384 256;
    "AES256-SHA" "TLS_RSA_WITH_AES_256_CBC_SHA" Ssl3 Rsa Rsa AesCbc Sha1 256;
    "CAMELLIA256-SHA" "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA" Ssl3 Rsa Rsa Camellia Sha1 256;
    "PSK-AES256-CBC-SHA384" "TLS_PSK_WITH_AES_256_CBC_SHA384" Tls10 Psk Psk AesCbc Sha384 256;
    "PSK-AES256-CBC-SHA" "TLS_PSK_WITH_AES_256_CBC_SHA" Ssl3 Psk Psk AesCbc Sha1 256;
    "PSK-CAMELLIA256-SHA384" "TLS_PSK_WITH_CAMELLIA_256_CBC_SHA384" Tls10 Psk Psk Camellia Sha384 256;
    "ECDHE-PSK-AES128-CBC-SHA256" "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256" Tls10 EcdhePsk Psk AesCbc Sha256 128;
    "ECDHE-PSK-AES128-CBC-SHA" "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA" Tls10 EcdhePsk Psk AesCbc Sha1 128;
    "SRP-DSS-AES-128-CBC-SHA" "TLS_SRP_SHA_DSS_WITH_AES_128_CBC_SHA" Ssl3 Srp Dss AesCbc Sha1 128;
    "SRP-RSA-AES-128-CBC-SHA" "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA" Ssl3 Srp Rsa AesCbc Sha1 128;
    "SRP-AES-128-CBC-SHA" "TLS_SRP_SHA_WITH_AES_128_CBC_SHA" Ssl3 Srp Srp AesCbc Sha1 128;
    "RSA-PSK-AES128-CBC-SHA256" "TLS_RSA_PSK_WITH_AES_128_CBC_SHA256" Tls10 RsaPsk Rsa AesCbc Sha256 128;
    "DHE-PSK-AES128-CBC-SHA256" "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256" Tls10 DhePsk Psk AesCbc Sha256 128;
    "RSA-PSK-AES128-CBC-SHA" "TLS_RSA_PSK_WITH_AES_128_CBC_SHA" Ssl3 RsaPsk Rsa AesCbc Sha1 128;
    "DHE-PSK-AES128-CBC-SHA" "TLS_DHE_PSK_WITH_AES_128_CBC_SHA" Ssl3 DhePsk Psk AesCbc Sha1 128;
    "ECDHE-PSK-CAMELLIA128-SHA256" "TLS_ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256" Tls10 EcdhePsk Psk Camellia Sha256 128;
    "RSA-PSK-CAMELLIA128-SHA256" "TLS_RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256" Tls10 RsaPsk Rsa Camellia Sha256 128;
    "DHE-PSK-CAMELLIA128-SHA256" "TLS_DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256" Tls10 DhePsk Psk Camellia Sha256 128;
    "AES128-SHA" "TLS_RSA_WITH_AES_128_CBC_SHA" Ssl3 Rsa Rsa AesCbc Sha1 128;
    "CAMELLIA128-SHA" "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA" Ssl3 Rsa Rsa Camellia Sha1 128;
    "PSK-AES128-CBC-SHA256" "TLS_PSK_WITH_AES_128_CBC_SHA256" Tls10 Psk Psk AesCbc Sha256 128;
    "PSK-AES128-CBC-SHA" "TLS_PSK_WITH_AES_128_CBC_SHA" Ssl3 Psk Psk AesCbc Sha1 128;
    "PSK-CAMELLIA128-SHA256" "TLS_PSK_WITH_CAMELLIA_128_CBC_SHA256" Tls10 Psk Psk Camellia Sha256 128;
    "ECDHE-ECDSA-NULL-SHA" "TLS_ECDHE_ECDSA_WITH_NULL_SHA" Tls10 Ecdhe Ecdsa Null Sha1 0;
    "ECDHE-RSA-NULL-SHA" "TLS_ECDHE_RSA_WITH_NULL_SHA" Tls10 Ecdhe Rsa Null Sha1 0;
    "AECDH-NULL-SHA" "TLS_ECDH_anon_WITH_NULL_SHA" Tls10 Ecdhe Null Null Sha1 0;
    "NULL-SHA256" "TLS_RSA_WITH_NULL_SHA256" Tls12 Rsa Rsa Null Sha256 0;
    "ECDHE-PSK-NULL-SHA384" "TLS_ECDHE_PSK_WITH_NULL_SHA384" Tls10 EcdhePsk Psk Null Sha384 0;
    "ECDHE-PSK-NULL-SHA256" "TLS_ECDHE_PSK_WITH_NULL_SHA256" Tls10 EcdhePsk Psk Null Sha256 0;
    "ECDHE-PSK-NULL-SHA" "TLS_ECDHE_PSK_WITH_NULL_SHA" Tls10 EcdhePsk Psk Null Sha1 0;
    "RSA-PSK-NULL-SHA384" "TLS_RSA_PSK_WITH_NULL_SHA384" Tls10 RsaPsk Rsa Null Sha384 0;
    "RSA-PSK-NULL-SHA256" "TLS_RSA_PSK_WITH_NULL_SHA256" Tls10 RsaPsk Rsa Null Sha256 0;
    "DHE-PSK-NULL-SHA384" "TLS_DHE_PSK_WITH_NULL_SHA384" Tls10 DhePsk Psk Null Sha384 0;
    "DHE-PSK-NULL-SHA256" "TLS_DHE_PSK_WITH_NULL_SHA256" Tls10 DhePsk Psk Null Sha256 0;
    "RSA-PSK-NULL-SHA" "TLS_RSA_PSK_WITH_NULL_SHA" Ssl3 RsaPsk Rsa Null Sha1 0;
    "DHE-PSK-NULL-SHA" "TLS_DHE_PSK_WITH_NULL_SHA" Ssl3 DhePsk Psk Null Sha1 0;
    "NULL-SHA" "TLS_RSA_WITH_NULL_SHA" Ssl3 Rsa Rsa Null Sha1 0;
    "NULL-MD5" "TLS_RSA_WITH_NULL_MD5" Ssl3 Rsa Rsa Null Md5 0;
    "PSK-NULL-SHA384" "TLS_PSK_WITH_NULL_SHA384" Tls10 Psk Psk Null Sha384 0;
    "PSK-NULL-SHA256" "TLS_PSK_WITH_NULL_SHA256" Tls10 Psk Psk Null Sha256 0;
    "PSK-NULL-SHA" "TLS_PSK_WITH_NULL_SHA" Ssl3 Psk Psk Null Sha1 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl_names::ciphers;

    #[test]
    fn nothing_is_here_and_absent() {
        for suite in ABSENT {
            assert!(suite.needs().next().is_some(), "{}", suite.name);
            assert!(ciphers::TABLE.iter().all(|ours| ours.name != suite.name), "{}", suite.name);
            assert!(
                ciphers::TABLE.iter().all(|ours| ours.standard_name != suite.standard_name),
                "{}",
                suite.name
            );
        }
    }
}
