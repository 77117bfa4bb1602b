//! What adopting a roll changes: every entry of it finds the one that it was before.

use linli_model::desk::roll::{RollDiff, RollEntry, RollKind};
use std::collections::HashMap;

/// An entry that stands on a roll, or stood there once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its number.
    pub entry: i64,
    /// Its voter's number.
    pub voter: i64,
    /// Whether it stands there now.
    pub is_current: bool,
    /// What it says.
    pub content: RollEntry,
}

/// An entry to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Its number: the one that it had, or a new one.
    pub entry: i64,
    /// Its voter's number.
    pub voter: i64,
    /// Which of the wanted entries.
    pub index: usize,
}

/// What adopting changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Entries that end: removed ones, and changed ones before they are put again.
    pub close: Vec<i64>,
    /// Entries to write.
    pub put: Vec<Put>,
    /// The voter's number of every wanted entry, in their order.
    pub voters_of: Vec<i64>,
    /// Voters who are no longer on the roll.
    pub removed_voters: Vec<i64>,
    /// How many voters are on it.
    pub voters: u32,
    /// The changes in figures.
    pub diff: RollDiff,
}

/// Compares what stands (the latest of each number) with what is wanted.
///
/// An entry that was removed and comes back gets its old number: who voted before must
/// not vote a second time. `number_of` gives the numbers of new entries that are fixed
/// elsewhere, as those of households are.
pub fn plan(
    kind: RollKind,
    standing: &[Standing],
    wanted: &[RollEntry],
    number_of: impl Fn(&RollEntry) -> Option<i64>,
) -> Plan {
    let mut known: HashMap<(&str, &str, &str), &Standing> = HashMap::with_capacity(standing.len());
    let mut owners: HashMap<(bool, &str), i64> = HashMap::new();
    let mut last = 0;
    for old in standing {
        known
            .entry(key(kind, &old.content))
            .and_modify(|other| {
                if old.is_current || !other.is_current && old.entry > other.entry {
                    *other = old;
                }
            })
            .or_insert(old);
        owners.entry(owner(&old.content)).or_insert(old.voter);
        last = last.max(old.entry).max(old.voter);
    }
    let mut plan = Plan::default();
    let mut met = std::collections::HashSet::with_capacity(wanted.len());
    let mut voters = std::collections::HashSet::with_capacity(wanted.len());
    for (index, entry) in wanted.iter().enumerate() {
        let old = known.get(&key(kind, entry)).copied();
        let number = old.map(|old| old.entry).or_else(|| number_of(entry));
        let number = number.unwrap_or_else(|| {
            last += 1;
            last
        });
        let voter = if kind == RollKind::Owners {
            *owners.entry(owner(entry)).or_insert_with(|| {
                last += 1;
                last
            })
        } else {
            number
        };
        voters.insert(voter);
        plan.voters_of.push(voter);
        let put = Put {
            entry: number,
            voter,
            index,
        };
        match old.filter(|old| old.is_current) {
            Some(old) => {
                met.insert(old.entry);
                if old.content == *entry && old.voter == voter {
                    plan.diff.unchanged += 1;
                } else {
                    plan.diff.changed += 1;
                    plan.close.push(old.entry);
                    plan.put.push(put);
                }
            }
            None => {
                plan.diff.added += 1;
                plan.put.push(put);
            }
        }
    }
    let gone = standing
        .iter()
        .filter(|old| old.is_current && !met.contains(&old.entry));
    for old in gone {
        plan.diff.removed += 1;
        plan.close.push(old.entry);
    }
    let mut left: Vec<i64> = standing
        .iter()
        .filter(|old| old.is_current && !voters.contains(&old.voter))
        .map(|old| old.voter)
        .collect();
    left.sort_unstable();
    left.dedup();
    plan.removed_voters = left;
    plan.voters = u32::try_from(voters.len()).unwrap_or(u32::MAX);
    plan
}

/// What makes an entry the same one as before.
fn key(kind: RollKind, entry: &RollEntry) -> (&str, &str, &str) {
    let name = match kind {
        RollKind::Households | RollKind::Owners => "",
        RollKind::Persons | RollKind::Tenants | RollKind::Members => &entry.name,
    };
    (entry.place.as_str(), &entry.label, name)
}

/// Whose a unit is.
fn owner(entry: &RollEntry) -> (bool, &str) {
    (entry.developer, &entry.owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::PlaceId;

    fn unit(label: &str, owner: &str) -> RollEntry {
        RollEntry {
            place: PlaceId::parse("grid-1").unwrap(),
            label: label.to_owned(),
            name: owner.to_owned(),
            owner: owner.to_owned(),
            developer: owner.is_empty(),
            registered_csqm: Some(9_000),
            surveyed_csqm: None,
            contract_csqm: None,
        }
    }

    fn stands(entry: i64, voter: i64, is_current: bool, content: RollEntry) -> Standing {
        Standing {
            entry,
            voter,
            is_current,
            content,
        }
    }

    #[test]
    fn units_of_one_owner_share_a_voter_and_the_developers_are_one() {
        let wanted = [
            unit("101", "王"),
            unit("102", "李"),
            unit("103", "王"),
            unit("104", ""),
            unit("105", ""),
        ];
        let plan = plan(RollKind::Owners, &[], &wanted, |_| None);
        let voters: Vec<i64> = plan.put.iter().map(|put| put.voter).collect();
        assert_eq!(voters[0], voters[2]);
        assert_eq!(voters[3], voters[4]);
        assert_eq!((plan.voters, plan.diff.added), (3, 5));
        let entries: std::collections::HashSet<i64> =
            plan.put.iter().map(|put| put.entry).collect();
        assert_eq!(entries.len(), 5);
    }

    #[test]
    fn what_comes_again_keeps_its_number() {
        let before = [
            stands(1, 2, true, unit("101", "王")),
            stands(3, 4, true, unit("102", "李")),
            stands(5, 6, false, unit("103", "赵")),
            stands(7, 8, true, unit("104", "钱")),
        ];
        let wanted = [unit("101", "王"), unit("102", "孙"), unit("103", "赵")];
        let plan = plan(RollKind::Owners, &before, &wanted, |_| None);
        let diff = RollDiff {
            added: 1,
            changed: 1,
            removed: 1,
            unchanged: 1,
        };
        assert_eq!(plan.diff, diff);
        assert_eq!(plan.close, [3, 7]);
        assert_eq!(
            plan.put[0].entry, 3,
            "a unit that was sold keeps its number"
        );
        assert!(plan.put[0].voter > 8, "its new owner is another voter");
        assert_eq!(
            (plan.put[1].entry, plan.put[1].voter),
            (5, 6),
            "who comes back is the same"
        );
        assert_eq!(plan.removed_voters, [4, 8]);
    }

    #[test]
    fn the_same_again_changes_nothing() {
        let before = [
            stands(1, 2, true, unit("101", "王")),
            stands(3, 2, true, unit("102", "王")),
        ];
        let wanted = [unit("102", "王"), unit("101", "王")];
        let plan = plan(RollKind::Owners, &before, &wanted, |_| None);
        assert_eq!(
            (plan.close.len(), plan.put.len(), plan.diff.unchanged),
            (0, 0, 2)
        );
    }
}
