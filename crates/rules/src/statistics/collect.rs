//! From responses, as they are stored, to counts: one pass over JSON texts.
//!
//! What is counted follows from the definitions that were asked, the newest first: names
//! decide across versions, levels that only an older version offered come last. A row of a
//! matrix is an item of its own. An answer that is missing was not asked where a condition
//! hid its question, as far as the condition can be told from the answers alone.

mod condition;
mod read;
mod shape;
mod words;

use super::counts::{Answer, Counts, CountsFault, Plan};
use super::report::Question;
use condition::Conditions;
use linli_model::scoring::Scoring;
use linli_model::survey::Definition;
pub use shape::{ItemKey, Shape};
pub use words::{Texts, WORDS_MAX};

/// Responses being counted.
pub struct Collector<'a> {
    shape: &'a Shape,
    counts: Counts,
    answers: Vec<Answer>,
    conditions: Conditions,
    texts: Option<Texts>,
    unreadable: u64,
}

/// A response that is no JSON object; it is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl<'a> Collector<'a> {
    /// Nothing counted yet. `cells` as in [`Plan`].
    ///
    /// # Errors
    ///
    /// More cells than can be counted.
    pub fn new(shape: &'a Shape, cells: usize) -> Result<Self, CountsFault> {
        let plan = Plan {
            cells,
            levels: shape.items.iter().map(|item| item.levels.len()).collect(),
            joint: shape.joint.clone(),
        };
        Ok(Self {
            counts: Counts::new(plan)?,
            answers: vec![Answer::Missing; shape.items.len()],
            conditions: Conditions::new(shape),
            texts: None,
            unreadable: 0,
            shape,
        })
    }

    /// Keeps some of the words that people wrote as well.
    pub fn with_texts(mut self) -> Self {
        self.texts = Some(Texts::new(self.shape.items.len()));
        self
    }

    /// Counts one response: `json` is the text of its answers.
    ///
    /// # Errors
    ///
    /// It is no JSON object, or no such cell; nothing is counted.
    pub fn add(&mut self, cell: usize, json: &str) -> Result<(), Unreadable> {
        let told = self.answers_of(json);
        let counted =
            told.and_then(|()| self.counts.add(cell, &self.answers).map_err(|_| Unreadable));
        self.unreadable += u64::from(counted.is_err());
        counted
    }

    fn answers_of(&mut self, json: &str) -> Result<(), Unreadable> {
        self.answers.fill(Answer::Missing);
        let has_unknown = read::answers(self.shape, json, &mut self.answers, &mut self.texts)?;
        self.conditions
            .settle(self.shape, json, &mut self.answers, has_unknown);
        Ok(())
    }

    /// The levels that these items have in a response, where they have one; for pairs of
    /// answers by the same person. Nothing is counted.
    pub fn levels_of(&mut self, items: &[usize], json: &str) -> Vec<Option<u8>> {
        self.answers.fill(Answer::Missing);
        let read = read::answers(self.shape, json, &mut self.answers, &mut None);
        let level = |item: &usize| match self.answers.get(*item) {
            Some(Answer::Level(level)) if read.is_ok() => Some(*level),
            _ => None,
        };
        items.iter().map(level).collect()
    }

    /// Responses that were no JSON object.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The counts, and the words where they were kept.
    pub fn finish(self) -> (Counts, Option<Texts>) {
        (self.counts, self.texts)
    }
}

/// What a survey counts.
///
/// `definitions` are the versions that were asked, the newest first.
pub fn shape(definitions: &[&Definition], scoring: &Scoring) -> Shape {
    Shape::new(definitions, scoring)
}

impl Shape {
    /// The questions of the report, with texts in a language such as `zh-cn`.
    pub fn questions(&self, locale: &str) -> Vec<Question> {
        self.items
            .iter()
            .map(|item| item.question(locale))
            .collect()
    }
}
