//! The disk fails at one call after the other: an I/O error, a full disk, or death, at
//! every write, sync, truncation and removal of a first start, of votes, of a checkpoint
//! between them, and of an orderly stop.
//!
//! After each, what is left is judged by what the voter was told; then the server starts
//! on a sound disk, everything is sent again, and the judge is asked once more.

use crate::journal::Line;
use crate::server::Linli;
use crate::strace::{Call, Fault, Point, Strace};
use crate::trial::{self, Trial};
use crate::world;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Households on the roll.
const HOUSEHOLDS: u32 = 400;
/// SQLite folds its log in at 1,000 pages; so long a log of one page each (with its
/// head) is left for the trials, that they meet it.
const LOG_BYTES: u64 = 970 * (4096 + 24);
const SIGABRT: i32 = 6;
/// A walk over every point takes a quarter of an hour.
const TOLD_EVERY: u64 = 100;

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Calls that were made to fail.
    pub points: u64,
    /// Of these: reached.
    pub reached: u64,
    /// Servers that ended by it: killed, aborted, or not started.
    pub ended: u64,
    /// Of these: by their own decision that nothing is known any more.
    pub aborted: u64,
    /// Answers that nothing was done, or that it is not known.
    pub failures: u64,
    /// Everything that is not as it must be.
    pub faults: Vec<String>,
}

impl Report {
    /// A line of counts.
    pub fn summary(&self) -> String {
        format!(
            "{} points, {} reached, {} servers ended ({} aborted), {} answers of busy or \
             fault, {} faults",
            self.points,
            self.reached,
            self.ended,
            self.aborted,
            self.failures,
            self.faults.len()
        )
    }
}

/// How many points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// One of each kind, for seconds.
    Few,
    /// Every one.
    All,
}

