//! Which mutant is at work. `scripts/mutants` puts this file into its copy of the crate.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

static CHOSEN: LazyLock<Option<u32>> =
    LazyLock::new(|| env::var("FERROSSL_MUTANT").ok().and_then(|number| number.parse().ok()));
static TRACED: LazyLock<bool> = LazyLock::new(|| env::var_os("FERROSSL_MUTANT_TRACE").is_some());
/// The file that is written now, and what it holds.
static SEEN: Mutex<(OsString, BTreeSet<u32>)> = Mutex::new((OsString::new(), BTreeSet::new()));

/// Whether this mutant is at work. With `FERROSSL_MUTANT_TRACE`, also notes in that file that somebody came by.
pub(crate) fn on(number: u32) -> bool {
    if *TRACED {
        trace(number);
    }
    *CHOSEN == Some(number)
}

fn trace(number: u32) {
    let file = env::var_os("FERROSSL_MUTANT_TRACE").unwrap_or_default();
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.0 != file {
        *seen = (file, BTreeSet::new());
    }
    if seen.1.insert(number)
        && let Ok(mut file) = OpenOptions::new().append(true).create(true).open(&seen.0)
    {
        let _ = file.write_all(format!("{number}\n").as_bytes());
    }
}
