//! How a connection goes on without rustls once its handshake is done: what rustls would do with the few messages that may
//! still come, we do ourselves.
//!
//! A server needs nothing of rustls any more, nor does a client of TLS 1.2. One of TLS 1.3 needs it for its tickets: what a
//! session is resumed with is made of rustls' types, by rustls. They come as soon as the server has something to say, so rustls
//! may go when data has come behind them. Tickets that come later are not kept. A client that may have to authenticate after
//! the handshake keeps rustls: the tickets that it gets then are worth more.

use std::collections::BTreeSet;

use rustls::{ContentType, HandshakeType, InvalidMessage};

use super::{Inner, RustlsConnection};
use crate::engine::alerts::{Peer, alert_for};
use crate::engine::established::Established;
use crate::engine::hooks::callback_scope;
use crate::engine::rustls_errors::convert;
use crate::error::{Error, Failure, Result};
use crate::settings::Version;
use crate::wire::extension::extension_type::EARLY_DATA;
use crate::wire::handshake::{handshake_type, message};
use crate::wire::record::HANDSHAKE;
use crate::wire::vector::vector;

/// `KeyUpdateRequest` (RFC 8446 section 4.6.3).
const UPDATE_NOT_REQUESTED: u8 = 0;
const UPDATE_REQUESTED: u8 = 1;

impl RustlsConnection {
    /// Where the handshake is done, and everything that rustls had to say is in the output.
    pub(crate) fn finish_handshake(&mut self) {
        self.first_keys = Some(self.key_counts());
        if self.post_handshake_auth.is_client() {
            // It has what it needs.
            self.scope.secrets = None;
        }
        if self.scope.server.is_some() || self.version() == Some(Version::Tls12) {
            self.let_rustls_go();
        }
    }

    const fn key_counts(&self) -> (u32, u32) {
        (self.scope.keys.sealing_key_count, self.scope.keys.opening_key_count)
    }

    /// Secrets whose keys have been changed since by rustls are of no use, and would open what is over (RFC 8446 section 7.2).
    pub(super) fn forget_old_secrets(&mut self) {
        if self.first_keys.is_some_and(|first| first != self.key_counts()) && self.rustls().is_some() {
            self.scope.secrets = None;
        }
    }

    /// Whether rustls is there for nothing but tickets, and some have come.
    pub(crate) fn has_its_tickets(&self) -> bool {
        self.rustls().is_some_and(|connection| !connection.is_handshaking())
            && self.scope.server.is_none()
            && self.scope.handshake_log.seen().ticket.is_some()
            && !self.post_handshake_auth.is_client()
    }

    /// Goes on without rustls, unless it has something to say, or keys have changed since the handshake.
    pub(crate) fn let_rustls_go(&mut self) {
        if self.first_keys != Some(self.key_counts()) || !self.queued.is_empty() {
            return;
        }
        let Some(connection) = self.rustls().filter(|connection| !connection.wants_write()) else { return };
        let Some(suite) = connection.negotiated_cipher_suite() else { return };
        let server_random = self.scope.handshake_log.seen().server_random;
        if let Some(established) = Established::new(suite, &mut self.scope.secrets, server_random) {
            self.sealed_with.clone_from(&self.scope.keys.sealing);
            self.scope.handshake_log.keep_last_ticket();
            self.inner = Inner::Established(established);
        }
    }

    /// Takes a whole message that came behind the handshake, where there is no rustls.
    pub(super) fn take_without_rustls(&mut self, kind: u8, body: &[u8]) -> Result<(), Failure> {
        let is_tls13 = self.version() == Some(Version::Tls13);
        let error = match (kind, body) {
            (handshake_type::KEY_UPDATE, [UPDATE_NOT_REQUESTED | UPDATE_REQUESTED]) if is_tls13 => {
                self.follow_key_update(body[0] == UPDATE_REQUESTED)?;
                return Ok(());
            }
            // One more than are kept.
            (handshake_type::NEW_SESSION_TICKET, _) if is_tls13 && self.scope.server.is_none() => {
                match check_ticket(body) {
                    Ok(()) => return Ok(()),
                    Err(damage) => damage.into(),
                }
            }
            (handshake_type::KEY_UPDATE, [_]) if is_tls13 => InvalidMessage::InvalidKeyUpdate.into(),
            (handshake_type::KEY_UPDATE, []) if is_tls13 => {
                InvalidMessage::MissingData("KeyUpdateRequest").into()
            }
            (handshake_type::KEY_UPDATE, _) if is_tls13 => {
                InvalidMessage::TrailingData("HandshakeMessagePayload").into()
            }
            _ if is_tls13 => rustls::Error::InappropriateHandshakeMessage {
                expect_types: match self.scope.server {
                    Some(_) => vec![HandshakeType::KeyUpdate],
                    None => vec![HandshakeType::NewSessionTicket, HandshakeType::KeyUpdate],
                },
                got_type: kind.into(),
            },
            _ => rustls::Error::InappropriateMessage {
                expect_types: vec![ContentType::ApplicationData],
                got_type: ContentType::Handshake,
            },
        };
        let peer = if self.scope.server.is_some() { Peer::Client } else { Peer::Server };
        Err(Failure { alert: alert_for(&error, peer, is_tls13, None), error: convert(error) })
    }

