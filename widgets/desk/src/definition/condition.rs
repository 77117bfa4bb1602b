//! "Only when … is …": the conditions that have fields, and the others as they stand.

/// How an answer is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Is.
    Is,
    /// Is not.
    IsNot,
    /// At most.
    AtMost,
    /// Among several choices: this one is.
    Has,
    /// Among several choices: this one is not.
    HasNot,
}

impl Op {
    /// In expressions.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "<>",
            Self::AtMost => "<=",
            Self::Has => "contains",
            Self::HasNot => "notcontains",
        }
    }

    /// Of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "=" | "==" | "equal" | "equals" => Self::Is,
            "<>" | "!=" | "notequal" => Self::IsNot,
            "<=" | "=<" => Self::AtMost,
            "contains" | "contain" => Self::Has,
            "notcontains" | "notcontain" => Self::HasNot,
            _ => return None,
        })
    }
}

/// When a question is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// When one answer is so.
    When {
        /// The other question's name.
        question: String,
        /// How.
        op: Op,
        /// A value of that question, without quotes.
        value: String,
    },
    /// Anything else; kept as it is.
    Other(String),
}

impl Condition {
    /// Of an expression.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Always;
        }
        simple(text).unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// The expression.
    pub fn text(&self) -> String {
        match self {
            Self::Always => String::new(),
            Self::Other(text) => text.clone(),
            Self::When {
                question,
                op,
                value,
            } => format!("{{{question}}} {} {}", op.word(), quoted(value)),
        }
    }
}

fn simple(text: &str) -> Option<Condition> {
    let (question, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (word, value) = rest.trim_start().split_once(' ')?;
    // A part of an answer, or another's property, is more than a name.
    let is_name = !question.contains(['.', '[', '{', '#']) && !question.is_empty();
    let value = unquoted(value.trim())?;
    is_name.then_some(())?;
    Some(Condition::When {
        question: question.to_owned(),
        op: Op::parse(word)?,
        value,
    })
}

/// A single literal.
fn unquoted(text: &str) -> Option<String> {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote)?;
            return (!inner.contains([quote, '\\'])).then(|| inner.to_owned());
        }
    }
    let is_plain = text == "true" || text == "false" || text.parse::<f64>().is_ok();
    is_plain.then(|| text.to_owned())
}

fn quoted(value: &str) -> String {
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite);
    if is_number || value == "true" || value == "false" {
        return value.to_owned();
    }
    if value.contains('\'') {
        format!("\"{}\"", value.replace('"', "”"))
    } else {
        format!("'{value}'")
    }
}
