//! What the service asks of a store about surveys: definitions, rounds, responses, and
//! what was promised after them. Writing is the desk's (`staff`) and the import's.

use super::{StoreFuture, StoredTopic};
use linli_model::scoring::Scoring;
use linli_model::wave::{CorrectiveAction, ItemRef, Quota};
use linli_model::{Choice, CommunityId, PlaceId, Poll, PollKind, SurveyId, TopicId, UtcMs};
use std::sync::Arc;

/// Most bytes of choices that one batch of responses holds, the last one apart.
pub const RESPONSES_BYTES_MAX: usize = 4_000_000;

/// A store of surveys.
pub trait SurveyStore: Send + Sync {
    /// Surveys of a community by title; one of them where `only` names it.
    fn surveys<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<SurveyRow>>;

    /// Versions of a survey, the latest first, without what they say.
    fn survey_versions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
    ) -> StoreFuture<'a, Vec<VersionRecord>>;

    /// What a version of a survey says.
    fn survey_version<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        version: &'a str,
    ) -> StoreFuture<'a, Option<StoredDefinition>>;

    /// Published rounds of a community's surveys, the latest first; of one survey where
    /// `only` names it.
    fn waves<'a>(
        &'a self,
        community: &'a CommunityId,
        only: Option<&'a SurveyId>,
    ) -> StoreFuture<'a, Vec<WaveRow>>;

    /// The definition of a version, if the round of `topic` ever asked it.
    fn asked_definition<'a>(
        &'a self,
        topic: &'a StoredTopic,
        version: &'a str,
    ) -> StoreFuture<'a, Option<Arc<str>>>;

    /// Versions that the round of `topic` asked, the first one first.
    fn asked_versions<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, Vec<String>>;

    /// Corrective actions after all rounds of a survey, the latest first. `now_ms` tells
    /// which are overdue.
    fn corrective_actions<'a>(
        &'a self,
        community: &'a CommunityId,
        survey: &'a SurveyId,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Vec<CorrectiveAction>>;

    /// Responses that count, of those whose key comes after `after` (none: from the
    /// start), in the order of their keys: at most `limit`, and no more once they hold
    /// [`RESPONSES_BYTES_MAX`]. An empty answer is the end; see [`each_response`].
    fn responses<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: Option<&'a [u8]>,
        limit: u32,
    ) -> StoreFuture<'a, Vec<ResponseRow>>;
}

/// Shows `take` every response that counts, with the place that it comes from where that
/// can be told, and the JSON text of its choice. Responses that come in meanwhile are
/// shown or not; none is shown twice.
pub async fn each_response(
    store: &(impl SurveyStore + ?Sized),
    topic: &StoredTopic,
    mut take: impl FnMut(Option<&PlaceId>, &str) + Send,
) -> Result<u64, super::Failure> {
    /// Rows of one batch.
    const BATCH: u32 = 5_000;
    let (mut after, mut shown): (Option<Vec<u8>>, u64) = (None, 0);
    loop {
        let rows = store.responses(topic, after.as_deref(), BATCH).await?;
        for row in &rows {
            take(row.area.as_ref(), &row.choice);
        }
        shown += rows.len() as u64;
        match rows.into_iter().last() {
            Some(last) => after = Some(last.key),
            None => return Ok(shown),
        }
    }
}

/// A survey as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRow {
    /// Its identifier.
    pub id: SurveyId,
    /// The place that it concerns.
    pub place: PlaceId,
    /// One line.
    pub title: String,
    /// Who is rated; empty where nobody is.
    pub rated: String,
    /// The newest version.
    pub version: String,
    /// How many questions of that version take an answer.
    pub questions: u32,
}

/// A version without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// SHA-256 of its definition's text.
    pub version: String,
    /// When it was written.
    pub written_at_ms: UtcMs,
    /// By whom; empty: imported.
    pub written_by: String,
}

/// What a version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDefinition {
    /// SurveyJS JSON as text.
    pub definition: Arc<str>,
    /// How it is scored; absent: by what the definition shows.
    pub scoring: Option<Scoring>,
}

/// A published round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveRow {
    /// Of which survey.
    pub survey: SurveyId,
    /// From 1.
    pub number: u32,
    /// Its topic.
    pub topic: TopicId,
}

/// A response that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRow {
    /// Where it lies among the others; nothing else follows from it.
    pub key: Vec<u8>,
    /// The place that it comes from, coarsely, where that can be told.
    pub area: Option<PlaceId>,
    /// JSON of the choice.
    pub choice: String,
}

/// A survey, or a new version of one, made ready for the store.
#[derive(Debug, Clone)]
pub struct PreparedSurvey {
    /// SHA-256 of the definition's text.
    pub version: String,
    /// What takes an answer.
    pub items: Vec<ItemRef>,
    /// How many questions take an answer.
    pub questions: u32,
}

