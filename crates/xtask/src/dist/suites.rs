//! The suite, once for each widget: a wasm and a script that hold this widget and what it
//! stands on, and nothing of the others. Why: `crates/suite/README.md`.
//!
//! A widget is packed again when something has changed that its last build read: what the
//! compiler lists, and the few things that it does not.

use super::manifest::short_integrity;
use super::packed::Packed;
use super::widgets::{WIDGETS, Widget};
use super::{first, inputs, load, pack, save};
use crate::sh;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the compiler does not list and a build depends on.
const UNLISTED: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    "crates/model/Cargo.toml",
    "crates/rules/Cargo.toml",
    "crates/texts",
    "crates/port/Cargo.toml",
    "crates/adapters/Cargo.toml",
    "crates/ui/Cargo.toml",
    "crates/suite/Cargo.toml",
    "crates/suite/first.js",
    "crates/suite/plain.js",
    "crates/xtask/src/dist",
];

/// Every widget's suite, by the widget's name.
pub(crate) type Suites = BTreeMap<&'static str, Packed>;

/// What a kept build was made from.
#[derive(Serialize, Deserialize)]
struct Made {
    /// Sources that the compiler lists, from the root.
    sources: Vec<String>,
    /// Hash over them, what is not listed, and the tools.
    hash: String,
}

/// Name of its file in a kept build.
const MADE: &str = "made.json";

/// What the widgets' kept builds were made from, where all are what would be built now.
pub(crate) fn made_from(work: &Path, flavour: &str) -> Result<Option<String>> {
    let mut all = String::new();
    for widget in WIDGETS {
        match made(&kept(work, widget), widget, flavour)? {
            Some(hash) => all.push_str(&hash),
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// Packs what is out of date.
pub(crate) fn packed(work: &Path, has_npm: bool, flavour: &str) -> Result<Suites> {
    WIDGETS
        .iter()
        .map(|widget| Ok((widget.name, one(work, widget, has_npm, flavour)?)))
        .collect()
}

fn kept(work: &Path, widget: &Widget) -> PathBuf {
    work.join("packed").join(widget.name)
}

/// The hash of the kept build, where it is what would be built now.
fn made(kept: &Path, widget: &Widget, flavour: &str) -> Result<Option<String>> {
    let Ok(made) = fs::read_to_string(kept.join(MADE)) else {
        return Ok(None);
    };
    let Ok(made) = serde_json::from_str::<Made>(&made) else {
        return Ok(None);
    };
    let now = hash(&made.sources, widget, flavour)?;
    Ok((now == made.hash).then_some(now))
}

fn hash(sources: &[String], widget: &Widget, flavour: &str) -> Result<String> {
    let manifest = format!("widgets/{}/Cargo.toml", widget.name);
    let mut paths = UNLISTED.to_vec();
    paths.push(&manifest);
    paths.extend(sources.iter().map(String::as_str));
    inputs::hash(&sh::root(), &paths, &[flavour])
}

fn one(work: &Path, widget: &Widget, has_npm: bool, flavour: &str) -> Result<Packed> {
    let kept = kept(work, widget);
    if let Some(hash) = made(&kept, widget, flavour)?
        && let Some(packed) = load(&kept, widget.name, &hash)
    {
        return Ok(packed);
    }
    println!("  {}", widget.tag);
    let began = SystemTime::now();
    let beside = beside(widget)?;
    let features = [widget.name];
    let recipe = pack::Recipe {
        beside: &beside,
        optimise: has_npm,
        minify: has_npm,
        ..pack::Recipe::suite(widget.name, &features)
    };
    let packed = pack::pack(&recipe, &work.join("pack").join(widget.name))?;
    let packed = named_after(widget.name, packed);
    let sources = pack::sources(&recipe)?;
    let hash = hash(&sources, widget, flavour)?;
    save(&packed, widget.name, &kept, &hash)?;
    // What was changed while it was read may or may not be in it: not to be trusted.
    if sources.iter().all(|source| is_before(source, began)) {
        let made = serde_json::to_string(&Made { sources, hash })?;
        fs::write(kept.join(MADE), made)?;
    }
    Ok(packed)
}

fn is_before(source: &str, began: SystemTime) -> bool {
    let changed = fs::metadata(sh::root().join(source)).and_then(|meta| meta.modified());
    changed.is_ok_and(|changed| changed < began)
}

/// The script that takes the wasm's card over: with a first view, where there is one.
pub(crate) fn beside(widget: &Widget) -> Result<String> {
    if widget.name == first::WIDGET {
        return first::script();
    }
    Ok(fs::read_to_string(
        sh::root().join("crates/suite/plain.js"),
    )?)
}

/// Pieces are called after what they are pieces of, since several suites lie in one folder.
/// The script, whose own hash the loader knows, says what they hash to.
fn named_after(stem: &str, packed: Packed) -> Packed {
    let base = format!("{stem}.wasm");
    let mut script = packed.script;
    let mut wasm = BTreeMap::new();
    for (name, bytes) in packed.wasm {
        if name == base {
            wasm.insert(name, bytes);
            continue;
        }
        let new = piece(stem, &name);
        let said = format!("\"{new}\",\"{}\"", short_integrity(&bytes));
        script = script.replace(&format!("\"{name}\""), &said);
        wasm.insert(new, bytes);
    }
    let renamed = |files: Vec<String>| files.iter().map(|name| piece(stem, name)).collect();
    let needs = packed.needs.into_iter();
    Packed {
        script,
        wasm,
        needs: needs
            .map(|(point, files)| (point, renamed(files)))
            .collect(),
    }
}

fn piece(stem: &str, name: &str) -> String {
    let rest = name.strip_prefix("split_").unwrap_or(name);
    format!("{stem}_{rest}")
}

/// Whether a file of a release is a piece: the loader need not know its hash.
pub(crate) fn is_piece(name: &str) -> bool {
    let of = |widget: &Widget| name.strip_prefix(widget.name)?.strip_prefix('_');
    WIDGETS.iter().any(|widget| of(widget).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_called_after_their_suite() {
        let piece = |name: &str| (name.to_owned(), name.as_bytes().to_vec());
        let packed = Packed {
            script: "piece(\"split_backends.wasm\"); piece(\"chunk_1.wasm\")".to_owned(),
            wasm: [
                piece("survey.wasm"),
                piece("split_backends.wasm"),
                piece("chunk_1.wasm"),
            ]
            .into(),
            needs: [("backends".to_owned(), vec!["chunk_1.wasm".to_owned()])].into(),
        };
        let named = named_after("survey", packed);
        let hash = |name: &str| short_integrity(name.as_bytes());
        let expected = format!(
            "piece(\"survey_backends.wasm\",\"{}\"); piece(\"survey_chunk_1.wasm\",\"{}\")",
            hash("split_backends.wasm"),
            hash("chunk_1.wasm")
        );
        assert_eq!(named.script, expected);
        assert!(is_piece("survey_backends.wasm") && !is_piece("survey.wasm"));
        let names: Vec<&str> = named.wasm.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["survey.wasm", "survey_backends.wasm", "survey_chunk_1.wasm"]
        );
        assert_eq!(named.needs["backends"], ["survey_chunk_1.wasm"]);
    }
}
