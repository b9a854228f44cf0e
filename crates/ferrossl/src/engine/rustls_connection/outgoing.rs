//! What goes out: rustls' records as they are or put right, and data, sealed beside it.

use crate::byte_queue::ByteQueue;
use crate::engine::hooks::callback_scope;
use crate::engine::hooks::ticket_nonce;
use crate::engine::hooks::traffic_key::TrafficKey;
use crate::engine::rustls_connection::{Inner, RustlsConnection};
use crate::engine::rustls_errors::convert;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::alerts::{AlertNumber, CLOSE_NOTIFY};
use crate::settings::Version;
use crate::wire::record::{ALERT, FATAL, HANDSHAKE, HEADER, WARNING, plaintext_alert};
use crate::wire::{hello, record};

impl RustlsConnection {
    /// Moves what is to be sent to the end of `output`.
    pub(crate) fn drain_output(&mut self, output: &mut Vec<u8>) {
        let Self { inner, scope, .. } = self;
        if let Inner::Rustls(inner) = inner
            && inner.wants_write()
        {
            let mut records = Vec::new();
            callback_scope::enter(scope, || {
                while inner.wants_write() {
                    // Writing to a Vec cannot fail.
                    let _ = inner.write_tls(&mut records);
                }
            });
            // Behind close_notify nothing goes out any more (RFC 8446 section 6.1), a held back KeyUpdate neither.
            if !self.has_closed {
                self.put_right(&records, output);
            }
        }
        output.append(&mut self.queued);
        self.begin_post_handshake_auth();
    }

    /// rustls' records, without those that only stand for something: a fatal alert, which is ours to choose, and
    /// tickets, which are changed.
    fn put_right(&mut self, mut records: &[u8], output: &mut Vec<u8>) {
        let start = output.len();
        while let Some((header, body, rest)) = record::split(records) {
            match (header[0], body) {
                (ALERT, &[FATAL, alert]) => self.engines_alert = Some(alert),
                (ALERT, &[WARNING, _]) if self.scope.is_muted => {}
                (ALERT | HANDSHAKE, []) => {}
                _ => output.extend_from_slice(&records[..HEADER + body.len()]),
            }
            records = rest;
        }
        if self.scope.post_handshake_auth.is_offered
            && self.is_handshaking()
            // Protected handshake records of TLS 1.2 begin with any byte.
            && self.version() != Some(Version::Tls12)
            && let Some(changed) = hello::records_with_post_handshake_auth(&output[start..])
        {
            output.truncate(start);
            output.extend(changed);
        }
        self.scope.handshake_log.sent_records(&output[start..]);
        let tickets = self
            .scope
            .server
            .as_mut()
            .map(|server| std::mem::take(&mut server.held_tickets))
            .unwrap_or_default();
        if let Some(sealing) = self.scope.keys.sealing.as_ref().filter(|_| !tickets.is_empty()) {
            let tickets = ticket_nonce::shortened(&tickets);
            // A server without tickets to give is none the worse.
            if sealing.seal_as(HANDSHAKE, &tickets, output).is_ok() {
                self.scope.handshake_log.sealing(HANDSHAKE, tickets);
                self.scope.handshake_log.sent_records(&[]);
            }
        }
    }

    /// The fatal alert that rustls wanted to send, if it did.
    pub(crate) fn take_engines_alert(&mut self) -> Option<AlertNumber> {
        let mut records = Vec::new();
        self.drain_output(&mut records);
        self.queued = records;
        self.engines_alert.take()
    }

    /// Queues the alert for a failure, the last thing that this side says. None follows our close_notify.
    pub(crate) fn refuse(&mut self, Failure { alert, error }: Failure) -> Error {
        if let Some(alert) = alert.filter(|_| !self.has_closed) {
            let mut records = Vec::new();
            if let Inner::Rustls(inner) = &mut self.inner {
                // rustls gives out a KeyUpdate that it holds back with the next thing that it says, also when it has failed.
                self.scope.is_muted = true;
                callback_scope::enter(&mut self.scope, || inner.send_close_notify());
            } else {
                // What cannot be sealed fails again below.
                let _ = self.release_key_update(&mut records);
            }
            self.drain_output(&mut records);
            self.scope.is_muted = false;
            self.sealed_with.clone_from(&self.scope.keys.sealing);
            // The alert's own failure would hide what has gone wrong.
            let _ = self.seal_behind(ALERT, &[FATAL, alert], &mut records);
            self.queued = records;
        }
        error
    }

