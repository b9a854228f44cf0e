//! The traffic key of one direction (RFC 8446 section 7.3, RFC 5246 section 6.3) and the count of its records: one key, one
//! count, whoever seals.
//!
//! Data is sealed from the caller's bytes straight into the output, and opened from the input straight into the caller's
//! buffer. What rustls no longer sees is kept here: the limit of records under one key ([`RECORDS_PER_KEY`]), and the
//! sizes of records.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::aead::{Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rustls::crypto::cipher::{
    AeadKey, OutboundPlainMessage, PrefixedPayload, make_tls12_aad, make_tls13_aad,
};
use zeroize::Zeroizing;

use crate::byte_queue::ByteQueue;
use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{
    DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, ENCRYPTED_LENGTH_TOO_LONG,
};
use crate::sync;
use crate::wire::record::{APPLICATION_DATA, HEADER, MAX_DATA, MAX_PROTECTED_TLS12, MAX_PROTECTED_TLS13};

/// Records under one key of TLS 1.3 before it is changed. RFC 8446 section 5.5 allows AES-GCM 2^24.5; we stop at half
/// of what rustls allows itself (2^24), so that a few records of rustls' own never matter.
const RECORDS_PER_KEY: u64 = if cfg!(test) { 50 } else { 1 << 23 };
/// Bytes of the tag of every AEAD here.
const TAG: usize = 16;
/// Where in a nonce of TLS 1.2's AES-GCM the part begins that stands in the record (RFC 5288 section 3).
const EXPLICIT: usize = 4;

/// How a record is made of its contents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// RFC 8446 section 5.2: the content type is sealed behind the contents.
    Tls13,
    /// RFC 5288: eight bytes of the nonce stand in front of what is sealed.
    Tls12Gcm,
    /// RFC 7905: nothing but what is sealed.
    Tls12ChaCha,
}

impl Layout {
    /// Bytes in front of what is sealed.
    const fn front(self) -> usize {
        match self {
            Self::Tls12Gcm => NONCE_LEN - EXPLICIT,
            Self::Tls13 | Self::Tls12ChaCha => 0,
        }
    }

    /// Bytes of the content type that is sealed.
    const fn inner_type(self) -> usize {
        match self {
            Self::Tls13 => 1,
            Self::Tls12Gcm | Self::Tls12ChaCha => 0,
        }
    }

    /// By how much a record's body is longer than its contents.
    const fn overhead(self) -> usize {
        self.front() + self.inner_type() + TAG
    }

    const fn max_protected(self) -> usize {
        match self {
            Self::Tls13 => MAX_PROTECTED_TLS13,
            Self::Tls12Gcm | Self::Tls12ChaCha => MAX_PROTECTED_TLS12,
        }
    }
}

/// A key and how many records it has seen.
struct State {
    key: LessSafeKey,
    iv: Zeroizing<[u8; NONCE_LEN]>,
    sequence: u64,
    /// Data has been opened since somebody asked last.
    had_data: bool,
}

/// A key, shared between rustls' wrapper and our own path.
#[derive(Clone)]
pub(crate) struct TrafficKey {
    state: Arc<Mutex<State>>,
    layout: Layout,
}

impl TrafficKey {
    /// A key of TLS 1.3.
    pub(crate) fn tls13(algorithm: &'static Algorithm, key: &[u8], iv: &[u8; NONCE_LEN]) -> Self {
        Self::new(algorithm, key, Zeroizing::new(*iv), Layout::Tls13)
    }

    /// A key of TLS 1.2, with its share of the key block (RFC 5246 section 6.3): a whole IV for ChaCha20, a salt and, for
    /// the side that seals, where its explicit nonces begin for AES-GCM.
    pub(super) fn tls12(algorithm: &'static Algorithm, key: &AeadKey, iv: &[u8], explicit: &[u8]) -> Self {
        let mut nonce = Zeroizing::new([0; NONCE_LEN]);
        for (place, &byte) in nonce.iter_mut().zip(iv.iter().chain(explicit)) {
            *place = byte;
        }
        let layout = if iv.len() == NONCE_LEN { Layout::Tls12ChaCha } else { Layout::Tls12Gcm };
        Self::new(algorithm, key.as_ref(), nonce, layout)
    }

    fn new(
        algorithm: &'static Algorithm,
        key: &[u8],
        iv: Zeroizing<[u8; NONCE_LEN]>,
        layout: Layout,
    ) -> Self {
        // Keys are derived with the length that the algorithm asks for.
        let key = UnboundKey::new(algorithm, key).expect("a key of the algorithm's length");
        let state = State { key: LessSafeKey::new(key), iv, sequence: 0, had_data: false };
        Self { state: Arc::new(Mutex::new(state)), layout }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }

