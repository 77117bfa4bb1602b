//! Triggers: what follows from answers beside conditions.

use super::{Session, as_answer};
use crate::survey::expression::{Expression, Scope, look_up};
use crate::survey::pattern::Patterns;
use crate::survey::program::TriggerNode;
use crate::survey::value::{Compare, Value, are_equal};
use linli_model::survey::{QuestionKind, TriggerKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often triggers follow one another's changes.
const ROUNDS_MAX: usize = 3;

/// How deep one change may lead to the next through triggers and formulas.
const DEPTH_MAX: usize = 64;

/// Changed names with what was and what is, or with the answer alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(BTreeMap<String, Change>);

#[derive(Debug, Clone)]
enum Change {
    From(Value, Value),
    Answer(Value),
}

/// How triggers stand.
#[derive(Debug, Default)]
pub(super) struct Triggering {
    is_running: bool,
    depth: usize,
    changes: Changes,
    /// What conditions have followed since the answer.
    pub(super) followed: Option<Changes>,
    /// Complete triggers that hold, with the page on which they did.
    pub(super) completes: BTreeMap<usize, Option<usize>>,
    /// Pages that were left by a jump: from, to.
    pub(super) jumps: Vec<(usize, usize)>,
}

impl Changes {
    fn insert(&mut self, name: &str, change: Change) {
        self.0.insert(name.into(), change);
    }

    /// Whether an expression has to run: it names a change, or nothing at all.
    pub(super) fn concern(&self, expression: &Expression) -> bool {
        expression.is_restless() || expression.variables().is_empty() || self.name(expression)
    }

    /// Whether an expression names a change.
    pub(super) fn name(&self, expression: &Expression) -> bool {
        !expression.is_restless() && expression.variables().iter().any(|one| self.has(one))
    }

    fn has(&self, path: &str) -> bool {
        let known = |name: &str| {
            let lower = name.to_lowercase();
            self.0.get(name).or_else(|| self.0.get(&lower))
        };
        if known(path).is_some() {
            return true;
        }
        let mut name = String::new();
        for part in path.split('.') {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part.split_once('[').map_or(part, |(name, _)| name));
            let Some(change) = known(&name) else {
                continue;
            };
            return match change {
                _ if name == path => true,
                Change::Answer(answer) => !answer.is_nullish(),
                Change::From(before, now) => {
                    let within = |value: &Value| {
                        let root = BTreeMap::from([(name.clone(), value.clone())]);
                        look_up(&Value::Map(Arc::new(root)), path).unwrap_or_default()
                    };
                    let how = Compare {
                        ignores_order: false,
                        converts_numbers: true,
                        is_exact_text: false,
                    };
                    !are_equal(&within(before), &within(now), how)
                }
            };
        }
        false
    }

    /// Those that are new or otherwise than before.
    fn since(&self, before: &Self) -> Self {
        let is_new = |name: &String, change: &Change| match (before.0.get(name), change) {
            (Some(Change::From(_, old)), Change::From(_, new))
            | (Some(Change::Answer(old)), Change::Answer(new)) => old != new,
            _ => true,
        };
        let new = self.0.iter().filter(|(name, change)| is_new(name, change));
        Self(new.map(|(name, one)| (name.clone(), one.clone())).collect())
    }
}

/// When triggers are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Answer,
    NextPage,
}

impl Session {
    /// Follows a new value everywhere.
    pub(super) fn value_changed(&mut self, name: &str, before: Value, now: Value) {
        self.changed(&[name], (name, before, now), None);
    }

    /// Notes a change that formulas follow and conditions do not.
    pub(super) fn note_change(&mut self, name: &str, now: Value) {
        if let Some(followed) = &mut self.triggering.followed {
            followed.insert(name, Change::Answer(now));
        }
    }

    /// Follows a new comment: conditions read it by its own key or by its question's.
    pub(super) fn comment_changed(&mut self, key: &str, before: Value, now: Value, name: &str) {
        self.changed(&[key, name], (key, before, now), Some(name));
    }

