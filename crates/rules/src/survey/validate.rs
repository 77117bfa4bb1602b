//! What is wrong with an answer.
//!
//! Left to others: regular expressions, which the caller runs; texts of errors.

use super::pattern::Patterns;
use super::session::{Session, has_other, is_blank, is_outside};
use super::value::{Compare, Value, are_equal};
use linli_model::survey::{Choice, QuestionKind, Select, Validator, ValidatorKind};

/// What is wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerFault {
    /// The question's name; a page's or panel's where one of its questions is to be answered.
    pub question: String,
    /// What.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// No answer where one is needed.
    Required,
    /// No answer in a page or panel that needs one.
    OneRequired,
    /// "Other" without its text.
    OtherEmpty,
    /// A row without an answer.
    RowRequired,
    /// A column chosen twice.
    RowNotUnique,
    /// Not a number.
    NotNumber,
    /// Below or above the line's bounds.
    Range,
    /// Too few choices.
    TooFew,
    /// The validator at this place says no.
    Validator(usize),
    /// No address.
    Email,
}

/// survey-core's own pattern for addresses.
const EMAIL: &str = r#"^(([^<>()\[\]\.,;:\s@\"]+(\.[^<>()\[\]\.,;:\s@\"]+)*)|(\".+\"))@(([^<>()=[\]\.,;:\s@\"]+\.)+[^<>()=[\]\.,;:\s@\"]{2,})$"#;

impl Session {
    /// What is wrong with the answer to a question that shows and can be answered.
    pub(super) fn faults_of(&self, at: usize, patterns: &dyn Patterns) -> Vec<AnswerFault> {
        let node = &self.program.questions[at];
        let question = &node.question;
        let is_computed = matches!(question.kind, QuestionKind::Expression { .. });
        if matches!(question.kind, QuestionKind::Shown)
            || !self.questions[at].is_visible
            || self.is_read_only(at) && !is_computed
        {
            return Vec::new();
        }
        let value = match (&question.kind, self.answer_of(at)) {
            // A list that was never touched is empty, not missing.
            (QuestionKind::Some(_), value) if value.is_empty() => Value::list(Vec::new()),
            (_, value) => value,
        };
        let mut kinds = Vec::new();
        if self.questions[at].is_required && is_blank(&value) && !is_computed {
            kinds.push(FaultKind::Required);
        }
        self.own_faults(at, &value, patterns, &mut kinds);
        if kinds.is_empty() {
            let checks = question.validators.iter().enumerate();
            kinds.extend(
                checks.filter_map(|(place, one)| self.failed(at, place, one, &value, patterns)),
            );
        }
        let named = |kind| AnswerFault {
            question: question.name.clone(),
            kind,
        };
        kinds.into_iter().map(named).collect()
    }

    /// Whether a page or panel needs an answer and has none.
    pub(super) fn lacks_answers(&self, container: usize) -> bool {
        let state = &self.containers[container];
        if !state.is_required || !self.has_content(container) || self.is_frozen(container) {
            return false;
        }
        let visible = self.flagged_visible(container);
        let is_empty = |at: &usize| is_blank(&self.answer_of(*at));
        !visible.is_empty() && visible.iter().all(is_empty)
    }

    fn own_faults(
        &self,
        at: usize,
        value: &Value,
        patterns: &dyn Patterns,
        kinds: &mut Vec<FaultKind>,
    ) {
        let question = &self.program.questions[at].question;
        match &question.kind {
            QuestionKind::Text(input) => {
                if is_outside(input, value) {
                    kinds.push(FaultKind::Range);
                }
                let has_own = question
                    .validators
                    .iter()
                    .any(|one| matches!(one.kind, ValidatorKind::Email));
                if input.input_type == "email" && !has_own && !is_address(value, patterns) {
                    kinds.push(FaultKind::Email);
                }
            }
            QuestionKind::One(select) | QuestionKind::Some(select) => {
                if has_other(select, value) && is_blank(&self.comment_of(at)) {
                    kinds.push(FaultKind::OtherEmpty);
                }
                #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
                let chosen = value.as_list().map_or(0.0, |list| list.len() as f64);
                let is_some = matches!(question.kind, QuestionKind::Some(_));
                if is_some
                    && select.min_selected >= 1.0
                    && chosen < select.min_selected
                    && !is_exclusive_alone(select, value)
                {
                    kinds.push(FaultKind::TooFew);
                }
            }
            QuestionKind::Matrix {
                rows,
                needs_each_row,
                is_each_row_unique,
                ..
            } => {
                let answers = row_answers(rows, value);
                if *needs_each_row && answers.iter().any(is_blank) {
                    kinds.push(FaultKind::RowRequired);
                }
                if *is_each_row_unique && has_twice(&answers) {
                    kinds.push(FaultKind::RowNotUnique);
                }
            }
            _ => {}
        }
    }

