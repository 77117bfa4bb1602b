//! What must hold of a store's rows, whichever store they lie in. A store brings its
//! rows; this judges them.

use super::rolls::voter_word;
use super::{CastRecord, StoredTopic};
use crate::seal;
use linli_model::desk::roll::RollKind;
use linli_model::{Choice, Secrecy, Topic};
use linli_rules::ballot;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Makes a stored ballot's receipt again. A store's check asks this of every ballot.
pub trait Attest {
    /// Whether the receipt is genuine, or in which way it is not.
    fn attest(&self, record: &CastRecord) -> Result<(), String>;
}

/// What a check of a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Topics looked at.
    pub topics: u64,
    /// Ballots that count.
    pub ballots: u64,
    /// Ballots that later ones replaced.
    pub superseded: u64,
    /// Receipts made again and verified; 0 without the keys.
    pub receipts: u64,
    /// Everything that is not as it must be, in words.
    pub faults: Vec<String>,
}

/// Tables whose rows belong to a poll each.
pub(super) const OF_POLLS: [&str; 6] = [
    "ballot",
    "ballot_superseded",
    "voted_register",
    "ballot_box",
    "ballot_box_superseded",
    "ballot_on_behalf",
];

/// Counts records of filling in without their ballot.
pub(super) const UNFOUNDED: &str = "SELECT count(*) FROM ballot_on_behalf o
    WHERE NOT EXISTS (SELECT 1 FROM ballot b WHERE b.community_id = o.community_id
        AND b.poll_id = o.poll_id AND b.voter = o.voter AND b.revision = o.revision)
    AND NOT EXISTS (SELECT 1 FROM ballot_superseded b WHERE b.community_id = o.community_id
        AND b.poll_id = o.poll_id AND b.voter = o.voter AND b.revision = o.revision)";

/// A ballot of either kind; the seat is a voter or an address.
pub(super) struct Sheet {
    pub(super) seat: Vec<u8>,
    pub(super) revision: u32,
    pub(super) choice: String,
    pub(super) nonce: [u8; 32],
    pub(super) key_id: String,
    pub(super) cast_at_ms: Option<i64>,
    pub(super) on_behalf: bool,
}

/// Everything stored about one poll.
pub(super) struct PollRows {
    /// Ballots that count.
    pub(super) current: Vec<Sheet>,
    /// Ballots that later ones replaced.
    pub(super) superseded: Vec<Sheet>,
    /// The register of a secret poll.
    pub(super) marks: HashSet<Vec<u8>>,
    /// Everybody who stands or once stood on the roll of the poll's electorate.
    pub(super) voters: Vec<i64>,
}

/// Collects what is found.
pub(super) struct Judge<'a> {
    receipts: Option<&'a dyn Attest>,
    report: CheckReport,
}

impl<'a> Judge<'a> {
    pub(super) fn new(receipts: Option<&'a dyn Attest>) -> Self {
        Self {
            receipts,
            report: CheckReport::default(),
        }
    }

    pub(super) fn report(self) -> CheckReport {
        self.report
    }

    pub(super) fn fault(&mut self, what: String) {
        self.report.faults.push(what);
    }

    /// The topic in `body`, if it can be read.
    pub(super) fn topic(&mut self, id: &str, body: &str) -> Option<Topic> {
        self.report.topics += 1;
        match serde_json::from_str(body) {
            Ok(topic) => Some(topic),
            Err(error) => {
                self.fault(format!("topic {id} cannot be read: {error}"));
                None
            }
        }
    }

    /// Rows of `table` without a poll.
    pub(super) fn strays(&mut self, table: &str, count: u64) {
        if count > 0 {
            self.fault(format!("{count} rows of {table} belong to no poll"));
        }
    }

    /// Records of filling in that belong to no ballot.
    pub(super) fn unfounded(&mut self, count: u64) {
        if count > 0 {
            self.fault(format!("{count} records of filling in belong to no ballot"));
        }
    }

