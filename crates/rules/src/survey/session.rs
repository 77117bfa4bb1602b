//! Answers to one survey, and what follows from them at once: computed values, what is
//! seen, answered, required, which choices are offered.
//!
//! Only what reads a changed name is looked at again. Left to others: errors
//! (`validate`), pages and completion (`page`).

use super::date::Clock;
use super::expression::{Scope, look_up};
use super::program::{Conditions, Item, Program};
use super::value::{SAME_ANSWER, SAME_RESULT, Value, are_equal};
use linli_model::survey::{ClearInvisible, QuestionKind, Select, TextInput};
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

/// One person's way through a survey.
#[derive(Debug)]
pub struct Session {
    pub(super) program: Arc<Program>,
    pub(super) clock: Clock,
    pub(super) values: Value,
    variables: Value,
    pub(super) questions: Vec<State>,
    pub(super) containers: Vec<State>,
    /// Choices that are not offered, for each question that has any with a condition.
    hidden_choices: BTreeMap<usize, BTreeSet<usize>>,
    /// Answers outside the bounds of their line: shown, not kept.
    pub(super) held: BTreeMap<usize, Value>,
    pub(super) current_page: Option<usize>,
    pub(super) is_completed: bool,
}

/// What follows a comment's key.
const COMMENT_SUFFIX: &str = "-Comment";
/// How often one element may be looked at for one answer; survey-core stops after ten.
const ROUNDS_MAX: usize = 12;

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
            hidden_choices: BTreeMap::new(),
            held: BTreeMap::new(),
            values: Value::Map(Arc::default()),
            variables: Value::Map(Arc::default()),
            current_page: None,
            is_completed: false,
            program,
            clock,
        };
        let mut changed = BTreeSet::new();
        for at in 0..session.questions.len() {
            session.set_default(at, &mut changed);
        }
        session.settle((0..session.program.items.len()).collect())?;
        session.current_page = session.visible_pages().first().copied();
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
        let mut changed = BTreeSet::new();
        self.answer(at, Value::from(answer), &mut changed);
        self.after(changed)
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
        let name = self.program.questions[at].question.value_name.clone();
        let mut changed = BTreeSet::new();
        let is_blank = super::value::trimmed(comment).is_empty();
        let comment = if is_blank {
            Value::Undefined
        } else {
            Value::text(comment)
        };
        self.store(&comment_key(&name), comment, &mut changed);
        changed.insert(name);
        self.after(changed)
    }

    fn after(&mut self, changed: BTreeSet<String>) -> Result<Change, SurveyRefusal> {
        let mut due = BTreeSet::new();
        self.mark(&changed, &mut due);
        let evaluations = self.settle(due)?;
        self.leave_hidden_page();
        Ok(Change { evaluations })
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
        let mut parent = Some(self.program.questions[at].parent);
        let mut is_read_only = self.questions[at].is_read_only;
        while let Some(container) = parent {
            is_read_only |= self.containers[container].is_read_only;
            parent = self.program.containers[container].parent;
        }
        is_read_only
    }

    /// The answer of a question, held or kept.
    pub(super) fn answer_of(&self, at: usize) -> Value {
        if let Some(held) = self.held.get(&at) {
            return held.clone();
        }
        self.stored(&self.program.questions[at].question.value_name)
    }

    pub(super) fn stored(&self, key: &str) -> Value {
        match &self.values {
            Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
            _ => Value::Undefined,
        }
    }

    pub(super) fn comment_of(&self, at: usize) -> Value {
        self.stored(&comment_key(
            &self.program.questions[at].question.value_name,
        ))
    }

    fn store(&mut self, key: &str, value: Value, changed: &mut BTreeSet<String>) {
        if are_equal(&self.stored(key), &value, SAME_ANSWER) {
            return;
        }
        self.put(key, value, changed);
    }

    /// Keeps what was computed: `1` and `"1"` are two results.
    fn store_computed(&mut self, key: &str, value: Value, changed: &mut BTreeSet<String>) {
        if !are_equal(&self.stored(key), &value, SAME_RESULT) {
            self.put(key, value, changed);
        }
    }

    fn put(&mut self, key: &str, value: Value, changed: &mut BTreeSet<String>) {
        if value.is_empty() && matches!(self.stored(key), Value::Undefined) {
            return;
        }
        if let Value::Map(map) = &mut self.values {
            let map = Arc::make_mut(map);
            if value.is_empty() {
                map.remove(key)
            } else {
                map.insert(key.into(), value)
            };
        }
        changed.insert(key.into());
    }

    fn answer(&mut self, at: usize, value: Value, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let question = &program.questions[at].question;
        let before = self.answer_of(at);
        let value = match &question.kind {
            QuestionKind::Some(select) => some_of(select, &before, value),
            QuestionKind::Text(input) if input.input_type == "number" && value.is_truthy() => {
                if value.is_number() {
                    Value::Number(value.meant_number())
                } else {
                    Value::text("")
                }
            }
            _ => value,
        };
        if are_equal(&value, &before, SAME_ANSWER) {
            return;
        }
        self.held.remove(&at);
        if let QuestionKind::Text(input) = &question.kind
            && is_outside(input, &value)
        {
            self.held.insert(at, value);
            return;
        }
        let select = match &question.kind {
            QuestionKind::One(select) | QuestionKind::Some(select) => Some(select),
            _ => None,
        };
        if value.is_empty() && !value.is_nullish() {
            // Nothing to keep, yet the question knows that it was emptied by hand.
            self.held.insert(at, value.clone());
        }
        let lost_other =
            select.is_some_and(|one| has_other(one, &before) && !has_other(one, &value));
        self.store(&question.value_name, value, changed);
        if lost_other {
            self.store(
                &comment_key(&question.value_name),
                Value::Undefined,
                changed,
            );
        }
    }

    fn set_default(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let question = &program.questions[at].question;
        let Some(default) = question.default_value.as_ref().map(Value::from) else {
            return;
        };
        if !self.answer_of(at).is_empty() || default.is_empty() {
            return;
        }
        if program.clear_invisible == ClearInvisible::OnHidden && !self.questions[at].is_visible {
            return;
        }
        let default = match &question.kind {
            QuestionKind::Boolean {
                value_true,
                value_false,
            } => {
                let (yes, no) = (Value::from(value_true), Value::from(value_false));
                if is_flag(&default, true, &yes) {
                    yes
                } else if is_flag(&default, false, &no) {
                    no
                } else {
                    return;
                }
            }
            _ => default,
        };
        self.answer(at, default, changed);
    }

    /// Empties an answer and its comment.
    pub(super) fn clear(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let name = self.program.questions[at].question.value_name.clone();
        self.held.remove(&at);
        self.store(&name, Value::Undefined, changed);
        self.store(&comment_key(&name), Value::Undefined, changed);
    }

    /// Whether an answer belongs to a question that does not show, nor to another that does.
    pub(super) fn is_invisible_answer(&self, at: usize) -> bool {
        let name = &self.program.questions[at].question.value_name;
        let others = self.program.questions_by_value_name(name);
        !self.is_shown(at)
            && !others
                .iter()
                .any(|other| *other != at && self.is_shown(*other))
    }

    fn mark(&self, changed: &BTreeSet<String>, due: &mut BTreeSet<usize>) {
        for name in changed {
            due.extend(self.program.dependants(name));
        }
        if !changed.is_empty() {
            due.extend(&self.program.restless);
        }
    }

    /// Looks at what is due, in order, until nothing is.
    fn settle(&mut self, mut due: BTreeSet<usize>) -> Result<usize, SurveyRefusal> {
        let most = ROUNDS_MAX * (self.program.items.len() + 1);
        let mut evaluations = 0;
        while let Some(place) = due.pop_first() {
            evaluations += 1;
            if evaluations > most {
                return Err(SurveyRefusal::Restless);
            }
            let mut changed = BTreeSet::new();
            match self.program.items[place] {
                Item::Calculated(at) => self.calculate(at, &mut changed),
                Item::Container(at) => self.look_at_container(at, &mut changed),
                Item::Question(at) => self.look_at_question(at, &mut changed),
            }
            self.mark(&changed, &mut due);
        }
        Ok(evaluations)
    }

    fn calculate(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let (calculated, Some(expression)) = &program.calculated[at] else {
            return;
        };
        let value = expression.run(&*self);
        let before = look_up(&self.variables, &calculated.name).unwrap_or_default();
        if are_equal(&value, &before, SAME_ANSWER) || is_nan(&value) && is_nan(&before) {
            return;
        }
        if let Value::Map(map) = &mut self.variables {
            Arc::make_mut(map).insert(calculated.name.clone(), value);
        }
        changed.insert(calculated.name.clone());
    }

    fn decided(&self, conditions: &Conditions) -> State {
        let or = |expression: &Option<super::Expression>, flag: bool, wanted: bool| {
            expression
                .as_ref()
                .map_or(flag, |one| one.holds(self) == wanted)
        };
        State {
            is_visible: or(&conditions.visible_if, conditions.flags.is_visible, true),
            is_read_only: or(&conditions.enable_if, conditions.flags.is_read_only, false),
            is_required: or(&conditions.required_if, conditions.flags.is_required, true),
        }
    }

    fn look_at_container(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let was_visible = self.containers[at].is_visible;
        self.containers[at] = self.decided(&program.containers[at].conditions);
        if !was_visible && self.containers[at].is_visible {
            for question in self.questions_inside(at) {
                self.set_default(question, changed);
            }
        }
    }

    fn look_at_question(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let node = &program.questions[at];
        let was_visible = self.questions[at].is_visible;
        self.questions[at] = self.decided(&node.conditions);
        let is_visible = self.questions[at].is_visible;
        if program.clear_invisible == ClearInvisible::OnHidden && was_visible != is_visible {
            if !is_visible && self.is_invisible_answer(at) {
                self.clear(at, changed);
            } else if self.is_shown(at) {
                self.set_default(at, changed);
            }
        }
        if !node.choice_visible_if.is_empty() {
            self.offer(at, changed);
        }
        if let (Some(expression), QuestionKind::Expression { precision, .. }) =
            (&node.expression, &node.question.kind)
            && !self.is_read_only(at)
        {
            let value = computed(expression.run(&*self), *precision, self.clock);
            self.store_computed(&node.question.value_name, value, changed);
        }
    }

    fn offer(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let conditions = program.questions[at].choice_visible_if.iter();
        let hidden: BTreeSet<usize> = conditions
            .filter(|(_, one)| !one.holds(&*self))
            .map(|(index, _)| *index)
            .collect();
        let before = self.hidden_choices.insert(at, hidden);
        if before.unwrap_or_default() != self.hidden_choices[&at] {
            self.drop_unoffered(at, changed);
        }
    }

    /// Choices that are offered now, as they are stored.
    pub(super) fn offered(&self, at: usize) -> Vec<Value> {
        let (QuestionKind::One(select) | QuestionKind::Some(select)) =
            &self.program.questions[at].question.kind
        else {
            return Vec::new();
        };
        let hidden = self.hidden_choices.get(&at);
        let is_offered = |index: &usize| hidden.is_none_or(|hidden| !hidden.contains(index));
        let choices = select
            .choices
            .iter()
            .enumerate()
            .filter(|(index, _)| is_offered(index));
        let choices = choices.map(|(_, choice)| Value::from(&choice.value));
        let exclusive = select.exclusive.iter().map(|one| Value::from(&one.value));
        choices
            .chain(exclusive)
            .chain(select.other.as_ref().map(Value::from))
            .collect()
    }

    /// Empties what is not among the choices, unless two questions share the answer.
    pub(super) fn drop_unoffered(&mut self, at: usize, changed: &mut BTreeSet<String>) {
        let program = self.program.clone();
        let name = &program.questions[at].question.value_name;
        let value = self.answer_of(at);
        if value.is_empty() || program.questions_by_value_name(name).len() > 1 {
            return;
        }
        let offered = self.offered(at);
        let how = super::value::Compare {
            ignores_order: false,
            converts_numbers: true,
            is_exact_text: false,
        };
        let is_offered = |value: &Value| offered.iter().any(|one| are_equal(one, value, how));
        let kept = match (&program.questions[at].question.kind, value.as_list()) {
            (QuestionKind::One(_), _) if is_offered(&value) => value.clone(),
            (QuestionKind::One(_), _) => Value::Undefined,
            (QuestionKind::Some(_), Some(list)) => {
                Value::list(list.iter().filter(|one| is_offered(one)).cloned().collect())
            }
            _ => return,
        };
        self.store(name, kept, changed);
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

impl Scope for Session {
    /// Variables first, then questions by the key of their answer, then whatever else is
    /// among the answers.
    fn value(&self, path: &str) -> Option<Value> {
        look_up(&self.variables, path)
            .or_else(|| self.question_value(path))
            .or_else(|| look_up(&self.values, path))
    }

    fn clock(&self) -> Clock {
        self.clock
    }

    fn is_display_mode(&self) -> Value {
        Value::Bool(false)
    }

    fn comment(&self, question: &str, _item: Option<&Value>) -> Value {
        match self.program.question_by_name(question) {
            Some(at) => match self.comment_of(at) {
                Value::Undefined => Value::text(""),
                comment => comment,
            },
            None => Value::text(""),
        }
    }
}

impl Session {
    /// The shortest name that is a question's counts.
    fn question_value(&self, path: &str) -> Option<Value> {
        let ends = path
            .match_indices('.')
            .map(|(at, _)| at)
            .chain([path.len()]);
        for end in ends {
            let part = &path[..end];
            let (name, index) = match part
                .strip_suffix(']')
                .and_then(|rest| rest.rsplit_once('['))
            {
                Some((name, index)) => (name, Some(index)),
                None => (part, None),
            };
            let Some(at) = self.program.questions_by_value_name(name).first() else {
                continue;
            };
            let value = self.answer_of(*at);
            let rest = path[end..].trim_start_matches('.');
            if rest.is_empty() {
                let indexed = |index: &str| match value.as_list() {
                    Some(_) => look_up(
                        &Value::Map(Arc::new(BTreeMap::from([("q".into(), value.clone())]))),
                        &format!("q[{index}]"),
                    )
                    .unwrap_or_default(),
                    None => value.clone(),
                };
                return Some(index.map_or_else(|| value.clone(), indexed));
            }
            return None;
        }
        None
    }
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.is_nan())
}

