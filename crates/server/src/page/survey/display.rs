//! Answers as people read them: where they are looked over before they are sent, and where
//! a question cannot be answered.

use super::field;
use crate::page::people::{Reader, plain};
use linli_model::survey::QuestionKind;
use linli_rules::survey::{Role, ShownChoice, ShownElement, ShownGroup, ShownQuestion};
use linli_texts::survey as s;
use maud::{Markup, html};
use serde_json::Value;

/// The answer in words; nothing where there is none.
pub(super) fn answer(
    reader: &Reader,
    element: &ShownElement<'_>,
    question: &ShownQuestion<'_>,
) -> Option<Markup> {
    let value = &question.value;
    if value.is_null() {
        return None;
    }
    let words = (!question.comment.is_empty()).then(|| question.comment.clone());
    let has_other = question.choices.iter().any(|one| one.role == Role::Other);
    let told = match question.kind {
        QuestionKind::Text(input) if input.input_type == "password" => html! { "••••" },
        QuestionKind::One(_) | QuestionKind::Rating(_) => {
            html! { bdi { (choice(question, value)) } }
        }
        QuestionKind::Some(_) => {
            let list = value.as_array().map_or(&[][..], Vec::as_slice);
            if list.is_empty() {
                return None;
            }
            html! { ul class="chosen" { @for one in list { li { bdi { (choice(question, one)) } } } } }
        }
        QuestionKind::Boolean { value_true, .. } => {
            let is_yes = value == value_true;
            html! { bdi { (boolean(reader, element, is_yes)) } }
        }
        QuestionKind::Matrix { .. } => lines(question),
        QuestionKind::Nested(_) => return groups(reader, question),
        QuestionKind::Expression { .. } => {
            let text = text(value);
            let format = element.text("format");
            html! { bdi { (plain(&format.map_or(text.clone(), |one| one.replace("{0}", &text)))) } }
        }
        QuestionKind::Text(_) | QuestionKind::Comment => {
            html! { bdi class="said" { (plain(&text(value))) } }
        }
        QuestionKind::Shown => return None,
    };
    Some(html! {
        (told)
        @if let Some(words) = words.filter(|_| !has_other) { br; bdi class="said" { (plain(&words)) } }
    })
}

/// What yes or no is called.
pub(super) fn boolean(reader: &Reader, element: &ShownElement<'_>, is_yes: bool) -> String {
    let (property, key) = match is_yes {
        true => ("labelTrue", s::YES),
        false => ("labelFalse", s::NO),
    };
    let own = element.text(property);
    plain(&own.unwrap_or_else(|| reader.text(key).to_owned()))
}

fn choice(question: &ShownQuestion<'_>, value: &Value) -> String {
    match found(&question.choices, value) {
        Some(one) if one.role == Role::Other && !question.comment.is_empty() => {
            format!("{}: {}", plain(&one.text), plain(&question.comment))
        }
        Some(one) => plain(&one.text),
        None => plain(&text(value)),
    }
}

/// What is told in rows, panels and lines, each with its questions.
fn groups(reader: &Reader, question: &ShownQuestion<'_>) -> Option<Markup> {
    let told = |group: &ShownGroup<'_>| {
        let answers = group.elements.iter().flat_map(field::questions);
        let answers = answers.filter(|asked| !asked.is_inner).filter_map(|asked| {
            let answer = answer(reader, asked.element, asked.question)?;
            Some(html! { li { bdi { (plain(&asked.element.title)) } ": " (answer) } })
        });
        let answers: Vec<Markup> = answers.collect();
        (!answers.is_empty()).then(|| {
            html! {
                @if !group.title.is_empty() { bdi { (plain(&group.title)) } }
                ul class="chosen inner" { @for one in answers { (one) } }
            }
        })
    };
    let groups: Vec<Markup> = question.groups.iter().filter_map(told).collect();
    (!groups.is_empty()).then(|| html! { @for group in groups { div { (group) } } })
}

fn lines(question: &ShownQuestion<'_>) -> Markup {
    let cell = |row: &ShownChoice<'_>| {
        let value = question.value.get(text(&row.value))?;
        Some((plain(&row.text), choice(question, value)))
    };
    if question.rows.is_empty() {
        return html! { bdi { (choice(question, &question.value)) } };
    }
    html! {
        ul class="chosen" {
            @for (row, cell) in question.rows.iter().filter_map(cell) {
                li { bdi { (row) } ": " bdi { (cell) } }
            }
        }
    }
}

fn found<'q, 'a>(choices: &'q [ShownChoice<'a>], value: &Value) -> Option<&'q ShownChoice<'a>> {
    choices.iter().find(|one| one.value == *value)
}

fn text(value: &Value) -> String {
    linli_rules::survey::Value::from(value).to_text()
}
