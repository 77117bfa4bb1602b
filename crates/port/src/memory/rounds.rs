//! What rounds of surveys ask, held in memory, and their answers checked by the engine.
//!
//! Left to others: grants, receipts and ballots (`deliberations`), serving (`surveys`).

use linli_model::survey;
use linli_model::wave::{CorrectiveAction, Wave};
use linli_model::{Choice, PollKind, Refusal, Topic, TopicId, UtcMs};
use linli_rules::survey::{Clock, Patterns, Program, Session, SurveyRefusal};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Questions that a refusal names at most.
const FAULTS_MAX: usize = 50;
/// Local time of every community here: China's.
const AHEAD_OF_UTC_MINUTES: i32 = 480;

/// What a round asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// SurveyJS JSON as text.
    pub definition: String,
    /// Who is rated; empty where nobody is.
    pub rated: String,
    /// What was promised after earlier rounds, the latest first.
    pub actions: Vec<CorrectiveAction>,
}

/// A round that is held here.
struct HeldRound {
    asked: Asked,
    /// Every version that the round has asked, by its hash.
    versions: BTreeMap<String, Arc<Program>>,
}

/// Every round, and what runs its patterns.
pub(super) struct Rounds {
    held: RefCell<BTreeMap<TopicId, HeldRound>>,
    patterns: RefCell<Rc<dyn Patterns>>,
}

/// Runs no pattern: what a pattern guards counts as wrong.
struct NoPatterns;

impl Patterns for NoPatterns {
    fn is_match(&self, _pattern: &str, _is_case_insensitive: bool, _text: &str) -> Option<bool> {
        None
    }
}

/// SHA-256 of a definition's text, as [`Wave::version`] says it.
pub fn version_of(definition: &str) -> String {
    let digest = Sha256::digest(definition.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Rounds {
    /// None.
    pub(super) fn new() -> Self {
        Self {
            held: RefCell::default(),
            patterns: RefCell::new(Rc::new(NoPatterns)),
        }
    }

    /// Runs patterns from now on.
    pub(super) fn set_patterns(&self, patterns: Rc<dyn Patterns>) {
        *self.patterns.borrow_mut() = patterns;
    }

    /// Holds what `topic` asks, whose version is set to that of the definition. `Err` says
    /// what does not run, or that it asks no survey.
    pub(super) fn hold(&self, topic: &mut Topic, asked: Asked) -> Result<(), String> {
        let program = read(&asked.definition)?;
        let version = version_of(&asked.definition);
        wave_mut(topic)?.version.clone_from(&version);
        let versions = BTreeMap::from([(version, program)]);
        let round = HeldRound { asked, versions };
        self.held.borrow_mut().insert(topic.id.clone(), round);
        Ok(())
    }

    /// The same for another definition; what was asked before is still taken.
    pub(super) fn correct(&self, topic: &mut Topic, definition: &str) -> Result<(), String> {
        let program = read(definition)?;
        let version = version_of(definition);
        let mut held = self.held.borrow_mut();
        let round = held.get_mut(&topic.id).ok_or("no such round")?;
        wave_mut(topic)?.version.clone_from(&version);
        definition.clone_into(&mut round.asked.definition);
        round.versions.insert(version, program);
        Ok(())
    }

    /// What the round asks.
    pub(super) fn asked(&self, id: &TopicId) -> Result<Asked, Refusal> {
        let held = self.held.borrow();
        let round = held.get(id).ok_or(Refusal::TopicUnknown)?;
        Ok(round.asked.clone())
    }

    /// Refuses answers that do not fit what the round asks. `taken` are the responses that
    /// count beside this one.
    pub(super) fn check<'a>(
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
        let held = self.held.borrow();
        let round = held.get(&topic.id).ok_or(Refusal::TopicUnknown)?;
        let program = round.versions.get(version).ok_or(Refusal::VersionUnknown)?;
        require_fit(program, answers, now_ms, &**self.patterns.borrow())?;
        require_room(wave, choice, taken)
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
