//! Values that nobody typed: defaults, and what `setValueIf`, `setValueExpression` and
//! `resetValueIf` give or take.

use super::trigger::Changes;
use super::{Session, as_answer, is_blank};
use crate::survey::expression::Expression;
use crate::survey::value::{SAME_ANSWER, SAME_RESULT, Value, are_equal};
use linli_model::survey::{ClearInvisible, QuestionKind};

impl Session {
    /// Gives a question its default, when it has none and may have one.
    pub(super) fn set_default(&mut self, at: usize) {
        let clears = self.program.clear_invisible == ClearInvisible::OnHidden;
        if !self.has_default(at)
            || !is_blank(&self.answer_of(at))
            || clears && !self.questions[at].is_visible
        {
            return;
        }
        self.give_default(at);
    }

    fn has_default(&self, at: usize) -> bool {
        let node = &self.program.questions[at];
        let default = node.question.default_value.as_ref().map(Value::from);
        node.formulas.default.is_some() || default.is_some_and(|one| !is_blank(&one))
    }

    fn give_default(&mut self, at: usize) {
        let program = self.program.clone();
        let node = &program.questions[at];
        let default = node.question.default_value.as_ref().map(Value::from);
        if let QuestionKind::Boolean {
            value_true,
            value_false,
        } = &node.question.kind
        {
            // survey-core has a yes or no start with its plain default alone.
            let (yes, no) = (Value::from(value_true), Value::from(value_false));
            match default {
                Some(default) if is_flag(&default, true, &yes) => self.set_value(at, yes),
                Some(default) if is_flag(&default, false, &no) => self.set_value(at, no),
                Some(default) if default.as_text() != Some("indeterminate") => {}
                _ => self.set_value(at, Value::Undefined),
            }
            return;
        }
        let Some(expression) = &node.formulas.default else {
            self.set_default_value(at, default.unwrap_or_default());
            return;
        };
        let result = |value: Value, session: &mut Self| session.set_default_value(at, value);
        self.run_default(at, expression, result);
    }

    /// Looks at `defaultValueExpression`, as long as nobody has answered.
    pub(super) fn follow_default(&mut self, at: usize) {
        let clears = self.program.clear_invisible == ClearInvisible::OnHidden;
        if self.given.contains(&at) || clears && !self.is_shown(at) {
            return;
        }
        let program = self.program.clone();
        let Some(expression) = &program.questions[at].formulas.default else {
            return;
        };
        self.run_default(at, expression, |value, session| {
            if !are_equal(&session.answer_of(at), &value, SAME_RESULT) {
                session.set_value(at, value);
            }
        });
    }

    fn run_default(
        &mut self,
        at: usize,
        expression: &Expression,
        give: impl FnOnce(Value, &mut Self),
    ) {
        if !self.running_defaults.insert(at) {
            return;
        }
        let mut value = as_answer(expression.run(&*self), self.clock);
        if value.is_nullish() {
            let default = &self.program.questions[at].question.default_value;
            value = default.as_ref().map(Value::from).unwrap_or_default();
        }
        self.by_default.insert(at);
        give(value, self);
        self.by_default.remove(&at);
        self.running_defaults.remove(&at);
    }

    /// What a change gives or takes elsewhere.
    pub(super) fn follow_formulas(&mut self, own: &Changes) {
        for at in self.program.clone().with_formulas.iter().copied() {
            if self.setting.contains(&at) {
                continue;
            }
            let changes = self
                .triggering
                .followed
                .clone()
                .unwrap_or_else(|| own.clone());
            self.reset(at, &changes);
            self.set_by_formula(at, &changes);
        }
    }

    fn reset(&mut self, at: usize, changes: &Changes) {
        let program = self.program.clone();
        let Some(when) = &program.questions[at].formulas.reset_if else {
            return;
        };
        if is_blank(&self.answer_of(at)) || !changes.concern(when) {
            return;
        }
        if matches!(when.run(&*self), Value::Bool(true)) {
            if self.has_default(at) {
                self.give_default(at);
            } else {
                self.clear(at);
            }
        }
    }

    fn set_by_formula(&mut self, at: usize, changes: &Changes) {
        let program = self.program.clone();
        let formulas = &program.questions[at].formulas;
        match (&formulas.set_if, &formulas.set) {
            (Some(when), set) => {
                let is_due = changes.name(when)
                    || match set {
                        Some(set) => changes.concern(set),
                        None => changes.concern(when),
                    };
                if is_due && when.run(&*self).is_truthy() {
                    match set {
                        Some(set) => self.set_result(at, set),
                        None => self.clear(at),
                    }
                }
            }
            (None, Some(set)) if changes.concern(set) => self.set_result(at, set),
            _ => {}
        }
    }

    fn set_result(&mut self, at: usize, expression: &Expression) {
        let value = as_answer(expression.run(&*self), self.clock);
        if !are_equal(&self.answer_of(at), &value, SAME_RESULT) {
            self.set_value(at, value);
        }
    }
}

fn is_flag(default: &Value, flag: bool, stored: &Value) -> bool {
    let text = default.to_text().to_lowercase();
    text == flag.to_string() || are_equal(default, stored, SAME_ANSWER)
}
