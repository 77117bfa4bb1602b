//! Answers to one survey, and what follows from them at once: computed values, what is
//! seen, answered, required, which choices are offered.
//!
//! Left to others: errors (`validate`), pages and completion (`page`); and to the parts:
//! answers (`answer`), what follows from them (`round`), choices (`choice`), what
//! expressions see (`scope`).

mod answer;
mod bounds;
mod choice;
mod formula;
mod nested;
mod order;
mod round;
mod scope;
mod trigger;

use super::around::Around;
use super::expression::look_up;
use super::place::Place;
use super::program::{Conditions, Owner, Program};
use super::value::Value;
use linli_model::flat;
use linli_model::flat::Set;
use linli_model::survey::QuestionKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

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
    /// Conditions keep changing one another's outcome, or take too long.
    Restless,
}

/// What one answer led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How many elements were looked at.
    pub evaluations: usize,
    /// Elements that are to be drawn again: their answer, state, choices or texts changed.
    /// Whatever begins or ceases to show is named by the page or panel it is in.
    pub redraw: Vec<Place>,
    /// Whether one is on another page now, or pages came or went.
    pub is_other_page: bool,
}

/// How an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) is_visible: bool,
    pub(super) is_read_only: bool,
    pub(super) is_required: bool,
}

pub(super) use bounds::Outside;
pub use choice::Role;
pub(super) use choice::{Offer, has_other};
use nested::Act;
pub(super) use nested::Inner;
use round::Due;
pub(super) use scope::Names;
use scope::Outer;
use trigger::Triggering;

/// One person's way through a survey.
#[derive(Debug)]
pub struct Session {
    pub(super) program: Arc<Program>,
    pub(super) around: Around,
    pub(super) values: Value,
    variables: Value,
    /// What is around a row or panel.
    outer: Option<Arc<Outer>>,
    /// Rows or panels of questions that have any.
    inner: flat::Map<usize, Vec<Inner>>,
    /// Questions whose answer comes from their rows or panels right now.
    from_inside: Set<usize>,
    next_key: usize,
    /// Whether answers came that no condition has followed.
    is_stale: bool,
    /// The bounds of lines that compute them.
    bounds: flat::Map<usize, [Value; 2]>,
    /// In which order elements and choices are shown, where not as they are written.
    pub(super) orders: flat::Map<Owner, Vec<usize>>,
    pub(super) questions: Vec<State>,
    pub(super) containers: Vec<State>,
    /// Whether each container showed when it was last looked at.
    shown_containers: Vec<bool>,
    /// Choices that are not offered, for each question that has any with a condition.
    hidden_choices: flat::Map<usize, Set<usize>>,
    /// Choices that were taken out of answers as they went, to come back with them.
    gone_choices: flat::Map<usize, Vec<Value>>,
    /// Values that questions have and do not keep.
    held: flat::Map<usize, Value>,
    /// Questions whose answer a person or another question has given.
    given: Set<usize>,
    /// Questions that are being given a value right now.
    setting: Set<usize>,
    /// Questions that are being given words beside their answer right now.
    commenting: Set<usize>,
    /// Questions whose value comes from a default right now.
    by_default: Set<usize>,
    /// Default expressions that are under way.
    running_defaults: Set<usize>,
    due: Due,
    /// What is to be drawn again.
    redraw: Set<Owner>,
    triggering: Triggering,
    /// Steps that may still be taken for this answer, or for this whole check; rows and
    /// panels take from the same.
    steps_left: Arc<AtomicUsize>,
    /// Whether `steps_left` is for all answers together.
    pub(super) is_check: bool,
    /// Whether defaults are being set at the start, which nothing follows yet.
    is_loading: bool,
    /// Questions that have got their defaults at the start. survey-core knows the bounds of
    /// a line from then on.
    loaded: usize,
    pub(super) current_page: Option<usize>,
    /// Where elements are shown one at a time.
    pub(super) current_element: Option<Owner>,
    pub(super) has_started: bool,
    pub(super) is_in_preview: bool,
    pub(super) is_completed: bool,
}

