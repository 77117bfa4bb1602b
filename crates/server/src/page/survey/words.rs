//! Words that a definition leaves to whoever shows it, and the languages of its texts.

use crate::page::people::Reader;
use linli_model::survey::{QuestionKind, Shown, ValidatorKind};
use linli_rules::survey::{AnswerFault, FaultKind, Language, ShownElement, View, Word};
use linli_texts::{Key, survey as s};

/// For whoever reads no words.
pub(super) const BARE: Language<'static> = Language {
    locale: "",
    words: Word::ENGLISH,
};

/// A reader's language, for the engine.
pub(super) fn language<'a>(reader: &'a Reader, locale: &'a str) -> Language<'a> {
    let word = |word| {
        reader.text(match word {
            Word::Yes => s::YES,
            Word::No => s::NO,
            Word::Other => s::OTHER,
            Word::None => s::NONE,
            Word::Refuse => s::REFUSE,
            Word::DontKnow => s::DONT_KNOW,
            Word::SelectAll => s::SELECT_ALL,
        })
    };
    Language {
        locale,
        words: Word::ALL.map(word),
    }
}

/// A reader's language as definitions name it.
pub(super) fn locale(reader: &Reader) -> String {
    match reader.texts.tag() {
        "zh-Hans" => "zh-cn".to_owned(),
        "zh-Hant" => "zh-tw".to_owned(),
        tag => tag.to_lowercase(),
    }
}

/// The language that an element's title is in: the reader's where the definition has it,
/// else the topic's. Nothing where it is the page's own.
pub(super) fn lang<'a>(shown: &Shown, locale: &str, topic: &'a str) -> Option<&'a str> {
    let broad = locale.split('-').next().unwrap_or_default();
    let title = shown.local("title");
    let has_it = title.is_some_and(|title| {
        let mut locales = title.locales();
        locales.any(|one| one == locale || one == broad)
    });
    (!has_it && !topic.to_lowercase().starts_with(broad)).then_some(topic)
}

/// What is wrong, by the definition's words or ours.
pub(super) fn fault(
    reader: &Reader,
    view: &View<'_>,
    fault: &AnswerFault,
    element: Option<&QuestionKind>,
) -> String {
    view.fault(fault)
        .unwrap_or_else(|| ours(reader, fault.kind, element, view.validator(fault)))
}

/// What is wrong where too much is chosen.
pub(super) fn too_many(reader: &Reader, element: &ShownElement<'_>) -> String {
    match kind(element) {
        Some(QuestionKind::Some(select)) => within(reader, COUNT, None, Some(select.max_selected)),
        _ => reader.text(s::FAULT_OTHERWISE).to_owned(),
    }
}

/// What an element is, if it is a question.
pub(super) fn kind<'a>(element: &ShownElement<'a>) -> Option<&'a QuestionKind> {
    match &element.content {
        linli_rules::survey::Content::Question(question) => Some(question.kind),
        linli_rules::survey::Content::Panel(_) => None,
    }
}

fn ours(
    reader: &Reader,
    kind: FaultKind,
    question: Option<&QuestionKind>,
    check: Option<&ValidatorKind>,
) -> String {
    let key = match (kind, question) {
        (FaultKind::Required, Some(QuestionKind::Text(_) | QuestionKind::Comment)) => {
            s::FAULT_WRITE
        }
        (FaultKind::Required, _) => s::FAULT_CHOOSE,
        (FaultKind::OneRequired, _) => s::FAULT_ONE,
        (FaultKind::OtherEmpty, _) => s::FAULT_OTHER,
        (FaultKind::RowRequired, _) => s::FAULT_ROWS,
        (FaultKind::RowNotUnique, _) => s::FAULT_ROWS_TWICE,
        (FaultKind::NotNumber, _) => s::FAULT_NUMBER,
        (FaultKind::Email, _) => s::FAULT_EMAIL,
        (FaultKind::BelowMin | FaultKind::AboveMax, Some(QuestionKind::Text(input))) => {
            let number = |bound: &Option<serde_json::Value>| {
                bound.as_ref().and_then(serde_json::Value::as_f64)
            };
            return within(reader, RANGE, number(&input.min), number(&input.max));
        }
        (FaultKind::TooFew, Some(QuestionKind::Some(select))) => {
            return within(reader, COUNT, Some(select.min_selected), None);
        }
        _ => return checked(reader, check),
    };
    reader.text(key).to_owned()
}

fn checked(reader: &Reader, check: Option<&ValidatorKind>) -> String {
    let bound = |bound: f64| (bound > 0.0).then_some(bound);
    match check {
        Some(ValidatorKind::Numeric { min, max }) => within(reader, RANGE, *min, *max),
        Some(ValidatorKind::Text {
            min_length,
            max_length,
            ..
        }) => within(reader, LENGTH, bound(*min_length), bound(*max_length)),
        Some(ValidatorKind::AnswerCount {
            min_count,
            max_count,
        }) => within(reader, COUNT, bound(*min_count), bound(*max_count)),
        Some(ValidatorKind::Email) => reader.text(s::FAULT_EMAIL).to_owned(),
        _ => reader.text(s::FAULT_OTHERWISE).to_owned(),
    }
}

/// Keys for at least, at most, and both.
type Bounds = [Key; 3];

const RANGE: Bounds = [s::FAULT_MIN, s::FAULT_MAX, s::FAULT_RANGE];
const LENGTH: Bounds = [s::FAULT_SHORT, s::FAULT_LONG, s::FAULT_LENGTH];
const COUNT: Bounds = [s::FAULT_FEW, s::FAULT_MANY, s::FAULT_COUNT];

fn within(reader: &Reader, keys: Bounds, min: Option<f64>, max: Option<f64>) -> String {
    let [least, most, both] = keys;
    let text = |bound: Option<f64>| bound.map(linli_rules::survey::value::number_to_text);
    match (text(min), text(max)) {
        (Some(min), Some(max)) => reader.texts.fill(both, &[("min", &min), ("max", &max)]),
        (Some(min), None) => reader.texts.fill(least, &[("min", &min)]),
        (None, Some(max)) => reader.texts.fill(most, &[("max", &max)]),
        (None, None) => reader.text(s::FAULT_OTHERWISE).to_owned(),
    }
}
