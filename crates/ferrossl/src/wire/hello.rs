//! Reading ClientHello and ServerHello messages, and changing the former, where rustls does neither (RFC 8446 section 4.1.2).

use super::extension::{Extensions, extension_type};
use super::record;
use super::vector::{number, vector};
use crate::wire::handshake::{MESSAGE_HEADER, handshake_type};
use crate::wire::record::{HANDSHAKE, MAX_DATA};

/// Where the length of the extensions stands: behind header, version, random, session id, suites and
/// compression methods.
fn extensions_offset(hello: &[u8]) -> Option<usize> {
    let mut offset = 4 + 2 + 32;
    offset += 1 + usize::from(*hello.get(offset)?);
    offset += 2 + usize::from(u16::from_be_bytes([*hello.get(offset)?, *hello.get(offset + 1)?]));
    offset += 1 + usize::from(*hello.get(offset)?);
    Some(offset)
}

/// The version that a hello names in front of everything else.
pub(crate) fn legacy_version(hello: &[u8]) -> Option<[u8; 2]> {
    hello.get(4..)?.first_chunk().copied()
}

/// Whether the client offers this suite, or signals with it (RFC 8446 section 4.1.2).
pub(crate) fn offers_suite(hello: &[u8], wanted: [u8; 2]) -> bool {
    let suites = hello.get(38..).and_then(|rest| vector(vector(rest, 1)?.1, 2));
    suites.is_some_and(|(suites, _)| suites.chunks(2).any(|suite| suite == wanted))
}

/// The extensions, in order; `None` when there is no telling where they are.
pub(crate) fn extensions(hello: &[u8]) -> Option<Extensions<'_>> {
    let offset = extensions_offset(hello)?;
    if offset == hello.len() {
        return Some(Extensions::new(&[]));
    }
    let (extensions, []) = vector(hello.get(offset..)?, 2)? else { return None };
    Some(Extensions::new(extensions))
}

/// The numbers of the extensions, in order; `None` when they cannot be read.
pub(crate) fn extension_types(hello: &[u8]) -> Option<Vec<u16>> {
    extensions(hello)?.map(|extension| Some(extension?.0)).collect()
}

/// The contents of an extension of a whole ClientHello.
pub(crate) fn extension(hello: &[u8], wanted: u16) -> Option<&[u8]> {
    find(hello.get(extensions_offset(hello)?..)?, wanted)
}

/// Whether a whole ServerHello, or HelloRetryRequest, chooses TLS 1.3.
pub(crate) fn chooses_tls13(server_hello: &[u8]) -> bool {
    server_extension(server_hello, extension_type::SUPPORTED_VERSIONS) == Some(&[3, 4])
}

/// Whether a whole ServerHello agrees to the extended master secret (RFC 7627 section 5.1).
pub(crate) fn chooses_extended_master_secret(server_hello: &[u8]) -> bool {
    server_extension(server_hello, extension_type::EXTENDED_MASTER_SECRET) == Some(&[])
}

/// Bytes of a hello's random (RFC 8446 section 4.1.2).
pub(crate) const RANDOM: usize = 32;

/// The random of a whole ClientHello or ServerHello: behind header and version.
pub(crate) fn random(hello: &[u8]) -> Option<[u8; RANDOM]> {
    hello.get(4 + 2..)?.first_chunk().copied()
}

/// `legacy_session_id` of a whole ClientHello or ServerHello: behind header, version and random (RFC 8446 section 4.1.2).
pub(crate) fn session_id(hello: &[u8]) -> Option<&[u8]> {
    Some(vector(hello.get(38..)?, 1)?.0)
}

/// An extension of a whole ServerHello: behind header, version, random, session id, one suite and one compression method
/// stand its extensions (RFC 8446 section 4.1.3).
pub(crate) fn server_extension(server_hello: &[u8], wanted: u16) -> Option<&[u8]> {
    let id = *server_hello.get(38)?;
    find(server_hello.get(39 + usize::from(id) + 3..)?, wanted)
}

fn find(extensions: &[u8], wanted: u16) -> Option<&[u8]> {
    Extensions::new(vector(extensions, 2)?.0).find(wanted)
}

