//! Whether a device has done, or waited out, what a poll of devices asks for.
//!
//! Work is leading zero bits of a hash, as in Hashcash (Back, 2002): it makes ballots by
//! the thousand dear, not one. The wait stands beside it for people whose device cannot
//! compute; it asks nothing of them, neither to read nor to hear nor to type (WCAG 2.2,
//! SC 3.3.8). The server bounds how many waits one subscriber's address may use.

use linli_model::work::WorkRefusal;
use linli_model::{Credential, Poll, UtcMs, limits};

/// What the desk asks for: a second or so on an old phone.
pub const BITS_PROPOSED: u32 = 18;

/// The shortest wait, beside the least work.
const WAIT_MS_MIN: i64 = 20_000;
/// What each further bit adds to it; the longest is a minute.
const WAIT_MS_PER_BIT: i64 = 3_000;
/// The longest wait.
const WAIT_MS_MAX: i64 = 60_000;

/// Waits that one subscriber's address may use in the time that one of them takes: a
/// family, or a few people behind one mobile gateway.
pub const WAITS_AT_ONCE_MAX: u32 = 4;

/// What a challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Leading zero bits.
    pub bits: u32,
    /// Or this long a wait.
    pub wait_ms: i64,
    /// When it was made.
    pub issued_at_ms: UtcMs,
    /// First instant at which it is no longer good.
    pub expires_at_ms: UtcMs,
}

/// What is shown for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing but the challenge: the wait.
    Waited,
    /// The hash over challenge and counter.
    Worked([u8; 32]),
}

/// Leading zero bits that a poll asks for. Credentials that say who somebody is need none.
pub fn asked(poll: &Poll) -> Option<u32> {
    poll.work_bits
        .filter(|_| poll.credential == Credential::Device)
}

/// Whether what is shown is enough now. That a challenge is used once, the store decides.
pub fn decide(terms: Terms, shown: Shown, now_ms: UtcMs) -> Result<(), WorkRefusal> {
    if now_ms >= terms.expires_at_ms {
        return Err(WorkRefusal::WorkExpired);
    }
    match shown {
        Shown::Worked(digest) if leading_zero_bits(&digest) >= terms.bits => Ok(()),
        Shown::Worked(_) => Err(WorkRefusal::WorkWrong),
        Shown::Waited => {
            let until_ms = terms.issued_at_ms.saturating_add(terms.wait_ms);
            match until_ms.saturating_sub(now_ms) {
                left_ms if left_ms > 0 => Err(WorkRefusal::WorkEarly { left_ms }),
                _ => Ok(()),
            }
        }
    }
}

/// The wait beside so many bits: dearer work, longer wait.
pub fn wait_ms(bits: u32) -> i64 {
    let beyond = i64::from(bits.saturating_sub(limits::WORK_BITS_MIN));
    (WAIT_MS_MIN + WAIT_MS_PER_BIT * beyond).min(WAIT_MS_MAX)
}

fn leading_zero_bits(digest: &[u8]) -> u32 {
    let zeros = digest.iter().take_while(|byte| **byte == 0).count();
    let rest = digest.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros * 8).unwrap_or(u32::MAX) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        bits: 12,
        wait_ms: 30_000,
        issued_at_ms: 1_000,
        expires_at_ms: 601_000,
    };

    fn digest(first: [u8; 3]) -> Shown {
        let mut bytes = [0xff; 32];
        bytes[..3].copy_from_slice(&first);
        Shown::Worked(bytes)
    }

    #[test]
    fn work_or_the_wait_is_enough_while_the_challenge_lasts() {
        use WorkRefusal as R;
        let early = |left_ms| Err(R::WorkEarly { left_ms });
        let cases = [
            (digest([0, 0x0f, 9]), 1_000, Ok(()), "12 bits at once"),
            (digest([0, 0x00, 1]), 1_000, Ok(()), "more bits than asked"),
            (digest([0, 0x1f, 0]), 1_000, Err(R::WorkWrong), "11 bits"),
            (
                digest([1, 0, 0]),
                1_000,
                Err(R::WorkWrong),
                "zeros later on",
            ),
            (
                digest([0, 0x1f, 0]),
                90_000,
                Err(R::WorkWrong),
                "wrong is wrong after the wait too",
            ),
            (Shown::Waited, 1_000, early(30_000), "at once"),
            (Shown::Waited, 30_999, early(1), "a millisecond early"),
            (Shown::Waited, 31_000, Ok(()), "the whole wait"),
            (Shown::Waited, 600_999, Ok(()), "the last instant"),
            (Shown::Waited, 601_000, Err(R::WorkExpired), "too late"),
            (
                digest([0, 0, 0]),
                601_000,
                Err(R::WorkExpired),
                "solved, too late",
            ),
            (
                Shown::Waited,
                500,
                early(30_500),
                "another server's clock is behind",
            ),
            (Shown::Waited, i64::MIN, early(i64::MAX), "no clock at all"),
        ];
        for (shown, now_ms, expected, reason) in cases {
            assert_eq!(decide(TERMS, shown, now_ms), expected, "{reason}");
        }
    }

    #[test]
    fn all_zeros_and_no_digest_are_counted_too() {
        assert_eq!(leading_zero_bits(&[0; 32]), 256);
        assert_eq!(leading_zero_bits(&[]), 0);
    }

    #[test]
    fn waits_are_between_20_seconds_and_a_minute() {
        for (bits, expected) in [
            (0, 20_000),
            (8, 20_000),
            (16, 44_000),
            (18, 50_000),
            (22, 60_000),
            (99, 60_000),
        ] {
            assert_eq!(wait_ms(bits), expected, "{bits} bits");
        }
    }
}
