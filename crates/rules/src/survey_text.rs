//! Surveys as staff write them, plain text from a chat or a document, made into a
//! SurveyJS definition.
//!
//! The first lines are title and introduction. A question is a line with its type in
//! brackets (`1. 您对保洁满意吗？【单选】*`), its choices a line each below (or behind the
//! bracket). Numbers, letters, required marks and full-width forms are tolerated; what
//! was guessed is told as a warning with its line.

mod element;
mod limits;
mod lines;
mod question;

use lines::{Kind, Line, read};
use question::Draft;
use serde_json::{Map, Value, json};

/// Bytes of a text.
pub const TEXT_BYTES_MAX: usize = 200_000;
/// Characters of a line.
pub const LINE_CHARS_MAX: usize = 1_000;
/// Questions of a survey.
pub const QUESTIONS_MAX: usize = 200;
/// Choices, rows or columns of a question.
pub const CHOICES_MAX: usize = 200;

/// A definition, and what staff should look at.
#[derive(Debug, Clone, PartialEq)]
pub struct FromText {
    /// SurveyJS JSON.
    pub definition: Value,
    /// In the order of lines.
    pub warnings: Vec<Warning>,
}

/// Something that was guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Warning {
    /// From 1.
    pub line: usize,
    /// What.
    pub kind: WarningKind,
}

/// What was guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// No type: taken for a single choice, since choices follow.
    TypeGuessedSingle,
    /// No type and no choices: taken for words.
    TypeGuessedText,
    /// A bracket that looks like a type and is none; left in the title.
    TypeUnknown,
    /// A question to choose in, without choices: made one for words.
    ChoicesMissing,
    /// A choice that was there before; left out.
    ChoiceRepeated,
    /// Lines below a question that takes none; added to its description.
    LinesNotUsed,
    /// A scale's lines were not understood; it goes from 1 to 5.
    ScaleGuessed,
    /// A matrix without columns: it got five levels of satisfaction.
    ColumnsGuessed,
    /// A question without a title; its type stands there.
    TitleMissing,
}

/// Why there is no definition.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRefusal {
    /// Nothing but blanks.
    Empty,
    /// No line is a question.
    NoQuestion,
    /// The text is longer than [`TEXT_BYTES_MAX`].
    TooLong {
        /// Bytes.
        max: usize,
    },
    /// A line is longer than [`LINE_CHARS_MAX`].
    LineTooLong {
        /// From 1.
        line: usize,
        /// Characters.
        max: usize,
    },
    /// More than [`QUESTIONS_MAX`].
    TooManyQuestions {
        /// How many there may be.
        max: usize,
    },
    /// More than [`CHOICES_MAX`] choices, rows or columns.
    TooManyChoices {
        /// The question's line, from 1.
        line: usize,
        /// How many there may be.
        max: usize,
    },
    /// A type that cannot be asked here (files, signatures …).
    Unsupported {
        /// From 1.
        line: usize,
        /// As written.
        written: String,
    },
}

/// Reads a text.
pub fn parse(text: &str) -> Result<FromText, TextRefusal> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(TextRefusal::TooLong {
            max: TEXT_BYTES_MAX,
        });
    }
    let lines = read(text)?;
    if lines.is_empty() {
        return Err(TextRefusal::Empty);
    }
    Reader::default().run(&lines)
}

#[derive(Default)]
struct Reader {
    title: Option<String>,
    introduction: Vec<String>,
    pages: Vec<Vec<Value>>,
    open: Option<Draft>,
    questions: usize,
    /// The number that the next question would carry.
    next_number: u32,
    warnings: Vec<Warning>,
}

impl Reader {
    fn run(mut self, lines: &[Line]) -> Result<FromText, TextRefusal> {
        self.next_number = 1;
        self.pages.push(Vec::new());
        for (index, line) in lines.iter().enumerate() {
            self.line(line, lines.get(index + 1))?;
        }
        self.close()?;
        if self.questions == 0 {
            return Err(TextRefusal::NoQuestion);
        }
        self.warnings.sort_by_key(|warning| warning.line);
        Ok(FromText {
            definition: definition(self.title, &self.introduction, self.pages),
            warnings: self.warnings,
        })
    }

    fn line(&mut self, line: &Line, next: Option<&Line>) -> Result<(), TextRefusal> {
        match &line.kind {
            Some(Kind::Unsupported) => {
                return Err(TextRefusal::Unsupported {
                    line: line.number,
                    written: line.written_type.clone().unwrap_or_default(),
                });
            }
            Some(Kind::Page) => {
                self.close()?;
                self.pages.push(Vec::new());
                return Ok(());
            }
            Some(_) => return self.start(line),
            None => {}
        }
        if self.is_untyped_question(line, next) {
            return self.start(line);
        }
        match &mut self.open {
            Some(draft) => draft.below.push(line.clone()),
            None if self.title.is_none() => self.title = Some(line.raw.clone()),
            None => self.introduction.push(line.raw.clone()),
        }
        Ok(())
    }

    /// A number that carries on counting, or a question mark before lettered choices.
    fn is_untyped_question(&self, line: &Line, next: Option<&Line>) -> bool {
        let is_next = line.ordinal == Some(self.next_number);
        let is_first_choice = self.open.as_ref().is_some_and(|draft| {
            // "1. 满意" below a question that is still without choices starts its list.
            draft.below.is_empty() && line.ordinal == Some(1)
        });
        let asks = line.raw.ends_with(['?', '？']);
        let leads = next.is_some_and(|next| next.is_lettered) && !line.is_lettered;
        (is_next && !is_first_choice && self.is_counting()) || (asks && leads)
    }

    /// Whether questions carry numbers at all, so that a number may start one.
    fn is_counting(&self) -> bool {
        match &self.open {
            Some(draft) => draft.is_numbered,
            None => true,
        }
    }

    fn start(&mut self, line: &Line) -> Result<(), TextRefusal> {
        self.close()?;
        self.questions += 1;
        if self.questions > QUESTIONS_MAX {
            return Err(TextRefusal::TooManyQuestions { max: QUESTIONS_MAX });
        }
        if let Some(number) = line.ordinal {
            self.next_number = number.saturating_add(1);
        }
        if line.is_type_unknown {
            self.warn(line.number, WarningKind::TypeUnknown);
        }
        self.open = Some(Draft::new(line));
        Ok(())
    }

    fn close(&mut self) -> Result<(), TextRefusal> {
        if let Some(draft) = self.open.take() {
            let mut warnings = Vec::new();
            let element = draft.element(self.questions, &mut warnings)?;
            self.warnings.append(&mut warnings);
            if let Some(page) = self.pages.last_mut() {
                page.push(element);
            }
        }
        Ok(())
    }

    fn warn(&mut self, line: usize, kind: WarningKind) {
        self.warnings.push(Warning { line, kind });
    }
}

fn definition(title: Option<String>, introduction: &[String], pages: Vec<Vec<Value>>) -> Value {
    let mut survey = Map::new();
    if let Some(title) = title {
        survey.insert("title".into(), title.into());
    }
    if !introduction.is_empty() {
        survey.insert("description".into(), introduction.join("\n").into());
    }
    let filled = pages.into_iter().filter(|elements| !elements.is_empty());
    let page = |(index, elements): (usize, Vec<Value>)| json!({ "name": format!("page{}", index + 1), "elements": elements });
    let pages: Vec<Value> = filled.enumerate().map(page).collect();
    survey.insert("pages".into(), pages.into());
    Value::Object(survey)
}
