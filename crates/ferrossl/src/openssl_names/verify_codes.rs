//! `X509_V_ERR_*` of `openssl/x509_vfy.h`: the verdicts' numbers, and the texts of `X509_verify_cert_error_string`.

macro_rules! verify_codes {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        /// A verification verdict other than "ok".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum VerifyCode {
            $(#[doc = concat!("`X509_V_ERR` ", stringify!($number), ": ", $text, ".")] $name = $number,)*
        }

        impl VerifyCode {
            /// OpenSSL's text for the code.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

verify_codes! {
    Unspecified = 1, "unspecified certificate verification error";
    UnableToGetIssuerCert = 2, "unable to get issuer certificate";
    UnableToGetCrl = 3, "unable to get certificate CRL";
    CertSignatureFailure = 7, "certificate signature failure";
    CrlSignatureFailure = 8, "CRL signature failure";
    CertNotYetValid = 9, "certificate is not yet valid";
    CertHasExpired = 10, "certificate has expired";
    CrlNotYetValid = 11, "CRL is not yet valid";
    CrlHasExpired = 12, "CRL has expired";
    ErrorInCertNotBeforeField = 13, "format error in certificate's notBefore field";
    ErrorInCertNotAfterField = 14, "format error in certificate's notAfter field";
    ErrorInCrlLastUpdateField = 15, "format error in CRL's lastUpdate field";
    ErrorInCrlNextUpdateField = 16, "format error in CRL's nextUpdate field";
    DepthZeroSelfSignedCert = 18, "self-signed certificate";
    SelfSignedCertInChain = 19, "self-signed certificate in certificate chain";
    UnableToGetIssuerCertLocally = 20, "unable to get local issuer certificate";
    UnableToVerifyLeafSignature = 21, "unable to verify the first certificate";
    CertChainTooLong = 22, "certificate chain too long";
    CertRevoked = 23, "certificate revoked";
    NoIssuerPublicKey = 24, "issuer certificate doesn't have a public key";
    PathLengthExceeded = 25, "path length constraint exceeded";
    InvalidPurpose = 26, "unsuitable certificate purpose";
    KeyUsageNoCertSign = 32, "key usage does not include certificate signing";
    UnhandledCriticalExtension = 34, "unhandled critical extension";
    KeyUsageNoCrlSign = 35, "key usage does not include CRL signing";
    UnhandledCriticalCrlExtension = 36, "unhandled critical CRL extension";
    InvalidNonCa = 37, "invalid non-CA certificate (has CA markings)";
    ProxyPathLengthExceeded = 38, "proxy path length constraint exceeded";
    KeyUsageNoDigitalSignature = 39, "key usage does not include digital signature";
    ProxyCertificatesNotAllowed = 40, "proxy certificates not allowed, please set the appropriate flag";
    DifferentCrlScope = 44, "different CRL scope";
    PermittedViolation = 47, "permitted subtree violation";
    ExcludedViolation = 48, "excluded subtree violation";
    SubtreeMinMax = 49, "name constraints minimum and maximum not supported";
    UnsupportedConstraintType = 51, "unsupported name constraint type";
    UnsupportedNameSyntax = 53, "unsupported or invalid name syntax";
    HostnameMismatch = 62, "hostname mismatch";
    IpAddressMismatch = 64, "IP address mismatch";
    EeKeyTooSmall = 66, "EE certificate key too weak";
    CaKeyTooSmall = 67, "CA certificate key too weak";
    CaMdTooWeak = 68, "CA signature digest algorithm too weak";
    ProxySubjectNameViolation = 72, "proxy subject name violation";
    SignatureAlgorithmInconsistency = 78, "cert info signature and signature algorithm mismatch";
    InvalidCa = 79, "invalid CA certificate";
    PathlenInvalidForNonCa = 80, "Path length invalid for non-CA cert";
    PathlenWithoutKuKeyCertSign = 81, "Path length given without key usage keyCertSign";
    KuKeyCertSignInvalidForNonCa = 82, "Key usage keyCertSign invalid for non-CA cert";
    IssuerNameEmpty = 83, "Issuer name empty";
    SubjectNameEmpty = 84, "Subject name empty";
    MissingAuthorityKeyIdentifier = 85, "Missing Authority Key Identifier";
    MissingSubjectKeyIdentifier = 86, "Missing Subject Key Identifier";
    EmptySubjectAltName = 87, "Empty Subject Alternative Name extension";
    EmptySubjectSanNotCritical = 88, "Subject empty and Subject Alt Name extension not critical";
    CaBconsNotCritical = 89, "Basic Constraints of CA cert not marked critical";
    AuthorityKeyIdentifierCritical = 90, "Authority Key Identifier marked critical";
    SubjectKeyIdentifierCritical = 91, "Subject Key Identifier marked critical";
    CaCertMissingKeyUsage = 92, "CA cert does not include key usage extension";
    ExtensionsRequireVersion3 = 93, "Using cert extension requires at least X509v3";
    EcKeyExplicitParams = 94, "Certificate public key has explicit ECC parameters";
}

impl VerifyCode {
    /// The number that Python shows as `verify_code`.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}
