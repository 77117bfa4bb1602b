//! A definition as typed data.

use super::shown::{LocalText, Shown};
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
    /// Title, button texts, numbering.
    pub shown: Shown,
}

/// When answers to invisible questions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearInvisible {
    /// Never.
    Never,
    /// On completion.
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
    /// What it is.
    pub kind: QuestionKind,
    /// When it is seen, answered, required.
    pub logic: Logic,
    /// What it starts with.
    pub default_value: Option<Value>,
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
    },
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

/// What a line takes.
#[derive(Debug, Clone, Default)]
pub struct TextInput {
    /// HTML's type.
    pub input_type: String,
    /// For numbers.
    pub min: Option<f64>,
    /// For numbers.
    pub max: Option<f64>,
}

/// What a rating offers: `values` where there are any, else numbers.
#[derive(Debug, Clone)]
pub struct Scale {
    /// The first.
    pub min: f64,
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
