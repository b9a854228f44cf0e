//! Received bytes, cut into records (RFC 8446 section 5.1). Bytes behind close_notify stay here.

use std::io;

use super::sniff;
use crate::byte_queue::ByteQueue;
use crate::error::Failure;
use crate::openssl_names::alerts::{PROTOCOL_VERSION, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{PACKET_LENGTH_TOO_LONG, WRONG_VERSION_NUMBER};
use crate::wire::record::{APPLICATION_DATA, HEADER, MAX_DATA, MAX_PROTECTED_TLS13, unknown_record};

/// What is received at once where nobody else reads from the transport, in bytes: some records, which stay in a processor's
/// second-level cache together with what comes out of them.
const AHEAD: usize = 128 * 1024;

/// The incoming side's buffer.
pub(super) struct Inbox {
    received: ByteQueue,
    /// A record has been cut: this is TLS.
    is_tls: bool,
    /// The longest body that a record may have now, in bytes.
    longest_body: usize,
}

/// The length of one whole record at the front of the received bytes.
pub(super) struct Record(usize);

impl Inbox {
    pub(super) const fn new() -> Self {
        Self { received: ByteQueue::new(), is_tls: false, longest_body: MAX_DATA }
    }

    /// Sets the longest body of the records that follow: it depends on whether, and how, they are protected.
    pub(super) const fn set_longest_body(&mut self, bytes: usize) {
        self.longest_body = bytes;
    }

    /// The length of a record's body, or why no record begins like this.
    fn body_length(&self, header: &[u8]) -> Result<usize, Failure> {
        if header[1] != sniff::MAJOR_VERSION {
            return Err(Failure::new(PROTOCOL_VERSION, WRONG_VERSION_NUMBER, ""));
        }
        if !matches!(header[0], 20..=23) {
            return Err(unknown_record());
        }
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        // Early data is protected before anything else is.
        let limit = match header[0] {
            APPLICATION_DATA => self.longest_body.max(MAX_PROTECTED_TLS13),
            _ => self.longest_body,
        };
        if length > limit {
            return Err(Failure::new(RECORD_OVERFLOW, PACKET_LENGTH_TOO_LONG, ""));
        }
        Ok(length)
    }

    /// Bytes that are missing from the record under way; 0 when it is whole.
    pub(super) fn wanted(&self) -> usize {
        let received = self.received.bytes();
        match received.get(..HEADER) {
            None => HEADER - received.len(),
            Some(header) => match self.body_length(header) {
                Err(_) => 0,
                Ok(length) => (HEADER + length).saturating_sub(received.len()),
            },
        }
    }

    /// The next whole record. One that can be none, or that is too long, is refused by its header.
    /// The first bytes of a connection must look like TLS.
    pub(super) fn next_record(&mut self, is_server: bool) -> Result<Option<Record>, Failure> {
        let length = self.record_length(is_server, self.received.bytes())?;
        self.is_tls |= length.is_some();
        Ok(length.map(Record))
    }

    /// The length of the whole record at the front of `bytes`, which come in next.
    pub(super) fn record_length(&self, is_server: bool, bytes: &[u8]) -> Result<Option<usize>, Failure> {
        let Some(header) = bytes.get(..HEADER) else { return Ok(None) };
        if !self.is_tls {
            // A peer that does not speak TLS is sent no alert.
            sniff::check(header, is_server).map_err(Failure::silent)?;
        }
        let length = HEADER + self.body_length(header)?;
        Ok((bytes.len() >= length).then_some(length))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.received.is_empty()
    }

    pub(super) fn bytes(&self, record: &Record) -> &[u8] {
        &self.received.bytes()[..record.0]
    }

    pub(super) fn consume(&mut self, record: Record) {
        self.received.consume(record.0);
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.received.extend(bytes);
    }

    /// Lets `receive` fill up to `room` bytes; 0 bytes of a non-empty room are the end of the transport.
    pub(super) fn fill(
        &mut self,
        room: usize,
        receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if room == 0 {
            return Ok(0);
        }
        let received = receive(self.received.room(room))?;
        self.received.add(received.min(room));
        Ok(received)
    }

    /// Lets `receive` fill what is left of a large buffer; 0 bytes are the end of the transport. `WouldBlock` where nothing
    /// is left.
    pub(super) fn fill_ahead(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let room = AHEAD.saturating_sub(self.received.len());
        if room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let received = receive(self.received.room(room));
        match received {
            Ok(received) => self.received.add(received.min(room)),
            // Nothing came: where nothing waits either, the buffer goes back.
            Err(_) => self.received.consume(0),
        }
        received
    }

    /// How many bytes wait here.
    pub(super) const fn waiting(&self) -> usize {
        self.received.len()
    }

    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.received.bytes().to_vec();
        self.received.consume(rest.len());
        rest
    }
}

