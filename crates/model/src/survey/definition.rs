//! A definition as typed data.

use super::shown::{LocalText, Shown};
use crate::ecma;
use serde_json::Value;

/// A survey.
#[derive(Debug, Clone)]
pub struct Definition {
    /// In order.
    pub pages: Vec<Page>,
    /// Variables that are computed.
    pub calculated: Vec<Calculated>,
    /// What follows from answers besides.
    pub triggers: Vec<Trigger>,
    /// When answers to invisible questions go.
    pub clear_invisible: ClearInvisible,
    /// How one goes through it.
    pub course: Course,
    /// What is shown at the end on a condition, the first that holds.
    pub endings: Vec<Ending>,
    /// Title, button texts, numbering.
    pub shown: Shown,
}

/// How one goes through a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// What is on a screen.
    pub paging: Paging,
    /// Whether the first page comes before everything else, as an introduction.
    pub has_start_page: bool,
    /// What is looked over before it is sent.
    pub preview: Preview,
    /// When answers are checked.
    pub checks: Checks,
}

/// What is on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paging {
    /// A page.
    #[default]
    Page,
    /// Everything.
    Whole,
    /// One element of a page.
    Element,
    /// One question.
    Question,
}

/// What is looked over before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preview {
    /// Nothing.
    #[default]
    No,
    /// All questions.
    All,
    /// Those with an answer.
    Answered,
}

/// When answers are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checks {
    /// With the next page.
    #[default]
    NextPage,
    /// With each answer too.
    Answer,
    /// At the end, over all pages.
    End,
}

/// What is shown at the end, on a condition.
#[derive(Debug, Clone)]
pub struct Ending {
    /// When.
    pub expression: Option<String>,
    /// HTML.
    pub html: LocalText,
    /// Where it is written.
    pub path: String,
}

/// In which order something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As it is written.
    #[default]
    Written,
    /// By text.
    Ascending,
    /// By text, the other way round.
    Descending,
    /// By chance.
    Random,
}

/// When answers to invisible questions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClearInvisible {
    /// Never.
    Never,
    /// On completion.
    #[default]
    OnComplete,
    /// As soon as the question is hidden, and on completion.
    OnHidden,
}

/// A variable that is computed.
#[derive(Debug, Clone)]
pub struct Calculated {
    /// Its name.
    pub name: String,
    /// From what.
    pub expression: Option<String>,
    /// Whether it is among the answers.
    pub is_included: bool,
    /// Where it is written.
    pub path: String,
}

/// When something is seen, answered, required. An expression, once given, decides over
/// the flag.
#[derive(Debug, Clone, Default)]
pub struct Logic {
    /// Without an expression.
    pub is_visible: bool,
    /// Without an expression.
    pub is_read_only: bool,
    /// Without an expression.
    pub is_required: bool,
    /// `visibleIf`.
    pub visible_if: Option<String>,
    /// `enableIf`.
    pub enable_if: Option<String>,
    /// `requiredIf`.
    pub required_if: Option<String>,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its name, made up where there is none.
    pub name: String,
    /// When it is seen.
    pub logic: Logic,
    /// What is on it.
    pub elements: Vec<Element>,
    /// In which order.
    pub order: Order,
    /// Title and description.
    pub shown: Shown,
    /// Where it is written.
    pub path: String,
}

/// Something on a page.
#[derive(Debug, Clone)]
pub enum Element {
    /// Elements together.
    Panel(Panel),
    /// A question.
    Question(Box<Question>),
}

/// Elements together.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Its name, possibly empty.
    pub name: String,
    /// When it is seen.
    pub logic: Logic,
    /// What is in it.
    pub elements: Vec<Element>,
    /// In which order.
    pub order: Order,
    /// Title and description.
    pub shown: Shown,
    /// Where it is written.
    pub path: String,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// The key of its answer.
    pub value_name: String,
    /// SurveyJS' word for it: `radiogroup` and `dropdown` are one kind.
    pub type_name: String,
    /// What it is.
    pub kind: QuestionKind,
    /// When it is seen, answered, required.
    pub logic: Logic,
    /// What it starts with.
    pub default_value: Option<Value>,
    /// Whether it asks for words beside the answer.
    pub has_comment: bool,
    /// Values that come from elsewhere.
    pub formulas: Formulas,
    /// What its answer has to be.
    pub validators: Vec<Validator>,
    /// Title, labels, looks.
    pub shown: Shown,
    /// Where it is written.
    pub path: String,
}

