//! Choices: rows to tap, two side by side, or behind a list that opens.

use super::asked::{Asked, field_id};
use crate::state::{Action, Item, Look, Pick};
use linli_texts::survey as k;
use linli_ui::el::{El, div, el, held, nothing, says};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The tick of a chosen row, 24 × 24.
const TICK: &str = "M5 12.8l4.6 4.6L19 8";

/// One of the items; whether it is a group of fields.
pub(super) fn one(asked: &Asked<'_>, pick: &Pick) -> (bool, Html) {
    match pick.look {
        Look::List => (false, list(asked, pick)),
        Look::Rows | Look::Pair => (true, rows(asked, pick, false)),
    }
}

/// Some of the items.
pub(super) fn many(asked: &Asked<'_>, pick: &Pick) -> Html {
    let hint = hint(asked, pick);
    let rows = rows(asked, pick, true);
    if pick.look != Look::List {
        return div("").some(hint).put(rows).into();
    }
    let chosen = pick.items.iter().filter(|item| item.is_on && !item.is_all);
    let names: Vec<&str> = chosen.map(|item| item.text.as_str()).collect();
    let summary = match names.len() {
        0 if pick.placeholder.is_empty() => asked.texts.text(k::CHOOSE).to_owned(),
        0 => pick.placeholder.clone(),
        1..=3 => names.join(asked.texts.text(linli_texts::deliberation::AND)),
        more => asked.texts.count(k::CHOSEN, more as u64, &[]),
    };
    let opened = el("details")
        .class("opens")
        .put(says("summary", summary))
        .put(rows);
    div("").some(hint).put(opened).into()
}

fn hint(asked: &Asked<'_>, pick: &Pick) -> Option<El> {
    let (min, max) = (pick.min.to_string(), pick.max.to_string());
    let values = [("min", min.as_str()), ("max", max.as_str())];
    let key = match (pick.min, pick.max) {
        (0 | 1, 0) => return None,
        (0 | 1, _) => k::CHOOSE_UP_TO,
        (_, 0) => k::CHOOSE_AT_LEAST,
        _ => k::CHOOSE_BETWEEN,
    };
    Some(says("p", asked.texts.fill(key, &values)).class("muted"))
}

/// A native list: on phones the system's own, which everybody knows.
fn list(asked: &Asked<'_>, pick: &Pick) -> Html {
    let question = asked.card.id;
    let act = asked.act.clone();
    let changed = Callback::from(move |event: Event| {
        let value = event.target().and_then(|target| held(&target));
        act.emit(match value.and_then(|value| value.parse().ok()) {
            Some(item) => Action::Picked {
                question,
                row: 0,
                item,
            },
            None => Action::Cleared(question),
        });
    });
    let nothing_chosen = pick.items.iter().all(|item| !item.is_on);
    let empty = if pick.placeholder.is_empty() {
        asked.texts.text(k::CHOOSE).to_owned()
    } else {
        pick.placeholder.clone()
    };
    let empty = says("option", empty)
        .attr("value", "")
        .selected(nothing_chosen);
    let options = pick.items.iter().enumerate().map(|(at, item)| {
        says("option", item.text.clone())
            .attr("value", at.to_string())
            .selected(item.is_on)
            .into()
    });
    let select = el("select")
        .id(field_id(asked, 0))
        .maybe("aria-describedby", asked.described())
        .tells("aria-invalid", asked.is_wrong())
        .tells("aria-required", asked.card.is_required)
        .flag("disabled", asked.card.is_read_only)
        .changed(changed)
        .put(empty)
        .all(options);
    div("write list").put(select).into()
}

fn rows(asked: &Asked<'_>, pick: &Pick, is_many: bool) -> Html {
    let class = match (pick.look, pick.columns) {
        (Look::Pair, _) => "rows pair",
        (_, 0 | 2) => "rows wide2",
        (_, 3..) => "rows wide3",
        _ => "rows",
    };
    let each = pick.items.iter().enumerate();
    let each = each.map(|(at, item)| row(asked, at, item, is_many, None));
    div(class)
        .all(each)
        .changed(tapped(asked.picks(0), is_many))
        .into()
}

/// One row with its radio button or box. `name` is what those hear who do not see it,
/// where that is more than its text.
pub(super) fn row(
    asked: &Asked<'_>,
    at: usize,
    item: &Item,
    is_many: bool,
    name: Option<String>,
) -> Html {
    let class = match (is_many, item.is_on) {
        (false, false) => "row",
        (false, true) => "row on",
        (true, false) => "row many",
        (true, true) => "row many on",
    };
    let kind = if is_many { "checkbox" } else { "radio" };
    let input = input(asked, kind, &asked.id(), at, item.is_on).maybe("aria-label", name);
    el("label")
        .class(class)
        .attr("part", "option")
        .key(at.to_string())
        .put(input)
        .put(says("span", "").class("dot").put(drawing(TICK)))
        .put(says("span", item.text.clone()))
        .into()
}

/// A radio button or box that says which item it is.
pub(super) fn input(
    asked: &Asked<'_>,
    kind: &'static str,
    group: &str,
    at: usize,
    is_on: bool,
) -> El {
    el("input")
        .attr("type", kind)
        .attr("name", group.to_owned())
        .attr("value", at.to_string())
        .tells("aria-invalid", asked.is_wrong())
        .flag("disabled", asked.card.is_read_only)
        .checked(is_on)
}

/// Hears every button or box inside, and says which item it is.
pub(super) fn tapped(pick: Callback<usize>, is_many: bool) -> Callback<Event> {
    Callback::from(move |event: Event| {
        let target = event.target();
        let input = target.and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Ok(item) = input.value().parse() else {
            return;
        };
        if is_many {
            // The state decides what is ticked: a box is put back until it has.
            input.set_checked(!input.checked());
        }
        pick.emit(item);
    })
}

/// A line drawing of 24 × 24.
pub(super) fn drawing(path: &'static str) -> Html {
    if path.is_empty() {
        return nothing();
    }
    el("svg")
        .attr("viewBox", "0 0 24 24")
        .attr("width", "18")
        .attr("height", "18")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .put(
            el("path")
                .attr("d", path)
                .attr("fill", "none")
                .attr("stroke", "currentColor")
                .attr("stroke-width", "2.4")
                .attr("stroke-linecap", "round")
                .attr("stroke-linejoin", "round"),
        )
        .into()
}
