//! What stands in rustls' output for records that are ours to make: it is taken out there (`outgoing.rs`), and what it stands
//! for is said by us.

use rustls::crypto::cipher::{OutboundOpaqueMessage, PrefixedPayload};
use rustls::{ContentType, ProtocolVersion};

use super::callback_scope;
use crate::wire::record::FATAL;

/// A record in clear text in place of one that rustls wants sealed. None of these is sent.
pub(super) fn placeholder(content_type: ContentType, contents: &[u8]) -> OutboundOpaqueMessage {
    let mut payload = PrefixedPayload::with_capacity(contents.len());
    payload.extend_from_slice(contents);
    OutboundOpaqueMessage::new(content_type, ProtocolVersion::TLSv1_2, payload)
}

/// The placeholder for an alert that is ours to choose: a fatal one, and any while rustls is muted.
pub(crate) fn left_to_us(content_type: u8, contents: &[u8]) -> Option<OutboundOpaqueMessage> {
    match (ContentType::from(content_type), contents) {
        (ContentType::Alert, [FATAL, _]) => Some(placeholder(ContentType::Alert, contents)),
        (ContentType::Alert, _) if callback_scope::with(|scope| scope.is_muted) == Some(true) => {
            Some(placeholder(ContentType::Alert, &[]))
        }
        _ => None,
    }
}
