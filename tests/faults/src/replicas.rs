//! PostgreSQL with a standby that must have each ballot, two servers on it, and trouble:
//! the standby lost or paused, the primary paused or crashed, and in the end the primary
//! gone for good and the standby in its place.
//!
//! A command may end as a receipt or a refusal, or not be known and be sent again; the
//! judge reads the database that is left, which at the end is the standby's.

use crate::check::{self, Findings};
use crate::client::{Client, Connection, Counts};
use crate::journal::{self, Journal, Line};
use crate::replay;
use crate::server::{Door, Linli, Started};
use crate::world;
use anyhow::{Result, bail, ensure};
use linli_cluster::{Cluster, Durability};
use linli_conformance::lossy::Chance;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The standby's name.
const STANDBY: &str = "second";
/// Clients give up after that: what they sent is still under way when they send again.
const PATIENCE: Duration = Duration::from_secs(2);
/// No trouble may stop the votes for longer.
const STALLED: Duration = Duration::from_secs(180);

/// How large a round is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Clients at the same time, half of them on each server.
    pub clients: u32,
    /// Households on the roll.
    pub households: u32,
    /// Troubles before the last one.
    pub troubles: u64,
    /// Acknowledged ballots between two of them.
    pub ballots_between: u64,
    /// Longest time that a trouble lasts after it was noticed.
    pub lasts: Duration,
}

impl Size {
    /// Seconds.
    pub const SMALL: Self = Self {
        clients: 6,
        households: 100,
        troubles: 4,
        ballots_between: 25,
        lasts: Duration::ZERO,
    };

    /// A minute or two; some troubles last longer than the servers wait for an answer.
    pub const LARGE: Self = Self {
        clients: 16,
        households: 2_000,
        troubles: 8,
        ballots_between: 200,
        lasts: Duration::from_secs(20),
    };
}

/// What becomes of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    StandbyLost,
    StandbyPaused,
    PrimaryPaused,
    PrimaryCrashed,
}

impl Trouble {
    const ALL: [Self; 4] = [
        Self::StandbyLost,
        Self::PrimaryPaused,
        Self::PrimaryCrashed,
        Self::StandbyPaused,
    ];
}

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Rounds that ended, each with one failover.
    pub rounds: u64,
    /// Troubles before them.
    pub troubles: u64,
    /// What clients saw: ballots that they wanted to cast.
    pub commands: u64,
    /// Requests without an answer.
    pub lost: u64,
    /// Answers that nothing was done.
    pub busy: u64,
    /// Answers that it is not known.
    pub unknown: u64,
    /// Commands acknowledged by a receipt.
    pub acknowledged: u64,
    /// Of these: recorded by an earlier send.
    pub recovered: u64,
    /// Commands refused.
    pub refused: u64,
    /// Ballots beyond the one that a command or a voter may have.
    pub duplicates: u64,
    /// Everything that is not as it must be.
    pub faults: Vec<String>,
}

impl Report {
    /// A line of counts.
    pub fn summary(&self) -> String {
        format!(
            "{} rounds, {} troubles and as many failovers as rounds, {} commands, {} answers \
             lost, {} busy, {} not known, {} acknowledged ({} only by a retry), {} refused, \
             {} duplicates, {} faults",
            self.rounds,
            self.troubles,
            self.commands,
            self.lost,
            self.busy,
            self.unknown,
            self.acknowledged,
            self.recovered,
            self.refused,
            self.duplicates,
            self.faults.len()
        )
    }

    fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.troubles += other.troubles;
        self.commands += other.commands;
        self.lost += other.lost;
        self.busy += other.busy;
        self.unknown += other.unknown;
        self.acknowledged += other.acknowledged;
        self.recovered += other.recovered;
        self.refused += other.refused;
        self.duplicates += other.duplicates;
        self.faults.extend(other.faults);
    }
}

