//! The outbox: keeps commands, and sends them until they are settled.
//!
//! A command is written to the shelf before its first send and purged once it is
//! settled, after its watchers were told: whoever closes the page in between sends it
//! again at the next visit and gets the same receipt. Entries hold a poll-scoped grant
//! and a ballot, never a name or a phone number.
//!
//! Commands of one poll form a lane and are sent one after the other; lanes do not wait
//! for each other. In one page an entry is never sent twice at the same time. Two tabs
//! may do so: that is one command by its key, whichever tab settles first purges, and
//! the other's purge finds nothing. The order inside a lane is this page's: commands
//! that two tabs submit at the same time reach the backend in either order.
//!
//! Left to others: making keys and grants (widgets), where entries lie (the shelf), the
//! pace of time and what wakes (ambient). One outbox serves one backend: give each
//! backend a shelf of its own, see [`crate::scoped`].

mod lanes;
mod pace;

use crate::wait::{Bell, map, within};
use lanes::{Entry, Lanes};
use linli_model::{TopicId, tree};
use linli_port::{
    Ambient, CastCommand, CastOutcome, Deliberations, Delivery, Guard, Keeping, LocalFuture,
    Pending, PortError, Settlement, Shelf, Step, shelf,
};
use pace::{SEND_MS_MAX, Wait};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Runs a future to its end, detached from the caller.
pub type Spawn = Rc<dyn Fn(LocalFuture<'static, ()>)>;

/// Keys of unsettled commands start with this.
pub const PREFIX: &str = "outbox/";

/// Implements [`Delivery`] over any shelf and backend. Dropping it ends its sending;
/// what is kept is taken up by the next one over the same shelf.
pub struct Outbox {
    inner: Rc<Inner>,
    _wake: Guard,
}

impl Outbox {
    /// Takes up what earlier visits left on `shelf`, and sends through `deliberations`.
    pub fn new(
        shelf: Rc<dyn Shelf>,
        deliberations: Rc<dyn Deliberations>,
        ambient: Rc<dyn Ambient>,
        spawn: Spawn,
    ) -> Self {
        let inner = Rc::new(Inner {
            lanes: Lanes::default(),
            watchers: RefCell::default(),
            asked: RefCell::default(),
            untold: RefCell::default(),
            restored: Cell::new(false),
            closed: Cell::new(false),
            turn: Bell::default(),
            bell: Bell::default(),
            shelf,
            deliberations,
            spawn,
            ambient,
        });
        let sleeping = Rc::downgrade(&inner);
        let guard = inner.ambient.on_wake(Rc::new(move || {
            if let Some(inner) = sleeping.upgrade() {
                inner.bell.ring();
            }
        }));
        (inner.spawn)(Box::pin(Rc::clone(&inner).restore()));
        Self {
            inner,
            _wake: guard,
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.inner.closed.set(true);
        self.inner.bell.ring();
        self.inner.turn.ring();
    }
}

impl Delivery for Outbox {
    fn submit(&self, command: CastCommand) {
        let inner = &self.inner;
        if inner.lanes.holds(&command.key) {
            return;
        }
        let now_ms = inner.ambient.now_ms();
        inner.enter(Entry::new(command, now_ms));
        if inner.restored.get() {
            inner.lanes.stamp(now_ms);
        }
    }

    fn watch(&self, topic: &TopicId, on_step: OnStep) -> Guard {
        let topic = topic.clone();
        let watcher = Rc::new(Watcher { topic, on_step });
        let known = Rc::clone(&watcher);
        self.inner.watchers.borrow_mut().push(known);
        let inner = Rc::downgrade(&self.inner);
        Guard::new(move || {
            if let Some(inner) = inner.upgrade() {
                let mut watchers = inner.watchers.borrow_mut();
                watchers.retain(|known| !Rc::ptr_eq(known, &watcher));
            }
        })
    }

    fn pending<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Option<Pending>> {
        Box::pin(async move {
            let inner = &self.inner;
            inner.until(&|| inner.restored.get()).await;
            inner.asked.borrow_mut().push(topic.clone());
            inner.catch_up(topic);
            let entry = inner.lanes.newest(topic)?;
            let pending = entry.pending();
            // Told after this future has resolved: its caller learns of the command
            // first, of its progress next.
            let later = Rc::clone(inner);
            (inner.spawn)(Box::pin(async move {
                if !entry.is_settled.get() {
                    later.tell_last(&entry);
                }
            }));
            Some(pending)
        })
    }

    fn nudge(&self) {
        self.inner.bell.ring();
    }
}

type OnStep = Rc<dyn Fn(&CastCommand, &Step)>;

struct Watcher {
    topic: TopicId,
    on_step: OnStep,
}

struct Inner {
    shelf: Rc<dyn Shelf>,
    deliberations: Rc<dyn Deliberations>,
    ambient: Rc<dyn Ambient>,
    spawn: Spawn,
    /// Rings when sending is worth another try: nudged, woken. Also at the end.
    bell: Bell,
    /// Rings when an entry's turn may have come: all are read from the shelf, one is
    /// settled. Also at the end.
    turn: Bell,
    lanes: Lanes,
    watchers: RefCell<Vec<Rc<Watcher>>>,
    /// Topics whose [`Delivery::pending`] was asked. Steps of an earlier visit's
    /// commands are told from then on: a widget asks once it has read what it
    /// remembers of the ballot.
    asked: RefCell<Vec<TopicId>>,
    /// Settled, and nobody was there to be told.
    untold: RefCell<Vec<Rc<Entry>>>,
    restored: Cell<bool>,
    closed: Cell<bool>,
}

impl Inner {
    async fn restore(self: Rc<Self>) {
        for (key, value) in self.shelf.list(PREFIX).await {
            // What cannot be read may be another version's: it stays where it is.
            if let Some(pending) = tree::read::<Pending>(&value)
                && !self.lanes.holds(&pending.command.key)
            {
                self.enter(Entry::restored(pending, key));
            }
        }
        self.lanes.stamp(self.ambient.now_ms());
        self.restored.set(true);
        self.turn.ring();
    }

    fn enter(self: &Rc<Self>, entry: Entry) {
        let entry = Rc::new(entry);
        self.lanes.enter(Rc::clone(&entry));
        (self.spawn)(Box::pin(Rc::clone(self).carry(entry)));
    }

    /// An entry's way: kept, its turn, sent until settled, told, purged.
    async fn carry(self: Rc<Self>, entry: Rc<Entry>) {
        self.until(&|| self.restored.get()).await;
        if !entry.is_restored {
            let kept = shelf::save(&*self.shelf, entry.shelf_key(), &entry.pending());
            let durable = kept.await == Keeping::Durable;
            self.tell(&entry, Step::Kept { durable });
        }
        let is_due = || self.closed.get() || self.lanes.is_due(&entry);
        self.until(&is_due).await;
        if let Some(settlement) = self.deliver(&entry).await {
            entry.is_settled.set(true);
            self.tell(&entry, Step::Settled(settlement));
            self.shelf.remove(entry.shelf_key()).await;
            self.lanes.leave(&entry);
            self.turn.ring();
        }
    }

    /// Sends until settled; `None` when the outbox is dropped meanwhile.
    async fn deliver(&self, entry: &Rc<Entry>) -> Option<Settlement> {
        let mut wait = (!self.ambient.online()).then_some(Wait::Backoff);
        while !self.closed.get() {
            match wait.take() {
                Some(wait) => self.pause(entry, wait).await,
                None => match self.send(entry).await {
                    Ok(settlement) => return Some(settlement),
                    Err(longer) => wait = Some(longer),
                },
            }
        }
        None
    }

    fn send<'a>(&'a self, entry: &'a Rc<Entry>) -> LocalFuture<'a, Result<Settlement, Wait>> {
        entry.attempts.set(entry.attempts.get().saturating_add(1));
        self.tell(entry, Step::Sending);
        let limit = self.ambient.sleep(SEND_MS_MAX);
        let cast = self.deliberations.cast(&entry.command);
        map(within(limit, cast), settlement)
    }

    fn pause(&self, entry: &Rc<Entry>, wait: Wait) -> LocalFuture<'_, ()> {
        let wait_ms = wait.ms(entry.attempts.get(), self.ambient.chance());
        let retry_at_ms = self.ambient.now_ms() + i64::from(wait_ms);
        let offline = !self.ambient.online();
        let (rung, slept) = (self.bell.rung(), self.ambient.sleep(wait_ms));
        let waiting = Step::Waiting {
            retry_at_ms,
            offline,
        };
        self.tell(entry, waiting);
        match wait {
            Wait::Backoff => map(within(slept, Box::pin(rung)), drop),
            // The backend said how long: nothing cuts that short.
            Wait::Ordered { .. } => slept,
        }
    }

    async fn until(&self, done: &dyn Fn() -> bool) {
        while !done() {
            self.turn.rung().await;
        }
    }

    fn tell(&self, entry: &Rc<Entry>, step: Step) {
        *entry.last_step.borrow_mut() = Some(Rc::new(step));
        self.tell_last(entry);
    }

    /// Tells where `entry` stands.
    fn tell_last(&self, entry: &Rc<Entry>) {
        let last_step = entry.last_step.borrow().clone();
        if let Some(step) = last_step {
            let heard = self.may_hear(entry) && self.call_watchers(entry, &step);
            if !heard && entry.is_settled.get() {
                self.untold.borrow_mut().push(Rc::clone(entry));
            }
        }
    }

    fn may_hear(&self, entry: &Entry) -> bool {
        !entry.is_restored || self.asked.borrow().contains(&entry.command.topic)
    }

    /// True when anyone was there to be told.
    fn call_watchers(&self, entry: &Entry, step: &Step) -> bool {
        // Watchers may submit or stop watching while they are told.
        let watchers = self.watchers.borrow().clone();
        let mut heard = false;
        for watcher in watchers {
            if watcher.topic == entry.command.topic {
                (watcher.on_step)(&entry.command, step);
                heard = true;
            }
        }
        heard
    }

    /// Tells the settlements of `topic` that nobody has heard.
    fn catch_up(&self, topic: &TopicId) {
        let untold = self.untold.take();
        for entry in untold {
            if entry.command.topic == *topic {
                self.tell_last(&entry);
            } else {
                self.untold.borrow_mut().push(entry);
            }
        }
    }
}

/// How a send has settled its command; where it has not, what to wait for.
fn settlement(answer: Option<Result<CastOutcome, PortError>>) -> Result<Settlement, Wait> {
    match answer {
        Some(Ok(CastOutcome::Recorded(reply))) => Ok(Settlement::Recorded(reply)),
        Some(Ok(CastOutcome::Dispatched)) => Ok(Settlement::Dispatched),
        Some(Err(PortError::Refused(refusal))) => match pace::ordered_wait(&refusal) {
            Some(wait) => Err(wait),
            None => Ok(Settlement::Refused(refusal)),
        },
        None
        | Some(Err(PortError::Unreachable | PortError::Fault { .. } | PortError::Newer { .. })) => {
            Err(Wait::Backoff)
        }
    }
}
