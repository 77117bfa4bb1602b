//! Finds `locales/<tag>/<part>.json`, checks that every locale has the same keys, and
//! writes the key constants and (for `embed`) the tables.
//!
//! A value is a string, or `{"one": …, "other": …}` for texts with a count; locales
//! without a singular give `other` alone.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The locale that defines the keys and their order.
const REFERENCE: &str = "zh-Hans";

/// part → (key → value), in the file's order.
type Parts = BTreeMap<String, Vec<(String, String)>>;

fn main() {
    let root =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("locales");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut locales: BTreeMap<String, Parts> = BTreeMap::new();
    for entry in sorted(&root) {
        let tag = name_of(&entry);
        locales.insert(tag, read_parts(&entry));
    }
    let reference = locales
        .get(REFERENCE)
        .expect("the reference locale exists")
        .clone();
    for (tag, parts) in &locales {
        check_same_keys(tag, parts, &reference);
    }
    let mut code = String::new();
    write_keys(&mut code, &reference);
    write_tables(&mut code, &locales, &reference);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("texts.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_stem()
        .and_then(|s| s.to_str())
        .expect("locale names are UTF-8")
        .to_owned()
}

fn read_parts(dir: &Path) -> Parts {
    let files = sorted(dir)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "json"));
    files
        .map(|file| (name_of(&file), read_part(&file)))
        .collect()
}

fn read_part(file: &Path) -> Vec<(String, String)> {
    println!("cargo::rerun-if-changed={}", file.display());
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let value: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let Value::Object(entries) = value else {
        panic!("{}: not an object", file.display())
    };
    let flatten = |(key, value): (String, Value)| {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Object(forms) => {
                plural(forms).unwrap_or_else(|| panic!("{}: {key} needs `other`", file.display()))
            }
            _ => panic!("{}: {key} is neither text nor plural forms", file.display()),
        };
        (key, text)
    };
    entries.into_iter().map(flatten).collect()
}

/// Plural forms travel in one string: `one␟other`, or `other` alone.
fn plural(forms: &serde_json::Map<String, Value>) -> Option<String> {
    let other = forms.get("other")?.as_str()?;
    Some(match forms.get("one").and_then(Value::as_str) {
        Some(one) => format!("{one}\u{1f}{other}"),
        None => other.to_owned(),
    })
}

fn check_same_keys(tag: &str, parts: &Parts, reference: &Parts) {
    for (part, entries) in reference {
        let theirs = parts
            .get(part)
            .unwrap_or_else(|| panic!("locale {tag} lacks {part}.json"));
        for (key, text) in entries {
            let (_, other) = theirs
                .iter()
                .find(|(k, _)| k == key)
                .unwrap_or_else(|| panic!("locale {tag} lacks {part}.{key}"));
            let (want, have) = (placeholders(text), placeholders(other));
            assert!(
                want == have,
                "locale {tag}, {part}.{key}: {have:?} instead of {want:?}"
            );
        }
        for (key, _) in theirs {
            assert!(
                entries.iter().any(|(k, _)| k == key),
                "{part}.{key} of {tag} is unknown"
            );
        }
    }
}

fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|s| s.split_once('}'))
        .map(|(n, _)| n.to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn write_keys(code: &mut String, reference: &Parts) {
    for (part_index, (part, entries)) in reference.iter().enumerate() {
        let _ = writeln!(
            code,
            "/// Keys of `{part}.json`.\npub mod {part} {{\n    use super::Key;"
        );
        for (index, (key, text)) in entries.iter().enumerate() {
            let doc = text.replace('\u{1f}', " / ").replace('\n', " ");
            let _ = writeln!(
                code,
                "    /// {doc}\n    pub const {}: Key = Key {{ part: {part_index}, index: {index} }};",
                key.to_uppercase()
            );
        }
        code.push_str("}\n");
    }
    let names: Vec<&String> = reference.keys().collect();
    let _ = writeln!(
        code,
        "/// Names of the parts, in the order of [`Key::part`]."
    );
    let _ = writeln!(code, "pub const PARTS: &[&str] = &{names:?};");
}

fn write_tables(code: &mut String, locales: &BTreeMap<String, Parts>, reference: &Parts) {
    let tags: Vec<&String> = locales.keys().collect();
    let _ = writeln!(
        code,
        "/// BCP 47 tags of every locale.\npub const LOCALES: &[&str] = &{tags:?};"
    );
    let _ = writeln!(
        code,
        "#[cfg(feature = \"embed\")]\npub(crate) const TABLES: &[&[&[&str]]] = &["
    );
    for parts in locales.values() {
        code.push_str("    &[\n");
        for (part, entries) in reference {
            let theirs = &parts[part];
            let texts: Vec<&str> = entries
                .iter()
                .filter_map(|(key, _)| theirs.iter().find(|(k, _)| k == key))
                .map(|(_, text)| text.as_str())
                .collect();
            let _ = writeln!(code, "        &{texts:?},");
        }
        code.push_str("    ],\n");
    }
    code.push_str("];\n");
    let _ = writeln!(
        code,
        "#[cfg(feature = \"embed\")]\npub(crate) const NAMES: &[&[&str]] = &["
    );
    for entries in reference.values() {
        let names: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        let _ = writeln!(code, "    &{names:?},");
    }
    code.push_str("];\n");
}
