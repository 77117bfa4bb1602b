//! Questions inside a question: each row or panel is a session of its own, whose names lead
//! on to the session around it, and whose answers together are the question's answer.
//!
//! Left to others: what is wrong inside (`validate`), names (`scope`).

use super::scope::{Entry, Outer};
use super::trigger::Changes;
use super::{Session, SurveyRefusal};
use crate::survey::expression::Scope;
use crate::survey::place::Place;
use crate::survey::program::Owner;
use crate::survey::value::{SAME_RESULT, Value, are_equal};
use linli_model::flat;
use linli_model::flat::Set;
use linli_model::survey::{List, Nested, QuestionKind, Shape};
use std::sync::Arc;

/// One row or panel.
#[derive(Debug)]
pub(in crate::survey) struct Inner {
    /// The same as long as it exists.
    pub(in crate::survey) key: usize,
    pub(in crate::survey) session: Session,
}

/// Steps that making a row or panel takes for each element in it.
const ENTRY_STEPS: usize = 100;

/// What a person does at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act<'a> {
    Answer(&'a serde_json::Value),
    Comment(&'a str),
    Add,
    Remove(usize),
}

impl Session {
    /// Whether this is a row that the person may have added, which keeps the defaults of
    /// cells that are hidden from the start.
    pub(super) fn is_added_row(&self) -> bool {
        let entry = self.outer.as_ref().map(|outer| &outer.entry);
        entry.is_some_and(|one| one.prefix == "row" && one.name.is_nullish())
    }

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
        let mut has_changed = false;
        let done = match entries.get_mut(*row) {
            Some(entry) => {
                let before = entry.session.values.clone();
                entry.session.outer = Some(around);
                let done = entry.session.act(&place, act);
                has_changed = before != entry.session.values;
                done
            }
            None => Err(refused()),
        };
        self.inner.insert(*question, entries);
        self.redraw.insert(Owner::Question(*question));
        done?;
        if has_changed {
            self.entries_changed(*question);
        }
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
        let list_is_of_panels = list.is_of_panels;
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
        // A new row is not in the answer before there is something in it.
        let is_silent = !list_is_of_panels && entry.session.values.is_empty();
        self.inner.entry(at).or_default().push(entry);
        if !list_is_of_panels {
            // survey-core looks at all rows again.
            let all = self.inner.entry(at).or_default().iter_mut();
            all.for_each(|one| one.session.is_stale = true);
            self.look_inside(at, None);
        }
        if is_silent {
            self.redraw.insert(Owner::Question(at));
        } else {
            self.entries_changed(at);
        }
    }

    fn remove_entry(&mut self, at: usize, index: usize) {
        if self.can_remove(at)
            && let Some(entries) = self.inner.get_mut(&at)
            && index < entries.len()
        {
            entries.remove(index);
            let is_of_panels = self.list(at).is_some_and(|list| list.is_of_panels);
            let stored = self.answer_of(at);
            match stored.as_list() {
                // New rows without an answer are not in it, and stay out.
                Some(all) if !is_of_panels && all.len() < self.entries(at).len() + 1 => {
                    let kept = all.iter().enumerate().filter(|(row, _)| *row != index);
                    let kept: Vec<Value> = kept.map(|(_, one)| one.clone()).collect();
                    let is_empty = kept.iter().all(Value::is_empty);
                    let value = if is_empty {
                        Value::Undefined
                    } else {
                        Value::list(kept)
                    };
                    self.set_from_inside(at, value);
                }
                _ => self.entries_changed(at),
            }
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
        // Panels in panels in panels: what is made of few words is paid for.
        if !self.spend(ENTRY_STEPS * (program.len() + 1)) {
            return None;
        }
        let key = self.next_key;
        self.next_key += 1;
        Some(Inner {
            key,
            session: self.inside(program, outer),
        })
    }

    /// What a row or panel sees around itself.
    fn outer_of(&self, at: usize, index: usize) -> Option<Arc<Outer>> {
        let nested = self.nested(at)?;
        self.spend(self.entries(at).len());
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
        self.set_from_inside(at, value);
    }

    fn set_from_inside(&mut self, at: usize, value: Value) {
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
                let mut map = flat::Map::new();
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
                let of = |one: &Inner| one.session.values.clone();
                if list.is_of_panels {
                    let all: Vec<Value> = entries.iter().map(of).collect();
                    return if all.is_empty() {
                        Value::Undefined
                    } else {
                        Value::list(all)
                    };
                }
                // Rows that are always there are in the answer, be they empty.
                let mut all: Vec<Value> = if is_empty {
                    Vec::new()
                } else {
                    entries.iter().map(of).collect()
                };
                while all.len() < list.min_count {
                    all.push(Value::Map(Arc::default()));
                }
                let is_as_it_was = is_empty && self.is_loading && list.min_count == entries.len();
                if all.is_empty() || is_as_it_was {
                    Value::Undefined
                } else {
                    Value::list(all)
                }
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
        self.is_stale = true;
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

    /// What has to be looked at in each row or panel of a question in this run.
    fn places_inside(&self, at: usize) -> Set<usize> {
        let node = &self.program.questions[at];
        let Some(inner) = &node.inner else {
            return Set::new();
        };
        let own = linli_model::ecma::lower(&node.question.value_name);
        let mut places: Set<usize> = inner.restless.iter().copied().collect();
        if self.due.is_first {
            places.extend(0..inner.items.len());
        }
        for name in &self.due.names {
            if *name == own {
                places.extend(inner.places_within());
            }
            places.extend(inner.dependants(name));
        }
        places
    }

    /// Looks at the conditions inside a question again.
    pub(super) fn look_inside(&mut self, at: usize, changes: Option<&Changes>) {
        let count = self.entries(at).len();
        let outers: Vec<_> = (0..count).map(|index| self.outer_of(at, index)).collect();
        let places = self.places_inside(at);
        let mut entries = self.inner.remove(&at).unwrap_or_default();
        let mut has_changed = false;
        for (entry, outer) in entries.iter_mut().zip(outers) {
            entry.session.outer = outer;
            let before = entry.session.values.clone();
            match changes {
                Some(changes) => {
                    entry.session.triggering.followed = Some(changes.clone());
                    entry.session.follow_formulas(changes);
                    entry.session.triggering.followed = None;
                }
                None if entry.session.is_stale => entry.session.run_all(),
                None => {
                    places.iter().for_each(|place| entry.session.visit(*place));
                    entry.session.run();
                    entry.session.triggering.followed = None;
                }
            }
            let (is_restless, evaluations) = entry.session.due.spent();
            self.due.evaluations += evaluations;
            self.due.is_restless |= is_restless;
            has_changed |= before != entry.session.values;
        }
        self.inner.insert(at, entries);
        self.redraw.insert(Owner::Question(at));
        if has_changed {
            self.entries_changed(at);
        }
    }
}
