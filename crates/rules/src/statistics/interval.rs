//! Intervals for shares, means and net promoter scores that come from plain counts.

use super::quantile::{normal_quantile, t_quantile};

/// How sure an interval is unless it says otherwise.
pub const CONFIDENCE: f64 = 0.95;

/// From, to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Wilson's interval for a share `p` of `n`, without continuity correction. `n` may be an
/// effective size. (Wilson 1927, JASA 22; R: `prop.test(x, n, correct = FALSE)`.)
pub fn wilson(p: f64, n: f64, confidence: f64) -> Interval {
    let z = z_of(confidence);
    let zz = z * z / n;
    let middle = (p + 0.5 * zz) / (1.0 + zz);
    let half = z / (1.0 + zz) * (p * (1.0 - p) / n + 0.25 * zz / n).sqrt();
    Interval {
        // At the ends of the scale both parts are equal, up to rounding.
        low: if p <= 0.0 {
            0.0
        } else {
            (middle - half).max(0.0)
        },
        high: if p >= 1.0 {
            1.0
        } else {
            (middle + half).min(1.0)
        },
    }
}

/// Student's interval around a mean with standard error `se` and `df` degrees of freedom.
pub fn student(mean: f64, se: f64, df: f64, confidence: f64) -> Interval {
    let half = t_quantile(0.5 + 0.5 * confidence, df) * se;
    Interval {
        low: mean - half,
        high: mean + half,
    }
}

/// The adjusted Wald interval of a net promoter score, from −1 to 1: three answers are
/// added, ¾ promoters, 1½ passives, ¾ detractors. (Rocks 2016, The American Statistician
/// 70(4), "AW(3, T)".)
pub fn adjusted_wald_nps(
    promoters: u64,
    passives: u64,
    detractors: u64,
    confidence: f64,
) -> Interval {
    let n = (promoters + passives + detractors) as f64 + 3.0;
    let up = (promoters as f64 + 0.75) / n;
    let down = (detractors as f64 + 0.75) / n;
    let score = up - down;
    let half = z_of(confidence) * ((up + down - score * score) / n).sqrt();
    Interval {
        low: (score - half).max(-1.0),
        high: (score + half).min(1.0),
    }
}

/// The normal deviate of a two-sided interval.
pub fn z_of(confidence: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published survey that gave two shares of 187 without intervals (142 and 150 of
    /// 187): with them, they overlap.
    #[test]
    fn two_published_shares_overlap() {
        let per_mille = |x: u64| {
            let Interval { low, high } = wilson(x as f64 / 187.0, 187.0, CONFIDENCE);
            ((low * 1000.0).round(), (high * 1000.0).round())
        };
        assert_eq!(per_mille(142), (693.0, 815.0));
        assert_eq!(per_mille(150), (739.0, 853.0));
    }

    #[test]
    fn the_ends_of_the_scale_stay_inside() {
        for n in [1.0, 3.0, 1e6] {
            assert_eq!(wilson(0.0, n, CONFIDENCE).low, 0.0);
            assert_eq!(wilson(1.0, n, CONFIDENCE).high, 1.0);
        }
        let all = adjusted_wald_nps(5, 0, 0, CONFIDENCE);
        assert!(all.low > -1.0 && all.low < 1.0 && all.high <= 1.0);
    }
}
