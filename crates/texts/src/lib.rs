//! Every word a person reads.
//!
//! Locales are folders under `locales/`, found by the build script; adding one needs
//! no code. Keys are constants ([`deliberation::CAST`], …), so a missing text is a
//! compile error. The server embeds every table (feature `embed`); the wasm loads the
//! parts that it needs as one JSON array each, so that a phone downloads one language.
//!
//! Placeholders are `{name}`. Counts choose between `one` and `other`.

mod desk_refusals;
mod locale;
mod refusals;
mod reports;
mod results;
mod rolls;
mod uploads;
mod verdicts;

pub use desk_refusals::explain_desk;
pub use locale::negotiate;
pub use refusals::{RefusalText, explain};
pub use reports::{percent, report_lines, weights_lines};
pub use results::{outcome, threshold};
pub use rolls::{preview_lines, roll_kind, roll_refusal, row_error, version_lines};
pub use uploads::explain_upload;
pub use verdicts::{count_fault, result_lines, verdict_lines};

/// Names one text. Made by the build script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Index into [`PARTS`].
    pub part: u8,
    /// Index into the part.
    pub index: u16,
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

#[cfg(feature = "embed")]
impl Key {
    /// The key that `part.json` calls `name`.
    pub fn named(part: &str, name: &str) -> Option<Self> {
        let part = PARTS.iter().position(|known| *known == part)?;
        let index = NAMES[part].iter().position(|known| *known == name)?;
        Some(Self {
            part: part.try_into().ok()?,
            index: index.try_into().ok()?,
        })
    }
}

/// The texts of one locale: all parts, or those that were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    tag: String,
    parts: Vec<Vec<String>>,
}

impl Catalog {
    /// A catalog without texts; parts are added with [`Catalog::load`].
    pub fn new(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            parts: vec![Vec::new(); PARTS.len()],
        }
    }

    /// Adds a part from its JSON array. False when the name or the array is not known
    /// here; the catalog is then as before.
    pub fn load(&mut self, part: &str, json: &str) -> bool {
        let Some(index) = PARTS.iter().position(|name| *name == part) else {
            return false;
        };
        let Some(texts) = linli_model::tree::read::<Vec<String>>(json) else {
            return false;
        };
        self.parts[index] = texts;
        true
    }

    /// Adds `parts` from one JSON array that holds an array for each, in that order.
    /// False when a name or the array is not known here; the catalog is then as before.
    pub fn load_all(&mut self, parts: &[&str], json: &str) -> bool {
        let Some(texts) = linli_model::tree::read::<Vec<Vec<String>>>(json) else {
            return false;
        };
        let index = |part: &&str| PARTS.iter().position(|name| name == part);
        let Some(indices) = parts.iter().map(index).collect::<Option<Vec<_>>>() else {
            return false;
        };
        if indices.len() != texts.len() {
            return false;
        }
        for (index, texts) in indices.into_iter().zip(texts) {
            self.parts[index] = texts;
        }
        true
    }

    /// Every part of a locale that is compiled in.
    #[cfg(feature = "embed")]
    pub fn embedded(tag: &str) -> Option<Self> {
        let table = TABLES[LOCALES.iter().position(|locale| *locale == tag)?];
        let part = |texts: &&[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Some(Self {
            tag: tag.to_owned(),
            parts: table.iter().map(part).collect(),
        })
    }

    /// The BCP 47 tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The part as the JSON array that [`Catalog::load`] reads.
    pub fn part_json(&self, part: &str) -> Option<String> {
        let index = PARTS.iter().position(|name| *name == part)?;
        serde_json::to_string(&self.parts[index]).ok()
    }

    fn raw(&self, key: Key) -> &str {
        let part = self.parts.get(usize::from(key.part));
        part.and_then(|texts| texts.get(usize::from(key.index)))
            .map_or("", String::as_str)
    }

    /// A text without placeholders.
    pub fn text(&self, key: Key) -> &str {
        self.raw(key)
    }

    /// A text with `{name}` replaced. Values are inserted as they are: they become
    /// text nodes, never markup.
    pub fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        fill(self.raw(key), values)
    }

    /// A text that depends on a count; `{n}` is the count, grouped for reading.
    pub fn count(&self, key: Key, n: u64, values: &[(&str, &str)]) -> String {
        let raw = self.raw(key);
        let form = match raw.split_once('\u{1f}') {
            Some((one, _)) if n == 1 => one,
            Some((_, other)) => other,
            None => raw,
        };
        let n = grouped(n);
        let mut all = vec![("n", n.as_str())];
        all.extend_from_slice(values);
        fill(form, &all)
    }
}

fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// 1234567 → `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_locale_is_embedded_and_round_trips_as_files() {
        for tag in LOCALES {
            let embedded = Catalog::embedded(tag).unwrap();
            let mut loaded = Catalog::new(tag);
            for part in PARTS {
                assert!(loaded.load(part, &embedded.part_json(part).unwrap()));
            }
            assert_eq!(loaded, embedded);
        }
    }

    #[test]
    fn several_parts_come_as_one_file() {
        let embedded = Catalog::embedded("en").unwrap();
        let one = |part| embedded.part_json(part).unwrap();
        let json = format!("[{},{}]", one("refusal"), one("deliberation"));
        let mut loaded = Catalog::new("en");
        assert!(loaded.load_all(&["refusal", "deliberation"], &json));
        assert_eq!(
            loaded.part_json("deliberation"),
            embedded.part_json("deliberation")
        );
        let before = loaded.clone();
        assert!(!loaded.load_all(&["refusal"], &json), "one part missing");
        assert!(!loaded.load_all(&["refusal", "no such part"], &json));
        assert_eq!(loaded, before);
    }

    #[test]
    fn keys_are_found_by_name() {
        let found = Key::named("deliberation", "choose_first");
        assert_eq!(found, Some(deliberation::CHOOSE_FIRST));
        assert_eq!(Key::named("refusal", "choose_first"), None);
        assert_eq!(Key::named("no such part", "choose_first"), None);
    }

    #[test]
    fn placeholders_are_replaced_once_and_values_are_not_templates() {
        assert_eq!(fill("a {x} c", &[("x", "{x}")]), "a {x} c");
        assert_eq!(fill("{x}{y}", &[("x", "1"), ("y", "2")]), "12");
        assert_eq!(fill("open {", &[]), "open {");
    }

    #[test]
    fn counts_choose_their_form() {
        let en = Catalog::embedded("en").unwrap();
        assert_eq!(
            en.count(deliberation::TURNOUT_HOUSEHOLDS, 1, &[]),
            "1 household has voted"
        );
        assert_eq!(
            en.count(deliberation::TURNOUT_HOUSEHOLDS, 1087, &[]),
            "1,087 households have voted"
        );
        let zh = Catalog::embedded("zh-Hans").unwrap();
        assert_eq!(
            zh.count(deliberation::TURNOUT_HOUSEHOLDS, 1, &[]),
            "已有 1 户参与"
        );
    }
}