/// Whether the client offers TLS 1.3.
pub(crate) fn offers_tls13(hello: &[u8]) -> bool {
    lists_version(hello, [3, 4]) == Some(true)
}

/// Whether the client offers TLS 1.2: in its list of versions, or as the highest one that it knows (RFC 8446 section 4.2.1).
pub(crate) fn offers_tls12(hello: &[u8]) -> bool {
    lists_version(hello, [3, 3])
        .unwrap_or_else(|| legacy_version(hello).is_some_and(|version| version >= [3, 3]))
}

/// Whether the list of versions has this one; `None` without a list.
fn lists_version(hello: &[u8], wanted: [u8; 2]) -> Option<bool> {
    let (versions, _) = vector(extension(hello, extension_type::SUPPORTED_VERSIONS)?, 1)?;
    Some(versions.chunks(2).any(|version| version == wanted))
}

/// Whether the client is willing to authenticate after the handshake (RFC 8446 section 4.2.6).
pub(crate) fn offers_post_handshake_auth(hello: &[u8]) -> bool {
    extension(hello, extension_type::POST_HANDSHAKE_AUTH).is_some()
}

/// Whether the client sends data before it knows whether anybody takes it (RFC 8446 section 4.2.10).
pub(crate) fn offers_early_data(hello: &[u8]) -> bool {
    extension(hello, extension_type::EARLY_DATA).is_some()
}

/// The host name as the client has written it; rustls gives it in lower case.
pub(crate) fn server_name(hello: &[u8]) -> Option<String> {
    let (names, _) = vector(extension(hello, extension_type::SERVER_NAME)?, 2)?;
    // RFC 6066 section 3: a type, of which there is only 0, and the name.
    let (0, rest) = names.split_first().map(|(kind, rest)| (*kind, rest))? else { return None };
    String::from_utf8(vector(rest, 2)?.0.to_vec()).ok()
}

/// A ClientHello, or the beginning of one that a PSK binder is made over, with `post_handshake_auth` as its first
/// extension. (`pre_shared_key` has to be the last one.)
pub(crate) fn with_post_handshake_auth(hello: &[u8]) -> Option<Vec<u8>> {
    let [kind, extension] = [extension_type::POST_HANDSHAKE_AUTH.to_be_bytes(), [0, 0]];
    let added = [kind, extension].concat();
    let length = u32::from_be_bytes([0, *hello.get(1)?, *hello.get(2)?, *hello.get(3)?]) + added.len() as u32;
    let offset = extensions_offset(hello)?;
    let (before, rest) = hello.split_at_checked(offset)?;
    let (extensions, rest) = rest.split_first_chunk::<2>()?;
    let extensions = u16::from_be_bytes(*extensions).checked_add(added.len() as u16)?;
    let mut changed = before.to_vec();
    changed[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
    changed.extend(extensions.to_be_bytes());
    changed.extend(added);
    changed.extend(rest);
    Some(changed)
}

/// The same for bytes of a transcript: messages one behind the other, of which only ClientHellos are changed.
pub(crate) fn transcript_with_post_handshake_auth(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut changed = Vec::with_capacity(bytes.len() + 8);
    let mut rest = bytes;
    while let Some(&[kind, a, b, c]) = rest.first_chunk() {
        let length = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
        // The last one may be cut where its PSK binders begin.
        let (message, behind) = rest.split_at(length.min(rest.len()));
        if kind == handshake_type::CLIENT_HELLO {
            changed.extend(with_post_handshake_auth(message)?);
        } else {
            changed.extend(message);
        }
        rest = behind;
    }
    changed.extend(rest);
    Some(changed)
}

/// Whether bytes of a transcript begin with a ClientHello, or with the hash of one.
pub(crate) fn begins_a_transcript(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(&(handshake_type::CLIENT_HELLO | handshake_type::MESSAGE_HASH)))
}

