//! A question of a survey being written: a line in the list, and its fields when it is
//! opened.

use super::super::el::{El, div, el, icon, says};
use super::super::kit::{Input, only};
use super::super::ui::Ui;
use super::super::words as desk_words;
use super::words;
use crate::definition::{Condition, Op, Question};
use crate::state::{Action, Field, Pick, SurveyEditor, SurveyField, SurveyPick};
use linli_model::limits::{OPTION_CHARS_MAX, TITLE_CHARS_MAX};
use linli_texts::{Key, survey_desk as s};
use yew::prelude::*;

/// Scales that are offered for a rating.
const SCALES: [(i64, i64); 4] = [(1, 5), (1, 7), (1, 10), (0, 10)];

fn pick(pick: SurveyPick) -> Action {
    Action::Picked(Pick::Survey(pick))
}

/// A line of the list.
pub(super) fn row(ui: &Ui<'_>, editor: &SurveyEditor, all: &[Question], index: usize) -> Html {
    let Some(question) = all.get(index) else {
        return Html::default();
    };
    let is_open = editor.open == Some(index);
    let number = (index + 1).to_string();
    let named = |key| ui.fill(key, &[("n", &number)]);
    let title = match editor.definition.title(&question.pointer, &editor.lang) {
        title if title.trim().is_empty() => ui.t(s::NO_TITLE),
        title => title,
    };
    let values = [("n", number.as_str()), ("title", title.as_str())];
    let open = el("button")
        .attr("type", "button")
        .class("question-title")
        .id(format!("q-open-{index}"))
        .attr("aria-expanded", if is_open { "true" } else { "false" })
        .attr("aria-label", ui.fill(s::CHANGE_QUESTION, &values))
        .click(ui.on(pick(SurveyPick::Open(index))))
        .put(says("span", format!("{number}. ")).class("number"))
        .put(says("span", title))
        .put(only(question.is_required, || {
            says("span", "*").class("required").into()
        }));
    let mover = |up: bool, key, drawing, off: bool| {
        let word = if up { "up" } else { "down" };
        let shift = SurveyPick::Shift {
            question: index,
            up,
        };
        ui.button("icon-button", String::new(), pick(shift))
            .id(format!("q-{word}-{index}"))
            .attr("aria-label", named(key))
            .tells("aria-disabled", off)
            .put(icon(drawing))
    };
    let last = index + 1 == all.len();
    let line = div("question-line")
        .put(
            div("grow").put(open).put(
                el("p")
                    .class("kick")
                    .put(says("span", words::kind(ui, &question.kind)).class("tag"))
                    .some(condition(ui, editor, all, index).map(|words| says("span", words))),
            ),
        )
        .put(mover(
            true,
            s::QUESTION_UP,
            "M12 19V6M6 11l6-6 6 6",
            index == 0,
        ))
        .put(mover(
            false,
            s::QUESTION_DOWN,
            "M12 5v13M6 13l6 6 6-6",
            last,
        ));
    el("li")
        .key(question.name.clone())
        .class("question-row")
        .flag("data-open", is_open)
        .put(line)
        .put(only(is_open, || fields(ui, editor, all, index).into()))
        .into()
}

/// When it is asked, in words; nothing where always.
fn condition(ui: &Ui<'_>, editor: &SurveyEditor, all: &[Question], index: usize) -> Option<String> {
    match &all.get(index)?.condition {
        Condition::Always => None,
        Condition::Other(text) => Some(ui.fill(s::CONDITION_OTHER, &[("text", text)])),
        Condition::When {
            question,
            op,
            value,
        } => {
            let other = all.iter().take(index).find(|one| one.name == *question);
            let Some(other) = other else {
                return Some(ui.t(s::CONDITION_BROKEN));
            };
            let answers = answers(ui, editor, other);
            let named = answers.into_iter().find(|(known, _)| known == value);
            let value = named.map_or_else(|| value.clone(), |(_, text)| text);
            let values = [
                ("question", other.title.as_str()),
                ("op", &ui.t(op_key(*op))),
                ("value", &value),
            ];
            Some(ui.fill(s::ONLY_WHEN, &values))
        }
    }
}

const fn op_key(op: Op) -> Key {
    match op {
        Op::Is => s::OP_IS,
        Op::IsNot => s::OP_IS_NOT,
        Op::AtMost => s::OP_AT_MOST,
        Op::Has => s::OP_HAS,
        Op::HasNot => s::OP_HAS_NOT,
    }
}

