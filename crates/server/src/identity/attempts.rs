//! Limits on wrong tries: how many are free, and how the pauses after them grow.
//!
//! A try is charged before it is looked at and settled when it turns out right. Tries
//! made at the same moment therefore cannot slip through together.

use linli_model::UtcMs;

/// How many tries a subject has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Wrong tries before the first pause.
    pub free: u32,
}

/// Per selector of a typed code: with 40 bits behind it, guessing is hopeless long
/// before the pauses reach an hour.
pub const PER_CODE: Limit = Limit { free: 5 };
/// Per client address. Many households share one behind a village's mobile gateway.
pub const PER_CLIENT: Limit = Limit { free: 60 };

/// Passwords sent to one contact, right or wrong: enough for a lost one or two.
pub const PER_CONTACT: Limit = Limit { free: 3 };

/// The first pause; each further wrong try doubles it.
const PAUSE_MS: i64 = 60_000;
/// The longest pause.
const PAUSE_MS_MAX: i64 = 3_600_000;
/// Wrong tries are forgotten after this long without another.
const FORGET_MS: i64 = 24 * 3_600_000;

/// What is remembered of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// Wrong tries so far.
    pub failures: u32,
    /// No try is looked at before this.
    pub blocked_until_ms: UtcMs,
    /// The last try.
    pub last_at_ms: UtcMs,
}

/// Charges one try, or says how many milliseconds to wait.
pub fn charge(tries: Tries, limit: Limit, now_ms: UtcMs) -> Result<Tries, i64> {
    if now_ms < tries.blocked_until_ms {
        return Err(tries.blocked_until_ms - now_ms);
    }
    let forgotten = now_ms - tries.last_at_ms.max(tries.blocked_until_ms) >= FORGET_MS;
    let failures = if forgotten {
        1
    } else {
        tries.failures.saturating_add(1)
    };
    let blocked_until_ms = if failures >= limit.free {
        now_ms + pause_ms(failures - limit.free)
    } else {
        0
    };
    Ok(Tries {
        failures,
        blocked_until_ms,
        last_at_ms: now_ms,
    })
}

/// Takes one charge back: that try was right.
pub fn settle(tries: Tries, limit: Limit) -> Tries {
    let failures = tries.failures.saturating_sub(1);
    let blocked_until_ms = if failures >= limit.free {
        tries.blocked_until_ms
    } else {
        0
    };
    Tries {
        failures,
        blocked_until_ms,
        ..tries
    }
}

/// Tries left before a pause.
pub fn left(tries: Tries, limit: Limit) -> u32 {
    limit.free.saturating_sub(tries.failures)
}

fn pause_ms(beyond: u32) -> i64 {
    PAUSE_MS
        .saturating_mul(1_i64.checked_shl(beyond.min(16)).unwrap_or(1))
        .min(PAUSE_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_come_after_the_free_tries_and_double() {
        let limit = Limit { free: 3 };
        let mut tries = Tries::default();
        let mut now = 1_000_000_000;
        for left_after in [2, 1, 0] {
            tries = charge(tries, limit, now).unwrap();
            assert_eq!(left(tries, limit), left_after);
        }
        for pause in [60_000, 120_000, 240_000] {
            assert_eq!(charge(tries, limit, now), Err(pause));
            assert_eq!(charge(tries, limit, now + pause - 1), Err(1));
            now += pause;
            tries = charge(tries, limit, now).unwrap();
        }
        for _ in 0..40 {
            now = tries.blocked_until_ms;
            tries = charge(tries, limit, now).unwrap();
        }
        assert_eq!(tries.blocked_until_ms - now, PAUSE_MS_MAX);
    }

    #[test]
    fn a_right_try_costs_nothing_and_a_day_forgets() {
        let limit = Limit { free: 2 };
        let once = charge(Tries::default(), limit, 10).unwrap();
        let settled = settle(charge(once, limit, 20).unwrap(), limit);
        assert_eq!((settled.failures, settled.blocked_until_ms), (1, 0));
        let later = charge(settled, limit, 20 + FORGET_MS).unwrap();
        assert_eq!(later.failures, 1);
    }
}
