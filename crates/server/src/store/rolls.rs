//! Rolls and places as staff change them: whole intents, each one transaction.
//!
//! A refusal of the desk is a value, not a failure: nothing was written when one comes.
//! Ballots know voters by words made here; `ballot` and `grants` of each store read the
//! same tables.

use super::{PreparedHousehold, RollContacts, StoreFuture, StoredTopic};
use crate::roll::Standing;
use linli_model::desk::roll::{
    OwnersMaterial, PlaceNode, RollEntry, RollKind, RollPage, RollPreview, RollProof, RollRefusal,
    RollVersion,
};
use linli_model::{CommunityId, PlaceId, Refusal};
use std::collections::HashMap;

/// What the desk asks of a store about rolls and places.
pub trait RollStore {
    /// The community's places and its time zone.
    fn places<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<CommunityPlaces>>;

    /// Sets the tree of places, which the caller has checked to be one. Places that are
    /// left out vanish, unless entries, households or topics belong to them.
    fn set_places<'a>(
        &'a self,
        community: &'a str,
        places: Vec<PlaceNode>,
    ) -> StoreFuture<'a, Told<()>>;

    /// Everything that stands or once stood on a roll, the latest of each entry, with
    /// the version of now (0 where there is none).
    fn roll_standing<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<(u32, Vec<Standing>)>>;

    /// Keeps a preview until it is adopted or expires. Expired ones are thrown away, and
    /// the oldest where there are too many.
    fn save_roll_draft(&self, draft: RollDraft) -> StoreFuture<'_, Told<()>>;

    /// A preview that waits.
    fn roll_draft<'a>(
        &'a self,
        community: &'a str,
        draft: &'a str,
        now_ms: i64,
    ) -> StoreFuture<'a, Told<RollPreview>>;

    /// Makes a preview the roll's next version, if the roll is still the one that the
    /// preview was compared with.
    fn adopt_roll(&self, adopt: AdoptRoll) -> StoreFuture<'_, Told<RollVersion>>;

    /// The current version of every roll of a community.
    fn rolls<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Told<Vec<RollVersion>>>;

    /// Every version of a roll, the latest first.
    fn roll_versions<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
    ) -> StoreFuture<'a, Told<Vec<RollVersion>>>;

    /// A page of a roll as it is now.
    fn roll_entries(&self, query: EntriesQuery) -> StoreFuture<'_, Told<RollPage>>;

    /// What a version's commitment was made of; `None` asks for the current version.
    fn roll_proof<'a>(
        &'a self,
        community: &'a str,
        kind: RollKind,
        version: Option<u32>,
    ) -> StoreFuture<'a, Told<RollProof>>;

    /// Units and answers of a recorded poll of owners.
    fn owners_material<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, OwnersMaterial>;
}

/// An answer to the desk.
pub type Told<T> = Result<T, RollRefusal>;

/// Where a community is.
#[derive(Debug, Clone)]
pub struct CommunityPlaces {
    /// IANA time zone.
    pub time_zone: String,
    /// Its tree, ordered by identifier.
    pub places: Vec<PlaceNode>,
}

/// A preview with everything that adopting it needs.
#[derive(Debug, Clone)]
pub struct RollDraft {
    /// What staff see of it.
    pub preview: RollPreview,
    /// Every entry that can be adopted.
    pub entries: Vec<RollEntry>,
    /// Their contacts, where the file has a column of them.
    pub contacts: Option<RollContacts>,
}

/// Adopts a preview.
#[derive(Debug, Clone)]
pub struct AdoptRoll {
    /// The community.
    pub community: CommunityId,
    /// The preview.
    pub draft: String,
    /// Whether rows with errors may be left out.
    pub leave_out_errors: bool,
    /// By whom, as the caller names them.
    pub by: String,
}

/// Asks for a page of a roll.
#[derive(Debug, Clone)]
pub struct EntriesQuery {
    /// The community.
    pub community: CommunityId,
    /// The roll.
    pub kind: RollKind,
    /// Entries of higher numbers only.
    pub after: i64,
    /// Most entries.
    pub limit: u32,
    /// Part of a label or name; empty for all.
    pub search: String,
    /// This place and every one below it; absent for all.
    pub place: Option<PlaceId>,
}