    fn changed(&mut self, names: &[&str], one: (&str, Value, Value), related: Option<&str>) {
        if self.triggering.depth >= DEPTH_MAX {
            self.due.is_restless = true;
            return;
        }
        self.triggering.depth += 1;
        let (name, before, now) = one;
        let mut own = Changes::default();
        own.insert(name, Change::Answer(now.clone()));
        let mut told = Changes::default();
        told.insert(name, Change::From(before, now.clone()));
        let followed = self.triggering.followed.get_or_insert_default();
        followed.insert(name, Change::Answer(now));
        if let Some(related) = related {
            let value = self.stored(related);
            let followed = self.triggering.followed.get_or_insert_default();
            followed.insert(related, Change::Answer(value.clone()));
            told.insert(related, Change::From(value.clone(), value));
        }
        if self.names_changed(names) {
            self.follow_formulas(&own);
            self.triggering.followed = None;
        }
        self.check_triggers(told, Moment::Answer, Some(related.unwrap_or(name)));
        self.triggering.depth -= 1;
    }

    /// Triggers that wait for the next page.
    pub(in crate::survey) fn leave_page(&mut self, page: usize) {
        let mut changes = Changes::default();
        for at in self.questions_inside(page) {
            let name = self.program.questions[at].question.value_name.clone();
            let value = self.stored(&name);
            changes.insert(&name, Change::Answer(value));
        }
        for (calculated, _) in &self.program.clone().calculated {
            let value = look_up(&self.variables, &calculated.name).unwrap_or_default();
            changes.insert(&calculated.name, Change::Answer(value));
        }
        self.check_triggers(changes, Moment::NextPage, None);
    }

    fn check_triggers(&mut self, changes: Changes, moment: Moment, name: Option<&str>) {
        if self.is_completed || self.program.triggers.is_empty() {
            return;
        }
        if self.triggering.is_running {
            self.triggering.changes.0.extend(changes.0);
            return;
        }
        let is_invalid = name.is_some_and(|name| self.is_wrong(name));
        self.triggering.is_running = true;
        self.triggering.changes = changes;
        let mut before = self.triggering.changes.clone();
        for _ in 0..ROUNDS_MAX {
            self.run_triggers(moment, is_invalid);
            let new = self.triggering.changes.since(&before);
            if self.is_completed || new.0.is_empty() {
                break;
            }
            before = new.clone();
            self.triggering.changes = new;
        }
        self.triggering.is_running = false;
    }

    /// Whether the answer of the first question under a key has a fault; patterns are
    /// taken to match here.
    fn is_wrong(&self, name: &str) -> bool {
        let needs_valid = |one: &TriggerNode| {
            matches!(
                one.trigger.kind,
                TriggerKind::Complete | TriggerKind::Skip { .. }
            )
        };
        self.program.triggers.iter().any(needs_valid)
            && self
                .program
                .questions_by_value_name(name)
                .first()
                .is_some_and(|at| !self.faults_of(*at, &AnyText).is_empty())
    }

    fn run_triggers(&mut self, moment: Moment, is_invalid: bool) {
        let program = self.program.clone();
        for (place, node) in program.triggers.iter().enumerate() {
            let waits = moment == Moment::NextPage;
            let is_out = match &node.trigger.kind {
                TriggerKind::Complete => is_invalid,
                TriggerKind::Skip { .. } => is_invalid || waits,
                TriggerKind::SetValue { to, .. } | TriggerKind::CopyValue { to, .. } => {
                    waits || self.triggering.changes.0.keys().eq([to])
                }
                TriggerKind::RunExpression { .. } => waits,
            };
            if is_out {
                continue;
            }
            let changes = &self.triggering.changes;
            let from = match &node.trigger.kind {
                TriggerKind::CopyValue { from, .. } => Some(from),
                _ => None,
            };
            let is_due = from.is_some_and(|from| changes.has(from))
                || match &node.expression {
                    Some(one) if one.is_restless() => true,
                    // What copies reads at least the name that it copies from.
                    Some(one) if from.is_some() => changes.name(one),
                    Some(one) => changes.concern(one),
                    None => false,
                };
            if !is_due {
                continue;
            }
            let holds = match &node.expression {
                Some(one) => matches!(one.run(&*self), Value::Bool(true)),
                None => true,
            };
            self.pull(place, node, holds, moment);
        }
    }

