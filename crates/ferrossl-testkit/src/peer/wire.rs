//! The encoding of TLS (RFC 8446 section 3): vectors behind their lengths, and the numbers that stand for things.

/// Content types of records (RFC 8446 section 5.1).
pub mod content {
    /// `change_cipher_spec`.
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    /// `alert`.
    pub const ALERT: u8 = 21;
    /// `handshake`.
    pub const HANDSHAKE: u8 = 22;
    /// `application_data`, and what every protected record of TLS 1.3 calls itself.
    pub const APPLICATION_DATA: u8 = 23;
    /// `heartbeat` (RFC 6520), which nobody here speaks.
    pub const HEARTBEAT: u8 = 24;
}

/// Types of handshake messages (RFC 8446 section 4, RFC 5246 section 7.4).
pub mod message {
    /// `hello_request`, of TLS 1.2.
    pub const HELLO_REQUEST: u8 = 0;
    /// `client_hello`.
    pub const CLIENT_HELLO: u8 = 1;
    /// `server_hello`, and HelloRetryRequest.
    pub const SERVER_HELLO: u8 = 2;
    /// `new_session_ticket`.
    pub const NEW_SESSION_TICKET: u8 = 4;
    /// `end_of_early_data`.
    pub const END_OF_EARLY_DATA: u8 = 5;
    /// `encrypted_extensions`.
    pub const ENCRYPTED_EXTENSIONS: u8 = 8;
    /// `certificate`.
    pub const CERTIFICATE: u8 = 11;
    /// `server_key_exchange`, of TLS 1.2.
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    /// `certificate_request`.
    pub const CERTIFICATE_REQUEST: u8 = 13;
    /// `server_hello_done`, of TLS 1.2.
    pub const SERVER_HELLO_DONE: u8 = 14;
    /// `certificate_verify`.
    pub const CERTIFICATE_VERIFY: u8 = 15;
    /// `client_key_exchange`, of TLS 1.2.
    pub const CLIENT_KEY_EXCHANGE: u8 = 16;
    /// `finished`.
    pub const FINISHED: u8 = 20;
    /// `key_update`.
    pub const KEY_UPDATE: u8 = 24;
    /// `message_hash`, which stands for the first ClientHello behind a HelloRetryRequest.
    pub const MESSAGE_HASH: u8 = 254;
}

