//! Handshake messages on their way: what rustls does not tell of a session is read from them, and the message
//! callback is fed with them.
//!
//! What comes in is shown message by message (`incoming.rs`). What goes out is seen in the records while it is clear text, and
//! where it is sealed otherwise (`tls13_aead.rs`, `tls12_aead.rs`). Clear text always goes before what is protected,
//! so what rustls has sealed waits here until the clear text in front of it has been looked at.
//!
//! Relies on, and a test of the connection's fails when a rustls release changes it: the bytes of each handshake message
//! that is sent go through the AEAD in order, whole or in pieces.

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::wire::handshake::{MESSAGE_HEADER, Reassembly, handshake_type, split_message};
use crate::wire::record::{ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::vector::vector;
use crate::wire::{hello, record};

/// `SSL3_RT_HEADER` of OpenSSL: the header of a record.
const RECORD_HEADER: u16 = 256;

/// A message that was seen on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedMessage {
    /// Whether this side has sent it.
    pub sent: bool,
    /// The record's content type, or 256 for a record's header, as OpenSSL's message callback numbers them.
    pub content_type: u16,
    /// A whole handshake message, an alert, a change_cipher_spec, or the five bytes of a header.
    pub data: Vec<u8>,
}

/// What a NewSessionTicket says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TicketInfo {
    /// The ticket's SHA-256, which OpenSSL takes for the id of a session that has none.
    pub(crate) id: Vec<u8>,
    /// Seconds.
    pub(crate) lifetime_hint: u32,
}

/// Watches one connection.
#[derive(Default)]
pub(crate) struct HandshakeLog {
    sent: Reassembly,
    /// This side has said change_cipher_spec in TLS 1.2: its handshake records behind it are protected.
    sent_change: bool,
    /// What rustls has sealed since the output was last drained: content types and bytes.
    sealed: Vec<(u8, Zeroizing<Vec<u8>>)>,
    /// Kept when somebody wants to see them.
    log: Option<Vec<LoggedMessage>>,
    /// Kept when the client may have to authenticate after the handshake.
    pub(crate) transcript: Option<Transcript>,
    /// `legacy_session_id` of the ClientHello that this side has sent.
    own_session_id: Vec<u8>,
    /// A ServerHello or HelloRetryRequest has chosen TLS 1.3.
    tls13: bool,
    /// A ServerHello has agreed to the extended master secret (RFC 7627).
    extended_master_secret: bool,
    /// The session has the ticket that it will have.
    has_last_ticket: bool,
    seen: Seen,
}

/// What was read from the messages.
#[derive(Default)]
pub(crate) struct Seen {
    /// `legacy_session_id` of the ServerHello.
    pub(crate) session_id: Vec<u8>,
    /// `random` of the ServerHello.
    pub(crate) server_random: [u8; hello::RANDOM],
    /// The newest ticket.
    pub(crate) ticket: Option<TicketInfo>,
    /// `verify_data` of our first Finished.
    pub(crate) own_finished: Vec<u8>,
    /// `verify_data` of the peer's first Finished.
    pub(crate) peer_finished: Vec<u8>,
    /// This side has sent a certificate.
    pub(crate) has_sent_certificate: bool,
}

impl HandshakeLog {
    pub(crate) fn keep_log(&mut self) {
        self.log.get_or_insert_default();
    }

