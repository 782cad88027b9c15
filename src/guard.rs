//! What may have a fault on hostile bytes is run here: a panic costs that packet's text alone.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether a packet is being decoded: what panics now is caught.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught and counted, and needs no message of its own.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`; none where it panicked. What it had changed by then is for the caller to undo.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    done.ok()
}
