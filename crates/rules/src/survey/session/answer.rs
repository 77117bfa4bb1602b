//! Answers: taken, kept, emptied.
//!
//! A question has a value of its own, and a key under which it is kept; both are the same
//! except for answers outside the bounds of their line, answers emptied by hand, and
//! results that are no number.

use super::choice::{has_other, is_choice, some_of};
use super::{Session, comment_key, is_blank, is_outside};
use crate::survey::value::{SAME_ANSWER, SAME_RESULT, Value, are_equal};
use linli_model::survey::{ClearInvisible, QuestionKind};
use std::sync::Arc;

impl Session {
    /// The answer of a question, held or kept.
    pub(in crate::survey) fn answer_of(&self, at: usize) -> Value {
        match self.held.get(&at) {
            Some(held) => held.clone(),
            None => self.stored(&self.program.questions[at].question.value_name),
        }
    }

    pub(in crate::survey) fn stored(&self, key: &str) -> Value {
        match &self.values {
            Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
            _ => Value::Undefined,
        }
    }

    pub(in crate::survey) fn comment_of(&self, at: usize) -> Value {
        self.stored(&comment_key(
            &self.program.questions[at].question.value_name,
        ))
    }

    /// Gives a question a value, as far as it takes it.
    pub(super) fn set_value(&mut self, at: usize, value: Value) {
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
        if are_equal(&value, &before, SAME_RESULT) {
            return;
        }
        self.held.remove(&at);
        if let QuestionKind::Text(input) = &question.kind
            && is_outside(input, &value)
        {
            self.held.insert(at, value);
            self.change_unnoticed(&question.value_name);
            return;
        }
        let lost_other = match &question.kind {
            QuestionKind::One(select) | QuestionKind::Some(select) => {
                has_other(select, &before) && !has_other(select, &value)
            }
            _ => false,
        };
        // Nothing to keep, yet the question has it.
        let is_held = value.is_empty() && !value.is_nullish();
        self.keep(&question.value_name, value.clone(), is_held.then_some(at));
        if lost_other {
            self.set_comment_value(at, Value::Undefined);
        }
    }

    /// Keeps a value under its key, for all questions that share it.
    pub(super) fn keep(&mut self, key: &str, value: Value, holder: Option<usize>) {
        let program = self.program.clone();
        let before = self.stored(key);
        if is_same(&before, &value) {
            if let Some(at) = holder {
                self.held.insert(at, value);
            }
            return;
        }
        self.put(key, value.clone());
        for at in program.questions_by_value_name(key) {
            if value.is_empty() && !value.is_nullish() {
                self.held.insert(*at, value.clone());
            } else {
                self.held.remove(at);
            }
        }
        if !are_equal(&value, &before, SAME_ANSWER) {
            self.name_changed(key);
        }
    }

    fn put(&mut self, key: &str, value: Value) {
        if let Value::Map(map) = &mut self.values {
            let map = Arc::make_mut(map);
            if value.is_empty() {
                map.remove(key)
            } else {
                map.insert(key.into(), value)
            };
        }
    }

    /// Gives a question a comment.
    pub(super) fn set_comment_value(&mut self, at: usize, comment: Value) {
        let name = &self.program.clone().questions[at].question.value_name;
        let key = comment_key(name);
        if are_equal(&self.stored(&key), &comment, SAME_ANSWER) {
            return;
        }
        self.put(&key, comment);
        // Conditions read the comment by its own key or by its question's.
        self.names_changed(&[&key, name]);
    }

    /// Gives a question its default, when it has none and may have one.
    pub(super) fn set_default(&mut self, at: usize) {
        let program = self.program.clone();
        let question = &program.questions[at].question;
        let Some(default) = question.default_value.as_ref().map(Value::from) else {
            return;
        };
        if !is_blank(&self.answer_of(at)) || is_blank(&default) {
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
        self.set_default_value(at, default);
    }

    /// What is not among the choices becomes the text of "other", where there is one.
    fn set_default_value(&mut self, at: usize, default: Value) {
        let program = self.program.clone();
        let other = match &program.questions[at].question.kind {
            QuestionKind::One(select) | QuestionKind::Some(select) => {
                select.other.as_ref().map(Value::from)
            }
            _ => None,
        };
        let Some(other) = other else {
            self.set_value(at, default);
            return;
        };
        let offered = self.offered(at);
        let is_known = |one: &&Value| offered.iter().any(|choice| is_choice(choice, one));
        let unknown = match default.as_list() {
            Some(list) => list.iter().find(|one| !is_known(one)).cloned(),
            None => Some(default.clone()).filter(|one| !is_known(&one)),
        };
        let Some(unknown) = unknown else {
            self.set_value(at, default);
            return;
        };
        let value = match default.as_list() {
            Some(list) => {
                let first = list.iter().position(|one| !is_known(&one));
                let kept = list.iter().enumerate().filter_map(|(place, one)| {
                    if Some(place) == first {
                        return Some(other.clone());
                    }
                    is_known(&one).then(|| one.clone())
                });
                Value::list(kept.collect())
            }
            None => other,
        };
        self.set_value(at, value);
        self.set_comment_value(at, unknown);
    }

    /// Empties an answer and its comment.
    pub(in crate::survey) fn clear(&mut self, at: usize) {
        self.set_value(at, Value::Undefined);
        self.held.remove(&at);
        self.set_comment_value(at, Value::Undefined);
    }

    /// Whether an answer belongs to a question that does not show, nor to another that does.
    pub(in crate::survey) fn is_invisible_answer(&self, at: usize) -> bool {
        let name = &self.program.questions[at].question.value_name;
        let others = self.program.questions_by_value_name(name);
        !self.is_shown(at)
            && !others
                .iter()
                .any(|other| *other != at && self.is_shown(*other))
    }
}

/// Whether nothing is to be done; nothing and an empty text are the same.
fn is_same(before: &Value, value: &Value) -> bool {
    let is_nothing = |one: &Value| one.is_nullish() || one.as_text() == Some("");
    if is_nothing(before) || is_nothing(value) {
        return is_nothing(before) && is_nothing(value);
    }
    are_equal(value, before, SAME_RESULT)
}

fn is_flag(default: &Value, flag: bool, stored: &Value) -> bool {
    let text = default.to_text().to_lowercase();
    text == flag.to_string() || are_equal(default, stored, SAME_ANSWER)
}
