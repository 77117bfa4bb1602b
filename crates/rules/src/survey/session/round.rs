//! Looks at what an answer leads to, in survey-core's order: rounds over all elements,
//! until nothing changes any more.
//!
//! survey-core visits every element in each round and skips an expression none of whose
//! names has changed since the answer; here a round visits only what would come out
//! otherwise than at its last visit. survey-core stops after eleven rounds; here what
//! still changes is followed on, up to a limit.

use super::{Session, computed};
use crate::survey::expression::{Expression, look_up};
use crate::survey::program::{Item, Owner};
use crate::survey::value::{SAME_ANSWER, Value, are_equal};
use linli_model::survey::{ClearInvisible, QuestionKind};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Visits for each element, beyond which conditions count as never resting.
const VISITS_MAX: usize = 24;

/// What is to be looked at.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// Read a name that this run has changed, or changed unnoticed before.
    touched: BTreeSet<usize>,
    /// Those of them that may come out otherwise than at their last visit.
    fresh: BTreeSet<usize>,
    /// Where the run is.
    current: usize,
    /// Of changes that survey-core does not follow at once.
    pub(super) unnoticed: BTreeSet<usize>,
    /// Whether a run is under way.
    pub(super) is_running: bool,
    /// Whether something changed in this round.
    has_changed: bool,
    /// Whether a limit was met.
    pub(super) is_restless: bool,
    /// Looked at so far.
    pub(super) evaluations: usize,
}

impl Session {
    /// Follows changed names through all conditions: at once, or in the next round.
    /// Tells whether it was at once.
    pub(super) fn names_changed(&mut self, names: &[&str]) -> bool {
        for name in names {
            self.touch(name);
        }
        if self.due.is_running {
            self.due.has_changed = true;
            return false;
        }
        if !self.is_loading && !self.is_completed {
            self.run();
        }
        true
    }

    /// Looks at everything.
    pub(super) fn run_all(&mut self) {
        for place in 0..self.program.items.len() {
            self.visit(place);
        }
        self.run();
        self.triggering.followed = None;
    }

    /// Notes a change that nothing follows at once.
    pub(super) fn change_unnoticed(&mut self, name: &str) {
        let program = self.program.clone();
        let places = program.dependants(name).iter().copied();
        let eager = places.filter(|place| program.items[*place].is_eager());
        self.due.unnoticed.extend(eager);
    }

    fn touch(&mut self, name: &str) {
        let program = self.program.clone();
        let readers = program.dependants(name).iter().chain(&program.restless);
        for place in readers {
            self.visit(*place);
        }
        // A result that something else has overwritten is computed again.
        let questions = program.questions_by_value_name(name).iter();
        let places = questions.filter_map(|at| program.questions[*at].expression_place);
        for place in places {
            if place != self.due.current && self.due.touched.contains(&place) {
                self.due.fresh.insert(place);
            }
        }
    }

    fn visit(&mut self, place: usize) {
        self.due.touched.insert(place);
        self.due.fresh.insert(place);
    }

    fn run(&mut self) {
        self.due.is_running = true;
        for place in std::mem::take(&mut self.due.unnoticed) {
            self.visit(place);
        }
        let visits_max = self.due.evaluations + VISITS_MAX * (self.program.items.len() + 1);
        loop {
            self.due.has_changed = false;
            let mut next = 0;
            while let Some(place) = self.due.fresh.range(next..).next().copied() {
                self.due.fresh.remove(&place);
                self.due.current = place;
                self.evaluate(self.program.items[place]);
                next = place + 1;
            }
            if self.due.evaluations > visits_max {
                self.due.is_restless = true;
                break;
            }
            if !self.due.has_changed {
                break;
            }
        }
        self.due.touched.clear();
        self.due.fresh.clear();
        self.due.current = usize::MAX;
        self.due.is_running = false;
    }

