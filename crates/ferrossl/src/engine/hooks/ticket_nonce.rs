//! The nonces of a server's tickets, made short: rustls makes them 32 bytes long, which RFC 8446 section 4.6.1 allows, and
//! wolfSSL's clients, which have room for 8, drop the connection for it. OpenSSL's servers send 8.
//!
//! A nonce goes into two places: the NewSessionTicket, and the key that the ticket stands for. Messages with tickets are
//! held back where rustls would seal them ([`hold`]), and go out with the first bytes of the nonce ([`shortened`]); the key
//! is derived from the same bytes ([`hooked`]).
//!
//! Relies on, and the tests of resumption fail when a rustls release changes it: the derivation is the only one under the
//! label "resumption", its info comes in six parts, and a server seals nothing else together with its tickets.

use rustls::crypto::tls13::{Hkdf, HkdfExpander, OkmBlock, OutputLengthError};
use rustls::{Error, crypto};

use crate::engine::hooks::callback_scope;
use crate::wire::handshake::MESSAGE_HEADER;
use crate::wire::handshake::handshake_type::NEW_SESSION_TICKET;
use crate::wire::vector::vector;

/// How many bytes of the nonce count. Each ticket of a connection needs another one, and they are random.
const LENGTH: usize = 8;

/// Keeps handshake messages that a server wants sealed, if they are tickets. They wait in the connection's state.
pub(crate) fn hold(contents: &[u8]) -> bool {
    callback_scope::with(|scope| {
        let Some(server) = &mut scope.server else { return false };
        // Before the client's Finished a server has no tickets to send.
        let are_tickets = !scope.handshake_log.seen().peer_finished.is_empty()
            && contents.first() == Some(&NEW_SESSION_TICKET);
        let hold = are_tickets || !server.held_tickets.is_empty();
        if hold {
            server.held_tickets.extend_from_slice(contents);
        }
        hold
    }) == Some(true)
}

/// Whole messages, each NewSessionTicket among them with its nonce cut. What cannot be read stays as it is.
pub(crate) fn shortened(messages: &[u8]) -> Vec<u8> {
    let mut shortened = Vec::with_capacity(messages.len());
    let mut rest = messages;
    while let Some((message, behind)) = rest.get(1..).and_then(|from_length| {
        let (body, _) = vector(from_length, 3)?;
        rest.split_at_checked(MESSAGE_HEADER + body.len())
    }) {
        shortened.extend(cut(message).unwrap_or_else(|| message.to_vec()));
        rest = behind;
    }
    shortened.extend_from_slice(rest);
    shortened
}

/// Behind lifetime and age_add, four bytes each, stands the nonce (RFC 8446 section 4.6.1).
fn cut(message: &[u8]) -> Option<Vec<u8>> {
    let (front, rest) = message.split_at_checked(MESSAGE_HEADER + 8)?;
    let (nonce, behind) = vector(rest, 1)?;
    if message[0] != NEW_SESSION_TICKET || nonce.len() <= LENGTH {
        return None;
    }
    let length = (message.len() - MESSAGE_HEADER - (nonce.len() - LENGTH)) as u32;
    let mut cut = vec![NEW_SESSION_TICKET];
    cut.extend(&length.to_be_bytes()[1..]);
    cut.extend_from_slice(&front[MESSAGE_HEADER..]);
    cut.push(LENGTH as u8);
    cut.extend_from_slice(&nonce[..LENGTH]);
    cut.extend_from_slice(behind);
    Some(cut)
}

struct Hooked(&'static dyn Hkdf);

impl Hkdf for Hooked {
    fn extract_from_zero_ikm(&self, salt: Option<&[u8]>) -> Box<dyn HkdfExpander> {
        self.0.extract_from_zero_ikm(salt)
    }

    fn extract_from_secret(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        self.0.extract_from_secret(salt, secret)
    }

    fn extract_from_kx_shared_secret(
        &self,
        salt: Option<&[u8]>,
        kx: Box<dyn crypto::ActiveKeyExchange>,
        peer_pub_key: &[u8],
    ) -> Result<Box<dyn HkdfExpander>, Error> {
        self.0.extract_from_kx_shared_secret(salt, kx, peer_pub_key)
    }

    fn expander_for_okm(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        let expander = self.0.expander_for_okm(okm);
        match callback_scope::with(|scope| scope.server.is_some()) {
            Some(true) => Box::new(HookedExpander(expander)),
            _ => expander,
        }
    }

    fn hmac_sign(&self, key: &OkmBlock, message: &[u8]) -> crypto::hmac::Tag {
        self.0.hmac_sign(key, message)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

struct HookedExpander(Box<dyn HkdfExpander>);

impl HkdfExpander for HookedExpander {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        self.0.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        match info {
            [length, label_length, prefix, b"resumption", _, nonce] if nonce.len() > LENGTH => {
                self.0.expand_block(&[
                    length,
                    label_length,
                    prefix,
                    b"resumption",
                    &[LENGTH as u8],
                    &nonce[..LENGTH],
                ])
            }
            _ => self.0.expand_block(info),
        }
    }

    fn hash_len(&self) -> usize {
        self.0.hash_len()
    }
}

/// The key derivation, hooked. rustls wants ones that live for ever.
pub(crate) fn hooked(hkdf: &'static dyn Hkdf) -> &'static dyn Hkdf {
    Box::leak(Box::new(Hooked(hkdf)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(nonce: usize) -> Vec<u8> {
        let mut body = vec![0, 0, 28, 32, 1, 2, 3, 4, nonce as u8];
        body.extend((0..nonce).map(|byte| byte as u8));
        body.extend([0, 2, 9, 9, 0, 0]);
        [&[4, 0, 0, body.len() as u8][..], &body].concat()
    }

    #[test]
    fn nonces_are_cut_and_nothing_else() {
        let other = [24, 0, 0, 1, 0];
        let flight = [ticket(32), other.to_vec(), ticket(32), ticket(8), ticket(3)].concat();
        let expected = [ticket(8), other.to_vec(), ticket(8), ticket(8), ticket(3)].concat();
        assert_eq!(shortened(&flight), expected);
        for cut in 0..flight.len() {
            // Never a panic; what is cut off stays as it is.
            let shortened = shortened(&flight[..cut]);
            assert!(shortened.len() <= cut);
        }
    }
}
