//! Questions inside a question: each row or panel is a session of its own, whose names lead
//! on to the session around it, and whose answers together are the question's answer.
//!
//! Left to others: what is wrong inside (`validate`), names (`scope`).

use super::scope::{Entry, Outer};
use super::trigger::Changes;
use super::{Session, SurveyRefusal};
use crate::survey::place::Place;
use crate::survey::program::Owner;
use crate::survey::value::{SAME_RESULT, Value, are_equal};
use linli_model::survey::{List, Nested, QuestionKind, Shape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One row or panel.
#[derive(Debug)]
pub(in crate::survey) struct Inner {
    /// The same as long as it exists.
    pub(in crate::survey) key: usize,
    pub(in crate::survey) session: Session,
}

/// What a person does at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act<'a> {
    Answer(&'a serde_json::Value),
    Comment(&'a str),
    Add,
    Remove(usize),
}

impl Session {
    /// Whether this is one of several lines, which keep what is outside their bounds.
    pub(super) fn is_line(&self) -> bool {
        self.outer
            .as_ref()
            .is_some_and(|outer| outer.entry.prefix.is_empty())
    }

    pub(in crate::survey) fn nested(&self, at: usize) -> Option<&Nested> {
        match &self.program.questions[at].question.kind {
            QuestionKind::Nested(nested) => Some(nested),
            _ => None,
        }
    }

    /// Rows or panels of a question.
    pub(in crate::survey) fn entries(&self, at: usize) -> &[Inner] {
        self.inner.get(&at).map_or(&[], Vec::as_slice)
    }

    /// Does something at a place, here or inside a question.
    pub(super) fn act(&mut self, place: &Place, act: Act<'_>) -> Result<(), SurveyRefusal> {
        let Some(((question, row), rest)) = place.inside.split_first() else {
            return self.act_here(place, act);
        };
        let refused = || SurveyRefusal::UnknownQuestion {
            name: String::new(),
        };
        let around = self.outer_of(*question, *row).ok_or_else(refused)?;
        let mut entries = self.inner.remove(question).unwrap_or_default();
        let place = Place {
            inside: rest.to_vec(),
            element: place.element,
        };
        let done = match entries.get_mut(*row) {
            Some(entry) => {
                entry.session.outer = Some(around);
                entry.session.act(&place, act)
            }
            None => Err(refused()),
        };
        self.inner.insert(*question, entries);
        done?;
        self.entries_changed(*question);
        Ok(())
    }

    fn act_here(&mut self, place: &Place, act: Act<'_>) -> Result<(), SurveyRefusal> {
        let at = match place.element {
            Owner::Question(at) if at < self.questions.len() => at,
            _ => {
                return Err(SurveyRefusal::UnknownQuestion {
                    name: String::new(),
                });
            }
        };
        let name = self.program.questions[at].question.name.clone();
        match act {
            Act::Answer(answer) => self.take_answer(&name, answer)?,
            Act::Comment(comment) => self.take_comment(&name, comment)?,
            Act::Add => self.add_entry(at),
            Act::Remove(index) => self.remove_entry(at, index),
        }
        self.rested_within()
    }

    fn list(&self, at: usize) -> Option<&List> {
        match &self.nested(at)?.shape {
            Shape::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether the person may add a row or panel.
    pub(in crate::survey) fn can_add(&self, at: usize) -> bool {
        let count = self.entries(at).len();
        self.list(at)
            .is_some_and(|list| list.can_add && count < list.max_count && !self.is_read_only(at))
    }

    /// Whether the person may remove one.
    pub(in crate::survey) fn can_remove(&self, at: usize) -> bool {
        let count = self.entries(at).len();
        self.list(at)
            .is_some_and(|list| list.can_remove && count > list.min_count && !self.is_read_only(at))
    }

    fn add_entry(&mut self, at: usize) {
        if !self.can_add(at) {
            return;
        }
        let Some(list) = self.list(at) else {
            return;
        };
        let default = match (list.copies_last, self.entries(at).last()) {
            (true, Some(last)) => Some(last.session.values.clone()),
            _ => list.default.as_ref().map(Value::from),
        };
        let index = self.entries(at).len();
        let Some(mut entry) = self.new_entry(at, index) else {
            return;
        };
        if let Some(Value::Map(map)) = default {
            entry.session.replace(Value::Map(map));
        }
        self.inner.entry(at).or_default().push(entry);
        self.entries_changed(at);
    }

    fn remove_entry(&mut self, at: usize, index: usize) {
        if self.can_remove(at)
            && let Some(entries) = self.inner.get_mut(&at)
            && index < entries.len()
        {
            entries.remove(index);
            self.entries_changed(at);
        }
    }

    /// Rows and panels as they are at the start.
    pub(super) fn make_entries(&mut self, at: usize) {
        let Some(nested) = self.nested(at) else {
            return;
        };
        let (count, default) = match &nested.shape {
            Shape::Once => (1, None),
            Shape::Rows { rows, .. } => (rows.len(), None),
            Shape::List(list) => {
                let most = list.max_count.max(list.min_count);
                let count = list.count.clamp(list.min_count, most);
                (count, list.default.as_ref().map(Value::from))
            }
        };
        for index in 0..count {
            let Some(mut entry) = self.new_entry(at, index) else {
                return;
            };
            if let Some(Value::Map(map)) = &default {
                entry.session.replace(Value::Map(map.clone()));
            }
            self.inner.entry(at).or_default().push(entry);
        }
        self.entries_changed(at);
    }

    fn new_entry(&mut self, at: usize, index: usize) -> Option<Inner> {
        let outer = self.outer_of(at, index);
        let program = self.program.questions[at].inner.clone()?;
        let key = self.next_key;
        self.next_key += 1;
        Some(Inner {
            key,
            session: Session::inside(program, self.around.clone(), outer),
        })
    }

    /// What a row or panel sees around itself.
    fn outer_of(&self, at: usize, index: usize) -> Option<Arc<Outer>> {
        let nested = self.nested(at)?;
        let (prefix, name, title) = match &nested.shape {
            Shape::Once => ("", Value::Undefined, Value::Undefined),
            Shape::Rows { rows, .. } => {
                let row = rows.get(index)?;
                let name = Value::from(&row.value);
                let text = row.text.as_ref().and_then(|text| text.in_locale(""));
                let title = text.map_or_else(|| name.clone(), Value::text);
                ("row", name, title)
            }
            Shape::List(list) if list.is_of_panels => ("panel", Value::Undefined, Value::Undefined),
            Shape::List(_) => ("row", Value::Undefined, Value::Undefined),
        };
        let all = self
            .entries(at)
            .iter()
            .map(|one| one.session.values.clone());
        Some(Arc::new(Outer {
            program: self.program.clone(),
            values: self.values.clone(),
            variables: self.variables.clone(),
            held: self.held.clone(),
            outer: self.outer.clone(),
            entry: Entry {
                index,
                prefix,
                name,
                title,
                all: Value::list(all.collect()),
            },
        }))
    }

    /// Makes the question's answer what is in its rows or panels.
    fn entries_changed(&mut self, at: usize) {
        let value = self.value_of_entries(at);
        self.from_inside.insert(at);
        self.set_value(at, value);
        self.from_inside.remove(&at);
        self.redraw.insert(Owner::Question(at));
    }

    fn value_of_entries(&self, at: usize) -> Value {
        let entries = self.entries(at);
        let Some(nested) = self.nested(at) else {
            return Value::Undefined;
        };
        match &nested.shape {
            Shape::Once => match entries.first() {
                Some(one) if !one.session.values.is_empty() => one.session.values.clone(),
                _ => Value::Undefined,
            },
            Shape::Rows { rows, .. } => {
                let mut map = BTreeMap::new();
                for (row, one) in rows.iter().zip(entries) {
                    if !one.session.values.is_empty() {
                        let key = Value::from(&row.value).to_text();
                        map.insert(key, one.session.values.clone());
                    }
                }
                if map.is_empty() {
                    Value::Undefined
                } else {
                    Value::Map(Arc::new(map))
                }
            }
            Shape::List(list) => {
                let is_empty = entries.iter().all(|one| one.session.values.is_empty());
                if is_empty && (!list.is_of_panels || entries.is_empty()) {
                    return Value::Undefined;
                }
                let all = entries.iter().map(|one| one.session.values.clone());
                Value::list(all.collect())
            }
        }
    }

    /// Brings rows or panels to an answer that came from elsewhere.
    pub(super) fn spread(&mut self, at: usize, value: &Value) {
        if self.from_inside.contains(&at) {
            return;
        }
        let Some(nested) = self.nested(at) else {
            return;
        };
        let member = |key: &str| match value {
            Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
            _ => Value::Undefined,
        };
        let wanted: Vec<Value> = match &nested.shape {
            Shape::Once => vec![value.clone()],
            Shape::Rows { rows, .. } => {
                let keys = rows.iter().map(|row| Value::from(&row.value).to_text());
                keys.map(|key| member(&key)).collect()
            }
            Shape::List(list) => match value.as_list() {
                Some(all) => all.iter().take(list.max_count).cloned().collect(),
                None if list.is_of_panels => vec![Value::Undefined; list.min_count],
                None => vec![Value::Undefined; self.entries(at).len()],
            },
        };
        while self.entries(at).len() < wanted.len() {
            let Some(entry) = self.new_entry(at, self.entries(at).len()) else {
                return;
            };
            self.inner.entry(at).or_default().push(entry);
        }
        let mut entries = self.inner.remove(&at).unwrap_or_default();
        entries.truncate(wanted.len());
        for (entry, value) in entries.iter_mut().zip(wanted) {
            if !are_equal(&entry.session.values, &value, SAME_RESULT) {
                entry.session.replace(value);
            }
        }
        self.inner.insert(at, entries);
    }

    /// Takes answers of a row or panel as they are.
    fn replace(&mut self, value: Value) {
        self.values = match value {
            Value::Map(map) => Value::Map(map),
            _ => Value::Map(Arc::default()),
        };
        self.held.clear();
        for at in 0..self.questions.len() {
            if self.nested(at).is_some() {
                let value = self.answer_of(at);
                self.spread(at, &value);
            }
        }
    }

    /// Drops what no visible question inside has given.
    pub(in crate::survey) fn clean_inside(&mut self, at: usize) {
        if self.entries(at).is_empty() {
            return;
        }
        let mut entries = self.inner.remove(&at).unwrap_or_default();
        for entry in &mut entries {
            entry.session.clean();
        }
        self.inner.insert(at, entries);
        self.entries_changed(at);
    }

    /// Gives rows and panels their answers as if a person had: for answers from elsewhere.
    pub(in crate::survey) fn refill(&mut self, at: usize) {
        if self.entries(at).is_empty() {
            return;
        }
        let outers: Vec<_> = (0..self.entries(at).len())
            .map(|index| self.outer_of(at, index))
            .collect();
        let mut entries = self.inner.remove(&at).unwrap_or_default();
        for (entry, outer) in entries.iter_mut().zip(outers) {
            let session = &mut entry.session;
            session.outer = outer;
            let given = std::mem::take(&mut session.values);
            session.replace(Value::Undefined);
            let member = |key: &str| match &given {
                Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
                _ => Value::Undefined,
            };
            for question in 0..session.questions.len() {
                let key = session.program.questions[question]
                    .question
                    .value_name
                    .clone();
                session.set_value(question, member(&key));
                session.refill(question);
                let comment = member(&super::comment_key(&key));
                if !comment.is_nullish() {
                    session.set_comment_value(question, comment);
                }
            }
        }
        self.inner.insert(at, entries);
        self.entries_changed(at);
    }

    /// Looks at the conditions inside a question again.
    pub(super) fn look_inside(&mut self, at: usize, changes: Option<&Changes>) {
        let count = self.entries(at).len();
        let outers: Vec<_> = (0..count).map(|index| self.outer_of(at, index)).collect();
        let mut entries = self.inner.remove(&at).unwrap_or_default();
        for (entry, outer) in entries.iter_mut().zip(outers) {
            entry.session.outer = outer;
            match changes {
                Some(changes) => {
                    entry.session.triggering.followed = Some(changes.clone());
                    entry.session.follow_formulas(changes);
                    entry.session.triggering.followed = None;
                }
                None => entry.session.run_all(),
            }
            let (is_restless, evaluations) = entry.session.due.spent();
            self.due.evaluations += evaluations;
            self.due.is_restless |= is_restless;
        }
        self.inner.insert(at, entries);
        self.entries_changed(at);
    }
}
