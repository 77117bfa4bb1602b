//! Fields of a survey's form: their names, and how what was filled in becomes answers.
//!
//! | field | what |
//! |---|---|
//! | `q/overall` | the answer; of several choices, as often as there are any |
//! | `q/parts/lifts` | a matrix' row |
//! | `q/pets/0/name` | a question in the first row or panel of another |
//! | `q/order/2` | in an order, the place of the choice with the value 2 |
//! | `c/overall` | words beside the answer |
//!
//! Values are the stored ones as text. `/` and `%` in names are written `%2F` and `%25`.

use super::words::BARE;
use linli_model::survey::{QuestionKind, Select};
use linli_rules::survey::{
    Content, Place, Role, Session, ShownChoice, ShownElement, ShownQuestion, SurveyRefusal,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// What a form brought along, in its order.
pub(super) type Fields = [(String, String)];

/// The same by name.
type Given<'f> = HashMap<&'f str, Vec<&'f str>>;

/// The field of an answer, by the question's path.
pub(super) fn answer(path: &str) -> String {
    format!("q/{path}")
}

/// The field of a matrix' row, or of a choice in an order.
pub(super) fn line(path: &str, value: &Value) -> String {
    format!("q/{path}/{}", part(&key(value)))
}

/// The field of the words beside an answer.
pub(super) fn comment(path: &str) -> String {
    format!("c/{path}")
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

/// A question in a tree.
pub(super) struct Asked<'e, 'a> {
    /// Where it is, by names.
    pub(super) path: String,
    /// Whether it is inside of another.
    pub(super) is_inner: bool,
    pub(super) element: &'e ShownElement<'a>,
    pub(super) question: &'e ShownQuestion<'a>,
}

/// Questions in a tree, in order, those inside of others after them.
pub(super) fn questions<'e, 'a>(element: &'e ShownElement<'a>) -> Vec<Asked<'e, 'a>> {
    let mut all = Vec::new();
    collect(element, "", &mut all);
    all
}

fn collect<'e, 'a>(element: &'e ShownElement<'a>, prefix: &str, all: &mut Vec<Asked<'e, 'a>>) {
    let question = match &element.content {
        Content::Panel(children) => {
            children
                .iter()
                .for_each(|child| collect(child, prefix, all));
            return;
        }
        Content::Question(question) => question,
    };
    let path = format!("{prefix}{}", part(element.name));
    all.push(Asked {
        path: path.clone(),
        is_inner: !prefix.is_empty(),
        element,
        question,
    });
    for group in &question.groups {
        let inner = format!("{path}/{}/", group.index);
        let elements = group.elements.iter();
        elements.for_each(|child| collect(child, &inner, all));
    }
}

/// Takes the answers of the current page. Names the questions, by their places, of which
/// more is chosen than may be, or whose order is unfinished.
///
/// # Errors
///
/// Conditions that never rest.
pub(super) fn take(session: &mut Session, fields: &Fields) -> Result<Vec<Place>, SurveyRefusal> {
    struct Taken {
        place: Place,
        answer: Value,
        words: Option<String>,
    }
    let (mut taken, mut unfit) = (Vec::new(), Vec::new());
    let mut given = Given::new();
    for (name, value) in fields {
        given.entry(name).or_default().push(value);
    }
    let view = session.view(BARE);
    if let Some(page) = view.page() {
        for asked in questions(&page) {
            let is_nested = matches!(asked.question.kind, QuestionKind::Nested(_));
            if is_nested || !is_asked(asked.element, asked.question) {
                continue;
            }
            let place = asked.element.place.clone();
            let (answer, words, fits) = read(&asked.path, asked.question, &given);
            if !fits {
                unfit.push(place.clone());
            }
            taken.push(Taken {
                place,
                answer,
                words,
            });
        }
    }
    for one in taken {
        session.answer(&one.place, &one.answer)?;
        if let Some(words) = one.words {
            session.comment(&one.place, &words)?;
        }
    }
    Ok(unfit)
}

/// What was typed into lines, by their fields: to be shown again where it is no answer.
pub(super) fn typed(fields: &Fields) -> BTreeMap<String, String> {
    let answers = fields.iter().filter(|(name, _)| name.starts_with("q/"));
    answers.cloned().collect()
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

/// An answer as it is stored, the words beside it where there is a place for them, and
/// whether it fits as far as the engine does not look.
fn read(
    name: &str,
    question: &ShownQuestion<'_>,
    given: &Given<'_>,
) -> (Value, Option<String>, bool) {
    let (answer, words) = read_answer(name, question, given);
    let is_unfinished = match question.kind {
        QuestionKind::Some(select) if select.is_ranked && !select.ranks_chosen => {
            let ranked = answer.as_array().map_or(0, Vec::len);
            ranked != 0 && ranked != question.choices.len() || is_doubled(name, question, given)
        }
        QuestionKind::Some(select) if select.is_ranked => is_doubled(name, question, given),
        _ => false,
    };
    let fits = !is_unfinished && !is_too_many(question, &answer);
    (answer, words, fits)
}

/// Whether two choices have the same place in an order.
fn is_doubled(name: &str, question: &ShownQuestion<'_>, given: &Given<'_>) -> bool {
    let places = places(name, question, given);
    places.windows(2).any(|two| two[0].0 == two[1].0)
}

/// The choices that have a place in an order, by their places.
fn places<'q>(
    name: &str,
    question: &'q ShownQuestion<'_>,
    given: &Given<'_>,
) -> Vec<(usize, &'q Value)> {
    let place = |one: &'q ShownChoice<'_>| {
        let field = line(name, &one.value);
        let place: usize = given.get(&*field)?.first()?.parse().ok()?;
        Some((place, &one.value))
    };
    let mut places: Vec<_> = question.choices.iter().filter_map(place).collect();
    places.sort_by_key(|(place, _)| *place);
    places
}

fn read_answer(
    name: &str,
    question: &ShownQuestion<'_>,
    given: &Given<'_>,
) -> (Value, Option<String>) {
    let all = |field: String| given.get(&*field).map_or(&[][..], Vec::as_slice);
    let one = |field: String| {
        let first = all(field).first().copied().unwrap_or_default();
        first.replace("\r\n", "\n")
    };
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
        QuestionKind::Some(select) if select.is_ranked => {
            let order = places(name, question, given).into_iter();
            match order.map(|(_, value)| value.clone()).collect::<Vec<_>>() {
                order if order.is_empty() => Value::Null,
                order => Value::Array(order),
            }
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
            let cells = question.rows.iter().filter_map(|row| {
                let cell = chosen(&question.choices, &one(line(name, &row.value)));
                (!cell.is_null()).then(|| (key(&row.value), cell))
            });
            match cells.collect::<Map<_, _>>() {
                cells if cells.is_empty() => Value::Null,
                cells => Value::Object(cells),
            }
        }
        QuestionKind::Nested(_) | QuestionKind::Expression { .. } | QuestionKind::Shown => {
            Value::Null
        }
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

fn some(select: &Select, choices: &[ShownChoice<'_>], given: &[&str]) -> Value {
    let is_given = |one: &&ShownChoice<'_>| given.contains(&&*mark(&one.value));
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
        assert_eq!(answer(&part("a/b")), "q/a%2Fb");
        assert_eq!(line("a", &Value::from("b/c")), "q/a/b%2Fc");
        assert_eq!(line(&part("a%2Fb"), &Value::from(3)), "q/a%252Fb/3");
        assert_eq!(mark(&Value::from(3)), "3");
        assert_eq!(mark(&Value::from("3")), "3");
    }
}
