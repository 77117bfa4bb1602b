//! Rounds of surveys as respondents meet them: what is asked, and whether answers fit.

use super::Service;
use super::results::ToldTopic;
use crate::seal;
use crate::store::{Failure, StoredTopic};
use crate::survey::{Ready, is_version};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use linli_model::wave::{CorrectiveAction, Wave};
use linli_model::{Choice, GrantToken, PollKind, Refusal, Topic, TopicId, UtcMs};
use linli_rules::survey::Clock;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Answers of more bytes are only looked at for who shows a grant.
const UNGRANTED_BYTES_MAX: usize = 16 * 1024;
/// Minutes ahead of UTC where a community's time zone is not known.
const AHEAD_OF_UTC_MINUTES: i32 = 480;

/// A round as respondents receive it: a `SurveyView` whose topic has its notices.
#[derive(Debug, Clone, Serialize)]
pub struct ToldSurvey {
    /// The topic whose poll it is, and where that stands.
    pub view: ToldTopic,
    /// SurveyJS JSON as text.
    #[serde(serialize_with = "as_text")]
    pub definition: Arc<str>,
    /// Who is rated.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rated: String,
    /// What was promised after earlier rounds, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<CorrectiveAction>,
}

fn as_text<S: serde::Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

impl Service {
    /// The right to send answers of more than a usual body, to be held while they are read
    /// and checked.
    pub fn large_answers(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        self.checker.large()
    }

    /// Runs what takes an engine's time, in its turn.
    pub(crate) async fn run_survey<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.checker.run(work).await
    }

    /// A round of a survey with the definition that it asks now. The topic of another
    /// kind of poll is none.
    pub async fn told_survey(&self, id: &TopicId) -> Result<ToldSurvey, Failure> {
        let stored = self.fresh(id).await?;
        let wave = wave_of(&stored.topic).ok_or(Refusal::TopicUnknown)?;
        let community = &stored.topic.community.id;
        let found = self.store.asked_definition(&stored, &wave.version).await?;
        let definition = found.ok_or_else(|| missing(&stored, &wave.version))?;
        let surveys = self.store.surveys(community, Some(&wave.survey)).await?;
        let survey = surveys.into_iter().next();
        let now_ms = self.clock.now_ms();
        let store = &self.store;
        let mut actions = store
            .corrective_actions(community, &wave.survey, now_ms)
            .await?;
        actions.retain(|action| action.wave < wave.number);
        Ok(ToldSurvey {
            view: ToldTopic {
                view: self.topic_view(&stored).await?,
                notices: stored.notices.clone(),
            },
            definition,
            rated: survey.map_or_else(String::new, |survey| survey.rated),
            actions,
        })
    }

    /// A version that the round asks, or asked before, ready to run, and the moment.
    pub(crate) async fn asked_version(
        &self,
        stored: &StoredTopic,
        version: &str,
    ) -> Result<(Arc<Ready>, Clock), Failure> {
        // Kept programs are anybody's: whether this round asked it is looked up each time.
        let found = match is_version(version) {
            true => self.store.asked_definition(stored, version).await?,
            false => None,
        };
        let text = found.ok_or(Refusal::VersionUnknown)?;
        let ready = match self.checker.kept(version) {
            Some(ready) => ready,
            None => {
                let loaded = self.checker.load(version, text).await;
                loaded.map_err(Failure::Fault)?
            }
        };
        Ok((ready, clock_of(&stored.topic, self.clock.now_ms())))
    }

    /// A choice in normal form; of answers to a survey also whether its engine takes them.
    /// Whether that version was asked is the transaction's to decide.
    pub(super) async fn checked(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        choice: Choice,
    ) -> Result<(Choice, Option<Result<(), Refusal>>), Failure> {
        let Choice::Answers {
            version,
            at,
            answers,
        } = choice
        else {
            return Ok((choice, None));
        };
        let stored = self.fresh(topic).await?;
        let whole = |answers, verdict| {
            let choice = Choice::Answers {
                version: version.clone(),
                at: at.clone(),
                answers,
            };
            Ok((choice, Some(verdict)))
        };
        if wave_of(&stored.topic).is_none() {
            // Refused by its kind in the transaction, where grants and times come first.
            return whole(answers, Ok(()));
        }
        let now_ms = self.clock.now_ms();
        if answers.len() > UNGRANTED_BYTES_MAX {
            let hash = seal::token_hash(grant.as_str());
            match self.store.voter(topic, hash, now_ms).await {
                Err(Failure::Refused(Refusal::GrantInvalid)) => {
                    return Err(Refusal::GrantInvalid.into());
                }
                Err(Failure::Refused(_)) | Ok(_) => {}
                Err(fault) => return Err(fault),
            }
        }
        if !is_version(&version) {
            return whole(answers, Err(Refusal::VersionUnknown));
        }
        let ready = match self.checker.kept(&version) {
            Some(ready) => ready,
            None => match self.store.asked_definition(&stored, &version).await? {
                None => return whole(answers, Err(Refusal::VersionUnknown)),
                Some(text) => {
                    let loaded = self.checker.load(&version, text).await;
                    loaded.map_err(Failure::Fault)?
                }
            },
        };
        let clock = clock_of(&stored.topic, now_ms);
        let checked = self.checker.check(ready, clock, answers).await?;
        whole(checked.answers, checked.verdict)
    }
}

/// The round that a topic is.
pub(super) fn wave_of(topic: &Topic) -> Option<&Wave> {
    match &topic.poll.kind {
        PollKind::Survey { wave } => Some(wave),
        _ => None,
    }
}

/// The moment and the place that expressions are evaluated at.
pub(super) fn clock_of(topic: &Topic, now_ms: UtcMs) -> Clock {
    let ahead = TimeZone::get(&topic.community.time_zone)
        .ok()
        .and_then(|zone| {
            let now = Timestamp::from_millisecond(now_ms).ok()?;
            Some(zone.to_offset(now).seconds() / 60)
        });
    #[expect(
        clippy::cast_precision_loss,
        reason = "times of this era are far below 2^53"
    )]
    let now_ms = now_ms as f64;
    Clock {
        now_ms,
        ahead_of_utc_minutes: ahead.unwrap_or(AHEAD_OF_UTC_MINUTES),
    }
}

fn missing(stored: &StoredTopic, version: &str) -> Failure {
    Failure::Fault(format!(
        "{}: the definition {version} is missing",
        stored.topic.id
    ))
}
