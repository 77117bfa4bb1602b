//! What a survey counts: items with their levels, and under which key an answer stands.

use super::super::counts::{JOINT_QUESTIONS_MAX, LEVELS_MAX};
use super::super::distribution::Scale;
use super::super::index::Item as IndexItem;
use super::super::report::{Kind, Question};
use crate::scoring::{self, Placed, is_dont_know, rating_levels};
use linli_model::scoring::{ScoredItem, Scoring};
use linli_model::survey::{
    self as definition, Choice, Definition, LocalText, QuestionKind, Select,
};
use serde_json::Value;
use std::collections::HashMap;

/// What SurveyJS puts behind a question's key for the words beside an answer.
const COMMENT_SUFFIX: &str = "-Comment";
/// Items of one report; more are not counted, and their number is told.
pub(super) const ITEMS_MAX: usize = 2_000;
/// What SurveyJS stores where somebody does not want to say.
const REFUSED: &str = "refused";
/// The level that stands for all that have no level of their own.
const REST: &str = "…";
/// Net promoter questions go from 0 to 10.
const NPS_LEVELS: usize = 11;

/// What a survey counts.
#[derive(Debug, Clone)]
pub struct Shape {
    pub(super) items: Vec<Item>,
    pub(super) slots: HashMap<String, Slot>,
    /// Questions that are counted together.
    pub(super) joint: Vec<Vec<usize>>,
    /// The item of the first screen.
    pub headline: Option<usize>,
    /// Joint counts that are shown as cross-tables.
    pub cross: Vec<usize>,
    /// The joint count of the index, and what its items weigh.
    pub index: Option<(usize, Vec<IndexItem>)>,
    /// Items beyond what one report counts.
    pub left_out: usize,
    /// Question and row → item.
    found: HashMap<(String, Option<String>), usize>,
}

/// Where an item's answers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemKey<'a> {
    /// The question's name.
    pub name: &'a str,
    /// The key in the answers.
    pub key: &'a str,
    /// A matrix's row, the key below that one.
    pub row: Option<&'a str>,
    /// Whether people write there.
    pub is_words: bool,
}

/// What stands under a key.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// An item's answer.
    Item(usize),
    /// Rows of a matrix.
    Rows(HashMap<String, usize>),
    /// Words beside an item's answer.
    Comment(usize),
}

/// Something that is counted.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) row: Option<String>,
    pub(super) key: String,
    title: Texts,
    row_title: Option<Texts>,
    pub(super) kind: Kind,
    pub(super) levels: Vec<Level>,
    level_of_number: HashMap<i64, u8>,
    level_of_text: HashMap<String, u8>,
    dont_know: Vec<String>,
    scale: Option<Scale>,
    /// `visibleIf` of what is around it and of itself.
    pub(super) conditions: Vec<String>,
    /// Whether it is hidden whatever the answers are.
    pub(super) is_never_asked: bool,
    /// Whether its row alone may be hidden.
    pub(super) is_row_conditional: bool,
}

/// An answer that is offered.
#[derive(Debug, Clone)]
pub(super) struct Level {
    value: String,
    label: Option<Texts>,
}

/// A text in every language; none where SurveyJS has one of its own.
type Texts = LocalText;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Level(u8),
    DontKnow,
    Refused,
    Unknown,
}

