//! For survey, pledge and report: what people type, made safe to keep and to show.

/// Why a text cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Empty,
    TooLong,
    Invisible,
}

/// Trimmed, lines kept, runs of blanks made one.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for c in text.chars() {
        let is_blank = c.is_whitespace() && c != '\n';
        if !(is_blank && blank) {
            out.push(if is_blank { ' ' } else { c });
        }
        blank = is_blank || c == '\n';
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out
}

/// Checks a tidied text.
pub(crate) fn check(text: &str, chars_max: usize, needed: bool) -> Result<(), Fault> {
    let is_hidden = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || (c.is_control() && c != '\n')
    };
    if text.is_empty() && needed {
        return Err(Fault::Empty);
    }
    if text.chars().count() > chars_max {
        return Err(Fault::TooLong);
    }
    if text.chars().any(is_hidden) {
        return Err(Fault::Invisible);
    }
    Ok(())
}

/// A word for a command: letters and digits of `text`, shortened, never empty.
pub(crate) fn slug(text: &str) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let letters = text.chars().filter(char::is_ascii_alphanumeric).take(24);
    let mut out: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    out.push_str(&format!("x{hash:08x}"));
    out
}