/// A survey as it will stand.
#[derive(Debug, Clone)]
pub struct NewSurvey {
    /// Its identifier.
    pub id: SurveyId,
    /// The place that it concerns.
    pub place: PlaceId,
    /// One line.
    pub title: String,
    /// Who is rated.
    pub rated: String,
    /// SurveyJS JSON as text.
    pub definition: String,
    /// How it is scored; absent: by what the definition shows.
    pub scoring: Option<Scoring>,
    /// What was read of the definition.
    pub prepared: PreparedSurvey,
    /// Who writes it; empty: imported.
    pub by: String,
}

/// Whether ballots on a poll of the first kind are ballots on one of the second. A round
/// may ask a corrected definition, and take more.
pub(super) fn is_same_kind(earlier: &PollKind, later: &PollKind) -> bool {
    match (earlier, later) {
        (PollKind::Survey { wave: earlier }, PollKind::Survey { wave: later }) => {
            earlier.survey == later.survey && earlier.number == later.number
        }
        (earlier, later) => earlier == later,
    }
}

/// The area of a row as it is told: empty ones cannot be told.
pub(super) fn area(stored: Option<String>) -> Result<Option<PlaceId>, String> {
    let named = stored.filter(|area| !area.is_empty());
    named
        .map(|area| PlaceId::parse(&area).map_err(|error| format!("{area}: {error}")))
        .transpose()
}

/// Columns of a corrective action as text and numbers.
pub(super) struct ActionColumns {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) wave: u32,
    pub(super) items: String,
    pub(super) what: String,
    pub(super) who: String,
    pub(super) due_at_ms: UtcMs,
    pub(super) published_at_ms: UtcMs,
    pub(super) outcome: Option<(String, UtcMs)>,
}

impl ActionColumns {
    /// The action, if the columns are ones that we wrote.
    pub(super) fn read(self, now_ms: UtcMs) -> Result<CorrectiveAction, String> {
        let told = |error: &dyn std::fmt::Display| format!("a corrective action: {error}");
        let is_overdue = self.outcome.is_none() && now_ms >= self.due_at_ms;
        Ok(CorrectiveAction {
            id: linli_model::RequestId::parse(&self.id).map_err(|e| told(&e))?,
            topic: TopicId::parse(&self.topic).map_err(|e| told(&e))?,
            wave: self.wave,
            items: serde_json::from_str(&self.items).map_err(|e| told(&e))?,
            what: self.what,
            who: self.who,
            due_at_ms: self.due_at_ms,
            published_at_ms: self.published_at_ms,
            outcome: self
                .outcome
                .map(|(text, at_ms)| linli_model::wave::ActionOutcome { text, at_ms }),
            is_overdue,
        })
    }
}

/// Fewest voters of a place that a response is told to come from.
pub(super) const AREA_VOTERS_MIN: u32 = 10;

/// The areas that a response may be told to come from, the one to try first in front: the
/// place one level below the community on the way to the voter's, then what is above it.
/// `chain` leads from the voter's place to its root; a root without another beside it
/// stands for the community.
pub(super) fn areas(chain: &[String], has_one_root: bool) -> &[String] {
    let levels = if has_one_root { 2 } else { 1 };
    &chain[chain.len().saturating_sub(levels)..]
}

/// What a ballot of a survey asks of its transaction.
pub(super) struct Asked<'a> {
    /// Most responses, by place.
    pub(super) quotas: &'a [Quota],
    /// The version that the answers were given to.
    pub(super) version: &'a str,
    /// The place that a device's link named.
    pub(super) at: Option<&'a PlaceId>,
}

impl<'a> Asked<'a> {
    /// Of a ballot that fits its poll; none where that is no round of a survey.
    pub(super) fn of(poll: &'a Poll, choice: &'a Choice) -> Option<Self> {
        match (&poll.kind, choice) {
            (PollKind::Survey { wave }, Choice::Answers { version, at, .. }) => Some(Self {
                quotas: &wave.quotas,
                version,
                at: at.as_ref(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_coarse_and_the_narrow_one_comes_first() {
        let chain = |places: &[&str]| -> Vec<String> {
            places.iter().map(|place| (*place).to_owned()).collect()
        };
        let cases: [(&[&str], bool, &[&str]); 5] = [
            (&["flat", "grid", "all"], true, &["grid", "all"]),
            (&["all"], true, &["all"]),
            (&["flat", "grid", "estate"], false, &["estate"]),
            (&["estate"], false, &["estate"]),
            (&[], true, &[]),
        ];
        for (places, has_one_root, expected) in cases {
            assert_eq!(areas(&chain(places), has_one_root), expected, "{places:?}");
        }
    }
}
