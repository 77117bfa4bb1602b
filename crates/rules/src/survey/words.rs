//! Values inside texts: `{name}` becomes what a person reads for the answer.
//!
//! Left to others: which texts there are (`shown`); the words that a definition leaves to
//! whoever shows it.

use super::braces::parts;
use super::session::{Names, Session, has_other, is_blank};
use super::value::{SAME_ANSWER, Value, are_equal};
use linli_model::survey::{Choice, LocalText, QuestionKind, Select};

/// A language, with the words that a definition need not bring along.
#[derive(Debug, Clone, Copy)]
pub struct Language<'a> {
    /// `zh-cn`, `en`.
    pub locale: &'a str,
    /// What each of [`Word::ALL`] is in it.
    pub words: [&'a str; Word::ALL.len()],
}

/// Words for what questions offer by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The true of a yes or no.
    Yes,
    /// The false of it.
    No,
    /// The choice with an own text.
    Other,
    /// The choice of nothing.
    None,
    /// The choice not to answer.
    Refuse,
    /// The choice not to know.
    DontKnow,
    /// The choice of everything.
    SelectAll,
}

impl Word {
    /// Every word, in order.
    pub const ALL: [Self; 7] = [
        Self::Yes,
        Self::No,
        Self::Other,
        Self::None,
        Self::Refuse,
        Self::DontKnow,
        Self::SelectAll,
    ];

    /// survey-core's English for [`Word::ALL`].
    pub const ENGLISH: [&'static str; Self::ALL.len()] = [
        "Yes",
        "No",
        "Other (describe)",
        "None",
        "Refuse to answer",
        "Don't know",
        "Select All",
    ];

    /// The property that has a definition's own word for it.
    pub(super) fn property(self) -> &'static str {
        match self {
            Self::Yes => "labelTrue",
            Self::No => "labelFalse",
            Self::Other => "otherText",
            Self::None => "noneText",
            Self::Refuse => "refuseText",
            Self::DontKnow => "dontKnowText",
            Self::SelectAll => "selectAllText",
        }
    }
}

/// How deep a text's values may have texts with values in them.
const TEXT_DEPTH_MAX: usize = 8;

/// Names that survey-core leaves alone.
const KEPT: [&str; 3] = ["no", "require", "title"];

/// Fills answers into texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filler<'a> {
    names: Names<'a>,
    pub(super) language: Language<'a>,
    depth: usize,
}

impl<'a> Filler<'a> {
    pub(super) fn new(session: &'a Session, language: Language<'a>) -> Self {
        Self {
            names: session.names(),
            language,
            depth: 0,
        }
    }

    /// A text with answers in it.
    pub(super) fn fill(self, text: &str) -> String {
        let found = parts(text);
        if found.is_empty() || self.depth >= TEXT_DEPTH_MAX {
            return text.into();
        }
        let deeper = Self {
            depth: self.depth + 1,
            ..self
        };
        let mut filled = String::with_capacity(text.len());
        let mut end = 0;
        for (from, name, to) in found {
            let lower = linli_model::ecma::lower(name);
            filled.push_str(&text[end..from]);
            match deeper.value(&lower) {
                Some(value) if value.is_empty() => {}
                Some(value) => filled.push_str(&value.to_text()),
                // Nobody knows the name.
                None => filled.push_str(&text[from..to]),
            }
            end = to;
        }
        filled.push_str(&text[end..]);
        filled
    }

    /// A text of the definition in this language, with answers in it.
    pub(super) fn local(self, text: &LocalText) -> Option<String> {
        Some(self.fill(text.in_locale(self.language.locale)?))
    }

    /// A question's own word, else the language's.
    pub(super) fn word(self, question: usize, word: Word) -> String {
        let shown = &self.names.program.questions[question].question.shown;
        match shown.text(word.property(), self.language.locale) {
            Some(text) => self.fill(text),
            None => self.language.words[word as usize].into(),
        }
    }

    /// A choice's text, else its value.
    pub(super) fn choice(self, choice: &Choice) -> String {
        let text = choice.text.as_ref().and_then(|text| self.local(text));
        text.unwrap_or_else(|| Value::from(&choice.value).to_text())
    }

    /// What is read for the value under a path, in lower case.
    fn value(self, path: &str) -> Option<Value> {
        if KEPT.contains(&path) {
            return None;
        }
        let value = self.names.value(path);
        let Some(found) = self.names.found(path) else {
            // Panels are counted from 1 where a person reads it.
            return match (path, value) {
                ("panelindex" | "visiblepanelindex", Some(Value::Number(index))) => {
                    Some(Value::Number(index + 1.0))
                }
                (_, value) => value,
            };
        };
        let inner = Self {
            names: found.names,
            ..self
        };
        let question = &found.names.program.questions[found.question].question;
        match (&question.kind, value) {
            (QuestionKind::Matrix { columns, .. }, value) if found.goes_on => {
                Some(inner.listed(columns, value?))
            }
            (QuestionKind::Nested(_), value) if found.goes_on => value,
            (_, None) if found.goes_on => None,
            (_, value) => Some(inner.display(found.question, value.unwrap_or_default())),
        }
    }

    /// An answer as one reads it: a question's words for what it stores.
    pub(super) fn display(self, at: usize, value: Value) -> Value {
        let question = &self.names.program.questions[at].question;
        if is_blank(&value) {
            return Value::text("");
        }
        match &question.kind {
            QuestionKind::One(select) | QuestionKind::Some(select) => {
                let each = value.as_list().unwrap_or(std::slice::from_ref(&value));
                let texts = each.iter().map(|one| self.chosen(at, select, one));
                Value::text(&texts.collect::<Vec<_>>().join(", "))
            }
            QuestionKind::Rating(scale) if scale.has_values() => self.listed(&scale.values, value),
            QuestionKind::Boolean { value_true, .. } => {
                let is_yes = are_equal(&value, &Value::from(value_true), SAME_ANSWER);
                let word = if is_yes { Word::Yes } else { Word::No };
                Value::text(&self.word(at, word))
            }
            QuestionKind::Expression { .. } => {
                let format = question.shown.text("format", self.language.locale);
                let text = format.map(|one| one.replace("{0}", &value.to_text()));
                text.map_or(value, |one| Value::text(&one))
            }
            _ => value,
        }
    }

    /// The text of the one that is listed with this value.
    fn listed(self, choices: &[Choice], value: Value) -> Value {
        let is_it = |one: &&Choice| are_equal(&Value::from(&one.value), &value, SAME_ANSWER);
        let text = choices.iter().find(is_it).map(|one| self.choice(one));
        text.map_or(value, |one| Value::text(&one))
    }

    fn chosen(self, at: usize, select: &Select, value: &Value) -> String {
        if has_other(select, value) {
            let comment = self.names.comment_of(at);
            if !is_blank(&comment) {
                return comment.to_text();
            }
            return self.word(at, Word::Other);
        }
        let is_it = |one: &&linli_model::survey::SpecialItem| Value::from(&one.value) == *value;
        match select.exclusive.iter().find(is_it) {
            Some(item) => self.word(at, special(&item.value)),
            None => self.listed(&select.choices, value.clone()).to_text(),
        }
    }
}

/// The word for an item that excludes the others.
pub(super) fn special(value: &serde_json::Value) -> Word {
    match value.as_str() {
        Some("refused") => Word::Refuse,
        Some("dontknow") => Word::DontKnow,
        _ => Word::None,
    }
}
