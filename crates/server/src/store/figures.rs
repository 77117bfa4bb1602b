//! What a store counts of itself, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Since the process began; the first two, now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Commands that wait, or are under way.
    pub waiting: u64,
    /// Most that may.
    pub waiting_max: u64,
    /// Transactions that were kept.
    pub commits: u64,
    /// Commands in them.
    pub commands: u64,
    /// Transactions that came to nothing.
    pub undone: u64,
}

/// Counted by the store.
#[derive(Debug, Default)]
pub(super) struct Tally {
    commits: AtomicU64,
    commands: AtomicU64,
    undone: AtomicU64,
}

impl Tally {
    pub(super) fn commit(&self, commands: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.commands.fetch_add(commands as u64, Ordering::Relaxed);
    }

    pub(super) fn undo(&self) {
        self.undone.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn figures(&self, waiting: usize, waiting_max: usize) -> StoreFigures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        StoreFigures {
            waiting: waiting as u64,
            waiting_max: waiting_max as u64,
            commits: read(&self.commits),
            commands: read(&self.commands),
            undone: read(&self.undone),
        }
    }
}
