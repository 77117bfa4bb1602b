//! How long to wait before the next send.

use linli_model::Refusal;

/// After this the backend counts as not reached, whatever its transport thinks.
pub(super) const SEND_MS_MAX: u32 = 45_000;

const FIRST_MS: u32 = 1_000;
const BACKOFF_MS_MAX: u32 = 60_000;
const ORDERED_MS_MAX: u32 = 600_000;

/// Why to wait.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wait {
    /// Not reached, or a fault: longer each time.
    Backoff,
    /// The backend said how long.
    Ordered { ms: u32 },
}

impl Wait {
    /// How long, after `attempts` sends. `chance` spreads those who failed together.
    pub(super) fn ms(self, attempts: u32, chance: [u8; 16]) -> u32 {
        let spread = u32::from(u16::from_le_bytes([chance[0], chance[1]]));
        let share = |of: u32| (u64::from(of) * u64::from(spread) / 65_535) as u32;
        match self {
            Self::Backoff => {
                let doublings = attempts.saturating_sub(1).min(6);
                let whole = (FIRST_MS << doublings).min(BACKOFF_MS_MAX);
                whole / 2 + share(whole / 2)
            }
            Self::Ordered { ms } => ms + share(ms / 4),
        }
    }
}

/// The wait that a refusal orders. Nothing was done, and the command is still wanted.
pub(super) fn ordered_wait(refusal: &Refusal) -> Option<Wait> {
    let (Refusal::Busy { retry_after_ms } | Refusal::TooManyAttempts { retry_after_ms }) = refusal
    else {
        return None;
    };
    let longest = i64::from(ORDERED_MS_MAX);
    let ms = u32::try_from((*retry_after_ms).clamp(i64::from(FIRST_MS), longest));
    Some(Wait::Ordered {
        ms: ms.unwrap_or(ORDERED_MS_MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_spread_and_end() {
        let (least, most) = ([0; 16], [255; 16]);
        let range = |attempts| {
            (
                Wait::Backoff.ms(attempts, least),
                Wait::Backoff.ms(attempts, most),
            )
        };
        let cases = [
            (0, (500, 1_000)),
            (1, (500, 1_000)),
            (2, (1_000, 2_000)),
            (5, (8_000, 16_000)),
        ];
        for (attempts, expected) in cases {
            assert_eq!(range(attempts), expected, "after {attempts}");
        }
        assert_eq!(range(u32::MAX), (30_000, 60_000));
    }

    #[test]
    fn only_busy_and_too_many_are_waited_out() {
        let ms = |retry_after_ms| match ordered_wait(&Refusal::Busy { retry_after_ms }) {
            Some(wait) => wait.ms(1, [0; 16]),
            None => 0,
        };
        assert_eq!(ms(5_000), 5_000);
        assert_eq!(
            ms(-1),
            FIRST_MS,
            "a mistaken figure does not make us hammer"
        );
        assert_eq!(ms(i64::MAX), ORDERED_MS_MAX, "nor give up");
        assert!(ordered_wait(&Refusal::GrantExpired).is_none());
    }
}
