//! A clock that a test moves, chance that repeats, a network that a switch cuts.

use crate::{Ambient, Guard, LocalFuture};
use linli_model::UtcMs;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Time stands still until [`Self::advance`].
pub struct TestAmbient {
    state: Rc<State>,
}

type Wake = Rc<dyn Fn()>;

struct State {
    now_ms: Cell<UtcMs>,
    seed: Cell<u64>,
    online: Cell<bool>,
    sleepers: RefCell<Vec<(u64, UtcMs, Waker)>>,
    sleeps: Cell<u64>,
    listeners: RefCell<Vec<(u64, Wake)>>,
    listens: Cell<u64>,
}

impl TestAmbient {
    /// Online, at `now_ms`; all chance follows from `seed`.
    pub fn new(now_ms: UtcMs, seed: u64) -> Self {
        Self {
            state: Rc::new(State {
                now_ms: Cell::new(now_ms),
                seed: Cell::new(seed),
                online: Cell::new(true),
                sleepers: RefCell::default(),
                sleeps: Cell::new(0),
                listeners: RefCell::default(),
                listens: Cell::new(0),
            }),
        }
    }

    /// Moves the clock on and ends the sleeps that are due.
    pub fn advance(&self, ms: i64) {
        let now_ms = self.state.now_ms.get() + ms;
        self.state.now_ms.set(now_ms);
        let mut due = Vec::new();
        self.state
            .sleepers
            .borrow_mut()
            .retain(|(_, at_ms, waker)| {
                let is_due = *at_ms <= now_ms;
                if is_due {
                    due.push(waker.clone());
                }
                !is_due
            });
        due.into_iter().for_each(Waker::wake);
    }

    /// When the next sleep ends.
    pub fn next_due_at_ms(&self) -> Option<UtcMs> {
        let sleepers = self.state.sleepers.borrow();
        sleepers.iter().map(|(_, at_ms, _)| *at_ms).min()
    }

    /// Cuts the network or brings it back; coming back wakes listeners.
    pub fn set_online(&self, online: bool) {
        let was = self.state.online.replace(online);
        if online && !was {
            self.wake();
        }
    }

    /// As when the page is shown again.
    pub fn wake(&self) {
        let listeners = self.state.listeners.borrow();
        let wakes: Vec<_> = listeners.iter().map(|(_, wake)| Rc::clone(wake)).collect();
        drop(listeners);
        wakes.iter().for_each(|wake| wake());
    }

    /// How many listeners are registered.
    pub fn listeners(&self) -> usize {
        self.state.listeners.borrow().len()
    }
}

impl Ambient for TestAmbient {
    fn now_ms(&self) -> UtcMs {
        self.state.now_ms.get()
    }

    fn chance(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let (low, high) = bytes.split_at_mut(8);
        low.copy_from_slice(&self.state.next_chance().to_le_bytes());
        high.copy_from_slice(&self.state.next_chance().to_le_bytes());
        bytes
    }

    fn sleep(&self, ms: u32) -> LocalFuture<'static, ()> {
        let state = Rc::clone(&self.state);
        let id = state.sleeps.get();
        state.sleeps.set(id + 1);
        let due_at_ms = state.now_ms.get() + i64::from(ms);
        let awake = {
            let state = Rc::clone(&state);
            Guard::new(move || {
                let mut sleepers = state.sleepers.borrow_mut();
                sleepers.retain(|(sleeper, _, _)| *sleeper != id);
            })
        };
        Box::pin(async move {
            let _awake = awake;
            poll_fn(|cx| {
                if state.now_ms.get() >= due_at_ms {
                    return Poll::Ready(());
                }
                let mut sleepers = state.sleepers.borrow_mut();
                sleepers.retain(|(sleeper, _, _)| *sleeper != id);
                sleepers.push((id, due_at_ms, cx.waker().clone()));
                Poll::Pending
            })
            .await;
        })
    }

    fn online(&self) -> bool {
        self.state.online.get()
    }

    fn on_wake(&self, wake: Rc<dyn Fn()>) -> Guard {
        let state = Rc::clone(&self.state);
        let id = state.listens.get();
        state.listens.set(id + 1);
        state.listeners.borrow_mut().push((id, wake));
        Guard::new(move || {
            let mut listeners = state.listeners.borrow_mut();
            listeners.retain(|(listener, _)| *listener != id);
        })
    }
}

impl State {
    /// SplitMix64 (Steele, Lea, Flood 2014): repeatable, and no secret.
    fn next_chance(&self) -> u64 {
        let seed = self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.seed.set(seed);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