    pub(super) fn poll(&mut self, topic: Topic, rows: PollRows) {
        let stored = Arc::new(StoredTopic {
            topic,
            origins: Vec::new(),
            notices: Vec::new(),
            version: 0,
        });
        let poll = stored.topic.poll.id.to_string();
        let PollRows {
            current,
            superseded,
            marks,
            voters,
        } = rows;
        self.report.ballots += current.len() as u64;
        self.report.superseded += superseded.len() as u64;
        let mut earlier: HashMap<&[u8], usize> = HashMap::new();
        for old in &superseded {
            *earlier.entry(&old.seat).or_default() += 1;
        }
        let mut seats = HashSet::new();
        for sheet in &current {
            if !seats.insert(sheet.seat.clone()) {
                self.fault(format!("poll {poll}: two ballots of one voter"));
            }
            let earlier = earlier.get(&*sheet.seat).copied().unwrap_or(0);
            if earlier + 1 != sheet.revision as usize {
                self.fault(format!(
                    "poll {poll}: a ballot of revision {} has {earlier} before it",
                    sheet.revision
                ));
            }
        }
        if superseded.iter().any(|old| !seats.contains(&old.seat)) {
            self.fault(format!(
                "poll {poll}: a replaced ballot without the one that replaced it"
            ));
        }
        for sheet in current.into_iter().chain(superseded) {
            self.sheet(&stored, sheet);
        }
        self.voters(&stored.topic, seats, marks, &voters);
    }

    fn sheet(&mut self, stored: &Arc<StoredTopic>, sheet: Sheet) {
        let poll = &stored.topic.poll;
        let fits = serde_json::from_str::<Choice>(&sheet.choice).is_ok_and(|choice| {
            ballot::check(poll, &choice)
                .is_ok_and(|b| seal::choice_text(b.choice()) == sheet.choice)
        });
        if !fits {
            self.fault(format!(
                "poll {}: a choice that the poll does not allow",
                poll.id
            ));
        }
        let Some(receipts) = self.receipts else {
            return;
        };
        let record = CastRecord {
            topic: Arc::clone(stored),
            revision: sheet.revision,
            choice: sheet.choice,
            nonce: sheet.nonce,
            key_id: sheet.key_id,
            cast_at_ms: sheet.cast_at_ms,
            on_behalf: sheet.on_behalf,
            replayed: true,
        };
        match receipts.attest(&record) {
            Ok(()) => self.report.receipts += 1,
            Err(what) => self.fault(format!("poll {}: {what}", poll.id)),
        }
    }

    /// Recorded: every voter is known. Secret: as many entries in the register as
    /// ballots in the box, each entry of somebody on the roll.
    fn voters(
        &mut self,
        topic: &Topic,
        seats: HashSet<Vec<u8>>,
        marks: HashSet<Vec<u8>>,
        voters: &[i64],
    ) {
        let poll = topic.poll.id.as_str();
        let who = match topic.poll.secrecy {
            Secrecy::Recorded if !marks.is_empty() => {
                self.fault(format!("poll {poll} is recorded, yet has a register"));
                return;
            }
            Secrecy::Recorded => seats,
            Secrecy::Secret => {
                if marks.len() != seats.len() {
                    self.fault(format!(
                        "poll {poll}: {} in the register, {} in the box",
                        marks.len(),
                        seats.len()
                    ));
                }
                marks
            }
        };
        let Some(kind) = RollKind::of(topic.poll.electorate) else {
            return;
        };
        let on_roll = |voter: &i64| {
            let word = voter_word(kind, *voter);
            match topic.poll.secrecy {
                Secrecy::Recorded => word.into_bytes(),
                Secrecy::Secret => seal::voter_mark(topic, &word).to_vec(),
            }
        };
        let roll: HashSet<Vec<u8>> = voters.iter().map(on_roll).collect();
        let unknown = who.difference(&roll).count();
        if unknown > 0 {
            self.fault(format!("poll {poll}: {unknown} voters are not on the roll"));
        }
    }
}
