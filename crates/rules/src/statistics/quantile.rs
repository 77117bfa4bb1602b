//! Quantiles and tail probabilities of the distributions that the methods need.
//!
//! The functions themselves are `statrs`'s; quantiles are polished by Newton's steps on
//! its distribution functions, which reach the last digits that its searches leave.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;
use std::f64::consts::{PI, SQRT_2};

/// Newton's steps from a start with some five correct digits; each doubles them.
const STEPS_MAX: usize = 12;
/// Degrees of freedom from which the expansion is a start.
const EXPANSION_DF_MIN: f64 = 20.0;

/// P(Z ≤ x), standard normal.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// The x with P(Z ≤ x) = p, for 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    let start = SQRT_2 * statrs::function::erf::erf_inv(2.0 * p - 1.0);
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
    polish(start, p, normal_cdf, density)
}

/// P(T ≤ x) with `df` degrees of freedom.
pub fn t_cdf(x: f64, df: f64) -> f64 {
    let tail = 0.5 * beta_reg(0.5 * df, 0.5, df / (df + x * x));
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// P(|T| ≥ |x|).
pub fn t_two_sided(x: f64, df: f64) -> f64 {
    beta_reg(0.5 * df, 0.5, df / (df + x * x))
}

/// The x with P(T ≤ x) = p, for 0 < p < 1 and `df` > 0.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p < 0.5 {
        return -t_quantile(1.0 - p, df);
    }
    let start = match df < EXPANSION_DF_MIN {
        true => halved(p, df),
        false => expanded(p, df),
    };
    let scale = ln_gamma(0.5 * (df + 1.0)) - ln_gamma(0.5 * df) - 0.5 * (df * PI).ln();
    let density = |x: f64| (scale - 0.5 * (df + 1.0) * (x * x / df).ln_1p()).exp();
    polish(start, p, |x| t_cdf(x, df), density)
}

/// Halving: Newton's step alone overshoots in the heavy tails of few degrees.
fn halved(p: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while t_cdf(high, df) < p && high < 1e12 {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        if t_cdf(middle, df) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Cornish and Fisher's expansion around the normal quantile, two terms.
fn expanded(p: f64, df: f64) -> f64 {
    let z = normal_quantile(p);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / df + second / (df * df)
}

/// P(F ≥ x) with `df1` and `df2` degrees of freedom, whole or not.
pub fn f_upper(x: f64, df1: f64, df2: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    beta_reg(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * x))
}

fn polish(start: f64, p: f64, cdf: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let (mut x, mut last) = (start, f64::INFINITY);
    for _ in 0..STEPS_MAX {
        let slope = density(x);
        if slope <= 0.0 {
            break;
        }
        let step = (cdf(x) - p) / slope;
        // Steps that no longer shrink are rounding.
        if step.abs() >= last {
            break;
        }
        x -= step;
        last = step.abs();
        if last <= 1e-15 * x.abs().max(1.0) {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(seen: f64, expected: f64) {
        assert!(
            (seen - expected).abs() <= 1e-10 * expected.abs().max(1.0),
            "{seen} instead of {expected}"
        );
    }

    /// R 4.2.2: qnorm(0.975), qt(0.975, c(1, 5, 186)), qt(0.9995, 30), pf(3.2, 2.7, 511.3, F).
    #[test]
    fn known_values() {
        near(normal_quantile(0.975), 1.959963984540054);
        near(t_quantile(0.975, 1.0), 12.706204736174694);
        near(t_quantile(0.975, 5.0), 2.570581835636314);
        near(t_quantile(0.025, 5.0), -2.570581835636314);
        near(t_cdf(t_quantile(0.9995, 30.0), 30.0), 0.9995);
        near(t_two_sided(2.570581835636314, 5.0), 0.05);
        near(f_upper(4.0, 1.0, 5.0), t_two_sided(2.0, 5.0));
    }
}
