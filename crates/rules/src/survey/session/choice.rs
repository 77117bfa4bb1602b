//! Choices: which are offered, and what choosing one does to the others.

use super::Session;
use crate::survey::program::Owner;
use crate::survey::value::{Compare, SAME_RESULT, Value, are_equal};
use linli_model::flat::Set;
use linli_model::survey::{Choice, QuestionKind, Select};

/// What is offered to choose.
#[derive(Debug, Clone, Copy)]
pub(in crate::survey) struct Offer<'a> {
    pub(in crate::survey) value: &'a serde_json::Value,
    /// Where it is one of the definition's.
    pub(in crate::survey) choice: Option<&'a Choice>,
    pub(in crate::survey) role: Role,
}

/// What choosing it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Chooses it.
    Plain,
    /// Asks for words beside.
    Other,
    /// Drops all else.
    Exclusive,
    /// Chooses all.
    All,
}

impl Session {
    pub(super) fn offer(&mut self, at: usize) {
        let program = self.program.clone();
        let conditions = program.questions[at].choice_visible_if.iter();
        let hidden: Set<usize> = conditions
            .filter(|(_, one)| !one.holds(&*self))
            .map(|(index, _)| *index)
            .collect();
        let before = self.hidden_choices.insert(at, hidden);
        if before.unwrap_or_default() != self.hidden_choices[&at] {
            self.redraw.insert(Owner::Question(at));
            self.drop_unoffered(at);
        }
    }

    /// What is offered now, in order.
    pub(in crate::survey) fn offers(&self, at: usize) -> Vec<Offer<'_>> {
        let (QuestionKind::One(select) | QuestionKind::Some(select)) =
            &self.program.questions[at].question.kind
        else {
            return Vec::new();
        };
        let hidden = self.hidden_choices.get(&at);
        let is_offered = |index: &usize| hidden.is_none_or(|hidden| !hidden.contains(index));
        let places: Vec<usize> = (0..select.choices.len()).collect();
        let places = self.in_order(Owner::Question(at), &places).into_iter();
        let choices = places.copied().filter(is_offered);
        let choices = choices.map(|index| &select.choices[index]);
        let choices = choices.map(|choice| Offer {
            value: &choice.value,
            choice: Some(choice),
            role: Role::Plain,
        });
        let exclusive = select
            .exclusive
            .iter()
            .map(|one| (&one.value, Role::Exclusive));
        let other = select.other.iter().map(|one| (one, Role::Other));
        let special = exclusive.chain(other).map(|(value, role)| Offer {
            value,
            choice: None,
            role,
        });
        choices.chain(special).collect()
    }

    /// Choices that are offered now, as they are stored.
    pub(super) fn offered(&self, at: usize) -> Vec<Value> {
        let offers = self.offers(at).into_iter();
        offers.map(|one| Value::from(one.value)).collect()
    }

    /// What is ranked follows what is offered. One choice alone counts as an answer that is
    /// not kept.
    fn rank(&mut self, at: usize, value: Value, offered: Vec<Value>) {
        let program = self.program.clone();
        let question = &program.questions[at].question;
        let name = question.value_name.clone();
        let stored = self.stored(&name);
        if offered.len() == 1 {
            self.held.remove(&at);
            self.set_value(at, Value::Undefined);
            self.held.insert(at, Value::list(offered));
            self.names_changed(&[&name]);
        } else if stored.is_empty() && question.default_value.is_none() {
            self.held.remove(&at);
        } else if !value.is_empty() {
            self.set_value(at, value);
        }
    }

    /// Whether it is a ranking with one choice.
    pub(super) fn is_ranked_alone(&self, at: usize) -> bool {
        let kind = &self.program.questions[at].question.kind;
        matches!(kind, QuestionKind::Some(select) if select.is_ranked && !select.ranks_chosen)
            && self.held.contains_key(&at)
            && self.offers(at).len() == 1
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
            QuestionKind::Some(select) if select.is_ranked && !select.ranks_chosen => {
                self.rank(at, value, offered);
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
                    self.gone_choices.insert(at, gone);
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
