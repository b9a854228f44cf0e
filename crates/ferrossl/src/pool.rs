//! Buffers for records that are under way: an idle connection has none, a busy one gets what another has given back.
//!
//! They hold ciphertext, or what a program has put into a queue of bytes, never decrypted data.
//!
//! The pool is asked, never waited for: who finds it locked goes to the allocator. So nobody waits for a thread that a
//! `fork()` has left behind, and threads do not wait for each other.

use std::sync::{Mutex, MutexGuard, TryLockError};

/// Buffers up to this size, in bytes, stay with whoever has them: for messages of a hundred bytes it would cost more to ask for
/// one each time than to keep it.
const SMALL: usize = 512;
/// The largest record: its header, 2^14 bytes, and what TLS 1.2 may add (RFC 5246 section 6.2.3).
const RECORD: usize = 5 + (1 << 14) + 2048;
/// A batch of records is somewhat more than [`crate::connection::WRITE_BATCH`]; a buffer that has grown above this is not kept.
const MAX_BATCH: usize = 320 * 1024;
const MIN_BATCH: usize = 64 * 1024;
const BATCHES: usize = 4;
const RECORDS: usize = 16;
/// What is received at once where nobody else reads from the transport: some records, which stay in a processor's
/// second-level cache together with what comes out of them.
pub(crate) const AHEAD: usize = 128 * 1024;
const AHEADS: usize = 4;

static BATCH_POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
static RECORD_POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
static AHEAD_POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

fn try_lock(pool: &Mutex<Vec<Vec<u8>>>) -> Option<MutexGuard<'_, Vec<Vec<u8>>>> {
    match pool.try_lock() {
        Ok(buffers) => Some(buffers),
        Err(TryLockError::Poisoned(buffers)) => Some(buffers.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Readies an empty `buffer` for `length` bytes more.
pub(crate) fn make_room(buffer: &mut Vec<u8>, length: usize) {
    if buffer.is_empty()
        && length > buffer.capacity().max(SMALL)
        && let Some(kept) = try_lock(&BATCH_POOL).and_then(|mut pool| pool.pop())
    {
        *buffer = kept;
    }
}

/// Takes an empty buffer back, unless it is a small one.
pub(crate) fn give_back(buffer: &mut Vec<u8>) {
    debug_assert!(buffer.is_empty());
    if buffer.capacity() <= SMALL {
        return;
    }
    let buffer = std::mem::take(buffer);
    if (MIN_BATCH..=MAX_BATCH).contains(&buffer.capacity())
        && let Some(mut pool) = try_lock(&BATCH_POOL)
        && pool.len() < BATCHES
    {
        pool.push(buffer);
    }
}

/// A buffer of at least `length` bytes, whatever they are.
pub(crate) fn record_buffer(length: usize) -> Vec<u8> {
    if length <= SMALL || length > RECORD {
        return vec![0; length];
    }
    let kept = try_lock(&RECORD_POOL).and_then(|mut pool| pool.pop());
    kept.unwrap_or_else(|| vec![0; RECORD])
}

/// A buffer of [`AHEAD`] bytes, whatever they are.
pub(crate) fn ahead_buffer() -> Vec<u8> {
    let kept = try_lock(&AHEAD_POOL).and_then(|mut pool| pool.pop());
    kept.unwrap_or_else(|| vec![0; AHEAD])
}

/// Takes a buffer back that [`record_buffer`] or [`ahead_buffer`] may have made, unless it is a small one.
pub(crate) fn give_record_buffer_back(buffer: &mut Vec<u8>) {
    if buffer.capacity() <= SMALL {
        return;
    }
    let buffer = std::mem::take(buffer);
    let (pool, most) = match buffer.len() {
        RECORD => (&RECORD_POOL, RECORDS),
        AHEAD => (&AHEAD_POOL, AHEADS),
        _ => return,
    };
    if let Some(mut pool) = try_lock(pool)
        && pool.len() < most
    {
        pool.push(buffer);
    }
}
