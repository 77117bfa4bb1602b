//! The lines of one roll: by place, searched, page by page.

use super::el::{El, div, el, says};
use super::kit::{Input, only, table};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Field};
use linli_model::desk::RollKind;
use linli_model::desk::roll::RollLine;
use linli_port::desk::Question;
use linli_texts::{desk as k, grouped};
use yew::prelude::*;

const SEARCH_CHARS_MAX: usize = 60;
/// Areas are told in whole square metres here.
const CSQM: u64 = 100;

/// The screen.
pub(crate) fn entries(ui: &Ui<'_>, kind: RollKind) -> Html {
    let questions = ui.state.browse.entries(kind);
    let pages = questions.iter().map(|question| page(ui, question));
    let pages: Vec<Html> = pages.collect();
    let last = questions
        .last()
        .and_then(|last| ui.state.slots.entries(last));
    let next = last.and_then(|page| page.next);
    let next = next.and_then(|next| u64::try_from(next).ok());
    let more = next.map(|after| ui.outline(k::MORE_ENTRIES, Action::MoreAsked(after)));
    div("screen")
        .put(ui.link("back", k::NAV_ROLLS, &Route::Rolls))
        .put(ui.heading(ui.t(words::roll(kind))))
        .put(says("p", ui.t(k::ROLL_READ_LEAD)).class("muted"))
        .put(search(ui))
        .all(pages)
        .some(more)
        .into()
}

fn search(ui: &Ui<'_>) -> El {
    let browse = &ui.state.browse;
    let act = ui.act.clone();
    let place = Input::new(
        "f-roll-place",
        ui.t(k::PLACE),
        &browse.place,
        Field::RollPlace,
    );
    let text = Input {
        kind: "search",
        max: Some(SEARCH_CHARS_MAX),
        ..Input::new(
            "f-roll-search",
            ui.t(k::ROLL_SEARCH),
            &browse.typed,
            Field::Search,
        )
    };
    let go = says("button", ui.t(k::SEARCH_GO))
        .class("btn btn-outline fit")
        .attr("type", "submit");
    el("form")
        .class("search")
        .attr("role", "search")
        .submit(Callback::from(move |()| act.emit(Action::SearchAsked)))
        .put(ui.choose(place, words::places(ui, ui.t(k::EVERYWHERE))))
        .put(ui.field(text))
        .put(go)
}

fn page(ui: &Ui<'_>, question: &Question) -> Html {
    let content = ui.state.slots.entries(question).map(|page| {
        let rows = page.lines.iter().map(row).collect();
        let head = [k::HOUSEHOLD, k::PLACE, k::NAME, k::AREA].map(|key| ui.t(key));
        div("card")
            .put(only(page.lines.is_empty(), || {
                says("p", ui.t(k::NO_ENTRIES)).class("muted").into()
            }))
            .put(only(!page.lines.is_empty(), || {
                table(ui.t(k::ROLL_LINES), head.into(), rows).into()
            }))
    });
    ui.shown(question, content)
}

fn row(line: &RollLine) -> Vec<String> {
    let entry = &line.content;
    // As they are counted: the registry's, else the survey's, else the contract's.
    let area = entry
        .registered_csqm
        .or(entry.surveyed_csqm)
        .or(entry.contract_csqm);
    vec![
        entry.label.clone(),
        line.place_name.clone(),
        entry.name.clone(),
        area.map_or_else(String::new, |area| format!("{} m²", grouped(area / CSQM))),
    ]
}