/// Expressions that give a question values, or take them.
#[derive(Debug, Clone, Default)]
pub struct Formulas {
    /// `defaultValueExpression`: until the person answers.
    pub default: Option<String>,
    /// `setValueIf`: when `set` applies; alone, it empties.
    pub set_if: Option<String>,
    /// `setValueExpression`.
    pub set: Option<String>,
    /// `resetValueIf`: back to the default, or to nothing.
    pub reset_if: Option<String>,
}

/// What follows from answers.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Which.
    pub kind: TriggerKind,
    /// When.
    pub expression: Option<String>,
    /// Where it is written.
    pub path: String,
}

/// What follows from answers.
#[derive(Debug, Clone)]
pub enum TriggerKind {
    /// The survey is done with the next step.
    Complete,
    /// An answer or a variable gets a value.
    SetValue {
        /// Which.
        to: String,
        /// What, nothing for empty.
        value: Option<Value>,
        /// A variable, whatever questions there are.
        is_variable: bool,
    },
    /// An answer gets another's value.
    CopyValue {
        /// Which.
        to: String,
        /// Whose.
        from: String,
    },
    /// The page of a question comes next.
    Skip {
        /// Which.
        to: String,
    },
    /// An answer gets a result.
    RunExpression {
        /// Which.
        to: Option<String>,
        /// Of what.
        expression: Option<String>,
    },
}

/// What a question is.
#[derive(Debug, Clone)]
pub enum QuestionKind {
    /// One line.
    Text(TextInput),
    /// Several lines.
    Comment,
    /// One of a list: `radiogroup`, `dropdown`.
    One(Select),
    /// Some of a list: `checkbox`, `tagbox`.
    Some(Select),
    /// Yes or no.
    Boolean {
        /// What yes is stored as.
        value_true: Value,
        /// What no is stored as.
        value_false: Value,
    },
    /// A number or word from a scale, which is offered and not checked.
    Rating(Scale),
    /// One column for each row.
    Matrix {
        /// In order.
        columns: Vec<Choice>,
        /// In order.
        rows: Vec<Choice>,
        /// Every row needs an answer.
        needs_each_row: bool,
        /// No column twice.
        is_each_row_unique: bool,
        /// In which order rows are shown.
        order: Order,
    },
    /// Questions of its own: once, for each row, or as often as the person adds them.
    Nested(Box<Nested>),
    /// A value computed from others.
    Expression {
        /// From what.
        expression: Option<String>,
        /// Decimals, -1 for as they come.
        precision: i32,
    },
    /// Text or a picture: no answer.
    Shown,
}

impl QuestionKind {
    /// What is listed to choose from: choices, values, rows and columns.
    pub fn lists(&self) -> [&[Choice]; 2] {
        match self {
            Self::One(select) | Self::Some(select) => [&select.choices, &[]],
            Self::Rating(scale) => [&scale.values, &[]],
            Self::Matrix { columns, rows, .. } => [columns, rows],
            _ => [&[], &[]],
        }
    }
}

/// What a line takes.
#[derive(Debug, Clone, Default)]
pub struct TextInput {
    /// HTML's type.
    pub input_type: String,
    /// For numbers and times, as the answer is written.
    pub min: Option<Value>,
    /// For numbers and times.
    pub max: Option<Value>,
    /// What computes `min`.
    pub min_expression: Option<String>,
    /// What computes `max`.
    pub max_expression: Option<String>,
    /// For numbers: what they are multiples of.
    pub step: Option<f64>,
}

/// Questions inside a question.
#[derive(Debug, Clone)]
pub struct Nested {
    /// How often.
    pub shape: Shape,
    /// The questions.
    pub elements: Vec<Element>,
    /// Names of questions whose answers differ in all rows or panels.
    pub unique: Vec<String>,
    /// When a panel is seen.
    pub template_visible_if: Option<String>,
    /// What one panel is called.
    pub shown: Shown,
}

/// How often questions are asked.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Once: `multipletext`.
    Once,
    /// For each row: `matrixdropdown`.
    Rows {
        /// The rows.
        rows: Vec<Choice>,
        /// In which order.
        order: Order,
    },
    /// As often as the person adds them: `matrixdynamic` rows, `paneldynamic` panels.
    List(List),
}

/// Rows or panels that come and go.
#[derive(Debug, Clone)]
pub struct List {
    /// Whether expressions say `{panel.x}` instead of `{row.x}`.
    pub is_of_panels: bool,
    /// How many there are at the start.
    pub count: usize,
    /// At least.
    pub min_count: usize,
    /// At most.
    pub max_count: usize,
    /// What a new one has in it.
    pub default: Option<Value>,
    /// Whether a new one has what the last one has.
    pub copies_last: bool,
    /// Whether the person may add.
    pub can_add: bool,
    /// Whether the person may remove.
    pub can_remove: bool,
}

