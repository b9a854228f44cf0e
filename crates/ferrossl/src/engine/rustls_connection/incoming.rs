//! What comes in, before rustls sees it: each record is checked and opened here, handshake messages are put together, and
//! rustls gets them whole, one at a time.
//!
//! rustls never opens a record. So it does not matter to it how a peer cuts messages into records, what comes between them is
//! judged in one place, and its own limits for a connection's whole life (32 key updates, 4 warnings) do not
//! count: ours ([`Patience`]) count what comes in a row without data.
//!
//! Relies on: an open connection of TLS 1.3 takes data of one byte, and then forgets how many key updates there were; a record
//! that a message is handed over in looks like any other, and its decrypter is ours.

use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::engine::alerts::{Peer, alert_for};
use crate::engine::hooks::callback_scope;
use crate::engine::hooks::traffic_key::TrafficKey;
use crate::engine::post_handshake_auth::messages;
use crate::engine::rustls_connection::{Inner, RustlsConnection};
use crate::engine::rustls_errors::convert;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::alerts::{
    CLOSE_NOTIFY, DECODE_ERROR, ILLEGAL_PARAMETER, NO_RENEGOTIATION, UNEXPECTED_MESSAGE, USER_CANCELED,
};
use crate::openssl_names::reasons::{
    BAD_DIGEST_LENGTH, MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA, NOT_ON_RECORD_BOUNDARY, RECORD_TOO_SMALL,
    TOO_MANY_KEY_UPDATES, TOO_MANY_WARN_ALERTS, UNEXPECTED_CCS_MESSAGE, UNEXPECTED_RECORD,
    UNKNOWN_ALERT_TYPE,
};
use crate::wire::handshake::{MESSAGE_HEADER, Reassembly, handshake_type, split_message};
use crate::wire::hello_rules;
use crate::wire::record::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, FATAL, HANDSHAKE, HEADER, MAX_DATA, MAX_PROTECTED_TLS12,
    MAX_PROTECTED_TLS13, WARNING, unknown_record,
};

/// Records of one kind without data that are taken in a row, as many as OpenSSL takes of the most kinds.
const IN_A_ROW: u8 = 32;
/// How many bytes of answers after the handshake a peer gets in a row that sends no data. Over sockets it has to read them
/// (`Connection::read`); a program that moves the bytes itself may have room for anything.
const ANSWERS: usize = 16 << 20;
/// How many bytes of data are passed over that a client has sent on the strength of a ticket that this server refuses.
const EARLY_DATA: usize = 1 << 20;

/// What a record brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fed {
    /// It was the peer's close_notify.
    pub(crate) peer_closed: bool,
}

/// What is remembered of the records that came in.
#[derive(Default)]
pub(crate) struct Incoming {
    partial: Reassembly,
    patience: Patience,
    /// A protected record of TLS 1.3 was opened.
    has_opened: bool,
    /// In TLS 1.2, the peer has said change_cipher_spec: its records are protected.
    changed: bool,
    /// How much of a client's early data may still be passed over.
    early_data: usize,
    /// Data that was opened and not read yet.
    data: Data,
}

/// Opened bytes, those in front taken already.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    taken: usize,
}

impl Data {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }
}

/// How much more a peer may send that brings no data.
#[derive(Default)]
struct Patience {
    empty_records: u8,
    key_updates: u8,
    warnings: u8,
    changes: u8,
    requests: u8,
    answered: usize,
}

impl Patience {
    /// Counts one; true when that was one too many.
    const fn ends(count: &mut u8) -> bool {
        *count = count.saturating_add(1);
        *count > IN_A_ROW
    }
}

impl Incoming {
    /// For a server whose client has said hello.
    pub(crate) fn behind_hello(offers_early_data: bool) -> Self {
        Self { early_data: if offers_early_data { EARLY_DATA } else { 0 }, ..Self::default() }
    }

    /// Whether this record is early data that nobody can open here (RFC 8446 section 4.2.10).
    fn passes_over(&mut self, length: usize) -> bool {
        let left = self.early_data.checked_sub(length.max(1));
        self.early_data = left.unwrap_or(0);
        left.is_some()
    }

    /// A change_cipher_spec of TLS 1.3 means nothing (RFC 8446 section 5).
    fn drop_change(&mut self, body: &[u8]) -> Result<(), Failure> {
        if body != [1] || !self.partial.is_empty() || Patience::ends(&mut self.patience.changes) {
            return Err(Failure::new(UNEXPECTED_MESSAGE, UNEXPECTED_CCS_MESSAGE, ""));
        }
        Ok(())
    }
}

