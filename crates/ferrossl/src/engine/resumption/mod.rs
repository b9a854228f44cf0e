//! What a reconnect may reuse.

pub(crate) mod client_tickets;
pub(crate) mod memory;
pub(crate) mod server_cache;
pub(crate) mod ticket_nonce;
