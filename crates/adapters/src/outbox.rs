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

use crate::wait::{Bell, first};
use lanes::{Entry, Lanes};
use linli_model::TopicId;
use linli_model::tree;
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
        let bell = Rc::new(Bell::default());
        let wake = {
            let bell = Rc::downgrade(&bell);
            Rc::new(move || {
                if let Some(bell) = bell.upgrade() {
                    bell.ring();
                }
            })
        };
        let inner = Rc::new(Inner {
            lanes: Lanes::default(),
            watchers: RefCell::default(),
            watchers_made: Cell::new(0),
            asked: RefCell::default(),
            untold: RefCell::default(),
            restored: Cell::new(false),
            closed: Cell::new(false),
            shelved: Bell::default(),
            bell,
            shelf,
            deliberations,
            spawn,
            ambient,
        });
        let guard = inner.ambient.on_wake(wake);
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
    }
}

impl Delivery for Outbox {
    fn submit(&self, command: CastCommand) {
        let inner = Rc::clone(&self.inner);
        if inner.lanes.holds(&command.key) {
            return;
        }
        let now_ms = inner.ambient.now_ms();
        let entry = Rc::new(Entry::new(command, now_ms));
        inner.enter(Rc::clone(&entry));
        if inner.restored.get() {
            inner.lanes.stamp(now_ms);
        }
        (self.inner.spawn)(Box::pin(inner.keep(entry)));
    }

    fn watch(&self, topic: &TopicId, on_step: OnStep) -> Guard {
        let id = self.inner.watchers_made.get();
        self.inner.watchers_made.set(id + 1);
        let watcher = Watcher {
            id,
            topic: topic.clone(),
            on_step,
        };
        self.inner.watchers.borrow_mut().push(watcher);
        let inner = Rc::downgrade(&self.inner);
        Guard::new(move || {
            if let Some(inner) = inner.upgrade() {
                let mut watchers = inner.watchers.borrow_mut();
                watchers.retain(|watcher| watcher.id != id);
            }
        })
    }

    fn pending<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Option<Pending>> {
        Box::pin(async move {
            let inner = &self.inner;
            inner.until(|| inner.restored.get()).await;
            inner.asked.borrow_mut().push(topic.clone());
            inner.catch_up(topic);
            let entry = inner.lanes.newest(topic)?;
            // Told after this future has resolved: its caller learns of the command
            // first, of its progress next.
            let (later, known) = (Rc::clone(inner), Rc::clone(&entry));
            (inner.spawn)(Box::pin(async move { later.repeat_step(&known) }));
            Some(entry.pending())
        })
    }

    fn nudge(&self) {
        self.inner.bell.ring();
    }
}

type OnStep = Rc<dyn Fn(&CastCommand, &Step)>;

struct Watcher {
    id: u64,
    topic: TopicId,
    on_step: OnStep,
}

struct Inner {
    shelf: Rc<dyn Shelf>,
    deliberations: Rc<dyn Deliberations>,
    ambient: Rc<dyn Ambient>,
    spawn: Spawn,
    /// Rings when sending is worth another try: nudged, woken. Also at the end.
    bell: Rc<Bell>,
    /// Rings when something was read from the shelf or written to it.
    shelved: Bell,
    lanes: Lanes,
    watchers: RefCell<Vec<Watcher>>,
    watchers_made: Cell<u64>,
    /// Topics whose [`Delivery::pending`] was asked. Steps of an earlier visit's
    /// commands are told from then on: a widget asks once it has read what it
    /// remembers of the ballot.
    asked: RefCell<Vec<TopicId>>,
    /// Settlements that nobody was there to be told.
    untold: RefCell<Vec<(Rc<Entry>, Step)>>,
    restored: Cell<bool>,
    closed: Cell<bool>,
}

impl Inner {
    async fn restore(self: Rc<Self>) {
        for (key, value) in self.shelf.list(PREFIX).await {
            // What cannot be read may be another version's: it stays where it is.
            let Some(pending) = tree::read::<Pending>(&value) else {
                continue;
            };
            let entry = Rc::new(Entry::restored(pending, key));
            if !self.lanes.holds(entry.key()) {
                self.enter(entry);
            }
        }
        self.lanes.stamp(self.ambient.now_ms());
        self.restored.set(true);
        self.shelved.ring();
    }

    /// Puts `entry` into its lane, and starts the lane where it stands still.
    fn enter(self: &Rc<Self>, entry: Rc<Entry>) {
        if let Some(lane) = self.lanes.enter(entry) {
            (self.spawn)(Box::pin(Rc::clone(self).run(lane)));
        }
    }

