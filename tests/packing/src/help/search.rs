//! For desk and results: finding rows by words.

/// Small letters, half-width, without spaces and separators: what two spellings have
/// in common.
pub(crate) fn folded(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    let is_kept = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '·' | ',' | '，' | '、');
    text.chars()
        .map(half)
        .filter(is_kept)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether every word of `wanted` is in one of the cells.
pub(crate) fn matches(wanted: &str, cells: &[&str]) -> bool {
    let cells: Vec<String> = cells.iter().map(|cell| folded(cell)).collect();
    let mut words = wanted.split_whitespace().map(folded);
    words.all(|word| cells.iter().any(|cell| cell.contains(&word)))
}
