//! The tools that make files smaller: wasm-opt and esbuild, both from npm.

use crate::sh;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Features that every browser at or above the floor has. `--all-features` would emit
/// some that they refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

pub(crate) fn optimise(pieces: BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, Vec<u8>>> {
    let tool = sh::root().join("node_modules/binaryen/bin/wasm-opt");
    let shrink = |(name, path): (String, PathBuf)| {
        let out = path.with_extension("opt.wasm");
        let mut node = sh::command("node");
        node.arg(&tool).args(FEATURES).args([
            "-Oz",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ]);
        node.arg(&path).arg("-o").arg(&out);
        sh::run(&mut node).with_context(|| format!("wasm-opt on {name}"))?;
        Ok((name, fs::read(out)?))
    };
    pieces.into_iter().map(shrink).collect()
}

/// Minifies with esbuild. `loader` is `js` or `css`.
pub(crate) fn minify(source: &str, loader: &str, flags: &[&str]) -> Result<String> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut esbuild = sh::command("node_modules/.bin/esbuild");
    esbuild.args([
        "--minify",
        "--target=es2020",
        "--legal-comments=none",
        "--log-level=warning",
        "--charset=utf8",
    ]);
    esbuild.arg(format!("--loader={loader}")).args(flags);
    let mut child = esbuild
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("esbuild")?;
    child
        .stdin
        .take()
        .context("esbuild takes no input")?
        .write_all(source.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("esbuild ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