    fn failed(
        &self,
        at: usize,
        place: usize,
        validator: &Validator,
        value: &Value,
        patterns: &dyn Patterns,
    ) -> Option<FaultKind> {
        let is_right = match &validator.kind {
            ValidatorKind::Numeric { min, max } => {
                if is_blank(value) {
                    return None;
                }
                let number = value.meant_number();
                if number.is_nan() {
                    return Some(FaultKind::NotNumber);
                }
                !(min.is_some_and(|min| min > number) || max.is_some_and(|max| max < number))
            }
            ValidatorKind::Text {
                min_length,
                max_length,
                allows_digits,
            } => is_blank(value) || fits(value, *min_length, *max_length, *allows_digits),
            ValidatorKind::AnswerCount {
                min_count,
                max_count,
            } => match value.as_list() {
                None | Some([]) => true,
                #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
                Some(list) => {
                    let count = list.len() as f64;
                    !(*min_count > 0.0 && count < *min_count
                        || *max_count > 0.0 && count > *max_count)
                }
            },
            ValidatorKind::Regex { pattern: None, .. } => true,
            ValidatorKind::Regex {
                pattern: Some(pattern),
                is_case_insensitive,
            } => {
                let is_match = |one: &Value| {
                    patterns
                        .is_match(pattern, *is_case_insensitive, &one.to_text())
                        .unwrap_or(false)
                };
                is_blank(value)
                    || value.as_list().is_none_or(|list| list.iter().all(is_match))
                        && is_match(value)
            }
            ValidatorKind::Email => is_address(value, patterns),
            ValidatorKind::Expression { .. } => self.program.questions[at].validator_expressions
                [place]
                .as_ref()
                .is_none_or(|one| one.holds(self)),
        };
        (!is_right).then_some(FaultKind::Validator(place))
    }
}

fn is_exclusive_alone(select: &Select, value: &Value) -> bool {
    match value.as_list() {
        Some([one]) => select
            .exclusive
            .iter()
            .any(|item| Value::from(&item.value) == *one),
        _ => false,
    }
}

fn is_address(value: &Value, patterns: &dyn Patterns) -> bool {
    !value.is_truthy()
        || patterns
            .is_match(EMAIL, true, &value.to_text())
            .unwrap_or(false)
}

fn fits(value: &Value, min_length: f64, max_length: f64, allows_digits: bool) -> bool {
    if !allows_digits && value.to_text().ends_with(|one: char| one.is_ascii_digit()) {
        return false;
    }
    #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
    let length = match value {
        Value::Text(text) => text.encode_utf16().count() as f64,
        Value::List(list) => list.len() as f64,
        _ => return true,
    };
    !(min_length > 0.0 && length < min_length || max_length > 0.0 && length > max_length)
}

fn row_answers(rows: &[Choice], value: &Value) -> Vec<Value> {
    if rows.is_empty() {
        return vec![value.clone()];
    }
    let Value::Map(map) = value else {
        return vec![Value::Undefined; rows.len()];
    };
    let key = |row: &Choice| Value::from(&row.value).to_text();
    rows.iter()
        .map(|row| map.get(&key(row)).cloned().unwrap_or_default())
        .collect()
}

fn has_twice(answers: &[Value]) -> bool {
    let how = Compare {
        ignores_order: false,
        converts_numbers: true,
        is_exact_text: true,
    };
    let given: Vec<&Value> = answers.iter().filter(|one| !is_blank(one)).collect();
    given
        .iter()
        .enumerate()
        .any(|(at, one)| given[..at].iter().any(|other| are_equal(one, other, how)))
}
