//! Answers to one survey, and what follows from them at once: computed values, what is
//! seen, answered, required, which choices are offered.
//!
//! Left to others: errors (`validate`), pages and completion (`page`); and to the parts:
//! answers (`answer`), what follows from them (`round`), choices (`choice`), what
//! expressions see (`scope`).

mod answer;
mod choice;
mod formula;
mod round;
mod scope;
mod trigger;

use super::date::Clock;
use super::expression::look_up;
use super::program::{Conditions, Owner, Program};
use super::value::Value;
use linli_model::survey::{QuestionKind, TextInput};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why a survey does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SurveyRefusal {
    /// No question of this name takes an answer.
    UnknownQuestion {
        /// Which.
        name: String,
    },
    /// The answers are no JSON object.
    NotAnObject,
    /// The answers take more than this many bytes.
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// Conditions keep changing one another's outcome.
    Restless,
}

/// What one answer led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// How many elements were looked at.
    pub evaluations: usize,
}

/// How an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) is_visible: bool,
    pub(super) is_read_only: bool,
    pub(super) is_required: bool,
}

pub(super) use choice::has_other;
use round::Due;
use trigger::Triggering;

/// One person's way through a survey.
#[derive(Debug)]
pub struct Session {
    pub(super) program: Arc<Program>,
    pub(super) clock: Clock,
    pub(super) values: Value,
    variables: Value,
    pub(super) questions: Vec<State>,
    pub(super) containers: Vec<State>,
    /// Whether each container showed when it was last looked at.
    shown_containers: Vec<bool>,
    /// Choices that are not offered, for each question that has any with a condition.
    hidden_choices: BTreeMap<usize, BTreeSet<usize>>,
    /// Choices that were taken out of answers as they went, to come back with them.
    gone_choices: BTreeMap<usize, Vec<Value>>,
    /// Values that questions have and do not keep.
    held: BTreeMap<usize, Value>,
    /// Questions whose answer a person or another question has given.
    given: BTreeSet<usize>,
    /// Questions that are being given a value right now.
    setting: BTreeSet<usize>,
    /// Questions whose value comes from a default right now.
    by_default: BTreeSet<usize>,
    /// Default expressions that are under way.
    running_defaults: BTreeSet<usize>,
    due: Due,
    triggering: Triggering,
    /// Whether defaults are being set at the start, which nothing follows yet.
    is_loading: bool,
    /// Questions that have got their defaults at the start. survey-core knows the bounds of
    /// a line from then on.
    loaded: usize,
    pub(super) current_page: Option<usize>,
    pub(super) is_completed: bool,
}

/// What follows a comment's key.
const COMMENT_SUFFIX: &str = "-Comment";

impl Session {
    /// Starts with the defaults.
    ///
    /// # Errors
    ///
    /// When conditions never come to rest.
    pub fn new(program: Arc<Program>, clock: Clock) -> Result<Self, SurveyRefusal> {
        let state = |conditions: &Conditions| State {
            is_visible: conditions.flags.is_visible,
            is_read_only: conditions.flags.is_read_only,
            is_required: conditions.flags.is_required,
        };
        let mut session = Self {
            questions: program
                .questions
                .iter()
                .map(|one| state(&one.conditions))
                .collect(),
            containers: program
                .containers
                .iter()
                .map(|one| state(&one.conditions))
                .collect(),
            shown_containers: vec![false; program.containers.len()],
            hidden_choices: BTreeMap::new(),
            given: BTreeSet::new(),
            setting: BTreeSet::new(),
            by_default: BTreeSet::new(),
            running_defaults: BTreeSet::new(),
            due: Due::default(),
            triggering: Triggering::default(),
            is_loading: true,
            loaded: 0,
            gone_choices: BTreeMap::new(),
            held: BTreeMap::new(),
            values: Value::Map(Arc::default()),
            variables: Value::Map(Arc::default()),
            current_page: None,
            is_completed: false,
            program,
            clock,
        };
        for at in 0..session.containers.len() {
            session.shown_containers[at] = session.has_content(at);
        }
        for at in 0..session.questions.len() {
            session.set_default(at);
            session.loaded = at + 1;
        }
        session.is_loading = false;
        session.run_all();
        session.rested()?;
        session.leave_hidden_page();
        Ok(session)
    }

    /// Takes an answer as a person gives it; nothing takes it back.
    ///
    /// # Errors
    ///
    /// An unknown question, or conditions that never come to rest.
    pub fn set_answer(
        &mut self,
        question: &str,
        answer: &serde_json::Value,
    ) -> Result<Change, SurveyRefusal> {
        let unknown = || SurveyRefusal::UnknownQuestion {
            name: question.into(),
        };
        let at = self
            .program
            .question_by_name(question)
            .ok_or_else(unknown)?;
        if matches!(
            self.program.questions[at].question.kind,
            QuestionKind::Shown
        ) {
            return Err(unknown());
        }
        let answer = match answer {
            serde_json::Value::Null => Value::Undefined,
            answer => Value::from(answer),
        };
        self.set_value(at, answer);
        self.after()
    }

