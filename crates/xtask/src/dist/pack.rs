//! From a crate to wasm pieces and one script: cargo, splitter, wasm-bindgen, wasm-opt.

use super::packed::Packed;
use super::shrink::{minify, optimise};
use super::{glue, names, order, pieces};
use crate::sh;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What to pack, and which of the shrinking steps to take.
pub(crate) struct Recipe<'a> {
    /// The cargo package, a cdylib.
    pub(crate) package: &'a str,
    /// Its name in file names: `<stem>.js`, `<stem>.wasm`.
    pub(crate) stem: &'a str,
    /// Cargo features beside `split`.
    pub(crate) features: &'a [&'a str],
    /// Split at the marked points, or leave everything in one wasm.
    pub(crate) split: bool,
    /// The split points whose common pieces go into the base; none: all stay as they
    /// come.
    pub(crate) base_of: &'a [String],
    /// Run wasm-opt.
    pub(crate) optimise: bool,
    /// Another script that goes into the same file, without imports.
    pub(crate) beside: &'a str,
    /// Minify the script.
    pub(crate) minify: bool,
    /// `--config` values that change the cargo profile, to measure what it buys.
    pub(crate) profile: &'a [&'a str],
}

impl Recipe<'_> {
    /// The suite as it is released.
    pub(crate) const fn suite() -> Self {
        Self {
            package: "linli-suite",
            stem: "suite",
            features: &[],
            split: true,
            base_of: &[],
            optimise: true,
            beside: "",
            minify: true,
            profile: &[],
        }
    }
}

/// Stack of the wasm: half the default, so that a runaway recursion is noticed early
/// and memory starts small.
const STACK_BYTES: u32 = 131_072;

/// Builds and packs. Intermediate files stay in `stage`.
pub(crate) fn pack(recipe: &Recipe, stage: &Path) -> Result<Packed> {
    fs::create_dir_all(stage)?;
    let linked = sh::step(&format!("compile {}", recipe.package), || compile(recipe))?;
    let (split, bound) = sh::step("split and bind", || {
        let split = split(recipe, &linked, stage)?;
        let bound = bind(recipe, &split.main, stage)?;
        Ok((split, bound))
    })?;
    let mut wasm = BTreeMap::new();
    wasm.insert(format!("{}.wasm", recipe.stem), bound.main);
    for path in &split.pieces {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .context("piece without a name")?;
        wasm.insert(name.to_owned(), path.clone());
    }
    let wasm = if recipe.optimise {
        sh::step("wasm-opt", || optimise(wasm))?
    } else {
        wasm.into_iter()
            .map(|(name, path)| Ok((name, fs::read(path)?)))
            .collect::<Result<_>>()?
    };
    let script = glue::merge(&bound.script, split.link_script.as_deref())?;
    let script = script + "\n" + recipe.beside;
    let needs = split.needs;
    let mut packed = Packed {
        script,
        wasm,
        needs,
    };
    let common = if recipe.base_of.is_empty() {
        Vec::new()
    } else {
        pieces::common(&packed, recipe.base_of)
    };
    if !common.is_empty() {
        let base = format!("{}.wasm", recipe.stem);
        packed = sh::step("merge pieces", || {
            pieces::merged(&packed, &common, &base, recipe.optimise, stage)
        })?;
    }
    sh::step("order functions", || {
        for wasm in packed.wasm.values_mut() {
            *wasm = order::by_likeness(wasm)?;
        }
        Ok(())
    })?;
    if recipe.minify {
        packed.script = minify(&packed.script, "js", &["--format=esm"])?;
    }
    Ok(packed)
}

