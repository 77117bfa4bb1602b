//! Weights that bring a sample to known totals: post-stratification (one margin) and
//! raking (several).
//!
//! Weights belong to cells. Raking stops when no weight moves by more than
//! [`STEP_MAX`] of itself, or after [`ROUNDS_MAX`] rounds, and says which. Weights beyond
//! the trimming bounds (as multiples of the mean weight) are set to the bound once, after
//! raking, and all are scaled back to the population's total; margins then fit only about,
//! and the greatest gap is told.

use super::linear::{Line, covariance, variance};

/// Rounds after which raking gives up.
pub const ROUNDS_MAX: usize = 1000;
/// The greatest relative move of a weight in a round that counts as standing still.
pub const STEP_MAX: f64 = 1e-13;
/// How far two margins' totals may lie apart, as a share: they describe one population.
pub const TOTALS_GAP_MAX: f64 = 1e-9;

/// One known margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Cell → level.
    pub level_of_cell: Vec<usize>,
    /// Level → how many there are in the population.
    pub population: Vec<f64>,
}

/// Bounds of weights, as multiples of the mean weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trim {
    /// Usually 0.2 … 0.5.
    pub low: f64,
    /// Usually 3 … 5.
    pub high: f64,
}

/// Why there are no weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsFault {
    /// Margins, cells or levels do not fit together, or a figure is no number ≥ 0.
    Shape,
    /// Margins describe populations of different size.
    TotalsDiffer {
        /// The margin that differs from the first.
        margin: usize,
    },
    /// People live there and nobody answered: join the level with another.
    NobodyAnswered {
        /// Which margin.
        margin: usize,
        /// Which level of it.
        level: usize,
    },
    /// Somebody answered from where nobody is counted.
    NobodyCounted {
        /// Which margin.
        margin: usize,
        /// Which level of it.
        level: usize,
    },
}

/// A weight for each cell, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Cell → weight of each respondent in it.
    pub of_cell: Vec<f64>,
    /// Margins that standard errors may count on.
    pub(super) margins: Vec<Vec<usize>>,
    /// Respondents per cell.
    pub(super) respondents: Vec<u64>,
    /// Rounds of raking.
    pub rounds: usize,
    /// Whether the weights stood still before [`ROUNDS_MAX`].
    pub is_converged: bool,
    /// Respondents whose weight was cut.
    pub trimmed: u64,
    /// The greatest relative distance of a margin from its known total.
    pub margin_gap: f64,
}

impl Weights {
    /// Everybody counts once.
    pub fn equal(respondents: &[u64]) -> Self {
        Self {
            of_cell: vec![1.0; respondents.len()],
            margins: Vec::new(),
            respondents: respondents.to_vec(),
            rounds: 0,
            is_converged: true,
            trimmed: 0,
            margin_gap: 0.0,
        }
    }

    /// Brings `respondents` (per cell) to the margins' totals.
    pub fn rake(
        respondents: &[u64],
        margins: &[Margin],
        trim: Option<Trim>,
    ) -> Result<Self, WeightsFault> {
        check(respondents, margins)?;
        let mut weights = Self::equal(respondents);
        weights.is_converged = margins.is_empty();
        while !weights.is_converged && weights.rounds < ROUNDS_MAX {
            weights.rounds += 1;
            weights.is_converged = weights.round(margins) <= STEP_MAX;
        }
        weights.margins = margins.iter().map(|m| m.level_of_cell.clone()).collect();
        if let Some(trim) = trim {
            weights.trim(trim);
        }
        weights.margin_gap = weights.gap(margins);
        Ok(weights)
    }

    /// Respondents, all cells together.
    pub fn n(&self) -> u64 {
        self.respondents.iter().sum()
    }

    /// Respondents per cell.
    pub fn respondents(&self) -> &[u64] {
        &self.respondents
    }

    /// Kish's effective size (Σw)² / Σw².
    pub fn n_eff(&self) -> f64 {
        let (sum, squares) = self.sums();
        sum * sum / squares
    }

    /// Kish's design effect of weighting, n Σw² / (Σw)².
    pub fn deff(&self) -> f64 {
        self.n() as f64 / self.n_eff()
    }

    /// Least and greatest weight over the mean weight.
    pub fn spread(&self) -> (f64, f64) {
        let mean = self.sums().0 / self.n() as f64;
        let used = self.used().map(|(_, w)| w / mean);
        used.fold((f64::INFINITY, 0.0), |(low, high), w| {
            (w.min(low), w.max(high))
        })
    }

