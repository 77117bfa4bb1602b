//! `linli-faults kill`: the kill loop, for as long as one likes. `linli-faults syscalls`:
//! the disk fails at every call. `linli-faults replicas`: PostgreSQL and its standby in
//! trouble. `linli-faults check`: the judge alone, on what a run left behind.

use anyhow::{Context, Result, bail};
use linli_faults::campaign::{self, Size};
use linli_faults::check;
use linli_faults::power::{self, Syncs};
use linli_faults::replicas;
use linli_faults::syscalls::{self, Ground, Walk};
use pico_args::Arguments;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "\
usage: linli-faults kill --linli PROGRAM --dir FOLDER --seed N --seconds S [--small]
       linli-faults syscalls --linli PROGRAM --dir FOLDER --seed N [--small]
       linli-faults replicas --linli PROGRAM --dir FOLDER --seed N --seconds S [--small]
       linli-faults check JOURNALS DATABASE";
/// Faults often come in thousands of one kind.
const SHOWN_MAX: usize = 20;

fn main() -> ExitCode {
    match run(Arguments::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("linli-faults: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(mut args: Arguments) -> Result<ExitCode> {
    match args.subcommand()?.as_deref() {
        Some("kill") => kill(args),
        Some("syscalls") => failing_disk(args),
        Some("replicas") => troubled_replicas(args),
        Some("check") => judge(args),
        _ => bail!("{USAGE}"),
    }
}

fn kill(mut args: Arguments) -> Result<ExitCode> {
    let linli: PathBuf = args.value_from_str("--linli").context(USAGE)?;
    let folder: PathBuf = args.value_from_str("--dir").context(USAGE)?;
    let seed: u64 = args.value_from_str("--seed").context(USAGE)?;
    let seconds = args.value_from_str("--seconds").context(USAGE)?;
    let size = match args.contains("--small") {
        true => Size::SMALL,
        false => Size::LARGE,
    };
    no_more(args)?;
    let lasting = Duration::from_secs(seconds);
    let report = campaign::rounds(&linli, &folder, seed, size, lasting)?;
    println!("kill loop from seed {seed}: {}", report.summary());
    Ok(verdict(&report.faults))
}

fn failing_disk(mut args: Arguments) -> Result<ExitCode> {
    let linli: PathBuf = args.value_from_str("--linli").context(USAGE)?;
    let folder: PathBuf = args.value_from_str("--dir").context(USAGE)?;
    let seed: u64 = args.value_from_str("--seed").context(USAGE)?;
    let walk = match args.contains("--small") {
        true => Walk::Few,
        false => Walk::All,
    };
    no_more(args)?;
    let ground = Ground::lay(&linli, &folder)?;
    let report = syscalls::walk(&ground, walk)?;
    println!("failing disk: {}", report.summary());
    let cuts = power::cut(&ground, seed, 1, Syncs::Kept)?;
    println!("power cuts: {}", cuts.summary());
    let lost = power::cut(&ground, seed, 1, Syncs::Ignored)?;
    println!(
        "the same without syncs, which must be found: {}",
        lost.summary()
    );
    let mut faults = report.faults;
    faults.extend(cuts.faults);
    if lost.faults.is_empty() {
        faults.push("lost syncs were not found".to_owned());
    }
    Ok(verdict(&faults))
}

fn troubled_replicas(mut args: Arguments) -> Result<ExitCode> {
    let linli: PathBuf = args.value_from_str("--linli").context(USAGE)?;
    let folder: PathBuf = args.value_from_str("--dir").context(USAGE)?;
    let seed: u64 = args.value_from_str("--seed").context(USAGE)?;
    let seconds = args.value_from_str("--seconds").context(USAGE)?;
    let size = match args.contains("--small") {
        true => replicas::Size::SMALL,
        false => replicas::Size::LARGE,
    };
    no_more(args)?;
    let lasting = Duration::from_secs(seconds);
    let report = replicas::rounds(&linli, &folder, seed, size, lasting)?;
    let report = report.context("there is no PostgreSQL")?;
    println!("replicas: {}", report.summary());
    Ok(verdict(&report.faults))
}

fn judge(mut args: Arguments) -> Result<ExitCode> {
    let journals: PathBuf = args.free_from_str().context(USAGE)?;
    let database: PathBuf = args.free_from_str().context(USAGE)?;
    no_more(args)?;
    let found = check::check(&journals, &database)?;
    println!(
        "{} commands: {} acknowledged, {} refused, {} unsettled; {} ballots, {} replaced, \
         {} duplicates",
        found.commands,
        found.acknowledged,
        found.refused,
        found.unsettled,
        found.ballots,
        found.superseded,
        found.duplicates
    );
    Ok(verdict(&found.faults))
}

fn verdict(faults: &[String]) -> ExitCode {
    for fault in faults.iter().take(SHOWN_MAX) {
        println!("FAULT: {fault}");
    }
    if faults.len() > SHOWN_MAX {
        println!("and {} more", faults.len() - SHOWN_MAX);
    }
    match faults {
        [] => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn no_more(args: Arguments) -> Result<()> {
    let rest = args.finish();
    if !rest.is_empty() {
        bail!("not understood: {rest:?}\n{USAGE}");
    }
    Ok(())
}
