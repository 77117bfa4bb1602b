//! Running other programs, and where things are. Every command shares this.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The repository's root: two folders above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder, also when it is set from outside.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that runs in the repository's root.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the same one that runs this program.
pub(crate) fn cargo() -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// Runs to the end with output on the terminal; a failing exit is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command
        .status()
        .with_context(|| format!("could not start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// Runs to the end and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started at all.
pub(crate) fn available(program: &str) -> bool {
    let quiet = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Announces a step, runs it, and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("· {name} …");
    let start = Instant::now();
    let value = work().with_context(|| name.to_owned())?;
    println!("  {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(value)
}

/// Whether the npm packages of the root `package.json` are there, fetching them when
/// npm is. Never an error: builds go on without, and say what that costs.
pub(crate) fn npm_packages() -> bool {
    let root = root();
    let stamp = root.join("node_modules/.package-lock.json");
    let newer = |a: &Path, b: &Path| {
        let modified = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
        modified(a) >= modified(b)
    };
    if stamp.exists() && newer(&stamp, &root.join("package-lock.json")) {
        return true;
    }
    if !available("node") || !available("npm") {
        println!("  npm is not installed: sizes grow by about a third (no wasm-opt, no minifier)");
        return false;
    }
    let fetched = step("npm packages", || {
        run(command("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
    });
    match fetched {
        Ok(()) => true,
        Err(error) => {
            println!("  npm packages could not be fetched ({error:#}): going on without them");
            false
        }
    }
}

/// Adds the wasm target where rustup has not yet.
pub(crate) fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .exists()
    {
        return Ok(());
    }
    let install = || run(command("rustup").args(["target", "add", TARGET]));
    step(&format!("rustup target add {TARGET}"), install)
        .with_context(|| format!("Rust's target {TARGET} is needed and could not be added"))
}

/// Fails on flags that nobody has asked for: a misspelt one must not be ignored.
pub(crate) fn no_more(args: pico_args::Arguments) -> Result<()> {
    let rest = args.finish();
    if !rest.is_empty() {
        bail!("not understood: {rest:?}");
    }
    Ok(())
}