    fn evaluate(&mut self, item: Item) {
        let program = self.program.clone();
        self.due.evaluations += usize::from(!matches!(item, Item::Content(_)));
        match item {
            Item::Calculated(at) => self.calculate(at),
            Item::Visible(owner) => {
                let is_visible = self.is_true(program.conditions(owner).visible_if.as_ref());
                self.show(owner, is_visible);
            }
            Item::Enabled(owner) => {
                let result = self.result(program.conditions(owner).enable_if.as_ref());
                self.state_mut(owner).is_read_only = matches!(result, Value::Bool(false));
            }
            Item::Required(owner) => {
                let is_required = self.is_true(program.conditions(owner).required_if.as_ref());
                self.state_mut(owner).is_required = is_required;
            }
            Item::Expression(at) => self.compute(at),
            Item::Choices(at) => self.offer(at),
            Item::Default(at) => self.follow_default(at),
            Item::Content(at) => self.look_at_content(at),
        }
    }

    fn result(&self, expression: Option<&Expression>) -> Value {
        expression.map(|one| one.run(self)).unwrap_or_default()
    }

    fn is_true(&self, expression: Option<&Expression>) -> bool {
        matches!(self.result(expression), Value::Bool(true))
    }

    fn calculate(&mut self, at: usize) {
        let program = self.program.clone();
        let (calculated, Some(expression)) = &program.calculated[at] else {
            return;
        };
        let value = expression.run(&*self);
        let before = look_up(&self.variables, &calculated.name).unwrap_or_default();
        let is_nan = |one: &Value| matches!(one, Value::Number(number) if number.is_nan());
        if are_equal(&value, &before, SAME_ANSWER) || is_nan(&value) && is_nan(&before) {
            return;
        }
        self.set_variable(&calculated.name, value);
    }

    pub(super) fn set_variable(&mut self, name: &str, value: Value) {
        let before = look_up(&self.variables, name).unwrap_or_default();
        if let Value::Map(map) = &mut self.variables {
            Arc::make_mut(map).insert(name.to_owned(), value.clone());
        }
        self.value_changed(name, before, value);
    }

    fn show(&mut self, owner: Owner, is_visible: bool) {
        if self.state_mut(owner).is_visible == is_visible {
            return;
        }
        self.state_mut(owner).is_visible = is_visible;
        let container = match owner {
            Owner::Question(at) => self.program.questions[at].parent,
            Owner::Container(at) => at,
        };
        self.visit(self.program.content_places[container]);
        let Owner::Question(at) = owner else {
            return;
        };
        if self.program.clear_invisible != ClearInvisible::OnHidden {
            return;
        }
        self.visit_default(at);
        if !is_visible {
            if self.is_invisible_answer(at) {
                self.clear(at);
            }
            self.drop_unoffered(at);
        } else if self.is_shown(at) {
            self.set_default(at);
        }
    }

    /// A container that begins to show gives its questions their defaults.
    fn look_at_content(&mut self, at: usize) {
        let shows = self.has_content(at);
        if self.shown_containers[at] == shows {
            return;
        }
        self.shown_containers[at] = shows;
        if let Some(parent) = self.program.containers[at].parent {
            let place = self.program.content_places[parent];
            self.visit(place);
        } else if shows && self.current_page.is_none() || self.current_page == Some(at) {
            // survey-core turns to another page at this very moment.
            self.leave_hidden_page();
        }
        if shows {
            for question in self.questions_inside(at) {
                self.visit_default(question);
                self.set_default(question);
            }
        }
    }

    fn visit_default(&mut self, at: usize) {
        if let Some(place) = self.program.questions[at].formulas.default_place {
            self.visit(place);
        }
    }

    fn compute(&mut self, at: usize) {
        let program = self.program.clone();
        let node = &program.questions[at];
        let QuestionKind::Expression { precision, .. } = node.question.kind else {
            return;
        };
        if self.is_read_only(at) {
            // It may be allowed in a later round of this run.
            self.due.fresh.insert(self.due.current);
            return;
        }
        let value = computed(self.result(node.expression.as_ref()), precision, self.clock);
        self.set_value(at, value);
    }
}
