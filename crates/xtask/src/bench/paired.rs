//! Statistics of paired measurements: two things measured one right after the other,
//! many times, so that what else the machine does falls on both.

/// The middle and the ends of some figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// None of no figures, and where one of them is not a number.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        if sorted.is_empty() || sorted.iter().any(|figure| figure.is_nan()) {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self {
            median,
            min: sorted[0],
            max: sorted[sorted.len() - 1],
        })
    }

    /// Of the ratios within each pair: not the ratio of two medians, which may come
    /// from different moments.
    pub(crate) fn of_ratios(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        Self::of(pairs.into_iter().map(|(ours, theirs)| ours / theirs))
    }

    /// `median (min–max)` with so many decimals.
    pub(crate) fn show(&self, decimals: usize) -> String {
        let Self { median, min, max } = self;
        format!("{median:.decimals$} ({min:.decimals$}–{max:.decimals$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        let spread = Spread::of([5.0, 1.0, 3.0]).unwrap();
        assert_eq!(
            spread,
            Spread {
                median: 3.0,
                min: 1.0,
                max: 5.0
            }
        );
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of([7.0]).unwrap().median, 7.0);
    }

    #[test]
    fn ratios_are_taken_within_pairs() {
        // The machine slowed down between them. The ratio of the medians would say 0.6.
        let pairs = [(10.0, 20.0), (40.0, 50.0), (30.0, 100.0)];
        let spread = Spread::of_ratios(pairs).unwrap();
        assert_eq!(
            spread,
            Spread {
                median: 0.5,
                min: 0.3,
                max: 0.8
            }
        );
    }

    #[test]
    fn nothing_measured_has_no_median() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of_ratios([(0.0, 0.0)]), None);
    }

    #[test]
    fn it_shows_the_middle_and_the_ends() {
        let spread = Spread::of([0.5, 0.25, 1.0]).unwrap();
        assert_eq!(spread.show(2), "0.50 (0.25–1.00)");
    }
}
