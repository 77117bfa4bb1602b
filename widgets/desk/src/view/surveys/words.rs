//! Words for what was read of a source, and for types of questions.

use super::super::el::{El, div, el, says};
use super::super::ui::Ui;
use linli_model::desk::survey::SourceFault;
use linli_texts::{Key, survey_desk as s};
use yew::prelude::*;

/// The name of a type.
pub(super) fn kind(ui: &Ui<'_>, kind: &str) -> String {
    let key = match kind {
        "radiogroup" => s::TYPE_RADIOGROUP,
        "checkbox" => s::TYPE_CHECKBOX,
        "dropdown" => s::TYPE_DROPDOWN,
        "tagbox" => s::TYPE_TAGBOX,
        "rating" => s::TYPE_RATING,
        "ranking" => s::TYPE_RANKING,
        "matrix" => s::TYPE_MATRIX,
        "text" => s::TYPE_TEXT,
        "comment" => s::TYPE_COMMENT,
        "boolean" => s::TYPE_BOOLEAN,
        other => return ui.fill(s::TYPE_OTHER, &[("type", other)]),
    };
    ui.t(key)
}

/// The name of a list of a question.
pub(super) fn list(list: &str) -> Key {
    match list {
        "rows" => s::ROWS,
        "columns" => s::COLUMNS,
        "rateValues" => s::RATE_VALUES,
        _ => s::CHOICES,
    }
}

fn fault(word: &str) -> Key {
    match word {
        "unsupported_property" => s::FAULT_UNSUPPORTED_PROPERTY,
        "unsupported_value" => s::FAULT_UNSUPPORTED_VALUE,
        "unsupported_type" | "unsupported" => s::FAULT_UNSUPPORTED_TYPE,
        "name" => s::FAULT_NAME,
        "expression" => s::FAULT_EXPRESSION,
        "circle" => s::FAULT_CIRCLE,
        "too_many" | "too_many_questions" | "too_many_choices" => s::FAULT_TOO_MANY,
        "too_long" | "line_too_long" => s::FAULT_TOO_LONG,
        "not_json" => s::FAULT_NOT_JSON,
        "empty" => s::FAULT_EMPTY,
        "no_question" => s::FAULT_NO_QUESTION,
        "type_guessed_single" => s::GUESS_SINGLE,
        "type_guessed_text" => s::GUESS_TEXT,
        "type_unknown" => s::GUESS_UNKNOWN,
        "choices_missing" => s::GUESS_NO_CHOICES,
        "choice_repeated" => s::GUESS_REPEATED,
        "lines_not_used" => s::GUESS_UNUSED,
        "scale_guessed" => s::GUESS_SCALE,
        "columns_guessed" => s::GUESS_COLUMNS,
        "title_missing" => s::GUESS_TITLE,
        _ => s::FAULT_OTHER,
    }
}

/// Each with where it is, what is there, and what is wrong.
pub(super) fn faults(ui: &Ui<'_>, all: &[SourceFault]) -> El {
    let line = |one: &SourceFault| {
        let place = match one.path.strip_prefix("line ") {
            Some(number) => says("span", ui.fill(s::LINE, &[("n", number)])),
            None => says("code", one.path.clone()),
        };
        let found = (!one.found.is_empty()).then(|| says("q", one.found.clone()));
        el("li")
            .put(place.class("where"))
            .put(says("span", ui.t(fault(&one.fault))))
            .some(found)
            .into()
    };
    let lines: Vec<Html> = all.iter().map(line).collect();
    el("ul").class("source-faults").all(lines)
}

/// What does not run, as a whole.
pub(super) fn unfit(ui: &Ui<'_>, all: &[SourceFault]) -> El {
    div("problem")
        .id("survey-problem")
        .attr("tabindex", "-1")
        .attr("role", "alert")
        .put(says("strong", ui.n(s::UNFIT, all.len() as u64)))
        .put(faults(ui, all))
}
