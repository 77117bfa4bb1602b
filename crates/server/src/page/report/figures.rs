//! Figures in words: shares, scores, and how far they reach.

use linli_model::report::{Figure, Pair};
use linli_texts::percent;

/// The figure that people look at: weighted where there are weights.
pub(super) fn best(pair: &Pair) -> Option<Figure> {
    pair.weighted.or(pair.unweighted)
}

/// "75.9–87.0%"
pub(super) fn share_range(figure: &Figure) -> String {
    range(figure, 100.0, "%")
}

/// "3.9–4.2"
pub(super) fn score_range(figure: &Figure) -> String {
    range(figure, 1.0, "")
}

fn range(figure: &Figure, times: f64, unit: &str) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => {
            format!("{}–{}{unit}", tenths(low * times), tenths(high * times))
        }
        _ => "–".to_owned(),
    }
}

/// "82.1%"
pub(super) fn share(figure: &Figure) -> String {
    percent(figure.value)
}

/// One decimal, and no minus before a zero.
pub(super) fn tenths(number: f64) -> String {
    let text = format!("{number:.1}");
    match text.as_str() {
        "-0.0" => "0.0".to_owned(),
        _ => text,
    }
}

/// A p-value as it is told.
pub(super) fn p_value(p: f64) -> String {
    match p < 0.001 {
        true => "< 0.001".to_owned(),
        false => format!("{p:.3}"),
    }
}
