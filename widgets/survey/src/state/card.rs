//! What a question looks like at this moment, as values: what views draw, and what tells
//! them that there is nothing to draw again.

use linli_rules::survey::Place;
use serde_json::Value as Json;
use std::rc::Rc;

/// Something on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Elements together.
    Panel {
        /// Its number.
        id: u32,
        /// Its title; may be empty.
        title: String,
        /// More about it; may be empty.
        description: String,
        /// What is wrong with it as a whole.
        faults: Vec<String>,
        /// What is in it.
        nodes: Vec<Node>,
    },
    /// A question. The same pointer as before where nothing about it changed.
    Question(Rc<Card>),
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its number on this device: names it in actions and in the document.
    pub id: u32,
    /// Where the engine has it.
    pub place: Place,
    /// The key of its answer.
    pub key: String,
    /// Its number for people, where questions are numbered.
    pub number: Option<usize>,
    /// What is asked.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// An answer is needed.
    pub is_required: bool,
    /// It takes no answer now.
    pub is_read_only: bool,
    /// Filled in from what this device keeps for the person.
    pub is_prefilled: bool,
    /// It has an answer.
    pub is_answered: bool,
    /// How it is answered.
    pub ask: Ask,
    /// A field for words beside the answer.
    pub comment: Option<Line>,
    /// What is wrong, in words.
    pub faults: Vec<String>,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// One line.
    Line(Line),
    /// Several lines.
    Area(Line),
    /// Questions of its own: named lines, rows or panels.
    Groups(Groups),
    /// One of the items.
    One(Pick),
    /// Some of the items.
    Many(Pick),
    /// One rate of a scale.
    Rating(Scale),
    /// The items in the person's order.
    Rank(Pick),
    /// One column for each row.
    Matrix(Matrix),
    /// A value that follows from others.
    Computed(String),
    /// Words of the definition, with a few tags.
    Words(String),
    /// A picture.
    Picture {
        /// Where it is.
        source: String,
        /// What it shows, for those who do not see it.
        alt: String,
    },
}

/// A field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What it is called; empty where the question's title names it.
    pub label: String,
    /// What is written.
    pub text: String,
    /// HTML's type and its like.
    pub input: Input,
    /// Rows at least, for several lines.
    pub rows: u32,
}

/// What a field takes, as HTML says it. Empty: not said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    /// `text`, `number`, `date`.
    pub kind: String,
    /// An example.
    pub placeholder: String,
    /// Characters at most.
    pub max_length: String,
    /// The least.
    pub min: String,
    /// The most.
    pub max: String,
    /// From one to the next.
    pub step: String,
    /// What browsers may fill in.
    pub autocomplete: String,
}

/// How items stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Each a row to tap.
    Rows,
    /// Behind a list that opens.
    List,
    /// Two side by side.
    Pair,
}

/// Questions inside a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// In the order shown.
    pub groups: Vec<Group>,
    /// Named lines that stand close together, not cards.
    pub are_lines: bool,
    /// What adds one more; empty where none may be added.
    pub add: String,
    /// What takes one away; empty where none may go.
    pub remove: String,
    /// What is said where there is none; may be empty.
    pub none: String,
}

/// A row or panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The same as long as it exists.
    pub key: usize,
    /// Its place among the others, for the engine.
    pub index: usize,
    /// What it is called; may be empty.
    pub title: String,
    /// What is in it.
    pub nodes: Vec<Node>,
}

/// Items to choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// In the order shown.
    pub items: Vec<Item>,
    /// How they stand.
    pub look: Look,
    /// Side by side where there is room.
    pub columns: u8,
    /// What an empty list says; may be empty.
    pub placeholder: String,
    /// At most so many; 0 for any.
    pub max: usize,
    /// At least so many; 0 for any.
    pub min: usize,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is stored.
    pub value: Json,
    /// What is read.
    pub text: String,
    /// An ordinary choice: neither everything, nor nothing, nor another.
    pub is_plain: bool,
    /// Chooses everything.
    pub is_all: bool,
    /// Whether it is chosen.
    pub is_on: bool,
}

