//! Two questions together: Rao and Scott's test, second order, and Holm's adjustment.

use super::counts::Counts;
use super::linear::{Line, solve};
use super::quantile::f_upper;
use super::weights::Weights;

/// A test of association, as R's `svychisq` gives by default (`statistic = "F"`).
#[derive(Debug, Clone, PartialEq)]
pub struct RaoScott {
    /// Answers to both questions.
    pub n: u64,
    /// F.
    pub f: f64,
    /// Numerator's degrees of freedom.
    pub df1: f64,
    /// Denominator's.
    pub df2: f64,
    /// How often one would see so much association where there is none.
    pub p: f64,
    /// Pearson's X², before the adjustment.
    pub chi2: f64,
    /// Weighted shares, rows first.
    pub shares: Vec<Vec<f64>>,
}

/// Tests the joint count `joint` of two questions. Levels that nobody chose are left out.
/// `None` when fewer than two rows or columns are left.
pub fn rao_scott(counts: &Counts, weights: &Weights, joint: usize) -> Option<RaoScott> {
    let rows = counts.joint(joint);
    let used = |at: usize| {
        let both = rows
            .iter()
            .filter(|(_, l, n)| *n > 0 && l.iter().all(Option::is_some));
        let mut levels: Vec<usize> = both.filter_map(|(_, levels, _)| levels[at]).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    };
    if counts.plan().joint.get(joint)?.len() != 2 {
        return None;
    }
    let (down, across) = (used(0), used(1));
    let (nr, nc) = (down.len(), across.len());
    if nr < 2 || nc < 2 {
        return None;
    }
    let place = |levels: &[Option<usize>]| {
        let row = down.binary_search(&levels[0]?).ok()?;
        Some(row * nc + across.binary_search(&levels[1]?).ok()?)
    };
    let (mut shares, mut total, mut n) = (vec![0.0; nr * nc], 0.0, 0);
    for (cell, levels, count) in &rows {
        if let Some(at) = place(levels) {
            shares[at] += weights.of_cell[*cell] * *count as f64;
            total += weights.of_cell[*cell] * *count as f64;
            n += count;
        }
    }
    shares.iter_mut().for_each(|share| *share /= total);
    let influence = |levels: &[Option<usize>]| match place(levels) {
        None => vec![0.0; nr * nc],
        Some(at) => {
            let of = |(k, share): (usize, &f64)| (f64::from(u8::from(k == at)) - share) / total;
            shares.iter().enumerate().map(of).collect()
        }
    };
    let line = |(cell, levels, count): &(usize, Vec<Option<usize>>, u64)| Line {
        cell: *cell,
        count: *count,
        influence: influence(levels),
    };
    let mut lines: Vec<Line> = rows.iter().map(line).collect();
    let variance = weights.covariance(&mut lines);
    let respondents = weights.n() as f64;
    let (trace, trace2) = delta_traces(&shares, &variance, respondents, nr, nc)?;
    let chi2 = pearson(&shares, respondents, nr, nc);
    let (f, df1) = (chi2 / trace, trace * trace / trace2);
    let df2 = df1 * (respondents - 1.0);
    Some(RaoScott {
        n,
        f,
        df1,
        df2,
        p: f_upper(f, df1, df2),
        chi2,
        shares: shares.chunks(nc).map(<[f64]>::to_vec).collect(),
    })
}

/// Pearson's X² of shares, scaled to `n` respondents.
fn pearson(shares: &[f64], n: f64, nr: usize, nc: usize) -> f64 {
    let row = |r: usize| (0..nc).map(|c| shares[r * nc + c]).sum::<f64>();
    let column = |c: usize| (0..nr).map(|r| shares[r * nc + c]).sum::<f64>();
    let term = |at: usize| {
        let expected = row(at / nc) * column(at % nc);
        n * (shares[at] - expected).powi(2) / expected
    };
    (0..nr * nc).map(term).sum()
}

/// tr Δ and tr Δ², Δ being the matrix of generalised design effects. Contrasts are the
/// interactions' indicators less rows and columns, which is what R's `qr.resid` leaves.
fn delta_traces(
    shares: &[f64],
    variance: &[Vec<f64>],
    n: f64,
    nr: usize,
    nc: usize,
) -> Option<(f64, f64)> {
    let inner: Vec<(usize, usize)> = (1..nr).flat_map(|r| (1..nc).map(move |c| (r, c))).collect();
    let contrast = |(r, c): (usize, usize), at: usize| {
        let same = |is: bool, value: f64| if is { value } else { 0.0 };
        let (row, column) = (at / nc == r, at % nc == c);
        same(row && column, 1.0) - same(row, 1.0 / nc as f64) - same(column, 1.0 / nr as f64)
            + 1.0 / (nr * nc) as f64
    };
    // Contrasts over shares, so that one product gives each side.
    let scaled: Vec<Vec<f64>> = inner
        .iter()
        .map(|at| {
            let of = |k: usize| match shares[k] > 0.0 {
                true => contrast(*at, k) / shares[k],
                false => 0.0,
            };
            (0..nr * nc).map(of).collect()
        })
        .collect();
    let plain = |a: usize, b: usize| {
        (0..nr * nc)
            .map(|k| scaled[a][k] * shares[k] * scaled[b][k] / n)
            .sum::<f64>()
    };
    let half: Vec<Vec<f64>> = scaled
        .iter()
        .map(|row| {
            let of = |k: usize| row.iter().zip(&variance[k]).map(|(x, v)| x * v).sum();
            (0..nr * nc).map(of).collect()
        })
        .collect();
    let designed = |a: usize, b: usize| {
        half[a]
            .iter()
            .zip(&scaled[b])
            .map(|(x, y)| x * y)
            .sum::<f64>()
    };
    let width = inner.len();
    let matrix = |f: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..width)
            .map(|a| (0..width).map(|b| f(a, b)).collect())
            .collect()
    };
    let delta = solve(matrix(&plain), matrix(&designed))?;
    let trace = (0..width).map(|a| delta[a][a]).sum();
    let product = |a: usize| (0..width).map(|b| delta[a][b] * delta[b][a]).sum::<f64>();
    Some((trace, (0..width).map(product).sum()))
}

/// Holm's step-down adjustment, in the order given. (R: `p.adjust(p, "holm")`.)
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut floor: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        floor = floor.max((p.len() - rank) as f64 * p[index]).min(1.0);
        adjusted[index] = floor;
    }
    adjusted
}