/// Value and text of everything that can be answered; nothing where it is words.
fn answers(ui: &Ui<'_>, editor: &SurveyEditor, question: &Question) -> Vec<(String, String)> {
    let list = question.lists().first().copied().unwrap_or_default();
    let items = editor
        .definition
        .items(&question.pointer, list, &editor.lang);
    if !items.is_empty() && question.kind != "matrix" {
        return items;
    }
    match question.kind.as_str() {
        "rating" => {
            let (from, to) = editor.definition.scale(&question.pointer);
            (from..=to)
                .map(|n| (n.to_string(), n.to_string()))
                .collect()
        }
        "boolean" => vec![
            ("true".to_owned(), ui.t(s::YES)),
            ("false".to_owned(), ui.t(s::NO)),
        ],
        _ => Vec::new(),
    }
}

fn fields(ui: &Ui<'_>, editor: &SurveyEditor, all: &[Question], index: usize) -> El {
    let Some(question) = all.get(index) else {
        return div("question-fields");
    };
    let title = editor.definition.title(&question.pointer, &editor.lang);
    let id = format!("f-q-{index}-title");
    let fault = editor.fault(&format!("q.{index}.title"));
    let title = Input {
        fault: fault.map(|fault| ui.t(desk_words::misfit(fault))),
        max: Some(TITLE_CHARS_MAX * 2),
        ..Input::new(
            &id,
            ui.t(s::QUESTION_TITLE),
            &title,
            Field::Survey(SurveyField::Text(index, "title")),
        )
    };
    let on = question.is_required;
    let require = Pick::Survey(SurveyPick::Require(index, !on));
    let mut fields = div("question-fields").put(ui.field(title)).put(ui.tick(
        "f-q-required",
        ui.t(s::REQUIRED),
        ui.t(s::REQUIRED_MORE),
        on,
        ui.picked(require),
    ));
    for list in question.lists() {
        fields = fields.put(items(ui, editor, question, index, list));
    }
    if question.kind == "rating" {
        fields = fields.put(scale(ui, editor, question, index));
    }
    let number = (index + 1).to_string();
    let remove = ui.fill(s::REMOVE_QUESTION, &[("n", &number)]);
    let remove = ui.button("quiet", remove, pick(SurveyPick::Remove(index)));
    fields
        .put(when(ui, editor, all, index))
        .put(div("acts").put(remove))
}

/// A list of choices, rows or columns.
fn items(
    ui: &Ui<'_>,
    editor: &SurveyEditor,
    question: &Question,
    index: usize,
    list: &'static str,
) -> Html {
    let all = editor
        .definition
        .items(&question.pointer, list, &editor.lang);
    // A rating has steps of its own only where they are written.
    if all.is_empty() && list == "rateValues" {
        return Html::default();
    }
    let name = ui.t(words::list(list));
    let rows = all.iter().enumerate().map(|(at, (value, text))| {
        let number = (at + 1).to_string();
        let values = [("list", name.as_str()), ("n", number.as_str())];
        let id = format!("f-q-{index}-{list}-{at}");
        let fault = editor.fault(&format!("q.{index}.{list}.{at}"));
        let field = Input {
            fault: fault.map(|fault| ui.t(desk_words::misfit(fault))),
            max: Some(OPTION_CHARS_MAX * 2),
            ..Input::new(
                &id,
                ui.fill(s::ITEM, &values),
                text,
                Field::Survey(SurveyField::Item(index, list, at)),
            )
        };
        let mover = |up: bool, key, drawing, off: bool| {
            let word = if up { "up" } else { "down" };
            let shift = SurveyPick::ShiftItem {
                question: index,
                list,
                index: at,
                up,
            };
            ui.button("icon-button", String::new(), pick(shift))
                .id(format!("i-{word}-{index}-{list}-{at}"))
                .attr("aria-label", ui.fill(key, &values))
                .tells("aria-disabled", off)
                .put(icon(drawing))
        };
        let remove = SurveyPick::RemoveItem(index, list, at);
        let remove = ui
            .button("icon-button", String::new(), pick(remove))
            .attr("aria-label", ui.fill(s::REMOVE_ITEM, &values))
            .put(icon("M6 6l12 12M18 6L6 18"));
        let last = at + 1 == all.len();
        el("li")
            .key(value.clone())
            .class("item-row")
            .put(ui.field(field))
            .put(mover(true, s::ITEM_UP, "M12 19V6M6 11l6-6 6 6", at == 0))
            .put(mover(false, s::ITEM_DOWN, "M12 5v13M6 13l6 6 6-6", last))
            .put(remove)
            .into()
    });
    let rows: Vec<Html> = rows.collect();
    let add = ui.fill(s::ADD_ITEM, &[("list", &name)]);
    let add = ui.button("quiet", add, pick(SurveyPick::AddItem(index, list)));
    el("fieldset")
        .class("options")
        .put(says("legend", name))
        .put(el("ol").class("item-list").all(rows))
        .put(add)
        .into()
}

