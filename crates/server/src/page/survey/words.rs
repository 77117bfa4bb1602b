//! Words that a definition leaves to whoever shows it, and the languages of its texts.

use crate::page::people::Reader;
use linli_model::survey::{QuestionKind, Shown, ValidatorKind};
use linli_rules::survey::{AnswerFault, FaultKind, Language, ShownElement, View, Word};
use linli_texts::{Key, survey as s, survey_page as y};
use serde_json::Value;

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

/// What is wrong where too much is chosen, or an order is unfinished.
pub(super) fn unfit(reader: &Reader, element: &ShownElement<'_>) -> String {
    match kind(element) {
        Some(QuestionKind::Some(select)) if select.is_ranked => reader.text(y::RANK_ALL).to_owned(),
        Some(QuestionKind::Some(select)) => {
            within(reader, COUNT, None, number(Some(select.max_selected)))
        }
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
        (FaultKind::OffStep, _) => s::FAULT_STEP,
        (FaultKind::TooFewRows, _) => s::FAULT_MORE_ROWS,
        (FaultKind::Duplicate, _) => s::FAULT_TWICE,
        (FaultKind::BelowMin | FaultKind::AboveMax, Some(QuestionKind::Text(input))) => {
            let (min, max) = (plain(input.min.as_ref()), plain(input.max.as_ref()));
            return within(reader, RANGE, min, max);
        }
        (FaultKind::TooFew, Some(QuestionKind::Some(select))) => {
            let least = number(Some(select.min_selected));
            return within(reader, COUNT, least, None);
        }
        _ => return checked(reader, check),
    };
    reader.text(key).to_owned()
}

fn checked(reader: &Reader, check: Option<&ValidatorKind>) -> String {
    let bound = |bound: f64| number((bound > 0.0).then_some(bound));
    match check {
        Some(ValidatorKind::Numeric { min, max }) => {
            within(reader, RANGE, number(*min), number(*max))
        }
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

fn number(bound: Option<f64>) -> Option<String> {
    bound.map(linli_rules::survey::value::number_to_text)
}

fn plain(bound: Option<&Value>) -> Option<String> {
    bound.map(|bound| linli_rules::survey::Value::from(bound).to_text())
}

fn within(reader: &Reader, keys: Bounds, min: Option<String>, max: Option<String>) -> String {
    let [least, most, both] = keys;
    match (min, max) {
        (Some(min), Some(max)) => reader.texts.fill(both, &[("min", &min), ("max", &max)]),
        (Some(min), None) => reader.texts.fill(least, &[("min", &min)]),
        (None, Some(max)) => reader.texts.fill(most, &[("max", &max)]),
        (None, None) => reader.text(s::FAULT_OTHERWISE).to_owned(),
    }
}
