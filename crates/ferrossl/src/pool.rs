//! Buffers for records that are under way: an idle connection has none, a busy one gets what another has given back.
//!
//! They hold ciphertext, or what a program has put into a queue of bytes, never decrypted data. What is in them when they are
//! taken is whatever stood there before.
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

static BATCH_POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
static RECORD_POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

fn try_lock(pool: &Mutex<Vec<Vec<u8>>>) -> Option<MutexGuard<'_, Vec<Vec<u8>>>> {
    match pool.try_lock() {
        Ok(buffers) => Some(buffers),
        Err(TryLockError::Poisoned(buffers)) => Some(buffers.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// A buffer of at least `length` bytes, whatever they are.
pub(crate) fn take(length: usize) -> Vec<u8> {
    if length <= SMALL {
        return vec![0; length.next_power_of_two()];
    }
    if length <= RECORD {
        let kept = try_lock(&RECORD_POOL).and_then(|mut pool| pool.pop());
        return kept.unwrap_or_else(|| vec![0; RECORD]);
    }
    let kept = try_lock(&BATCH_POOL).and_then(|mut pool| {
        let fits = pool.iter().position(|buffer| buffer.len() >= length)?;
        Some(pool.swap_remove(fits))
    });
    kept.unwrap_or_else(|| vec![0; length.max(MIN_BATCH)])
}

/// Takes a buffer of [`take`]'s back, unless it is a small one.
pub(crate) fn give_back(buffer: &mut Vec<u8>) {
    if buffer.len() <= SMALL {
        return;
    }
    let buffer = std::mem::take(buffer);
    match buffer.len() {
        RECORD => {
            if let Some(mut pool) = try_lock(&RECORD_POOL)
                && pool.len() < RECORDS
            {
                pool.push(buffer);
            }
        }
        MIN_BATCH..=MAX_BATCH => {
            let Some(mut pool) = try_lock(&BATCH_POOL) else { return };
            if pool.len() < BATCHES {
                pool.push(buffer);
            } else if let Some(smaller) = pool.iter_mut().find(|kept| kept.len() < buffer.len()) {
                *smaller = buffer;
            }
        }
        _ => {}
    }
}
