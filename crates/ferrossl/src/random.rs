//! Random bytes from aws-lc's generator, which notices a fork and seeds itself anew.

use crate::error::{Error, Result};

/// Fills `buffer` with random bytes that are fit for keys.
///
/// # Errors
///
/// Only when the system has no randomness to give.
pub fn fill(buffer: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| Error::internal("the system has no random bytes"))
}
