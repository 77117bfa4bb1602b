//! What a changed definition leaves of its scoring.

use super::Definition;
use linli_model::scoring::Scoring;

/// `written` for the definition as it is now: items that are gone go, `found` (what the
/// definition shows by itself) comes in for questions that were not there.
pub fn kept(written: &Scoring, found: &Scoring, definition: &Definition) -> Scoring {
    let questions = definition.questions("");
    let has = |name: &String| questions.iter().any(|one| one.name == *name);
    let has_row = |name: &String, row: &Option<String>| {
        let question = questions.iter().find(|one| one.name == *name);
        question.is_some_and(|question| match row {
            None => true,
            Some(row) => definition
                .items(&question.pointer, "rows", "")
                .iter()
                .any(|(value, _)| value == row),
        })
    };
    let mut items = written.items.clone();
    items.retain(|item| has_row(&item.question, &item.row));
    let is_new = |question: &String| !written.items.iter().any(|item| item.question == *question);
    let new = found.items.iter().filter(|item| is_new(&item.question));
    items.extend(new.cloned());
    let headline = written.headline.clone().filter(has);
    let index = written.index.clone();
    let low = written.low_score_asks.clone();
    Scoring {
        headline: headline.or_else(|| found.headline.clone()),
        low_score_asks: low.filter(|low| has(&low.question) && has(&low.reasons)),
        items,
        index: index.filter(|index| index.items.iter().all(has)),
        dont_know: if written.dont_know.is_empty() {
            found.dont_know.clone()
        } else {
            written.dont_know.clone()
        },
        cross: {
            let mut cross = written.cross.clone();
            cross.retain(|(one, other)| has(one) && has(other));
            cross
        },
    }
}