    /// Takes the text beside an answer, that of "other".
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn set_comment(&mut self, question: &str, comment: &str) -> Result<Change, SurveyRefusal> {
        let unknown = || SurveyRefusal::UnknownQuestion {
            name: question.into(),
        };
        let at = self
            .program
            .question_by_name(question)
            .ok_or_else(unknown)?;
        let is_blank = super::value::trimmed(comment).is_empty();
        let comment = if is_blank {
            Value::Undefined
        } else {
            Value::text(comment)
        };
        self.set_comment_value(at, comment);
        self.after()
    }

    fn after(&mut self) -> Result<Change, SurveyRefusal> {
        let evaluations = std::mem::take(&mut self.due.evaluations);
        self.rested()?;
        self.leave_hidden_page();
        Ok(Change { evaluations })
    }

    fn rested(&mut self) -> Result<(), SurveyRefusal> {
        if std::mem::take(&mut self.due.is_restless) {
            return Err(SurveyRefusal::Restless);
        }
        self.due.evaluations = 0;
        Ok(())
    }

    fn state_mut(&mut self, owner: Owner) -> &mut State {
        match owner {
            Owner::Question(at) => &mut self.questions[at],
            Owner::Container(at) => &mut self.containers[at],
        }
    }

    /// Whether an element shows, with all that is around it.
    pub(super) fn is_shown(&self, at: usize) -> bool {
        self.questions[at].is_visible && self.is_container_shown(self.program.questions[at].parent)
    }

    fn is_container_shown(&self, at: usize) -> bool {
        self.has_content(at)
            && self.program.containers[at]
                .parent
                .is_none_or(|parent| self.is_container_shown(parent))
    }

    pub(super) fn is_read_only(&self, at: usize) -> bool {
        self.questions[at].is_read_only || self.is_frozen(self.program.questions[at].parent)
    }

    /// Whether a container or one around it is read-only.
    pub(super) fn is_frozen(&self, container: usize) -> bool {
        let parent = self.program.containers[container].parent;
        self.containers[container].is_read_only || parent.is_some_and(|at| self.is_frozen(at))
    }

    /// The answers, with the computed values that belong among them.
    pub fn data(&self) -> serde_json::Value {
        let mut data = serde_json::Value::from(&self.values);
        if let serde_json::Value::Object(map) = &mut data {
            for (calculated, _) in self
                .program
                .calculated
                .iter()
                .filter(|(one, _)| one.is_included)
            {
                if let Some(value) = look_up(&self.variables, &calculated.name)
                    && !matches!(value, Value::Undefined)
                {
                    map.insert(calculated.name.clone(), serde_json::Value::from(&value));
                }
            }
        }
        data
    }
}

fn comment_key(name: &str) -> String {
    format!("{name}{COMMENT_SUFFIX}")
}

/// What an expression question keeps: dates as text, no infinity, so many decimals.
fn computed(value: Value, precision: i32, clock: Clock) -> Value {
    match value {
        Value::Number(number) if number == f64::INFINITY => Value::Undefined,
        Value::Number(number) if number.is_finite() => match usize::try_from(precision) {
            Ok(digits) => Value::Number(to_fixed(number, digits)),
            Err(_) => value,
        },
        value => as_answer(value, clock),
    }
}

/// A result as an answer: dates are text.
fn as_answer(value: Value, clock: Clock) -> Value {
    match value {
        Value::Date(at_ms) => {
            let at = clock.fields(at_ms);
            Value::text(&format!(
                "{:04}-{:02}-{:02}",
                at.year,
                at.month + 1.0,
                at.day
            ))
        }
        value => value,
    }
}

/// ECMAScript's `toFixed`: exactly half goes away from zero.
fn to_fixed(number: f64, digits: usize) -> f64 {
    // A double that is not exactly half way differs from it within these digits.
    const ENOUGH: usize = 24;
    let long = format!("{number:.*}", digits + ENOUGH);
    let is_half = long.ends_with(&format!("5{}", "0".repeat(ENOUGH - 1)));
    let text = if is_half {
        let more = if number < 0.0 { -1.0 } else { 1.0 };
        let nudged = number + more * 10f64.powi(-i32::try_from(digits + 3).unwrap_or(0));
        format!("{nudged:.digits$}")
    } else {
        format!("{number:.digits$}")
    };
    text.parse().unwrap_or(number)
}

/// Empty for a question: space is no answer.
pub(super) fn is_blank(value: &Value) -> bool {
    value.as_text().map_or_else(
        || value.is_empty(),
        |text| super::value::trimmed(text).is_empty(),
    )
}

/// Whether a number is outside the bounds of its line, where it is not kept.
pub(super) fn is_outside(input: &TextInput, value: &Value) -> bool {
    let number = value.to_number();
    !is_blank(value)
        && (input.min.is_some_and(|min| number < min) || input.max.is_some_and(|max| number > max))
}