#[cfg(test)]
impl Inbox {
    /// The buffer that is kept, in bytes.
    pub(super) fn kept(&self) -> usize {
        self.received.kept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(length: u16) -> Vec<u8> {
        let mut bytes = vec![22, 3, 1];
        bytes.extend(length.to_be_bytes());
        bytes.extend(vec![7; usize::from(length)]);
        bytes
    }

    #[test]
    fn one_record_at_a_time_and_the_rest_stays() {
        let mut inbox = Inbox::new();
        assert_eq!(inbox.wanted(), 5);
        inbox.extend(&record(3)[..2]);
        assert_eq!(inbox.wanted(), 3);
        inbox.extend(&record(3)[2..6]);
        assert_eq!(inbox.wanted(), 2);
        assert!(inbox.next_record(true).unwrap().is_none());
        inbox.extend(&record(3)[6..]);
        inbox.extend(b"tail");
        let found = inbox.next_record(true).unwrap().unwrap();
        assert_eq!(inbox.bytes(&found), record(3));
        inbox.consume(found);
        assert_eq!(inbox.take_rest(), b"tail");
    }

    #[test]
    fn what_can_be_no_record_is_refused_by_its_header() {
        for (header, longest, alert) in [
            ([22, 3, 3, 0x40, 0x01], MAX_DATA, Some(RECORD_OVERFLOW)),
            ([22, 3, 3, 0x40, 0x00], MAX_DATA, None),
            ([23, 3, 3, 0x41, 0x01], MAX_PROTECTED_TLS13, Some(RECORD_OVERFLOW)),
            ([23, 3, 3, 0x41, 0x00], MAX_DATA, None),
            ([22, 3, 3, 0x48, 0x00], MAX_DATA + 2048, None),
            ([21, 3, 3, 0x48, 0x01], MAX_DATA + 2048, Some(RECORD_OVERFLOW)),
            ([24, 3, 3, 0, 3], MAX_DATA, Some(10)),
            ([0x63, 3, 3, 0x40, 0], MAX_DATA, Some(10)),
            (*b"GET /", MAX_DATA, Some(PROTOCOL_VERSION)),
        ] {
            let mut inbox = Inbox::new();
            inbox.extend(&record(3));
            let first = inbox.next_record(true).unwrap().unwrap();
            inbox.consume(first);
            inbox.set_longest_body(longest);
            inbox.extend(&header);
            assert_eq!(inbox.wanted() == 0, alert.is_some(), "{header:?}");
            let refused = inbox.next_record(true).err().map(|failure| failure.alert);
            assert_eq!(refused, alert.map(Some), "{header:?}");
        }
    }

    #[test]
    fn a_peer_that_does_not_speak_tls_gets_no_alert() {
        for first in [&b"GET / HTTP/1.1"[..], b"\x63\x03\x03\x40\x00type 99", b"220 mail ready"] {
            let mut inbox = Inbox::new();
            inbox.extend(first);
            assert!(inbox.next_record(true).err().unwrap().alert.is_none());
        }
    }

    /// Records of any length, given in pieces of any length, come out as they went in, whatever is left of the one before.
    #[test]
    fn what_is_left_is_moved_to_the_front() {
        let mut inbox = Inbox::new();
        let lengths: Vec<u16> = (0..200).map(|round| round * 37 % 301).collect();
        let bytes: Vec<u8> = lengths.iter().flat_map(|&length| record(length)).collect();
        let mut expected = lengths.iter();
        for piece in bytes.chunks(173) {
            inbox.extend(piece);
            while let Some(found) = inbox.next_record(true).unwrap() {
                assert!(inbox.bytes(&found) == record(*expected.next().unwrap()));
                inbox.consume(found);
            }
        }
        assert!(expected.next().is_none());
        assert!(inbox.take_rest().is_empty());
        assert!(inbox.kept() <= 1024, "room is used again");
    }
}
