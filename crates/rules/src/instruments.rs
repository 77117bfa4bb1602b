//! Ready surveys: SurveyJS definitions with a sidecar that says how they are scored.
//!
//! A pair of files under `instruments/` and a line in [`FILES`] each. Texts are in Chinese
//! and English within the definition, which any SurveyJS runs as it is; values of scored
//! answers are their scores.

use serde::{Deserialize, Serialize};

macro_rules! pair {
    ($name:literal) => {
        (
            include_str!(concat!("../instruments/", $name, ".json")),
            include_str!(concat!("../instruments/", $name, ".meta.json")),
        )
    };
}

/// Definition and sidecar, in the order in which staff see them.
const FILES: &[(&str, &str)] = &[
    pair!("haochaping"),
    pair!("property"),
    pair!("pets"),
    pair!("elder-care"),
    pair!("employment"),
    pair!("community-life"),
    pair!("decision-follow-up"),
    pair!("satisfaction-index"),
];

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Chinese.
    #[serde(rename = "zh-Hans")]
    pub zh_hans: String,
    /// English.
    pub en: String,
}

/// Which way a scale runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A greater score is a better one.
    GreaterIsBetter,
    /// A smaller score is a better one.
    SmallerIsBetter,
}

/// An item that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The question's name.
    pub question: String,
    /// A matrix's row.
    pub row: Option<String>,
    /// The least score.
    pub least: u8,
    /// The greatest.
    pub greatest: u8,
    /// Which end is good.
    pub direction: Direction,
}

/// When a low score is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowScore {
    /// The question that is scored.
    pub question: String,
    /// Scores up to this one are low.
    pub at_most: u8,
    /// The question about the reason.
    pub reasons: String,
}

/// An index over some items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexRule {
    /// Questions' names.
    pub items: Vec<String>,
    /// Each item's share; divided by their sum.
    pub shares: Vec<f64>,
    /// For people who check it.
    pub formula: String,
}

/// The sidecar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// A slug.
    pub id: String,
    /// Grows with every change of a question.
    pub version: u32,
    /// Its name.
    pub title: Words,
    /// What respondents read first.
    pub about: Words,
    /// The question that the first screen of a report shows.
    pub headline: String,
    /// What a low score asks.
    pub low_score_asks: LowScore,
    /// Scored items.
    pub items: Vec<Item>,
    /// The index, if there is one.
    pub index: Option<IndexRule>,
    /// Answers that count as "don't know".
    pub dont_know: Vec<String>,
    /// Of the texts.
    pub licence: String,
    /// Where items come from.
    pub source: String,
}

/// Every instrument: its sidecar, and its definition as SurveyJS JSON.
pub fn all() -> impl Iterator<Item = (Instrument, &'static str)> {
    let read = |(definition, sidecar): &(&'static str, &'static str)| {
        let sidecar = serde_json::from_str(sidecar).ok()?;
        Some((sidecar, *definition))
    };
    FILES.iter().filter_map(read)
}

/// The instrument with this id.
pub fn find(id: &str) -> Option<(Instrument, &'static str)> {
    all().find(|(instrument, _)| instrument.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_pair_is_read_and_names_what_is_there() {
        assert_eq!(all().count(), FILES.len());
        for (instrument, definition) in all() {
            let definition: Value = serde_json::from_str(definition).unwrap();
            let elements = definition["pages"][0]["elements"].as_array().unwrap();
            let named = |name: &str| elements.iter().find(|element| element["name"] == name);
            assert!(elements.len() <= 12, "{}", instrument.id);
            assert!(named(&instrument.headline).is_some());
            for item in &instrument.items {
                let element = named(&item.question).expect("a question");
                let has_row = |row: &String| {
                    let rows = element["rows"].as_array().expect("rows");
                    rows.iter().any(|one| one["value"] == row.as_str())
                };
                assert!(item.row.as_ref().is_none_or(has_row));
            }
            let low = &instrument.low_score_asks;
            let reasons = named(&low.reasons).expect("a question about the reason");
            assert_eq!(
                reasons["visibleIf"],
                format!("{{{}}} <= {}", low.question, low.at_most)
            );
            if let Some(index) = &instrument.index {
                assert_eq!(index.items.len(), index.shares.len());
            }
            assert_eq!(
                find(&instrument.id).map(|(found, _)| found.id),
                Some(instrument.id)
            );
        }
    }

    #[test]
    fn every_text_is_in_both_languages() {
        fn check(value: &Value, id: &str) {
            match value {
                Value::Object(fields) if fields.contains_key("default") => {
                    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                    let text = |name: &str| fields[name].as_str().unwrap();
                    assert!(!text("default").contains(is_han), "{id}: {value}");
                    assert!(text("zh-cn").contains(is_han), "{id}: {value}");
                }
                Value::Object(fields) => fields.values().for_each(|value| check(value, id)),
                Value::Array(values) => values.iter().for_each(|value| check(value, id)),
                _ => {}
            }
        }
        for (instrument, definition) in all() {
            check(&serde_json::from_str(definition).unwrap(), &instrument.id);
        }
    }
}
