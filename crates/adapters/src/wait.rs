//! Waiting inside one thread: a bell that wakes everyone, and for no longer than a limit.

use linli_port::LocalFuture;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

/// Wakes everyone who waits for it.
#[derive(Default)]
pub(crate) struct Bell {
    rings: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Bell {
    pub(crate) fn ring(&self) {
        self.rings.set(self.rings.get().wrapping_add(1));
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Resolves at the first ring after this call.
    pub(crate) fn rung(&self) -> impl Future<Output = ()> {
        let before = self.rings.get();
        poll_fn(move |cx| {
            if self.rings.get() != before {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}

/// What `task` gives; `None` when `limit` is over first. The other is dropped.
pub(crate) fn within<'a, T: 'a>(
    mut limit: LocalFuture<'a, ()>,
    mut task: LocalFuture<'a, T>,
) -> LocalFuture<'a, Option<T>> {
    Box::pin(poll_fn(move |cx| match task.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
    }))
}

/// What `to` makes of what `task` gives. An `async` block would do the same with a
/// state machine around it.
pub(crate) fn map<'a, T: 'a, U: 'a>(
    mut task: LocalFuture<'a, T>,
    to: impl Fn(T) -> U + 'a,
) -> LocalFuture<'a, U> {
    Box::pin(poll_fn(move |cx| task.as_mut().poll(cx).map(&to)))
}
