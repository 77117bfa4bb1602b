//! How many requests one client may send: a bucket per address that fills evenly.
//!
//! It lives in this process and counts by a hash under a key that nobody keeps: no
//! address is stored. Wrong tries of codes have limits of their own, in the store.

use crate::identity::client::subscriber;
use crate::seal;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Buckets that are full again are forgotten once in so many requests.
const TIDY_EVERY: u32 = 4_096;

/// Counts requests by client.
pub(crate) struct RateLimit {
    buckets: DefaultKeyedRateLimiter<[u8; 32]>,
    clock: DefaultClock,
    key: [u8; 32],
    since_tidied: AtomicU32,
}

impl RateLimit {
    /// So many in a minute, and as many at once; none for 0.
    pub(crate) fn new(per_minute: u32) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        Some(Self {
            buckets: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            key: seal::chance(),
            since_tidied: AtomicU32::new(0),
        })
    }

    /// Counts one; or says how many milliseconds to wait.
    pub(crate) fn charge(&self, client: IpAddr) -> Result<(), i64> {
        if self.since_tidied.fetch_add(1, Ordering::Relaxed) >= TIDY_EVERY {
            self.since_tidied.store(0, Ordering::Relaxed);
            self.buckets.retain_recent();
        }
        let subject = seal::tagged("linli requests", &[&self.key, &subscriber(client)]);
        self.buckets.check_key(&subject).map_err(|too_early| {
            let wait = too_early.wait_time_from(self.clock.now());
            i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_bucket_and_0_is_no_limit() {
        let limit = RateLimit::new(3).unwrap();
        let one: IpAddr = "203.0.113.9".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(limit.charge(one), Ok(()));
        }
        let wait_ms = limit.charge(one).unwrap_err();
        assert!((1..=20_000).contains(&wait_ms), "{wait_ms}");
        // A network of IPv6 is one client.
        let six = |host: u16| format!("2001:db8:1:2::{host:x}").parse().unwrap();
        for host in 1..=3 {
            assert_eq!(limit.charge(six(host)), Ok(()));
        }
        assert!(limit.charge(six(4)).is_err());
        assert_eq!(limit.charge("203.0.113.10".parse().unwrap()), Ok(()));
        assert!(RateLimit::new(0).is_none());
    }
}
