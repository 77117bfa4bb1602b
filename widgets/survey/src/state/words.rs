//! Words that a definition leaves to whoever shows it.

use linli_model::survey::{QuestionKind, ValidatorKind};
use linli_rules::survey::{FaultKind, Language, Word};
use linli_texts::{Catalog, Key, survey as k};

/// The engine's language.
pub(super) fn language<'a>(texts: &'a Catalog, locale: &'a str) -> Language<'a> {
    let word = |word| {
        texts.text(match word {
            Word::Yes => k::YES,
            Word::No => k::NO,
            Word::Other => k::OTHER,
            Word::None => k::NONE,
            Word::Refuse => k::REFUSE,
            Word::DontKnow => k::DONT_KNOW,
            Word::SelectAll => k::SELECT_ALL,
        })
    };
    Language {
        locale,
        words: Word::ALL.map(word),
    }
}

/// What is wrong, where the definition does not say it.
pub(super) fn fault(
    texts: &Catalog,
    kind: FaultKind,
    question: Option<&QuestionKind>,
    check: Option<&ValidatorKind>,
) -> String {
    let key = match (kind, question) {
        (FaultKind::Required, Some(QuestionKind::Text(_) | QuestionKind::Comment)) => {
            k::FAULT_WRITE
        }
        (FaultKind::Required, _) => k::FAULT_CHOOSE,
        (FaultKind::OneRequired, _) => k::FAULT_ONE,
        (FaultKind::OtherEmpty, _) => k::FAULT_OTHER,
        (FaultKind::RowRequired, _) => k::FAULT_ROWS,
        (FaultKind::RowNotUnique, _) => k::FAULT_ROWS_TWICE,
        (FaultKind::NotNumber, _) => k::FAULT_NUMBER,
        (FaultKind::Email, _) => k::FAULT_EMAIL,
        (FaultKind::BelowMin, Some(QuestionKind::Text(input))) => {
            return within(texts, RANGE, plain(input.min.as_ref()), None);
        }
        (FaultKind::AboveMax, Some(QuestionKind::Text(input))) => {
            return within(texts, RANGE, None, plain(input.max.as_ref()));
        }
        (FaultKind::TooFew, Some(QuestionKind::Some(select))) => {
            return within(texts, COUNT, number(Some(select.min_selected)), None);
        }
        (FaultKind::OffStep, _) => k::FAULT_STEP,
        (FaultKind::TooFewRows, _) => k::FAULT_MORE_ROWS,
        (FaultKind::Duplicate, _) => k::FAULT_TWICE,
        _ => return checked(texts, check),
    };
    texts.text(key).to_owned()
}

fn checked(texts: &Catalog, check: Option<&ValidatorKind>) -> String {
    let bound = |bound: f64| number((bound > 0.0).then_some(bound));
    match check {
        Some(ValidatorKind::Numeric { min, max }) => {
            within(texts, RANGE, number(*min), number(*max))
        }
        Some(ValidatorKind::Text {
            min_length,
            max_length,
            ..
        }) => within(texts, LENGTH, bound(*min_length), bound(*max_length)),
        Some(ValidatorKind::AnswerCount {
            min_count,
            max_count,
        }) => within(texts, COUNT, bound(*min_count), bound(*max_count)),
        Some(ValidatorKind::Email) => texts.text(k::FAULT_EMAIL).to_owned(),
        _ => texts.text(k::FAULT_OTHERWISE).to_owned(),
    }
}

/// Keys for at least, at most, and both.
type Bounds = [Key; 3];

const RANGE: Bounds = [k::FAULT_MIN, k::FAULT_MAX, k::FAULT_RANGE];
const LENGTH: Bounds = [k::FAULT_SHORT, k::FAULT_LONG, k::FAULT_LENGTH];
const COUNT: Bounds = [k::FAULT_FEW, k::FAULT_MANY, k::FAULT_COUNT];

fn number(bound: Option<f64>) -> Option<String> {
    bound.map(linli_rules::survey::value::number_to_text)
}

fn plain(bound: Option<&serde_json::Value>) -> Option<String> {
    bound.map(|bound| linli_rules::survey::Value::from(bound).to_text())
}

fn within(texts: &Catalog, keys: Bounds, min: Option<String>, max: Option<String>) -> String {
    let [least, most, both] = keys;
    match (min, max) {
        (Some(min), Some(max)) => texts.fill(both, &[("min", &min), ("max", &max)]),
        (Some(min), None) => texts.fill(least, &[("min", &min)]),
        (None, Some(max)) => texts.fill(most, &[("max", &max)]),
        (None, None) => texts.text(k::FAULT_OTHERWISE).to_owned(),
    }
}
