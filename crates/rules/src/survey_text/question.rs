//! A question and the lines below it: what belongs to it, and within which limits.

use super::element::{Element, note, split};
use super::limits::Limits;
use super::lines::{Kind, Line};
use super::{CHOICES_MAX, TextRefusal, Warning, WarningKind};
use serde_json::{Map, Value, json};

/// A question whose lines are still being read.
pub(super) struct Draft {
    line: Line,
    /// Whether it carries a number.
    pub(super) is_numbered: bool,
    /// Lines after it.
    pub(super) below: Vec<Line>,
}

impl Draft {
    pub(super) fn new(line: &Line) -> Self {
        Self {
            is_numbered: line.ordinal.is_some(),
            line: line.clone(),
            below: Vec::new(),
        }
    }

    /// The element; `index` names it.
    pub(super) fn element(
        mut self,
        index: usize,
        warnings: &mut Vec<Warning>,
    ) -> Result<Value, TextRefusal> {
        let number = self.line.number;
        let mut out = Element {
            fields: Map::new(),
            warnings,
            line: number,
        };
        let limits = self.take_limits();
        let kind = self.kind(&mut out);
        let items = self.items(kind);
        if items.len() > CHOICES_MAX {
            return Err(TextRefusal::TooManyChoices {
                line: number,
                max: CHOICES_MAX,
            });
        }
        let mut title = self.line.text.clone();
        if title.is_empty() {
            out.warn(WarningKind::TitleMissing);
            title = self
                .line
                .written_type
                .clone()
                .unwrap_or_else(|| format!("{index}"));
        }
        out.set("name", json!(format!("q{index}")));
        match kind {
            Kind::Note => out.set("html", json!(note(&title, &items))),
            _ => out.set("title", json!(title)),
        }
        if self.line.is_required && kind != Kind::Note {
            out.set("isRequired", json!(true));
        }
        out.body(kind, items, limits)?;
        Ok(Value::Object(out.fields))
    }

    fn kind(&self, out: &mut Element<'_>) -> Kind {
        match self.line.kind {
            Some(kind) => kind,
            None if self.below.is_empty() => {
                out.warn(WarningKind::TypeGuessedText);
                Kind::Text
            }
            None => {
                out.warn(WarningKind::TypeGuessedSingle);
                Kind::Single
            }
        }
    }

    /// "（最多选3项）" anywhere in the question.
    fn take_limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        for part in [&mut self.line.text, &mut self.line.tail] {
            limits.take(part);
        }
        limits
    }

    /// What stands below and behind.
    fn items(&self, kind: Kind) -> Vec<String> {
        let behind = match kind {
            Kind::Matrix | Kind::Scale | Kind::Nps | Kind::Note => vec![self.line.tail.clone()],
            _ => split(&self.line.tail),
        };
        let below = self.below.iter().map(|line| match line.ordinal {
            // "1~5" has no number, "1. 满意" has; the text is without it.
            Some(_) => line.text.clone(),
            None if line.is_lettered => line.text.clone(),
            None => line.raw.clone(),
        });
        behind
            .into_iter()
            .chain(below)
            .filter(|item| !item.is_empty())
            .collect()
    }
}
