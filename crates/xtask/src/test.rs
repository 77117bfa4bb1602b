//! `cargo xtask test`: everything that must hold, in order, with a table at the end.
//!
//! A step that fails does not stop the others. What the machine lacks is installed
//! where that is allowed; otherwise its step (or, for PostgreSQL and strace, its tests)
//! is skipped with a notice, unless `LINLI_REQUIRE` (`browser`, `npm`, `postgres`,
//! `strace`, with commas) names it: then it fails.
//!
//! Flags: `--only a,b` (names of steps), `--grep PATTERN` (of browser tests).

use crate::{browser, dist, layers, postgres, sh, sizes, strace};
use anyhow::{Context, Result, bail};
use linli_cluster::{Cluster, Durability};
use pico_args::Arguments;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs the steps; fails when one of them has.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let only: Option<String> = args.opt_value_from_str("--only")?;
    let wish = Wish {
        grep: args.opt_value_from_str("--grep")?,
    };
    sh::no_more(args)?;
    let only: Option<Vec<&str>> = only.as_deref().map(|names| names.split(',').collect());
    if let Some(unknown) = only
        .iter()
        .flatten()
        .find(|name| !STEPS.iter().any(|step| step.name == **name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("no step named {unknown}; there are {}", known.join(", "));
    }
    let wanted = |step: &&Step| only.as_ref().is_none_or(|names| names.contains(&step.name));
    let ran: Vec<Ran> = STEPS
        .iter()
        .filter(wanted)
        .map(|step| perform(step, &wish))
        .collect();
    report(&ran)
}

/// What the caller asked for.
struct Wish {
    grep: Option<String>,
}

struct Step {
    name: &'static str,
    run: fn(&Wish) -> Result<Done>,
}

/// In this order: what is quick and what most often fails comes first.
const STEPS: &[Step] = &[
    Step {
        name: "rustfmt",
        run: |_| check(sh::cargo().args(["fmt", "--all", "--check"])),
    },
    Step {
        name: "layers",
        run: |_| one(layers::run(nothing())),
    },
    Step {
        name: "clippy",
        run: |_| clippy(&["--workspace", "--all-targets"]),
    },
    Step {
        name: "clippy-wasm",
        run: |_| clippy_wasm(),
    },
    Step {
        name: "unit",
        run: |_| unit(),
    },
    Step {
        name: "dist",
        run: |_| one(build_dist()),
    },
    Step {
        name: "sizes",
        run: |_| one(sizes::run(nothing())),
    },
    Step {
        name: "browser",
        run: browser_tests,
    },
];

/// How a step ended.
enum Done {
    Counted(Counts),
    Skipped(String),
}

/// Tests that passed and failed; a step without tests of its own is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

struct Ran {
    name: &'static str,
    took: Duration,
    done: Result<Done>,
}

fn perform(step: &Step, wish: &Wish) -> Ran {
    println!("\n== {}", step.name);
    let start = Instant::now();
    let done = (step.run)(wish);
    match &done {
        Err(error) => println!("{}: {error:#}", step.name),
        Ok(Done::Skipped(notice)) => println!("skipped: {notice}"),
        Ok(Done::Counted(_)) => {}
    }
    Ran {
        name: step.name,
        took: start.elapsed(),
        done,
    }
}

