//! `cargo xtask layers`: the directions of import, checked.
//!
//! Two rules. A crate uses only what it stands on ([`STANDS_ON`], and what that stands
//! on in turn). And inside a crate, no two sibling modules use each other, however
//! long the way round: [`modules`] reads the sources for that.

mod modules;

use crate::sh;
use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Checks every crate of the workspace; lists each violation.
pub(crate) fn run(args: Arguments) -> Result<()> {
    let rest = args.finish();
    if !rest.is_empty() {
        bail!("unknown flags: {rest:?}");
    }
    let metadata =
        sh::output(sh::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let crates = read_crates(&metadata, &sh::root())?;
    let mut faults = wrong_edges(&crates);
    for (name, one) in &crates {
        let cycles = modules::cycles(&one.dir.join("src"))?;
        faults.extend(cycles.into_iter().map(|cycle| format!("{name}: {cycle}")));
    }
    let known: Vec<&str> = KNOWN.lines().filter(|line| !line.is_empty()).collect();
    for line in &known {
        if !faults.iter().any(|fault| fault.starts_with(line)) {
            bail!("mended, so take it out of layers/known.txt: {line}");
        }
        println!("  known, to be mended: {line}");
    }
    faults.retain(|fault| !known.iter().any(|line| fault.starts_with(line)));
    if faults.is_empty() {
        println!("layers: {} crates, no wrong edge, no cycle", crates.len());
        return Ok(());
    }
    for fault in &faults {
        println!("  {fault}");
    }
    bail!("{} wrong directions of import", faults.len())
}

/// Cycles that stand for now, one a line as printed; an empty list is the aim. One that
/// is mended must leave it.
const KNOWN: &str = include_str!("layers/known.txt");

/// Directions of import between the rooms of the house. `widgets/*` stands for every
/// widget. A crate may also use what its own ground stands on.
const STANDS_ON: &[(&str, &[&str])] = &[
    ("crates/model", &[]),
    ("crates/rules", &["crates/model"]),
    ("crates/port", &["crates/rules"]),
    ("crates/texts", &["crates/model"]),
    // The shell that a widget is mounted with carries the port's world.
    ("crates/ui", &["crates/texts", "crates/port"]),
    ("crates/adapters", &["crates/port"]),
    ("crates/server", &["crates/port", "crates/texts"]),
    (
        "widgets/*",
        &["crates/rules", "crates/port", "crates/texts", "crates/ui"],
    ),
    (
        "crates/suite",
        &["widgets/*", "crates/adapters", "crates/ui"],
    ),
    // The same for the staff's page.
    (
        "crates/desk-page",
        &["widgets/*", "crates/adapters", "crates/ui"],
    ),
    (
        "crates/linli",
        &["crates/server", "crates/adapters", "crates/rules"],
    ),
];

/// Rooms that may use anything, and that only tests may use.
fn is_workshop(room: &str) -> bool {
    room == "crates/xtask" || room.starts_with("tests/")
}

struct Crate {
    room: String,
    dir: PathBuf,
    /// Other crates of the workspace, and whether only its tests need them.
    uses: BTreeMap<String, Need>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    Tests,
    Product,
}

fn read_crates(metadata: &str, root: &Path) -> Result<BTreeMap<String, Crate>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata["packages"]
        .as_array()
        .context("metadata without packages")?;
    let name_of = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = packages.iter().map(name_of).collect();
    let mut crates = BTreeMap::new();
    for package in packages {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let dir = manifest
            .parent()
            .context("manifest without a folder")?
            .to_path_buf();
        let room = dir
            .strip_prefix(root)
            .unwrap_or(&dir)
            .to_string_lossy()
            .replace('\\', "/");
        let mut uses = BTreeMap::new();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = name_of(dependency);
            let need = if dependency["kind"] == "dev" {
                Need::Tests
            } else {
                Need::Product
            };
            if names.contains(&name) && name != name_of(package) {
                let known = uses.entry(name).or_insert(need);
                *known = need.max(*known);
            }
        }
        crates.insert(name_of(package), Crate { room, dir, uses });
    }
    Ok(crates)
}

