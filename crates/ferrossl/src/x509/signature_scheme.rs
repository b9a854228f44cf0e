//! SignatureScheme: the numbers under which handshakes name signatures (RFC 8446 section 4.2.3).
//!
//! TLS 1.2 reads the same two bytes as a digest and a kind of key (RFC 5246 section 7.4.1.4.1): there,
//! `ecdsa_secp256r1_sha256` is ECDSA with SHA-256 on any curve.

/// `rsa_pkcs1_sha256`.
pub(crate) const RSA_PKCS1_SHA256: u16 = 0x0401;
/// `rsa_pkcs1_sha384`.
pub(crate) const RSA_PKCS1_SHA384: u16 = 0x0501;
/// `rsa_pkcs1_sha512`.
pub(crate) const RSA_PKCS1_SHA512: u16 = 0x0601;
/// `ecdsa_secp256r1_sha256`.
pub(crate) const ECDSA_SECP256R1_SHA256: u16 = 0x0403;
/// `ecdsa_secp384r1_sha384`.
pub(crate) const ECDSA_SECP384R1_SHA384: u16 = 0x0503;
/// `ecdsa_secp521r1_sha512`.
pub(crate) const ECDSA_SECP521R1_SHA512: u16 = 0x0603;
/// `rsa_pss_rsae_sha256`: PSS by a key of the kind `rsaEncryption`.
pub(crate) const RSA_PSS_RSAE_SHA256: u16 = 0x0804;
/// `rsa_pss_rsae_sha384`.
pub(crate) const RSA_PSS_RSAE_SHA384: u16 = 0x0805;
/// `rsa_pss_rsae_sha512`.
pub(crate) const RSA_PSS_RSAE_SHA512: u16 = 0x0806;
/// `ed25519`.
pub(crate) const ED25519: u16 = 0x0807;
/// `rsa_pss_pss_sha256`: PSS by a key of the kind `id-RSASSA-PSS`.
pub(crate) const RSA_PSS_PSS_SHA256: u16 = 0x0809;
/// `rsa_pss_pss_sha384`.
pub(crate) const RSA_PSS_PSS_SHA384: u16 = 0x080a;
/// `rsa_pss_pss_sha512`.
pub(crate) const RSA_PSS_PSS_SHA512: u16 = 0x080b;