    async fn keep(self: Rc<Self>, entry: Rc<Entry>) {
        self.until(|| self.restored.get()).await;
        let kept = shelf::save(&*self.shelf, &entry.shelf_key(), &entry.pending()).await;
        let durable = kept == Keeping::Durable;
        self.tell(&entry, &Step::Kept { durable });
        entry.is_kept.set(true);
        self.shelved.ring();
    }

    /// Settles the entries of a lane one by one, until none is left.
    async fn run(self: Rc<Self>, lane: lanes::Lane) {
        self.until(|| self.restored.get()).await;
        while let Some(entry) = self.lanes.front(&lane) {
            self.until(|| entry.is_kept.get()).await;
            let Some(settlement) = self.deliver(&entry).await else {
                return;
            };
            self.lanes.leave(&lane);
            self.tell(&entry, &Step::Settled(settlement));
            self.shelf.remove(&entry.shelf_key()).await;
        }
    }

    /// Sends until settled; `None` when the outbox is dropped meanwhile.
    async fn deliver(&self, entry: &Rc<Entry>) -> Option<Settlement> {
        if !self.ambient.online() {
            self.pause(entry, Wait::Backoff).await;
        }
        loop {
            if self.closed.get() {
                return None;
            }
            entry.attempts.set(entry.attempts.get().saturating_add(1));
            self.tell(entry, &Step::Sending);
            let send = self.deliberations.cast(&entry.command);
            let give_up = self.ambient.sleep(SEND_MS_MAX);
            let late = Box::pin(async move {
                give_up.await;
                Err(PortError::Unreachable)
            });
            let wait = match first(send, late).await {
                Ok(CastOutcome::Recorded(reply)) => return Some(Settlement::Recorded(reply)),
                Ok(CastOutcome::Dispatched) => return Some(Settlement::Dispatched),
                Err(PortError::Refused(refusal)) => match pace::ordered_wait(&refusal) {
                    Some(wait) => wait,
                    None => return Some(Settlement::Refused(refusal)),
                },
                Err(PortError::Unreachable | PortError::Fault { .. } | PortError::Newer { .. }) => {
                    Wait::Backoff
                }
            };
            self.pause(entry, wait).await;
        }
    }

    async fn pause(&self, entry: &Rc<Entry>, wait: Wait) {
        let wait_ms = wait.ms(entry.attempts.get(), self.ambient.chance());
        let retry_at_ms = self.ambient.now_ms() + i64::from(wait_ms);
        let offline = !self.ambient.online();
        let (rung, slept) = (self.bell.rung(), self.ambient.sleep(wait_ms));
        self.tell(
            entry,
            &Step::Waiting {
                retry_at_ms,
                offline,
            },
        );
        match wait {
            Wait::Backoff => first(slept, Box::pin(rung)).await,
            // The backend said how long: nothing cuts that short.
            Wait::Ordered { .. } => slept.await,
        }
    }

    async fn until(&self, done: impl Fn() -> bool) {
        while !done() {
            self.shelved.rung().await;
        }
    }

    fn tell(&self, entry: &Rc<Entry>, step: &Step) {
        *entry.last_step.borrow_mut() = Some(step.clone());
        let heard = self.may_hear(entry) && self.call_watchers(entry, step);
        if !heard && matches!(step, Step::Settled(_)) {
            let told_later = (Rc::clone(entry), step.clone());
            self.untold.borrow_mut().push(told_later);
        }
    }

    fn may_hear(&self, entry: &Entry) -> bool {
        !entry.is_restored || self.asked.borrow().contains(&entry.command.topic)
    }

    /// True when anyone was there to be told.
    fn call_watchers(&self, entry: &Entry, step: &Step) -> bool {
        // Watchers may submit or stop watching while they are told.
        let told: Vec<_> = self
            .watchers
            .borrow()
            .iter()
            .filter(|watcher| watcher.topic == entry.command.topic)
            .map(|watcher| Rc::clone(&watcher.on_step))
            .collect();
        told.iter()
            .for_each(|on_step| on_step(&entry.command, step));
        !told.is_empty()
    }

    /// Tells the settlements of `topic` that nobody has heard.
    fn catch_up(&self, topic: &TopicId) {
        let untold = std::mem::take(&mut *self.untold.borrow_mut());
        let (due, rest): (Vec<_>, Vec<_>) = untold
            .into_iter()
            .partition(|(entry, _)| entry.command.topic == *topic);
        self.untold.borrow_mut().extend(rest);
        for (entry, step) in due {
            self.tell(&entry, &step);
        }
    }

    /// Tells where an unsettled command stands to those who have just come.
    fn repeat_step(&self, entry: &Entry) {
        let step = entry.last_step.borrow().clone();
        if let Some(step) = step
            && !matches!(step, Step::Settled(_))
        {
            self.call_watchers(entry, &step);
        }
    }
}
