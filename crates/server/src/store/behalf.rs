//! 代填: ballots that somebody fills in for the voter, and the record of consent that lies
//! beside each.

use super::{StoreFuture, StoredTopic};
use linli_model::desk::{Manner, Voted};
use linli_model::{PlaceRef, UtcMs};

/// Tells who filled in for whom.
pub trait BehalfStore: Send + Sync {
    /// Every ballot of a poll that was filled in for the voter, replaced ones too, in the
    /// order in which they were.
    fn on_behalf<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<BehalfRow>>;

    /// Households on the roll of a poll that is recorded, at one of the places, whose
    /// place and label fit the pattern; the shortest labels first.
    fn find_voters<'a>(
        &'a self,
        topic: &'a StoredTopic,
        search: VoterSearch,
    ) -> StoreFuture<'a, Vec<VoterRow>>;
}

/// Looks for voters.
#[derive(Debug, Clone)]
pub struct VoterSearch {
    /// Identifiers of places, each by itself.
    pub places: Vec<String>,
    /// Of SQL's `LIKE`, with `\` before what means itself; in lower case.
    pub pattern: String,
    /// How many at most.
    pub limit: u32,
}

/// A voter who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoterRow {
    /// The household's label.
    pub label: String,
    /// Its place.
    pub place: PlaceRef,
    /// Whether a ballot of theirs counts.
    pub voted: Voted,
}

/// From what the store has of a voter's ballot: whether there is one, and by whom it was
/// filled in.
pub(super) fn voted(has_ballot: bool, recorder_kind: Option<&str>) -> Voted {
    match (has_ballot, recorder_kind) {
        (false, _) => Voted::NotYet,
        (true, Some("staff")) => Voted::FilledIn,
        (true, _) => Voted::Themselves,
    }
}

/// Who filled in a ballot, and by what right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalf {
    /// Who filled it in.
    pub recorder: Recorder,
    /// How the voter consented.
    pub manner: Manner,
    /// Names this record.
    pub record_id: String,
    /// Who consented, sealed; absent where the code on paper stands for the household.
    pub consenter: Option<Vec<u8>>,
    /// What the recorder is to the voter.
    pub relation: String,
    /// When the voter consented.
    pub consented_at_ms: UtcMs,
}

/// Who fills in for a voter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorder {
    /// Staff, by their name in this community. Their ballot never replaces one that the
    /// voter cast.
    Staff(String),
    /// Somebody of the household, who has its code.
    Family,
}

impl Recorder {
    /// The word in the store, and the name.
    pub(super) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Staff(name) => ("staff", name),
            Self::Family => ("family", ""),
        }
    }

    /// From the store.
    pub(super) fn of_parts(word: &str, name: String) -> Option<Self> {
        match word {
            "staff" => Some(Self::Staff(name)),
            "family" => Some(Self::Family),
            _ => None,
        }
    }
}

/// The record of one ballot that was filled in for the voter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehalfRow {
    /// The household's label.
    pub label: String,
    /// Which of the voter's ballots.
    pub revision: u32,
    /// Who, and by what right.
    pub on_behalf: OnBehalf,
    /// When it was recorded.
    pub recorded_at_ms: UtcMs,
}
