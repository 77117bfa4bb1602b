//! Delivery of commands: kept first, then sent until settled.
//!
//! A command ends in exactly one of three: a receipt, a refusal, or it is still here
//! (not yet known). The implementation over any [`crate::Shelf`] and backend is the
//! outbox in `linli-adapters`.

use crate::{CastCommand, Guard, LocalFuture};
use linli_model::{CastReply, Refusal, TopicId, UtcMs};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Where a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Written down on this device (已保存). `durable` is false when it would not
    /// survive closing the page: the person is told.
    Kept {
        /// Whether it survives a reload.
        durable: bool,
    },
    /// On its way now.
    Sending,
    /// Not reached; it will be tried again, and at once when the network returns.
    Waiting {
        /// When the next try is due.
        retry_at_ms: UtcMs,
        /// True when the device knows it is offline, false when the backend is at fault.
        offline: bool,
    },
    /// Settled, and no longer kept here.
    Settled(Settlement),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Recorded, with a receipt (已入账).
    Recorded(Box<CastReply>),
    /// Handed over to a backend that gives no receipts (已送出).
    Dispatched,
    /// Not done, with the reason.
    Refused(Refusal),
}

/// A command that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The command.
    pub command: CastCommand,
    /// When it was kept.
    pub kept_at_ms: UtcMs,
    /// How often it has been sent.
    pub attempts: u32,
}

/// Hears of every step of a command.
pub type Watcher = Rc<dyn Fn(&CastCommand, &Step)>;

/// Keeps commands and sends them.
pub trait Delivery {
    /// Keeps `command`, then sends it until it is settled. Steps go to the watchers of
    /// its topic. A second command for a poll replaces an unsettled first one only
    /// after that one is settled: order is kept.
    fn submit(&self, command: CastCommand);

    /// Calls `on_step` for every step of commands of `topic` from now on.
    fn watch(&self, topic: &TopicId, on_step: Watcher) -> Guard;

    /// The newest command of `topic` that is not settled, also from an earlier visit.
    /// Its sending has been taken up again.
    fn pending<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Option<Pending>>;

    /// Tries everything now.
    fn nudge(&self);
}

linli_model::from_tree!(Pending {
    command,
    kept_at_ms,
    attempts
});