    /// The peer has changed its key, and may want us to change ours: once, however often it asks before we say something
    /// (RFC 8446 section 4.6.3).
    fn follow_key_update(&mut self, requested: bool) -> Result<(), Failure> {
        if requested && self.key_update.is_empty() {
            self.change_own_key(UPDATE_NOT_REQUESTED).map_err(Failure::silent)?;
        }
        let peer_is_server = self.scope.server.is_none();
        if let Inner::Established(established) = &mut self.inner
            && let Some(key) = established.next_key(peer_is_server)
        {
            self.scope.keys.opening = Some(key);
            self.scope.keys.opening_key_count += 1;
        }
        Ok(())
    }

    /// Changes our key. The KeyUpdate that says so is held back until there is something to be said under the new one.
    fn change_own_key(&mut self, request: u8) -> Result<()> {
        let this_is_server = self.scope.server.is_some();
        let Inner::Established(established) = &mut self.inner else { return Ok(()) };
        let (Some(old), Some(new)) = (&self.scope.keys.sealing, established.next_key(this_is_server)) else {
            return Ok(());
        };
        let update = message(handshake_type::KEY_UPDATE, &[request]);
        old.seal_as(HANDSHAKE, &update, &mut self.key_update).map_err(convert)?;
        self.scope.handshake_log.sealing(HANDSHAKE, update);
        self.scope.keys.sealing = Some(new);
        self.scope.keys.sealing_key_count += 1;
        Ok(())
    }

    /// Asks for a new key of our own.
    pub(super) fn refresh_keys(&mut self) -> Result<()> {
        match &mut self.inner {
            Inner::Established(_) => self.change_own_key(UPDATE_REQUESTED),
            Inner::Rustls(connection) => {
                let refreshed = callback_scope::enter(&mut self.scope, || connection.refresh_traffic_keys());
                self.forget_old_secrets();
                refreshed.map_err(convert)
            }
        }
    }

    /// Has a KeyUpdate that is held back go out next.
    pub(super) fn release_key_update(&mut self, output: &mut Vec<u8>) -> Result<()> {
        match &mut self.inner {
            Inner::Rustls(connection) => {
                // rustls holds it back until the next write, so that is what it gets.
                let written = callback_scope::enter(&mut self.scope, || {
                    std::io::Write::write(&mut connection.writer(), &[])
                });
                written.map(|_| ()).map_err(|error| Error::internal(error.to_string()))
            }
            Inner::Established(_) => {
                // What is queued was sealed before the key changed, or there would be no KeyUpdate any more.
                output.append(&mut self.queued);
                self.scope.handshake_log.sent_records(&self.key_update);
                output.append(&mut self.key_update);
                Ok(())
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn has_rustls(&self) -> bool {
        self.rustls().is_some()
    }

    #[cfg(test)]
    pub(crate) fn has_first_secrets(&self) -> bool {
        self.scope.secrets.is_some()
    }

    /// Asks the peer for a new key of its own, as any peer may.
    #[cfg(test)]
    pub(crate) fn ask_for_new_keys(&mut self) {
        self.refresh_keys().unwrap();
    }
}

/// Reads the body of a NewSessionTicket (RFC 8446 section 4.6.1) to nobody: lifetime, age_add, nonce, ticket, extensions. What
/// rustls refuses is refused, in its words.
fn check_ticket(body: &[u8]) -> Result<(), InvalidMessage> {
    let rest = body.get(8..).ok_or(InvalidMessage::MissingData("u32"))?;
    let (_nonce, rest) = part(rest, 1, "u8")?;
    let (ticket, rest) = part(rest, 2, "u16")?;
    if ticket.is_empty() {
        return Err(InvalidMessage::EmptyTicketValue);
    }
    let (mut list, behind) = part(rest, 2, "u16")?;
    let mut known = BTreeSet::new();
    while !list.is_empty() {
        let (number, rest) = list.split_first_chunk().ok_or(InvalidMessage::MissingData("ExtensionType"))?;
        let number = u16::from_be_bytes(*number);
        let (contents, rest) = part(rest, 2, "u16")?;
        // RFC 8446 section 4.2: none comes twice.
        if !known.insert(number) {
            return Err(InvalidMessage::DuplicateExtension(number));
        }
        // `max_early_data_size` (RFC 8446 section 4.2.10).
        if number == EARLY_DATA && contents.len() < 4 {
            return Err(InvalidMessage::MissingData("u32"));
        }
        if number == EARLY_DATA && contents.len() > 4 {
            return Err(InvalidMessage::TrailingData("NewSessionTicketExtensions"));
        }
        list = rest;
    }
    match behind {
        [] => Ok(()),
        _ => Err(InvalidMessage::TrailingData("HandshakeMessagePayload")),
    }
}

/// A vector, and what stands behind it; `length` is what its length is called where there is none.
fn part<'a>(
    bytes: &'a [u8],
    width: usize,
    length: &'static str,
) -> Result<(&'a [u8], &'a [u8]), InvalidMessage> {
    vector(bytes, width).ok_or(match bytes.len() < width {
        true => InvalidMessage::MissingData(length),
        false => InvalidMessage::MessageTooShort,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_whole() {
        let ticket = [0, 0, 28, 32, 9, 9, 9, 9, 1, 5, 0, 3, 1, 2, 3, 0, 4, 0, 99, 0, 0];
        assert!(check_ticket(&ticket).is_ok());
        for cut in 0..ticket.len() {
            assert!(check_ticket(&ticket[..cut]).is_err(), "{cut}");
        }
        assert!(check_ticket(&[&ticket[..], &[0]].concat()).is_err());
        assert!(check_ticket(&[0, 0, 28, 32, 9, 9, 9, 9, 1, 5, 0, 0, 0, 0]).is_err(), "an empty one");
    }
}
