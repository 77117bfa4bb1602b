//! The first view (`crates/suite/first.js`) as a part of the suite's script.
//!
//! Its source names texts; here they become places in the widget's texts file, so that a
//! key that does not exist fails the build.

use super::widgets::WIDGETS;
use crate::sh;
use anyhow::{Context, Result, bail, ensure};
use linli_texts::Key;
use std::fs;

/// The widget that has a first view.
const WIDGET: &str = "deliberation";
/// Where its name is filled in.
const PLACE: &str = "LINLI_FIRST";
/// How a text is named: `words.part.key`.
const WORDS: &str = "words.";

/// The script, to be put beside the glue.
pub(crate) fn script() -> Result<String> {
    let source = fs::read_to_string(sh::root().join("crates/suite/first.js"))?;
    ensure!(
        source.matches(PLACE).count() == 1,
        "first.js has no place for its widget"
    );
    let widget = WIDGETS.iter().find(|widget| widget.name == WIDGET);
    let parts = widget.context("no such widget")?.parts;
    fill(&source.replace(PLACE, WIDGET), parts)
}

/// `words.part.key` → `words[place of the part][place of the key]`, outside comments.
fn fill(source: &str, parts: &[&str]) -> Result<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let source: Vec<&str> = code.collect();
    let source = source.join("\n");
    let mut out = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some((before, after)) = rest.split_once(WORDS) {
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(after.len());
        let (path, tail) = after.split_at(end);
        let mut steps = path.splitn(3, '.');
        let (part, key) = (steps.next().unwrap_or(""), steps.next().unwrap_or(""));
        let Some(place) = parts.iter().position(|known| *known == part) else {
            bail!("first.js: the widget has no texts `{part}`");
        };
        let found =
            Key::named(part, key).with_context(|| format!("first.js: no text {part}.{key}"))?;
        out.push_str(&format!("{before}words[{place}][{}]", found.index));
        if let Some(method) = steps.next() {
            out.push_str(&format!(".{method}"));
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_places() {
        let index = linli_texts::deliberation::CLOSES_AT.index;
        let source = "// words.no.comment\nf(words.deliberation.closes_at.replace(1), words);\n";
        assert_eq!(
            fill(source, &["refusal", "deliberation"]).unwrap(),
            format!("f(words[1][{index}].replace(1), words);\n")
        );
    }

    #[test]
    fn unknown_texts_fail_the_build() {
        let parts = ["deliberation"];
        for bad in [
            "words.deliberation.nothing",
            "words.refusal.topic_unknown",
            "words.x",
        ] {
            assert!(fill(bad, &parts).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_source_is_filled_in_completely() {
        let script = script().unwrap();
        assert!(
            !script.contains(WORDS) && !script.contains(PLACE),
            "{script}"
        );
    }
}
