//! Clock, chance and connectivity.

use crate::LocalFuture;
use linli_model::UtcMs;
use std::rc::Rc;

/// What surrounds a widget besides its backend.
pub trait Ambient {
    /// This device's idea of the time. It may be wrong: the backend's phase decides.
    fn now_ms(&self) -> UtcMs;
    /// 16 bytes from a cryptographic source.
    fn chance(&self) -> [u8; 16];
    /// Resolves after `ms` milliseconds.
    fn sleep(&self, ms: u32) -> LocalFuture<'static, ()>;
    /// False when the device knows that it has no network. True promises nothing.
    fn online(&self) -> bool;
    /// Calls `wake` whenever sending is worth another try: back online, page shown
    /// again. Dropping the guard ends that.
    fn on_wake(&self, wake: Rc<dyn Fn()>) -> Guard;
}

/// Runs a closure when dropped: releases a listener, a timer, a registration.
#[must_use = "dropping the guard ends what it guards"]
pub struct Guard(Option<Box<dyn FnOnce()>>);

impl Guard {
    /// A guard that runs `release` when dropped.
    pub fn new(release: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}
