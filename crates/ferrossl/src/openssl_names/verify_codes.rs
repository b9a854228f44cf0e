//! `X509_V_ERR_*` of `openssl/x509_vfy.h`: the verdicts' numbers, the texts of `X509_verify_cert_error_string`,
//! and the rule behind each.

macro_rules! verify_codes {
    ($($name:ident = $number:literal, $text:literal, $rule:literal;)*) => {
        /// A verification verdict other than "ok".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum VerifyCode {
            $(#[doc = concat!("`X509_V_ERR` ", stringify!($number), ": ", $text, ".")] $name = $number,)*
        }

        impl VerifyCode {
            /// Every code that is given out here, by number.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// OpenSSL's text for the code.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The rule that was broken, in one line, with its source.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)* }
            }
        }
    };
}

verify_codes! {
    Unspecified = 1, "unspecified certificate verification error",
        "the certificate could not be checked";
    UnableToGetIssuerCert = 2, "unable to get issuer certificate",
        "every certificate but a trusted root needs its issuer (RFC 5280 section 6.1)";
    UnableToGetCrl = 3, "unable to get certificate CRL",
        "with CRL checking on, a CRL of the certificate's issuer must be loaded (RFC 5280 section 6.3)";
    CertSignatureFailure = 7, "certificate signature failure",
        "the issuer's key must have signed the certificate (RFC 5280 section 6.1.3 (a)(1))";
    CrlSignatureFailure = 8, "CRL signature failure",
        "the issuer's key must have signed the CRL (RFC 5280 section 6.3.3 (g))";
    CertNotYetValid = 9, "certificate is not yet valid",
        "notBefore must not lie in the future (RFC 5280 section 4.1.2.5)";
    CertHasExpired = 10, "certificate has expired",
        "notAfter must not lie in the past (RFC 5280 section 4.1.2.5)";
    CrlNotYetValid = 11, "CRL is not yet valid",
        "a CRL's thisUpdate must not lie in the future (RFC 5280 section 5.1.2.4)";
    CrlHasExpired = 12, "CRL has expired",
        "a CRL's nextUpdate must not lie in the past; load a fresh one (RFC 5280 section 5.1.2.5)";
    ErrorInCertNotBeforeField = 13, "format error in certificate's notBefore field",
        "notBefore must be a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5)";
    ErrorInCertNotAfterField = 14, "format error in certificate's notAfter field",
        "notAfter must be a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5)";
    ErrorInCrlLastUpdateField = 15, "format error in CRL's lastUpdate field",
        "a CRL's thisUpdate must be a UTCTime or GeneralizedTime (RFC 5280 section 5.1.2.4)";
    ErrorInCrlNextUpdateField = 16, "format error in CRL's nextUpdate field",
        "a CRL's nextUpdate must be a UTCTime or GeneralizedTime (RFC 5280 section 5.1.2.5)";
    DepthZeroSelfSignedCert = 18, "self-signed certificate",
        "a certificate that vouches for itself must be in the trust store";
    SelfSignedCertInChain = 19, "self-signed certificate in certificate chain",
        "the root of the chain must be in the trust store";
    UnableToGetIssuerCertLocally = 20, "unable to get local issuer certificate",
        "the issuer must be in the trust store, or be sent by the peer and lead to a trusted root";
    UnableToVerifyLeafSignature = 21, "unable to verify the first certificate",
        "a chain of one certificate needs its issuer in the trust store";
    CertChainTooLong = 22, "certificate chain too long",
        "a chain has at most 100 issuers";
    CertRevoked = 23, "certificate revoked",
        "the issuer's CRL names the certificate as revoked (RFC 5280 section 6.3)";
    NoIssuerPublicKey = 24, "issuer certificate doesn't have a public key",
        "the issuer's public key must be readable";
    PathLengthExceeded = 25, "path length constraint exceeded",
        "no more intermediates than the issuer's pathLenConstraint allows (RFC 5280 section 4.2.1.9)";
    InvalidPurpose = 26, "unsuitable certificate purpose",
        "keyUsage, extendedKeyUsage and nsCertType, here and above, must allow this use (RFC 5280 section 4.2.1.12)";
    CertRejected = 28, "certificate rejected",
        "the certificate's trust settings must allow this use (openssl x509 -addtrust, -addreject), and its key must not be known as compromised";
    KeyUsageNoCertSign = 32, "key usage does not include certificate signing",
        "an issuer's keyUsage must have keyCertSign (RFC 5280 section 4.2.1.3)";
    UnhandledCriticalExtension = 34, "unhandled critical extension",
        "an extension that is marked critical must be understood (RFC 5280 section 4.2)";
    KeyUsageNoCrlSign = 35, "key usage does not include CRL signing",
        "a CRL issuer's keyUsage must have cRLSign (RFC 5280 section 4.2.1.3)";
    UnhandledCriticalCrlExtension = 36, "unhandled critical CRL extension",
        "a CRL's extension that is marked critical must be understood (RFC 5280 section 5.2)";
    InvalidNonCa = 37, "invalid non-CA certificate (has CA markings)",
        "a proxy certificate's issuer must be no CA (RFC 3820 section 3.1)";
    ProxyPathLengthExceeded = 38, "proxy path length constraint exceeded",
        "no more proxies than pCPathLenConstraint allows (RFC 3820 section 3.8.1)";
    KeyUsageNoDigitalSignature = 39, "key usage does not include digital signature",
        "a proxy's issuer must have digitalSignature in keyUsage (RFC 3820 section 3.1)";
    ProxyCertificatesNotAllowed = 40, "proxy certificates not allowed, please set the appropriate flag",
        "proxy certificates (RFC 3820) verify only with VERIFY_ALLOW_PROXY_CERTS";
    DifferentCrlScope = 44, "different CRL scope",
        "a CRL's issuingDistributionPoint must cover the certificate (RFC 5280 section 5.2.5)";
    PermittedViolation = 47, "permitted subtree violation",
        "every name must lie in the issuers' permittedSubtrees (RFC 5280 section 4.2.1.10)";
    ExcludedViolation = 48, "excluded subtree violation",
        "no name may lie in the issuers' excludedSubtrees (RFC 5280 section 4.2.1.10)";
    SubtreeMinMax = 49, "name constraints minimum and maximum not supported",
        "name constraints have no minimum but 0 and no maximum (RFC 5280 section 4.2.1.10)";
    UnsupportedConstraintType = 51, "unsupported name constraint type",
        "name constraints must be of a kind that can be checked (RFC 5280 section 4.2.1.10)";
    UnsupportedNameSyntax = 53, "unsupported or invalid name syntax",
        "names under name constraints must be well-formed (RFC 5280 section 4.2.1.10)";
    HostnameMismatch = 62, "hostname mismatch",
        "a dNSName of the certificate must be the host's (RFC 6125 section 6.4)";
    IpAddressMismatch = 64, "IP address mismatch",
        "an iPAddress of the certificate must be the host's (RFC 6125 section 6.4)";
    EeKeyTooSmall = 66, "EE certificate key too weak",
        "the key must be as strong as the security level asks (SSL_CTX_set_security_level)";
    CaKeyTooSmall = 67, "CA certificate key too weak",
        "an issuer's key must be as strong as the security level asks (SSL_CTX_set_security_level)";
    CaMdTooWeak = 68, "CA signature digest algorithm too weak",
        "a signature's digest must be as strong as the security level asks (SSL_CTX_set_security_level)";
    ProxySubjectNameViolation = 72, "proxy subject name violation",
        "a proxy's subject is its issuer's with one common name behind it (RFC 3820 section 3.4)";
    SignatureAlgorithmInconsistency = 78, "cert info signature and signature algorithm mismatch",
        "both statements of the signature's algorithm must agree (RFC 5280 section 4.1.1.2)";
    InvalidCa = 79, "invalid CA certificate",
        "an issuer's basicConstraints must say that it is a CA (RFC 5280 section 4.2.1.9)";
    PathlenInvalidForNonCa = 80, "Path length invalid for non-CA cert",
        "VERIFY_X509_STRICT: pathLenConstraint is for CAs (RFC 5280 section 4.2.1.9)";
    PathlenWithoutKuKeyCertSign = 81, "Path length given without key usage keyCertSign",
        "VERIFY_X509_STRICT: pathLenConstraint goes with keyCertSign (RFC 5280 section 4.2.1.9)";
    KuKeyCertSignInvalidForNonCa = 82, "Key usage keyCertSign invalid for non-CA cert",
        "VERIFY_X509_STRICT: keyCertSign is for CAs (RFC 5280 section 4.2.1.9)";
    IssuerNameEmpty = 83, "Issuer name empty",
        "VERIFY_X509_STRICT: the issuer must have a name (RFC 5280 section 4.1.2.4)";
    SubjectNameEmpty = 84, "Subject name empty",
        "VERIFY_X509_STRICT: a CA must have a name (RFC 5280 section 4.1.2.6)";
    MissingAuthorityKeyIdentifier = 85, "Missing Authority Key Identifier",
        "VERIFY_X509_STRICT: every certificate but a root has an authorityKeyIdentifier (RFC 5280 section 4.2.1.1)";
    MissingSubjectKeyIdentifier = 86, "Missing Subject Key Identifier",
        "VERIFY_X509_STRICT: a CA has a subjectKeyIdentifier (RFC 5280 section 4.2.1.2)";
    EmptySubjectAltName = 87, "Empty Subject Alternative Name extension",
        "VERIFY_X509_STRICT: subjectAltName must not be empty (RFC 5280 section 4.2.1.6)";
    EmptySubjectSanNotCritical = 88, "Subject empty and Subject Alt Name extension not critical",
        "VERIFY_X509_STRICT: without a subject, subjectAltName is critical (RFC 5280 section 4.2.1.6)";
    CaBconsNotCritical = 89, "Basic Constraints of CA cert not marked critical",
        "VERIFY_X509_STRICT: a CA's basicConstraints are critical (RFC 5280 section 4.2.1.9)";
    AuthorityKeyIdentifierCritical = 90, "Authority Key Identifier marked critical",
        "VERIFY_X509_STRICT: authorityKeyIdentifier is not critical (RFC 5280 section 4.2.1.1)";
    SubjectKeyIdentifierCritical = 91, "Subject Key Identifier marked critical",
        "VERIFY_X509_STRICT: subjectKeyIdentifier is not critical (RFC 5280 section 4.2.1.2)";
    CaCertMissingKeyUsage = 92, "CA cert does not include key usage extension",
        "VERIFY_X509_STRICT: a CA has keyUsage (RFC 5280 section 4.2.1.3)";
    ExtensionsRequireVersion3 = 93, "Using cert extension requires at least X509v3",
        "VERIFY_X509_STRICT: extensions are for version 3 (RFC 5280 section 4.1.2.9)";
    EcKeyExplicitParams = 94, "Certificate public key has explicit ECC parameters",
        "an elliptic curve must be named, not spelled out (RFC 5480 section 2.1.1)";
}

impl VerifyCode {
    /// The number that Python shows as `verify_code`.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}