fn wrong_edges(crates: &BTreeMap<String, Crate>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, from) in crates {
        if is_workshop(&from.room) {
            continue;
        }
        let Some(allowed) = ground(row_of(&from.room)) else {
            faults.push(format!(
                "{name}: {} is no room of the house (see STANDS_ON)",
                from.room
            ));
            continue;
        };
        for (used, need) in &from.uses {
            let Some(to) = crates.get(used) else { continue };
            let fine = match need {
                Need::Tests if to.room.starts_with("tests/") => true,
                _ => allowed.contains(row_of(&to.room)),
            };
            if !fine {
                faults.push(format!(
                    "{name} must not use {used}: {} does not stand on {}",
                    from.room, to.room
                ));
            }
        }
    }
    faults
}

/// The row of [`STANDS_ON`] that a room belongs to.
fn row_of(room: &str) -> &str {
    if room.starts_with("widgets/") {
        "widgets/*"
    } else {
        room
    }
}

/// Everything below a row; `None` where there is no such row.
fn ground(row: &str) -> Option<BTreeSet<&'static str>> {
    let below = |row: &str| {
        STANDS_ON
            .iter()
            .find(|(name, _)| *name == row)
            .map(|(_, below)| *below)
    };
    let mut open: Vec<&'static str> = below(row)?.to_vec();
    let mut found = BTreeSet::new();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(below(next).unwrap_or_default());
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(edges: &[(&str, &str, &str)]) -> Vec<String> {
        let rooms: BTreeSet<&str> = edges
            .iter()
            .flat_map(|(from, to, _)| [*from, *to])
            .collect();
        let package = |room: &&str| {
            let uses: Vec<Value> = edges
                .iter()
                .filter(|(from, _, _)| from == room)
                .map(|(_, to, kind)| serde_json::json!({ "name": to, "kind": if *kind == "dev" { Some("dev") } else { None } }))
                .collect();
            serde_json::json!({ "name": room, "manifest_path": format!("/house/{room}/Cargo.toml"), "dependencies": uses })
        };
        let packages: Vec<Value> = rooms.iter().map(package).collect();
        let metadata = serde_json::json!({ "packages": packages }).to_string();
        wrong_edges(&read_crates(&metadata, Path::new("/house")).unwrap())
    }

    #[test]
    fn the_house_as_designed_stands() {
        let edges = [
            ("crates/rules", "crates/model", ""),
            ("crates/port", "crates/rules", ""),
            ("crates/port", "crates/model", ""),
            ("widgets/deliberation", "crates/ui", ""),
            ("crates/suite", "widgets/deliberation", ""),
            ("crates/suite", "crates/model", ""),
            ("crates/linli", "crates/server", ""),
            ("crates/xtask", "crates/server", ""),
            ("crates/adapters", "tests/conformance", "dev"),
        ];
        assert_eq!(faults(&edges), Vec::<String>::new());
    }

    #[test]
    fn every_wrong_direction_is_found() {
        let wrong = [
            ("crates/model", "crates/rules", ""),
            ("crates/rules", "crates/texts", ""),
            ("widgets/deliberation", "crates/adapters", ""),
            ("widgets/deliberation", "widgets/survey", ""),
            ("crates/server", "crates/ui", ""),
            ("crates/server", "crates/adapters", ""),
            ("crates/ui", "widgets/deliberation", ""),
            ("crates/linli", "crates/xtask", ""),
            ("crates/adapters", "tests/conformance", ""),
            ("crates/server", "crates/adapters", "dev"),
            ("crates/attic", "crates/model", ""),
        ];
        for edge in wrong {
            assert_eq!(faults(&[edge]).len(), 1, "{edge:?}");
        }
    }

    #[test]
    fn a_dependency_of_the_product_and_of_its_tests_counts_as_the_former() {
        let both = [
            ("crates/adapters", "tests/conformance", "dev"),
            ("crates/adapters", "tests/conformance", ""),
        ];
        assert_eq!(faults(&both).len(), 1);
    }
}