/// A scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// From the least.
    pub items: Vec<Item>,
    /// What the least means; may be empty.
    pub least: String,
    /// What the most means; may be empty.
    pub most: String,
    /// What each looks like.
    pub words: Words,
}

/// What a rate looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Numbers or short words, side by side.
    Short,
    /// Words, one below the other.
    Long,
    /// Stars.
    Stars,
    /// Faces, with their words.
    Faces,
}

/// One column for each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// In the order shown; the same pointer as before where nothing changed.
    pub columns: Rc<Vec<Item>>,
    /// In the order shown.
    pub rows: Vec<Row>,
}

/// A matrix's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key in the answer.
    pub key: String,
    /// What is rated.
    pub text: String,
    /// Which column.
    pub chosen: Option<usize>,
    /// An answer is needed and missing, and the person was told.
    pub is_missing: bool,
}

impl Card {
    /// Takes over from what was drawn before whatever is the same.
    pub(super) fn kept(mut self, before: Option<&Rc<Card>>) -> Rc<Self> {
        let Some(before) = before else {
            return Rc::new(self);
        };
        if let (Ask::Matrix(now), Ask::Matrix(then)) = (&mut self.ask, &before.ask)
            && now.columns == then.columns
        {
            now.columns = then.columns.clone();
        }
        if self == **before {
            return before.clone();
        }
        Rc::new(self)
    }

    /// Items of a choice, a rating or a ranking.
    pub fn items(&self) -> &[Item] {
        match &self.ask {
            Ask::One(pick) | Ask::Many(pick) | Ask::Rank(pick) => &pick.items,
            Ask::Rating(scale) => &scale.items,
            _ => &[],
        }
    }

    /// Whether it asks for anything.
    pub fn takes_answer(&self) -> bool {
        !matches!(
            self.ask,
            Ask::Computed(_) | Ask::Words(_) | Ask::Picture { .. }
        )
    }

    /// The answer in words, one line each; none where there is none.
    pub fn answer_lines(&self) -> Vec<String> {
        let mut lines = match &self.ask {
            Ask::Line(line) | Ask::Area(line) => vec![line.text.clone()],
            Ask::Groups(groups) => groups.groups.iter().flat_map(group_lines).collect(),
            Ask::One(_) | Ask::Many(_) | Ask::Rating(_) => {
                let chosen = self
                    .items()
                    .iter()
                    .filter(|item| item.is_on && !item.is_all);
                chosen.map(|item| item.text.clone()).collect()
            }
            Ask::Rank(pick) if self.is_answered => {
                let ranked = pick.items.iter().enumerate();
                ranked
                    .map(|(at, item)| format!("{}. {}", at + 1, item.text))
                    .collect()
            }
            Ask::Matrix(matrix) => {
                let nothing = String::new();
                labelled(matrix.rows.iter().map(|row| {
                    let text = row.chosen.map(|at| &matrix.columns[at].text);
                    (&row.text, text.unwrap_or(&nothing))
                }))
            }
            Ask::Computed(text) => vec![text.clone()],
            Ask::Rank(_) | Ask::Words(_) | Ask::Picture { .. } => Vec::new(),
        };
        lines.extend(self.comment.iter().map(|line| line.text.clone()));
        lines.retain(|line| !line.is_empty());
        lines
    }
}

/// `Name: answer` for each question in a row or panel.
fn group_lines(group: &Group) -> Vec<String> {
    let mut cards = Vec::new();
    flatten(&group.nodes, &mut cards);
    let answered = cards.iter().filter_map(|card| {
        let lines = card.answer_lines();
        (!lines.is_empty()).then(|| format!("{}: {}", card.title, lines.join(", ")))
    });
    let mut lines: Vec<String> = answered.collect();
    if !group.title.is_empty() && !lines.is_empty() {
        lines.insert(0, group.title.clone());
    }
    lines
}

/// The questions among nodes, in order.
pub(super) fn flatten(nodes: &[Node], cards: &mut Vec<Rc<Card>>) {
    for node in nodes {
        match node {
            Node::Panel { nodes, .. } => flatten(nodes, cards),
            Node::Question(card) => cards.push(card.clone()),
        }
    }
}

fn labelled<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<String> {
    pairs
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| format!("{label}: {text}"))
        .collect()
}
