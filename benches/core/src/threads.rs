//! The same work on several threads at once, with the contexts shared as a server shares them.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ferrossl_testkit::KeyKind;

use crate::{BATCH, Case, Maker, Subject, maker};

/// Repetitions a second of so many threads together. Handshakes share one pair of contexts, records a connection for each
/// thread.
///
/// # Panics
///
/// For cases through memory queues, which have no threads.
#[must_use]
pub fn rate(case: Case, subject: Subject, threads: usize, during: Duration) -> f64 {
    let (version, kind) = match case {
        Case::Seal(version) | Case::Open(version) => (version, KeyKind::P256),
        Case::Handshake(version, kind) => (version, kind),
        Case::Memory(..) => panic!("memory queues have no threads"),
    };
    let maker = maker(subject, version, kind);
    let (ready, done) = (Barrier::new(threads + 1), AtomicBool::new(false));
    let total = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(case, &*maker, &ready, &done, &total));
        }
        ready.wait();
        let begin = Instant::now();
        std::thread::sleep(during);
        done.store(true, Ordering::Relaxed);
        // What is under way at the end is counted by who does it, in the time that it takes.
        ready.wait();
        total.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
    })
}

fn work(case: Case, maker: &dyn Maker, ready: &Barrier, done: &AtomicBool, total: &AtomicU64) {
    let mut ends = maker.connect();
    let (data, mut buffer, mut count) = (vec![7; BATCH], vec![0; BATCH], 0);
    ready.wait();
    while !done.load(Ordering::Relaxed) {
        match case {
            Case::Seal(_) => ends.seal(&data),
            Case::Open(_) => {
                ends.keep(&data);
                ends.open(&mut buffer);
            }
            Case::Handshake(..) | Case::Memory(..) => drop(maker.connect()),
        }
        count += 1;
    }
    total.fetch_add(count, Ordering::Relaxed);
    ready.wait();
}