    /// The covariance of estimates with these influences.
    pub(super) fn covariance(&self, lines: &mut [Line]) -> Vec<Vec<f64>> {
        covariance(lines, &self.of_cell, &self.margins)
    }

    /// The variance of one estimate, from (cell, respondents, influence) lines.
    pub(super) fn variance(&self, lines: &[(usize, u64, f64)]) -> f64 {
        variance(lines, &self.of_cell, &self.margins)
    }

    fn used(&self) -> impl Iterator<Item = (u64, f64)> {
        let both = self.respondents.iter().zip(&self.of_cell);
        both.filter(|(n, _)| **n > 0).map(|(n, w)| (*n, *w))
    }

    fn sums(&self) -> (f64, f64) {
        self.used().fold((0.0, 0.0), |(sum, squares), (n, w)| {
            (sum + n as f64 * w, squares + n as f64 * w * w)
        })
    }

    /// One pass over all margins; the greatest relative move.
    fn round(&mut self, margins: &[Margin]) -> f64 {
        let before = self.of_cell.clone();
        for margin in margins {
            let totals = self.totals(margin);
            for (cell, level) in margin.level_of_cell.iter().enumerate() {
                if self.respondents[cell] > 0 {
                    self.of_cell[cell] *= margin.population[*level] / totals[*level];
                }
            }
        }
        let moves = before.iter().zip(&self.of_cell);
        moves.fold(0.0, |max: f64, (old, new)| max.max((new / old - 1.0).abs()))
    }

    fn totals(&self, margin: &Margin) -> Vec<f64> {
        let mut totals = vec![0.0; margin.population.len()];
        for (cell, level) in margin.level_of_cell.iter().enumerate() {
            totals[*level] += self.respondents[cell] as f64 * self.of_cell[cell];
        }
        totals
    }

    fn gap(&self, margins: &[Margin]) -> f64 {
        let of_margin = |margin: &Margin| {
            let pairs = self
                .totals(margin)
                .into_iter()
                .zip(margin.population.clone());
            let known = pairs.filter(|(_, known)| *known > 0.0);
            known.fold(0.0, |max: f64, (seen, known)| {
                max.max((seen / known - 1.0).abs())
            })
        };
        margins.iter().map(of_margin).fold(0.0, f64::max)
    }

    fn trim(&mut self, trim: Trim) {
        let sum = self.sums().0;
        let mean = sum / self.n() as f64;
        for (cell, weight) in self.of_cell.iter_mut().enumerate() {
            let cut = weight.clamp(trim.low * mean, trim.high * mean);
            if cut != *weight {
                self.trimmed += self.respondents[cell];
                *weight = cut;
            }
        }
        let scale = sum / self.sums().0;
        if self.trimmed > 0 {
            self.of_cell.iter_mut().for_each(|weight| *weight *= scale);
            // Margins no longer hold exactly, so standard errors may not count on them.
            self.margins.clear();
        }
    }
}

fn check(respondents: &[u64], margins: &[Margin]) -> Result<(), WeightsFault> {
    if respondents.iter().all(|n| *n == 0) {
        return Err(WeightsFault::Shape);
    }
    let mut first_total = None;
    for (index, margin) in margins.iter().enumerate() {
        let levels = margin.population.len();
        let is_figure = |known: &f64| known.is_finite() && *known >= 0.0;
        if margin.level_of_cell.len() != respondents.len()
            || margin.level_of_cell.iter().any(|level| *level >= levels)
            || !margin.population.iter().all(is_figure)
        {
            return Err(WeightsFault::Shape);
        }
        let mut seen = vec![0; levels];
        for (cell, level) in margin.level_of_cell.iter().enumerate() {
            seen[*level] += respondents[cell];
        }
        for (level, (seen, known)) in seen.iter().zip(&margin.population).enumerate() {
            let margin = index;
            match (*seen > 0, *known > 0.0) {
                (false, true) => return Err(WeightsFault::NobodyAnswered { margin, level }),
                (true, false) => return Err(WeightsFault::NobodyCounted { margin, level }),
                _ => {}
            }
        }
        let total: f64 = margin.population.iter().sum();
        let first = *first_total.get_or_insert(total);
        if (total - first).abs() > TOTALS_GAP_MAX * first {
            return Err(WeightsFault::TotalsDiffer { margin: index });
        }
    }
    Ok(())
}
