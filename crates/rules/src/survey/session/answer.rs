//! Answers: taken, kept, emptied.
//!
//! A question has a value of its own, and a key under which it is kept; both are the same
//! except for answers outside the bounds of their line, answers emptied by hand, and
//! results that are no number.

use super::choice::{has_other, is_choice, some_of};
use super::{Session, comment_key, is_outside};
use crate::survey::value::{SAME_ANSWER, SAME_RESULT, Value, are_equal};
use linli_model::survey::QuestionKind;
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
        self.gone_choices.remove(&at);
        let value = self.as_choice(at, value);
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
        let is_nan = |one: &Value| matches!(one, Value::Number(number) if number.is_nan());
        if is_nan(&value) && is_nan(&before) {
            // survey-core takes the same no number for a change.
            self.note_change(&question.value_name, value);
            return;
        }
        if are_equal(&value, &before, SAME_RESULT) {
            return;
        }
        let Some(value) = fitting(&question.kind, value) else {
            return;
        };
        if self.held.remove(&at).is_some() {
            self.change_unnoticed(&question.value_name);
        }
        if !self.by_default.contains(&at) {
            self.given.insert(at);
        }
        if let QuestionKind::Text(input) = &question.kind
            && at < self.loaded
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
        self.setting.insert(at);
        self.keep(&question.value_name, value.clone(), is_held.then_some(at));
        if lost_other {
            self.set_comment_value(at, Value::Undefined);
        }
        self.setting.remove(&at);
    }

    /// What is written otherwise than the choice that it means becomes the choice.
    fn as_choice(&self, at: usize, value: Value) -> Value {
        let choices = match &self.program.questions[at].question.kind {
            QuestionKind::One(select) => select.choices.iter().map(|one| Value::from(&one.value)),
            QuestionKind::Some(_) if value.is_truthy() => {
                let offered = self.offered(at);
                let list = value.as_list().unwrap_or(std::slice::from_ref(&value));
                let each = list.iter().map(|one| {
                    let meant = offered.iter().find(|choice| is_choice(choice, one));
                    meant.unwrap_or(one).clone()
                });
                return Value::list(each.collect());
            }
            _ => return value,
        };
        let mut choices = choices;
        let meant = choices.find(|choice| !value.is_empty() && is_choice(choice, &value));
        meant.unwrap_or(value)
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
        let kinds = program.questions_by_value_name(key).iter().copied();
        let takes_none =
            |at: &usize| fitting(&program.questions[*at].question.kind, value.clone()).is_none();
        let unfit: Vec<_> = kinds.filter(takes_none).collect();
        let unfit: Vec<_> = unfit
            .into_iter()
            .map(|at| (at, self.answer_of(at)))
            .collect();
        self.put(key, value.clone());
        for at in program.questions_by_value_name(key) {
            if value.is_empty() && !value.is_nullish() {
                self.held.insert(*at, value.clone());
            } else {
                self.held.remove(at);
            }
        }
        self.held.extend(unfit);
        if !are_equal(&value, &before, SAME_ANSWER) {
            self.value_changed(key, before, value);
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
        let before = self.stored(&key);
        if are_equal(&before, &comment, SAME_ANSWER) {
            return;
        }
        self.put(&key, comment.clone());
        self.comment_changed(&key, before, comment, name);
    }

    /// What is not among the choices becomes the text of "other", where there is one.
    pub(super) fn set_default_value(&mut self, at: usize, default: Value) {
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
        self.forget_giver(at);
    }

    /// Empties an answer, not its comment.
    pub(super) fn clear_value(&mut self, at: usize) {
        self.set_value(at, Value::Undefined);
        self.held.remove(&at);
        self.forget_giver(at);
    }

    /// Lets the default come back with the next change.
    fn forget_giver(&mut self, at: usize) {
        self.given.remove(&at);
        let place = self.program.questions[at].formulas.default_place;
        self.due.unnoticed.extend(place);
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

/// A value as a question of this kind has it; nothing where it takes none such.
fn fitting(kind: &QuestionKind, value: Value) -> Option<Value> {
    let joined = |list: &[Value], separator: &str| {
        let texts: Vec<String> = list.iter().map(Value::to_text).collect();
        Value::text(&texts.join(separator))
    };
    Some(match (kind, &value) {
        (QuestionKind::Text(_), Value::List(list)) => joined(list, ", "),
        (QuestionKind::Comment, Value::List(list)) => joined(list, "\n"),
        (QuestionKind::One(_), Value::List(list)) => match list.first() {
            Some(first) => first.clone(),
            None => value,
        },
        (QuestionKind::Rating(scale), _) if scale.values.is_empty() => match &value {
            Value::Undefined => value,
            _ if value.to_number().is_nan() => value,
            // ECMAScript's `parseFloat`, of what `isNaN` lets through.
            Value::Null | Value::Bool(_) => Value::Number(f64::NAN),
            Value::Text(text) if text.is_empty() => Value::Number(f64::NAN),
            _ => Value::Number(value.to_number()),
        },
        (QuestionKind::Rating(scale), _) => {
            let mut values = scale.values.iter().map(|one| Value::from(&one.value));
            values.find(|one| is_choice(one, &value)).unwrap_or(value)
        }
        (QuestionKind::Matrix { .. }, Value::Map(rows)) => {
            let cell = |cell: &Value| match cell.as_list() {
                Some(list) => list.first().cloned(),
                None => Some(cell.clone()),
            };
            let rows = rows.iter();
            let rows = rows.filter_map(|(row, one)| Some((row.clone(), cell(one)?)));
            Value::Map(Arc::new(rows.collect()))
        }
        (QuestionKind::Matrix { .. }, _) if !value.is_empty() => return None,
        _ => value,
    })
}

/// Whether nothing is to be done; nothing and an empty text are the same.
fn is_same(before: &Value, value: &Value) -> bool {
    let is_nothing = |one: &Value| one.is_nullish() || one.as_text() == Some("");
    if is_nothing(before) || is_nothing(value) {
        return is_nothing(before) && is_nothing(value);
    }
    are_equal(value, before, SAME_RESULT)
}
