//! A report as tables: every figure that it shows and none that it hides, what answers
//! mean, and the answers themselves without who gave them.

use super::cache::Built;
use super::gather::Answers;
use crate::export::{Cell, Rows, Writer};
use crate::service::Service;
use crate::store::surveys::ResponseRow;
use crate::store::{Failure, StoredTopic};
use linli_model::report::{AreaAnswers, CrossTable, Figure, Met, Pair, QuestionReport};
use linli_rules::statistics::suppress::SHOWN_MIN;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Titles of the table of figures. `part` says what a line is of.
pub(in crate::service) const REPORT_COLUMNS: &[&str] = &[
    "part", "question", "row", "title", "area", "value", "label", "weighted", "count", "figure",
    "low", "high", "n", "method",
];
/// Titles of the code book.
pub(in crate::service) const CODE_BOOK_COLUMNS: &[&str] =
    &["name", "title", "value", "label", "score"];
/// Responses that are read at once.
const BATCH: u32 = 5_000;
/// Rows that are written at once.
const WRITTEN_AT_ONCE: usize = 1_000;
/// Responses that are shuffled in memory; more are read several times.
const PART_ROWS: u64 = 50_000;
/// What SurveyJS puts behind a question's key for the words beside an answer.
const COMMENT_SUFFIX: &str = "-Comment";

/// A report that is taken away.
pub(in crate::service) struct Taken {
    built: Arc<Built>,
    columns: Vec<Column>,
    /// Areas whose number of responses is told, by the identifier of their place.
    areas: HashSet<String>,
}

/// A column of answers.
struct Column {
    name: String,
    key: String,
    row: Option<String>,
}

impl Service {
    /// A round's report for an export; `None` where so few answered that nobody is hidden
    /// among them.
    pub(in crate::service) async fn report_taken(
        &self,
        stored: &Arc<StoredTopic>,
        lang: Option<&str>,
    ) -> Result<Option<Taken>, Failure> {
        let lang = lang.unwrap_or(&stored.topic.lang);
        let built = self.built_of(stored, lang).await?;
        if built.report.responses.is_none() {
            return Ok(None);
        }
        let told = built.report.areas.iter();
        let told = told.filter(|area| area.responses.is_some_and(|n| n >= SHOWN_MIN));
        Ok(Some(Taken {
            areas: told.map(|area| area.id.clone()).collect(),
            columns: columns(&built),
            built,
        }))
    }

    /// Answers, a line each, in an order made by chance: the store's is that of the roll.
    pub(in crate::service) async fn response_rows(
        &self,
        stored: &StoredTopic,
        taken: &Taken,
        writer: &Writer,
    ) -> Result<(), Failure> {
        let chance = RandomState::new();
        let parts = taken
            .built
            .gathered
            .counts
            .respondents()
            .iter()
            .sum::<u64>()
            / PART_ROWS
            + 1;
        for part in 0..parts {
            let mut rows = BTreeMap::new();
            let mut after: Option<Vec<u8>> = None;
            loop {
                let page = self.store.responses(stored, after.as_deref(), BATCH);
                let page = page.await?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                for row in page {
                    let place = chance.hash_one(&row.key);
                    if place % parts == part {
                        rows.insert((place, row.key.clone()), taken.response(&row));
                    }
                }
            }
            let mut rows = rows.into_values();
            loop {
                let some: Rows = rows.by_ref().take(WRITTEN_AT_ONCE).collect();
                if some.is_empty() {
                    break;
                }
                writer.add(some).await;
            }
        }
        Ok(())
    }

    /// The report of a round that may be seen.
    async fn built_of(&self, stored: &Arc<StoredTopic>, lang: &str) -> Result<Arc<Built>, Failure> {
        let wave = super::wave_of(stored)?.clone();
        let told = self.told_waves(stored, &wave, lang).await?;
        let own = told.into_iter().find(|told| told.row.number == wave.number);
        own.and_then(|told| told.built)
            .ok_or_else(|| linli_model::Refusal::NotFound.into())
    }
}