    /// Whether the key has sealed enough. Those of TLS 1.2 last for the connection, as with OpenSSL.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.layout == Layout::Tls13 && self.lock().sequence >= RECORDS_PER_KEY
    }

    /// Seals `data` as records at the end of `output`; when it fails, none of them are there.
    pub(crate) fn seal(&self, data: &[u8], output: &mut ByteQueue) -> Result<(), rustls::Error> {
        let mut state = self.lock();
        let overhead = HEADER + self.layout.overhead();
        let total = data.len() + data.len().div_ceil(MAX_DATA) * overhead;
        let mut room = output.room(total);
        for piece in data.chunks(MAX_DATA) {
            let (record, rest) = room.split_at_mut(piece.len() + overhead);
            self.seal_record(&mut state, APPLICATION_DATA, piece, record)?;
            room = rest;
        }
        output.add(total);
        Ok(())
    }

    /// Seals contents of this type, a few, as records at the end of `output`.
    pub(crate) fn seal_as(
        &self,
        content_type: u8,
        data: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), rustls::Error> {
        let mut state = self.lock();
        for piece in data.chunks(MAX_DATA) {
            let start = output.len();
            output.resize(start + HEADER + self.layout.overhead() + piece.len(), 0);
            self.seal_record(&mut state, content_type, piece, &mut output[start..])
                .inspect_err(|_| output.truncate(start))?;
        }
        Ok(())
    }

    /// Seals one record; `record` is exactly the room for it.
    fn seal_record(
        &self,
        state: &mut State,
        content_type: u8,
        piece: &[u8],
        record: &mut [u8],
    ) -> Result<(), rustls::Error> {
        let layout = self.layout;
        let nonce = state.nonce();
        let outer = if layout == Layout::Tls13 { APPLICATION_DATA } else { content_type };
        let [high, low] = ((record.len() - HEADER) as u16).to_be_bytes();
        let header = [outer, 3, 3, high, low];
        let (front, sealed) = record.split_at_mut(HEADER + layout.front());
        let (place, explicit) = front.split_at_mut(HEADER);
        place.copy_from_slice(&header);
        explicit.copy_from_slice(&nonce[NONCE_LEN - layout.front()..]);
        let (body, tail) = sealed.split_at_mut(piece.len());
        let inner_type = &[content_type][..layout.inner_type()];
        let nonce = Nonce::assume_unique_for_key(nonce);
        let sealed = match layout {
            Layout::Tls13 => {
                let aad = Aad::from(header);
                state.key.seal_out_of_place_scatter(nonce, aad, piece, body, inner_type, tail)
            }
            Layout::Tls12Gcm | Layout::Tls12ChaCha => {
                let aad = Aad::from(tls12_aad(state.sequence, &header, piece.len()));
                state.key.seal_out_of_place_scatter(nonce, aad, piece, body, inner_type, tail)
            }
        };
        sealed.map_err(|_| rustls::Error::EncryptError)?;
        state.advance()
    }

    /// The body of a record of rustls' own.
    pub(super) fn seal_message(
        &self,
        message: &OutboundPlainMessage<'_>,
    ) -> Result<PrefixedPayload, rustls::Error> {
        let layout = self.layout;
        let mut state = self.lock();
        let nonce = state.nonce();
        let length = message.payload.len() + layout.overhead();
        let mut payload = PrefixedPayload::with_capacity(length);
        payload.extend_from_slice(&nonce[NONCE_LEN - layout.front()..]);
        payload.extend_from_chunks(&message.payload);
        payload.extend_from_slice(&[message.typ.into()][..layout.inner_type()]);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let sealed = &mut payload.as_mut()[layout.front()..];
        let tag = match layout {
            Layout::Tls13 => {
                state.key.seal_in_place_separate_tag(nonce, Aad::from(make_tls13_aad(length)), sealed)
            }
            Layout::Tls12Gcm | Layout::Tls12ChaCha => {
                let aad = make_tls12_aad(state.sequence, message.typ, message.version, message.payload.len());
                state.key.seal_in_place_separate_tag(nonce, Aad::from(aad), sealed)
            }
        };
        payload.extend_from_slice(tag.map_err(|_| rustls::Error::EncryptError)?.as_ref());
        state.advance()?;
        Ok(payload)
    }

    /// How long the body of a record with this many bytes of contents is.
    pub(super) const fn sealed_length(&self, length: usize) -> usize {
        length + self.layout.overhead()
    }

    /// Opens a record of any kind: its content type and contents. A record that does not open leaves the count as it was.
    pub(crate) fn open_any(&self, record: &[u8]) -> Result<(u8, Zeroizing<Vec<u8>>), Failure> {
        let not_ours = || Failure::new(BAD_RECORD_MAC, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "");
        let sealed = Sealed::of(record, self.layout).ok_or_else(not_ours)?;
        if record.len() - HEADER > self.layout.max_protected() {
            return Err(Failure::new(RECORD_OVERFLOW, ENCRYPTED_LENGTH_TOO_LONG, ""));
        }
        let mut contents = Zeroizing::new(vec![0; sealed.text.len()]);
        let mut state = self.lock();
        self.decrypt(&state, &sealed, &mut contents).ok_or_else(not_ours)?;
        state.sequence += 1;
        // RFC 8446 section 5.4: contents, type and padding together.
        if contents.len() > MAX_DATA + self.layout.inner_type() {
            return Err(Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""));
        }
        let content_type = if self.layout == Layout::Tls13 {
            let end = contents.iter().rposition(|&byte| byte != 0);
            let end = end.ok_or_else(|| Failure::unexpected("a record that says nothing of its type"))?;
            let content_type = contents[end];
            contents.truncate(end);
            content_type
        } else {
            sealed.header[0]
        };
        state.had_data |= content_type == APPLICATION_DATA && !contents.is_empty();
        Ok((content_type, contents))
    }

    /// Whether data has been opened since this was asked last.
    pub(crate) fn take_had_data(&self) -> bool {
        std::mem::take(&mut self.lock().had_data)
    }

    /// The room that [`Self::open`] needs for a record.
    pub(crate) const fn room_for(&self, record: &[u8]) -> usize {
        record.len().saturating_sub(HEADER + self.layout.front() + TAG)
    }

    /// The most data that a record can have.
    pub(crate) const fn most_data(&self, record: &[u8]) -> usize {
        self.room_for(record).saturating_sub(self.layout.inner_type())
    }

    /// Opens a whole record whose outer type is data into `buffer`, which must have [room](Self::room_for) for it. `None`, with
    /// the count as it was and nothing left in `buffer`, when what is inside is anything else, empty, oversized or damaged.
    pub(crate) fn open(&self, record: &[u8], buffer: &mut [u8]) -> Option<usize> {
        let sealed = Sealed::of(record, self.layout)?;
        let most = MAX_DATA + self.layout.inner_type();
        let buffer = buffer.get_mut(..sealed.text.len()).filter(|buffer| buffer.len() <= most)?;
        let mut state = self.lock();
        self.decrypt(&state, &sealed, buffer)?;
        let length = if self.layout == Layout::Tls13 {
            // Behind the data: its type, then any number of zeros (RFC 8446 section 5.4).
            let end = buffer.iter().rposition(|&byte| byte != 0);
            end.filter(|&end| buffer[end] == APPLICATION_DATA)
        } else {
            Some(buffer.len())
        };
        match length {
            Some(length @ 1..) => {
                state.sequence += 1;
                state.had_data = true;
                Some(length)
            }
            _ => {
                // Handshake messages may be secrets, and the buffer is the caller's.
                buffer.fill(0);
                None
            }
        }
    }

    fn decrypt(&self, state: &State, sealed: &Sealed<'_>, plain: &mut [u8]) -> Option<()> {
        let mut nonce = state.nonce();
        // In TLS 1.2 the sender has chosen the rest.
        nonce[NONCE_LEN - sealed.front.len()..].copy_from_slice(sealed.front);
        let nonce = Nonce::assume_unique_for_key(nonce);
        // The header as it came is part of what is authenticated (RFC 8446 section 5.2, RFC 5246 section 6.2.3.3).
        let opened = match self.layout {
            Layout::Tls13 => {
                let aad = Aad::from(sealed.header);
                state.key.open_separate_gather(nonce, aad, sealed.text, sealed.tag, plain)
            }
            Layout::Tls12Gcm | Layout::Tls12ChaCha => {
                let aad = Aad::from(tls12_aad(state.sequence, sealed.header, sealed.text.len()));
                state.key.open_separate_gather(nonce, aad, sealed.text, sealed.tag, plain)
            }
        };
        opened.ok()
    }
}

