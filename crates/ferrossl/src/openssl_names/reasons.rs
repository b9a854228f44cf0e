//! Error libraries and reasons, as `openssl/err.h`, `sslerr.h`, `pemerr.h`, `x509err.h` and `asn1err.h` number them.

use std::borrow::Cow;

/// The part of OpenSSL that an error would have come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Library {
    /// `ERR_LIB_DH` (5): Diffie-Hellman.
    Dh,
    /// `ERR_LIB_EVP` (6): keys and ciphers.
    Evp,
    /// `ERR_LIB_PEM` (9): PEM files.
    Pem,
    /// `ERR_LIB_X509` (11): certificates and their stores.
    X509,
    /// `ERR_LIB_ASN1` (13): DER encodings.
    Asn1,
    /// `ERR_LIB_SSL` (20): the protocol.
    Ssl,
}

impl Library {
    /// The number of the library in `openssl/err.h`.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Dh => 5,
            Self::Evp => 6,
            Self::Pem => 9,
            Self::X509 => 11,
            Self::Asn1 => 13,
            Self::Ssl => 20,
        }
    }

    /// The name that Python's `SSLError.library` shows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dh => "DH",
            Self::Evp => "EVP",
            Self::Pem => "PEM",
            Self::X509 => "X509",
            Self::Asn1 => "ASN1",
            Self::Ssl => "SSL",
        }
    }
}

/// One reason of an error: its library, number and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Reason {
    /// The library that the number belongs to.
    pub library: Library,
    /// The reason's number within the library.
    pub number: u32,
    /// The name without its prefix, for instance `HTTP_REQUEST`.
    pub name: &'static str,
}

/// `ERR_RFLAG_COMMON`: what the numbers of reasons begin with that all libraries have in common.
const COMMON: u32 = 0x8_0000;

/// `SSL, ERR_R_PEM_LIB`: a certificate or key of one's own could not be read.
pub const SSL_PEM_LIB: Reason = Reason { library: Library::Ssl, number: COMMON | 9, name: "PEM_LIB" };
/// `X509, ERR_R_PEM_LIB`: a file of trusted certificates could not be read.
pub const X509_PEM_LIB: Reason = Reason { library: Library::X509, number: COMMON | 9, name: "PEM_LIB" };
/// `PEM, ERR_R_ASN1_LIB`: what a PEM block contains could not be read.
pub const PEM_ASN1_LIB: Reason = Reason { library: Library::Pem, number: COMMON | 13, name: "ASN1_LIB" };

impl Reason {
    /// OpenSSL's text for the reason: the name in lower case with spaces.
    #[must_use]
    pub fn text(&self) -> Cow<'static, str> {
        match self.name {
            "PEM_LIB" => Cow::Borrowed("PEM lib"),
            "ASN1_LIB" => Cow::Borrowed("ASN1 lib"),
            name => Cow::Owned(name.to_ascii_lowercase().replace('_', " ")),
        }
    }

    /// Whether all libraries have it in common. Python has no names for these: its `reason` is None.
    #[must_use]
    pub const fn is_common(&self) -> bool {
        self.number & COMMON != 0
    }
}

macro_rules! reasons {
    ($($library:ident { $($name:ident = $number:literal),* $(,)? })*) => {
        $($(
            #[doc = concat!("`", stringify!($library), ": ", stringify!($name), "` (", stringify!($number), ").")]
            pub const $name: Reason =
                Reason { library: Library::$library, number: $number, name: stringify!($name) };
        )*)*
        /// Every reason of these tables; alerts, which are reasons too, stand in [`super::alerts`].
        pub const ALL: &[Reason] = &[$($($name),*),*];
    };
}

