//! 代填 at the desk: finding the voter, what is sent, what is handed over.
//!
//! It is no [`Command`](super::Command): commands are kept as they were asked, and the
//! audit log must not hold what a voter chose.

use crate::UtcMs;
use crate::ballot::Choice;
use crate::id::PlaceId;
use crate::place::PlaceRef;
use crate::topic::Topic;
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Voters that one search tells.
pub const VOTERS_FOUND_MAX: usize = 20;
/// Characters of a search for voters.
pub const VOTER_SEARCH_CHARS_MAX: usize = 60;
/// Characters of who consented, and of what the recorder is to the voter.
pub const CONSENTER_CHARS_MAX: usize = 40;

/// How a voter consented that somebody fills in for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Manner {
    /// Face to face.
    InPerson,
    /// By telephone.
    ByPhone,
    /// In writing.
    Written,
}

words!(Manner {
    InPerson = "in_person",
    ByPhone = "by_phone",
    Written = "written",
});

impl Manner {
    /// Every manner, in the order shown.
    pub const ALL: [Self; 3] = [Self::InPerson, Self::ByPhone, Self::Written];
}

/// Whether a voter's ballot is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Voted {
    /// Not yet.
    NotYet,
    /// Cast by the household: staff do not replace it.
    Themselves,
    /// Filled in by staff, who may fill it in anew.
    FilledIn,
}

words!(Voted {
    NotYet = "not_yet",
    Themselves = "themselves",
    FilledIn = "filled_in",
});

/// A voter whom a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VoterHit {
    /// The household's label on the roll.
    pub label: String,
    /// Its place.
    pub place: PlaceRef,
    /// Whether a ballot of theirs counts.
    pub voted: Voted,
}

/// Answer of `GET …/desk/polls/{topic}/voters?search=TEXT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VotersFound {
    /// What is voted on, as residents see it.
    pub topic: Topic,
    /// At most [`VOTERS_FOUND_MAX`], the shortest labels first; none without a search.
    pub voters: Vec<VoterHit>,
    /// Whether there are more: search for more words.
    pub more: bool,
}

/// Body of `POST …/desk/polls/{topic}/behalf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FillIn {
    /// The household's place.
    pub place: PlaceId,
    /// The household's label.
    pub label: String,
    /// What it chose.
    pub choice: Choice,
    /// How it consented.
    pub manner: Manner,
    /// Who of it consented, 1–40 characters. Kept sealed.
    pub consenter: String,
    /// What the recorder is to it, at most 40 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relation: String,
    /// When it consented; not in the future.
    pub consented_at_ms: UtcMs,
}

/// What came of filling in: to be handed over to the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FilledIn {
    /// The receipt's code, for reading aloud.
    pub code: String,
    /// 1 for the household's first ballot.
    pub revision: u32,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at_ms: Option<UtcMs>,
}
