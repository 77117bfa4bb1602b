//! The judge: compares a database with the journals of the clients that voted.
//!
//! It asks no server. What it holds to: every acknowledged ballot is there once, with
//! that very choice and revision, as its signed receipt says; no ballot is there whose
//! command was never sent, or was refused; a secret poll's register names exactly the
//! households whose ballots lie in the box; and the store's own invariants
//! (`linli check-store`). A command that was sent and never settled may be there or not.

mod commands;
mod database;

use crate::journal::{self, Line};
use anyhow::Result;
use commands::{Command, Commands, Fate};
use database::{Database, Held, Row};
use linli_model::{CastReply, Changes, Choice, IdempotencyKey, OptionId, ReceiptKeys, Refusal};
use linli_server::store::{CheckReport, postgres, sqlite};
use linli_server::{receipts, seal};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// What the judge saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Commands in the journals.
    pub commands: u64,
    /// Of these: acknowledged with a receipt.
    pub acknowledged: u64,
    /// Of these: refused.
    pub refused: u64,
    /// Of these: never settled.
    pub unsettled: u64,
    /// Ballots that count.
    pub ballots: u64,
    /// Ballots that later ones replaced.
    pub superseded: u64,
    /// Ballots beyond the one that a command or a voter may have.
    pub duplicates: u64,
    /// Everything that is not as it must be, in words.
    pub faults: Vec<String>,
}

/// Judges a database file by the journals in a folder.
pub fn check(journals: &Path, database: &Path) -> Result<Findings> {
    check_lines(&journal::read(journals)?, database)
}

/// Judges a database file by journals that have been read.
pub fn check_lines(journals: &[Vec<Line>], database: &Path) -> Result<Findings> {
    let held = Database::read(database)?;
    let own = sqlite::check(database, None).map_err(anyhow::Error::msg)?;
    judge(journals, &held, own)
}

/// Judges a PostgreSQL by journals that have been read.
pub fn check_postgres(journals: &[Vec<Line>], url: &str) -> Result<Findings> {
    let held = Database::read_postgres(url)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let own = runtime.block_on(postgres::check(url, None));
    judge(journals, &held, own.map_err(anyhow::Error::msg)?)
}

fn judge(journals: &[Vec<Line>], held: &Database, own: CheckReport) -> Result<Findings> {
    let commands = Commands::read(journals)?;
    let mut judge = Judge::new(&commands, held);
    let own = own.faults.into_iter();
    judge
        .found
        .faults
        .extend(own.map(|fault| format!("check-store: {fault}")));
    judge.rows();
    judge.commands();
    judge.seats();
    judge.registers();
    Ok(judge.found)
}

struct Judge<'a> {
    commands: &'a Commands,
    held: &'a Database,
    by_key: HashMap<&'a IdempotencyKey, Vec<&'a Row>>,
    /// Households that have a ballot, by poll.
    voted: HashSet<(&'a str, &'a str)>,
    /// Voters and addresses that have a ballot, by poll.
    seats: HashSet<(&'a str, &'a [u8])>,
    found: Findings,
}

impl<'a> Judge<'a> {
    fn new(commands: &'a Commands, held: &'a Database) -> Self {
        let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
        let (mut voted, mut seats) = (HashSet::new(), HashSet::new());
        for row in &held.rows {
            by_key.entry(&row.key).or_default().push(row);
            seats.insert((row.topic.as_str(), row.seat.as_slice()));
            if let Some(command) = commands.by_key.get(&row.key) {
                voted.insert((command.topic(), command.household.as_str()));
            }
        }
        let superseded = held.rows.iter().filter(|row| row.held == Held::Superseded);
        let superseded = superseded.count() as u64;
        let found = Findings {
            commands: commands.by_key.len() as u64,
            ballots: held.rows.len() as u64 - superseded,
            superseded,
            ..Findings::default()
        };
        Self {
            commands,
            held,
            by_key,
            voted,
            seats,
            found,
        }
    }

