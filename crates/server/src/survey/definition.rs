//! Definitions as they come in: read, refused with every place that does not run, hashed,
//! and listed by what takes an answer.

use super::patterns::pattern_faults;
use linli_model::desk::survey::SourceFault;
use linli_model::scoring::Scoring;
use linli_model::survey::{Definition, DefinitionFault, Element, FAULTS_MAX};
use linli_model::survey::{FaultReason, Question, QuestionKind};
use linli_model::wave::ItemRef;
use linli_rules::survey::Program;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Bytes of one definition.
pub const DEFINITION_BYTES_MAX: usize = 1_000_000;

/// A definition that runs.
#[derive(Debug)]
pub struct Prepared {
    /// SHA-256 of its text.
    pub version: String,
    /// It.
    pub definition: Definition,
    /// What takes an answer: questions, and rows of matrices.
    pub items: Vec<ItemRef>,
    /// How many questions take an answer.
    pub questions: u32,
}

/// The version of a definition: SHA-256 of its text, in hexadecimal.
pub fn version_of(text: &str) -> String {
    crate::seal::hex(&Sha256::digest(text))
}

/// Whether this is how versions are written.
pub fn is_version(text: &str) -> bool {
    crate::seal::unhex::<32>(text).is_some()
}

/// Reads a definition with everything that running it needs.
///
/// # Errors
///
/// Every place that does not run here.
pub fn prepare(text: &str) -> Result<Prepared, Vec<SourceFault>> {
    let definition = read(text)?;
    let mut faults: Vec<SourceFault> = pattern_faults(&definition).iter().map(told).collect();
    if let Err(circles) = Program::new(definition.clone()) {
        faults.extend(circles.iter().map(told));
    }
    let questions = questions(&definition);
    if questions.is_empty() {
        faults.push(whole("empty"));
    }
    if !faults.is_empty() {
        faults.truncate(FAULTS_MAX);
        return Err(faults);
    }
    let items = questions.iter().flat_map(|question| items_of(question));
    Ok(Prepared {
        version: version_of(text),
        items: items.collect(),
        questions: u32::try_from(questions.len()).unwrap_or(u32::MAX),
        definition,
    })
}

/// Reads a definition, whether or not its expressions run.
///
/// # Errors
///
/// Every place that is not supported.
pub(super) fn read(text: &str) -> Result<Definition, Vec<SourceFault>> {
    if text.len() > DEFINITION_BYTES_MAX {
        return Err(vec![whole("too_long")]);
    }
    let tree: Value = serde_json::from_str(text).map_err(|error| {
        vec![SourceFault {
            path: format!("line {}", error.line()),
            fault: "not_json".to_owned(),
            found: String::new(),
        }]
    })?;
    linli_model::survey::read(&tree).map_err(|faults| faults.iter().map(told).collect())
}

/// Items that scoring names and the definition does not ask, as a path and a word.
pub fn scoring_fault(
    prepared: &Prepared,
    scoring: &Scoring,
) -> Option<(&'static str, &'static str)> {
    let asks = |question: &str, row: Option<&str>| {
        let mut items = prepared.items.iter();
        items.any(|item| item.question == question && item.row.as_deref() == row)
    };
    let named = |question: &str| asks(question, None);
    let is_item = |item: &linli_model::scoring::ScoredItem| {
        item.least < item.greatest && asks(&item.question, item.row.as_deref())
    };
    if scoring.headline.as_deref().is_some_and(|name| !named(name)) {
        return Some(("survey.scoring.headline", "unknown"));
    }
    if !scoring.items.iter().all(is_item) {
        return Some(("survey.scoring.items", "unknown"));
    }
    if let Some(low) = &scoring.low_score_asks
        && !(named(&low.question) && named(&low.reasons))
    {
        return Some(("survey.scoring.low_score_asks", "unknown"));
    }
    if let Some(index) = &scoring.index {
        let sum: u64 = index.shares.iter().map(|share| u64::from(*share)).sum();
        if index.items.len() != index.shares.len() || sum == 0 {
            return Some(("survey.scoring.index.shares", "unsupported"));
        }
        if !index.items.iter().all(|name| named(name)) {
            return Some(("survey.scoring.index.items", "unknown"));
        }
    }
    if scoring.cross.len() > CROSS_MAX {
        return Some(("survey.scoring.cross", "too_many"));
    }
    if !scoring
        .cross
        .iter()
        .all(|(down, across)| named(down) && named(across))
    {
        return Some(("survey.scoring.cross", "unknown"));
    }
    None
}

/// Cross-tables of one survey.
const CROSS_MAX: usize = 10;

