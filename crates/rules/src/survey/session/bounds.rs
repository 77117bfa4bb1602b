//! Bounds of lines, as they are written or computed.

use super::{Session, is_blank};
use crate::survey::value::{Value, compare};
use linli_model::survey::QuestionKind;
use std::cmp::Ordering;

/// Which way a value is outside the bounds of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::survey) enum Outside {
    Below,
    Above,
}

impl Session {
    /// Whether a value is outside the bounds of its line, where it is not kept.
    pub(in crate::survey) fn is_outside(&self, at: usize, value: &Value) -> bool {
        self.outside(at, value, Outside::Below) || self.outside(at, value, Outside::Above)
    }

    pub(in crate::survey) fn bound_of(&self, at: usize, end: Outside) -> Value {
        let computed = self.bounds.get(&at);
        match (&self.program.questions[at].question.kind, end, computed) {
            (_, Outside::Below, Some([min, _])) => min.clone(),
            (_, Outside::Above, Some([_, max])) => max.clone(),
            (QuestionKind::Text(input), end, None) => {
                let bound = match end {
                    Outside::Below => &input.min,
                    Outside::Above => &input.max,
                };
                bound.as_ref().map(Value::from).unwrap_or_default()
            }
            _ => Value::Undefined,
        }
    }

    pub(in crate::survey) fn outside(&self, at: usize, value: &Value, end: Outside) -> bool {
        let QuestionKind::Text(input) = &self.program.questions[at].question.kind else {
            return false;
        };
        let bound = self.bound_of(at, end);
        // survey-core never looks at the bounds of one of several lines.
        if is_blank(value) || bound.is_empty() || self.is_line() {
            return false;
        }
        let is_date = matches!(&*input.input_type, "date" | "datetime-local");
        let instant = |one: &Value| Value::Number(self.around.clock.read(&one.to_text()));
        let order = if is_date {
            compare(&instant(value), &instant(&bound))
        } else {
            compare(value, &bound)
        };
        order
            == Some(match end {
                Outside::Below => Ordering::Less,
                Outside::Above => Ordering::Greater,
            })
    }
}