/// Rounds until `lasting` is over, at least one; stops at the first with a fault. None
/// where there is no PostgreSQL, which is told.
pub fn rounds(
    linli: &Path,
    folder: &Path,
    seed: u64,
    size: Size,
    lasting: Duration,
) -> Result<Option<Report>> {
    let start = Instant::now();
    let mut sum = Report::default();
    for seed in seed.. {
        let place = folder.join(format!("round-{seed}"));
        let Some(mut ground) = Ground::lay(linli, &place, size)? else {
            return Ok(None);
        };
        let round = ground.round(seed, size)?;
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
    Ok(Some(sum))
}

/// The judge's negative control: a primary that does not wait for its standby, and dies
/// before that has everything. Answers what the judge found.
pub fn without_quorum(linli: &Path, folder: &Path) -> Result<Option<Vec<String>>> {
    let Some(mut ground) = Ground::lay(linli, folder, Size::SMALL)? else {
        return Ok(None);
    };
    ground.primary.set("synchronous_standby_names", "");
    let mut lines = Vec::new();
    let server = ground.linli.spawn()?;
    let mut trial = crate::trial::Trial::new(&ground.linli, server, Vec::new())?;
    ground.standby.crash();
    trial.visit(1)?;
    trial.kill()?;
    lines.append(&mut trial.lines);
    ground.primary.crash();
    ground.standby.start_again(Durability::None);
    ground.standby.promote();
    Ok(Some(check::check_postgres(&[lines], &ground.url)?.faults))
}

struct Ground {
    primary: Cluster,
    standby: Cluster,
    url: String,
    linli: Linli,
    journals: PathBuf,
}

impl Ground {
    fn lay(program: &Path, folder: &Path, size: Size) -> Result<Option<Self>> {
        let journals = folder.join("journals");
        fs::create_dir_all(&journals)?;
        let Some(primary) = Cluster::start(Durability::None) else {
            return Ok(None);
        };
        let name = primary.database();
        let name = name.rsplit('=').next().unwrap_or_default();
        let standby = primary.standby(STANDBY, Durability::None);
        primary.set("synchronous_standby_names", STANDBY);
        let url = format!(
            "host={},{} user=linli dbname={name} target_session_attrs=read-write",
            primary.host().display(),
            standby.host().display()
        );
        let linli = Linli::new(program, folder).on(url.clone());
        let file = folder.join("import.json");
        fs::write(&file, world::import_text(size.households))?;
        linli.import(&file)?;
        Ok(Some(Self {
            primary,
            standby,
            url,
            linli,
            journals,
        }))
    }

    fn round(&mut self, seed: u64, size: Size) -> Result<Report> {
        let mut servers = [self.linli.spawn()?, self.linli.spawn()?];
        let doors = [Door::default(), Door::default()];
        for (door, server) in doors.iter().zip(&mut servers) {
            door.open(server.listening()?);
        }
        let vote = Vote {
            journals: self.journals.clone(),
            doors: &doors,
            seed,
            size,
            counts: Counts::default(),
            stop: AtomicBool::new(false),
        };
        let mut faults = self.vote(&vote)?;
        for server in servers {
            server.kill()?;
        }
        let lines = journal::read(&self.journals)?;
        let first = check::check_postgres(&lines, &self.url)?;
        faults.extend(self.once_more(&lines, &first)?);
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &vote.counts;
        if first.acknowledged != read(&counts.acknowledged) || first.unsettled > 0 {
            faults.push("the journals and the clients' counts differ".to_owned());
        }
        faults.extend(first.faults);
        Ok(Report {
            rounds: 1,
            troubles: size.troubles,
            commands: read(&counts.commands),
            lost: read(&counts.lost),
            busy: read(&counts.busy),
            unknown: read(&counts.unknown),
            acknowledged: first.acknowledged,
            recovered: read(&counts.recovered),
            refused: first.refused,
            duplicates: first.duplicates,
            faults,
        })
    }

    /// Clients and troubles; answers what clients met that they must not.
    fn vote(&mut self, vote: &Vote<'_>) -> Result<Vec<String>> {
        thread::scope(|scope| {
            let clients: Vec<_> = (0..vote.size.clients)
                .map(|number| scope.spawn(move || vote.client(number)))
                .collect();
            let troubled = self.troubles(vote);
            vote.stop.store(true, Ordering::Relaxed);
            if troubled.is_err() {
                vote.doors.iter().for_each(Door::give_up);
            }
            let mut faults = Vec::new();
            for client in clients {
                match client.join() {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => faults.push(format!("{error:#}")),
                    Err(_) => faults.push("a client panicked".to_owned()),
                }
            }
            match troubled {
                Ok(()) => Ok(faults),
                Err(error) => bail!("{error:#}; clients: {faults:?}"),
            }
        })
    }

    fn troubles(&mut self, vote: &Vote<'_>) -> Result<()> {
        let mut chance = Chance::new(!vote.seed);
        // Each of them first, then by chance.
        let mut next = Trouble::ALL.to_vec();
        for _ in 0..vote.size.troubles {
            vote.await_ballots(vote.size.ballots_between)?;
            let trouble = match next.is_empty() {
                false => next.remove(0),
                true => world::pick(&mut chance, &Trouble::ALL),
            };
            self.trouble(trouble, vote, &mut chance)?;
        }
        vote.await_ballots(vote.size.ballots_between)?;
        // The end of the first machine.
        self.primary.crash();
        self.standby.promote();
        self.standby.set("synchronous_standby_names", "");
        vote.await_ballots(vote.size.ballots_between)
    }

    fn trouble(&mut self, trouble: Trouble, vote: &Vote<'_>, chance: &mut Chance) -> Result<()> {
        match trouble {
            Trouble::StandbyLost => self.standby.crash(),
            Trouble::StandbyPaused => self.standby.pause(),
            Trouble::PrimaryPaused => self.primary.pause(),
            Trouble::PrimaryCrashed => self.primary.crash(),
        }
        vote.await_silence()?;
        let most_ms = u64::try_from(vote.size.lasts.as_millis())?;
        thread::sleep(Duration::from_millis(chance.below(most_ms + 1)));
        match trouble {
            Trouble::StandbyLost => self.standby.start_again(Durability::None),
            Trouble::StandbyPaused => self.standby.go_on(),
            Trouble::PrimaryPaused => self.primary.go_on(),
            Trouble::PrimaryCrashed => self.primary.start_again(Durability::None),
        }
        Ok(())
    }

    /// Everything sent again to a new server changes nothing and is answered as before.
    fn once_more(&self, lines: &[Vec<Line>], first: &Findings) -> Result<Vec<String>> {
        let mut server: Started = self.linli.spawn()?;
        let door = Door::default();
        door.open(server.listening()?);
        let (_, mut faults) = replay::replay(lines, &door)?;
        server.kill()?;
        if check::check_postgres(lines, &self.url)? != *first {
            faults.push("sending commands again changed the database".to_owned());
        }
        self.linli.check_store()?;
        Ok(faults)
    }
}

struct Vote<'a> {
    journals: PathBuf,
    doors: &'a [Door; 2],
    seed: u64,
    size: Size,
    counts: Counts,
    stop: AtomicBool,
}