impl Shape {
    pub(super) fn new(definitions: &[&Definition], scoring: &Scoring) -> Self {
        let mut out = Self {
            items: Vec::new(),
            slots: HashMap::new(),
            joint: Vec::new(),
            headline: None,
            cross: Vec::new(),
            index: None,
            left_out: 0,
            found: HashMap::new(),
        };
        for definition in definitions {
            for placed in scoring::questions(definition) {
                out.take(&placed, scoring);
            }
        }
        let find = |name: &str| out.find(name, None);
        let is_single = |index: &usize| matches!(out.items[*index].kind, Kind::Single | Kind::Nps);
        let headline = scoring
            .headline
            .as_deref()
            .and_then(find)
            .filter(|index| out.items[*index].scale.is_some());
        let pair = |(down, across): &(String, String)| {
            let group = vec![find(down)?, find(across)?];
            (group[0] != group[1] && group.iter().all(is_single)).then_some(group)
        };
        let mut joint: Vec<Vec<usize>> = scoring.cross.iter().filter_map(pair).collect();
        let cross = (0..joint.len()).collect();
        let index = out.index_of(scoring).map(|(group, items)| {
            joint.push(group);
            (joint.len() - 1, items)
        });
        out.headline = headline;
        out.cross = cross;
        out.index = index;
        out.joint = joint;
        out
    }

    /// The index's items; `None` where one is not asked on a scale.
    fn index_of(&self, scoring: &Scoring) -> Option<(Vec<usize>, Vec<IndexItem>)> {
        let rule = scoring.index.as_ref()?;
        let is_fit = !rule.items.is_empty()
            && rule.items.len() <= JOINT_QUESTIONS_MAX
            && rule.items.len() == rule.shares.len();
        let group: Option<Vec<usize>> = rule
            .items
            .iter()
            .map(|name| self.find(name, None))
            .collect();
        let group = group.filter(|_| is_fit)?;
        let item = |(item, share): (&usize, &u32)| {
            let scale = self.items[*item].scale.as_ref()?;
            Some(IndexItem {
                share: f64::from(*share),
                scores: scale.scores.clone(),
                least: scale.least,
                greatest: scale.greatest,
            })
        };
        let items: Option<Vec<IndexItem>> = group.iter().zip(&rule.shares).map(item).collect();
        Some((group, items?))
    }

    /// The scale of an item.
    pub fn scale(&self, item: usize) -> Option<&Scale> {
        self.items.get(item)?.scale.as_ref()
    }

    /// Under which keys answers stand, item by item.
    pub fn keys(&self) -> impl Iterator<Item = ItemKey<'_>> {
        fn key(item: &Item) -> ItemKey<'_> {
            ItemKey {
                name: &item.name,
                key: &item.key,
                row: item.row.as_deref(),
                is_words: item.kind == Kind::Words,
            }
        }
        self.items.iter().map(key)
    }

    /// Question and row of every item.
    pub fn names(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let items = self.items.iter();
        items.map(|item| (item.name.as_str(), item.row.as_deref()))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item of a question, or of a matrix's row.
    pub fn find(&self, question: &str, row: Option<&str>) -> Option<usize> {
        let key = (question.to_owned(), row.map(str::to_owned));
        self.found.get(&key).copied()
    }

    /// Takes a question in; one that a newer version asks gets what levels it lacks.
    fn take(&mut self, placed: &Placed<'_>, scoring: &Scoring) {
        let question = placed.0;
        if let QuestionKind::Matrix { rows, columns, .. } = &question.kind
            && !rows.is_empty()
        {
            for row in rows {
                let name = scoring::value_text(&row.value);
                self.put(Item::new(placed, Some(row), columns, scoring), Some(&name));
            }
            return;
        }
        let levels = match &question.kind {
            QuestionKind::Shown => return,
            QuestionKind::One(select) | QuestionKind::Some(select) => select.choices.clone(),
            QuestionKind::Rating(scale) => rating_levels(scale),
            QuestionKind::Matrix { columns, .. } => columns.clone(),
            QuestionKind::Boolean {
                value_true,
                value_false,
            } => [value_true, value_false].map(plain_choice).to_vec(),
            _ => Vec::new(),
        };
        self.put(Item::new(placed, None, &levels, scoring), None);
    }

    fn put(&mut self, item: Item, row: Option<&str>) {
        if let Some(known) = self.find(&item.name, row) {
            self.items[known].learn(item);
            return;
        }
        let index = self.items.len();
        if index >= ITEMS_MAX {
            self.left_out += 1;
            return;
        }
        self.found
            .insert((item.name.clone(), item.row.clone()), index);
        let key = item.key.clone();
        match row {
            None => {
                let comment = format!("{key}{COMMENT_SUFFIX}");
                self.slots.entry(comment).or_insert(Slot::Comment(index));
                self.slots.entry(key).or_insert(Slot::Item(index));
            }
            Some(row) => {
                let rows = self
                    .slots
                    .entry(key)
                    .or_insert_with(|| Slot::Rows(HashMap::new()));
                if let Slot::Rows(rows) = rows {
                    rows.insert(row.to_owned(), index);
                }
            }
        }
        self.items.push(item);
    }
}

