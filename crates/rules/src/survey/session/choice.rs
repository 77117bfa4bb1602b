//! Choices: which are offered, and what choosing one does to the others.

use super::Session;
use crate::survey::value::{Compare, SAME_RESULT, Value, are_equal};
use linli_model::survey::{QuestionKind, Select};
use std::collections::BTreeSet;

impl Session {
    pub(super) fn offer(&mut self, at: usize) {
        let program = self.program.clone();
        let conditions = program.questions[at].choice_visible_if.iter();
        let hidden: BTreeSet<usize> = conditions
            .filter(|(_, one)| !one.holds(&*self))
            .map(|(index, _)| *index)
            .collect();
        let before = self.hidden_choices.insert(at, hidden);
        if before.unwrap_or_default() != self.hidden_choices[&at] {
            self.drop_unoffered(at);
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
    pub(in crate::survey) fn drop_unoffered(&mut self, at: usize) {
        let program = self.program.clone();
        let name = &program.questions[at].question.value_name;
        if program.questions_by_value_name(name).len() > 1 {
            return;
        }
        let value = self.answer_of(at);
        let offered = self.offered(at);
        let is_offered = |value: &Value| offered.iter().any(|one| is_choice(one, value));
        match &program.questions[at].question.kind {
            QuestionKind::One(_) if !value.is_empty() && !is_offered(&value) => {
                self.clear_value(at);
            }
            QuestionKind::Some(_) => {
                let gone = self.gone_choices.remove(&at).unwrap_or_default();
                let list = value.as_list().unwrap_or_default();
                let (mut kept, lost): (Vec<Value>, Vec<Value>) =
                    list.iter().cloned().partition(|one| is_offered(one));
                // What went with its choice comes back with it.
                let (back, mut gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(is_offered);
                let back = offered.iter().filter(|one| back.contains(one));
                let back: Vec<Value> = back.filter(|one| !list.contains(one)).cloned().collect();
                if lost.is_empty() && back.is_empty() {
                    return;
                }
                gone.extend(lost);
                kept.extend(back);
                if kept.is_empty() {
                    self.clear_value(at);
                } else {
                    self.set_value(at, Value::list(kept));
                }
                self.gone_choices.insert(at, gone);
            }
            _ => {}
        }
    }
}

/// Whether a value is this choice: `1` and `"1"` are one.
pub(super) fn is_choice(choice: &Value, value: &Value) -> bool {
    let how = Compare {
        ignores_order: false,
        converts_numbers: true,
        is_exact_text: false,
    };
    are_equal(choice, value, how)
}

/// Whether "other" is chosen.
pub(in crate::survey) fn has_other(select: &Select, value: &Value) -> bool {
    let Some(other) = select.other.as_ref().map(Value::from) else {
        return false;
    };
    match value.as_list() {
        Some(list) => list.contains(&other),
        None => *value == other,
    }
}

/// "None" and its like push the rest out, and go when another choice comes.
pub(super) fn some_of(select: &Select, before: &Value, value: Value) -> Value {
    let exclusive: Vec<Value> = select
        .exclusive
        .iter()
        .map(|one| Value::from(&one.value))
        .collect();
    let Some(list) = value
        .as_list()
        .filter(|_| !are_equal(before, &value, SAME_RESULT))
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
