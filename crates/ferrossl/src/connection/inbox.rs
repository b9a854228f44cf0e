//! Received bytes, cut into records (RFC 8446 section 5.1). Bytes behind close_notify stay here.

use std::io;
use std::ops::Range;

use super::sniff;
use crate::error::Result;

/// Type, version and length in front of every record, in bytes.
const HEADER: usize = 5;
/// The largest body of a record of data: 2^14 bytes and what TLS 1.2 may add to them (RFC 5246 section 6.2.3).
const MAX_DATA_BODY: usize = (1 << 14) + 2048;
/// The largest body of any other record: in clear text, 2^14 bytes (RFC 8446 section 5.1). Protected ones, in
/// TLS 1.2, are far smaller.
const MAX_OTHER_BODY: usize = 1 << 14;
/// `ContentType::application_data`.
const APPLICATION_DATA: u8 = 23;

/// The incoming side's buffer.
pub(super) struct Inbox {
    buffer: Vec<u8>,
    start: usize,
    /// End of the received bytes; what lies behind is room for more.
    end: usize,
    eof: bool,
    peer_closed: bool,
    begun: bool,
}

/// One whole record's place in the buffer.
pub(super) struct Record(Range<usize>);

impl Inbox {
    pub(super) const fn new() -> Self {
        Self { buffer: Vec::new(), start: 0, end: 0, eof: false, peer_closed: false, begun: false }
    }

    pub(super) const fn is_eof(&self) -> bool {
        self.eof
    }

    pub(super) const fn set_eof(&mut self) {
        self.eof = true;
    }

    pub(super) const fn peer_closed(&self) -> bool {
        self.peer_closed
    }

    pub(super) const fn set_peer_closed(&mut self) {
        self.peer_closed = true;
    }

    fn received(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The length of a record's body; `None` when it is more than the record may have, or no record begins like this.
    fn body_length(header: &[u8]) -> Option<usize> {
        if !sniff::looks_like_tls(header) {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let limit = if header[0] == APPLICATION_DATA { MAX_DATA_BODY } else { MAX_OTHER_BODY };
        (length <= limit).then_some(length)
    }

    /// Bytes that are missing from the record under way; 0 when it is whole.
    pub(super) fn wanted(&self) -> usize {
        let received = self.received();
        match received.get(..HEADER) {
            None => HEADER - received.len(),
            Some(header) => match Self::body_length(header) {
                None => 0,
                Some(length) => (HEADER + length).saturating_sub(received.len()),
            },
        }
    }

    /// The next whole record, or a header that announces more than any record may hold, or is none.
    /// The first bytes of a connection must look like TLS.
    pub(super) fn next_record(&mut self, is_server: bool) -> Result<Option<Record>> {
        let received = self.received();
        let Some(header) = received.get(..HEADER) else { return Ok(None) };
        if !self.begun {
            sniff::check(header, is_server)?;
        }
        let length = match Self::body_length(header) {
            Some(length) => HEADER + length,
            None => {
                // The engine refuses these by the header alone, with the alert that belongs to it. Where the version is
                // none of TLS, that is what it shall complain of. The largest length, because it would let
                // other records be as long as those of data.
                let header = &mut self.buffer[self.start..self.start + HEADER];
                if header[1] != sniff::MAJOR_VERSION {
                    header[0] = APPLICATION_DATA;
                }
                header[3..].fill(0xff);
                HEADER
            }
        };
        if self.received().len() < length {
            return Ok(None);
        }
        self.begun = true;
        Ok(Some(Record(self.start..self.start + length)))
    }

    pub(super) fn bytes(&self, record: &Record) -> &[u8] {
        &self.buffer[record.0.clone()]
    }

    pub(super) fn consume(&mut self, record: Record) {
        self.start = record.0.end;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.buffer[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
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
        self.reserve(room);
        let received = receive(&mut self.buffer[self.end..self.end + room])?;
        if received == 0 {
            self.eof = true;
        }
        self.end += received.min(room);
        Ok(received)
    }

    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.received().to_vec();
        self.start = 0;
        self.end = 0;
        rest
    }

    /// Makes room behind the received bytes, moving them to the front first where that is enough.
    fn reserve(&mut self, room: usize) {
        if self.end + room <= self.buffer.len() {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end + room > self.buffer.len() {
            self.buffer.resize(self.end + room, 0);
        }
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
    fn an_impossible_length_is_handed_on_by_its_header() {
        let mut inbox = Inbox::new();
        inbox.extend(&[22, 3, 3, 0xff, 0xff]);
        assert_eq!(inbox.wanted(), 0);
        let found = inbox.next_record(true).unwrap().unwrap();
        assert_eq!(inbox.bytes(&found).len(), HEADER);
    }

    #[test]
    fn what_is_no_record_is_not_waited_for() {
        for (garbage, refused) in [
            (b"GET / HTTP/1.1", [APPLICATION_DATA, b'E', b'T', 0xff, 0xff]),
            (b"\x63\x03\x03\x40\x00type 99", [0x63, 3, 3, 0xff, 0xff]),
        ] as [(&[u8], _); 2]
        {
            let mut inbox = Inbox::new();
            inbox.extend(&record(3));
            let first = inbox.next_record(true).unwrap().unwrap();
            inbox.consume(first);
            inbox.extend(garbage);
            assert_eq!(inbox.wanted(), 0);
            let found = inbox.next_record(true).unwrap().unwrap();
            assert_eq!(inbox.bytes(&found), refused);
        }
    }

    #[test]
    fn the_end_of_the_transport_is_noted() {
        let mut inbox = Inbox::new();
        assert_eq!(
            inbox
                .fill(5, |room| {
                    room[0] = 1;
                    Ok(1)
                })
                .unwrap(),
            1
        );
        assert!(!inbox.is_eof());
        assert_eq!(inbox.fill(4, |_| Ok(0)).unwrap(), 0);
        assert!(inbox.is_eof());
    }
}
