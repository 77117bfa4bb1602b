//! For pledge and results: money as people write it, in whole fen.

/// Highest amount that anybody may type: a million yuan.
pub(crate) const FEN_MAX: i64 = 100_000_000;

/// 123456 → `¥1,234.56`, whole yuan without a fraction.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "−" } else { "" };
    let fen = fen.unsigned_abs();
    let whole = linli_texts::grouped(fen / 100);
    match fen % 100 {
        0 => format!("{sign}¥{whole}"),
        rest => format!("{sign}¥{whole}.{rest:02}"),
    }
}

/// `1,234.5`, `１２３４`, `¥12` → fen; `None` where it is no amount.
pub(crate) fn parse(typed: &str) -> Option<i64> {
    let mut whole: i64 = 0;
    let mut fraction: Option<(i64, u32)> = None;
    let mut digits = 0;
    for c in typed.trim().chars() {
        let digit = match c {
            '0'..='9' => i64::from(c as u32 - '0' as u32),
            '０'..='９' => i64::from(c as u32 - '０' as u32),
            '.' | '。' | '．' if fraction.is_none() => {
                fraction = Some((0, 0));
                continue;
            }
            ',' | '，' | ' ' | '¥' | '￥' | '元' => continue,
            _ => return None,
        };
        digits += 1;
        match &mut fraction {
            Some((_, 2)) => return None,
            Some((value, places)) => {
                *value = *value * 10 + digit;
                *places += 1;
            }
            None => whole = whole.checked_mul(10)?.checked_add(digit)?,
        }
    }
    let cents = match fraction {
        Some((value, 1)) => value * 10,
        Some((value, _)) => value,
        None => 0,
    };
    let fen = whole.checked_mul(100)?.checked_add(cents)?;
    (digits > 0 && fen > 0 && fen <= FEN_MAX).then_some(fen)
}

/// Largest remainders: parts of `total` in proportion to `weights`, summing to it.
pub(crate) fn apportion(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(exact(weight) / sum).unwrap_or(0))
        .collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(exact(&weights[*index]) % sum));
    let mut left = total - parts.iter().sum::<i64>();
    for index in order {
        if left <= 0 {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    parts
}
