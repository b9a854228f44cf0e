//! Counts what lives on the heap, for tests of how much a connection keeps.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which counts. For a test program with one test: others would count too.
///
/// ```
/// use ferrossl_testkit::CountingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator;
///
/// let before = CountingAllocator::live();
/// let kept = vec![7u8; 1000];
/// assert_eq!(CountingAllocator::live() - before, 1000);
/// drop(kept);
/// ```
#[derive(Debug)]
pub struct CountingAllocator;

impl CountingAllocator {
    /// How many bytes Rust code has allocated and not freed. What aws-lc allocates in C is not among them.
    #[must_use]
    pub fn live() -> usize {
        LIVE.load(Ordering::Relaxed)
    }
}

// SAFETY: every request goes to the system's allocator as it came, and its answer goes back as it is. Counting allocates
// nothing and cannot fail.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps those of `GlobalAlloc::dealloc`; the pointer came from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}
