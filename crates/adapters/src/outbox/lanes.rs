//! Unsettled commands: one queue per poll.

use super::PREFIX;
use linli_model::{IdempotencyKey, PollId, TopicId, UtcMs};
use linli_port::{CastCommand, Pending, Step};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Names a queue.
pub(super) type Lane = (TopicId, PollId);

/// Every queue. A lane that is present is being worked on.
#[derive(Default)]
pub(super) struct Lanes {
    queues: RefCell<Vec<(Lane, VecDeque<Rc<Entry>>)>>,
    last_instant: Cell<UtcMs>,
}

impl Lanes {
    /// Adds `entry` to its lane: what is new after everything, what is restored after
    /// what was restored before it. Returns the lane when it must be started.
    pub(super) fn enter(&self, entry: Rc<Entry>) -> Option<Lane> {
        let lane = (entry.command.topic.clone(), entry.command.poll.clone());
        let mut queues = self.queues.borrow_mut();
        // Also an empty lane may be at work still: it is purging its last entry.
        let place = queues.iter().position(|(known, _)| *known == lane);
        let stands_still = place.is_none();
        let place = place.unwrap_or_else(|| {
            queues.push((lane.clone(), VecDeque::new()));
            queues.len() - 1
        });
        let queue = &mut queues[place].1;
        let place = if entry.is_restored {
            queue.iter().filter(|known| known.is_restored).count()
        } else {
            queue.len()
        };
        queue.insert(place, entry);
        stands_still.then_some(lane)
    }

    /// The entry that is due. An empty lane is forgotten.
    pub(super) fn front(&self, lane: &Lane) -> Option<Rc<Entry>> {
        let mut queues = self.queues.borrow_mut();
        let queue = queues.iter().find(|(known, _)| known == lane);
        let front = queue.and_then(|(_, queue)| queue.front().cloned());
        if front.is_none() {
            queues.retain(|(known, _)| known != lane);
        }
        front
    }

    /// Takes the front entry out. Its lane stays until [`Self::front`] finds it empty.
    pub(super) fn leave(&self, lane: &Lane) {
        let mut queues = self.queues.borrow_mut();
        if let Some((_, queue)) = queues.iter_mut().find(|(known, _)| known == lane) {
            queue.pop_front();
        }
    }

    pub(super) fn holds(&self, key: &IdempotencyKey) -> bool {
        let queues = self.queues.borrow();
        queues
            .iter()
            .flat_map(|(_, queue)| queue)
            .any(|entry| entry.key() == key)
    }

    /// The entry of `topic` that was kept last.
    pub(super) fn newest(&self, topic: &TopicId) -> Option<Rc<Entry>> {
        let queues = self.queues.borrow();
        let entries = queues.iter().flat_map(|(_, queue)| queue);
        let of_topic = entries.filter(|entry| entry.command.topic == *topic);
        of_topic
            .max_by_key(|entry| (!entry.is_restored, entry.kept_at_ms.get()))
            .cloned()
    }

    /// Gives every new entry that has none its place on the shelf, after all that have
    /// one. The device's clock does not decide that alone: it may stand still between
    /// two visits, or go backwards.
    pub(super) fn stamp(&self, now_ms: UtcMs) {
        let queues = self.queues.borrow();
        let entries = || queues.iter().flat_map(|(_, queue)| queue);
        let stamped = entries().filter(|entry| entry.is_stamped.get());
        let last = stamped.map(|entry| entry.kept_at_ms.get()).max();
        let last = last.unwrap_or(0).max(self.last_instant.get());
        let unstamped = entries().filter(|entry| !entry.is_stamped.get());
        for (instant, entry) in (now_ms.max(last + 1)..).zip(unstamped) {
            entry.stamp(instant);
            self.last_instant.set(instant);
        }
    }
}

/// One unsettled command.
pub(super) struct Entry {
    pub(super) command: CastCommand,
    pub(super) kept_at_ms: Cell<UtcMs>,
    is_stamped: Cell<bool>,
    /// Sends of this visit.
    pub(super) attempts: Cell<u32>,
    pub(super) is_kept: Cell<bool>,
    /// Whether an earlier visit left it.
    pub(super) is_restored: bool,
    pub(super) last_step: RefCell<Option<Step>>,
    shelf_key: RefCell<String>,
}

impl Entry {
    pub(super) fn new(command: CastCommand, kept_at_ms: UtcMs) -> Self {
        Self {
            command,
            kept_at_ms: Cell::new(kept_at_ms),
            is_stamped: Cell::new(false),
            attempts: Cell::new(0),
            is_kept: Cell::new(false),
            is_restored: false,
            last_step: RefCell::new(None),
            shelf_key: RefCell::default(),
        }
    }

    pub(super) fn restored(pending: Pending, shelf_key: String) -> Self {
        Self {
            command: pending.command,
            kept_at_ms: Cell::new(pending.kept_at_ms),
            is_stamped: Cell::new(true),
            attempts: Cell::new(pending.attempts),
            is_kept: Cell::new(true),
            is_restored: true,
            last_step: RefCell::new(None),
            shelf_key: RefCell::new(shelf_key),
        }
    }

    pub(super) fn key(&self) -> &IdempotencyKey {
        &self.command.key
    }

    fn stamp(&self, kept_at_ms: UtcMs) {
        self.kept_at_ms.set(kept_at_ms);
        self.is_stamped.set(true);
        // Keys sort as their instants do.
        let key = format!("{PREFIX}{kept_at_ms:016}/{}", self.command.key);
        *self.shelf_key.borrow_mut() = key;
    }

    pub(super) fn shelf_key(&self) -> String {
        self.shelf_key.borrow().clone()
    }

    pub(super) fn pending(&self) -> Pending {
        Pending {
            command: self.command.clone(),
            kept_at_ms: self.kept_at_ms.get(),
            attempts: self.attempts.get(),
        }
    }
}
