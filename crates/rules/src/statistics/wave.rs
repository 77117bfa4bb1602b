//! What changed since the last wave: the difference with its interval first, then p.

use super::counts::Counts;
use super::estimate::{Estimate, mean_of};
use super::interval::{CONFIDENCE, Interval};
use super::quantile::{t_quantile, t_two_sided};
use super::weights::Weights;

/// A difference, now less before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The difference.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Where it lies with 95 % confidence.
    pub interval: Interval,
    /// Degrees of freedom.
    pub df: f64,
    /// How often one would see so much difference where there is none.
    pub p: f64,
}

/// The difference of two samples that were drawn apart, with Welch's degrees of freedom.
/// `None` where either error is unknown or both are zero.
pub fn between(now: &Estimate, before: &Estimate) -> Option<Difference> {
    let part = |estimate: &Estimate| estimate.se * estimate.se;
    let (a, b) = (part(now), part(before));
    let spread = |variance: f64, n: u64| variance * variance / (n.max(2) - 1) as f64;
    let df = (a + b).powi(2) / (spread(a, now.n) + spread(b, before.n));
    difference(now.value - before.value, (a + b).sqrt(), df)
}

/// The mean of `second − first` over respondents who answered both questions of the joint
/// count `joint`: two items of one wave, or one item in two waves answered by the same
/// people. (Unweighted this is `t.test(second, first, paired = TRUE)`.)
pub fn paired(
    counts: &Counts,
    weights: &Weights,
    joint: usize,
    score: &dyn Fn(usize) -> Option<f64>,
) -> Option<Difference> {
    if counts.plan().joint.get(joint)?.len() != 2 {
        return None;
    }
    let gap = |levels: &[Option<usize>]| Some(score(levels[1]?)? - score(levels[0]?)?);
    let rows = counts.joint(joint);
    let all: Vec<_> = rows
        .iter()
        .map(|(cell, levels, n)| (*cell, *n, gap(levels)))
        .collect();
    let is_equal = weights.of_cell.windows(2).all(|pair| pair[0] == pair[1]);
    let mean = if is_equal {
        // Who answered both is the sample: the classical test, to the last digit.
        let kept: Vec<_> = all
            .iter()
            .filter(|(_, _, gap)| gap.is_some())
            .copied()
            .collect();
        mean_of(&kept, &Weights::equal(weights.respondents()))?
    } else {
        mean_of(&all, weights)?
    };
    difference(mean.value, mean.se, (mean.n.max(2) - 1) as f64)
}

fn difference(value: f64, se: f64, df: f64) -> Option<Difference> {
    if !(se.is_finite() && se > 0.0 && df.is_finite()) {
        return None;
    }
    let half = t_quantile(0.5 + 0.5 * CONFIDENCE, df) * se;
    Some(Difference {
        value,
        se,
        interval: Interval {
            low: value - half,
            high: value + half,
        },
        df,
        p: t_two_sided(value / se, df),
    })
}
