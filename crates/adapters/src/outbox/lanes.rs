//! Unsettled commands: one queue per poll.

use super::PREFIX;
use linli_model::{IdempotencyKey, TopicId, UtcMs};
use linli_port::{CastCommand, Pending, Step};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// Every queue, one behind the other in one list: entries of one poll are a lane.
#[derive(Default)]
pub(super) struct Lanes {
    entries: RefCell<Vec<Rc<Entry>>>,
    /// The latest instant that any entry has had.
    last_instant: Cell<UtcMs>,
}

impl Lanes {
    /// Adds `entry`: what is new after everything, what is restored after what was
    /// restored before it.
    pub(super) fn enter(&self, entry: Rc<Entry>) {
        let mut entries = self.entries.borrow_mut();
        let mut place = entries.len();
        if entry.is_restored {
            place = entries.iter().filter(|known| known.is_restored).count();
            self.passed(entry.kept_at_ms.get());
        }
        entries.insert(place, entry);
    }

    /// Whether nothing of its lane is before `entry`.
    pub(super) fn is_due(&self, entry: &Rc<Entry>) -> bool {
        let entries = self.entries.borrow();
        let first = entries.iter().find(|known| known.is_in_lane_of(entry));
        first.is_some_and(|first| Rc::ptr_eq(first, entry))
    }

    /// Takes `entry` out.
    pub(super) fn leave(&self, entry: &Rc<Entry>) {
        let mut entries = self.entries.borrow_mut();
        entries.retain(|known| !Rc::ptr_eq(known, entry));
    }

    pub(super) fn holds(&self, key: &IdempotencyKey) -> bool {
        let entries = self.entries.borrow();
        let mut unsettled = entries.iter().filter(|entry| !entry.is_settled.get());
        unsettled.any(|entry| entry.command.key == *key)
    }

    /// The entry of `topic` that was kept last.
    pub(super) fn newest(&self, topic: &TopicId) -> Option<Rc<Entry>> {
        let entries = self.entries.borrow();
        let mut newest_first = entries.iter().rev();
        let is_it = |entry: &&Rc<Entry>| !entry.is_settled.get() && entry.command.topic == *topic;
        newest_first.find(is_it).cloned()
    }

    /// Gives every new entry that has none its place on the shelf, after all that have
    /// one. The device's clock does not decide that alone: it may stand still between
    /// two visits, or go backwards.
    pub(super) fn stamp(&self, now_ms: UtcMs) {
        for entry in &*self.entries.borrow() {
            if entry.shelf_key.get().is_none() {
                let instant = now_ms.max(self.last_instant.get() + 1);
                entry.stamp(instant);
                self.passed(instant);
            }
        }
    }

    fn passed(&self, instant: UtcMs) {
        self.last_instant.set(self.last_instant.get().max(instant));
    }
}

/// One unsettled command.
pub(super) struct Entry {
    pub(super) command: CastCommand,
    pub(super) kept_at_ms: Cell<UtcMs>,
    /// Sends of this visit.
    pub(super) attempts: Cell<u32>,
    /// Settled, and perhaps not yet purged.
    pub(super) is_settled: Cell<bool>,
    /// Whether an earlier visit left it.
    pub(super) is_restored: bool,
    pub(super) last_step: RefCell<Option<Rc<Step>>>,
    /// Empty until it is stamped.
    shelf_key: OnceCell<String>,
}

impl Entry {
    pub(super) fn new(command: CastCommand, kept_at_ms: UtcMs) -> Self {
        Self {
            command,
            kept_at_ms: Cell::new(kept_at_ms),
            attempts: Cell::new(0),
            is_settled: Cell::new(false),
            is_restored: false,
            last_step: RefCell::new(None),
            shelf_key: OnceCell::new(),
        }
    }

    pub(super) fn restored(pending: Pending, shelf_key: String) -> Self {
        Self {
            command: pending.command,
            kept_at_ms: Cell::new(pending.kept_at_ms),
            attempts: Cell::new(pending.attempts),
            is_settled: Cell::new(false),
            is_restored: true,
            last_step: RefCell::new(None),
            shelf_key: OnceCell::from(shelf_key),
        }
    }

    fn is_in_lane_of(&self, other: &Self) -> bool {
        let (one, other) = (&self.command, &other.command);
        one.topic == other.topic && one.poll == other.poll
    }

    fn stamp(&self, kept_at_ms: UtcMs) {
        self.kept_at_ms.set(kept_at_ms);
        // Keys sort as their instants do.
        let key = || format!("{PREFIX}{kept_at_ms:016}/{}", self.command.key);
        self.shelf_key.get_or_init(key);
    }

    pub(super) fn shelf_key(&self) -> &str {
        self.shelf_key.get().map_or("", String::as_str)
    }

    pub(super) fn pending(&self) -> Pending {
        Pending {
            command: self.command.clone(),
            kept_at_ms: self.kept_at_ms.get(),
            attempts: self.attempts.get(),
        }
    }
}
