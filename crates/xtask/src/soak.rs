//! `cargo xtask soak`: the fault campaigns at full size, one after the other.
//!
//! Owns the sizes and the verdict. The campaigns are the tests' own: the kill loop of
//! `tests/faults`, the bad network of `tests/conformance`, the racers of
//! `crates/server`, the failing disk, the troubled replicas and the bad requests of
//! `tests/faults`; all in the release profile.
//! Figures of the last runs are in `tests/faults/README.md`.
//!
//! Flags: `--minutes M` (of the kill loop, default 30; the other campaigns grow with
//! it, but for the failing disk, which takes what it takes), `--seed N` (default: fresh,
//! printed), `--short` (shows that everything works), and to run only some of them:
//! `--kill`, `--lossy`, `--race`, `--strace`, `--postgres`,
//! `--requests`.

use crate::sh;
use crate::test::before;
use anyhow::{Context, Result, bail, ensure};
use pico_args::Arguments;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs of the bad network for each minute of the kill loop, and in one go.
const LOSSY_RUNS_PER_MINUTE: u64 = 200;
const LOSSY_RUNS_AT_ONCE: u64 = 500;
/// Repeats of the race for each minute of the kill loop.
const RACES_PER_MINUTE: u64 = 2;

struct Size {
    is_short: bool,
    kill_seconds: u64,
    lossy_runs: u64,
    races: u64,
}

struct Campaign {
    flag: &'static str,
    name: &'static str,
    run: fn(u64, &Size) -> Result<String>,
}

const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        flag: "--kill",
        name: "kill loop",
        run: kill_loop,
    },
    Campaign {
        flag: "--lossy",
        name: "bad network",
        run: lossy,
    },
    Campaign {
        flag: "--race",
        name: "racers",
        run: |_, size| racers(size),
    },
    Campaign {
        flag: "--strace",
        name: "failing disk",
        run: failing_disk,
    },
    Campaign {
        flag: "--postgres",
        name: "replicas",
        run: troubled_replicas,
    },
    Campaign {
        flag: "--requests",
        name: "bad requests",
        run: bad_requests,
    },
];

/// The command.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let minutes: Option<u64> = args.opt_value_from_str("--minutes")?;
    let seed: Option<u64> = args.opt_value_from_str("--seed")?;
    let is_short = args.contains("--short");
    let named: Vec<&Campaign> = CAMPAIGNS
        .iter()
        .filter(|one| args.contains(one.flag))
        .collect();
    sh::no_more(args)?;
    let chosen = match named.is_empty() {
        true => CAMPAIGNS.iter().collect(),
        false => named,
    };
    let size = match (is_short, minutes.unwrap_or(30)) {
        (true, _) => Size {
            is_short,
            kill_seconds: 10,
            lossy_runs: 60,
            races: 1,
        },
        (false, minutes) => Size {
            is_short,
            kill_seconds: minutes * 60,
            lossy_runs: minutes.max(1) * LOSSY_RUNS_PER_MINUTE,
            races: minutes.max(1) * RACES_PER_MINUTE,
        },
    };
    let seed = match seed {
        Some(seed) => seed,
        None => fresh_seed()?,
    };
    println!("seed {seed}; to repeat: cargo xtask soak --seed {seed}");
    let outcomes: Vec<_> = chosen
        .iter()
        .map(|campaign| (campaign.name, (campaign.run)(seed, &size)))
        .collect();
    println!("\nseed {seed}");
    let mut failed = Vec::new();
    for (name, outcome) in outcomes {
        match outcome {
            Ok(said) => println!("{name}: ok, {said}"),
            Err(error) => {
                println!("{name}: FAILED, {error:#}");
                failed.push(name);
            }
        }
    }
    ensure!(failed.is_empty(), "violations in: {}", failed.join(", "));
    Ok(())
}

/// The server as a process, under SIGKILL.
fn kill_loop(seed: u64, size: &Size) -> Result<String> {
    println!("\n== kill loop, {} s", size.kill_seconds);
    let seconds = size.kill_seconds.to_string();
    let said = faults("kill", seed, &["--seconds", &seconds])?;
    let sum = said.lines().last();
    let sum = sum.and_then(|line| line.strip_prefix("kill loop from seed "));
    let sum = sum.and_then(|line| line.split_once(": "));
    Ok(sum.context("it told no counts")?.1.to_owned())
}

