//! `cargo xtask dev-page`: what `index.html` in the root loads. Trunk calls it on every
//! change (`Trunk.toml`): Trunk watches, copies and reloads, this builds.
//!
//! An unsplit debug build of the suite with the release's loader, styles and texts; and
//! a backend inside the page (`tests/in-page`) with the demo's topics. Trunk could build
//! by itself, but wants a `wasm-bindgen` program of the exact version for it, which it
//! downloads; ours is linked into xtask.
//!
//! The staff's desk is at `/desk/jiangpan/`, with a made-up community (sign in as `zhou`,
//! password `linli-in-memory`, code `246810`).
//!
//! Flags: `--out DIR` (default where Trunk says, else `target/dev-page`); `--only desk`
//! leaves the rest out.

use crate::demo_data::DemoData;
use crate::dist::{assemble, desk, glue, pack, packed};
use crate::sh;
use anyhow::{Result, bail};
use pico_args::Arguments;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Trunk wants a hook's files.
const STAGING_DIR: &str = "TRUNK_STAGING_DIR";

/// The backend's folder: `in_page.js`, its wasm, `seeds.json`.
const IN_PAGE: &str = "in-page";

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let out: Option<PathBuf> = args.opt_value_from_str("--out")?;
    let only: Option<String> = args.opt_value_from_str("--only")?;
    sh::no_more(args)?;
    let out = match (out, std::env::var_os(STAGING_DIR)) {
        (Some(out), _) => std::env::current_dir()?.join(out),
        (None, Some(staging)) => PathBuf::from(staging),
        (None, None) => sh::target_dir().join("dev-page"),
    };
    sh::wasm_target()?;
    sh::step("desk", || desk::plainly(&out))?;
    match only.as_deref() {
        None => {}
        Some("desk") => return Ok(()),
        Some(other) => bail!("not understood: --only {other}"),
    }
    let built = sh::step("compile", compile)?;
    let bound = sh::target_dir().join("xtask/dev-page");
    sh::step("bind", || bind(&built, &bound))?;
    assemble(&bound, &out)
}

/// Gives the folder of the two wasm files.
fn compile() -> Result<PathBuf> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut cargo = sh::cargo();
    cargo.args(["build", "--quiet", "--target", TARGET]);
    cargo.args(["--package", "linli-suite", "--package", "linli-in-page"]);
    sh::run(&mut cargo)?;
    Ok(sh::target_dir().join(TARGET).join("debug"))
}

fn bind(built: &Path, bound: &Path) -> Result<()> {
    let suite = built.join("linli_suite.wasm");
    pack::bind_plainly(&suite, "suite", false, bound)?;
    let in_page = built.join("linli_in_page.wasm");
    pack::bind_plainly(&in_page, "in_page", true, &bound.join(IN_PAGE))
}

/// Puts what was bound, and what needs no compiler, where pages load it from.
fn assemble(bound: &Path, out: &Path) -> Result<()> {
    let script = fs::read_to_string(bound.join("suite.js"))?;
    let wasm = fs::read(bound.join("suite_bg.wasm"))?;
    let suite = packed::Packed {
        script: glue::merge(&script, None)?,
        wasm: BTreeMap::from([("suite.wasm".to_owned(), wasm)]),
        needs: BTreeMap::new(),
    };
    // Open: whoever works on a widget looks inside.
    assemble::plainly(&suite, out, "open")?;
    let in_page = out.join(IN_PAGE);
    fs::create_dir_all(&in_page)?;
    for file in ["in_page.js", "in_page_bg.wasm"] {
        fs::copy(bound.join(IN_PAGE).join(file), in_page.join(file))?;
    }
    let seeds = serde_json::to_string(&DemoData::read()?.seeds()?)?;
    fs::write(in_page.join("seeds.json"), seeds)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::COMMANDS;
    use std::collections::BTreeSet;

    fn source(file: &str) -> String {
        fs::read_to_string(sh::root().join(file)).unwrap()
    }

    /// What stands between double quotes.
    fn quoted(text: &str) -> impl Iterator<Item = &str> {
        text.split('"').skip(1).step_by(2)
    }

    #[test]
    fn trunk_watches_and_calls_what_is_there() {
        let config = source("Trunk.toml");
        let line = |start: &str| {
            let mut lines = config.lines();
            lines.find(|line| line.starts_with(start)).unwrap()
        };
        let watched: Vec<&str> = quoted(line("watch = [")).collect();
        assert!(watched.len() > 1);
        for path in watched.into_iter().chain(quoted(line("target = "))) {
            assert!(sh::root().join(path).exists(), "{path}");
        }
        assert_eq!(quoted(line("command = ")).next(), Some("cargo"));
        let called: Vec<&str> = quoted(line("command_arguments = ")).collect();
        assert_eq!(called[0], "xtask");
        assert!(COMMANDS.iter().any(|command| command.name == called[1]));
    }

    #[test]
    fn the_page_loads_what_is_put_there_and_shows_topics_of_the_demo() {
        let page = source("index.html");
        let dir = std::env::temp_dir().join(format!("linli-dev-page-{}", std::process::id()));
        let (bound, out) = (dir.join("bound"), dir.join("out"));
        fs::create_dir_all(bound.join(IN_PAGE)).unwrap();
        // As wasm-bindgen leaves them.
        let glue = "async function __wbg_load(module, imports) {}\nexport { initSync };\n";
        fs::write(bound.join("suite.js"), glue).unwrap();
        for file in [
            "suite_bg.wasm",
            "in-page/in_page.js",
            "in-page/in_page_bg.wasm",
        ] {
            fs::write(bound.join(file), "").unwrap();
        }
        assemble(&bound, &out).unwrap();
        let is_file = |text: &&str| text.ends_with(".js") || text.ends_with(".json");
        let loaded: BTreeSet<&str> = quoted(&page).filter(is_file).collect();
        assert_eq!(loaded.len(), 3, "{loaded:?}");
        for file in loaded {
            assert!(out.join(file).exists(), "{file}");
        }
        let release = out.join(format!("v{}", assemble::VERSION));
        for file in [
            "suite.js",
            "suite.wasm",
            "deliberation.css",
            "texts/en/deliberation.json",
        ] {
            assert!(release.join(file).exists(), "{file}");
        }
        let seeds = fs::read_to_string(out.join("in-page/seeds.json")).unwrap();
        let shown: Vec<&str> = page
            .split("topic=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(shown.len() > 1);
        for topic in shown {
            assert!(seeds.contains(&format!("\"id\":\"{topic}\"")), "{topic}");
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_the_page_forgets_is_where_the_widgets_keep_it() {
        let page = source("index.html");
        let (_, rest) = page.split_once("indexedDB.deleteDatabase(").unwrap();
        let database = quoted(rest).next().unwrap();
        let shelf = source("crates/adapters/src/browser/shelf.rs");
        assert!(shelf.contains(&format!("const DATABASE: &str = \"{database}\";")));
    }
}
