//! `cargo xtask sizes --packing`: the trial that decides how a suite of widgets is cut
//! into files.
//!
//! Six stand-ins on the real kit (`tests/packing`) and the suite itself are packed in
//! several ways: pieces as the splitter makes them, shared pieces merged, split points
//! for groups, unsplit. The tables say what a first use costs in bytes and requests,
//! and what a second widget on the same page adds. `crates/suite/README.md` says what
//! was decided.

use crate::dist::manifest::{Sizes, compress, short_integrity};
use crate::dist::pack::{Recipe, pack};
use crate::dist::packed::Packed;
use crate::dist::pieces;
use crate::dist::shrink::minify;
use crate::sh;
use anyhow::{Result, bail};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a page loads in any packing, besides: loader, styles, texts, data.
const OTHER_REQUESTS: usize = 4;

/// A widget, and the split points that it is behind when grouped.
struct StandIn {
    name: &'static str,
    pair: &'static str,
    three: &'static str,
}

macro_rules! stand_ins {
    ($($name:ident: $stand_in:path, $pair:ident, $three:ident;)*) => {
        pub(super) const STAND_INS: &[super::StandIn] = &[$(super::StandIn {
            name: stringify!($name),
            pair: stringify!($pair),
            three: stringify!($three),
        }),*];
    };
}

#[path = "../../../../tests/packing/src/table.rs"]
mod table;

use table::STAND_INS;

/// One way of packing, measured.
struct Row {
    name: String,
    files: usize,
    all: Sizes,
    /// In the order of the widgets.
    first: Vec<Load>,
    /// A second widget, for every ordered pair.
    second: Vec<Load>,
}

/// What is transferred, and in how many requests.
#[derive(Clone, Copy, Default)]
struct Load {
    requests: usize,
    sizes: Sizes,
}

/// The command.
pub(crate) fn run() -> Result<()> {
    if !sh::npm_packages() {
        bail!("the trial measures what is released: it needs npm's tools");
    }
    sh::wasm_target()?;
    let stage = sh::target_dir().join("xtask/packing");
    let names: Vec<&str> = STAND_INS.iter().map(|one| one.name).collect();
    let trial = |features, split| Recipe {
        package: "linli-packing-trial",
        stem: "trial",
        features,
        split,
        // The link script is edited first.
        minify: false,
        ..Recipe::suite()
    };
    let mut rows = Vec::new();
    let own = |name: &str| name.to_owned();
    let pieces = pack(&trial(&[], true), &stage)?;
    rows.extend(ways(&pieces, "trial", &names, &own, &stage)?);
    let pairs = pack(&trial(&["pairs"], true), &stage)?;
    rows.push(measure(
        "split points for pairs",
        &pairs,
        "trial",
        &names,
        &|name| point(name, |one| one.pair),
    )?);
    let threes = pack(&trial(&["threes"], true), &stage)?;
    rows.push(measure(
        "split points for threes",
        &threes,
        "trial",
        &names,
        &|name| point(name, |one| one.three),
    )?);
    let unsplit = pack(&trial(&[], false), &stage)?;
    rows.push(measure("unsplit", &unsplit, "trial", &names, &own)?);
    println!("\nsix stand-ins");
    print(&rows, &names);

    let suite = |split| Recipe {
        split,
        minify: false,
        ..Recipe::suite()
    };
    let names = ["deliberation"];
    let pieces = pack(&suite(true), &stage)?;
    let mut rows = ways(&pieces, "suite", &names, &own, &stage)?;
    let unsplit = pack(&suite(false), &stage)?;
    rows.push(measure("unsplit", &unsplit, "suite", &names, &own)?);
    println!("\nthe suite of today");
    print(&rows, &names);
    Ok(())
}

fn point(name: &str, of: fn(&StandIn) -> &'static str) -> String {
    let found = STAND_INS.iter().find(|one| one.name == name);
    found.map_or_else(String::new, |one| of(one).to_owned())
}

/// As they come, and with shared pieces merged in several ways.
fn ways(
    packed: &Packed,
    stem: &str,
    names: &[&str],
    point: &dyn Fn(&str) -> String,
    stage: &Path,
) -> Result<Vec<Row>> {
    let mut rows = vec![measure("pieces as they come", packed, stem, names, point)?];
    for (piece, bytes) in &packed.wasm {
        let users = packed
            .needs
            .iter()
            .filter(|(_, files)| files.contains(piece));
        let users: Vec<&str> = users.map(|(point, _)| point.as_str()).collect();
        let small = compress(bytes)?.brotli.len();
        println!(
            "  {piece:<28}{:>9}{small:>9}  {}",
            bytes.len(),
            users.join(", ")
        );
    }
    let points: Vec<String> = names.iter().map(|name| point(name)).collect();
    let chunks = pieces::shared(packed);
    let Some(widest) = pieces::widest(packed, &points) else {
        return Ok(rows);
    };
    let others: Vec<String> = chunks
        .iter()
        .filter(|chunk| **chunk != widest)
        .cloned()
        .collect();
    let common = pieces::common(packed, &points);
    let mut tiny = common.clone();
    tiny.retain(|chunk| *chunk != widest);
    let base = format!("{stem}.wasm");
    let merges = [
        (
            "tiny shared pieces merged into the widest",
            tiny,
            widest.as_str(),
        ),
        ("all shared pieces merged", others, widest.as_str()),
        (
            "tiny and widest merged into the base",
            common,
            base.as_str(),
        ),
        (
            "all shared pieces merged into the base",
            chunks.clone(),
            base.as_str(),
        ),
    ];
    let mut tried = Vec::new();
    for (name, mut from, into) in merges {
        from.sort();
        if from.is_empty() || tried.contains(&(from.clone(), into)) {
            continue;
        }
        tried.push((from.clone(), into));
        let merged = sh::step(name, || pieces::merged(packed, &from, into, true, stage))?;
        rows.push(measure(name, &merged, stem, names, point)?);
    }
    Ok(rows)
}