/// Walks over the points.
pub fn walk(ground: &Ground, walk: Walk) -> Result<Report> {
    let folder = ground.place("walk")?;
    let votes = ground.baseline()?;
    let first = ground.first_baseline()?;
    let mut tasks = Vec::new();
    let on_votes = points(&votes, walk, &Kind::OF_VOTES);
    tasks.extend(on_votes.into_iter().map(|point| (Scene::Votes, point)));
    let on_first = points(&first, walk, &Kind::OF_FIRST);
    tasks.extend(on_first.into_iter().map(|point| (Scene::First, point)));
    println!("{} points", tasks.len());

    let next = AtomicUsize::new(0);
    let report = Mutex::new(Report::default());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = |worker: usize| -> Result<()> {
        while let Some((scene, point)) = tasks.get(next.fetch_add(1, Ordering::SeqCst)) {
            let place = folder.join(format!("trial-{worker}"));
            let trial = ground.trial(&place, *scene, Some(point));
            let shown = format!("{scene:?}, {point:?}");
            let mut report = report.lock().map_err(|_| anyhow::anyhow!("a panic"))?;
            match trial {
                Ok(trial) => report.add(trial, &shown),
                Err(error) => report.faults.push(format!("{shown}: {error:#}")),
            }
            if report.points.is_multiple_of(TOLD_EVERY) {
                println!("  {}", report.summary());
            }
            drop(report);
            fs::remove_dir_all(&place)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        for worker in workers {
            let ended = worker.join();
            ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a worker panicked")))?;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    let report = report.into_inner().unwrap_or_default();
    fs::remove_dir_all(&folder)?;
    Ok(report)
}

/// The judge's negative control: a disk that says it wrote and did not. Answers what the
/// judge found.
pub fn lying_disk(ground: &Ground) -> Result<Vec<String>> {
    let point = Point {
        call: "pwrite64".to_owned(),
        // After the pages of the log's index, which every start makes.
        nth: 12,
        fault: Fault::Lie,
    };
    let place = ground.place("lie")?;
    let linli = ground.copy(&place)?;
    let strace = Strace::new(place.join("trace")).on_database(linli.data());
    let server = linli.spawn_under(&strace.at(Some(point)))?;
    let mut trial = Trial::new(&linli, server, ground.lines.clone())?;
    trial.visit_all()?;
    trial.kill()?;
    let lines = std::slice::from_ref(&trial.lines);
    Ok(crate::check::check_lines(lines, &linli.database())?.faults)
}

#[derive(Debug, Clone, Copy)]
enum Scene {
    /// `linli import` on an empty folder.
    First,
    /// `linli serve` on what a killed server left: start, votes, stop.
    Votes,
}

/// Calls of one purpose, for choosing one of each.
struct Kind(&'static str, fn(&Call) -> bool);

impl Kind {
    const OF_VOTES: [Self; 6] = [
        Self("a commit's write", |c| {
            c.name == "pwrite64" && c.is_on_log()
        }),
        Self("a commit's sync", |c| c.is_sync() && c.is_on_log()),
        Self("the index of the log", |c| c.path().ends_with("-shm")),
        Self("a checkpoint's write", |c| {
            c.name == "pwrite64" && c.path().ends_with(".sqlite")
        }),
        Self("a checkpoint's sync", |c| {
            c.is_sync() && c.path().ends_with(".sqlite")
        }),
        Self("cutting the log", |c| {
            c.name == "ftruncate" && c.is_on_log()
        }),
    ];
    const OF_FIRST: [Self; 3] = [
        Self("a key file", |c| {
            c.name == "write" && c.path().contains("receipt-keys")
        }),
        Self("a key file's place", |c| c.name == "linkat"),
        Self("the schema", |c| c.is_sync() && c.is_on_log()),
    ];
}

fn points(calls: &[Call], walk: Walk, kinds: &[Kind]) -> Vec<Point> {
    let chosen: BTreeSet<(&str, u32)> = match walk {
        Walk::All => {
            // Not what a process writes to itself or to its terminal.
            let on_data = calls.iter().filter(|call| call.path().contains("/data"));
            on_data.map(|call| (call.name.as_str(), call.nth)).collect()
        }
        Walk::Few => {
            let middle = |kind: &Kind| {
                let of_kind: Vec<&Call> = calls.iter().filter(|call| kind.1(call)).collect();
                assert!(!of_kind.is_empty(), "no call is {}", kind.0);
                let call = of_kind[of_kind.len() / 2];
                (call.name.as_str(), call.nth)
            };
            kinds.iter().map(middle).collect()
        }
    };
    let all = chosen.into_iter().flat_map(|(call, nth)| {
        Fault::ALL.map(|fault| Point {
            call: call.to_owned(),
            nth,
            fault,
        })
    });
    // A disk that stays full is worth its time only where it is written to.
    let is_worth = |point: &Point| point.fault != Fault::StaysFull || point.call == "pwrite64";
    all.filter(is_worth).collect()
}

/// What trials start from: data that a killed server left after many votes.
pub struct Ground {
    program: PathBuf,
    folder: PathBuf,
    /// What its voters were told.
    pub(crate) lines: Vec<Line>,
}

/// What a trial came to.
struct Outcome {
    is_reached: bool,
    end: Option<ExitStatus>,
    failures: u64,
    faults: Vec<String>,
}

impl Report {
    fn add(&mut self, trial: Outcome, shown: &str) {
        self.points += 1;
        if !trial.is_reached {
            println!("not reached: {shown}");
        }
        self.reached += u64::from(trial.is_reached);
        self.failures += trial.failures;
        let end = trial.end.filter(|end| !end.success());
        self.ended += u64::from(end.is_some());
        let is_abort = end.is_some_and(|end| end.signal() == Some(SIGABRT));
        self.aborted += u64::from(is_abort);
        let faults = trial.faults.into_iter();
        self.faults
            .extend(faults.map(|fault| format!("{shown}: {fault}")));
    }
}

impl Ground {
    /// In `folder`, which must not exist, by votes on a sound disk.
    pub fn lay(program: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        // As strace names it.
        let folder = fs::canonicalize(folder)?;
        let place = folder.join("ground");
        fs::create_dir(&place)?;
        fs::write(folder.join("import.json"), world::import_text(HOUSEHOLDS))?;
        let linli = Linli::new(program, &place);
        linli.import(&folder.join("import.json"))?;
        let mut trial = Trial::new(&linli, linli.spawn()?, Vec::new())?;
        let log = linli.data().join("linli.sqlite-wal");
        for household in 0..trial::VISITORS[0] {
            if fs::metadata(&log).is_ok_and(|log| log.len() >= LOG_BYTES) {
                break;
            }
            trial.visit(household)?;
        }
        trial.kill()?;
        ensure!(fs::metadata(&log)?.len() >= LOG_BYTES, "a short log");
        Ok(Self {
            program: program.to_owned(),
            folder,
            lines: trial.lines,
        })
    }

    /// A new folder beside it.
    pub(crate) fn place(&self, name: &str) -> Result<PathBuf> {
        let place = self.folder.join(name);
        fs::create_dir(&place).with_context(|| place.display().to_string())?;
        Ok(place)
    }

    /// A copy of it, in a new folder.
    pub(crate) fn copy(&self, place: &Path) -> Result<Linli> {
        let linli = Linli::new(&self.program, place);
        fs::create_dir_all(linli.data())?;
        for entry in fs::read_dir(self.folder.join("ground/data"))? {
            let entry = entry?;
            fs::copy(entry.path(), linli.data().join(entry.file_name()))?;
        }
        Ok(linli)
    }

    /// The calls of votes where nothing fails.
    fn baseline(&self) -> Result<Vec<Call>> {
        let place = self.folder.join("baseline");
        let calls = self.votes(&place, None)?.1;
        ensure!(
            calls
                .iter()
                .any(|c| c.path().ends_with(".sqlite") && c.is_sync()),
            "no checkpoint"
        );
        fs::remove_dir_all(&place)?;
        Ok(calls)
    }

    /// The calls of a first start where nothing fails.
    fn first_baseline(&self) -> Result<Vec<Call>> {
        let place = self.folder.join("baseline");
        let calls = self.first(&place, None)?.1;
        fs::remove_dir_all(&place)?;
        Ok(calls)
    }

    fn trial(&self, place: &Path, scene: Scene, point: Option<&Point>) -> Result<Outcome> {
        let (mut outcome, calls) = match scene {
            Scene::First => self.first(place, point)?,
            Scene::Votes => self.votes(place, point)?,
        };
        let is_killed = outcome.end.is_some_and(|end| end.signal() == Some(9));
        outcome.is_reached = is_killed || calls.iter().any(Call::is_injected);
        outcome.faults.extend(went_on(&calls, outcome.end));
        Ok(outcome)
    }

    fn votes(&self, place: &Path, point: Option<&Point>) -> Result<(Outcome, Vec<Call>)> {
        let linli = self.copy(place)?;
        let strace = Strace::new(place.join("trace"))
            .on_database(linli.data())
            .at(point.cloned());
        let server = linli.spawn_under(&strace)?;
        let pid = server.pid();
        let mut trial = Trial::new(&linli, server, self.lines.clone())?;
        trial.visit_all()?;
        let trial = trial.finish()?;
        let calls = strace.calls(pid)?;
        Ok((outcome(&trial, trial.first_end), calls))
    }

    fn first(&self, place: &Path, point: Option<&Point>) -> Result<(Outcome, Vec<Call>)> {
        fs::create_dir(place)?;
        let linli = Linli::new(&self.program, place);
        let file = self.folder.join("import.json");
        let strace = Strace::new(place.join("trace")).at(point.cloned());
        let mut import = linli.import_under(&strace, &file)?;
        let pid = import.pid();
        let end = import.ended()?;
        let calls = strace.calls(pid)?;
        if !end.success() {
            linli.import(&file)?;
        }
        // What it has said is done, is.
        let mut trial = Trial::new(&linli, linli.spawn()?, Vec::new())?;
        trial.visit(0)?;
        let trial = trial.finish()?;
        Ok((outcome(&trial, Some(end)), calls))
    }
}

fn outcome(trial: &Trial<'_>, end: Option<ExitStatus>) -> Outcome {
    Outcome {
        is_reached: false,
        end,
        failures: trial.failures,
        faults: trial.faults.clone(),
    }
}

/// After a commit that failed by an I/O error nothing is known about the disk: whoever
/// goes on could promise what is not there.
fn went_on(calls: &[Call], end: Option<ExitStatus>) -> Option<String> {
    let at = calls.iter().position(Call::is_injected)?;
    let failed = &calls[at];
    if !failed.result.contains("EIO") || !failed.is_on_log() {
        return None;
    }
    let before = calls[..at].iter().rev().find(|c| c.thread == failed.thread);
    let is_commit = match failed.is_sync() {
        // A checkpoint syncs the log once more, and may fail: what it holds is synced.
        true => before.is_some_and(|c| c.is_on_log() && c.name == "pwrite64"),
        false => failed.name == "pwrite64",
    };
    let has_ended = end.is_some_and(|end| !end.success());
    (is_commit && !has_ended).then(|| "it went on after a failed commit".to_owned())
}