fn compile(recipe: &Recipe) -> Result<PathBuf> {
    let mut cargo = sh::cargo();
    cargo.args(["rustc", "--package", recipe.package, "--profile", "wasm"]);
    cargo.args([
        "--target",
        "wasm32-unknown-unknown",
        "--message-format",
        "json-render-diagnostics",
    ]);
    let mut features = recipe.features.to_vec();
    if recipe.split {
        features.push("split");
    }
    cargo.args(["--features", &features.join(",")]);
    if !recipe.profile.is_empty() {
        // Another profile would throw away what the next release build can use.
        cargo
            .arg("--target-dir")
            .arg(sh::target_dir().join("xtask/variants"));
    }
    // Panics name their places in the source: without the folders of this machine, so
    // that every machine builds the same file.
    cargo.arg("--config").arg(format!(
        "target.wasm32-unknown-unknown.rustflags = ['--remap-path-prefix={}=']",
        registry()?.display()
    ));
    for config in recipe.profile {
        cargo.args(["--config", config]);
    }
    cargo.args(["--", &format!("-Clink-args=-zstack-size={STACK_BYTES}")]);
    if recipe.split {
        // The splitter moves functions and data between files: it needs to know every
        // place that refers to them.
        cargo.arg("-Clink-args=--emit-relocs");
    }
    let messages = sh::output(&mut cargo)?;
    let wasm = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let files = message.get("filenames")?.as_array()?;
        let file = files
            .iter()
            .filter_map(|file| file.as_str())
            .find(|file| file.ends_with(".wasm"))?;
        Some(PathBuf::from(file))
    });
    wasm.context("cargo made no wasm")
}

/// Where cargo keeps the sources of dependencies.
fn registry() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    Ok(home.context("no home folder")?.join("registry/src"))
}

struct Split {
    main: PathBuf,
    pieces: Vec<PathBuf>,
    link_script: Option<String>,
    needs: BTreeMap<String, Vec<String>>,
}

fn split(recipe: &Recipe, linked: &Path, stage: &Path) -> Result<Split> {
    if !recipe.split {
        let (pieces, needs) = (Vec::new(), BTreeMap::new());
        return Ok(Split {
            main: linked.to_path_buf(),
            pieces,
            link_script: None,
            needs,
        });
    }
    let input = fs::read(linked)?;
    let dir = stage.join("split");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let main = dir.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = &dir;
    options.main_out_path = &main;
    options.main_module = glue::MAIN_MODULE;
    options.link_name = glue::LINK_MODULE;
    let out = wasm_split_cli_support::transform(options)
        .map_err(|report| anyhow::anyhow!("splitter: {report:#}"))?;
    let file = |stem: String| format!("{stem}.wasm");
    let needs = out
        .prefetch_map
        .into_iter()
        .map(|(point, stems)| (point, stems.into_iter().map(file).collect()));
    let needs = needs.collect();
    let link_script = Some(fs::read_to_string(dir.join(glue::LINK_MODULE))?);
    Ok(Split {
        main,
        pieces: out.split_modules,
        link_script,
        needs,
    })
}

struct Bound {
    main: PathBuf,
    script: String,
}

fn bind(recipe: &Recipe, main: &Path, stage: &Path) -> Result<Bound> {
    let dir = stage.join("bound");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(main)
        .out_name(recipe.stem)
        .typescript(false)
        .web(true)?;
    // The pieces import them.
    bindgen.keep_lld_exports(recipe.split);
    bindgen
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(&dir)?;
    if dir.join("snippets").exists() {
        bail!(
            "a dependency brings a script of its own (snippets/): one file with one hash is promised"
        );
    }
    let main = dir.join(format!("{}_bg.wasm", recipe.stem));
    let script = fs::read_to_string(dir.join(format!("{}.js", recipe.stem)))?;
    let module = format!("./{}_bg.js", recipe.stem);
    let (wasm, script) = names::shorten(&fs::read(&main)?, &script, &module)?;
    fs::write(&main, wasm)?;
    Ok(Bound { main, script })
}

/// Binds a wasm that nobody downloads: names stay, for whoever reads a panic.
/// Gives `<name>.js` and `<name>_bg.wasm` in `dir`; the script finds the wasm beside it
/// where `finds_wasm`.
pub(crate) fn bind_plainly(wasm: &Path, name: &str, finds_wasm: bool, dir: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .omit_default_module_path(!finds_wasm)
        .typescript(false)
        .web(true)?;
    bindgen.generate(dir)
}