/// Steps that may be taken for one answer, or for all answers that are checked at once;
/// see [`super::expression::STEPS_MAX`] for what a step is.
const STEPS_MAX: usize = 20_000_000;

/// What follows a comment's key.
const COMMENT_SUFFIX: &str = "-Comment";

impl Session {
    /// Starts with the defaults.
    ///
    /// # Errors
    ///
    /// When conditions never come to rest.
    pub fn new(program: Arc<Program>, around: impl Into<Around>) -> Result<Self, SurveyRefusal> {
        Self::start(program, around.into())
    }

    fn start(program: Arc<Program>, around: Around) -> Result<Self, SurveyRefusal> {
        let mut session = Self::bare(program, around);
        session.begin();
        session.rested()?;
        Ok(session)
    }

    /// A row or panel.
    fn inside(&self, program: Arc<Program>, outer: Option<Arc<Outer>>) -> Self {
        let mut session = Self::bare(program, self.around.clone());
        session.outer = outer;
        session.steps_left = self.steps_left.clone();
        session.begin();
        session
    }

    fn bare(program: Arc<Program>, around: Around) -> Self {
        let state = |conditions: &Conditions| State {
            is_visible: conditions.flags.is_visible,
            is_read_only: conditions.flags.is_read_only,
            is_required: conditions.flags.is_required,
        };
        Self {
            outer: None,
            inner: flat::Map::new(),
            from_inside: Set::new(),
            next_key: 0,
            is_stale: false,
            bounds: flat::Map::new(),
            orders: flat::Map::new(),
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
            hidden_choices: flat::Map::new(),
            given: Set::new(),
            setting: Set::new(),
            commenting: Set::new(),
            by_default: Set::new(),
            running_defaults: Set::new(),
            due: Due::default(),
            redraw: Set::new(),
            triggering: Triggering::default(),
            steps_left: Arc::new(AtomicUsize::new(STEPS_MAX)),
            is_check: false,
            is_loading: true,
            loaded: 0,
            gone_choices: flat::Map::new(),
            held: flat::Map::new(),
            values: Value::Map(Arc::default()),
            variables: Value::Map(Arc::default()),
            current_page: None,
            current_element: None,
            has_started: false,
            is_in_preview: false,
            is_completed: false,
            program,
            around,
        }
    }

    fn begin(&mut self) {
        self.put_in_order();
        for at in 0..self.containers.len() {
            self.shown_containers[at] = self.has_content(at);
        }
        for at in 0..self.questions.len() {
            self.make_entries(at);
            self.set_default(at);
            self.loaded = at + 1;
        }
        self.is_loading = false;
        self.run_all();
        self.leave_hidden_page();
        self.redraw.clear();
        // Nobody has left a page yet.
        self.triggering.jumps.clear();
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
        let pages = self.visible_pages();
        self.take_answer(question, answer)?;
        self.after(&pages)
    }

    /// Takes the text beside an answer, that of "other".
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn set_comment(&mut self, question: &str, comment: &str) -> Result<Change, SurveyRefusal> {
        let pages = self.visible_pages();
        self.take_comment(question, comment)?;
        self.after(&pages)
    }

    /// Takes the answer to the question at a place.
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn answer(
        &mut self,
        place: &Place,
        answer: &serde_json::Value,
    ) -> Result<Change, SurveyRefusal> {
        self.acted(place, Act::Answer(answer))
    }

    /// Takes the words beside the answer at a place.
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn comment(&mut self, place: &Place, comment: &str) -> Result<Change, SurveyRefusal> {
        self.acted(place, Act::Comment(comment))
    }

    /// Adds a row or panel to the question at a place, where it takes one more.
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn add(&mut self, place: &Place) -> Result<Change, SurveyRefusal> {
        self.acted(place, Act::Add)
    }

