//! The list of polls, by state.

use super::card;
use super::el::{El, div, el, says};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Pick};
use linli_model::TopicId;
use linli_model::desk::{Permission, PollCard, PollState};
use linli_port::desk::{Export, Question};
use linli_texts::desk as k;
use yew::prelude::*;

const FILTERS: [Option<PollState>; 5] = [
    None,
    Some(PollState::Open),
    Some(PollState::Upcoming),
    Some(PollState::Draft),
    Some(PollState::Closed),
];

/// The screen.
pub(crate) fn polls(ui: &Ui<'_>) -> Html {
    let new = ui.state.may(Permission::Polls);
    let new = new.then(|| ui.link("btn btn-primary fit", k::NEW_POLL, &Route::NewPoll));
    let head = div("head").put(ui.heading(ui.t(k::NAV_POLLS))).some(new);
    let content = ui.state.slots.polls().map(|polls| content(ui, polls));
    div("screen")
        .put(head)
        .put(ui.shown(&Question::Polls, content))
        .into()
}

fn content(ui: &Ui<'_>, polls: &[PollCard]) -> El {
    let of = |filter: Option<PollState>| {
        let is_of = move |card: &&PollCard| filter.is_none_or(|state| card.state == state);
        polls.iter().filter(is_of).collect::<Vec<_>>()
    };
    let filter = |one: Option<PollState>| {
        let name = one.map_or(k::ALL, words::state);
        let label = format!("{} {}", ui.t(name), of(one).len());
        let on = ui.state.filter == one;
        ui.button("chip", label, Action::Picked(Pick::Filter(one)))
            .attr("aria-pressed", if on { "true" } else { "false" })
            .into()
    };
    let chips = div("chips")
        .attr("role", "group")
        .attr("aria-label", ui.t(k::FILTER))
        .all(FILTERS.into_iter().map(filter));
    let mut cards = of(ui.state.filter);
    // What needs care first: drafts and what runs, the next to close on top.
    cards.sort_by_key(|card| match card.state {
        PollState::Open => (0, card.closes_at_ms),
        PollState::Upcoming => (1, card.opens_at_ms),
        PollState::Draft => (2, card.opens_at_ms),
        PollState::Closed => (3, -card.closes_at_ms),
    });
    let shown = if cards.is_empty() {
        ui.empty(k::NO_POLLS, k::NO_POLLS_LEAD)
    } else {
        card::polls(ui, cards)
    };
    let exports = ui
        .state
        .may(Permission::Export)
        .then(|| exports(ui, "polls"));
    let list = says("h2", ui.t(ui.state.filter.map_or(k::ALL, words::state)));
    el("div")
        .put(chips)
        .put(list.class("visually-hidden"))
        .put(shown)
        .some(exports)
}

/// Ways to take a table away.
pub(crate) fn exports(ui: &Ui<'_>, name: &str) -> El {
    export_row(ui, ui.t(k::EXPORT_AS), name, None).some(export_problem(ui))
}

/// Why a table did not come.
pub(crate) fn export_problem(ui: &Ui<'_>) -> Option<El> {
    let problem = ui.state.exporting.as_ref().and_then(Option::as_ref);
    problem.map(|problem| ui.problem(problem))
}

/// One table in its forms.
pub(crate) fn export_row(ui: &Ui<'_>, label: String, name: &str, topic: Option<&TopicId>) -> El {
    let said = label.clone();
    let take = |form, key| {
        let export = Export {
            name: name.to_owned(),
            form,
            topic: topic.cloned(),
        };
        // Several rows on one screen: each button says whose it is.
        let button = ui.quiet(key, Action::ExportAsked(export));
        button.maybe(
            "aria-label",
            topic.map(|_| format!("{said} · {}", ui.t(key))),
        )
    };
    let busy = ui.state.exporting == Some(None);
    div("exports")
        .tells("aria-busy", busy)
        .put(says("span", label).class("muted"))
        .put(take("csv", k::AS_CSV))
        .put(take("xlsx", k::AS_XLSX))
}