/// A protected record in its parts.
struct Sealed<'a> {
    header: &'a [u8; HEADER],
    front: &'a [u8],
    text: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn of(record: &'a [u8], layout: Layout) -> Option<Self> {
        let (header, body) = record.split_first_chunk::<HEADER>()?;
        let (front, body) = body.split_at_checked(layout.front())?;
        let (text, tag) = body.split_at_checked(body.len().checked_sub(TAG)?)?;
        Some(Self { header, front, text, tag })
    }
}

/// `additional_data` (RFC 5246 section 6.2.3.3): the count, the header, and how many bytes were sealed.
fn tls12_aad(sequence: u64, header: &[u8; HEADER], length: usize) -> [u8; 13] {
    let version = u16::from_be_bytes([header[1], header[2]]);
    make_tls12_aad(sequence, header[0].into(), version.into(), length)
}

impl State {
    /// RFC 8446 section 5.3, RFC 7905 section 2: the count, exclusive-or the IV.
    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = *self.iv;
        for (place, byte) in nonce[NONCE_LEN - 8..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        nonce
    }

    /// 2^64 records do not happen; if they did, no nonce may come twice.
    fn advance(&mut self) -> Result<(), rustls::Error> {
        self.sequence = self.sequence.checked_add(1).ok_or(rustls::Error::EncryptError)?;
        Ok(())
    }
}