reasons! {
    Evp {
        BAD_DECRYPT = 100,
        DECODE_ERROR = 114,
    }
    Pem {
        BAD_BASE64_DECODE = 100,
        BAD_END_LINE = 102,
        BAD_IV_CHARS = 103,
        BAD_PASSWORD_READ = 104,
        NOT_DEK_INFO = 105,
        NOT_ENCRYPTED = 106,
        NOT_PROC_TYPE = 107,
        NO_START_LINE = 108,
        UNSUPPORTED_ENCRYPTION = 114,
    }
    Dh {
        MODULUS_TOO_LARGE = 103,
    }
    X509 {
        KEY_VALUES_MISMATCH = 116,
        NO_CERTIFICATE_OR_CRL_FOUND = 136,
    }
    Asn1 {
        NOT_ENOUGH_DATA = 142,
        NESTED_ASN1_ERROR = 0x8_010a,
    }
    Ssl {
        NO_SUITABLE_KEY_SHARE = 101,
        BAD_DIGEST_LENGTH = 111,
        MISSING_SIGALGS_EXTENSION = 112,
        DATA_LENGTH_TOO_LONG = 146,
        MISSING_SUPPORTED_GROUPS_EXTENSION = 209,
        UNEXPECTED_RECORD = 245,
        UNKNOWN_ALERT_TYPE = 246,
        UNEXPECTED_CCS_MESSAGE = 262,
        NOT_ON_RECORD_BOUNDARY = 182,
        INVALID_SESSION_ID = 999,
        MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA = 293,
        RENEGOTIATION_MISMATCH = 337,
        UNSAFE_LEGACY_RENEGOTIATION_DISABLED = 338,
        WRONG_SIGNATURE_TYPE = 370,
        INAPPROPRIATE_FALLBACK = 373,
        DH_KEY_TOO_SMALL = 394,
        APPLICATION_DATA_AFTER_CLOSE_NOTIFY = 291,
        BAD_EXTENSION = 110,
        BAD_RECORD_TYPE = 443,
        BAD_SIGNATURE = 123,
        CALLBACK_FAILED = 234,
        CA_KEY_TOO_SMALL = 397,
        CA_MD_TOO_WEAK = 398,
        CERTIFICATE_VERIFY_FAILED = 134,
        DECRYPTION_FAILED_OR_BAD_RECORD_MAC = 281,
        ENCRYPTED_LENGTH_TOO_LONG = 150,
        DIGEST_CHECK_FAILED = 149,
        EE_KEY_TOO_SMALL = 399,
        EXCESSIVE_MESSAGE_SIZE = 152,
        EXTENSION_NOT_RECEIVED = 279,
        INVALID_CONFIG = 283,
        INVALID_CONTEXT = 282,
        NOT_SERVER = 284,
        REQUEST_SENT = 286,
        STILL_IN_INIT = 121,
        WRONG_SSL_VERSION = 266,
        HTTPS_PROXY_REQUEST = 155,
        HTTP_REQUEST = 156,
        INTERNAL_ERROR = 259,
        INVALID_CCS_MESSAGE = 260,
        LENGTH_MISMATCH = 159,
        LENGTH_TOO_SHORT = 160,
        NO_APPLICATION_PROTOCOL = 235,
        NO_CERTIFICATE_ASSIGNED = 177,
        NO_PROTOCOLS_AVAILABLE = 191,
        NO_CIPHERS_AVAILABLE = 181,
        NO_SHARED_CIPHER = 193,
        NO_SHARED_GROUPS = 410,
        NO_SHARED_SIGNATURE_ALGORITHMS = 376,
        NO_RENEGOTIATION = 339,
        PACKET_LENGTH_TOO_LONG = 198,
        PEER_DID_NOT_RETURN_A_CERTIFICATE = 199,
        PROTOCOL_IS_SHUTDOWN = 207,
        RECORD_TOO_SMALL = 298,
        SHUTDOWN_WHILE_IN_INIT = 407,
        SSL_HANDSHAKE_FAILURE = 229,
        TOO_MANY_KEY_UPDATES = 132,
        TOO_MANY_WARN_ALERTS = 409,
        UNEXPECTED_EOF_WHILE_READING = 294,
        UNEXPECTED_MESSAGE = 244,
        UNKNOWN_CERTIFICATE_TYPE = 247,
        UNSUPPORTED_PROTOCOL = 258,
        WRONG_CERTIFICATE_TYPE = 383,
        WRONG_VERSION_NUMBER = 267,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_openssls() {
        assert_eq!(HTTP_REQUEST.text(), "http request");
        assert_eq!(CERTIFICATE_VERIFY_FAILED.text(), "certificate verify failed");
        assert_eq!(KEY_VALUES_MISMATCH.text(), "key values mismatch");
        assert_eq!((SSL_PEM_LIB.text(), SSL_PEM_LIB.number), ("PEM lib".into(), 524_297));
        assert_eq!((PEM_ASN1_LIB.text(), PEM_ASN1_LIB.number), ("ASN1 lib".into(), 524_301));
    }

    #[test]
    fn numbers_are_unique_within_a_library() {
        for (index, reason) in ALL.iter().enumerate() {
            for other in &ALL[index + 1..] {
                assert!(
                    reason.library != other.library || reason.number != other.number,
                    "{reason:?} and {other:?} share a number"
                );
            }
        }
    }
}