fn report(ran: &[Ran]) -> Result<()> {
    let mut sum = Counts::default();
    println!("\n{:<14}{:>9}  result", "step", "seconds");
    for step in ran {
        let result = match &step.done {
            Ok(Done::Counted(counts)) => {
                sum.passed += counts.passed;
                sum.failed += counts.failed;
                let verdict = if counts.failed == 0 { "ok" } else { "FAILED" };
                format!(
                    "{verdict}, {} passed, {} failed",
                    counts.passed, counts.failed
                )
            }
            Ok(Done::Skipped(_)) => "skipped".to_owned(),
            Err(_) => {
                sum.failed += 1;
                "FAILED".to_owned()
            }
        };
        println!(
            "{:<14}{:>9.1}  {result}",
            step.name,
            step.took.as_secs_f64()
        );
    }
    println!();
    for step in ran {
        match &step.done {
            Ok(Done::Skipped(notice)) => println!("{} was skipped: {notice}", step.name),
            Err(error) => println!("{}: {error:#}", step.name),
            Ok(Done::Counted(_)) => {}
        }
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed > 0 {
        bail!("not everything holds");
    }
    Ok(())
}

fn nothing() -> Arguments {
    Arguments::from_vec(Vec::new())
}

fn one(outcome: Result<()>) -> Result<Done> {
    outcome.map(|()| {
        Done::Counted(Counts {
            passed: 1,
            failed: 0,
        })
    })
}

fn check(command: &mut Command) -> Result<Done> {
    one(sh::run(command))
}

fn clippy(args: &[&str]) -> Result<Done> {
    let mut cargo = sh::cargo();
    cargo
        .args(["clippy", "--quiet"])
        .args(args)
        .args(["--", "-D", "warnings"]);
    check(&mut cargo)
}

/// The browser's half is compiled for the browser: `cfg`s and casts differ there.
fn clippy_wasm() -> Result<Done> {
    sh::wasm_target()?;
    let mut args = vec!["--target", "wasm32-unknown-unknown"];
    args.extend([
        "-p",
        "linli-ui",
        "-p",
        "linli-adapters",
        "-p",
        "linli-suite",
        "-p",
        "linli-packing-trial",
        "-p",
        "linli-in-page",
    ]);
    let widgets = widget_packages()?;
    args.extend(widgets.iter().flat_map(|name| ["-p", name.as_str()]));
    // As it ships.
    args.extend([
        "--features",
        "linli-suite/split-widgets,linli-packing-trial/split",
    ]);
    clippy(&args)?;
    // As `trunk serve` shows it: in one piece.
    clippy(&["--target", "wasm32-unknown-unknown", "-p", "linli-suite"])
}

fn widget_packages() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(sh::root().join("widgets"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").exists() {
            names.push(format!("linli-{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    Ok(names)
}

/// Units, wire goldens, the contract on every implementation, the server on both stores.
fn unit() -> Result<Done> {
    for missing in [postgres::prepare()?, strace::prepare()?].iter().flatten() {
        browser::excuse(missing)?;
        println!("  {}", missing.notice);
    }
    let mut cargo = sh::cargo();
    cargo.args(["test", "--workspace", "--quiet", "--no-fail-fast"]);
    counted(&mut cargo, cargo_counts)
}

/// What residents get, and the same with open shadow roots for tests that look inside.
fn build_dist() -> Result<()> {
    dist::build(&dist::Options::new(false))?;
    dist::build(&dist::Options::new(true)).map(drop)
}

fn browser_tests(wish: &Wish) -> Result<Done> {
    let chromium = match browser::prepare()? {
        Ok(path) => path,
        Err(missing) => {
            browser::excuse(&missing)?;
            return Ok(Done::Skipped(missing.notice));
        }
    };
    let mut playwright = browser::playwright(&chromium, "tests/e2e/playwright.config.ts")?;
    // Runs until these tests are over; without PostgreSQL its tests say that they skip.
    let cluster = Cluster::start(Durability::None);
    if let Some(cluster) = &cluster {
        playwright.env("E2E_DATABASE_URL", cluster.database());
    }
    if let Some(grep) = &wish.grep {
        playwright.args(["--grep", grep]);
    }
    counted(&mut playwright, playwright_counts)
}

/// Runs to the end, showing what it prints and counting the tests that it reports.
fn counted(command: &mut Command, read: fn(&str) -> Counts) -> Result<Done> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {shown}"))?;
    let out = child.stdout.take().context("no output")?;
    let mut counts = Counts::default();
    for line in BufReader::new(out).lines() {
        let line = line?;
        println!("{line}");
        let more = read(&line);
        counts.passed += more.passed;
        counts.failed += more.failed;
    }
    let status = child.wait()?;
    match (status.success(), counts) {
        (true, Counts { passed: 0, .. }) => bail!("{shown} ran no test"),
        (true, _) => Ok(Done::Counted(counts)),
        (false, Counts { failed: 0, .. }) => bail!("{shown} ended with {status}"),
        (false, _) => Ok(Done::Counted(counts)),
    }
}

/// `test result: ok. 11 passed; 0 failed; …`
fn cargo_counts(line: &str) -> Counts {
    match line.strip_prefix("test result: ") {
        Some(rest) => Counts {
            passed: before(rest, " passed"),
            failed: before(rest, " failed"),
        },
        None => Counts::default(),
    }
}

/// `  11 passed (3.2s)`, `  1 failed`, `  2 flaky`: a line each. What needed a second
/// try has failed.
fn playwright_counts(line: &str) -> Counts {
    let count = |word: &str| {
        let rest = line
            .trim()
            .strip_suffix(word)
            .or_else(|| Some(line.trim().split_once(&format!("{word} ("))?.0));
        rest.and_then(|number| number.trim().parse().ok())
            .unwrap_or(0)
    };
    Counts {
        passed: count(" passed"),
        failed: count(" failed") + count(" flaky") + count(" did not run"),
    }
}

/// The number that stands before the first `word`; 0 where there is none.
pub(crate) fn before(line: &str, word: &str) -> u64 {
    let head = line.split_once(word).map_or("", |(head, _)| head);
    let digits = head.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_what_the_tools_print() {
        let cargo =
            "test result: FAILED. 11 passed; 2 failed; 3 ignored; 0 measured; 7 filtered out";
        assert_eq!(
            cargo_counts(cargo),
            Counts {
                passed: 11,
                failed: 2
            }
        );
        assert_eq!(cargo_counts("running 11 tests"), Counts::default());
        assert_eq!(
            playwright_counts("  41 passed (1.2m)"),
            Counts {
                passed: 41,
                failed: 0
            }
        );
        assert_eq!(
            playwright_counts("  1 failed"),
            Counts {
                passed: 0,
                failed: 1
            }
        );
        assert_eq!(
            playwright_counts("  2 flaky"),
            Counts {
                passed: 0,
                failed: 2
            }
        );
        assert_eq!(
            playwright_counts("  ✓  3 vote.spec.ts › 4 passed things"),
            Counts::default()
        );
    }

    #[test]
    fn a_program_that_runs_no_test_fails_the_step() {
        assert!(counted(Command::new("true").args(["x"]), cargo_counts).is_err());
        assert!(
            counted(
                Command::new("echo").arg("test result: ok. 1 passed; 0 failed;"),
                cargo_counts
            )
            .is_ok()
        );
    }

    #[test]
    fn a_failed_step_fails_the_run() {
        let ran = |done| {
            [Ran {
                name: "x",
                took: Duration::ZERO,
                done,
            }]
        };
        assert!(report(&ran(one(Ok(())))).is_ok());
        assert!(report(&ran(Ok(Done::Skipped("no network".to_owned())))).is_ok());
        assert!(report(&ran(Err(anyhow::anyhow!("no")))).is_err());
        assert!(
            report(&ran(Ok(Done::Counted(Counts {
                passed: 9,
                failed: 1
            }))))
            .is_err()
        );
    }
}
