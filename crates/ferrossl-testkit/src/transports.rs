//! In-memory transports that misbehave as networks do.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use ferrossl::socket::{Interest, Transport};

/// What is wrong with one end of a wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fault {
    /// At most this many bytes a call, both ways.
    pub piece: Option<usize>,
    /// The wire ends after this many sent bytes: the peer sees the end of the transport.
    pub cut_after: Option<usize>,
    /// At most this many bytes wait for the peer; more must wait until it reads.
    pub capacity: Option<usize>,
}

#[derive(Default)]
struct Direction {
    bytes: VecDeque<u8>,
    sent: usize,
    ended: bool,
}

struct Shared {
    directions: Mutex<[Direction; 2]>,
    changed: Condvar,
}

/// One end of a wire.
pub struct Wire {
    shared: Arc<Shared>,
    end: usize,
    fault: Fault,
}

/// Both ends of a wire, the first with `fault`.
#[must_use]
pub fn wire(fault: Fault) -> (Wire, Wire) {
    let shared = Arc::new(Shared { directions: Mutex::new(Default::default()), changed: Condvar::new() });
    (
        Wire { shared: Arc::clone(&shared), end: 0, fault },
        Wire { shared, end: 1, fault: Fault { cut_after: None, ..fault } },
    )
}

impl Wire {
    /// How many bytes this end has sent.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner)[self.end].sent
    }

    fn room(&self, direction: &Direction) -> usize {
        let capacity = self.fault.capacity.unwrap_or(usize::MAX);
        capacity.saturating_sub(direction.bytes.len()).min(self.fault.piece.unwrap_or(usize::MAX))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let mut directions = self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner);
        directions[self.end].ended = true;
        self.shared.changed.notify_all();
    }
}

impl Transport for Wire {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut directions = self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner);
        let direction = &mut directions[1 - self.end];
        if direction.bytes.is_empty() {
            return if direction.ended { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let count = buffer.len().min(direction.bytes.len()).min(self.fault.piece.unwrap_or(usize::MAX));
        for (place, byte) in buffer.iter_mut().zip(direction.bytes.drain(..count)) {
            *place = byte;
        }
        self.shared.changed.notify_all();
        Ok(count)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut directions = self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner);
        if directions[1 - self.end].ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let room = self.room(&directions[self.end]);
        let direction = &mut directions[self.end];
        if room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(room);
        let passing = match self.fault.cut_after {
            Some(limit) => count.min(limit.saturating_sub(direction.sent)),
            None => count,
        };
        direction.bytes.extend(&bytes[..passing]);
        direction.sent += count;
        if self.fault.cut_after.is_some_and(|limit| direction.sent >= limit) {
            direction.ended = true;
        }
        self.shared.changed.notify_all();
        Ok(count)
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        let directions = self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner);
        let blocked = |directions: &mut [Direction; 2]| {
            let readable = !directions[1 - self.end].bytes.is_empty() || directions[1 - self.end].ended;
            let writable = self.room(&directions[self.end]) > 0;
            match interest {
                Interest::Read => !readable,
                Interest::Write => !writable,
                Interest::ReadOrWrite => !readable && !writable,
            }
        };
        let timeout = timeout.unwrap_or(Duration::from_secs(3600));
        let (_directions, result) = self
            .shared
            .changed
            .wait_timeout_while(directions, timeout, blocked)
            .unwrap_or_else(PoisonError::into_inner);
        Ok(!result.timed_out())
    }
}
