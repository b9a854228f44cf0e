//! The binding's mutexes. docs/architecture.md has the table of what they are held for.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. A panic elsewhere leaves whole states: what is replaced under these locks is one value.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