    /// Removes a row or panel, counted from 0, where the question can be without.
    ///
    /// # Errors
    ///
    /// As [`Session::set_answer`].
    pub fn remove(&mut self, place: &Place, index: usize) -> Result<Change, SurveyRefusal> {
        self.acted(place, Act::Remove(index))
    }

    fn acted(&mut self, place: &Place, act: Act<'_>) -> Result<Change, SurveyRefusal> {
        let pages = self.visible_pages();
        self.act(place, act)?;
        self.after(&pages)
    }

    fn take_answer(
        &mut self,
        question: &str,
        answer: &serde_json::Value,
    ) -> Result<(), SurveyRefusal> {
        let at = self.question_named(question)?;
        let answer = match answer {
            serde_json::Value::Null => Value::Undefined,
            answer => Value::from(answer),
        };
        self.set_value(at, answer);
        Ok(())
    }

    fn take_comment(&mut self, question: &str, comment: &str) -> Result<(), SurveyRefusal> {
        let at = self.question_named(question)?;
        let is_blank = super::value::trimmed(comment).is_empty();
        let comment = if is_blank {
            Value::Undefined
        } else {
            Value::text(comment)
        };
        self.set_comment_value(at, comment);
        Ok(())
    }

    fn question_named(&self, name: &str) -> Result<usize, SurveyRefusal> {
        let at = self.program.question_by_name(name);
        let takes_answer = |at: &usize| {
            let kind = &self.program.questions[*at].question.kind;
            !matches!(kind, QuestionKind::Shown)
        };
        at.filter(takes_answer)
            .ok_or_else(|| SurveyRefusal::UnknownQuestion { name: name.into() })
    }

    /// Whether a row or panel came to rest.
    fn rested_within(&mut self) -> Result<(), SurveyRefusal> {
        if self.due.is_restless {
            return Err(SurveyRefusal::Restless);
        }
        self.triggering.spent = 0;
        Ok(())
    }

    fn after(&mut self, pages: &[usize]) -> Result<Change, SurveyRefusal> {
        let evaluations = std::mem::take(&mut self.due.evaluations);
        self.rested()?;
        self.leave_hidden_page();
        let redraw = std::mem::take(&mut self.redraw);
        Ok(Change {
            evaluations,
            redraw: redraw.into_iter().map(Place::of).collect(),
            is_other_page: self.visible_pages() != pages,
        })
    }

    /// An answer, comment or variable of this name is drawn otherwise now.
    fn redraw_name(&mut self, name: &str) {
        let program = &self.program;
        let questions = program.questions_by_value_name(name).iter();
        self.redraw.extend(questions.map(|at| Owner::Question(*at)));
        self.redraw.extend(program.text_readers(name));
    }

    fn rested(&mut self) -> Result<(), SurveyRefusal> {
        self.triggering.spent = 0;
        let is_spent = self.steps_left.load(Relaxed) == 0;
        if !self.is_check {
            self.steps_left.store(STEPS_MAX, Relaxed);
        }
        self.triggering.focused = None;
        if std::mem::take(&mut self.due.is_restless) || is_spent {
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
fn computed(value: Value, precision: i32, clock: super::date::Clock) -> Value {
    match value {
        Value::Number(number) if number == f64::INFINITY => Value::Undefined,
        Value::Number(number) if number.is_finite() => match usize::try_from(precision) {
            Ok(digits) => Value::Number(linli_model::ecma::fixed(number, digits)),
            Err(_) => value,
        },
        value => as_answer(value, clock),
    }
}

/// A result as an answer: dates are text.
fn as_answer(value: Value, clock: super::date::Clock) -> Value {
    match value {
        Value::Date(at_ms) => {
            let at = clock.fields(at_ms);
            Value::text(&format!(
                "{:04}-{:02}-{:02}",
                at.year as i64,
                at.month as i64 + 1,
                at.day as i64,
            ))
        }
        value => value,
    }
}

/// Empty for a question: space is no answer.
pub(super) fn is_blank(value: &Value) -> bool {
    value.as_text().map_or_else(
        || value.is_empty(),
        |text| super::value::trimmed(text).is_empty(),
    )
}