    fn fault(&mut self, about: &Row, what: impl AsRef<str>) {
        let text = format!("{}, command {}: {}", about.topic, about.key, what.as_ref());
        self.found.faults.push(text);
    }

    /// Nothing is there that was not sent as it is there.
    fn rows(&mut self) {
        let (held, commands) = (self.held, self.commands);
        for row in &held.rows {
            let Some(command) = commands.by_key.get(&row.key) else {
                self.fault(row, "a ballot whose command was never sent");
                continue;
            };
            if command.topic() != row.topic {
                self.fault(row, "a ballot in another poll than it was sent to");
            } else if held.seat(command) != Some(row.seat.clone()) {
                self.fault(row, "a ballot of another voter than it was sent by");
            }
            let stored = serde_json::from_str::<Choice>(&row.choice);
            let sent = &command.command.ballot.choice;
            if !stored.is_ok_and(|stored| is_same(&stored, sent)) {
                self.fault(row, "a ballot with another choice than was sent");
            }
        }
    }

    /// Every command has the effect that its client was told, once.
    fn commands(&mut self) {
        let commands = self.commands;
        for command in commands.by_key.values() {
            let rows = self.by_key.get(&command.command.key);
            let rows = rows.map_or(&[][..], Vec::as_slice);
            let about = |what: String| {
                let (topic, key) = (command.topic(), &command.command.key);
                format!("{topic}, command {key}: {what}")
            };
            if rows.len() > 1 {
                self.found.duplicates += rows.len() as u64 - 1;
                let what = format!("it is there {} times", rows.len());
                self.found.faults.push(about(what));
            }
            let what = match &command.fate {
                Fate::Unsettled => {
                    self.found.unsettled += 1;
                    continue;
                }
                Fate::Acknowledged(body) => {
                    self.found.acknowledged += 1;
                    self.acknowledged(command, body, rows.first())
                }
                Fate::Refused(refusal) => {
                    self.found.refused += 1;
                    self.refused(command, refusal, rows.first())
                }
            };
            if let Err(what) = what {
                self.found.faults.push(about(what));
            }
        }
    }

    fn acknowledged(
        &self,
        command: &Command,
        body: &str,
        row: Option<&&Row>,
    ) -> Result<(), String> {
        let row = row.ok_or("acknowledged, and it is not there")?;
        let reply: CastReply =
            serde_json::from_str(body).map_err(|error| format!("no receipt: {error}"))?;
        let (receipt, opening) = (&reply.receipt, &reply.opening);
        promise(&reply, &self.commands.keys)?;
        if receipt.topic != command.command.topic
            || receipt.poll != command.command.poll
            || !is_same(&opening.choice, &command.command.ballot.choice)
        {
            return Err("the receipt is about another ballot".to_owned());
        }
        if receipt.revision != row.revision {
            let (told, held) = (receipt.revision, row.revision);
            return Err(format!("acknowledged as revision {told}, there as {held}"));
        }
        if receipt.revision <= command.after_revision {
            let after = command.after_revision;
            return Err(format!(
                "sent after revision {after} was acknowledged, there before it"
            ));
        }
        let commitment = seal::commitment(&row.nonce, &row.choice);
        let is_kept = receipt.commitment == seal::hex(&commitment)
            && opening.nonce == seal::hex(&row.nonce)
            && receipt.key_id == row.key_id
            && receipt.cast_at_ms == row.cast_at_ms;
        match is_kept {
            true => Ok(()),
            false => Err("what is there is not what the receipt promises".to_owned()),
        }
    }