impl Item {
    fn new(
        placed: &Placed<'_>,
        row: Option<&Choice>,
        levels: &[Choice],
        scoring: &Scoring,
    ) -> Self {
        let (question, around) = placed;
        let row_name = row.map(|row| scoring::value_text(&row.value));
        let is_scored = |item: &&ScoredItem| item.question == question.name && item.row == row_name;
        let scored = scoring.items.iter().find(is_scored);
        let mut out = Self {
            name: question.name.clone(),
            key: question.value_name.clone(),
            title: texts(question, "title"),
            row_title: row.and_then(|row| row.text.clone()),
            row: row_name,
            kind: kind(question, levels),
            levels: Vec::new(),
            level_of_number: HashMap::new(),
            level_of_text: HashMap::new(),
            dont_know: scoring.dont_know.clone(),
            scale: None,
            conditions: around
                .iter()
                .filter_map(|one| one.visible_if.clone())
                .collect(),
            is_never_asked: around
                .iter()
                .any(|one| one.visible_if.is_none() && !one.is_visible),
            is_row_conditional: row.is_some_and(|row| row.visible_if.is_some()),
        };
        let scores = scored.map(|item| scoring::scores(levels, item, &scoring.dont_know));
        let mut level_scores = Vec::new();
        for (index, choice) in levels.iter().enumerate() {
            let value = scoring::value_text(&choice.value);
            let score = scores.as_ref().and_then(|scores| scores[index]);
            // Numbered choices of pasted text: "cannot say" is one by its label alone.
            if score.is_none() && scored.is_some() && is_label_dont_know(choice) {
                out.dont_know.push(value);
                continue;
            }
            if !scoring.dont_know.contains(&value) && out.add_level(value, choice.text.clone()) {
                level_scores.push(score);
            }
        }
        if let QuestionKind::One(select) | QuestionKind::Some(select) = &question.kind {
            out.add_special(question, select);
        }
        if let QuestionKind::Boolean { .. } = &question.kind {
            for (level, name) in out.levels.iter_mut().zip(["labelTrue", "labelFalse"]) {
                level.label = Some(texts(question, name));
            }
        }
        level_scores.resize(out.levels.len(), None);
        out.scale = scored.map(|item| Scale {
            scores: level_scores,
            least: f64::from(item.least),
            greatest: f64::from(item.greatest),
        });
        out
    }

    /// "None", "other", "don't know", "refuse".
    fn add_special(&mut self, question: &definition::Question, select: &Select) {
        for special in &select.exclusive {
            let value = scoring::value_text(&special.value);
            let text = match value.as_str() {
                REFUSED => continue,
                "none" => texts(question, "noneText"),
                _ => texts(question, "dontKnowText"),
            };
            if !self.dont_know.contains(&value) {
                self.add_level(value, Some(text));
            }
        }
        if let Some(other) = &select.other {
            self.add_level(
                scoring::value_text(other),
                Some(texts(question, "otherText")),
            );
        }
    }

