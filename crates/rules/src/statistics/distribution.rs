//! One question's answers: counts, shares, boxes, mean, 0–100 score, net promoter score.

use super::counts::{Counts, Met};
use super::estimate::{self, Estimate};
use super::interval::{CONFIDENCE, adjusted_wald_nps, student};
use super::weights::Weights;
use linli_model::report::Figure;

/// How a question's levels are scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Level → score; `None` for levels outside the scale. Greater is better.
    pub scores: Vec<Option<f64>>,
    /// The least score that can be given.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Scale {
    /// Levels scored 1, 2, … in their order, or in the reverse order.
    pub fn of_levels(levels: usize, is_best_first: bool) -> Self {
        let score = |level: usize| {
            if is_best_first {
                levels - level
            } else {
                level + 1
            }
        };
        Self {
            scores: (0..levels).map(|level| Some(score(level) as f64)).collect(),
            least: 1.0,
            greatest: levels as f64,
        }
    }

    fn of(&self, level: usize) -> Option<f64> {
        self.scores.get(level).copied().flatten()
    }

    /// Levels with one of the `count` best (or worst) scores.
    pub fn box_of(&self, count: usize, is_best: bool) -> Vec<bool> {
        let mut distinct: Vec<f64> = self.scores.iter().flatten().copied().collect();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        if is_best {
            distinct.reverse();
        }
        distinct.truncate(count);
        let is_in = |score: &Option<f64>| score.is_some_and(|score| distinct.contains(&score));
        self.scores.iter().map(is_in).collect()
    }
}

/// A scored question in some cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How the question was met.
    pub met: Met,
    /// Answers per level, unweighted.
    pub counts: Vec<u64>,
    /// Share of each level.
    pub shares: Vec<Option<Estimate>>,
    /// Share of the two best scores.
    pub top2: Option<Estimate>,
    /// Share of the two worst scores.
    pub bottom2: Option<Estimate>,
    /// Mean score.
    pub mean: Option<Estimate>,
    /// Mean on a scale from 0 to 100.
    pub score100: Option<Estimate>,
}

/// Summarises a question in the cells that `is_in` names.
pub fn summarise(
    counts: &Counts,
    weights: &Weights,
    question: usize,
    is_in: &dyn Fn(usize) -> bool,
    scale: Option<&Scale>,
) -> Summary {
    let cells: Vec<usize> = (0..counts.plan().cells)
        .filter(|cell| is_in(*cell))
        .collect();
    let levels = counts.plan().levels[question];
    let share = |level: usize| {
        let chosen = |other| Some(other == level);
        estimate::share(counts, weights, question, is_in, &chosen)
    };
    let in_box = |is_best| {
        let scale = scale?;
        let chosen = scale.box_of(2, is_best);
        let of_level = |level| scale.of(level).map(|_| chosen[level]);
        estimate::share(counts, weights, question, is_in, &of_level)
    };
    let mean = scale.and_then(|scale| {
        estimate::mean(counts, weights, question, is_in, &|level| scale.of(level))
    });
    Summary {
        met: counts.met_in(&cells, question),
        counts: counts.levels_in(&cells, question),
        shares: (0..levels).map(share).collect(),
        top2: in_box(true),
        bottom2: in_box(false),
        score100: scale.zip(mean).map(|(scale, mean)| to_100(scale, mean)),
        mean,
    }
}

/// A question with several choices each: the share of respondents who chose each level,
/// of those who answered.
pub fn choices(
    counts: &Counts,
    weights: &Weights,
    question: usize,
    is_in: &dyn Fn(usize) -> bool,
) -> Vec<Option<Estimate>> {
    let of_level = |level: usize| {
        let mut values = Vec::new();
        for cell in 0..counts.plan().cells {
            let met = counts.met(cell, question);
            let answered = if is_in(cell) { met.answered } else { 0 };
            let chosen = if is_in(cell) {
                counts.levels(cell, question)[level]
            } else {
                0
            };
            values.push((cell, chosen, Some(1.0)));
            values.push((cell, answered.saturating_sub(chosen), Some(0.0)));
            values.push((cell, counts.respondents()[cell] - answered, None));
        }
        estimate::share_of(&values, weights)
    };
    (0..counts.plan().levels[question]).map(of_level).collect()
}

/// A number's mean with Student's interval, unweighted.
pub fn number(counts: &Counts, question: usize) -> Option<Estimate> {
    let moments = counts.numbers(question);
    let n = moments.n as f64;
    let se = (moments.squares / (n - 1.0) / n).sqrt();
    (moments.n > 1).then(|| Estimate {
        value: moments.mean,
        se,
        interval: student(moments.mean, se, n - 1.0, CONFIDENCE),
        n: moments.n,
        n_eff: n,
    })
}

/// The net promoter score (−100 to 100) of a question with the levels 0 … 10. Unweighted
/// it has the adjusted Wald interval; weighted, Student's by linearisation.
pub fn nps(
    counts: &Counts,
    weights: &Weights,
    question: usize,
    is_in: &dyn Fn(usize) -> bool,
) -> Option<Estimate> {
    let score = |level: usize| match level {
        0..=6 => Some(-100.0),
        7 | 8 => Some(0.0),
        9 | 10 => Some(100.0),
        _ => None,
    };
    let mut nps = estimate::mean(counts, weights, question, is_in, &score)?;
    let is_equal = weights.of_cell.windows(2).all(|pair| pair[0] == pair[1]);
    if is_equal {
        let cells: Vec<usize> = (0..counts.plan().cells)
            .filter(|cell| is_in(*cell))
            .collect();
        let levels = counts.levels_in(&cells, question);
        let sum = |from: usize, to: usize| levels.iter().take(to).skip(from).sum::<u64>();
        let interval = adjusted_wald_nps(sum(9, 11), sum(7, 9), sum(0, 7), CONFIDENCE);
        nps.interval.low = 100.0 * interval.low;
        nps.interval.high = 100.0 * interval.high;
    } else {
        nps.interval.low = nps.interval.low.max(-100.0);
        nps.interval.high = nps.interval.high.min(100.0);
    }
    Some(nps)
}

fn to_100(scale: &Scale, mean: Estimate) -> Estimate {
    let factor = 100.0 / (scale.greatest - scale.least);
    let on = |score: f64| (score - scale.least) * factor;
    let mut out = mean;
    out.value = on(mean.value);
    out.se = mean.se * factor;
    out.interval.low = on(mean.interval.low).max(0.0);
    out.interval.high = on(mean.interval.high).min(100.0);
    out
}

/// A mean score on the scale from 0 to 100.
pub(super) fn figure_to_100(scale: &Scale, mean: Figure) -> Figure {
    let factor = 100.0 / (scale.greatest - scale.least);
    let on = |score: f64| ((score - scale.least) * factor).clamp(0.0, 100.0);
    Figure {
        value: on(mean.value),
        se: mean.se.map(|se| se * factor),
        low: mean.low.map(on),
        high: mean.high.map(on),
        ..mean
    }
}