/// What a rating offers: `values` where there are any, else numbers.
#[derive(Debug, Clone)]
pub struct Scale {
    /// The first.
    pub min: f64,
    /// Whether the definition says so.
    pub has_min: bool,
    /// The last; survey-core's 5 where nothing says so.
    pub max: Option<f64>,
    /// From one to the next.
    pub step: f64,
    /// How many.
    pub count: Option<f64>,
    /// Values of their own.
    pub values: Vec<Choice>,
    /// Whether numbers are made although there are values.
    pub is_generated: bool,
}

/// Rates that a scale makes.
const RATES_MAX: usize = 20;

impl Scale {
    /// Whether its own values are offered.
    pub fn has_values(&self) -> bool {
        !self.values.is_empty() && !self.is_generated
    }

    /// The numbers it makes.
    pub fn rates(&self) -> Vec<f64> {
        let step = if self.step > 0.0 { self.step } else { 1.0 };
        let count = self.count.unwrap_or(0.0);
        let (min, max) = match (self.min, self.max) {
            (_, Some(max)) if self.count.is_some() && !self.has_min => {
                (max - step * (count - 1.0), max)
            }
            (min, Some(max)) => (min, max),
            (min, None) if self.count.is_some() => (min, min + step * (count - 1.0)),
            (min, None) => (min, DEFAULT_RATE_MAX),
        };
        // As many decimals as the step has, so that 0.1 is added without a remainder.
        let decimals = ecma::digits(step)
            .split_once('.')
            .map_or(0, |(_, part)| part.len());
        let mut rates = Vec::new();
        let mut rate = min.min(max);
        while rate <= max && rates.len() < RATES_MAX {
            rates.push(rate);
            rate = ecma::fixed(rate + step, decimals);
        }
        rates
    }
}

/// survey-core's last rate where nothing says otherwise.
const DEFAULT_RATE_MAX: f64 = 5.0;

/// A list to choose from.
#[derive(Debug, Clone, Default)]
pub struct Select {
    /// In order.
    pub choices: Vec<Choice>,
    /// "Other", answered in an own text.
    pub other: Option<Value>,
    /// "None", "refuse", "don't know": each excludes all else.
    pub exclusive: Vec<SpecialItem>,
    /// Whether one choice chooses all.
    pub offers_all: bool,
    /// At least so many, 0 for any.
    pub min_selected: f64,
    /// At most so many, 0 for any; the input keeps it, nothing checks it.
    pub max_selected: f64,
    /// In which order.
    pub order: Order,
    /// Whether all are put into an order: `ranking`.
    pub is_ranked: bool,
    /// Whether only what is chosen is put into an order.
    pub ranks_chosen: bool,
}

/// A choice that excludes the others.
#[derive(Debug, Clone)]
pub struct SpecialItem {
    /// What is stored.
    pub value: Value,
}

/// A choice, row or column.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is stored.
    pub value: Value,
    /// What is shown for it, where it is not the value.
    pub text: Option<LocalText>,
    /// A picture.
    pub image: Option<String>,
    /// When it is offered.
    pub visible_if: Option<String>,
    /// Where it is written.
    pub path: String,
}

/// A check of an answer.
#[derive(Debug, Clone)]
pub struct Validator {
    /// Which.
    pub kind: ValidatorKind,
    /// What it says, where it has words of its own.
    pub text: Option<LocalText>,
    /// Where it is written.
    pub path: String,
}

/// A check of an answer.
#[derive(Debug, Clone)]
pub enum ValidatorKind {
    /// A number within bounds.
    Numeric {
        /// At least.
        min: Option<f64>,
        /// At most.
        max: Option<f64>,
    },
    /// Characters within bounds.
    Text {
        /// At least, 0 for any.
        min_length: f64,
        /// At most, 0 for any.
        max_length: f64,
        /// Whether it may end in a digit.
        allows_digits: bool,
    },
    /// So many choices.
    AnswerCount {
        /// At least, 0 for any.
        min_count: f64,
        /// At most, 0 for any.
        max_count: f64,
    },
    /// An ECMAScript pattern.
    Regex {
        /// The pattern.
        pattern: Option<String>,
        /// In any case.
        is_case_insensitive: bool,
    },
    /// An address.
    Email,
    /// A condition.
    Expression {
        /// Which.
        expression: Option<String>,
    },
}
