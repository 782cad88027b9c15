//! One budget of memory for everything that is remembered from frame to frame, so that no input makes the
//! whole grow past what the user allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that may still be taken. Copies share it.
#[derive(Clone, Debug)]
pub struct Budget(Arc<AtomicUsize>);

/// Bytes taken from a budget, given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    /// What printing may take unless told otherwise.
    pub const FOR_PRINTING: usize = 64 << 20;

    pub fn new(bytes: usize) -> Self {
        Budget(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Takes some bytes; none where there are not as many left: then the caller must give up something it has.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.ok().map(|_| Share { budget: self.clone(), bytes })
    }

    /// Takes all that is left.
    pub fn take_all(&self) -> Share {
        Share { budget: self.clone(), bytes: self.0.swap(0, Ordering::Relaxed) }
    }

    /// Bytes not yet taken.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Makes one of two shares of the same budget.
    pub fn join(&mut self, mut other: Share) {
        self.bytes = self.bytes.saturating_add(std::mem::take(&mut other.bytes));
    }

    /// Bytes taken.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_out_of_the_budget_and_go_back() {
        let budget = Budget::new(10);
        let share = budget.take(7).unwrap();
        assert!(budget.clone().take(4).is_none());
        let mut share = share;
        share.join(budget.take(2).unwrap());
        assert_eq!((share.bytes(), budget.left()), (9, 1));
        drop(share);
        assert_eq!(budget.left(), 10);
        let all = budget.take_all();
        assert_eq!((all.bytes(), budget.left()), (10, 0));
    }
}