fn unexpected_record(detail: &str) -> Failure {
    Failure::new(UNEXPECTED_MESSAGE, UNEXPECTED_RECORD, detail)
}

/// What a record held, as far as it is not dealt with.
enum Opened {
    Nothing,
    Contents(u8, Zeroizing<Vec<u8>>),
}

/// Where a message stands among those of its record.
#[derive(Clone, Copy)]
struct Place {
    is_last: bool,
}

impl Place {
    /// RFC 8446 section 5.1: a message that changes keys is the last one of its record.
    fn ends_its_record(self) -> Result<(), Failure> {
        match self.is_last {
            true => Ok(()),
            false => Err(Failure::new(UNEXPECTED_MESSAGE, NOT_ON_RECORD_BOUNDARY, "")),
        }
    }
}

/// A record in its parts, so that it need not be put together to be read.
struct Parts<'a>([&'a [u8]; 3]);

impl Parts<'_> {
    fn is_empty(&self) -> bool {
        self.0.iter().all(|part| part.is_empty())
    }
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        for part in &mut self.0 {
            filled += part.read(&mut buffer[filled..])?;
        }
        Ok(filled)
    }
}

impl RustlsConnection {
    /// Takes exactly one record. The alert for a failure is queued.
    pub(crate) fn feed(&mut self, record: &[u8]) -> Result<Fed> {
        self.take_record(record).map_err(|failure| self.refuse(failure))
    }

    /// The key for records of data that come in; `None` where they must all be fed.
    pub(crate) fn opening(&self) -> Option<TrafficKey> {
        // Data may not come between the parts of a message, nor between those of an answer (RFC 8446 sections 5.1, 4.6.2).
        if self.is_handshaking()
            || !self.incoming.partial.is_empty()
            || self.post_handshake_auth.is_being_answered()
        {
            return None;
        }
        self.data_key().cloned()
    }

    /// The key that data is opened with, whoever opens it; `None` where only the engine can, and where there is none yet.
    fn data_key(&self) -> Option<&TrafficKey> {
        let keys = &self.scope.keys;
        let tls12 = || keys.tls12_opening.as_ref().filter(|_| self.incoming.changed)?.traffic_key();
        keys.opening.as_ref().or_else(tls12)
    }

    /// The longest body that the next record may have, in bytes.
    pub(crate) fn longest_body(&self) -> usize {
        if self.scope.keys.opening.is_some() {
            MAX_PROTECTED_TLS13
        } else if self.incoming.changed {
            MAX_PROTECTED_TLS12
        } else {
            MAX_DATA
        }
    }

