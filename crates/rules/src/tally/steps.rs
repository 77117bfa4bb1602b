//! Thresholds: whether a share is reached, and the figures that show it. Shares are
//! compared by multiplying crosswise in 128 bits; nothing is divided but `needed`.

use linli_model::{Base, Bound, Limit, Measure, Range, Ruling, Share, Step, Threshold};

/// Whether a limit can be reached and missed: 0 < n/d ≤ 1 for 以上, 0 ≤ n/d < 1 for 过.
pub(super) fn is_valid(limit: Limit) -> bool {
    match limit.bound {
        Bound::AtLeast => 0 < limit.numerator && limit.numerator <= limit.denominator,
        Bound::MoreThan => limit.numerator < limit.denominator,
    }
}

/// Whether a share reaches its limit. A share of nothing reaches none.
pub(super) fn passes(limit: Limit, share: Share) -> bool {
    let have = u128::from(share.value) * u128::from(limit.denominator);
    let need = u128::from(share.base) * u128::from(limit.numerator);
    share.base > 0
        && match limit.bound {
            Bound::AtLeast => have >= need,
            Bound::MoreThan => have > need,
        }
}

/// The least figure that passes at `base`.
fn needed(limit: Limit, base: u64) -> u64 {
    let product = u128::from(base) * u128::from(limit.numerator);
    let denominator = u128::from(limit.denominator);
    let least = match limit.bound {
        Bound::AtLeast => product.div_ceil(denominator),
        Bound::MoreThan => product / denominator + 1,
    };
    u64::try_from(least).unwrap_or(u64::MAX).max(1)
}

/// A share between two bounds; they are equal where everything is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    /// By what is known.
    pub(super) known: Share,
    pub(super) least: Share,
    pub(super) most: Share,
}

impl Spread {
    pub(super) fn exact(value: u64, base: u64) -> Self {
        let known = Share { value, base };
        Self {
            known,
            least: known,
            most: known,
        }
    }
}

pub(super) fn step(
    threshold: Threshold,
    measure: Measure,
    base_of: Base,
    limit: Limit,
    share: Spread,
) -> Step {
    let Share { value, base } = share.known;
    let needed = needed(limit, base);
    let range = (share.least != share.most).then(|| Range {
        least: share.least,
        most: share.most,
        passed_at_most: passes(limit, share.most),
    });
    Step {
        threshold,
        measure,
        base_of,
        limit,
        base,
        value,
        needed,
        short: needed.saturating_sub(value),
        passed: passes(limit, share.least),
        range,
    }
}

/// The step where it is open which of two holds: the first one's figures, and a range
/// over both.
pub(super) fn either(one: Step, other: &Step) -> Step {
    if one == *other {
        return one;
    }
    let bounds = |step: &Step| {
        let known = Share {
            value: step.value,
            base: step.base,
        };
        step.range
            .map_or((known, known), |range| (range.least, range.most))
    };
    let ((least, most), (other_least, other_most)) = (bounds(&one), bounds(other));
    let range = Range {
        least: lesser(least, other_least),
        most: if lesser(most, other_most) == most {
            other_most
        } else {
            most
        },
        passed_at_most: passes(one.limit, most) || passes(one.limit, other_most),
    };
    Step {
        passed: one.passed && other.passed,
        range: Some(range),
        ..one
    }
}

fn lesser(one: Share, other: Share) -> Share {
    let left = u128::from(one.value) * u128::from(other.base);
    let right = u128::from(other.value) * u128::from(one.base);
    let one_is_less = match (one.base, other.base) {
        (0, _) => true,
        (_, 0) => false,
        _ => left <= right,
    };
    if one_is_less { one } else { other }
}

/// What the steps amount to, once anybody has answered and every figure is known.
pub(super) fn ruling(steps: &[Step]) -> Ruling {
    let all = |threshold: Threshold| {
        let mut of_this = steps.iter().filter(|step| step.threshold == threshold);
        of_this.all(|step| step.passed)
    };
    match (all(Threshold::Participation), all(Threshold::Approval)) {
        (false, _) => Ruling::NotQuorate,
        (true, true) => Ruling::Carried,
        (true, false) => Ruling::Lost,
    }
}

/// What the steps amount to while some areas are missing. Each threshold is taken by
/// itself, so "at best" may promise more than any one set of areas gives, never less.
pub(super) fn open_ruling(steps: &[Step]) -> Ruling {
    let at_best = |step: &Step| step.range.map_or(step.passed, |range| range.passed_at_most);
    Ruling::Undetermined {
        carried_at_worst: steps.iter().all(|step| step.passed),
        carried_at_best: steps.iter().all(at_best),
    }
}
