//! What an expression sees of a session, and what questions inside a question see of the
//! session around them.

use super::Session;
use crate::survey::date::Clock;
use crate::survey::expression::{Scope, look_up};
use crate::survey::program::Program;
use crate::survey::value::Value;
use linli_model::ecma;
use linli_model::flat;
use linli_model::survey::QuestionKind;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A row or panel: what is around it.
#[derive(Debug, Clone)]
pub(super) struct Outer {
    /// The session around, as it was when this one was looked at. What it holds is shared.
    pub(super) program: Arc<Program>,
    pub(super) values: Value,
    pub(super) variables: Value,
    pub(super) held: flat::Map<usize, Value>,
    pub(super) outer: Option<Arc<Outer>>,
    pub(super) entry: Entry,
}

/// Which row or panel it is.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) index: usize,
    /// `row`, `panel`, or nothing for lines.
    pub(super) prefix: &'static str,
    /// A row's value.
    pub(super) name: Value,
    /// A row's text.
    pub(super) title: Value,
    /// All rows or panels, as a list.
    pub(super) all: Value,
}

/// The names that a session has.
#[derive(Debug, Clone, Copy)]
pub(in crate::survey) struct Names<'a> {
    pub(in crate::survey) program: &'a Program,
    values: &'a Value,
    variables: &'a Value,
    held: &'a flat::Map<usize, Value>,
    outer: Option<&'a Outer>,
}

/// What a path leads to.
#[derive(Debug)]
pub(in crate::survey) struct Found<'a> {
    /// Where its name is known.
    pub(in crate::survey) names: Names<'a>,
    /// The question it begins with.
    pub(in crate::survey) question: usize,
    /// Whether it goes on into the answer.
    pub(in crate::survey) goes_on: bool,
}

impl Scope for Session {
    fn value(&self, path: &str) -> Option<Value> {
        self.names().value(path)
    }

    fn clock(&self) -> Clock {
        self.around.clock
    }

    fn is_display_mode(&self) -> Value {
        Value::Bool(false)
    }

    fn spend(&self, steps: usize) -> bool {
        let left = self.steps_left.load(Relaxed).checked_sub(steps);
        self.steps_left.store(left.unwrap_or(0), Relaxed);
        left.is_some()
    }

    fn is_order_strict(&self, path: &str) -> bool {
        self.names().found(path).is_some_and(|found| {
            let question = &found.names.program.questions[found.question].question;
            matches!(&question.kind, QuestionKind::Some(select) if select.is_ranked)
        })
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
    pub(in crate::survey) fn names(&self) -> Names<'_> {
        Names {
            program: &self.program,
            values: &self.values,
            variables: &self.variables,
            held: &self.held,
            outer: self.outer.as_deref(),
        }
    }
}

impl Outer {
    fn names(&self) -> Names<'_> {
        Names {
            program: &self.program,
            values: &self.values,
            variables: &self.variables,
            held: &self.held,
            outer: self.outer.as_deref(),
        }
    }
}

impl<'a> Names<'a> {
    /// The answer of a question, held or kept.
    pub(in crate::survey) fn answer_of(self, at: usize) -> Value {
        match self.held.get(&at) {
            Some(held) => held.clone(),
            None => self.stored(&self.program.questions[at].question.value_name),
        }
    }

    pub(in crate::survey) fn comment_of(self, at: usize) -> Value {
        self.stored(&super::comment_key(
            &self.program.questions[at].question.value_name,
        ))
    }

    pub(in crate::survey) fn stored(self, key: &str) -> Value {
        match self.values {
            Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
            _ => Value::Undefined,
        }
    }

    /// Variables first, then questions by the key of their answer, then whatever else is
    /// among the answers; inside a row or panel, its own names and those around it.
    pub(in crate::survey) fn value(self, path: &str) -> Option<Value> {
        let Some(outer) = self.outer else {
            return self.own_value(path);
        };
        if let Some(rest) = own_path(path, outer.entry.prefix) {
            return self.own_value(rest);
        }
        outer
            .entry
            .value(path)
            .or_else(|| outer.of_panel_around(path))
            .or_else(|| outer.names().value(path))
    }

