//! The kill loop: clients vote, the server dies by SIGKILL at random moments and is
//! started again, and in the end the judge is asked.
//!
//! A run is a row of rounds, each on a fresh data folder: so the run can last as long as
//! one likes, and every few seconds there is a verdict.

use crate::check::{self, Findings};
use crate::client::{Client, Connection, Counts};
use crate::journal::{self, Journal};
use crate::replay;
use crate::server::{Door, Linli, Started};
use crate::world;
use anyhow::{Context, Result, bail, ensure};
use linli_conformance::lossy::Chance;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How large a round is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Clients at the same time.
    pub clients: u32,
    /// Households on the roll.
    pub households: u32,
    /// Kills, unless the time is up before.
    pub kills: u32,
    /// Fewest and most acknowledged ballots between two kills.
    pub ballots_between: (u64, u64),
}

impl Size {
    /// Seconds, also in a debug build.
    pub const SMALL: Self = Self {
        clients: 12,
        households: 400,
        kills: 16,
        ballots_between: (15, 60),
    };

    /// For hours.
    pub const LARGE: Self = Self {
        clients: 32,
        households: 30_000,
        kills: 40,
        ballots_between: (20, 2_000),
    };
}

/// What happened in a round, or in many.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Rounds that ended.
    pub rounds: u64,
    /// Times that the server was killed under load.
    pub kills: u64,
    /// Of these: while it was starting.
    pub kills_at_start: u64,
    /// Grants issued.
    pub grants: u64,
    /// Ballots that clients wanted to cast.
    pub commands: u64,
    /// Requests sent for them.
    pub sends: u64,
    /// Requests without an answer.
    pub lost: u64,
    /// Commands acknowledged by a receipt.
    pub acknowledged: u64,
    /// Of these: recorded by an earlier send, whose answer was lost.
    pub recovered: u64,
    /// Commands refused.
    pub refused: u64,
    /// Times that the server said it was busy.
    pub busy: u64,
    /// Acknowledged commands sent once more after the end.
    pub replayed: u64,
    /// Ballots in the databases.
    pub ballots: u64,
    /// Ballots in the databases that later ones replaced.
    pub superseded: u64,
    /// Ballots beyond the one that a command or a voter may have.
    pub duplicates: u64,
    /// Everything that is not as it must be.
    pub faults: Vec<String>,
}

impl Report {
    /// Requests beyond the first of each command.
    pub fn retries(&self) -> u64 {
        self.sends.saturating_sub(self.commands)
    }

    /// A line of counts.
    pub fn summary(&self) -> String {
        format!(
            "{} rounds, {} kills ({} while starting), {} grants, {} commands, {} sends, \
             {} retries, {} answers lost, {} acknowledged ({} only by a retry), {} refused, \
             {} busy; {} ballots and {} replaced ones found, {} replayed, {} duplicates, \
             {} faults",
            self.rounds,
            self.kills,
            self.kills_at_start,
            self.grants,
            self.commands,
            self.sends,
            self.retries(),
            self.lost,
            self.acknowledged,
            self.recovered,
            self.refused,
            self.busy,
            self.ballots,
            self.superseded,
            self.replayed,
            self.duplicates,
            self.faults.len()
        )
    }

    fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.kills += other.kills;
        self.kills_at_start += other.kills_at_start;
        self.grants += other.grants;
        self.commands += other.commands;
        self.sends += other.sends;
        self.lost += other.lost;
        self.acknowledged += other.acknowledged;
        self.recovered += other.recovered;
        self.refused += other.refused;
        self.busy += other.busy;
        self.replayed += other.replayed;
        self.ballots += other.ballots;
        self.superseded += other.superseded;
        self.duplicates += other.duplicates;
        self.faults.extend(other.faults);
    }

    fn counted(mut self, counts: &Counts) -> Self {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        self.grants = read(&counts.grants);
        self.commands = read(&counts.commands);
        self.sends = read(&counts.sends);
        self.lost = read(&counts.lost);
        self.acknowledged = read(&counts.acknowledged);
        self.recovered = read(&counts.recovered);
        self.refused = read(&counts.refused);
        self.busy = read(&counts.busy);
        self
    }
}

/// Rounds until `lasting` is over, at least one; stops at the first with a fault, and
/// then leaves its folder for inspection.
pub fn rounds(
    linli: &Path,
    folder: &Path,
    seed: u64,
    size: Size,
    lasting: Duration,
) -> Result<Report> {
    let start = Instant::now();
    let mut sum = Report::default();
    for seed in seed.. {
        let place = folder.join(format!("round-{seed}"));
        let until = Some(start + lasting);
        let round = round(linli, &place, seed, size, until);
        let round = round.with_context(|| format!("seed {seed}, see {}", place.display()))?;
        println!("seed {seed}: {}", round.summary());
        let is_clean = round.faults.is_empty();
        sum.add(round);
        if !is_clean {
            println!("what it left is in {}", place.display());
            break;
        }
        fs::remove_dir_all(&place)?;
        if start.elapsed() >= lasting {
            break;
        }
    }
    Ok(sum)
}