/// The word by which ballots know a voter.
pub(crate) fn voter_word(kind: RollKind, voter: i64) -> String {
    format!("{}{voter}", letter(kind))
}

/// What words of a kind's voters begin with.
pub(super) const fn letter(kind: RollKind) -> char {
    match kind {
        RollKind::Households => 'h',
        RollKind::Persons => 'p',
        RollKind::Owners => 'o',
        RollKind::Tenants => 't',
        RollKind::Members => 'm',
    }
}

/// The voter of a word; `None` where it is not one of this kind. Asked of every ballot
/// when a poll is counted.
pub(super) fn voter_number(kind: RollKind, word: &str) -> Option<i64> {
    let digits = word.strip_prefix(letter(kind))?;
    let is_plain = digits == "0" || digits.starts_with(|first| ('1'..='9').contains(&first));
    digits.parse().ok().filter(|_| is_plain)
}

/// What a roll is asked by for the voter of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnownBy {
    /// The voter's own number.
    Voter(i64),
    /// The number of the household that they belong to.
    Household(i64),
}

/// How the roll of `kind` finds whom a word names; `None` where it cannot name one of
/// its voters. A household stands for its owner or tenant, never for one of its people.
pub(super) fn known_by(kind: RollKind, word: &str) -> Option<KnownBy> {
    if let Some(number) = voter_number(kind, word) {
        return Some(KnownBy::Voter(number));
    }
    let household = voter_number(RollKind::Households, word)?;
    takes_household_codes(kind).ok()?;
    Some(KnownBy::Household(household))
}

/// Whether a household's code can name a voter of this kind: not where it would name
/// whoever of the family holds the paper.
pub(super) fn takes_household_codes(kind: RollKind) -> Result<(), Refusal> {
    match kind {
        RollKind::Households | RollKind::Owners | RollKind::Tenants => Ok(()),
        RollKind::Persons | RollKind::Members => Err(Refusal::Unsupported),
    }
}

/// The number of a voter of `kind` whom a word names as such.
pub(super) fn own_number(kind: RollKind, word: &str) -> Option<i64> {
    match known_by(kind, word)? {
        KnownBy::Voter(number) => Some(number),
        KnownBy::Household(_) => None,
    }
}

/// Rolls on which a contact may name somebody for their own data, the people first.
pub(super) const VOTERS_OF_ONESELF: [RollKind; 5] = [
    RollKind::Persons,
    RollKind::Members,
    RollKind::Owners,
    RollKind::Tenants,
    RollKind::Households,
];

/// The one of them whom a contact names, if it is one.
pub(super) fn named_as_own(current: &[i64]) -> Option<i64> {
    match current {
        [number] => Some(*number),
        _ => None,
    }
}

/// The roll of a voter's word.
pub(super) fn kind_of(word: &str) -> Option<RollKind> {
    let is_own = |kind: &RollKind| own_number(*kind, word).is_some();
    RollKind::ALL.into_iter().find(is_own)
}

/// Whom a contact or link names, of those whose it is: the one voter of the roll, else
/// the one household that stands for its owner or tenant. `current` are the numbers of
/// those who stand on the roll now. Where it is several voters' it names none of them.
pub(super) fn named_by(kind: RollKind, words: &[String], current: &[i64]) -> Option<String> {
    match current {
        [] => {}
        [number] => return Some(voter_word(kind, *number)),
        _ => return None,
    }
    let mut households = words
        .iter()
        .filter(|word| matches!(known_by(kind, word), Some(KnownBy::Household(_))));
    let first = households.next()?;
    households.next().is_none().then(|| first.clone())
}

/// Whether an entry is tied to the household of its place and label, so that its code
/// names the voter. A slip of paper for an unsold flat must not speak for the developer.
pub(super) fn is_tied(entry: &RollEntry) -> bool {
    !entry.developer && !entry.label.is_empty()
}

/// Whom a bearer turned out to be.
pub(super) enum Found {
    /// The voter's word, and what they are called on their own screen.
    Voter { word: String, label: String },
    /// Nobody who may vote here.
    Nobody,
    /// Several people who may.
    Several,
}