fn columns(built: &Built) -> Vec<Column> {
    let shape = &built.gathered.shape;
    let mut out = Vec::new();
    for (index, item) in shape.keys().enumerate() {
        let whole = built.report.questions.get(index);
        let whole = whole.and_then(|question| question.areas.first());
        let shows_words = whole.is_some_and(|whole| whole.shows_words);
        let has_words = built.gathered.texts.written(index) >= SHOWN_MIN;
        if item.is_words && !(shows_words && has_words) {
            continue;
        }
        let name = match item.row {
            Some(row) => format!("{}.{row}", item.name),
            None => item.name.to_owned(),
        };
        let comment = (!item.is_words && has_words).then(|| Column {
            name: format!("{name}{COMMENT_SUFFIX}"),
            key: format!("{}{COMMENT_SUFFIX}", item.key),
            row: None,
        });
        out.push(Column {
            name,
            key: item.key.to_owned(),
            row: item.row.map(str::to_owned),
        });
        out.extend(comment);
    }
    out
}

impl Taken {
    /// Titles of the table of answers.
    pub(in crate::service) fn response_columns(&self) -> Vec<String> {
        let names = self.columns.iter().map(|column| column.name.clone());
        [String::from("area")].into_iter().chain(names).collect()
    }

    fn response(&self, row: &ResponseRow) -> Vec<Cell> {
        let area = row.area.as_ref().map(|area| area.as_str());
        let area = area.filter(|area| self.areas.contains(*area));
        let mut cells = vec![Cell::text(area.unwrap_or_default())];
        let answers = Answers::of(&row.choice).unwrap_or_default();
        let answers: HashMap<String, Value> = serde_json::from_str(&answers).unwrap_or_default();
        cells.extend(self.columns.iter().map(|column| {
            let value = answers.get(&column.key);
            let value = match &column.row {
                Some(row) => value.and_then(|value| value.get(row)),
                None => value,
            };
            value.map_or(Cell::Empty, cell)
        }));
        cells
    }

    /// What names and values mean.
    pub(in crate::service) fn code_book_rows(&self) -> Rows {
        let mut rows = Rows::new();
        for line in &self.built.report.code_book {
            let head = || [Cell::text(&line.name), Cell::text(&line.title)].into_iter();
            if line.codes.is_empty() {
                rows.push(
                    head()
                        .chain([Cell::Empty, Cell::Empty, Cell::Empty])
                        .collect(),
                );
            }
            for (value, label, score) in &line.codes {
                let code = [
                    Cell::text(value),
                    Cell::text(label),
                    score.map_or(Cell::Empty, Cell::Fraction),
                ];
                rows.push(head().chain(code).collect());
            }
        }
        rows
    }

    /// Every figure of the report.
    pub(in crate::service) fn report_rows(&self) -> Rows {
        let report = &self.built.report;
        let mut rows = Rows::new();
        for area in &report.areas {
            let about = About {
                part: "area",
                area: &area.name,
                ..About::default()
            };
            rows.push(about.count("responses", area.responses));
            rows.push(about.count("invited", area.invited));
            rows.extend(about.figure("response_rate", false, area.response_rate));
            rows.extend(about.figure("satisfaction", false, area.satisfaction));
        }
        if let Some(index) = &self.built.index {
            let about = About {
                part: "index",
                ..About::default()
            };
            rows.extend(about.pair("index", &index.figure));
        }
        for question in &report.questions {
            for (answers, area) in question.areas.iter().zip(&report.areas) {
                question_rows(&mut rows, question, answers, &area.name);
            }
        }
        for table in &report.cross_tables {
            cross_rows(&mut rows, table);
        }
        rows
    }
}

