//! Handshake messages: their types, and how they are put together from the records that they came in (RFC 8446 section 5.1,
//! RFC 5246 section 6.2.1).

use zeroize::Zeroizing;

use crate::error::Failure;
use crate::openssl_names::{alerts, reasons};

/// `HandshakeType` (RFC 8446 section 4, RFC 5246 section 7.4).
pub(crate) mod handshake_type {
    pub(crate) const HELLO_REQUEST: u8 = 0;
    pub(crate) const CLIENT_HELLO: u8 = 1;
    pub(crate) const SERVER_HELLO: u8 = 2;
    pub(crate) const NEW_SESSION_TICKET: u8 = 4;
    pub(crate) const CERTIFICATE: u8 = 11;
    pub(crate) const CERTIFICATE_REQUEST: u8 = 13;
    pub(crate) const CERTIFICATE_VERIFY: u8 = 15;
    pub(crate) const FINISHED: u8 = 20;
    pub(crate) const KEY_UPDATE: u8 = 24;
    /// Stands for a first ClientHello behind a HelloRetryRequest (RFC 8446 section 4.4.1).
    pub(crate) const MESSAGE_HASH: u8 = 254;
}

/// Type and length in front of every message, in bytes.
pub(crate) const MESSAGE_HEADER: usize = 4;
/// The longest message that is taken, in bytes without its header, as many as rustls takes.
const MAX_MESSAGE: usize = 0xffff;

/// A whole message of this type.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

/// A message with its header, and what stands behind it.
type Split<'a> = (&'a [u8], &'a [u8]);

/// The first message, its header included, and what stands behind it; `None` when it is not whole.
///
/// A message that is too long is refused by its header.
pub(crate) fn split_message(bytes: &[u8]) -> Result<Option<Split<'_>>, Failure> {
    let Some(&[_, a, b, c]) = bytes.first_chunk() else { return Ok(None) };
    let length = u32::from_be_bytes([0, a, b, c]) as usize;
    if length > MAX_MESSAGE {
        let detail = format!("a handshake message of {length} bytes");
        return Err(Failure::new(alerts::ILLEGAL_PARAMETER, reasons::EXCESSIVE_MESSAGE_SIZE, detail));
    }
    Ok(bytes.split_at_checked(MESSAGE_HEADER + length))
}

/// The bytes of one direction's messages that are not whole yet.
#[derive(Default)]
pub(crate) struct Reassembly {
    bytes: Zeroizing<Vec<u8>>,
    /// How many bytes at the front were handed out already.
    taken: usize,
}

impl Reassembly {
    /// Whether a message is under way, or a whole one waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken == self.bytes.len()
    }

    /// The type of the message under way.
    pub(crate) fn message_type(&self) -> Option<u8> {
        self.bytes.get(self.taken).copied()
    }

    /// Takes a record's contents.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, its header included.
    ///
    /// A message that is too long is refused by its header: its bytes are never collected.
    pub(crate) fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let Some((message, _)) = split_message(&self.bytes[self.taken..])? else { return Ok(self.pause()) };
        let message = Zeroizing::new(message.to_vec());
        self.taken += message.len();
        Ok(Some(message))
    }

    /// Nothing whole is left: forgets what was handed out, and the room for it where nothing waits.
    fn pause<T>(&mut self) -> Option<T> {
        if self.is_empty() {
            self.bytes = Zeroizing::default();
        } else {
            self.bytes.drain(..self.taken);
        }
        self.taken = 0;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(reassembly: &mut Reassembly) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| reassembly.next().unwrap().map(|message| message.to_vec())).collect()
    }

    #[test]
    fn messages_in_pieces_and_together() {
        let bytes = [1, 0, 0, 2, 7, 7, 20, 0, 0, 0, 4, 0, 0, 1, 9];
        for cut in 0..=bytes.len() {
            let mut reassembly = Reassembly::default();
            reassembly.add(&bytes[..cut]);
            let mut whole = all(&mut reassembly);
            assert_eq!(reassembly.is_empty(), matches!(cut, 0 | 6 | 10 | 15), "{cut}");
            reassembly.add(&bytes[cut..]);
            whole.extend(all(&mut reassembly));
            assert_eq!(whole, [bytes[..6].to_vec(), bytes[6..10].to_vec(), bytes[10..].to_vec()], "{cut}");
            assert!(reassembly.is_empty());
            assert_eq!(reassembly.bytes.capacity(), 0);
        }
    }

    #[test]
    fn a_byte_at_a_time() {
        let mut reassembly = Reassembly::default();
        for byte in [11, 0, 0, 3, 1, 2] {
            reassembly.add(&[byte]);
            assert!(all(&mut reassembly).is_empty());
            assert_eq!(reassembly.message_type(), Some(11));
        }
        reassembly.add(&[3]);
        assert_eq!(all(&mut reassembly), [[11, 0, 0, 3, 1, 2, 3]]);
        assert_eq!(reassembly.message_type(), None);
    }

    #[test]
    fn a_message_is_split_off_where_it_ends() {
        let bytes = [1, 0, 0, 2, 7, 7, 20, 0, 0, 0];
        for length in 0..=bytes.len() {
            let split = split_message(&bytes[..length]).unwrap();
            assert_eq!(split, (length >= 6).then(|| bytes[..length].split_at(6)), "{length}");
        }
        assert_eq!(split_message(&bytes[6..]).unwrap(), Some((&bytes[6..], &[][..])));
        assert!(split_message(&[11, 1, 0, 0]).is_err());
        assert_eq!(split_message(&[11, 0, 0xff, 0xff]).unwrap(), None);
    }

    #[test]
    fn what_is_too_long_is_refused_by_its_header() {
        let mut reassembly = Reassembly::default();
        reassembly.add(&[11, 0, 0xff, 0xff]);
        assert!(reassembly.next().unwrap().is_none());
        let mut reassembly = Reassembly::default();
        reassembly.add(&[11, 1, 0, 0]);
        let failure = reassembly.next().unwrap_err();
        assert_eq!(failure.alert, Some(alerts::ILLEGAL_PARAMETER));
        assert_eq!(failure.error.report().reason.unwrap().name, "EXCESSIVE_MESSAGE_SIZE");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_pieces(pieces in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..40), 0..20)) {
            let mut reassembly = Reassembly::default();
            let mut out = Vec::new();
            for piece in &pieces {
                reassembly.add(piece);
                loop {
                    match reassembly.next() {
                        Ok(Some(message)) => out.extend_from_slice(&message),
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
            }
            let whole = pieces.concat();
            proptest::prop_assert!(whole.starts_with(&out));
            proptest::prop_assert_eq!(reassembly.is_empty(), whole.len() == out.len());
        }
    }
}