    /// A refusal has no effect, and its reason is true.
    fn refused(
        &self,
        command: &Command,
        refusal: &Refusal,
        row: Option<&&Row>,
    ) -> Result<(), String> {
        let code = refusal.code();
        if row.is_some() {
            return Err(format!("refused ({code}), and it is there"));
        }
        let topic = self
            .held
            .topics
            .iter()
            .find(|topic| topic.id == command.command.topic);
        let poll = &topic.ok_or("its topic is not there")?.poll;
        let has_voted = self.voted.contains(&(command.topic(), &command.household));
        let is_true = match refusal {
            Refusal::AlreadyVoted => has_voted && poll.changes == Changes::Never,
            Refusal::BallotSecretLost => {
                let seat = self.held.seat(command).unwrap_or_default();
                has_voted && !self.seats.contains(&(command.topic(), seat.as_slice()))
            }
            _ => false,
        };
        match is_true {
            true => Ok(()),
            false => Err(format!("refused ({code}), which is not so")),
        }
    }

    /// A voter has one ballot that counts, and its revisions have no gap.
    fn seats(&mut self) {
        let held = self.held;
        let mut seats: BTreeMap<(&str, &[u8]), Vec<&Row>> = BTreeMap::new();
        for row in &held.rows {
            let seat = (row.topic.as_str(), row.seat.as_slice());
            seats.entry(seat).or_default().push(row);
        }
        for mut rows in seats.into_values() {
            rows.sort_by_key(|row| row.revision);
            let current = rows.iter().filter(|row| row.held == Held::Current).count();
            self.found.duplicates += current.saturating_sub(1) as u64;
            let last = rows[rows.len() - 1];
            if current != 1 || last.held != Held::Current {
                self.fault(last, format!("its voter has {current} ballots that count"));
            }
            if rows.iter().zip(1..).any(|(row, nth)| row.revision != nth) {
                self.fault(last, "the revisions of its voter have a gap");
            }
        }
    }

    /// The register of a secret poll and its box agree, though nothing in the file ties
    /// them together: the journals know both.
    fn registers(&mut self) {
        for topic in self.held.secret() {
            let name = topic.id.as_str();
            let of_topic = self.commands.by_key.values().filter(|c| c.topic() == name);
            let mark = |household: &str| self.held.mark(topic, household);
            let sent: HashSet<_> = of_topic.map(|c| mark(&c.household)).collect();
            let voted = self.voted.iter().filter(|(topic, _)| *topic == name);
            let voted: HashSet<_> = voted.map(|(_, household)| mark(household)).collect();
            let register = self.held.register(name);
            let seats = self.held.rows.iter().filter(|row| row.topic == name);
            let seats: HashSet<_> = seats.map(|row| &row.seat).collect();
            let strangers = register.iter().filter(|m| !sent.contains(&Some(**m)));
            let counts = [
                (strangers.count(), "in the register have sent nothing"),
                (
                    register
                        .iter()
                        .filter(|m| !voted.contains(&Some(**m)))
                        .count(),
                    "in the register have no ballot in the box",
                ),
                (
                    voted
                        .iter()
                        .flatten()
                        .filter(|m| !register.contains(*m))
                        .count(),
                    "with a ballot in the box are not in the register",
                ),
                (
                    register.len().abs_diff(seats.len()),
                    "is the difference between register and box",
                ),
            ];
            for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
                self.found.faults.push(format!("{name}: {count} {what}"));
            }
        }
    }
}

/// The reply is signed by one of the keys and opens to what it shows.
fn promise(reply: &CastReply, keys: &ReceiptKeys) -> Result<(), String> {
    receipts::verify(&reply.receipt, keys)
        .and_then(|()| receipts::verify_opening(&reply.receipt, &reply.opening))
        .map_err(|fault| fault.to_string())
}

/// Options are a set; the store keeps them in the poll's order.
fn is_same(one: &Choice, other: &Choice) -> bool {
    let sorted = |options: &[OptionId]| {
        let mut options = options.to_vec();
        options.sort();
        options
    };
    match (one, other) {
        (Choice::Options { options: one }, Choice::Options { options: other }) => {
            sorted(one) == sorted(other)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests;