    pub(crate) fn take_log(&mut self) -> Vec<LoggedMessage> {
        self.log.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What was logged so far, for a connection that may have nothing but an alert to log any more.
    pub(crate) fn fork(&self) -> Self {
        Self { log: self.log.clone(), ..Self::default() }
    }

    pub(crate) const fn seen(&self) -> &Seen {
        &self.seen
    }

    /// A server's view of the whole first message.
    pub(crate) fn client_hello(&self) -> &[u8] {
        self.transcript.as_ref().map_or(&[], Transcript::messages)
    }

    /// The session id of the ClientHello that this side has sent.
    pub(crate) fn own_session_id(&self) -> &[u8] {
        &self.own_session_id
    }

    /// Whether a ServerHello or HelloRetryRequest, sent or received, has chosen TLS 1.3.
    pub(crate) const fn is_tls13(&self) -> bool {
        self.tls13
    }

    /// Whether the ServerHello has agreed to the extended master secret.
    pub(crate) const fn has_extended_master_secret(&self) -> bool {
        self.extended_master_secret
    }

    /// Whether this side has said change_cipher_spec in TLS 1.2.
    pub(crate) const fn has_sent_change(&self) -> bool {
        self.sent_change
    }

    /// Tickets that come from here on are not the session's.
    pub(crate) const fn keep_last_ticket(&mut self) {
        self.has_last_ticket = true;
    }

    /// The header of a record that came in.
    pub(crate) fn received_header(&mut self, header: &[u8]) {
        self.note(false, RECORD_HEADER, header);
    }

    /// A whole handshake message that came in.
    pub(crate) fn received_message(&mut self, message: &[u8]) {
        self.message(false, message);
    }

    /// An alert or a change_cipher_spec that came in.
    pub(crate) fn received_other(&mut self, content_type: u8, contents: &[u8]) {
        self.note(false, content_type.into(), contents);
    }

    /// Contents that are being sealed.
    pub(crate) fn sealing(&mut self, content_type: u8, contents: Vec<u8>) {
        self.sealed.push((content_type, contents.into()));
    }

    /// Whether [`Self::sealing`] wants contents of this type.
    pub(crate) const fn wants(content_type: u8) -> bool {
        matches!(content_type, HANDSHAKE | ALERT)
    }

    /// Records that go out; each is whole.
    pub(crate) fn sent_records(&mut self, mut records: &[u8]) {
        while let Some((header, body, rest)) = record::split(records) {
            self.note(true, RECORD_HEADER, header);
            match header[0] {
                HANDSHAKE | ALERT if !self.sent_change => self.clear(header[0], body),
                CHANGE_CIPHER_SPEC => {
                    // In TLS 1.3 it means nothing, and protected records do not look like handshake messages.
                    self.sent_change |= !self.tls13;
                    self.clear(CHANGE_CIPHER_SPEC, body);
                }
                _ => {}
            }
            records = rest;
        }
        for (content_type, contents) in std::mem::take(&mut self.sealed) {
            self.clear(content_type, &contents);
        }
    }

    /// Contents that this side sends.
    fn clear(&mut self, content_type: u8, mut bytes: &[u8]) {
        if content_type != HANDSHAKE {
            self.note(true, content_type.into(), bytes);
            return;
        }
        // This side sends no message that is too long, and the peer would be the one to complain. Most are whole.
        while self.sent.is_empty()
            && let Ok(Some((message, behind))) = split_message(bytes)
        {
            self.message(true, message);
            bytes = behind;
        }
        if bytes.is_empty() {
            return;
        }
        self.sent.add(bytes);
        while let Ok(Some(message)) = self.sent.next() {
            self.message(true, &message);
        }
    }

    fn message(&mut self, sent: bool, message: &[u8]) {
        self.read(sent, message);
        if let Some(transcript) = &mut self.transcript {
            transcript.add(message);
        }
        self.note(sent, HANDSHAKE.into(), message);
    }

    fn note(&mut self, sent: bool, content_type: u16, data: &[u8]) {
        if let Some(log) = &mut self.log {
            log.push(LoggedMessage { sent, content_type, data: data.to_vec() });
        }
    }

    fn read(&mut self, sent: bool, message: &[u8]) {
        let Some((header, body)) = message.split_at_checked(MESSAGE_HEADER) else { return };
        match header[0] {
            handshake_type::CLIENT_HELLO if sent => {
                self.own_session_id = hello::session_id(message).unwrap_or_default().to_vec()
            }
            handshake_type::SERVER_HELLO => {
                self.seen.session_id = hello::session_id(message).unwrap_or_default().to_vec();
                self.seen.server_random = hello::random(message).unwrap_or_default();
                self.tls13 = hello::chooses_tls13(message);
                self.extended_master_secret = hello::chooses_extended_master_secret(message);
            }
            handshake_type::NEW_SESSION_TICKET if !self.has_last_ticket => {
                if let Some(ticket) = read_ticket(body) {
                    self.seen.ticket = Some(ticket);
                }
            }
            handshake_type::CERTIFICATE if sent => self.seen.has_sent_certificate = true,
            handshake_type::FINISHED => {
                let side = if sent { &mut self.seen.own_finished } else { &mut self.seen.peer_finished };
                if side.is_empty() {
                    *side = body.to_vec();
                }
            }
            _ => {}
        }
    }
}

/// TLS 1.2 (RFC 5077 section 3.3): hint, ticket. TLS 1.3 (RFC 8446 section 4.6.1): lifetime, age_add, nonce, ticket,
/// extensions. The shorter form is the one that ends where its ticket ends.
fn read_ticket(body: &[u8]) -> Option<TicketInfo> {
    let (lifetime, rest) = body.split_first_chunk::<4>()?;
    let tls12 = vector(rest, 2).filter(|(_, rest)| rest.is_empty()).map(|(ticket, _)| ticket);
    let tls13 = || Some(vector(vector(rest.get(4..)?, 1)?.1, 2)?.0);
    let ticket = tls12.or_else(tls13)?;
    if ticket.is_empty() {
        return None;
    }
    let id = digest(&SHA256, ticket).as_ref().to_vec();
    Some(TicketInfo { id, lifetime_hint: u32::from_be_bytes(*lifetime) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::record::HEADER;

    proptest::proptest! {
        #[test]
        fn any_records_are_watched_without_a_panic(
            pieces in proptest::collection::vec((0u8..6, proptest::collection::vec(proptest::num::u8::ANY, 0..60)), 0..20)
        ) {
            let mut handshake_log = HandshakeLog { transcript: Some(Transcript::default()), ..HandshakeLog::default() };
            handshake_log.keep_log();
            for (what, bytes) in &pieces {
                let record = [&[20 + what % 4, 3, 3, 0, bytes.len() as u8][..], bytes].concat();
                match what {
                    0 => handshake_log.received_header(bytes),
                    1 => handshake_log.received_message(bytes),
                    2 => handshake_log.sent_records(&record),
                    3 => handshake_log.sent_records(bytes),
                    4 => handshake_log.received_other(ALERT, bytes),
                    _ => handshake_log.sealing(HANDSHAKE, bytes.clone()),
                }
            }
            handshake_log.sent_records(&[]);
            proptest::prop_assert!(handshake_log.take_log().len() <= 64 * (pieces.len() + 1));
        }
    }

    fn record(content_type: u8, body: &[u8]) -> Vec<u8> {
        [&[content_type, 3, 3, 0, u8::try_from(body.len()).unwrap()], body].concat()
    }

    /// Finished, as it looks in clear text.
    const MESSAGE: [u8; 6] = [handshake_type::FINISHED, 0, 0, 2, 7, 7];

    fn logged(handshake_log: &mut HandshakeLog, sent: bool) -> Vec<(u16, Vec<u8>)> {
        let log = handshake_log.take_log();
        assert!(log.iter().all(|seen| seen.sent == sent));
        log.into_iter().map(|seen| (seen.content_type, seen.data)).collect()
    }

    /// Behind change_cipher_spec, what looks like a message is ciphertext. In TLS 1.3, change_cipher_spec means nothing.
    #[test]
    fn records_behind_change_cipher_spec_are_not_messages() {
        for tls13 in [false, true] {
            let mut handshake_log = HandshakeLog { tls13, ..HandshakeLog::default() };
            handshake_log.keep_log();
            let mut pass = |record: &[u8]| {
                handshake_log.sent_records(record);
                logged(&mut handshake_log, true)
            };
            let header = |content_type| (RECORD_HEADER, record(content_type, &MESSAGE)[..HEADER].to_vec());
            let whole = (u16::from(HANDSHAKE), MESSAGE.to_vec());
            let alert = (u16::from(ALERT), MESSAGE.to_vec());
            assert_eq!(pass(&record(HANDSHAKE, &MESSAGE)), [header(HANDSHAKE), whole.clone()]);
            assert_eq!(pass(&record(ALERT, &MESSAGE)), [header(ALERT), alert.clone()]);
            let change = record(CHANGE_CIPHER_SPEC, &[1]);
            let change_logged =
                [(RECORD_HEADER, change[..HEADER].to_vec()), (CHANGE_CIPHER_SPEC.into(), vec![1])];
            assert_eq!(pass(&change), change_logged);
            let behind = [pass(&record(HANDSHAKE, &MESSAGE)), pass(&record(ALERT, &MESSAGE))];
            if tls13 {
                assert_eq!(behind, [vec![header(HANDSHAKE), whole], vec![header(ALERT), alert]]);
            } else {
                assert_eq!(behind, [vec![header(HANDSHAKE)], vec![header(ALERT)]]);
            }
            assert_eq!(pass(&change), change_logged);
            // Data is none of our business.
            assert_eq!(pass(&record(23, &MESSAGE)), [header(23)]);
        }
    }

    /// What comes in and what is sealed is seen; sealed messages after the clear text in front of them.
    #[test]
    fn protected_messages_are_seen() {
        let mut handshake_log = HandshakeLog::default();
        handshake_log.keep_log();
        handshake_log.received_message(&MESSAGE);
        assert_eq!(logged(&mut handshake_log, false), [(HANDSHAKE.into(), MESSAGE.to_vec())]);
        assert_eq!(
            (handshake_log.seen().peer_finished.as_slice(), handshake_log.seen().own_finished.len()),
            (&[7, 7][..], 0)
        );
        // The first one counts.
        handshake_log.received_message(&[handshake_type::FINISHED, 0, 0, 2, 9, 9]);
        assert_eq!(handshake_log.seen().peer_finished, [7, 7]);

        handshake_log.take_log();
        handshake_log.sealing(HANDSHAKE, MESSAGE.to_vec());
        assert!(handshake_log.take_log().is_empty());
        let change = record(CHANGE_CIPHER_SPEC, &[1]);
        let sealed = record(HANDSHAKE, &[0xff; 30]);
        handshake_log.sent_records(&[change.as_slice(), &sealed].concat());
        assert_eq!(
            logged(&mut handshake_log, true),
            [
                (RECORD_HEADER, change[..HEADER].to_vec()),
                (CHANGE_CIPHER_SPEC.into(), vec![1]),
                (RECORD_HEADER, sealed[..HEADER].to_vec()),
                (HANDSHAKE.into(), MESSAGE.to_vec()),
            ]
        );
        assert_eq!(handshake_log.seen().own_finished, [7, 7]);
        assert_eq!(
            [HANDSHAKE, ALERT, CHANGE_CIPHER_SPEC, 23].map(HandshakeLog::wants),
            [true, true, false, false]
        );
    }

    #[test]
    fn a_certificate_of_ones_own_is_noticed() {
        let mut handshake_log = HandshakeLog::default();
        let message = [handshake_type::CERTIFICATE, 0, 0, 3, 0, 0, 0];
        handshake_log.received_message(&message);
        assert!(!handshake_log.seen().has_sent_certificate);
        handshake_log.sent_records(&record(HANDSHAKE, &message));
        assert!(handshake_log.seen().has_sent_certificate);
    }

    #[test]
    fn tickets_of_both_versions() {
        let tls12 = [0, 0, 28, 32, 0, 3, 1, 2, 3];
        let tls13 = [0, 0, 28, 32, 9, 9, 9, 9, 1, 5, 0, 3, 1, 2, 3, 0, 0];
        assert_eq!(read_ticket(&tls12), read_ticket(&tls13));
        assert_eq!(read_ticket(&tls12).unwrap().lifetime_hint, 7200);
        assert_eq!(read_ticket(&[0, 0, 0, 0, 0, 0]), None);
        assert_eq!(read_ticket(&[0; 5]), None);
    }
}