    /// Moves opened bytes to `buffer`; 0 when there are none.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> usize {
        let data = &mut self.incoming.data;
        let rest = data.rest();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        data.taken += count;
        if data.rest().is_empty() {
            *data = Data::default();
        }
        count
    }

    /// How many opened bytes wait.
    pub(crate) fn pending(&self) -> usize {
        self.incoming.data.rest().len()
    }

    fn take_record(&mut self, record: &[u8]) -> Result<Fed, Failure> {
        let Some((header, body)) = record.split_first_chunk::<HEADER>() else { return Ok(Fed::default()) };
        self.scope.handshake_log.received_header(header);
        let opened = if self.scope.keys.opening.is_some() {
            self.open_tls13(header[0], record, body)?
        } else if self.incoming.changed {
            self.open_tls12(header[0], record)?
        } else {
            self.take_clear(header[0], body)?
        };
        match opened {
            Opened::Nothing => Ok(Fed::default()),
            Opened::Contents(content_type, contents) => self.take_contents(content_type, contents),
        }
    }

    fn open_tls13(&mut self, outer: u8, record: &[u8], body: &[u8]) -> Result<Opened, Failure> {
        let Some(opening) = self.scope.keys.opening.clone() else { return Ok(Opened::Nothing) };
        match outer {
            APPLICATION_DATA => {}
            CHANGE_CIPHER_SPEC if self.is_handshaking() => {
                self.incoming.drop_change(body)?;
                self.scope.handshake_log.received_other(CHANGE_CIPHER_SPEC, body);
                return Ok(Opened::Nothing);
            }
            // A peer that cannot agree on keys says so in clear text.
            ALERT if !self.incoming.has_opened => {
                return Ok(Opened::Contents(ALERT, body.to_vec().into()));
            }
            _ => return Err(unexpected_record("a record in clear text among protected ones")),
        }
        match opening.open_any(record) {
            Ok((content_type, contents)) => {
                self.incoming.has_opened = true;
                self.incoming.early_data = 0;
                Ok(Opened::Contents(content_type, contents))
            }
            Err(failure) if self.incoming.early_data == 0 => Err(failure),
            Err(_) if self.incoming.passes_over(body.len()) => Ok(Opened::Nothing),
            Err(_) => Err(unexpected_record("too much early data, which was refused")),
        }
    }

    fn open_tls12(&mut self, outer: u8, record: &[u8]) -> Result<Opened, Failure> {
        if outer == CHANGE_CIPHER_SPEC {
            return Err(Failure::new(UNEXPECTED_MESSAGE, UNEXPECTED_CCS_MESSAGE, ""));
        }
        let is_handshaking = self.is_handshaking();
        let Some(opening) = &mut self.scope.keys.tls12_opening else {
            return Err(Failure::new(UNEXPECTED_MESSAGE, UNEXPECTED_CCS_MESSAGE, "there is no key yet"));
        };
        let contents = opening.open(record).inspect_err(|_| {
            // Where a session was resumed, the keys that do not fit are the session's: it is not tried again.
            if let Some(tickets) = self.tickets.as_ref().filter(|_| is_handshaking) {
                tickets.forget_tls12();
            }
        })?;
        if outer == APPLICATION_DATA && !contents.is_empty() {
            self.incoming.patience = Patience::default();
        }
        Ok(Opened::Contents(outer, contents))
    }

    fn take_clear(&mut self, outer: u8, body: &[u8]) -> Result<Opened, Failure> {
        match outer {
            CHANGE_CIPHER_SPEC => {
                let is_tls13 = self.scope.handshake_log.is_tls13();
                // Until the server has chosen, it may be meant for TLS 1.3.
                if is_tls13 || (self.offers_tls13 && self.version().is_none()) {
                    self.incoming.drop_change(body)?;
                } else if !self.incoming.partial.is_empty() {
                    return Err(Failure::new(UNEXPECTED_MESSAGE, UNEXPECTED_CCS_MESSAGE, ""));
                } else {
                    self.give(CHANGE_CIPHER_SPEC, body)?;
                    self.incoming.changed = true;
                }
                self.scope.handshake_log.received_other(CHANGE_CIPHER_SPEC, body);
                Ok(Opened::Nothing)
            }
            // Behind a HelloRetryRequest there is no key yet that it would not open with.
            APPLICATION_DATA if self.incoming.partial.is_empty() && self.incoming.passes_over(body.len()) => {
                Ok(Opened::Nothing)
            }
            _ => Ok(Opened::Contents(outer, body.to_vec().into())),
        }
    }

    fn take_contents(&mut self, content_type: u8, contents: Zeroizing<Vec<u8>>) -> Result<Fed, Failure> {
        self.look_for_data();
        let is_fatal_alert = content_type == ALERT && contents.first() == Some(&FATAL);
        if content_type != HANDSHAKE && !self.incoming.partial.is_empty() && !is_fatal_alert {
            // RFC 8446 section 5.1.
            let reason = MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA;
            return Err(Failure::new(UNEXPECTED_MESSAGE, reason, ""));
        }
        match content_type {
            // RFC 8446 section 5.4, RFC 5246 section 6.2.1.
            HANDSHAKE | ALERT if contents.is_empty() => {
                Err(Failure::new(UNEXPECTED_MESSAGE, RECORD_TOO_SMALL, "an empty record that is not of data"))
            }
            HANDSHAKE => self.take_handshake(&contents).map(|()| Fed::default()),
            ALERT => self.take_alert(&contents),
            APPLICATION_DATA => self.take_data(contents).map(|()| Fed::default()),
            _ => Err(unknown_record()),
        }
    }

    fn take_data(&mut self, mut contents: Zeroizing<Vec<u8>>) -> Result<(), Failure> {
        if self.is_handshaking() || self.post_handshake_auth.is_being_answered() {
            return Err(Failure::unexpected("data in the middle of a handshake"));
        }
        if contents.is_empty() {
            return match Patience::ends(&mut self.incoming.patience.empty_records) {
                true => {
                    let detail = "too many empty records without data between them";
                    Err(Failure::new(UNEXPECTED_MESSAGE, RECORD_TOO_SMALL, detail))
                }
                false => Ok(()),
            };
        }
        let data = &mut self.incoming.data;
        if data.rest().is_empty() {
            *data = Data { bytes: std::mem::take(&mut contents), taken: 0 };
        } else {
            data.bytes.extend_from_slice(&contents);
        }
        Ok(())
    }

    /// Patience is new where data has come, also on the way that does not lead here.
    fn look_for_data(&mut self) {
        if self.data_key().is_some_and(TrafficKey::take_had_data) {
            self.incoming.patience = Patience::default();
        }
    }

    fn take_alert(&mut self, contents: &[u8]) -> Result<Fed, Failure> {
        let &[level, alert] = contents else {
            return Err(Failure::damaged("an alert of another length than two bytes"));
        };
        self.scope.handshake_log.received_other(ALERT, contents);
        match (level, alert) {
            (WARNING | FATAL, CLOSE_NOTIFY) => Ok(Fed { peer_closed: true }),
            // RFC 8446 section 6: in TLS 1.3 all others are fatal, whatever they say of themselves.
            (WARNING, USER_CANCELED) => self.bear_warning(),
            (WARNING, _) if !self.scope.handshake_log.is_tls13() => self.bear_warning(),
            (WARNING | FATAL, _) => Err(Failure::silent(Error::AlertReceived(alert))),
            _ => Err(Failure::new(ILLEGAL_PARAMETER, UNKNOWN_ALERT_TYPE, "")),
        }
    }

    /// Counts an answer to a request after the handshake, in bytes.
    pub(super) fn bear_answer(&mut self, length: usize) -> Result<(), Failure> {
        self.incoming.patience.answered += length;
        match self.incoming.patience.answered > ANSWERS {
            true => Err(Failure::unexpected("too many requests for a certificate without data between them")),
            false => Ok(()),
        }
    }

    fn bear_warning(&mut self) -> Result<Fed, Failure> {
        if Patience::ends(&mut self.incoming.patience.warnings) {
            return Err(Failure::new(UNEXPECTED_MESSAGE, TOO_MANY_WARN_ALERTS, ""));
        }
        Ok(Fed::default())
    }

    fn take_handshake(&mut self, mut contents: &[u8]) -> Result<(), Failure> {
        // Most messages come whole: those are taken where they lie.
        while self.incoming.partial.is_empty()
            && let Some((message, behind)) = split_message(contents)?
        {
            self.take_message(message, Place { is_last: behind.is_empty() })?;
            contents = behind;
        }
        if contents.is_empty() {
            return Ok(());
        }
        self.incoming.partial.add(contents);
        while let Some(message) = self.incoming.partial.next()? {
            let place = Place { is_last: self.incoming.partial.is_empty() };
            self.take_message(&message, place)?;
        }
        Ok(())
    }

    /// Takes a whole handshake message.
    fn take_message(&mut self, whole: &[u8], place: Place) -> Result<(), Failure> {
        let keys = self.scope.keys.opening_key_count;
        self.dispatch_message(whole, place)?;
        if self.scope.keys.opening_key_count != keys {
            place.ends_its_record()?;
        }
        Ok(())
    }

    fn dispatch_message(&mut self, whole: &[u8], place: Place) -> Result<(), Failure> {
        let Some((&kind, body)) = whole.first().zip(whole.get(MESSAGE_HEADER..)) else { return Ok(()) };
        self.scope.handshake_log.received_message(whole);
        let is_tls13 = self.scope.handshake_log.is_tls13();
        let renegotiates = if self.scope.server.is_some() {
            handshake_type::CLIENT_HELLO
        } else {
            handshake_type::HELLO_REQUEST
        };
        match kind {
            _ if kind == renegotiates && !is_tls13 && !self.is_handshaking() => {
                return self.decline_renegotiation();
            }
            // RFC 5246 section 7.4.1.1: a client that negotiates already ignores it.
            handshake_type::HELLO_REQUEST if !is_tls13 && self.scope.server.is_none() && body.is_empty() => {
                return match Patience::ends(&mut self.incoming.patience.requests) {
                    true => Err(Failure::unexpected("too many HelloRequests")),
                    false => Ok(()),
                };
            }
            handshake_type::FINISHED if self.finished_length().is_some_and(|length| length != body.len()) => {
                let detail = format!("a Finished of {} bytes", body.len());
                return Err(Failure::new(DECODE_ERROR, BAD_DIGEST_LENGTH, detail));
            }
            // Looked at before, too: the alert goes out under the old keys, which the peer has for certain.
            handshake_type::SERVER_HELLO if self.scope.server.is_none() => {
                if is_tls13 {
                    place.ends_its_record()?;
                }
                hello_rules::check_answer(whole, self.scope.handshake_log.own_session_id())?;
            }
            handshake_type::FINISHED if is_tls13 && self.is_handshaking() => place.ends_its_record()?,
            handshake_type::CERTIFICATE_REQUEST if is_tls13 => messages::check_request(whole)?,
            handshake_type::KEY_UPDATE
                if is_tls13 && !self.is_handshaking() && !self.post_handshake_auth.is_being_answered() =>
            {
                place.ends_its_record()?;
                self.bear_key_update()?;
            }
            _ => {}
        }
        if self.post_handshake_auth.takes(kind) {
            return self.take_post_handshake_auth(whole);
        }
        if self.rustls().is_none() {
            return self.take_without_rustls(kind, body);
        }
        self.give(HANDSHAKE, whole)?;
        if kind == handshake_type::SERVER_HELLO && !is_tls13 && !self.takes_legacy_servers {
            hello_rules::check_renegotiates_safely(whole)?;
        }
        // The second ClientHello ends what was sent on the strength of the first.
        if kind == handshake_type::CLIENT_HELLO {
            self.incoming.early_data = 0;
        }
        Ok(())
    }

    /// How long the peer's Finished is: 12 bytes in TLS 1.2 (RFC 5246 section 7.4.9), a hash in TLS 1.3. `None` where none
    /// can come.
    fn finished_length(&self) -> Option<usize> {
        let may_come = self.post_handshake_auth.awaits_answer().unwrap_or_else(|| self.is_handshaking());
        if !may_come {
            return None;
        }
        let suite = self.suite()?;
        let is_tls13 = self.scope.handshake_log.is_tls13();
        Some(if is_tls13 { suite.tls13()?.common.hash_provider.output_len() } else { 12 })
    }

    /// RFC 5246 section 7.2.2: a warning, and the connection goes on as it was.
    fn decline_renegotiation(&mut self) -> Result<(), Failure> {
        if Patience::ends(&mut self.incoming.patience.requests) {
            let reason = crate::openssl_names::reasons::NO_RENEGOTIATION;
            return Err(Failure::new(UNEXPECTED_MESSAGE, reason, "asked for it again and again"));
        }
        self.queue(ALERT, &[WARNING, NO_RENEGOTIATION]).map_err(Failure::silent)
    }

    /// As many as the peer likes, with data between them. rustls has a count of its own, which data puts back; since the
    /// data goes past it, it is given a byte that nobody reads.
    fn bear_key_update(&mut self) -> Result<(), Failure> {
        if Patience::ends(&mut self.incoming.patience.key_updates) {
            return Err(Failure::new(UNEXPECTED_MESSAGE, TOO_MANY_KEY_UPDATES, ""));
        }
        if self.rustls().is_some() {
            self.give(APPLICATION_DATA, &[0])?;
        }
        if let Inner::Rustls(connection) = &mut self.inner {
            let read = connection.reader().read(&mut [0]);
            // Nothing else is ever left there.
            debug_assert!(matches!(read, Ok(1)));
        }
        Ok(())
    }

    /// Hands something to rustls, as records that need no opening.
    fn give(&mut self, content_type: u8, contents: &[u8]) -> Result<(), Failure> {
        let hides_type = self.scope.keys.opening.is_some();
        for piece in contents.chunks(MAX_DATA) {
            let (outer, hidden) =
                if hides_type { (APPLICATION_DATA, &[content_type][..]) } else { (content_type, &[][..]) };
            let [high, low] = ((piece.len() + hidden.len()) as u16).to_be_bytes();
            self.give_record(Parts([&[outer, 3, 3, high, low], piece, hidden]))?;
        }
        Ok(())
    }

    fn give_record(&mut self, mut record: Parts<'_>) -> Result<(), Failure> {
        let Self { inner: Inner::Rustls(inner), scope, .. } = self else {
            return Err(Failure::silent(Error::internal("there is no rustls any more")));
        };
        let given: Result<(), rustls::Error> = callback_scope::enter(scope, || {
            while !record.is_empty() {
                let read = inner.read_tls(&mut record);
                read.map_err(|error| rustls::Error::General(error.to_string()))?;
                inner.process_new_packets()?;
            }
            Ok(())
        });
        self.forget_old_secrets();
        given.map_err(|error| self.failure(error))
    }

    /// What an error of rustls' means, and the alert for it.
    fn failure(&mut self, error: rustls::Error) -> Failure {
        let engines = self.take_engines_alert();
        match self.scope.verification.verdict.take() {
            Some(Err(verdict)) => return Failure::verdict(verdict),
            verdict => self.scope.verification.verdict = verdict,
        }
        let peer = if self.scope.server.is_some() { Peer::Client } else { Peer::Server };
        let alert = alert_for(&error, peer, self.scope.handshake_log.is_tls13(), engines);
        Failure { alert, error: convert(error) }
    }
}
