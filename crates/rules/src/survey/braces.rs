//! Names between braces in texts.

/// The names in a text, as they are written between braces.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().map(|(_, name, _)| name)
}

/// Start, name and end of each pair of braces; a colon makes it something else.
pub(super) fn parts(text: &str) -> Vec<(usize, &str, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, start) {
            (b'{', _) => start = Some(at),
            (b'}', Some(from)) => {
                let name = text[from + 1..at].trim();
                if !name.is_empty() && !name.contains(':') {
                    found.push((from, name, at + 1));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}
