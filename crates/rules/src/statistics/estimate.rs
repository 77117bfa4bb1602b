//! Weighted shares, means and differences of one question, with standard errors.

use super::counts::Counts;
use super::interval::{CONFIDENCE, Interval, student, wilson};
use super::weights::Weights;

/// A figure and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error; `NaN` from one respondent.
    pub se: f64,
    /// Where it lies with 95 % confidence.
    pub interval: Interval,
    /// Answers behind it, unweighted.
    pub n: u64,
    /// The effective size that the interval uses.
    pub n_eff: f64,
}

/// The mean score of those who answered in `cells` (a *domain*: others count for the
/// variance, as in R's `svymean(…, na.rm = TRUE)`), with Student's interval. `score` gives
/// a level's score, or `None` for a level outside the scale. `None` without answers.
pub fn mean(
    counts: &Counts,
    weights: &Weights,
    question: usize,
    cells: &dyn Fn(usize) -> bool,
    score: &dyn Fn(usize) -> Option<f64>,
) -> Option<Estimate> {
    mean_of(&values_in(counts, question, weights, cells, score), weights)
}

/// Every respondent once: those who answered in `cells` with their score.
fn values_in(
    counts: &Counts,
    question: usize,
    weights: &Weights,
    cells: &dyn Fn(usize) -> bool,
    score: &dyn Fn(usize) -> Option<f64>,
) -> Vec<(usize, u64, Option<f64>)> {
    let mut values = Vec::new();
    let mut outside = 0;
    for cell in 0..counts.plan().cells {
        let before = values.len();
        if cells(cell) {
            let levels = counts.levels(cell, question).iter().enumerate();
            values.extend(levels.filter_map(|(level, n)| Some((cell, *n, Some(score(level)?)))));
        }
        let answered: u64 = values[before..].iter().map(|(_, n, _)| *n).sum();
        let rest = counts.respondents()[cell].saturating_sub(answered);
        // Without margins it does not matter where the others are.
        if weights.margins.is_empty() {
            outside += rest;
        } else {
            values.push((cell, rest, None));
        }
    }
    values.push((0, outside, None));
    values
}

/// The share of those who answered in `cells` that chose one of `chosen`, with Wilson's
/// interval at the effective size p(1−p)/se² (Kish's where that is undefined).
pub fn share(
    counts: &Counts,
    weights: &Weights,
    question: usize,
    cells: &dyn Fn(usize) -> bool,
    chosen: &dyn Fn(usize) -> Option<bool>,
) -> Option<Estimate> {
    let score = |level| chosen(level).map(|is_chosen| if is_chosen { 1.0 } else { 0.0 });
    share_of(
        &values_in(counts, question, weights, cells, &score),
        weights,
    )
}

/// The mean of zeros and ones as a share, with its interval.
pub(super) fn share_of(
    values: &[(usize, u64, Option<f64>)],
    weights: &Weights,
) -> Option<Estimate> {
    let mut mean = point_of(values, weights)?;
    let p = mean.value.clamp(0.0, 1.0);
    let by_error = p * (1.0 - p) / (mean.se * mean.se);
    // An error of 0 comes from a share of 0 or 1, where only the size of the sample tells.
    mean.n_eff = match by_error.is_finite() && by_error > 0.0 {
        true => by_error,
        false => mean.n_eff,
    };
    mean.interval = wilson(p, mean.n_eff, CONFIDENCE);
    Some(mean)
}

/// A mean with Student's interval.
pub(super) fn mean_of(values: &[(usize, u64, Option<f64>)], weights: &Weights) -> Option<Estimate> {
    let mut mean = point_of(values, weights)?;
    mean.interval = student(mean.value, mean.se, mean.n.max(2) as f64 - 1.0, CONFIDENCE);
    Some(mean)
}

/// (cell, respondents, score or no answer), every respondent once: the mean and its error,
/// still without an interval.
fn point_of(values: &[(usize, u64, Option<f64>)], weights: &Weights) -> Option<Estimate> {
    let (mut sum, mut total, mut squares, mut n) = (0.0, 0.0, 0.0, 0);
    for (cell, count, score) in values {
        if let (Some(score), true) = (score, *count > 0) {
            let weight = weights.of_cell[*cell];
            let weighted = weight * *count as f64;
            sum += weighted * score;
            total += weighted;
            squares += weighted * weight;
            n += count;
        }
    }
    if n == 0 || total <= 0.0 {
        return None;
    }
    let value = sum / total;
    let influence = |(cell, count, score): &(usize, u64, Option<f64>)| {
        (
            *cell,
            *count,
            score.map_or(0.0, |score| (score - value) / total),
        )
    };
    let lines: Vec<(usize, u64, f64)> = values.iter().map(influence).collect();
    let variance = weights.variance(&lines);
    let se = variance.max(0.0).sqrt();
    let se = if variance.is_nan() || n < 2 {
        f64::NAN
    } else {
        se
    };
    Some(Estimate {
        value,
        se,
        interval: Interval {
            low: f64::NAN,
            high: f64::NAN,
        },
        n,
        n_eff: total * total / squares,
    })
}