impl Found {
    /// Of what a code's household has on the roll: each voter's number with a label.
    pub(super) fn of(kind: RollKind, mut voters: Vec<(i64, String)>) -> Self {
        voters.sort_unstable();
        voters.dedup_by_key(|(voter, _)| *voter);
        match voters.pop() {
            None => Self::Nobody,
            Some(_) if !voters.is_empty() => Self::Several,
            Some((voter, label)) => Self::Voter {
                word: voter_word(kind, voter),
                label,
            },
        }
    }
}

/// A roll of households after an import that only adds and updates; `None` where it
/// stays as it is.
pub(super) fn with_imported(
    version: u32,
    standing: &[Standing],
    households: &[PreparedHousehold],
) -> Option<Vec<RollEntry>> {
    let current = standing.iter().filter(|old| old.is_current);
    let mut wanted: Vec<RollEntry> = current.map(|old| old.content.clone()).collect();
    let mut known: HashMap<(PlaceId, String), usize> = wanted
        .iter()
        .enumerate()
        .map(|(index, entry)| ((entry.place.clone(), entry.label.clone()), index))
        .collect();
    let mut changed = version == 0 && !wanted.is_empty();
    for household in households {
        let area = household
            .area_csqm
            .and_then(|area| u64::try_from(area).ok());
        let next = wanted.len();
        let key = (household.place.clone(), household.label.clone());
        let index = *known.entry(key).or_insert(next);
        if index == next {
            wanted.push(RollEntry {
                place: household.place.clone(),
                label: household.label.clone(),
                name: String::new(),
                owner: String::new(),
                developer: false,
                registered_csqm: area,
                surveyed_csqm: None,
                contract_csqm: None,
            });
            changed = true;
        } else if area.is_some() && wanted[index].registered_csqm != area {
            wanted[index].registered_csqm = area;
            changed = true;
        }
    }
    changed.then_some(wanted)
}

/// A unit's name in a count: labels repeat from place to place.
pub(super) fn unit_name(place: &str, label: &str) -> String {
    format!("{place} {label}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_of_several_voters_of_a_roll_names_none_of_them() {
        type Case = (
            RollKind,
            &'static [&'static str],
            &'static [i64],
            Option<&'static str>,
            &'static str,
        );
        let cases: [Case; 8] = [
            (RollKind::Persons, &["p7"], &[7], Some("p7"), "one person"),
            (
                RollKind::Persons,
                &["h1", "p7"],
                &[7],
                Some("p7"),
                "and their household",
            ),
            (
                RollKind::Persons,
                &["p7", "p8"],
                &[7, 8],
                None,
                "a couple's phone",
            ),
            (
                RollKind::Persons,
                &["p7", "p8"],
                &[8],
                Some("p8"),
                "one has left",
            ),
            (
                RollKind::Persons,
                &["h1"],
                &[],
                None,
                "a household is no person",
            ),
            (
                RollKind::Owners,
                &["h1"],
                &[],
                Some("h1"),
                "a household's owner",
            ),
            (
                RollKind::Owners,
                &["h1", "o5"],
                &[5],
                Some("o5"),
                "the owner before",
            ),
            (RollKind::Owners, &["h1", "h2"], &[], None, "two households"),
        ];
        for (kind, words, current, expected, reason) in cases {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let named = named_by(kind, &words, current);
            assert_eq!(named.as_deref(), expected, "{reason}");
        }
    }

    #[test]
    fn a_word_names_a_voter_of_its_own_roll_or_its_households() {
        let cases = [
            (RollKind::Households, "h7", Some(KnownBy::Voter(7))),
            (RollKind::Persons, "p7", Some(KnownBy::Voter(7))),
            (RollKind::Owners, "h7", Some(KnownBy::Household(7))),
            (RollKind::Tenants, "h7", Some(KnownBy::Household(7))),
            (RollKind::Persons, "h7", None),
            (RollKind::Members, "h7", None),
            (RollKind::Households, "p7", None),
            (RollKind::Households, "h07", None),
            (RollKind::Households, "h", None),
            (RollKind::Households, "", None),
        ];
        for (kind, word, expected) in cases {
            assert_eq!(known_by(kind, word), expected, "{kind:?} {word}");
        }
    }
}
