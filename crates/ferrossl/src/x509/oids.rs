//! Object identifiers under the names of the documents that define them: what certificates, revocation lists and private
//! keys are made of. They are compared as bytes; the dotted form is for people.

use super::der::Oid;

/// Defines a constant for each line, and for the tests a list of them all with their dotted forms.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal, [$($byte:literal),*];)*) => {
        $(
            $(#[$doc])*
            #[doc = concat!("\n\n`", $dotted, "`")]
            pub(crate) const $name: Oid<'static> = Oid::new(&[$($byte),*]);
        )*

        #[cfg(test)]
        const ALL: &[(&str, Oid<'static>, &str)] = &[$((stringify!($name), $name, $dotted)),*];
    };
}

identifiers! {
    // Extensions of certificates (RFC 5280 section 4.2.1).
    /// `subjectKeyIdentifier` (RFC 5280 section 4.2.1.2).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14", [0x55, 0x1d, 0x0e];
    /// `keyUsage` (RFC 5280 section 4.2.1.3).
    KEY_USAGE = "2.5.29.15", [0x55, 0x1d, 0x0f];
    /// `subjectAltName` (RFC 5280 section 4.2.1.6).
    SUBJECT_ALT_NAME = "2.5.29.17", [0x55, 0x1d, 0x11];
    /// `issuerAltName` (RFC 5280 section 4.2.1.7).
    ISSUER_ALT_NAME = "2.5.29.18", [0x55, 0x1d, 0x12];
    /// `basicConstraints` (RFC 5280 section 4.2.1.9).
    BASIC_CONSTRAINTS = "2.5.29.19", [0x55, 0x1d, 0x13];
    /// `nameConstraints` (RFC 5280 section 4.2.1.10).
    NAME_CONSTRAINTS = "2.5.29.30", [0x55, 0x1d, 0x1e];
    /// `cRLDistributionPoints` (RFC 5280 section 4.2.1.13).
    CRL_DISTRIBUTION_POINTS = "2.5.29.31", [0x55, 0x1d, 0x1f];
    /// `certificatePolicies` (RFC 5280 section 4.2.1.4).
    CERTIFICATE_POLICIES = "2.5.29.32", [0x55, 0x1d, 0x20];
    /// `policyMappings` (RFC 5280 section 4.2.1.5).
    POLICY_MAPPINGS = "2.5.29.33", [0x55, 0x1d, 0x21];
    /// `authorityKeyIdentifier` (RFC 5280 section 4.2.1.1).
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35", [0x55, 0x1d, 0x23];
    /// `policyConstraints` (RFC 5280 section 4.2.1.11).
    POLICY_CONSTRAINTS = "2.5.29.36", [0x55, 0x1d, 0x24];
    /// `extKeyUsage` (RFC 5280 section 4.2.1.12).
    EXT_KEY_USAGE = "2.5.29.37", [0x55, 0x1d, 0x25];
    /// `inhibitAnyPolicy` (RFC 5280 section 4.2.1.14).
    INHIBIT_ANY_POLICY = "2.5.29.54", [0x55, 0x1d, 0x36];
    /// `authorityInfoAccess` (RFC 5280 section 4.2.2.1).
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1", [0x2b, 6, 1, 5, 5, 7, 1, 1];
    /// `ipAddrBlocks` (RFC 3779 section 2.2.1).
    IP_ADDR_BLOCKS = "1.3.6.1.5.5.7.1.7", [0x2b, 6, 1, 5, 5, 7, 1, 7];
    /// `autonomousSysIds` (RFC 3779 section 3.2.1).
    AUTONOMOUS_SYS_IDS = "1.3.6.1.5.5.7.1.8", [0x2b, 6, 1, 5, 5, 7, 1, 8];
    /// `proxyCertInfo` (RFC 3820 section 3.8).
    PROXY_CERT_INFO = "1.3.6.1.5.5.7.1.14", [0x2b, 6, 1, 5, 5, 7, 1, 0x0e];
    /// `ocsp-nocheck` (RFC 6960 section 4.2.2.2.1).
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5", [0x2b, 6, 1, 5, 5, 7, 0x30, 1, 5];
    /// Netscape's certificate type (`nsCertType` of OpenSSL).
    NETSCAPE_CERT_TYPE = "2.16.840.1.113730.1.1", [0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1];

    // Extensions of revocation lists and of their entries (RFC 5280 sections 5.2 and 5.3).
    /// `cRLReasons` (RFC 5280 section 5.3.1).
    CRL_REASON = "2.5.29.21", [0x55, 0x1d, 0x15];
    /// `deltaCRLIndicator` (RFC 5280 section 5.2.4).
    DELTA_CRL_INDICATOR = "2.5.29.27", [0x55, 0x1d, 0x1b];
    /// `issuingDistributionPoint` (RFC 5280 section 5.2.5).
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28", [0x55, 0x1d, 0x1c];
    /// `certificateIssuer` (RFC 5280 section 5.3.3).
    CERTIFICATE_ISSUER = "2.5.29.29", [0x55, 0x1d, 0x1d];

    // What stands inside of extensions and names.
    /// `anyExtendedKeyUsage` (RFC 5280 section 4.2.1.12).
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0", [0x55, 0x1d, 0x25, 0];
    /// `id-kp-serverAuth` (RFC 5280 section 4.2.1.12).
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1", [0x2b, 6, 1, 5, 5, 7, 3, 1];
    /// `id-kp-clientAuth` (RFC 5280 section 4.2.1.12).
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2", [0x2b, 6, 1, 5, 5, 7, 3, 2];
    /// Microsoft's server-gated cryptography (`msSGC` of OpenSSL).
    MICROSOFT_SGC = "1.3.6.1.4.1.311.10.3.3", [0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x0a, 3, 3];
    /// Netscape's server-gated cryptography (`nsSGC` of OpenSSL).
    NETSCAPE_SGC = "2.16.840.1.113730.4.1", [0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1];
    /// `id-ad-ocsp` (RFC 5280 section 4.2.2.1).
    AD_OCSP = "1.3.6.1.5.5.7.48.1", [0x2b, 6, 1, 5, 5, 7, 0x30, 1];
    /// `id-ad-caIssuers` (RFC 5280 section 4.2.2.1).
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2", [0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    /// `emailAddress`, an attribute of names (RFC 2985 section 5.2.1).
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

    // Digests, and what makes masks of them.
    /// `id-sha1` (RFC 4055 section 2.1).
    SHA1 = "1.3.14.3.2.26", [0x2b, 0x0e, 3, 2, 0x1a];
    /// `id-sha256` (RFC 4055 section 2.1).
    SHA256 = "2.16.840.1.101.3.4.2.1", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    /// `id-sha384` (RFC 4055 section 2.1).
    SHA384 = "2.16.840.1.101.3.4.2.2", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
    /// `id-sha512` (RFC 4055 section 2.1).
    SHA512 = "2.16.840.1.101.3.4.2.3", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
    /// `id-mgf1` (RFC 4055 section 2.2).
    MGF1 = "1.2.840.113549.1.1.8", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

    // Keys (RFC 3279 section 2.3, RFC 5480 section 2.1, RFC 8410 section 3).
    /// `rsaEncryption` (RFC 3279 section 2.3.1).
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    /// `id-RSASSA-PSS` (RFC 4055 section 3), of keys and of signatures.
    RSASSA_PSS = "1.2.840.113549.1.1.10", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0a];
    /// `id-ecPublicKey` (RFC 5480 section 2.1.1).
    EC_PUBLIC_KEY = "1.2.840.10045.2.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    /// `id-Ed25519` (RFC 8410 section 3), of keys and of signatures.
    ED25519 = "1.3.101.112", [0x2b, 0x65, 0x70];
    /// `id-Ed448` (RFC 8410 section 3), of keys and of signatures.
    ED448 = "1.3.101.113", [0x2b, 0x65, 0x71];
    /// `id-X25519` (RFC 8410 section 3).
    X25519 = "1.3.101.110", [0x2b, 0x65, 0x6e];
    /// `id-X448` (RFC 8410 section 3).
    X448 = "1.3.101.111", [0x2b, 0x65, 0x6f];
    /// `id-dsa` (RFC 3279 section 2.3.2).
    DSA = "1.2.840.10040.4.1", [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    /// `dhKeyAgreement` (PKCS #3).
    DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1];
    /// `dhpublicnumber` (RFC 3279 section 2.3.3).
    DH_PUBLIC_NUMBER = "1.2.840.10046.2.1", [0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1];

    // Curves.
    /// `secp256r1`, or `prime256v1`, or P-256 (RFC 5480 section 2.1.1.1).
    SECP256R1 = "1.2.840.10045.3.1.7", [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    /// `secp384r1`, or P-384 (RFC 5480 section 2.1.1.1).
    SECP384R1 = "1.3.132.0.34", [0x2b, 0x81, 4, 0, 0x22];
    /// `secp521r1`, or P-521 (RFC 5480 section 2.1.1.1).
    SECP521R1 = "1.3.132.0.35", [0x2b, 0x81, 4, 0, 0x23];
    /// `secp192r1`, or `prime192v1` (RFC 5480 section 2.1.1.1).
    SECP192R1 = "1.2.840.10045.3.1.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1];
    /// `secp224r1` (RFC 5480 section 2.1.1.1).
    SECP224R1 = "1.3.132.0.33", [0x2b, 0x81, 4, 0, 0x21];
    /// `secp256k1` (SEC 2, appendix A.2.1).
    SECP256K1 = "1.3.132.0.10", [0x2b, 0x81, 4, 0, 0x0a];
    /// `brainpoolP256r1` (RFC 5639 section 3.4).
    BRAINPOOL_P256R1 = "1.3.36.3.3.2.8.1.1.7", [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7];
    /// `brainpoolP384r1` (RFC 5639 section 3.6).
    BRAINPOOL_P384R1 = "1.3.36.3.3.2.8.1.1.11", [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 0x0b];
    /// `brainpoolP512r1` (RFC 5639 section 3.7).
    BRAINPOOL_P512R1 = "1.3.36.3.3.2.8.1.1.13", [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 0x0d];

    // Signatures that can be checked here.
    /// `sha1WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
    /// `sha256WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];
    /// `sha384WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0c];
    /// `sha512WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0d];
    /// `ecdsa-with-SHA1` (RFC 3279 section 2.2.3).
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    /// `ecdsa-with-SHA256` (RFC 5758 section 3.2).
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    /// `ecdsa-with-SHA384` (RFC 5758 section 3.2).
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    /// `ecdsa-with-SHA512` (RFC 5758 section 3.2).
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];

    // Signatures that OpenSSL knows (`crypto/objects/obj_xref.txt`) and this library cannot check.
    /// `md2WithRSAEncryption` (RFC 8017 appendix A.2.4).
    MD2_WITH_RSA = "1.2.840.113549.1.1.2", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2];
    /// `md4WithRSAEncryption` (OpenSSL's name).
    MD4_WITH_RSA = "1.2.840.113549.1.1.3", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3];
    /// `md5WithRSAEncryption` (RFC 8017 appendix A.2.4).
    MD5_WITH_RSA = "1.2.840.113549.1.1.4", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
    /// `sha224WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA224_WITH_RSA = "1.2.840.113549.1.1.14", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0e];
    /// `sha512-224WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA512_224_WITH_RSA = "1.2.840.113549.1.1.15", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0f];
    /// `sha512-256WithRSAEncryption` (RFC 8017 appendix A.2.4).
    SHA512_256_WITH_RSA = "1.2.840.113549.1.1.16", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x10];
    /// `md5WithRSA` of the OSI Implementors' Workshop (OpenSSL's name).
    OIW_MD5_WITH_RSA = "1.3.14.3.2.3", [0x2b, 0x0e, 3, 2, 3];
    /// `shaWithRSAEncryption`, with the first SHA (OpenSSL's name).
    OIW_SHA_WITH_RSA = "1.3.14.3.2.15", [0x2b, 0x0e, 3, 2, 0x0f];
    /// `sha1WithRSA` of the OSI Implementors' Workshop (OpenSSL's name).
    OIW_SHA1_WITH_RSA = "1.3.14.3.2.29", [0x2b, 0x0e, 3, 2, 0x1d];
    /// `ripemd160WithRSA` (OpenSSL's name).
    RIPEMD160_WITH_RSA = "1.3.36.3.3.1.2", [0x2b, 0x24, 3, 3, 1, 2];
    /// `mdc2WithRSA` (OpenSSL's name).
    MDC2_WITH_RSA = "2.5.8.3.100", [0x55, 8, 3, 0x64];
    /// `id-rsassa-pkcs1-v1_5-with-sha3-224` (NIST's register).
    SHA3_224_WITH_RSA = "2.16.840.1.101.3.4.3.13", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0d];
    /// `id-rsassa-pkcs1-v1_5-with-sha3-256` (NIST's register).
    SHA3_256_WITH_RSA = "2.16.840.1.101.3.4.3.14", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0e];
    /// `id-rsassa-pkcs1-v1_5-with-sha3-384` (NIST's register).
    SHA3_384_WITH_RSA = "2.16.840.1.101.3.4.3.15", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0f];
    /// `id-rsassa-pkcs1-v1_5-with-sha3-512` (NIST's register).
    SHA3_512_WITH_RSA = "2.16.840.1.101.3.4.3.16", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x10];
    /// `ecdsa-with-Recommended`: the key's size says which digest (OpenSSL's name).
    ECDSA_WITH_RECOMMENDED = "1.2.840.10045.4.2", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 2];
    /// `ecdsa-with-Specified`: the parameters say which digest (OpenSSL's name).
    ECDSA_WITH_SPECIFIED = "1.2.840.10045.4.3", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];
    /// `ecdsa-with-SHA224` (RFC 5758 section 3.2).
    ECDSA_WITH_SHA224 = "1.2.840.10045.4.3.1", [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
    /// `id-ecdsa-with-sha3-224` (NIST's register).
    ECDSA_WITH_SHA3_224 = "2.16.840.1.101.3.4.3.9", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 9];
    /// `id-ecdsa-with-sha3-256` (NIST's register).
    ECDSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.10", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0a];
    /// `id-ecdsa-with-sha3-384` (NIST's register).
    ECDSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.11", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0b];
    /// `id-ecdsa-with-sha3-512` (NIST's register).
    ECDSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.12", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 0x0c];
    /// `id-dsa-with-sha1` (RFC 3279 section 2.2.2).
    DSA_WITH_SHA1 = "1.2.840.10040.4.3", [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
    /// `dsaWithSHA`, with the first SHA (OpenSSL's name).
    OIW_DSA_WITH_SHA = "1.3.14.3.2.13", [0x2b, 0x0e, 3, 2, 0x0d];
    /// `dsaWithSHA1` of the OSI Implementors' Workshop (OpenSSL's name).
    OIW_DSA_WITH_SHA1 = "1.3.14.3.2.27", [0x2b, 0x0e, 3, 2, 0x1b];
    /// `id-dsa-with-sha224` (RFC 5758 section 3.1).
    DSA_WITH_SHA224 = "2.16.840.1.101.3.4.3.1", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1];
    /// `id-dsa-with-sha256` (RFC 5758 section 3.1).
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2];

    // Ways to encrypt private keys.
    /// `id-PBES2` (RFC 8018 appendix A.4).
    PBES2 = "1.2.840.113549.1.5.13", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d];
    /// `pbeWithMD2AndRC2-CBC` (RFC 8018 appendix A.3).
    PBE_MD2_RC2 = "1.2.840.113549.1.5.4", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 4];
    /// `pbeWithMD2AndDES-CBC` (RFC 8018 appendix A.3).
    PBE_MD2_DES = "1.2.840.113549.1.5.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 1];
    /// `pbeWithMD5AndRC2-CBC` (RFC 8018 appendix A.3).
    PBE_MD5_RC2 = "1.2.840.113549.1.5.6", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 6];
    /// `pbeWithSHA1AndRC2-CBC` (RFC 8018 appendix A.3).
    PBE_SHA1_RC2 = "1.2.840.113549.1.5.11", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0b];
    /// `pbeWithSHAAnd128BitRC4` (RFC 7292 appendix C).
    PKCS12_SHA1_RC4_128 = "1.2.840.113549.1.12.1.1", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 1];
    /// `pbeWithSHAAnd40BitRC4` (RFC 7292 appendix C).
    PKCS12_SHA1_RC4_40 = "1.2.840.113549.1.12.1.2", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 2];
    /// `pbeWithSHAAnd3-KeyTripleDES-CBC` (RFC 7292 appendix C).
    PKCS12_SHA1_3DES = "1.2.840.113549.1.12.1.3", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 3];
    /// `pbeWithSHAAnd2-KeyTripleDES-CBC` (RFC 7292 appendix C).
    PKCS12_SHA1_2DES = "1.2.840.113549.1.12.1.4", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 4];
    /// `pbeWithSHAAnd128BitRC2-CBC` (RFC 7292 appendix C).
    PKCS12_SHA1_RC2_128 = "1.2.840.113549.1.12.1.5", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 5];
    /// `pbewithSHAAnd40BitRC2-CBC` (RFC 7292 appendix C).
    PKCS12_SHA1_RC2_40 = "1.2.840.113549.1.12.1.6", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 6];
    /// `id-aria128-cbc` (RFC 6209 appendix B).
    ARIA_128_CBC = "1.2.410.200046.1.1.2", [0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 2];
    /// `id-aria192-cbc` (RFC 6209 appendix B).
    ARIA_192_CBC = "1.2.410.200046.1.1.7", [0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 7];
    /// `id-aria256-cbc` (RFC 6209 appendix B).
    ARIA_256_CBC = "1.2.410.200046.1.1.12", [0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 1, 1, 0x0c];
    /// `id-camellia128-cbc` (RFC 3657 section 3).
    CAMELLIA_128_CBC = "1.2.392.200011.61.1.1.1.2", [0x2a, 0x83, 8, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 2];
    /// `id-camellia192-cbc` (RFC 3657 section 3).
    CAMELLIA_192_CBC = "1.2.392.200011.61.1.1.1.3", [0x2a, 0x83, 8, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 3];
    /// `id-camellia256-cbc` (RFC 3657 section 3).
    CAMELLIA_256_CBC = "1.2.392.200011.61.1.1.1.4", [0x2a, 0x83, 8, 0x8c, 0x9a, 0x4b, 0x3d, 1, 1, 1, 4];
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_dotted_form() {
        for (name, identifier, dotted) in ALL {
            assert_eq!(identifier.dotted(), *dotted, "{name}");
        }
    }

    #[test]
    fn no_identifier_has_two_names() {
        let mut seen = HashSet::new();
        for (name, identifier, _) in ALL {
            assert!(seen.insert(identifier), "{name}");
        }
    }
}
