//! What a reconnect may reuse: a client's tickets, a server's cache and ticket keys, and what of both outlives a change of
//! settings.

pub(crate) mod client_tickets;
pub(crate) mod memory;
pub(crate) mod server_cache;