    /// Queues contents of our own behind what rustls has, sealed as this side's records are now. Behind our close_notify
    /// nothing is said any more (RFC 8446 section 6.1).
    pub(crate) fn queue(&mut self, content_type: u8, contents: &[u8]) -> Result<()> {
        if self.has_closed {
            return Ok(());
        }
        let mut records = Vec::new();
        self.drain_output(&mut records);
        let queued = self.seal_behind(content_type, contents, &mut records);
        self.queued = records;
        queued
    }

    fn seal_behind(&mut self, content_type: u8, contents: &[u8], records: &mut Vec<u8>) -> Result<()> {
        if self.scope.keys.sealing.is_some() {
            let sealing = match self.is_handshaking() {
                true => self.scope.keys.sealing.clone(),
                false => self.sealing(records)?,
            };
            let Some(sealing) = sealing else { return Ok(()) };
            self.scope.handshake_log.sealing(content_type, contents.to_vec());
            sealing.seal_as(content_type, contents, records).map_err(convert)?;
        } else if let (Some(sealing), true) = (&self.scope.keys.tls12_sealing, self.seals_tls12()) {
            self.scope.handshake_log.sealing(content_type, contents.to_vec());
            sealing.seal_as(content_type, contents, records).map_err(convert)?;
        } else {
            let start = records.len();
            match (content_type, contents) {
                (ALERT, &[FATAL, alert]) => records.extend(plaintext_alert(alert)),
                // Nothing else of ours goes out before there are keys.
                _ => return Err(Error::internal("no key to seal with yet")),
            }
            self.scope.handshake_log.sent_records(&records[start..]);
        }
        self.scope.handshake_log.sent_records(&[]);
        Ok(())
    }

    /// Whether this side's records of TLS 1.2 are protected.
    fn seals_tls12(&self) -> bool {
        self.scope.handshake_log.has_sent_change()
    }

    /// Encrypts all of `data`; the records go to `output`, behind what has to go out before them. When it fails, nothing of
    /// `data` is in them.
    pub(crate) fn write(&mut self, data: &[u8], output: &mut ByteQueue) -> Result<()> {
        let mut before = Vec::new();
        let sealing = self.sealing(&mut before);
        self.drain_output(&mut before);
        output.extend(&before);
        let sealed = match (sealing?, &self.scope.keys.tls12_sealing) {
            (Some(sealing), _) => sealing.seal(data, output),
            (None, Some(sealing)) if self.seals_tls12() => sealing.seal(data, output),
            _ => return Err(Error::TooEarly("there is no key to write with yet")),
        };
        sealed.map_err(convert)
    }

    /// The key to seal records of TLS 1.3 with now, with everything that has to go out before them in `output`; `None` in
    /// TLS 1.2.
    pub(crate) fn sealing(&mut self, output: &mut Vec<u8>) -> Result<Option<TrafficKey>> {
        let Some(mut sealing) = self.scope.keys.sealing.clone() else { return Ok(None) };
        if sealing.is_worn_out() {
            self.refresh_keys()?;
            sealing = self.scope.keys.sealing.clone().unwrap_or(sealing);
        }
        if !self.sealed_with.as_ref().is_some_and(|last| last.is(&sealing)) {
            self.release_key_update(output)?;
            self.sealed_with = Some(sealing.clone());
        }
        self.drain_output(output);
        Ok(Some(sealing))
    }

    /// Queues close_notify, the last thing that this side says. rustls is not told: it may still have to refuse what the
    /// peer says, and then does not expect to have closed.
    pub(crate) fn close(&mut self, output: &mut Vec<u8>) {
        // A connection that cannot seal any more cannot say so either.
        let _ = self.queue(ALERT, &[WARNING, CLOSE_NOTIFY]);
        self.has_closed = true;
        self.drain_output(output);
    }
}