    /// Whether it got a level of its own.
    fn add_level(&mut self, value: String, label: Option<Texts>) -> bool {
        if self.level_of_text.contains_key(&value) {
            return false;
        }
        let is_last = self.levels.len() + 1 >= LEVELS_MAX;
        let is_own = self.levels.len() < LEVELS_MAX;
        let place = self.levels.len().min(LEVELS_MAX - 1);
        // A level is below LEVELS_MAX, which fits.
        let place = u8::try_from(place).unwrap_or(u8::MAX);
        if let Ok(number) = value.parse() {
            self.level_of_number.insert(number, place);
        }
        self.level_of_text.insert(value.clone(), place);
        if is_own {
            let value = if is_last { REST.to_owned() } else { value };
            let label = label.filter(|_| !is_last);
            self.levels.push(Level { value, label });
        }
        is_own
    }

    /// Takes levels from an older version.
    fn learn(&mut self, older: Self) {
        if older.kind != self.kind {
            return;
        }
        for level in older.levels {
            if !self.dont_know.contains(&level.value) && self.add_level(level.value, level.label) {
                self.scale
                    .iter_mut()
                    .for_each(|scale| scale.scores.push(None));
            }
        }
    }

    /// What a whole number is here.
    pub(super) fn of_number(&self, number: i64) -> Place {
        match self.level_of_number.get(&number) {
            Some(level) => Place::Level(*level),
            None => self.of_text(&number.to_string()),
        }
    }

    /// What a text is here.
    pub(super) fn of_text(&self, text: &str) -> Place {
        match self.level_of_text.get(text) {
            Some(level) => Place::Level(*level),
            None if self.dont_know.iter().any(|value| value == text) => Place::DontKnow,
            None if text == REFUSED => Place::Refused,
            None => Place::Unknown,
        }
    }

    /// As the report has it.
    pub(super) fn question(&self, locale: &str) -> Question {
        let title = self.title.in_locale(locale).unwrap_or(&self.name);
        let row = self.row.as_ref().map(|row| {
            let text = self.row_title.as_ref();
            text.and_then(|text| text.in_locale(locale)).unwrap_or(row)
        });
        let level = |level: &Level| {
            let label = level.label.as_ref();
            let label = label.and_then(|label| label.in_locale(locale));
            (
                level.value.clone(),
                label.unwrap_or(&level.value).to_owned(),
            )
        };
        Question {
            name: self.name.clone(),
            row: self.row.clone(),
            title: match row {
                Some(row) => format!("{title} — {row}"),
                None => title.to_owned(),
            },
            kind: self.kind,
            levels: self.levels.iter().map(level).collect(),
            scale: self.scale.clone(),
        }
    }
}

fn kind(question: &definition::Question, levels: &[Choice]) -> Kind {
    match &question.kind {
        QuestionKind::Text(input) if input.input_type == "number" => Kind::Number,
        QuestionKind::Expression { .. } => Kind::Number,
        QuestionKind::One(_) | QuestionKind::Boolean { .. } | QuestionKind::Matrix { .. } => {
            Kind::Single
        }
        QuestionKind::Rating(_) => {
            let is_nps = (0_i64..).zip(levels).all(|(at, level)| level.value == at);
            match levels.len() == NPS_LEVELS && is_nps {
                true => Kind::Nps,
                false => Kind::Single,
            }
        }
        QuestionKind::Some(_) => Kind::Multiple,
        _ => Kind::Words,
    }
}

fn texts(question: &definition::Question, name: &str) -> Texts {
    question.shown.local(name).cloned().unwrap_or_default()
}

fn plain_choice(value: &Value) -> Choice {
    Choice {
        value: value.clone(),
        text: None,
        image: None,
        visible_if: None,
        path: String::new(),
    }
}

fn is_label_dont_know(choice: &Choice) -> bool {
    let texts = choice.text.as_ref();
    let mut labels = ["zh-cn", "en"]
        .into_iter()
        .filter_map(|locale| texts?.in_locale(locale));
    labels.any(is_dont_know)
}