/// A rating's ends, and what they mean.
fn scale(ui: &Ui<'_>, editor: &SurveyEditor, question: &Question, index: usize) -> El {
    let now = editor.definition.scale(&question.pointer);
    let other = (!SCALES.contains(&now)).then_some(now);
    let word = |(from, to): (i64, i64)| format!("{from}-{to}");
    let shown = |ends: (i64, i64)| {
        let (from, to) = (ends.0.to_string(), ends.1.to_string());
        let name = ui.fill(s::SCALE_ENDS, &[("from", &from), ("to", &to)]);
        (word(ends), name)
    };
    let scales = SCALES.into_iter().chain(other).map(shown).collect();
    let now = word(now);
    let id = format!("f-q-{index}-scale");
    let ends = Input::new(
        &id,
        ui.t(s::SCALE),
        &now,
        Field::Survey(SurveyField::Scale(index)),
    );
    let label = |property: &'static str, key: Key| {
        let id = format!("f-q-{index}-{property}");
        let text = editor
            .definition
            .text_at(&question.pointer, property, &editor.lang);
        ui.field(Input {
            max: Some(OPTION_CHARS_MAX),
            ..Input::new(
                &id,
                ui.t(key),
                &text,
                Field::Survey(SurveyField::Text(index, property)),
            )
        })
    };
    div("pair")
        .put(ui.choose(ends, scales))
        .put(label("minRateDescription", s::LOW_END))
        .put(label("maxRateDescription", s::HIGH_END))
}

/// "Only when … is …".
fn when(ui: &Ui<'_>, editor: &SurveyEditor, all: &[Question], index: usize) -> Html {
    let Some(question) = all.get(index) else {
        return Html::default();
    };
    if let Condition::Other(text) = &question.condition {
        let drop = pick(SurveyPick::Unconditional(index));
        return div("note")
            .put(says("code", text.clone()))
            .put(says("p", ui.t(s::CONDITION_KEPT)))
            .put(ui.quiet(s::DROP_CONDITION, drop))
            .into();
    }
    let (name, op, value) = match &question.condition {
        Condition::When {
            question,
            op,
            value,
        } => (question.as_str(), Some(*op), value.as_str()),
        _ => ("", None, ""),
    };
    let earlier = all.iter().take(index);
    let mut options = vec![(String::new(), ui.t(s::ALWAYS))];
    options.extend(
        earlier
            .filter(|one| one.kind != "matrix" && one.kind != "html")
            .map(|one| {
                let label = ui.fill(s::WHEN_ANSWER, &[("title", &one.title)]);
                (one.name.clone(), label)
            }),
    );
    let other = all.iter().take(index).find(|one| one.name == name);
    let fault = (op.is_some() && other.is_none()).then(|| ui.t(s::CONDITION_BROKEN));
    if op.is_some() && other.is_none() {
        options.push((name.to_owned(), format!("{{{name}}}")));
    }
    let ids = ["when", "op", "value"].map(|field| format!("f-q-{index}-{field}"));
    let which = Input {
        fault,
        ..Input::new(
            &ids[0],
            ui.t(s::WHEN),
            name,
            Field::Survey(SurveyField::ConditionQuestion(index)),
        )
    };
    let mut fields = el("div").put(ui.choose(which, options));
    if let (Some(op), Some(other)) = (op, other) {
        let ops = SurveyEditor::ops(other.takes_many()).iter().chain(
            // One that is written and not offered stays.
            (!SurveyEditor::ops(other.takes_many()).contains(&op)).then_some(&op),
        );
        let ops = ops.map(|op| (op.word().to_owned(), ui.t(op_key(*op))));
        let how = Input::new(
            &ids[1],
            ui.t(s::OP),
            op.word(),
            Field::Survey(SurveyField::ConditionOp(index)),
        );
        let what = Input::new(
            &ids[2],
            ui.t(s::VALUE),
            value,
            Field::Survey(SurveyField::ConditionValue(index)),
        );
        let mut answers = answers(ui, editor, other);
        if !answers.is_empty() && !answers.iter().any(|(known, _)| known == value) {
            answers.push((value.to_owned(), value.to_owned()));
        }
        let what = if answers.is_empty() {
            ui.field(what)
        } else {
            ui.choose(what, answers)
        };
        fields = fields.put(div("pair").put(ui.choose(how, ops.collect())).put(what));
    }
    fields.into()
}
