//! The server's clock, given from outside so that tests can pin it.

use linli_model::UtcMs;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time that deadlines are decided by.
pub trait Clock: Send + Sync {
    /// Now.
    fn now_ms(&self) -> UtcMs;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> UtcMs {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        UtcMs::try_from(since.as_millis()).unwrap_or(UtcMs::MAX)
    }
}
