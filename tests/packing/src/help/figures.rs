//! For survey and results: what can be said of a row of whole numbers.

/// Middle value, in tenths; 0 of nothing.
pub(crate) fn median_tenths(values: &[i64]) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle)) {
        (_, None) => 0,
        (1, Some(value)) => value * 10,
        (_, Some(value)) => (value + sorted[middle - 1]) * 5,
    }
}

/// Mean in tenths, rounded half up.
pub(crate) fn mean_tenths(values: &[i64]) -> i64 {
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return 0;
    }
    let sum: i64 = values.iter().sum();
    (sum * 20 + count).div_euclid(count * 2)
}

/// How many fall on each of 0 … `top`.
pub(crate) fn histogram(values: &[i64], top: usize) -> Vec<u64> {
    let mut counts = vec![0; top + 1];
    for value in values {
        if let Some(count) = usize::try_from(*value).ok().and_then(|v| counts.get_mut(v)) {
            *count += 1;
        }
    }
    counts
}

/// `4.5`
pub(crate) fn tenths(value: i64) -> String {
    format!("{}.{}", value / 10, (value % 10).abs())
}
