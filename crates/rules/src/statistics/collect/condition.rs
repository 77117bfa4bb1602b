//! Whether a question without an answer was asked: its conditions, run over the answers.
//!
//! Most conditions read a few choices; what they gave is remembered, so that the answers
//! of most responses are never read a second time.

use super::super::counts::Answer;
use super::super::report::Kind;
use super::shape::Shape;
use crate::survey::Clock;
use crate::survey::expression::{Expression, JsonScope};
use std::collections::HashMap;

/// Results that are remembered; then all are forgotten.
const REMEMBERED_MAX: usize = 65_536;
/// No condition that is run here reads the clock.
const NO_CLOCK: Clock = Clock {
    now_ms: 0.0,
    ahead_of_utc_minutes: 0,
};

pub(super) struct Conditions {
    /// Every condition once; `None` where answers alone do not tell.
    conditions: Vec<Option<Condition>>,
    /// Item → its conditions.
    of_item: Vec<Vec<usize>>,
    remembered: HashMap<(usize, Vec<Code>), bool>,
}

struct Condition {
    expression: Expression,
    /// The items that it reads, where their levels are all that it reads.
    reads: Option<Vec<usize>>,
}

impl Conditions {
    pub(super) fn new(shape: &Shape) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut conditions = Vec::new();
        let mut of_item = Vec::new();
        for item in &shape.items {
            let mut own = Vec::new();
            for text in &item.conditions {
                let number = *numbers.entry(text).or_insert_with(|| {
                    conditions.push(Condition::read(text, shape));
                    conditions.len() - 1
                });
                own.push(number);
            }
            of_item.push(own);
        }
        Self {
            conditions,
            of_item,
            remembered: HashMap::new(),
        }
    }

    /// Tells what was left from what was not asked.
    pub(super) fn settle(
        &mut self,
        shape: &Shape,
        json: &str,
        answers: &mut [Answer],
        has_unknown: bool,
    ) {
        let mut tree = None;
        for index in 0..answers.len() {
            let item = &shape.items[index];
            if answers[index] != Answer::Missing {
                continue;
            }
            let is_asked = !item.is_never_asked
                && !item.is_row_conditional
                && (0..self.of_item[index].len()).all(|at| {
                    let number = self.of_item[index][at];
                    self.holds(number, json, answers, has_unknown, &mut tree)
                });
            if !is_asked {
                answers[index] = Answer::NotAsked;
            }
        }
    }

    fn holds(
        &mut self,
        number: usize,
        json: &str,
        answers: &[Answer],
        has_unknown: bool,
        tree: &mut Option<JsonScope>,
    ) -> bool {
        let Some(condition) = &self.conditions[number] else {
            return false;
        };
        let key = condition.reads.as_ref().filter(|_| !has_unknown);
        let key = key.map(|reads| {
            (
                number,
                reads.iter().map(|item| code(answers[*item])).collect(),
            )
        });
        if let Some(known) = key.as_ref().and_then(|key| self.remembered.get(key)) {
            return *known;
        }
        let scope = tree.get_or_insert_with(|| {
            let values = serde_json::from_str(json).unwrap_or_default();
            JsonScope::new(&values, NO_CLOCK)
        });
        let holds = condition.expression.holds(scope);
        if let Some(key) = key {
            if self.remembered.len() >= REMEMBERED_MAX {
                self.remembered.clear();
            }
            self.remembered.insert(key, holds);
        }
        holds
    }
}

impl Condition {
    fn read(text: &str, shape: &Shape) -> Option<Self> {
        let expression = Expression::parse(text).ok()?;
        if expression.is_restless() {
            return None;
        }
        let named = |name: &str| {
            let items = shape.items.iter();
            let mut is_key = items.map(|item| item.key.as_str());
            is_key.any(|key| {
                let rest = name.get(key.len()..).filter(|_| name.starts_with(key));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        if !expression.variables().iter().all(|name| named(name)) {
            return None;
        }
        let level_item = |name: &std::sync::Arc<str>| {
            shape.items.iter().position(|item| {
                let is_levelled = matches!(item.kind, Kind::Single | Kind::Nps | Kind::Multiple);
                is_levelled && item.row.is_none() && *item.key == **name
            })
        };
        let reads = expression.variables().iter().map(level_item).collect();
        Some(Self { expression, reads })
    }
}

/// An answer as a key.
type Code = (u8, u64);

fn code(answer: Answer) -> Code {
    match answer {
        Answer::Level(level) => (4, u64::from(level)),
        Answer::Levels(bits) => (3, bits),
        Answer::DontKnow => (1, 0),
        Answer::Refused => (2, 0),
        _ => (0, 0),
    }
}
