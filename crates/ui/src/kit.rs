//! Shares in figures: exact, in integers.

/// Part of whole in basis points (1/100 %), rounded half up; 0 of 0 is 0.
pub fn share_bp(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    // Of figures that no roll reaches, the last digits are let go: 128-bit division would
    // be a kilobyte to download.
    let excess = 16_u32.saturating_sub(part.max(whole).leading_zeros());
    let (part, whole) = (part >> excess, (whole >> excess).max(1));
    (part * 20_000 + whole) / (whole * 2)
}

/// `46.8%`.
pub fn percent(basis_points: u64) -> String {
    let tenths = (basis_points + 5) / 10;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// `46.80%`, as the width of a bar.
pub fn width(basis_points: u64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    format!("{whole}.{rest:02}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_in_integers() {
        assert_eq!(share_bp(1, 3), 3_333);
        assert_eq!(share_bp(2, 3), 6_667);
        assert_eq!(share_bp(0, 0), 0);
        assert_eq!(share_bp(u64::MAX, u64::MAX), 10_000);
        assert_eq!(percent(6_667), "66.7%");
        assert_eq!(percent(10_000), "100.0%");
    }
}