/// The same for the records of an output in clear text: rustls sends a ClientHello in records of its own, more than one where
/// it is long. `None` where that is not so.
pub(crate) fn records_with_post_handshake_auth(records: &[u8]) -> Option<Vec<u8>> {
    let mut changed = Vec::with_capacity(records.len() + 16);
    let mut rest = records;
    while let Some((&[kind, major, minor, ..], body, behind)) = record::split(rest) {
        rest = behind;
        let mut contents = body.to_vec();
        if kind == HANDSHAKE && body.first() == Some(&handshake_type::CLIENT_HELLO) {
            let length = MESSAGE_HEADER + number(body.get(1..MESSAGE_HEADER)?);
            while contents.len() < length {
                let (&[HANDSHAKE, ..], body, behind) = record::split(rest)? else { return None };
                contents.extend(body);
                rest = behind;
            }
            contents = with_post_handshake_auth(&contents)?;
        }
        for piece in contents.chunks(MAX_DATA) {
            changed.extend([kind, major, minor]);
            changed.extend((piece.len() as u16).to_be_bytes());
            changed.extend(piece);
        }
    }
    rest.is_empty().then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([1, 9]); // session id
        body.extend([0, 2, 0x13, 0x01, 1, 0]); // one suite, no compression
        let extensions =
            [&[0, 43, 0, 3, 2, 3, 4][..], &[0, 0, 0, 9, 0, 7, 0, 0, 4, b'H', b'o', b's', b't']].concat();
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
        let mut message = vec![1, 0, 0, body.len() as u8];
        message.extend(body);
        message
    }

    #[test]
    fn what_a_hello_says() {
        let hello = hello();
        assert!(offers_tls13(&hello));
        assert!(!offers_post_handshake_auth(&hello));
        assert_eq!(server_name(&hello).as_deref(), Some("Host"));
        for cut in 0..hello.len() {
            // Never a panic; what is cut off is not there.
            let (part, _) = hello.split_at(cut);
            let _ = (offers_tls13(part), server_name(part), with_post_handshake_auth(part));
        }
    }

    proptest::proptest! {
        /// Whatever a peer sends, and whatever rustls may come to send.
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let mut bytes = bytes;
            for kind in [1, 2, 254] {
                if let Some(first) = bytes.first_mut() {
                    *first = kind;
                }
                let _ = (offers_tls13(&bytes), offers_post_handshake_auth(&bytes), server_name(&bytes));
                let _ = (chooses_tls13(&bytes), transcript_with_post_handshake_auth(&bytes));
                let _ = (with_post_handshake_auth(&bytes), records_with_post_handshake_auth(&bytes));
            }
        }

        /// A changed hello says what it said before.
        #[test]
        fn nothing_else_is_changed(cut in 0usize..60, byte in proptest::num::u8::ANY) {
            let mut hello = hello();
            let index = 4 + cut % (hello.len() - 4);
            hello[index] = byte;
            if let Some(changed) = with_post_handshake_auth(&hello) {
                proptest::prop_assert_eq!(changed.len(), hello.len() + 4);
                proptest::prop_assert_eq!(offers_tls13(&hello), offers_tls13(&changed));
            }
        }
    }

    #[test]
    fn the_extension_is_put_first() {
        let hello = hello();
        let changed = with_post_handshake_auth(&hello).unwrap();
        assert_eq!(changed.len(), hello.len() + 4);
        assert_eq!(usize::from(changed[3]) + 4, changed.len());
        assert!(offers_post_handshake_auth(&changed));
        assert!(offers_tls13(&changed));
        let record = [&[22, 3, 1, 0, hello.len() as u8][..], &hello, &[20, 3, 3, 0, 1, 1]].concat();
        let records = records_with_post_handshake_auth(&record).unwrap();
        assert_eq!(
            records,
            [&[22, 3, 1, 0, changed.len() as u8][..], &changed, &[20, 3, 3, 0, 1, 1]].concat()
        );
        let hash = [254, 0, 0, 2, 1, 1];
        let transcript = [&hash[..], &hello[..hello.len() - 3]].concat();
        let expected = [&hash[..], &changed[..changed.len() - 3]].concat();
        assert_eq!(transcript_with_post_handshake_auth(&transcript).unwrap(), expected);
    }
}
