//! How many choices a question allows, as written: "（最多选3项）".

/// How many choices one may take.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) least: Option<u32>,
    pub(super) most: Option<u32>,
}

impl Limits {
    pub(super) fn take(&mut self, part: &mut String) {
        for (open, close) in [('（', '）'), ('(', ')')] {
            let Some(from) = part.rfind(open) else {
                continue;
            };
            let Some(to) = part[from..].find(close).map(|at| at + from) else {
                continue;
            };
            let inside = part[from + open.len_utf8()..to].to_owned();
            let digits: String = inside.chars().filter(char::is_ascii_digit).collect();
            let Ok(count) = digits.parse::<u32>() else {
                continue;
            };
            let says = |words: &[&str]| words.iter().any(|word| inside.contains(word));
            if says(&["至多", "最多", "不超过", "up to", "at most"]) {
                self.most = Some(count);
            } else if says(&["至少", "最少", "at least"]) {
                self.least = Some(count);
            } else if says(&["限选", "任选", "选"]) {
                self.most = Some(count);
            } else {
                continue;
            }
            part.replace_range(from..to + close.len_utf8(), "");
            *part = part.trim().to_owned();
        }
    }
}
