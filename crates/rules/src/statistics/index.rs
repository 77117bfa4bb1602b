//! An index of several items, as the ACSI makes one: Σ wₖ (x̄ₖ − least)/(greatest − least)
//! × 100, each mean over those who answered that item.

use super::counts::Counts;
use super::estimate::Estimate;
use super::interval::{CONFIDENCE, student};
use super::linear::Line;
use super::weights::Weights;

/// An item of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its share of the index; shares are divided by their sum.
    pub share: f64,
    /// Level → score.
    pub scores: Vec<Option<f64>>,
    /// The least score.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

/// The index of the joint count `joint`, whose questions are `items` in that order. The
/// error is the delta method's, items correlated as they are. `None` when an item has no
/// answers or items do not fit.
pub fn index(counts: &Counts, weights: &Weights, joint: usize, items: &[Item]) -> Option<Estimate> {
    if counts.plan().joint.get(joint)?.len() != items.len() || items.is_empty() {
        return None;
    }
    let shares: f64 = items.iter().map(|item| item.share).sum();
    let rows = counts.joint(joint);
    let score = |k: usize, level: Option<usize>| {
        let item = &items[k];
        let raw = item.scores.get(level?).copied().flatten()?;
        Some(100.0 * item.share / shares * (raw - item.least) / (item.greatest - item.least))
    };
    let (mut sums, mut totals) = (vec![0.0; items.len()], vec![0.0; items.len()]);
    let (mut n, mut all, mut squares) = (0, 0.0, 0.0);
    for (cell, levels, count) in &rows {
        let weighted = weights.of_cell[*cell] * *count as f64;
        let mut is_answered = false;
        for (k, level) in levels.iter().enumerate() {
            if let Some(score) = score(k, *level) {
                sums[k] += weighted * score;
                totals[k] += weighted;
                is_answered = true;
            }
        }
        if is_answered {
            n += count;
            all += weighted;
            squares += weighted * weights.of_cell[*cell];
        }
    }
    if totals.iter().any(|total| *total <= 0.0) {
        return None;
    }
    let means: Vec<f64> = sums
        .iter()
        .zip(&totals)
        .map(|(sum, total)| sum / total)
        .collect();
    let influence = |levels: &[Option<usize>]| -> f64 {
        let of_item = |(k, level): (usize, &Option<usize>)| {
            score(k, *level).map_or(0.0, |score| (score - means[k]) / totals[k])
        };
        levels.iter().enumerate().map(of_item).sum()
    };
    let line = |(cell, levels, count): &(usize, Vec<Option<usize>>, u64)| Line {
        cell: *cell,
        count: *count,
        influence: vec![influence(levels)],
    };
    let mut lines: Vec<Line> = rows.iter().map(line).collect();
    let se = weights.covariance(&mut lines)[0][0].max(0.0).sqrt();
    let value = means.iter().sum();
    let mut interval = student(value, se, n.max(2) as f64 - 1.0, CONFIDENCE);
    interval.low = interval.low.max(0.0);
    interval.high = interval.high.min(100.0);
    Some(Estimate {
        value,
        se,
        interval,
        n,
        n_eff: all * all / squares,
    })
}