/// Questions that take an answer, in order.
pub(super) fn questions(definition: &Definition) -> Vec<&Question> {
    let pages = definition.pages.iter();
    let mut waiting: Vec<&Element> = pages.flat_map(|page| &page.elements).rev().collect();
    let mut questions = Vec::new();
    while let Some(element) = waiting.pop() {
        match element {
            Element::Panel(panel) => waiting.extend(panel.elements.iter().rev()),
            Element::Question(question) => questions.push(&**question),
        }
    }
    let is_answered = |question: &&Question| {
        !matches!(
            question.kind,
            QuestionKind::Shown | QuestionKind::Expression { .. }
        )
    };
    questions.retain(is_answered);
    questions
}

/// A question, and its rows if it has some.
fn items_of(question: &Question) -> Vec<ItemRef> {
    let item = |row| ItemRef {
        question: question.name.clone(),
        row,
    };
    let mut items = vec![item(None)];
    if let QuestionKind::Matrix { rows, .. } = &question.kind {
        items.extend(rows.iter().map(|row| item(Some(value_text(&row.value)))));
    }
    items
}

/// A value as a report names it.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn whole(fault: &str) -> SourceFault {
    SourceFault {
        path: "$".to_owned(),
        fault: fault.to_owned(),
        found: String::new(),
    }
}

/// A fault of the reader in the desk's form.
fn told(fault: &DefinitionFault) -> SourceFault {
    /// Characters of what was found.
    const FOUND_CHARS_MAX: usize = 60;
    let (word, found) = match &fault.reason {
        FaultReason::UnsupportedProperty => ("unsupported_property", ""),
        FaultReason::UnsupportedValue => ("unsupported_value", ""),
        FaultReason::UnsupportedType { name } => ("unsupported_type", name.as_str()),
        FaultReason::Name => ("name", ""),
        FaultReason::Expression { detail } => ("expression", detail.as_str()),
        FaultReason::Circle => ("circle", ""),
        FaultReason::TooMany { .. } => ("too_many", ""),
    };
    let path = match fault.path.as_str() {
        "" => "$".to_owned(),
        path => format!("$.{path}"),
    };
    SourceFault {
        path,
        fault: word.to_owned(),
        found: found.chars().take(FOUND_CHARS_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        let faults = prepare(text).expect_err("faults").into_iter();
        faults.map(|fault| (fault.path, fault.fault)).collect()
    }

    #[test]
    fn every_place_that_does_not_run_is_told() {
        let cases = [
            ("{", vec![("line 1", "not_json")]),
            ("[]", vec![("$", "unsupported_value")]),
            (r#"{"pages": []}"#, vec![("$", "empty")]),
            (
                r#"{"elements": [{"type": "text", "name": "a", "visibleIf": "{b"},
                                  {"type": "file", "name": "c"}]}"#,
                vec![("$.elements[1].type", "unsupported_type")],
            ),
            (
                r#"{"elements": [{"type": "text", "name": "a", "visibleIf": "{b"}]}"#,
                vec![("$.elements[0].visibleIf", "expression")],
            ),
            (
                r#"{"elements": [{"type": "text", "name": "a",
                    "validators": [{"type": "regex", "regex": "("}]}]}"#,
                vec![("$.elements[0].validators[0].regex", "unsupported_value")],
            ),
        ];
        for (text, expected) in cases {
            let expected: Vec<(String, String)> = expected
                .into_iter()
                .map(|(path, fault)| (path.to_owned(), fault.to_owned()))
                .collect();
            assert_eq!(faults(text), expected, "{text}");
        }
        let long = format!("{{\"title\": \"{}\"}}", "a".repeat(DEFINITION_BYTES_MAX));
        assert_eq!(faults(&long), [("$".to_owned(), "too_long".to_owned())]);
    }

    #[test]
    fn items_are_questions_and_rows() {
        let text = r#"{"elements": [
            {"type": "rating", "name": "all"},
            {"type": "panel", "name": "p", "elements": [
                {"type": "matrix", "name": "m", "columns": [1, 2], "rows": ["a", 7]}]},
            {"type": "html", "name": "words", "html": "x"},
            {"type": "expression", "name": "sum", "expression": "{all} + 1"}]}"#;
        let prepared = prepare(text).unwrap();
        let told: Vec<(&str, Option<&str>)> = prepared
            .items
            .iter()
            .map(|item| (item.question.as_str(), item.row.as_deref()))
            .collect();
        let expected = [
            ("all", None),
            ("m", None),
            ("m", Some("a")),
            ("m", Some("7")),
        ];
        assert_eq!((told.as_slice(), prepared.questions), (&expected[..], 2));
        assert!(is_version(&prepared.version), "{}", prepared.version);
        let mut scoring = linli_rules::scoring::of(&prepared.definition);
        assert_eq!(scoring_fault(&prepared, &scoring), None);
        scoring.headline = Some("none".to_owned());
        let fault = Some(("survey.scoring.headline", "unknown"));
        assert_eq!(scoring_fault(&prepared, &scoring), fault);
    }
}
