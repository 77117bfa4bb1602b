//! What an expression sees of a session.

use super::Session;
use crate::survey::date::Clock;
use crate::survey::expression::{Scope, look_up};
use crate::survey::value::Value;
use linli_model::survey::QuestionKind;
use std::collections::BTreeMap;
use std::sync::Arc;

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
