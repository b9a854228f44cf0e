//! The processor's time of this thread: what other programs do meanwhile does not count.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The clock.
#[must_use]
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().expect("below a second"))
}

/// How long doing it so many times takes.
pub fn timed(times: u64, mut work: impl FnMut()) -> Duration {
    let begin = thread_time();
    for _ in 0..times {
        work();
    }
    thread_time() - begin
}