/// Extensions.
pub mod extension {
    /// `server_name` (RFC 6066).
    pub const SERVER_NAME: u16 = 0;
    /// `supported_groups`.
    pub const SUPPORTED_GROUPS: u16 = 10;
    /// `ec_point_formats` (RFC 8422), of TLS 1.2.
    pub const EC_POINT_FORMATS: u16 = 11;
    /// `signature_algorithms`.
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    /// `application_layer_protocol_negotiation` (RFC 7301).
    pub const ALPN: u16 = 16;
    /// `extended_master_secret` (RFC 7627), of TLS 1.2.
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    /// `session_ticket` (RFC 5077), of TLS 1.2.
    pub const SESSION_TICKET: u16 = 35;
    /// `pre_shared_key`.
    pub const PRE_SHARED_KEY: u16 = 41;
    /// `early_data`.
    pub const EARLY_DATA: u16 = 42;
    /// `supported_versions`.
    pub const SUPPORTED_VERSIONS: u16 = 43;
    /// `cookie`.
    pub const COOKIE: u16 = 44;
    /// `psk_key_exchange_modes`.
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    /// `post_handshake_auth`.
    pub const POST_HANDSHAKE_AUTH: u16 = 49;
    /// `key_share`.
    pub const KEY_SHARE: u16 = 51;
    /// `renegotiation_info` (RFC 5746), of TLS 1.2.
    pub const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// Alerts (RFC 8446 section 6).
pub mod alert {
    /// The level of close_notify and user_canceled.
    pub const WARNING: u8 = 1;
    /// The level of errors.
    pub const FATAL: u8 = 2;
    /// The proper end.
    pub const CLOSE_NOTIFY: u8 = 0;
    /// A message at the wrong time.
    pub const UNEXPECTED_MESSAGE: u8 = 10;
    /// A record that does not open.
    pub const BAD_RECORD_MAC: u8 = 20;
    /// A record that is too long.
    pub const RECORD_OVERFLOW: u8 = 22;
    /// Nothing in common.
    pub const HANDSHAKE_FAILURE: u8 = 40;
    /// A certificate that does not read.
    pub const BAD_CERTIFICATE: u8 = 42;
    /// A field with a value that it must not have.
    pub const ILLEGAL_PARAMETER: u8 = 47;
    /// A message that cannot be read.
    pub const DECODE_ERROR: u8 = 50;
    /// A signature or a Finished that is wrong.
    pub const DECRYPT_ERROR: u8 = 51;
    /// A version that is not spoken.
    pub const PROTOCOL_VERSION: u8 = 70;
    /// A defect of one's own.
    pub const INTERNAL_ERROR: u8 = 80;
    /// A client that has fallen back without need (RFC 7507).
    pub const INAPPROPRIATE_FALLBACK: u8 = 86;
    /// The handshake was given up by a person.
    pub const USER_CANCELED: u8 = 90;
    /// No second handshake, of TLS 1.2.
    pub const NO_RENEGOTIATION: u8 = 100;
    /// An extension that has to be there.
    pub const MISSING_EXTENSION: u8 = 109;
    /// An extension that was not asked for.
    pub const UNSUPPORTED_EXTENSION: u8 = 110;
    /// No certificate where there must be one.
    pub const CERTIFICATE_REQUIRED: u8 = 116;
}

/// Signature schemes (RFC 8446 section 4.2.3).
pub mod scheme {
    /// `rsa_pkcs1_sha1`.
    pub const RSA_PKCS1_SHA1: u16 = 0x0201;
    /// `rsa_pkcs1_sha256`.
    pub const RSA_PKCS1_SHA256: u16 = 0x0401;
    /// `ecdsa_secp256r1_sha256`.
    pub const ECDSA_P256_SHA256: u16 = 0x0403;
    /// `ecdsa_secp384r1_sha384`.
    pub const ECDSA_P384_SHA384: u16 = 0x0503;
    /// `rsa_pss_rsae_sha256`.
    pub const RSA_PSS_SHA256: u16 = 0x0804;
    /// `rsa_pss_rsae_sha512`.
    pub const RSA_PSS_SHA512: u16 = 0x0806;
    /// `ed25519`.
    pub const ED25519: u16 = 0x0807;
}

/// Groups for the key agreement (RFC 8446 section 4.2.7).
pub mod group {
    /// NIST P-256.
    pub const SECP256R1: u16 = 23;
    /// NIST P-384.
    pub const SECP384R1: u16 = 24;
    /// NIST P-521.
    pub const SECP521R1: u16 = 25;
    /// X25519.
    pub const X25519: u16 = 29;
}

/// `TLS_FALLBACK_SCSV` (RFC 7507).
pub const FALLBACK_SCSV: u16 = 0x5600;
/// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746).
pub const RENEGOTIATION_SCSV: u16 = 0x00ff;
/// TLS 1.2 on the wire, and what TLS 1.3 writes in places where nobody may know it.
pub const TLS12: u16 = 0x0303;
/// TLS 1.3 on the wire.
pub const TLS13: u16 = 0x0304;
/// The random of a HelloRetryRequest (RFC 8446 section 4.1.3).
pub const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
    0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// A vector behind its length in one byte.
#[must_use]
pub fn vec8(contents: &[u8]) -> Vec<u8> {
    vector(1, contents)
}

/// A vector behind its length in two bytes.
#[must_use]
pub fn vec16(contents: &[u8]) -> Vec<u8> {
    vector(2, contents)
}

/// A vector behind its length in three bytes.
#[must_use]
pub fn vec24(contents: &[u8]) -> Vec<u8> {
    vector(3, contents)
}

fn vector(width: usize, contents: &[u8]) -> Vec<u8> {
    [&contents.len().to_be_bytes()[size_of::<usize>() - width..], contents].concat()
}

/// Numbers of two bytes each.
#[must_use]
pub fn numbers(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A handshake message around its body.
#[must_use]
pub fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], vec24(body)].concat()
}

/// A record around its contents. The length is cut to two bytes, as the wire has no more.
#[must_use]
pub fn record(content_type: u8, version: u16, contents: &[u8]) -> Vec<u8> {
    let mut record = vec![content_type];
    record.extend(version.to_be_bytes());
    record.extend((contents.len() as u16).to_be_bytes());
    record.extend_from_slice(contents);
    record
}

/// Contents in clear-text records of at most this many bytes each.
#[must_use]
pub fn records(content_type: u8, version: u16, contents: &[u8], size: usize) -> Vec<u8> {
    contents.chunks(size).flat_map(|piece| record(content_type, version, piece)).collect()
}

/// Reads what the other side has sent. What is not there reads as `None`.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next bytes.
    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A number of this many bytes.
    pub fn number(&mut self, width: usize) -> Option<usize> {
        Some(self.bytes(width)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    /// A vector whose length has this many bytes.
    pub fn vector(&mut self, width: usize) -> Option<&'a [u8]> {
        let length = self.number(width)?;
        self.bytes(length)
    }

    /// The rest as numbers of two bytes each.
    #[must_use]
    pub fn numbers(self) -> Vec<u16> {
        self.0.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_numbers() {
        assert_eq!(vec24(&[7]), [0, 0, 1, 7]);
        assert_eq!(handshake(20, &[1, 2]), [20, 0, 0, 2, 1, 2]);
        assert_eq!(record(22, TLS12, &[9]), [22, 3, 3, 0, 1, 9]);
        let bytes = [0, 2, 5, 6, 1, 9];
        let mut reader = Reader(&bytes);
        assert_eq!(reader.vector(2), Some(&[5, 6][..]));
        assert_eq!(reader.vector(1), Some(&[9][..]));
        assert_eq!(reader.vector(1), None);
    }
}
