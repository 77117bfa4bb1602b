//! `cargo xtask sizes`: what a release weighs, against budgets that are committed.
//!
//! Flags: `--steps` packs the suite again without each shrinking step, and prints what
//! the step buys (minutes: every variant is compiled afresh). `--packing` is the trial
//! that decides how the suite is cut into files ([`packing`]; some minutes as well).

mod packing;

use crate::dist::manifest::{Manifest, Sizes, compress};
use crate::dist::pack::{Recipe, pack};
use crate::{dist, sh};
use anyhow::{Result, bail};
use pico_args::Arguments;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// `crates/suite/budgets.json`: bytes after brotli.
#[derive(Deserialize)]
struct Budgets {
    /// Widget → gate and aim of its first use.
    first_use: BTreeMap<String, Budget>,
    /// File → gate.
    files: BTreeMap<String, u64>,
    /// What is over its gate today, and how far it may be: told at every run, failing
    /// only when it grows. To be removed once the gate is met.
    #[serde(default)]
    known_over: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Budget {
    /// Above this the command fails.
    gate: u64,
    /// What we want.
    aim: u64,
}

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let steps = args.contains("--steps");
    let trial = args.contains("--packing");
    sh::no_more(args)?;
    if steps {
        return buys();
    }
    if trial {
        return packing::run();
    }
    let release = dist::build(&dist::Options::new(false))?;
    let manifest: Manifest =
        serde_json::from_str(&fs::read_to_string(release.join("manifest.json"))?)?;
    let budgets = fs::read_to_string(sh::root().join("crates/suite/budgets.json"))?;
    print(&manifest);
    let over = over_budget(&manifest, &serde_json::from_str(&budgets)?);
    if !manifest.skipped.is_empty() {
        println!(
            "\nnot judged: made without {}",
            manifest.skipped.join(" and ")
        );
        return Ok(());
    }
    for complaint in &over {
        eprintln!("over budget: {complaint}");
    }
    if over.is_empty() {
        Ok(())
    } else {
        bail!("{} over budget", over.len())
    }
}

fn print(manifest: &Manifest) {
    println!(
        "linli {}, bytes {:>33} {:>9} {:>9}",
        manifest.version, "raw", "gzip", "brotli"
    );
    for (name, file) in &manifest.files {
        println!("  {name:<44}{}", columns(&file.sizes));
    }
    for (name, first) in manifest.widgets.iter().chain(&manifest.pages) {
        let label = format!("{name}: first use, {} requests", first.files.len());
        println!("  {label:<44}{}", columns(&first.sizes));
    }
}

fn columns(sizes: &Sizes) -> String {
    format!("{:>9} {:>9} {:>9}", sizes.raw, sizes.gzip, sizes.brotli)
}

/// One sentence for each budget that is not kept. What is budgeted must exist.
fn over_budget(manifest: &Manifest, budgets: &Budgets) -> Vec<String> {
    let mut over = Vec::new();
    let mut judge = |what: &str, brotli: Option<u64>, gate: u64| match brotli {
        Some(brotli) if brotli <= gate => {}
        Some(brotli)
            if budgets
                .known_over
                .get(what)
                .is_some_and(|held| brotli <= *held) =>
        {
            println!("OVER ITS GATE, as known: {what}: {brotli} B brotli, gate {gate}");
        }
        Some(brotli) => over.push(format!("{what}: {brotli} B brotli, gate {gate}")),
        None => over.push(format!("{what}: budgeted and not there")),
    };
    for (name, budget) in &budgets.first_use {
        let first = manifest.widgets.get(name);
        let first = first.or_else(|| manifest.pages.get(name));
        let brotli = first.map(|first| first.sizes.brotli);
        judge(name, brotli, budget.gate);
        if let Some(brotli) = brotli.filter(|brotli| *brotli > budget.aim) {
            println!(
                "{name}: {brotli} B brotli, {} above the aim",
                brotli - budget.aim
            );
        }
    }
    for (name, gate) in &budgets.files {
        judge(
            name,
            manifest.files.get(name).map(|file| file.sizes.brotli),
            *gate,
        );
    }
    over
}

