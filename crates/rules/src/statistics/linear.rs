//! Linearised covariances over lines of a histogram, and small linear systems.

/// R's `survey` sweeps raked margins this often; so do we, to the same digits.
const SWEEPS: usize = 10;

/// Respondents who share a cell and their influence on the estimates, before weighting.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) cell: usize,
    pub(super) count: u64,
    /// One influence for each estimate; 0 for who did not answer.
    pub(super) influence: Vec<f64>,
}

/// n/(n−1) Σ (z − z̄)(z − z̄)ᵀ over all respondents, where z is the weighted influence
/// less what the known margins explain of it. Lines must cover every respondent once.
pub(super) fn covariance(
    lines: &mut [Line],
    of_cell: &[f64],
    margins: &[Vec<usize>],
) -> Vec<Vec<f64>> {
    let width = lines.first().map_or(0, |line| line.influence.len());
    let sweeps = if margins.len() > 1 { SWEEPS } else { 1 };
    for _ in 0..sweeps {
        for level_of_cell in margins {
            sweep(lines, level_of_cell);
        }
    }
    let n: u64 = lines.iter().map(|line| line.count).sum();
    let mut means = vec![0.0; width];
    for line in lines.iter_mut() {
        for (value, mean) in line.influence.iter_mut().zip(&mut means) {
            *value *= of_cell[line.cell];
            *mean += *value * line.count as f64 / n as f64;
        }
    }
    let scale = if n > 1 {
        n as f64 / (n - 1) as f64
    } else {
        f64::NAN
    };
    let mut sums = vec![vec![0.0; width]; width];
    for line in lines.iter() {
        let gaps: Vec<f64> = line
            .influence
            .iter()
            .zip(&means)
            .map(|(z, mean)| z - mean)
            .collect();
        for (row, left) in sums.iter_mut().zip(&gaps) {
            let left = scale * line.count as f64 * left;
            row.iter_mut()
                .zip(&gaps)
                .for_each(|(sum, right)| *sum += left * right);
        }
    }
    sums
}

/// The variance of one estimate: [`covariance`] with one influence a line, in one pass over
/// the lines. What margins explain is the same for everybody in a cell.
pub(super) fn variance(
    lines: &[(usize, u64, f64)],
    of_cell: &[f64],
    margins: &[Vec<usize>],
) -> f64 {
    let cells = of_cell.len();
    let (mut counts, mut means, mut squares) = (vec![0; cells], vec![0.0; cells], vec![0.0; cells]);
    for (cell, count, influence) in lines.iter().filter(|(_, count, _)| *count > 0) {
        // Welford's step, for `count` respondents at once.
        let before = counts[*cell];
        counts[*cell] += count;
        let gap = influence - means[*cell];
        means[*cell] += gap * *count as f64 / counts[*cell] as f64;
        squares[*cell] += gap * gap * before as f64 * *count as f64 / counts[*cell] as f64;
    }
    let sweeps = if margins.len() > 1 { SWEEPS } else { 1 };
    for _ in 0..sweeps {
        for level_of_cell in margins {
            let levels = level_of_cell.iter().max().map_or(0, |max| max + 1);
            let (mut sums, mut totals) = (vec![0.0; levels], vec![0_u64; levels]);
            for (cell, level) in level_of_cell.iter().enumerate() {
                sums[*level] += means[cell] * counts[cell] as f64;
                totals[*level] += counts[cell];
            }
            for (cell, level) in level_of_cell.iter().enumerate() {
                means[cell] -= sums[*level] / totals[*level].max(1) as f64;
            }
        }
    }
    let n: u64 = counts.iter().sum();
    let all = |of: &dyn Fn(usize) -> f64| (0..cells).map(of).sum::<f64>();
    let weighted = |cell: usize| of_cell[cell] * means[cell];
    let mean = all(&|cell| weighted(cell) * counts[cell] as f64) / n as f64;
    let sum = all(&|cell| {
        of_cell[cell].powi(2) * squares[cell]
            + counts[cell] as f64 * (weighted(cell) - mean).powi(2)
    });
    if n > 1 {
        sum * n as f64 / (n - 1) as f64
    } else {
        f64::NAN
    }
}

/// Takes each level's mean influence away.
fn sweep(lines: &mut [Line], level_of_cell: &[usize]) {
    let width = lines.first().map_or(0, |line| line.influence.len());
    let levels = level_of_cell.iter().max().map_or(0, |max| max + 1);
    let mut sums = vec![vec![0.0; width]; levels];
    let mut counts = vec![0; levels];
    for line in lines.iter() {
        let level = level_of_cell[line.cell];
        counts[level] += line.count;
        for (sum, value) in sums[level].iter_mut().zip(&line.influence) {
            *sum += value * line.count as f64;
        }
    }
    for line in lines.iter_mut() {
        let level = level_of_cell[line.cell];
        for (value, sum) in line.influence.iter_mut().zip(&sums[level]) {
            *value -= sum / counts[level].max(1) as f64;
        }
    }
}

/// X with A X = B, by elimination with partial pivots; `None` where A is singular.
pub(super) fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    for column in 0..n {
        let best =
            (column..n).max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs()))?;
        if a[best][column].abs() < f64::MIN_POSITIVE {
            return None;
        }
        a.swap(column, best);
        b.swap(column, best);
        let (pivot, right) = (a[column].clone(), b[column].clone());
        for row in (0..n).filter(|row| *row != column) {
            let factor = a[row][column] / pivot[column];
            let take = |from: &mut [f64], values: &[f64]| {
                from.iter_mut()
                    .zip(values)
                    .for_each(|(x, value)| *x -= factor * value);
            };
            take(&mut a[row], &pivot);
            take(&mut b[row], &right);
        }
    }
    for (row, values) in b.iter_mut().enumerate() {
        values.iter_mut().for_each(|value| *value /= a[row][row]);
    }
    Some(b)
}