fn question_rows(rows: &mut Rows, question: &QuestionReport, answers: &AreaAnswers, area: &str) {
    let about = About {
        part: "question",
        question: &question.name,
        row: question.row.as_deref().unwrap_or_default(),
        title: &question.title,
        area,
        ..About::default()
    };
    let Met {
        answered,
        dont_know,
        refused,
        missing,
        not_asked,
    } = answers.met;
    for (name, count) in [
        ("answered", answered),
        ("dont_know", dont_know),
        ("refused", refused),
        ("missing", missing),
        ("not_asked", not_asked),
    ] {
        rows.push(about.count(name, count));
    }
    for level in &answers.levels {
        let about = About {
            part: "level",
            label: &level.label,
            ..about
        };
        rows.push(about.count(&level.value, level.count));
        rows.extend(about.pair(&level.value, &level.share));
    }
    for (name, pair) in [
        ("top2", &answers.top2),
        ("bottom2", &answers.bottom2),
        ("mean", &answers.mean),
        ("score100", &answers.score100),
        ("nps", &answers.nps),
    ] {
        rows.extend(about.pair(name, pair));
    }
}

fn cross_rows(rows: &mut Rows, table: &CrossTable) {
    let about = About {
        part: "cross",
        question: &table.rows,
        row: &table.columns,
        ..About::default()
    };
    for (label, counts) in table.row_labels.iter().zip(&table.counts) {
        for (across, count) in table.column_labels.iter().zip(counts) {
            let about = About { label, ..about };
            rows.push(about.count(across, *count));
        }
    }
    for (name, value) in [("f", table.f), ("p", table.p), ("p_holm", table.p_holm)] {
        let mut cells = about.cells(name, false);
        cells[9] = Cell::Fraction(value);
        rows.push(cells);
    }
}

/// What a line of the table of figures is of.
#[derive(Debug, Clone, Copy, Default)]
struct About<'a> {
    part: &'a str,
    question: &'a str,
    row: &'a str,
    title: &'a str,
    area: &'a str,
    label: &'a str,
}

impl About<'_> {
    fn cells(&self, value: &str, is_weighted: bool) -> Vec<Cell> {
        let mut cells = vec![
            Cell::text(self.part),
            Cell::text(self.question),
            Cell::text(self.row),
            Cell::text(self.title),
            Cell::text(self.area),
            Cell::text(value),
            Cell::text(self.label),
            Cell::text(if is_weighted { "yes" } else { "" }),
        ];
        cells.resize(REPORT_COLUMNS.len(), Cell::Empty);
        cells
    }

    /// A count; a hidden one is empty, never 0.
    fn count(&self, value: &str, count: Option<u64>) -> Vec<Cell> {
        let mut cells = self.cells(value, false);
        cells[8] = count.map_or(Cell::Empty, Cell::count);
        cells
    }

    fn figure(&self, value: &str, is_weighted: bool, figure: Option<Figure>) -> Option<Vec<Cell>> {
        let figure = figure?;
        let mut cells = self.cells(value, is_weighted);
        let end = |end: Option<f64>| end.map_or(Cell::Empty, Cell::Fraction);
        cells[9] = Cell::Fraction(figure.value);
        cells[10] = end(figure.low);
        cells[11] = end(figure.high);
        cells[12] = Cell::count(figure.n);
        cells[13] = Cell::text(figure.method.source());
        Some(cells)
    }

    fn pair(&self, value: &str, pair: &Pair) -> impl Iterator<Item = Vec<Cell>> {
        let plain = self.figure(value, false, pair.unweighted);
        let weighted = self.figure(value, true, pair.weighted);
        plain.into_iter().chain(weighted)
    }
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(flag) => Cell::text(flag.to_string()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Number(whole),
            (None, Some(fraction)) => Cell::Fraction(fraction),
            (None, None) => Cell::text(number.to_string()),
        },
        Value::String(text) => Cell::text(text),
        Value::Array(values) => {
            let texts = values.iter().map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            Cell::text(texts.collect::<Vec<_>>().join("; "))
        }
        Value::Object(_) => Cell::text(value.to_string()),
    }
}