/// What each step buys: everything as released, then with one step left out.
fn buys() -> Result<()> {
    if !sh::npm_packages() {
        bail!("the steps include npm's tools");
    }
    let full = Recipe::suite;
    let variants: [(&str, Recipe); 8] = [
        ("as released", full()),
        (
            "without wasm-opt",
            Recipe {
                optimise: false,
                ..full()
            },
        ),
        (
            "without the script minifier",
            Recipe {
                minify: false,
                ..full()
            },
        ),
        (
            "without the split",
            Recipe {
                split: false,
                ..full()
            },
        ),
        (
            "opt-level 3 for z",
            Recipe {
                profile: &["profile.wasm.opt-level=3"],
                ..full()
            },
        ),
        (
            "opt-level s for z",
            Recipe {
                profile: &["profile.wasm.opt-level='s'"],
                ..full()
            },
        ),
        (
            "thin LTO for fat",
            Recipe {
                profile: &["profile.wasm.lto='thin'"],
                ..full()
            },
        ),
        (
            "16 codegen units for 1",
            Recipe {
                profile: &["profile.wasm.codegen-units=16", "profile.wasm.lto='off'"],
                ..full()
            },
        ),
    ];
    let stage = sh::target_dir().join("xtask/steps");
    let mut rows: Vec<(&str, Sizes)> = Vec::new();
    for (name, recipe) in &variants {
        println!("== {name}");
        let packed = pack(recipe, &stage)?;
        let mut sum = Sizes::default();
        for bytes in packed
            .wasm
            .values()
            .map(Vec::as_slice)
            .chain([packed.script.as_bytes()])
        {
            let small = compress(bytes)?;
            let length = |bytes: &[u8]| bytes.len() as u64;
            sum += Sizes {
                raw: length(bytes),
                gzip: length(&small.gzip),
                brotli: length(&small.brotli),
            };
        }
        rows.push((name, sum));
    }
    println!("\n| script and wasm | raw | gzip | brotli | difference |\n|---|---:|---:|---:|---:|");
    let base = rows.first().map_or(0, |(_, sizes)| sizes.brotli);
    for (name, sizes) in rows {
        let difference = sizes.brotli.cast_signed() - base.cast_signed();
        println!(
            "| {name} | {} | {} | {} | {difference:+} |",
            sizes.raw, sizes.gzip, sizes.brotli
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::manifest::{File, FirstUse};

    #[test]
    fn budgets_are_gates() {
        let sizes = |brotli| Sizes {
            raw: 0,
            gzip: 0,
            brotli,
        };
        let file = File {
            integrity: String::new(),
            sizes: sizes(2_500),
        };
        let first = FirstUse {
            tag: "x-a".into(),
            files: vec![],
            sizes: sizes(100),
        };
        let manifest = Manifest {
            version: "1.0.0".into(),
            skipped: vec![],
            files: [("loader.js".to_owned(), file)].into(),
            widgets: [("a".to_owned(), first)].into(),
            pages: BTreeMap::new(),
        };
        let cases = [
            (100, 2_500, 0, "both at the gate"),
            (99, 2_500, 1, "the widget over"),
            (100, 2_499, 1, "the file over"),
            (1, 1, 2, "both over"),
        ];
        for (widget, file, expected, why) in cases {
            let budgets = Budgets {
                first_use: [(
                    "a".to_owned(),
                    Budget {
                        gate: widget,
                        aim: 1,
                    },
                )]
                .into(),
                files: [("loader.js".to_owned(), file)].into(),
                known_over: BTreeMap::new(),
            };
            assert_eq!(over_budget(&manifest, &budgets).len(), expected, "{why}");
        }
        let absent = Budgets {
            first_use: [("b".to_owned(), Budget { gate: 1, aim: 1 })].into(),
            files: [("gone.js".to_owned(), 1)].into(),
            known_over: BTreeMap::new(),
        };
        assert_eq!(
            over_budget(&manifest, &absent).len(),
            2,
            "what is budgeted must exist"
        );
    }
}
