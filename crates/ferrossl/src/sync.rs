//! Locks that do not poison. A panic under one of them is a defect of ours; each guards a state that is whole between any two
//! statements, so that what comes after it finds a good one, or fails in the protocol. Nothing is unsafe about it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for the lock.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
