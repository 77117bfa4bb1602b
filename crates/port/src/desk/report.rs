//! The little that a desk needs of `linli_model::report::PublishedReport`: reading all of
//! it would be a large part of what a desk downloads.

use linli_model::desk::survey::Obligation;
use linli_model::wave::ItemRef;
use serde::Deserialize;

/// Of a round's report, what the desk works with: which items are low, and what that
/// obliges to. The figures themselves are shown by the report's own page, and a desk that
/// read them all would download what reads them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Published")]
pub struct RoundReport {
    /// Responses; `None` where hidden.
    pub responses: Option<u64>,
    /// What a low score obliges to, where it does.
    pub obligation: Option<Obligation>,
    /// Items with a mean score that may be shown, in the order of the report.
    pub items: Vec<ItemScore>,
}

/// An item of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemScore {
    /// Which.
    pub item: ItemRef,
    /// What respondents read.
    pub title: String,
    /// The mean from 0 to 100, rounded.
    pub score: u8,
}

#[derive(Deserialize)]
struct Published {
    report: Report,
    #[serde(default)]
    obligation: Option<Obligation>,
}

#[derive(Deserialize)]
struct Report {
    responses: Option<u64>,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    name: String,
    row: Option<String>,
    title: String,
    /// The whole community comes first.
    areas: Vec<Area>,
}

#[derive(Deserialize)]
struct Area {
    score100: Pair,
}

#[derive(Deserialize)]
struct Pair {
    unweighted: Option<Figure>,
    weighted: Option<Figure>,
}

#[derive(Deserialize)]
struct Figure {
    value: f64,
}

impl From<Published> for RoundReport {
    fn from(published: Published) -> Self {
        let items = published.report.questions.into_iter().filter_map(item);
        Self {
            responses: published.report.responses,
            obligation: published.obligation,
            items: items.collect(),
        }
    }
}

/// An item that is scored and may be shown.
fn item(question: Question) -> Option<ItemScore> {
    let whole = question.areas.into_iter().next()?;
    let figure = whole.score100.weighted.or(whole.score100.unweighted)?;
    Some(ItemScore {
        item: ItemRef {
            question: question.name,
            row: question.row,
        },
        title: question.title,
        // From 0 to 100 by the report's contract; anything else would be cut there.
        score: figure.value.round().clamp(0.0, 100.0) as u8,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scored_items_are_taken_with_weights_before_none() {
        let figure = |value: f64| serde_json::json!({ "value": value, "n": 40 });
        let pair = |unweighted, weighted| {
            serde_json::json!([{ "area": "a", "score100": {
                "unweighted": unweighted, "weighted": weighted } }])
        };
        let none = serde_json::Value::Null;
        let question = |name: &str, areas| serde_json::json!({ "name": name, "row": null, "title": name, "areas": areas });
        let text = serde_json::json!({
            "title": "物业", "wave": 2, "obligation": null,
            "report": { "responses": 40, "questions": [
                question("clean", pair(figure(41.6), figure(38.4))),
                question("guard", pair(figure(71.5), none.clone())),
                question("words", pair(none.clone(), none)),
            ] },
        });
        let published: Published = serde_json::from_value(text).unwrap();
        let report = RoundReport::from(published);
        let told: Vec<_> = report
            .items
            .iter()
            .map(|one| (one.title.as_str(), one.score))
            .collect();
        assert_eq!(told, [("clean", 38), ("guard", 72)]);
        assert_eq!(report.responses, Some(40));
    }
}
