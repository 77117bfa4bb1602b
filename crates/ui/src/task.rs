//! Futures that end with what started them.

use futures_util::future::{AbortHandle, abortable};
use linli_port::LocalFuture;
use std::future::Future;
use yew::platform::spawn_local;

/// A running future; dropping the task drops the future, and with it its timers and
/// requests.
#[must_use = "dropping a task ends it"]
pub struct Task(AbortHandle);

impl Task {
    /// Starts `future`.
    pub fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        Self::run(Box::pin(future))
    }

    // One copy for all futures: boxes are cheaper to download than generic code.
    fn run(future: LocalFuture<'static, ()>) -> Self {
        let (future, handle) = abortable(future);
        spawn_local(async move {
            let _ = future.await;
        });
        Self(handle)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
