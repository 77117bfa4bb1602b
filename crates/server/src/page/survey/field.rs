//! Fields of a survey's form: their names, and how what was filled in becomes answers.
//!
//! | field | what |
//! |---|---|
//! | `q/overall` | the answer; of several choices, as often as there are any |
//! | `q/services/lifts` | a matrix' row |
//! | `c/overall` | words beside the answer |
//!
//! Values are the stored ones as text. `/` and `%` in names are written `%2F` and `%25`.

use super::words::BARE;
use linli_model::survey::{QuestionKind, Select};
use linli_rules::survey::{
    Content, Place, Role, Session, ShownChoice, ShownElement, ShownQuestion, SurveyRefusal,
};
use serde_json::{Map, Value};

/// What a form brought along, in its order.
pub(super) type Fields = [(String, String)];

/// The field of an answer.
pub(super) fn answer(question: &str) -> String {
    format!("q/{}", part(question))
}

/// The field of a matrix' row.
pub(super) fn row(question: &str, row: &Value) -> String {
    format!("q/{}/{}", part(question), part(&key(row)))
}

/// The field of the words beside an answer.
pub(super) fn comment(question: &str) -> String {
    format!("c/{}", part(question))
}

fn part(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

/// A stored value as a field's value.
pub(super) fn mark(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The key that a matrix keeps a row under.
pub(super) fn key(row: &Value) -> String {
    linli_rules::survey::Value::from(row).to_text()
}

/// Yes and no, as fields say it.
pub(super) const YES: &str = "1";
/// No.
pub(super) const NO: &str = "0";

/// Whether a question takes an answer here.
pub(super) fn is_asked(element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> bool {
    let takes_none = matches!(
        question.kind,
        QuestionKind::Shown | QuestionKind::Expression { .. }
    );
    !takes_none && !element.is_read_only
}

/// Questions in a tree, in order.
pub(super) fn questions<'e, 'a>(
    element: &'e ShownElement<'a>,
) -> Vec<(&'e ShownElement<'a>, &'e ShownQuestion<'a>)> {
    match &element.content {
        Content::Panel(children) => children.iter().flat_map(questions).collect(),
        Content::Question(question) => vec![(element, question)],
    }
}

/// Gives the answers of the current page to the session. Names the questions of which more
/// is chosen than may be.
///
/// # Errors
///
/// Conditions that never rest.
pub(super) fn take(session: &mut Session, fields: &Fields) -> Result<Vec<String>, SurveyRefusal> {
    struct Given {
        place: Place,
        answer: Value,
        words: Option<String>,
    }
    let (mut given, mut too_many) = (Vec::new(), Vec::new());
    let view = session.view(BARE);
    if let Some(page) = view.page() {
        for (element, question) in questions(&page) {
            if !is_asked(element, question) {
                continue;
            }
            let (answer, words) = read(element.name, question, fields);
            if is_too_many(question, &answer) {
                too_many.push(element.name.to_owned());
            }
            given.push(Given {
                place: element.place.clone(),
                answer,
                words,
            });
        }
    }
    for one in given {
        session.answer(&one.place, &one.answer)?;
        if let Some(words) = one.words {
            session.comment(&one.place, &words)?;
        }
    }
    Ok(too_many)
}

/// The engine leaves it to the input that no more is chosen.
fn is_too_many(question: &ShownQuestion<'_>, answer: &Value) -> bool {
    let QuestionKind::Some(select) = question.kind else {
        return false;
    };
    #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
    let chosen = answer.as_array().map_or(0.0, |list| list.len() as f64);
    select.max_selected > 0.0 && chosen > select.max_selected
}

/// An answer as it is stored, and the words beside it where there is a place for them.
fn read(name: &str, question: &ShownQuestion<'_>, fields: &Fields) -> (Value, Option<String>) {
    let all = |field: String| {
        let named = fields.iter().filter(move |(known, _)| *known == field);
        named.map(|(_, value)| value.replace("\r\n", "\n"))
    };
    let one = |field: String| all(field).next().unwrap_or_default();
    let words = one(comment(name));
    let words = words.trim().to_owned();
    let has_other = question.choices.iter().any(|one| one.role == Role::Other);
    let answer = match question.kind {
        QuestionKind::Text(_) | QuestionKind::Comment => match one(answer(name)) {
            text if text.trim().is_empty() => Value::Null,
            text => Value::String(text),
        },
        QuestionKind::One(_) | QuestionKind::Rating(_) => {
            chosen(&question.choices, &one(answer(name)))
        }
        QuestionKind::Some(select) => some(select, &question.choices, all(answer(name))),
        QuestionKind::Boolean {
            value_true,
            value_false,
        } => match one(answer(name)).as_str() {
            YES => value_true.clone(),
            NO => value_false.clone(),
            _ => Value::Null,
        },
        QuestionKind::Matrix { .. } if question.rows.is_empty() => {
            chosen(&question.choices, &one(answer(name)))
        }
        QuestionKind::Matrix { .. } => {
            let cells = question.rows.iter().filter_map(|line| {
                let cell = chosen(&question.choices, &one(row(name, &line.value)));
                (!cell.is_null()).then(|| (key(&line.value), cell))
            });
            match cells.collect::<Map<_, _>>() {
                cells if cells.is_empty() => Value::Null,
                cells => Value::Object(cells),
            }
        }
        // What was answered with scripts stays.
        QuestionKind::Nested(_) => question.value.clone(),
        QuestionKind::Expression { .. } | QuestionKind::Shown => Value::Null,
    };
    if !has_other {
        return (answer, question.asks_comment.then_some(words));
    }
    with_other(question, answer, words)
}

/// Who writes what else it is and ticks nothing means "other". Words without it are left
/// over from before.
fn with_other(
    question: &ShownQuestion<'_>,
    answer: Value,
    words: String,
) -> (Value, Option<String>) {
    let other = question.choices.iter().find(|one| one.role == Role::Other);
    let Some(other) = other.map(|one| one.value.clone()) else {
        return (answer, None);
    };
    let is_some = matches!(question.kind, QuestionKind::Some(_));
    if answer.is_null() && !words.is_empty() {
        let answer = if is_some {
            Value::Array(vec![other])
        } else {
            other
        };
        return (answer, Some(words));
    }
    let has_it = match &answer {
        Value::Array(list) => list.contains(&other),
        answer => *answer == other,
    };
    (answer, Some(if has_it { words } else { String::new() }))
}

/// The choice of this mark, among those that were offered.
fn chosen(choices: &[ShownChoice<'_>], given: &str) -> Value {
    let found = choices.iter().find(|one| mark(&one.value) == given);
    found.map_or(Value::Null, |one| one.value.clone())
}

fn some(
    select: &Select,
    choices: &[ShownChoice<'_>],
    given: impl Iterator<Item = String>,
) -> Value {
    let given: Vec<String> = given.collect();
    let is_given = |one: &&ShownChoice<'_>| given.contains(&mark(&one.value));
    let chooses_all = select.offers_all
        && choices
            .iter()
            .any(|one| one.role == Role::All && is_given(&one));
    let taken = choices.iter().filter(|one| match one.role {
        Role::All => false,
        Role::Plain => chooses_all || is_given(one),
        Role::Other | Role::Exclusive => !chooses_all && is_given(one),
    });
    match taken.map(|one| one.value.clone()).collect::<Vec<_>>() {
        list if list.is_empty() => Value::Null,
        list => Value::Array(list),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_cannot_be_taken_for_others() {
        assert_eq!(answer("a/b"), "q/a%2Fb");
        assert_eq!(row("a", &Value::from("b")), "q/a/b");
        assert_eq!(row("a%2Fb", &Value::from(3)), "q/a%252Fb/3");
        assert_eq!(mark(&Value::from(3)), "3");
        assert_eq!(mark(&Value::from("3")), "3");
    }
}