    fn own_value(self, path: &str) -> Option<Value> {
        look_up(self.variables, path)
            .or_else(|| self.question_value(path))
            .or_else(|| look_up(self.values, path))
    }

    /// The question that a path begins with.
    pub(in crate::survey) fn found(self, path: &str) -> Option<Found<'a>> {
        let (names, path) = match self.outer {
            None => (self, path),
            Some(outer) => match own_path(path, outer.entry.prefix) {
                Some(rest) => (self, rest),
                None => return outer.names().found(path),
            },
        };
        if look_up(names.variables, path).is_some() {
            return None;
        }
        let ends = path.match_indices('.').map(|(at, _)| at);
        ends.chain([path.len()]).find_map(|end| {
            let name = &path[..end];
            let name = name.rsplit_once('[').map_or(name, |(name, _)| name);
            let question = *names.program.questions_by_value_name(name).first()?;
            Some(Found {
                names,
                question,
                goes_on: name.len() < path.len(),
            })
        })
    }

    /// The shortest name that is a question's counts.
    fn question_value(self, path: &str) -> Option<Value> {
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
            // A list that was never touched is an empty one.
            let value = match &self.program.questions[*at].question.kind {
                QuestionKind::Some(_) if value.is_nullish() => Value::list(Vec::new()),
                _ => value,
            };
            let kind = &self.program.questions[*at].question.kind;
            if matches!(kind, QuestionKind::Matrix { .. }) && value.is_empty() {
                // An emptied matrix is not there.
                return None;
            }
            let rest = path[end..].trim_start_matches('.');
            if rest.is_empty() {
                let indexed = |index: &str| match value.as_list() {
                    Some(_) => look_up(
                        &Value::Map(Arc::new(flat::Map::from([("q".into(), value.clone())]))),
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

/// `row.x` inside rows is `x`.
fn own_path<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let (first, rest) = path.split_once('.')?;
    (!prefix.is_empty() && first.eq_ignore_ascii_case(prefix)).then_some(rest)
}

impl Entry {
    /// Names that every row or panel has.
    #[expect(clippy::cast_precision_loss, reason = "there are few rows")]
    fn value(&self, path: &str) -> Option<Value> {
        let lower = ecma::lower(path);
        let index = self.index as f64;
        let value = match (self.prefix, lower.as_str()) {
            ("row", "rowindex" | "visiblerowindex") => Value::Number(index + 1.0),
            ("row", "rowname" | "rowvalue" | "item") => self.name.clone(),
            ("row", "rowtitle") => self.title.clone(),
            ("row", "matrix") => self.all.clone(),
            ("panel", "panelindex" | "visiblepanelindex") => Value::Number(index),
            (prefix, _) if !prefix.is_empty() => return self.beside(path),
            _ => return None,
        };
        Some(value)
    }

    /// `{prevRow.x}`, `{nextPanel.x}`: nothing at the ends.
    fn beside(&self, path: &str) -> Option<Value> {
        let (first, rest) = path.split_once('.')?;
        let first = ecma::lower(first);
        let index = match first.strip_suffix(self.prefix)? {
            "prev" => self.index.checked_sub(1),
            "next" => Some(self.index + 1),
            _ => return None,
        };
        let other = self.all.as_list().and_then(|all| all.get(index?));
        Some(other.and_then(|one| look_up(one, rest)).unwrap_or_default())
    }
}

impl Outer {
    /// `{parentPanel.x}`: of the panel around the question that this panel is in.
    fn of_panel_around(&self, path: &str) -> Option<Value> {
        let rest = own_path(path, "parentPanel").filter(|_| self.entry.prefix == "panel")?;
        let around = self.outer.as_ref()?;
        (around.entry.prefix == "panel").then(|| self.names().own_value(rest))?
    }
}
