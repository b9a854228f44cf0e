//! The engine's own readers of handshake messages: anything is read or refused, and nothing panics.
//!
//! The first byte says whether the rest is one message or pieces of a connection.

#![no_main]

use ferrossl::fuzzing::{log_messages, read_messages};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0, rest)) => log_messages(rest),
        Some((_, rest)) => read_messages(rest),
        None => {}
    }
});
