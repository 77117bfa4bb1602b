//! Rounds of surveys in memory: definitions, and answers checked by the engine.
//!
//! Left to others: grants, receipts and ballots (`deliberations`).

use super::deliberations::{Household, MemoryDeliberations};
use super::rounds::{Asked, HeldRound};
use crate::{LocalFuture, PortError, SurveyAnswer, Surveys};
use linli_model::survey;
use linli_model::wave::{SurveyView, Wave};
use linli_model::{Choice, PollKind, Refusal, Topic, TopicId, UtcMs};
use linli_rules::survey::{Clock, Patterns, Program, Session, SurveyRefusal};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Questions that a refusal names at most.
const FAULTS_MAX: usize = 50;
/// Local time of every community here: China's.
const AHEAD_OF_UTC_MINUTES: i32 = 480;

/// SHA-256 of a definition's text, as [`Wave::version`] says it.
pub fn version_of(definition: &str) -> String {
    let digest = Sha256::digest(definition.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl MemoryDeliberations {
    /// Adds a round, or replaces it together with its responses. `topic` is one whose poll
    /// asks a survey; its version is set to that of the definition.
    ///
    /// # Errors
    ///
    /// What is wrong: the definition does not run, or the topic asks no survey.
    pub fn add_survey(
        &self,
        mut topic: Topic,
        roll: Vec<Household>,
        asked: Asked,
    ) -> Result<(), String> {
        let program = read(&asked.definition)?;
        let version = version_of(&asked.definition);
        wave_mut(&mut topic)?.version.clone_from(&version);
        let versions = BTreeMap::from([(version, program)]);
        let round = HeldRound { asked, versions };
        self.rounds.borrow_mut().insert(topic.id.clone(), round);
        self.add(topic, roll);
        Ok(())
    }

    /// Asks another definition from now on; what was asked before is still taken.
    ///
    /// # Errors
    ///
    /// What is wrong: the definition does not run, or there is no such round.
    pub fn correct_survey(&self, id: &TopicId, definition: &str) -> Result<(), String> {
        let program = read(definition)?;
        let version = version_of(definition);
        let mut rounds = self.rounds.borrow_mut();
        let round = rounds.get_mut(id).ok_or("no such round")?;
        self.change_topic(id, |topic| {
            wave_mut(topic)?.version.clone_from(&version);
            Ok(())
        })?;
        definition.clone_into(&mut round.asked.definition);
        round.versions.insert(version, program);
        Ok(())
    }

    /// Runs the patterns of definitions from now on. Without it none is run, and answers
    /// that a pattern guards are refused.
    pub fn set_patterns(&self, patterns: Rc<dyn Patterns>) {
        *self.patterns.borrow_mut() = patterns;
    }

    /// Refuses answers that do not fit what the round asks. `taken` are the responses that
    /// count beside this one.
    pub(super) fn check_answers<'a>(
        &self,
        topic: &Topic,
        choice: &Choice,
        now_ms: UtcMs,
        taken: impl Iterator<Item = &'a Choice> + Clone,
    ) -> Result<(), Refusal> {
        let (
            PollKind::Survey { wave },
            Choice::Answers {
                version, answers, ..
            },
        ) = (&topic.poll.kind, choice)
        else {
            return Ok(());
        };
        let rounds = self.rounds.borrow();
        let round = rounds.get(&topic.id).ok_or(Refusal::TopicUnknown)?;
        let program = round.versions.get(version).ok_or(Refusal::VersionUnknown)?;
        require_fit(program, answers, now_ms, &**self.patterns.borrow())?;
        require_room(wave, choice, taken)
    }

    fn round(&self, id: &TopicId) -> Result<SurveyAnswer, Refusal> {
        let view = self.view(id)?;
        let rounds = self.rounds.borrow();
        let asked = &rounds.get(id).ok_or(Refusal::TopicUnknown)?.asked;
        let survey = SurveyView {
            view,
            definition: asked.definition.clone(),
            rated: asked.rated.clone(),
            actions: asked.actions.clone(),
        };
        let text = serde_json::to_string(&survey).unwrap_or_default();
        Ok(SurveyAnswer { survey, text })
    }
}

fn read(definition: &str) -> Result<Arc<Program>, String> {
    let json = serde_json::from_str(definition).map_err(|error| error.to_string())?;
    let read = survey::read(&json).map_err(|faults| format!("{faults:?}"))?;
    let program = Program::new(read).map_err(|faults| format!("{faults:?}"))?;
    Ok(Arc::new(program))
}

fn wave_mut(topic: &mut Topic) -> Result<&mut Wave, String> {
    match &mut topic.poll.kind {
        PollKind::Survey { wave } => Ok(wave),
        _ => Err(format!("{} asks no survey", topic.id)),
    }
}

fn require_fit(
    program: &Arc<Program>,
    answers: &str,
    now_ms: UtcMs,
    patterns: &dyn Patterns,
) -> Result<(), Refusal> {
    let none = || Refusal::AnswersInvalid {
        questions: Vec::new(),
    };
    let answers = serde_json::from_str(answers).map_err(|_| none())?;
    #[expect(clippy::cast_precision_loss, reason = "instants are far below 2^53")]
    let clock = Clock {
        now_ms: now_ms as f64,
        ahead_of_utc_minutes: AHEAD_OF_UTC_MINUTES,
    };
    let checked = Session::check(Arc::clone(program), clock, &answers, patterns);
    let (_, faults) = checked.map_err(|refusal| match refusal {
        SurveyRefusal::TooLarge { bytes_max } => Refusal::TooLarge {
            limit_bytes: u64::try_from(bytes_max).unwrap_or(u64::MAX),
        },
        _ => none(),
    })?;
    let mut questions: Vec<String> = faults.into_iter().map(|fault| fault.question).collect();
    questions.dedup();
    questions.truncate(FAULTS_MAX);
    if questions.is_empty() {
        return Ok(());
    }
    Err(Refusal::AnswersInvalid { questions })
}

/// Places have no order here: a quota of a place counts responses that name it.
fn require_room<'a>(
    wave: &Wave,
    choice: &Choice,
    taken: impl Iterator<Item = &'a Choice> + Clone,
) -> Result<(), Refusal> {
    let place = |choice: &Choice| match choice {
        Choice::Answers { at, .. } => at.clone(),
        _ => None,
    };
    let mine = place(choice);
    for quota in &wave.quotas {
        let count = match &quota.place {
            None => taken.clone().count(),
            here if *here == mine => taken.clone().filter(|one| place(one) == mine).count(),
            Some(_) => continue,
        };
        if u64::try_from(count).unwrap_or(u64::MAX) >= u64::from(quota.max) {
            return Err(Refusal::QuotaFull);
        }
    }
    Ok(())
}

impl Surveys for MemoryDeliberations {
    fn survey<'a>(
        &'a self,
        topic: &'a TopicId,
    ) -> LocalFuture<'a, Result<SurveyAnswer, PortError>> {
        Box::pin(self.answer(move || self.round(topic)))
    }
}