fn measure(
    name: &str,
    packed: &Packed,
    stem: &str,
    widgets: &[&str],
    point: &dyn Fn(&str) -> String,
) -> Result<Row> {
    let script = minify(&packed.script, "js", &["--format=esm"])?;
    let mut files: BTreeMap<String, Sizes> = BTreeMap::new();
    for (name, bytes) in &packed.wasm {
        files.insert(name.clone(), sizes(bytes)?);
    }
    files.insert("script".to_owned(), sizes(script.as_bytes())?);
    // What the loader must know of these files.
    let hashes: BTreeMap<&String, String> = packed
        .wasm
        .iter()
        .map(|(name, bytes)| (name, short_integrity(bytes)))
        .collect();
    let needs: BTreeMap<&str, Vec<String>> = widgets
        .iter()
        .map(|widget| {
            (
                *widget,
                packed
                    .needs
                    .get(&point(widget))
                    .cloned()
                    .unwrap_or_default(),
            )
        })
        .collect();
    let known = json!({ "h": hashes, "w": needs }).to_string();
    files.insert("loader's table".to_owned(), sizes(known.as_bytes())?);

    let base = [
        format!("{stem}.wasm"),
        "script".to_owned(),
        "loader's table".to_owned(),
    ];
    let first =
        |widget: &str| -> BTreeSet<String> { base.iter().chain(&needs[widget]).cloned().collect() };
    let load = |names: &BTreeSet<String>| {
        let mut load = Load::default();
        for name in names {
            load.sizes += files[name];
            // The table is part of the loader.
            load.requests += usize::from(name != "loader's table");
        }
        load
    };
    let mut second = Vec::new();
    for one in widgets {
        for other in widgets.iter().filter(|other| *other != one) {
            let had = first(one);
            second.push(load(&first(other).difference(&had).cloned().collect()));
        }
    }
    let mut all = Sizes::default();
    for sizes in files.values() {
        all += *sizes;
    }
    Ok(Row {
        name: name.to_owned(),
        files: files.len() - 1,
        all,
        first: widgets.iter().map(|widget| load(&first(widget))).collect(),
        second,
    })
}

fn sizes(bytes: &[u8]) -> Result<Sizes> {
    let small = compress(bytes)?;
    let length = |bytes: &[u8]| bytes.len() as u64;
    Ok(Sizes {
        raw: length(bytes),
        gzip: length(&small.gzip),
        brotli: length(&small.brotli),
    })
}

/// Whole numbers, rounded half up.
fn mean(values: impl Iterator<Item = u64>) -> u64 {
    let values: Vec<u64> = values.collect();
    let count = values.len() as u64;
    (values.iter().sum::<u64>() * 2 + count) / (count * 2).max(1)
}

fn requests(loads: &[Load], more: usize) -> String {
    let counts = || loads.iter().map(|load| load.requests + more);
    match (counts().min(), counts().max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least}–{most}"),
        _ => "–".to_owned(),
    }
}

fn print(rows: &[Row], widgets: &[&str]) {
    println!(
        "\n| packing | files | raw | gzip | brotli | first use: requests | raw | gzip | brotli \
         | second widget: requests | brotli |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    for row in rows {
        let first = |of: fn(&Sizes) -> u64| mean(row.first.iter().map(|load| of(&load.sizes)));
        let second = match row.second.is_empty() {
            true => "–".to_owned(),
            false => mean(row.second.iter().map(|load| load.sizes.brotli)).to_string(),
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {second} |",
            row.name,
            row.files,
            row.all.raw,
            row.all.gzip,
            row.all.brotli,
            requests(&row.first, OTHER_REQUESTS),
            first(|sizes| sizes.raw),
            first(|sizes| sizes.gzip),
            first(|sizes| sizes.brotli),
            requests(&row.second, 0),
        );
    }
    if widgets.len() < 2 {
        return;
    }
    println!(
        "\n| first use, brotli | {} |\n|---|{}",
        widgets.join(" | "),
        "---:|".repeat(widgets.len())
    );
    for row in rows {
        let cells: Vec<String> = row
            .first
            .iter()
            .map(|load| load.sizes.brotli.to_string())
            .collect();
        println!("| {} | {} |", row.name, cells.join(" | "));
    }
}