    fn pull(&mut self, place: usize, node: &TriggerNode, holds: bool, moment: Moment) {
        match &node.trigger.kind {
            TriggerKind::Complete if !holds => {
                self.triggering.completes.remove(&place);
            }
            TriggerKind::Complete if moment == Moment::NextPage => self.finish(),
            TriggerKind::Complete => {
                let page = self.current_page;
                self.triggering.completes.insert(place, page);
            }
            _ if !holds => {}
            TriggerKind::SetValue {
                to,
                value,
                is_variable,
            } => {
                let value = value.as_ref().map(Value::from).unwrap_or_default();
                if *is_variable {
                    self.set_variable(&to.to_lowercase(), value);
                } else {
                    self.set_by_trigger(to, value);
                }
            }
            TriggerKind::CopyValue { to, from } => {
                if let Some(value) = Scope::value(self, from) {
                    self.set_by_trigger(to, value);
                }
            }
            TriggerKind::RunExpression { to, .. } => {
                let value = node.result.as_ref().map(|one| one.run(&*self));
                if let (Some(to), Some(value)) = (to, value)
                    && !matches!(value, Value::Undefined)
                {
                    let value = as_answer(value, self.clock);
                    self.set_by_trigger(to, value);
                }
            }
            TriggerKind::Skip { to } => self.jump(to),
        }
    }

    fn set_by_trigger(&mut self, to: &str, value: Value) {
        let program = self.program.clone();
        let question = program.questions_by_value_name(to).first().copied();
        // survey-core finds a matrix by its key alone, without its question.
        let is_found = |at: &usize| {
            !matches!(
                program.questions[*at].question.kind,
                QuestionKind::Matrix { .. }
            )
        };
        if look_up(&self.variables, to).is_none()
            && let Some(at) = question.filter(is_found)
        {
            self.set_value(at, value);
        } else if !to.contains('.') {
            self.keep(to, value, None);
        }
    }

    fn jump(&mut self, to: &str) {
        let Some(at) = self.program.question_by_any_case(to) else {
            return;
        };
        if !self.questions[at].is_visible {
            return;
        }
        let mut page = self.program.questions[at].parent;
        while let Some(parent) = self.program.containers[page].parent {
            page = parent;
        }
        let first = self.visible_pages().first().copied();
        if let Some(from) = self.current_page.or(first) {
            self.triggering.jumps.push((from, page));
        }
        if self.has_content(page) {
            self.current_page = Some(page);
        }
    }

    /// Whether a complete trigger holds on this page.
    pub(in crate::survey) fn is_completed_by_trigger(&self) -> bool {
        let mut pages = self.triggering.completes.values();
        pages.any(|page| *page == self.current_page)
    }

    /// Back to where a jump to this page came from.
    pub(in crate::survey) fn jump_back(&mut self) -> bool {
        let here = self.current_page;
        let all = &mut self.triggering.jumps;
        let Some(place) = all.iter().position(|(_, to)| Some(*to) == here) else {
            return false;
        };
        let (from, _) = all.remove(place);
        if !self.has_content(from) {
            return false;
        }
        self.current_page = Some(from);
        true
    }
}

/// Takes every text for what it should be.
#[derive(Debug)]
struct AnyText;

impl Patterns for AnyText {
    fn is_match(&self, _: &str, _: bool, _: &str) -> Option<bool> {
        Some(true)
    }
}
