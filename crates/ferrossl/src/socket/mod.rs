//! Connections over something that moves bytes: sockets with one deadline an operation, and memory.

mod deadline;
mod driver;
mod look_ahead;
mod memory_bio;
mod memory_pair;
mod operation;
mod pace;
mod readiness;
mod retry;
mod system;
mod tcp;
mod transport;

pub use deadline::Deadline;
pub use driver::{ONE_RECORD, SocketDriver};
pub use memory_bio::MemoryBio;
pub use memory_pair::MemoryConnection;
pub use system::SocketTransport;
pub use tcp::SslSocket;
pub use transport::{Interest, Transport};
