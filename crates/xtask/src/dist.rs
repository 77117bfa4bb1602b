//! `cargo xtask dist`: what host pages load, in `dist/`.
//!
//! Two stages, each skipped when nothing that it reads has changed: *packing* (cargo,
//! splitter, wasm-bindgen, wasm-opt) and *assembling* (loader, texts, styles,
//! compression, manifest).
//!
//! Flags: `--out DIR` (default `dist`, with `--test-build` `target/dist-test`),
//! `--test-build` (open shadow roots, for tests that look inside).

pub(crate) mod assemble;
pub(crate) mod desk;
mod first;
pub(crate) mod glue;
mod inputs;
pub(crate) mod manifest;
pub(crate) mod merge;
mod names;
mod order;
pub(crate) mod pack;
pub(crate) mod packed;
pub(crate) mod pieces;
pub(crate) mod shrink;
mod widgets;

use crate::sh;
use anyhow::Result;
use pico_args::Arguments;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use widgets::WIDGETS;

/// What the wasm is made of.
const PACK_INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    "crates/model",
    "crates/rules",
    "crates/texts",
    "crates/port",
    "crates/adapters",
    "crates/ui/Cargo.toml",
    "crates/ui/src",
    "crates/suite/Cargo.toml",
    "crates/suite/first.js",
    "crates/suite/src",
    "crates/xtask/src/dist",
    "widgets",
];

/// What is added to it.
const ASSEMBLE_INPUTS: &[&str] = &[
    "crates/suite/loader.js",
    "crates/suite/linli.d.ts",
    "crates/xtask/src/dist.rs",
];

/// Name of the suite's files.
const SUITE: &str = "suite";

/// How to build.
pub(crate) struct Options {
    /// Where to put it.
    pub(crate) out: PathBuf,
    /// Open shadow roots.
    pub(crate) test_build: bool,
}

impl Options {
    /// `dist/`, or for tests `target/dist-test/`.
    pub(crate) fn new(test_build: bool) -> Self {
        let out = if test_build {
            sh::target_dir().join("dist-test")
        } else {
            sh::root().join("dist")
        };
        Self { out, test_build }
    }
}

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let mut options = Options::new(args.contains("--test-build"));
    if let Some(out) = args.opt_value_from_str::<_, PathBuf>("--out")? {
        options.out = std::env::current_dir()?.join(out);
    }
    sh::no_more(args)?;
    build(&options).map(drop)
}

/// Builds what is out of date, and gives the release's folder.
pub(crate) fn build(options: &Options) -> Result<PathBuf> {
    sh::wasm_target()?;
    let has_npm = sh::npm_packages();
    let flavour = if has_npm { "npm" } else { "no npm" };
    let root = sh::root();
    let work = sh::target_dir().join("xtask");
    let packed_from = inputs::hash(&root, PACK_INPUTS, &[flavour])?;
    let shadow = if options.test_build { "open" } else { "closed" };
    let desk_from = desk::made_from(flavour)?;
    let made_from = inputs::hash(&root, ASSEMBLE_INPUTS, &[&packed_from, &desk_from, shadow])?;
    let stamp = options.out.join(".made-from");
    let release = options.out.join(format!("v{}", assemble::VERSION));
    if read(&stamp) == made_from && release.join("manifest.json").exists() {
        println!("  {} is up to date", options.out.display());
        return Ok(release);
    }
    let packed = match load(&work.join("packed"), SUITE, &packed_from) {
        Some(packed) => packed,
        None => {
            let points: Vec<String> = WIDGETS.iter().map(|one| one.name.to_owned()).collect();
            let first = first::script()?;
            let recipe = pack::Recipe {
                beside: &first,
                // A lone widget is smaller, and there sooner, as part of the base.
                features: if points.len() > 1 {
                    &["split-widgets"]
                } else {
                    &[]
                },
                base_of: &points,
                optimise: has_npm,
                minify: has_npm,
                ..pack::Recipe::suite()
            };
            let packed = pack::pack(&recipe, &work.join("pack"))?;
            save(&packed, SUITE, &work.join("packed"), &packed_from)?;
            packed
        }
    };
    let desk_packed = desk::packed(&work, has_npm, &desk_from)?;
    // A build that stops half-way must not look finished.
    let _ = fs::remove_file(&stamp);
    sh::step("assemble", || {
        assemble::assemble(&packed, &desk_packed, &options.out, shadow, has_npm)
    })?;
    fs::write(&stamp, made_from)?;
    Ok(release)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn save(packed: &packed::Packed, stem: &str, dir: &Path, made_from: &str) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(dir)?;
    fs::write(dir.join(format!("{stem}.js")), &packed.script)?;
    for (name, wasm) in &packed.wasm {
        fs::write(dir.join(name), wasm)?;
    }
    fs::write(
        dir.join("needs.json"),
        serde_json::to_string(&packed.needs)?,
    )?;
    fs::write(dir.join(".made-from"), made_from)?;
    Ok(())
}

fn load(dir: &Path, stem: &str, made_from: &str) -> Option<packed::Packed> {
    if read(&dir.join(".made-from")) != made_from {
        return None;
    }
    let script = fs::read_to_string(dir.join(format!("{stem}.js"))).ok()?;
    let needs = serde_json::from_str(&read(&dir.join("needs.json"))).ok()?;
    let mut wasm = BTreeMap::new();
    for entry in fs::read_dir(dir).ok()? {
        let path = entry.ok()?.path();
        if path.extension().is_some_and(|ending| ending == "wasm") {
            let name = path.file_name()?.to_str()?.to_owned();
            wasm.insert(name, fs::read(path).ok()?);
        }
    }
    Some(packed::Packed {
        script,
        wasm,
        needs,
    })
}
