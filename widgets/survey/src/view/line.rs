//! Fields: one line, several lines, and words beside an answer.

use super::asked::{Asked, field_id, writes};
use crate::state::{COMMENT_FIELD, Line};
use linli_ui::el::{El, div, el, held, says};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// Characters that stand on one row of a field, roughly: it grows a little early.
const ROW_CHARS: usize = 18;
/// A field does not grow beyond this; it scrolls.
const ROWS_MAX: usize = 12;

/// One line.
pub(super) fn line(asked: &Asked<'_>, line: &Line, field: usize) -> Html {
    let (kind, mode) = kind(&line.input.kind);
    let input = &line.input;
    let given = |value: &String| (!value.is_empty()).then(|| value.clone());
    let bounds = matches!(
        kind,
        "date" | "datetime-local" | "month" | "week" | "time" | "range"
    );
    let one = el("input")
        .attr("type", kind)
        .maybe("inputmode", mode)
        .attr("enterkeyhint", "next")
        .attr("autocomplete", completion(input.autocomplete.as_str()))
        .maybe("placeholder", given(&input.placeholder))
        .maybe("maxlength", given(&input.max_length))
        .maybe("min", given(&input.min).filter(|_| bounds))
        .maybe("max", given(&input.max).filter(|_| bounds))
        .maybe("step", given(&input.step).filter(|_| bounds));
    let one = common(asked, one, line, field);
    div(if kind == "range" || kind == "color" {
        "write bare"
    } else {
        "write"
    })
    .put(one)
    .into()
}

/// Several lines, growing with what is written.
pub(super) fn area(asked: &Asked<'_>, line: &Line, field: usize) -> Html {
    let rows = rows(&line.text, line.rows);
    let given = |value: &String| (!value.is_empty()).then(|| value.clone());
    let one = el("textarea")
        .attr("rows", rows.to_string())
        .maybe("placeholder", given(&line.input.placeholder))
        .maybe("maxlength", given(&line.input.max_length));
    div("write").put(common(asked, one, line, field)).into()
}

/// Words beside an answer.
pub(super) fn comment(asked: &Asked<'_>, line: &Line) -> El {
    div("named")
        .put(says("label", line.label.clone()).attr("for", field_id(asked, COMMENT_FIELD)))
        .put(area(asked, line, COMMENT_FIELD))
}

fn common(asked: &Asked<'_>, one: El, line: &Line, field: usize) -> El {
    let [typed, wrote] = writes(asked, field);
    let least = line.rows;
    let heard = Callback::from(move |event: Event| {
        let target = event.target();
        if let Some(text) = target.and_then(|target| held(&target)) {
            wrote.emit(text);
        }
    });
    let grows = Callback::from(move |event: InputEvent| {
        let Some(target) = event.target() else { return };
        if let Some(area) = target.dyn_ref::<HtmlTextAreaElement>() {
            area.set_rows(rows(&area.value(), least));
        }
        if let Some(text) = held(&target) {
            typed.emit(text);
        }
    });
    one.id(field_id(asked, field))
        .maybe("aria-describedby", asked.described())
        .tells("aria-invalid", asked.is_wrong())
        .tells("aria-required", asked.card.is_required && field == 0)
        .flag("readonly", asked.card.is_read_only)
        .value(&line.text)
        .input(grows)
        .changed(heard)
}

/// HTML's type, and which keyboard a phone shows. A number's own type would scroll away
/// under a thumb and drop what it cannot read.
fn kind(input: &str) -> (&'static str, Option<&'static str>) {
    match input {
        "number" => ("text", Some("decimal")),
        "email" => ("email", Some("email")),
        "tel" => ("tel", Some("tel")),
        "url" => ("url", Some("url")),
        "password" => ("password", None),
        "search" => ("search", None),
        "color" => ("color", None),
        "date" => ("date", None),
        "datetime-local" => ("datetime-local", None),
        "time" => ("time", None),
        "month" => ("month", None),
        "week" => ("week", None),
        "range" => ("range", None),
        _ => ("text", None),
    }
}

/// Only what a definition asks for is offered from what the browser knows.
fn completion(given: &str) -> AttrValue {
    if given.is_empty() {
        return AttrValue::Static("off");
    }
    AttrValue::from(given.to_owned())
}

fn rows(text: &str, least: u32) -> u32 {
    let rows: usize = text
        .split('\n')
        .map(|line| line.chars().count() / ROW_CHARS + 1)
        .sum();
    u32::try_from(rows.min(ROWS_MAX))
        .unwrap_or(least)
        .max(least)
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_field_grows_with_what_is_written() {
        assert_eq!(rows("", 3), 3);
        assert_eq!(rows("一\n二\n三\n四", 3), 4);
        assert_eq!(rows(&"长".repeat(100), 2), 6);
        assert_eq!(rows(&"\n".repeat(400), 2), 12);
    }
}