/// One round in `folder`, which must not exist. `until` ends the killing early.
pub fn round(
    linli: &Path,
    folder: &Path,
    seed: u64,
    size: Size,
    until: Option<Instant>,
) -> Result<Report> {
    let journals = folder.join("journals");
    fs::create_dir_all(&journals).with_context(|| folder.display().to_string())?;
    let linli = Linli::new(linli, folder);
    let file = folder.join("import.json");
    fs::write(&file, world::import_text(size.households))?;
    linli.import(&file)?;

    let round = Round {
        linli: &linli,
        journals,
        seed,
        size,
        until,
        counts: Counts::default(),
        door: Door::default(),
        stop: AtomicBool::new(false),
    };
    let mut report = round.vote()?.counted(&round.counts);
    let lines = journal::read(&round.journals)?;
    let first = check::check_lines(&lines, &linli.database())?;
    report.rounds = 1;
    report.ballots = first.ballots;
    report.superseded = first.superseded;
    report.duplicates = first.duplicates;

    let mut server = linli.spawn()?;
    round.door.open(server.listening()?);
    let (replayed, differ) = replay::replay(&lines, &round.door)?;
    report.replayed = replayed;
    server.kill()?;
    let second = check::check_lines(&lines, &linli.database())?;
    linli.check_store()?;
    report.faults = judge(&report, first, &second, differ);
    Ok(report)
}

/// Everything that speaks against the server.
fn judge(report: &Report, first: Findings, second: &Findings, differ: Vec<String>) -> Vec<String> {
    let mut faults = Vec::new();
    if *second != first {
        faults.push("sending commands again changed the database".to_owned());
    }
    if first.acknowledged != report.acknowledged || first.unsettled > 0 {
        faults.push("the journals and the clients' counts differ".to_owned());
    }
    faults.extend(first.faults);
    faults.extend(differ);
    faults
}

struct Round<'a> {
    linli: &'a Linli,
    journals: PathBuf,
    seed: u64,
    size: Size,
    until: Option<Instant>,
    counts: Counts,
    door: Door,
    stop: AtomicBool,
}

impl Round<'_> {
    /// Clients and killer, until the last command is settled. The server is dead after.
    fn vote(&self) -> Result<Report> {
        thread::scope(|scope| {
            let clients = (0..self.size.clients)
                .map(|number| scope.spawn(move || self.client(number)))
                .collect::<Vec<_>>();
            let killed = self.kill_and_restart();
            self.stop.store(true, Ordering::Relaxed);
            if killed.is_err() {
                self.door.give_up();
            }
            let mut faults = Vec::new();
            for client in clients {
                match client.join() {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => faults.push(format!("{error:#}")),
                    Err(_) => faults.push("a client panicked".to_owned()),
                }
            }
            let (report, server) = match killed {
                Ok(ended) => ended,
                Err(error) => bail!("{error:#}; clients: {faults:?}"),
            };
            ensure!(faults.is_empty(), "{}", faults.join("\n"));
            // The judge reads what a killed server leaves, its log not folded in.
            self.door.shut();
            server.kill()?;
            Ok(report)
        })
    }

    fn client(&self, number: u32) -> Result<()> {
        let ended = Journal::create(&self.journals, number).and_then(|journal| {
            let mut client = Client {
                number,
                clients: self.size.clients,
                households: self.size.households,
                chance: Chance::new(self.seed ^ u64::from(number + 1) << 32),
                connection: Connection::new(&self.door),
                journal,
                counts: &self.counts,
                may_fail: false,
            };
            client.run(&self.stop)
        });
        if ended.is_err() {
            // The killer need not wait for ballots that will not come.
            self.stop.store(true, Ordering::Relaxed);
        }
        ended
    }

    /// Kills and starts again; leaves the server running.
    fn kill_and_restart(&self) -> Result<(Report, Started)> {
        let mut chance = Chance::new(!self.seed);
        let mut report = Report::default();
        let mut server = self.linli.spawn()?;
        self.door.open(server.listening()?);
        while report.kills < u64::from(self.size.kills) && !self.is_over() {
            let (least, most) = self.size.ballots_between;
            self.await_ballots(least + chance.below(most - least + 1))?;
            // Right behind a promise, or anywhere between two commits and inside one.
            if chance.below(2) == 0 {
                thread::sleep(Duration::from_micros(chance.below(3_000)));
            }
            server.kill()?;
            self.door.shut();
            report.kills += 1;
            server = self.linli.spawn()?;
            while chance.below(4) == 0 {
                // Again before it is up, while it may be recovering.
                thread::sleep(Duration::from_micros(chance.below(40_000)));
                server.kill()?;
                report.kills += 1;
                report.kills_at_start += 1;
                server = self.linli.spawn()?;
            }
            self.door.open(server.listening()?);
        }
        Ok((report, server))
    }

    fn is_over(&self) -> bool {
        let is_late = self.until.is_some_and(|until| Instant::now() >= until);
        is_late || self.stop.load(Ordering::Relaxed)
    }

    /// Waits until clients have been told of `more` ballots since now, and returns as
    /// soon as it can: what was promised a moment ago is what a kill may undo.
    fn await_ballots(&self, more: u64) -> Result<()> {
        const STALLED: Duration = Duration::from_secs(120);
        let target = self.counts.acknowledged() + more;
        self.counts.waiting.get_or_init(thread::current);
        self.counts.alarm_at.store(target, Ordering::SeqCst);
        let (mut seen, mut since) = (0, Instant::now());
        while self.counts.acknowledged() < target && !self.is_over() {
            let now = self.counts.acknowledged();
            if now > seen {
                (seen, since) = (now, Instant::now());
            }
            ensure!(since.elapsed() < STALLED, "no ballot for {STALLED:?}");
            thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }
}