impl Vote<'_> {
    fn client(&self, number: u32) -> Result<()> {
        let journal = Journal::create(&self.journals, number)?;
        let door = &self.doors[usize::try_from(number % 2)?];
        let mut client = Client {
            number,
            clients: self.size.clients,
            households: self.size.households,
            chance: Chance::new(self.seed ^ u64::from(number + 1) << 32),
            connection: Connection::patient(door, PATIENCE),
            journal,
            counts: &self.counts,
            may_fail: true,
        };
        let ended = client.run(&self.stop);
        if ended.is_err() {
            self.stop.store(true, Ordering::Relaxed);
        }
        ended
    }

    /// Waits until clients have been told of `more` ballots since now.
    fn await_ballots(&self, more: u64) -> Result<()> {
        let target = self.counts.acknowledged() + more;
        self.wait("no ballot", || self.counts.acknowledged() >= target)
    }

    /// Waits until somebody has asked in vain.
    fn await_silence(&self) -> Result<()> {
        let vain = || {
            let counts = [&self.counts.lost, &self.counts.busy, &self.counts.unknown];
            counts
                .map(|count| count.load(Ordering::Relaxed))
                .iter()
                .sum::<u64>()
        };
        let before = vain();
        self.wait("nobody noticed", || vain() > before)
    }

    fn wait(&self, what: &str, holds: impl Fn() -> bool) -> Result<()> {
        let since = Instant::now();
        while !holds() && !self.stop.load(Ordering::Relaxed) {
            ensure!(since.elapsed() < STALLED, "{what} in {STALLED:?}");
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}
