//! The roll and its ballots, checked and added up: who holds what, and who answered what.

use linli_model::limits::{ROLL_UNITS_MAX, UNIT_AREA_CSQM_MAX};
use linli_model::{CountFault, OwnerVote, OwnersCount, Unit};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;

/// A roll with its answers.
pub(super) struct Roll {
    pub(super) classes: Classes,
    /// Units without any area.
    pub(super) missing: Vec<String>,
    /// What each of them has at most.
    pub(super) missing_max: u64,
}

/// Heads and area by answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Classes {
    pub(super) yes: Class,
    pub(super) no: Class,
    pub(super) abstain: Class,
    pub(super) follow: Class,
    pub(super) silent: Class,
}

/// Owners who answered alike.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Class {
    pub(super) heads: u64,
    pub(super) known_csqm: u64,
    /// Units whose area is missing.
    pub(super) missing: u64,
}

impl Add for Class {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            heads: self.heads + other.heads,
            known_csqm: self.known_csqm + other.known_csqm,
            missing: self.missing + other.missing,
        }
    }
}

/// One head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder<'a> {
    Developer,
    Owner(&'a str),
}

type Holdings<'a> = BTreeMap<Holder<'a>, Class>;

/// Reads all of it, or lists every fault, in an order that does not depend on the file's.
pub(super) fn read(given: &OwnersCount) -> Result<Roll, Vec<CountFault>> {
    let mut faults = Vec::new();
    match given.matter {
        3 => faults.push(CountFault::ElectionElsewhere),
        1..=9 => {}
        matter => faults.push(CountFault::MatterUnknown { matter }),
    }
    let following = given.following.as_ref();
    if following.is_some_and(|rule| rule.basis.trim().is_empty()) {
        faults.push(CountFault::FollowingBasisMissing);
    }
    if given.units.len() > ROLL_UNITS_MAX || given.missing_area_max_csqm > Some(UNIT_AREA_CSQM_MAX)
    {
        faults.push(CountFault::TooLarge);
    }
    let holdings = holdings(&given.units, &mut faults);
    let votes = votes(given, &holdings, &mut faults);
    let missing = given.units.iter().filter(|unit| area_csqm(unit).is_none());
    let missing: Vec<String> = missing.map(|unit| unit.unit.clone()).collect();
    let largest = given.units.iter().filter_map(area_csqm).max();
    let missing_max = given.missing_area_max_csqm.or(largest);
    if missing_max.is_none() && !missing.is_empty() {
        faults.push(CountFault::NoAreas);
    }
    if faults.is_empty() {
        return Ok(Roll {
            classes: classes(&holdings, &votes),
            missing,
            missing_max: missing_max.unwrap_or(0),
        });
    }
    faults.sort();
    faults.dedup();
    Err(faults)
}

/// Registry, else survey, else contract. Zero is what a roll writes for "not known".
fn area_csqm(unit: &Unit) -> Option<u64> {
    let sources = [unit.registered_csqm, unit.surveyed_csqm, unit.contract_csqm];
    sources.into_iter().flatten().find(|area| *area > 0)
}

fn holdings<'a>(units: &'a [Unit], faults: &mut Vec<CountFault>) -> Holdings<'a> {
    let mut holdings = Holdings::new();
    let mut names = BTreeSet::new();
    if units.is_empty() {
        faults.push(CountFault::NoUnits);
    }
    for unit in units {
        let name = || unit.unit.clone();
        if !names.insert(unit.unit.as_str()) {
            faults.push(CountFault::UnitRepeated { unit: name() });
        }
        let holder = match unit.owner.trim() {
            _ if unit.developer => Holder::Developer,
            "" => {
                faults.push(CountFault::OwnerMissing { unit: name() });
                continue;
            }
            owner => Holder::Owner(owner),
        };
        let area = area_csqm(unit);
        if area > Some(UNIT_AREA_CSQM_MAX) {
            faults.push(CountFault::AreaTooLarge { unit: name() });
            continue;
        }
        let holding = holdings.entry(holder).or_default();
        holding.heads = 1;
        holding.known_csqm += area.unwrap_or(0);
        holding.missing += u64::from(area.is_none());
    }
    holdings
}

fn votes<'a>(
    given: &'a OwnersCount,
    holdings: &Holdings<'a>,
    faults: &mut Vec<CountFault>,
) -> BTreeMap<Holder<'a>, OwnerVote> {
    let mut votes = BTreeMap::new();
    let mut mandates: BTreeMap<&str, u64> = BTreeMap::new();
    for ballot in &given.ballots {
        let owner = ballot.owner.trim();
        let named = || owner.to_owned();
        let holder = match (ballot.developer, owner) {
            (true, "") => Holder::Developer,
            (true, _) => {
                faults.push(CountFault::VoterAmbiguous { owner: named() });
                continue;
            }
            (false, _) => Holder::Owner(owner),
        };
        if !holdings.contains_key(&holder) {
            faults.push(match holder {
                Holder::Developer => CountFault::DeveloperHoldsNothing,
                Holder::Owner(_) => CountFault::OwnerUnknown { owner: named() },
            });
        }
        if votes.insert(holder, ballot.vote).is_some() {
            faults.push(match holder {
                Holder::Developer => CountFault::DeveloperBallotRepeated,
                Holder::Owner(_) => CountFault::BallotRepeated { owner: named() },
            });
        }
        let proxy = ballot.proxy.trim();
        if !proxy.is_empty() {
            *mandates.entry(proxy).or_default() += 1;
        }
    }
    if let Some(max) = given.proxy_max {
        let too_many = mandates
            .into_iter()
            .filter(|(_, held)| *held > u64::from(max));
        faults.extend(
            too_many.map(|(proxy, mandates)| CountFault::TooManyMandates {
                proxy: proxy.to_owned(),
                mandates,
                max,
            }),
        );
    }
    votes
}

fn classes(holdings: &Holdings<'_>, votes: &BTreeMap<Holder<'_>, OwnerVote>) -> Classes {
    let mut classes = Classes::default();
    for (holder, holding) in holdings {
        let class = match votes.get(holder) {
            Some(OwnerVote::Yes) => &mut classes.yes,
            Some(OwnerVote::No) => &mut classes.no,
            Some(OwnerVote::Abstain) => &mut classes.abstain,
            Some(OwnerVote::Follow) => &mut classes.follow,
            None => &mut classes.silent,
        };
        *class = *class + *holding;
    }
    classes
}
