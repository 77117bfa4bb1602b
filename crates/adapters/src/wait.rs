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
pub(crate) fn within<T>(
    mut limit: LocalFuture<'_, ()>,
    mut task: LocalFuture<'_, T>,
) -> impl Future<Output = Option<T>> {
    poll_fn(move |cx| match task.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
    })
}
