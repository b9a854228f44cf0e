//! Sending and receiving: bytes, records, messages.

use ferrossl::Version;
use ferrossl::connection::{Handshake, Read};

use super::records::Plain;
use super::wire::{self, TLS12, alert, content};
use super::{Flow, Peer, Stopped};

/// A record that the connection has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What the record calls itself.
    pub outer_type: u8,
    /// The version in its header.
    pub version: u16,
    /// What it is.
    pub content_type: u8,
    /// What it holds, opened.
    pub contents: Vec<u8>,
    /// Whether it was protected.
    pub sealed: bool,
}

impl Peer {
    // ---- sending ----

    /// Queues bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.flush();
        self.out.extend_from_slice(bytes);
    }

    /// Queues a record in clear text, whatever the state.
    pub fn send_record(&mut self, content_type: u8, version: u16, contents: &[u8]) {
        self.send_bytes(&wire::record(content_type, version, contents));
    }

    /// Queues a record under the keys of the moment, in clear text where there are none. The padding is for TLS 1.3.
    pub fn send_sealed(&mut self, content_type: u8, contents: &[u8], padding: usize) {
        self.flush();
        let record = match &mut self.write {
            Some(keys) if keys.secret.is_some() => keys.seal(&Plain::new(content_type, contents, padding)),
            Some(keys) => keys.seal12(content_type, TLS12, contents),
            None => wire::record(content_type, TLS12, contents),
        };
        self.out.extend(record);
    }

    /// Queues a record of TLS 1.3 that may be as odd as [`Plain`] allows.
    ///
    /// # Panics
    ///
    /// Before there are keys.
    pub fn send_plain(&mut self, plain: &Plain) {
        self.flush();
        let record = self.write.as_mut().expect("keys to seal with").seal(plain);
        self.out.extend(record);
    }

    /// Queues a record of TLS 1.2 under the keys of the moment, with another version in its header.
    ///
    /// # Panics
    ///
    /// Before there are keys.
    pub fn send_sealed12(&mut self, content_type: u8, version: u16, contents: &[u8]) {
        self.flush();
        let record = self.write.as_mut().expect("keys to seal with").seal12(content_type, version, contents);
        self.out.extend(record);
    }

    /// Queues contents in records of these sizes, as far as they go, and what is left in one more. A size of 0 makes an
    /// empty record.
    pub fn send_fragments(&mut self, content_type: u8, mut contents: &[u8], sizes: &[usize]) {
        for &size in sizes {
            if contents.is_empty() {
                return;
            }
            let (piece, rest) = contents.split_at(size.min(contents.len()));
            self.send_sealed(content_type, piece, 0);
            contents = rest;
        }
        if !contents.is_empty() {
            self.send_sealed(content_type, contents, 0);
        }
    }

    /// Queues data in one record.
    pub fn send_data(&mut self, data: &[u8]) {
        self.send_sealed(content::APPLICATION_DATA, data, 0);
    }

    /// Queues an alert under the keys of the moment.
    pub fn send_alert(&mut self, level: u8, description: u8) {
        self.send_sealed(content::ALERT, &[level, description], 0);
    }

    /// Queues close_notify.
    pub fn close(&mut self) {
        self.send_alert(alert::WARNING, alert::CLOSE_NOTIFY);
    }

    /// Queues change_cipher_spec, in clear text where TLS 1.3 has it so.
    pub fn send_change_cipher_spec(&mut self) {
        if self.version == Version::Tls12 {
            self.send_sealed(content::CHANGE_CIPHER_SPEC, &[1], 0);
        } else {
            self.send_record(content::CHANGE_CIPHER_SPEC, TLS12, &[1]);
        }
    }

    /// Queues a whole handshake message, and adds it to the transcript while the handshake goes on.
    pub fn send_handshake(&mut self, message: &[u8]) {
        if !self.done {
            self.transcript.extend_from_slice(message);
        }
        self.send_handshake_bytes(message);
    }

    /// Queues handshake bytes, which may be any part of a message, without adding them to the transcript.
    pub fn send_handshake_bytes(&mut self, bytes: &[u8]) {
        if self.setup.together {
            self.held.get_or_insert_default().extend_from_slice(bytes);
            return;
        }
        for piece in bytes.chunks(self.setup.record_size) {
            self.send_sealed(content::HANDSHAKE, piece, 0);
        }
    }

    /// Queues what is held back to share records.
    pub fn flush(&mut self) {
        if let Some(bytes) = self.held.take() {
            for piece in bytes.chunks(self.setup.record_size) {
                self.send_sealed(content::HANDSHAKE, piece, 0);
            }
        }
    }

    // ---- the connection ----

    /// Gives the connection what is queued, lets it work, and takes what it has to say, until nothing moves any more.
    pub fn exchange(&mut self) {
        self.flush();
        self.drive();
        loop {
            let queued = std::mem::take(&mut self.out);
            for piece in queued.chunks(self.setup.piece) {
                self.connection.feed(piece);
                self.drive();
            }
            if !self.collect() && queued.is_empty() {
                return;
            }
        }
    }

    /// Takes what the connection has to say, without letting it do anything.
    pub fn collect(&mut self) -> bool {
        let before = self.inbox.len();
        let inbox = &mut self.inbox;
        let result = self.connection.send_with(|bytes| {
            inbox.extend_from_slice(bytes);
            Ok(bytes.len())
        });
        debug_assert!(result.is_ok(), "memory takes everything");
        self.inbox.len() > before
    }

    /// How many bytes of the connection's have not been looked at yet.
    #[must_use]
    pub const fn unread(&self) -> usize {
        self.inbox.len() - self.taken
    }

    /// Gives the connection what is queued, without letting it do anything.
    pub fn feed(&mut self) {
        self.flush();
        self.connection.feed(&std::mem::take(&mut self.out));
    }

    /// Takes what is queued, for a connection that is reached in some other way.
    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        self.flush();
        std::mem::take(&mut self.out)
    }

    /// Lets the connection do its handshake and read, as far as what it has been fed goes.
    pub fn drive(&mut self) {
        let mut buffer = vec![0; 1 << 14];
        loop {
            let read = match self.connection.negotiated() {
                Some(_) => self.connection.read(&mut buffer),
                None => match self.connection.handshake() {
                    Ok(Handshake::Done) => continue,
                    Ok(_) => return,
                    Err(error) => Err(error),
                },
            };
            match read {
                Ok(Read::Data(count)) => self.delivered.extend_from_slice(&buffer[..count]),
                Ok(Read::NeedRead | Read::NeedWrite) => return,
                Ok(Read::Closed) => {
                    self.closed = true;
                    return;
                }
                Err(error) => {
                    self.error.get_or_insert(error);
                    return;
                }
            }
        }
    }

    // ---- receiving ----

    /// Opens the next whole record that the connection has sent, and keeps it.
    fn take_record(&mut self) -> Option<Received> {
        let waiting = &self.inbox[self.taken..];
        let header = waiting.get(..5)?;
        let length = 5 + usize::from(u16::from_be_bytes([header[3], header[4]]));
        let record = waiting.get(..length)?.to_vec();
        self.taken += length;
        if self.taken == self.inbox.len() {
            self.inbox.clear();
            self.taken = 0;
        }
        let (outer_type, version) = (record[0], u16::from_be_bytes([record[1], record[2]]));
        let body = record[5..].to_vec();
        let opened = match &mut self.read {
            // A connection that has no keys yet says what is wrong in clear text.
            Some(keys) if outer_type != content::CHANGE_CIPHER_SPEC && body.len() > 16 => keys.open(&record),
            _ => None,
        };
        let sealed = opened.is_some();
        let (content_type, contents) = opened.unwrap_or((outer_type, body));
        let received = Received { outer_type, version, content_type, contents, sealed };
        self.records.push(received.clone());
        Some(received)
    }

    /// Takes the next record apart; false when there is none.
    fn take_in(&mut self) -> bool {
        let Some(record) = self.take_record() else { return false };
        match record.content_type {
            content::CHANGE_CIPHER_SPEC => {
                if let Some(keys) = self.next_read.take() {
                    self.read = Some(keys);
                }
            }
            content::HANDSHAKE => {
                self.partial.extend(record.contents);
                while let Some(&[_, a, b, c]) = self.partial.first_chunk() {
                    let length = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
                    if self.partial.len() < length {
                        break;
                    }
                    let rest = self.partial.split_off(length);
                    self.messages.push_back(std::mem::replace(&mut self.partial, rest));
                }
            }
            _ => {}
        }
        true
    }

    /// The type of the next handshake message, which stays where it is.
    pub(super) fn peek(&mut self) -> Flow<u8> {
        let mut idle = false;
        loop {
            if let Some(message) = self.messages.front() {
                return Ok(message[0]);
            }
            if !self.take_in() {
                if idle {
                    let Self { error, .. } = &*self;
                    let stopped = format!("nothing more: {error:?}, alerts {:?}", self.alerts());
                    return Err(Stopped(stopped));
                }
                self.exchange();
                idle = true;
            }
        }
    }

    /// The next handshake message, which must be of this type. It becomes a part of the transcript.
    ///
    /// # Errors
    ///
    /// When the connection says nothing more, or something else.
    pub fn receive(&mut self, kind: u8) -> Flow<Vec<u8>> {
        let found = self.peek()?;
        if found != kind {
            return Err(Stopped(format!("message {found} in place of {kind}")));
        }
        // `peek` has just seen it.
        let message = self.messages.pop_front().unwrap_or_default();
        self.transcript.extend_from_slice(&message);
        Ok(message)
    }

    /// Lets the connection take and answer everything, and deals with what it says after the handshake.
    pub fn settle(&mut self) {
        loop {
            self.exchange();
            let mut moved = false;
            loop {
                while self.done
                    && let Some(message) = self.messages.pop_front()
                {
                    self.take_post_handshake(&message);
                    moved = true;
                }
                if !self.take_in() {
                    break;
                }
                moved = true;
            }
            if !moved && self.out.is_empty() {
                return;
            }
        }
    }
}