/// A command of `tests/faults` on the released server; what it said.
fn faults(name: &str, seed: u64, flags: &[&str]) -> Result<String> {
    let mut build = sh::cargo();
    build.args(["build", "--release", "--package", "linli"]);
    sh::run(build.args(["--package", "linli-faults"]))?;
    let programs = sh::target_dir().join("release");
    // On the disk of the build, which is a real one; `/tmp` may be memory.
    let folder = sh::target_dir().join(format!("soak-{name}-{}", std::process::id()));
    let mut command = sh::command(&programs.join("linli-faults").to_string_lossy());
    command.arg(name).arg("--linli").arg(programs.join("linli"));
    command.arg("--dir").arg(&folder);
    command.args(["--seed", &seed.to_string()]).args(flags);
    let said = listen(&mut command, true)?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    Ok(said)
}

/// I/O errors, a full disk and death at every call, and power cuts.
fn failing_disk(seed: u64, size: &Size) -> Result<String> {
    println!("\n== failing disk");
    ensure!(
        sh::available("strace"),
        "it needs strace: apt-get install strace"
    );
    let flags: &[&str] = if size.is_short { &["--small"] } else { &[] };
    let said = faults("syscalls", seed, flags)?;
    let count = |name: &str| said.lines().find_map(|line| line.strip_prefix(name));
    let disk = count("failing disk: ").context("it told no counts")?;
    let power = count("power cuts: ").context("it told no counts")?;
    Ok(format!("{disk}; {power}"))
}

/// PostgreSQL and its standby in trouble, for a third of the kill loop's time.
fn troubled_replicas(seed: u64, size: &Size) -> Result<String> {
    let seconds = (size.kill_seconds / 3).to_string();
    println!("\n== replicas, {seconds} s");
    let mut flags = vec!["--seconds", &seconds];
    if size.is_short {
        flags.push("--small");
    }
    let said = faults("replicas", seed, &flags)?;
    let sum = said
        .lines()
        .find_map(|line| line.strip_prefix("replicas: "));
    Ok(sum.context("it told no counts")?.to_owned())
}

/// 100,000 requests that no client should send.
fn bad_requests(seed: u64, size: &Size) -> Result<String> {
    println!("\n== bad requests");
    let flags: &[&str] = match size.is_short {
        true => &["--requests", "5000"],
        false => &[],
    };
    let said = faults("requests", seed, flags)?;
    let sum = said
        .lines()
        .find_map(|line| line.strip_prefix("bad requests: "));
    Ok(sum.context("it told no counts")?.to_owned())
}

/// The outbox over a network that loses, delays, repeats, reorders and cuts.
fn lossy(seed: u64, size: &Size) -> Result<String> {
    println!("\n== bad network, {} runs", size.lossy_runs);
    let (mut done, mut exchanges) = (0, 0);
    while done < size.lossy_runs {
        let runs = (size.lossy_runs - done).min(LOSSY_RUNS_AT_ONCE);
        let first = seed.saturating_add(done);
        let mut test = test(&["--package", "linli-conformance", "--test", "lossy"]);
        test.env("LINLI_SEED", first.to_string());
        test.env("LINLI_LOSSY_RUNS", runs.to_string());
        test.args(["--", "--nocapture"]);
        let said = listen(&mut test, false)?;
        let count = before(&said, " exchanges over ");
        ensure!(count > 0, "no run of the bad network: {said}");
        exchanges += count;
        done += runs;
        println!("  {done} runs, {exchanges} exchanges");
    }
    Ok(format!("{done} runs, {exchanges} exchanges"))
}

/// A thousand at once for one household, again and again.
fn racers(size: &Size) -> Result<String> {
    println!("\n== racers, {} times", size.races);
    let mut passed = 0;
    for _ in 0..size.races {
        let mut test = test(&["--package", "linli-server", "--test", "it", "race::"]);
        let said = listen(&mut test, false)?;
        let count = before(&said, " passed;");
        ensure!(count > 0, "no race was run: {said}");
        passed += count;
    }
    Ok(format!(
        "{} races of 1,000, {passed} tests passed",
        size.races
    ))
}

fn test(of: &[&str]) -> Command {
    let mut test = sh::cargo();
    test.args(["test", "--release", "--quiet"]).args(of);
    test
}

/// Runs to the end and gives what it said; shows it at once where `is_shown`, else only
/// when it fails.
fn listen(command: &mut Command, is_shown: bool) -> Result<String> {
    let shown = format!("{command:?}");
    let started = command.stdout(Stdio::piped()).spawn();
    let mut child = started.with_context(|| shown.clone())?;
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let line = line?;
        if is_shown {
            println!("  {line}");
        }
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        if !is_shown {
            println!("{said}");
        }
        bail!("{shown} ended with {status}");
    }
    Ok(said)
}

fn fresh_seed() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(since.as_secs() % 1_000_000_000)
}