fn comment_key(name: &str) -> String {
    format!("{name}{COMMENT_SUFFIX}")
}

fn is_flag(default: &Value, flag: bool, stored: &Value) -> bool {
    let text = default.to_text().to_lowercase();
    text == flag.to_string() || are_equal(default, stored, SAME_ANSWER)
}

/// Whether "other" is chosen.
pub(super) fn has_other(select: &Select, value: &Value) -> bool {
    let Some(other) = select.other.as_ref().map(Value::from) else {
        return false;
    };
    match value.as_list() {
        Some(list) => list.contains(&other),
        None => *value == other,
    }
}

/// "None" and its like push the rest out, and go when another choice comes.
fn some_of(select: &Select, before: &Value, value: Value) -> Value {
    let exclusive: Vec<Value> = select
        .exclusive
        .iter()
        .map(|one| Value::from(&one.value))
        .collect();
    let Some(list) = value
        .as_list()
        .filter(|_| !are_equal(before, &value, SAME_ANSWER))
    else {
        return value;
    };
    let last = |list: &[Value]| {
        list.iter()
            .enumerate()
            .rev()
            .find_map(|(at, one)| exclusive.contains(one).then(|| (at, one.clone())))
    };
    let mut list = list.to_vec();
    match (before.as_list().and_then(last), last(&list)) {
        (Some((_, before)), Some((at, now))) if before == now => {
            list.remove(at);
        }
        (Some((_, before)), _) => {
            let at = list.iter().position(|one| *one == before);
            if let Some(at) = at.filter(|at| at + 1 < list.len()) {
                list.remove(at);
            }
        }
        (None, Some((_, now))) if list.len() > 1 => list = vec![now],
        _ => {}
    }
    Value::list(list)
}

/// What an expression question keeps: dates as text, no infinity, so many decimals.
fn computed(value: Value, precision: i32, clock: Clock) -> Value {
    match value {
        Value::Number(number) if number == f64::INFINITY => Value::Undefined,
        Value::Number(number) if number.is_finite() => match usize::try_from(precision) {
            Ok(digits) => Value::Number(format!("{number:.digits$}").parse().unwrap_or(number)),
            Err(_) => value,
        },
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
