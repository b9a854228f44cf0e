//! The same work on several threads at once, with the contexts shared as a server shares them.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
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
    let shares: Vec<Share> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| work(case, &*maker, &ready, &done))).collect();
        ready.wait();
        std::thread::sleep(during);
        done.store(true, Ordering::Relaxed);
        workers.into_iter().map(|worker| worker.join().expect("good handshakes and records")).collect()
    });
    let begin = shares.iter().map(|share| share.begin).min();
    let end = shares.iter().map(|share| share.end).max();
    let count: u64 = shares.iter().map(|share| share.count).sum();
    let (Some(begin), Some(end)) = (begin, end) else { return 0.0 };
    count as f64 / (end - begin).as_secs_f64()
}

/// What one thread has done. With more threads than cores they begin and end at different times, all of which counts.
struct Share {
    begin: Instant,
    end: Instant,
    count: u64,
}

fn work(case: Case, maker: &dyn Maker, ready: &Barrier, done: &AtomicBool) -> Share {
    let mut ends = maker.connect();
    let (data, mut buffer, mut count) = (vec![7; BATCH], vec![0; BATCH], 0);
    ready.wait();
    let begin = Instant::now();
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
    Share { begin, end: Instant::now(), count }
}
