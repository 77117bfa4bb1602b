//! What every store does alike with what it reads of rolls: pages, and the material of
//! owners' counts.

use linli_model::desk::roll::{OwnersMaterial, RollEntry, RollLine, RollPage};
use linli_model::{
    Choice, Electorate, OwnerBallot, OwnerVote, PollKind, Refusal, Secrecy, Stance, Topic, Unit,
};
use std::collections::HashMap;

/// Of one line more than a page has, the page.
pub(super) fn page(mut lines: Vec<RollLine>, limit: u32) -> RollPage {
    let limit = limit as usize;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|line| line.entry);
    RollPage { lines, next }
}

/// Owners are counted by area in recorded motions only: a secret ballot has no owner.
pub(super) fn require(topic: &Topic) -> Result<(), Refusal> {
    let poll = &topic.poll;
    if poll.electorate == Electorate::Owners
        && poll.secrecy == Secrecy::Recorded
        && poll.kind == PollKind::Motion
    {
        Ok(())
    } else {
        Err(Refusal::Unsupported)
    }
}

/// Collects units, then ballots.
pub(super) struct Sheet {
    owners: HashMap<String, (String, bool)>,
    material: OwnersMaterial,
}

impl Sheet {
    pub(super) fn new(roll_version: u32) -> Self {
        Self {
            owners: HashMap::new(),
            material: OwnersMaterial {
                roll_version,
                units: Vec::new(),
                ballots: Vec::new(),
                left_out: 0,
            },
        }
    }

    /// A unit of the voter with this word.
    pub(super) fn unit(&mut self, voter: String, name: String, entry: RollEntry) {
        let owner = (entry.owner.clone(), entry.developer);
        self.owners.insert(voter, owner);
        self.material.units.push(Unit {
            unit: name,
            owner: entry.owner,
            developer: entry.developer,
            registered_csqm: entry.registered_csqm,
            surveyed_csqm: entry.surveyed_csqm,
            contract_csqm: entry.contract_csqm,
        });
    }

    /// A stored ballot.
    pub(super) fn ballot(&mut self, voter: &str, choice: &str) -> Result<(), String> {
        let Some((owner, developer)) = self.owners.get(voter) else {
            self.material.left_out += 1;
            return Ok(());
        };
        let vote = match serde_json::from_str(choice) {
            Ok(Choice::Motion { stance }) => match stance {
                Stance::Yes => OwnerVote::Yes,
                Stance::No => OwnerVote::No,
                Stance::Abstain => OwnerVote::Abstain,
            },
            _ => return Err("stored choice: not an answer to a motion".to_owned()),
        };
        self.material.ballots.push(OwnerBallot {
            owner: owner.clone(),
            developer: *developer,
            vote,
            proxy: String::new(),
        });
        Ok(())
    }

    /// What was collected, in an order that tells nothing of when ballots came.
    pub(super) fn material(mut self) -> OwnersMaterial {
        let order = |ballot: &OwnerBallot| (ballot.developer, ballot.owner.clone());
        self.material.ballots.sort_by_key(order);
        self.material
    }
}
