//! Today's work: what waits for one's agreement first, then what closes today, what
//! runs, what comes, what has ended.

use super::card;
use super::el::{El, div, el, says};
use super::ui::Ui;
use crate::route::Route;
use linli_model::desk::view::Fillable;
use linli_model::desk::{HomeView, Permission, PollCard};
use linli_port::desk::Question;
use linli_texts::{desk as k, grouped};
use yew::prelude::*;

/// The screen.
pub(crate) fn home(ui: &Ui<'_>) -> Html {
    let name = ui.state.seat().map_or("", |seat| &seat.staff.name);
    let today = ui.fill(
        k::HOME_LEAD,
        &[("name", name), ("time", &ui.time(ui.state.now_ms))],
    );
    let new = ui
        .state
        .may(Permission::Polls)
        .then(|| ui.link("btn btn-primary fit", k::NEW_POLL, &Route::NewPoll));
    let head = div("head")
        .put(
            div("head-words")
                .put(ui.heading(ui.t(k::HOME_TITLE)))
                .put(says("p", today).class("muted")),
        )
        .some(new);
    let view = ui.state.slots.home().map(|view| content(ui, view));
    div("screen")
        .put(head)
        .put(ui.shown(&Question::Home, view))
        .into()
}

fn content(ui: &Ui<'_>, view: &HomeView) -> El {
    let is_today = |card: &&PollCard| ui.is_today(card.closes_at_ms);
    let (today, running): (Vec<&PollCard>, Vec<&PollCard>) = view.open.iter().partition(is_today);
    let coming: Vec<&PollCard> = view.coming.iter().collect();
    let closed: Vec<&PollCard> = view.closed.iter().collect();
    let mut all = div("parts");
    if !view.to_decide.is_empty() {
        let cards = card::approvals(ui, &view.to_decide);
        all = all.put(ui.section(ui.t(k::TO_DECIDE)).put(cards));
    }
    let nothing_due = view.to_decide.is_empty() && today.is_empty();
    if nothing_due {
        all = all.put(ui.empty(k::NOTHING_DUE, k::NOTHING_DUE_LEAD));
    }
    all = all.some(requests(ui, view)).some(fillable(ui, view));
    for (title, cards) in [
        (k::CLOSES_TODAY, today),
        (k::RUNNING, running),
        (k::COMING, coming),
    ] {
        if !cards.is_empty() {
            all = all.put(ui.section(ui.t(title)).put(card::polls(ui, cards)));
        }
    }
    if !view.asked.is_empty() {
        let cards = card::approvals(ui, &view.asked);
        all = all.put(ui.section(ui.t(k::ASKED_BY_ME)).put(cards));
    }
    all = all.some(codes(ui, view));
    if !closed.is_empty() {
        all = all.put(
            ui.section(ui.t(k::RECENTLY_CLOSED))
                .put(card::polls(ui, closed)),
        );
    }
    all
}

/// Polls of a larger place, for whoever fills in at a part of it.
fn fillable(ui: &Ui<'_>, view: &HomeView) -> Option<El> {
    if view.fillable.is_empty() {
        return None;
    }
    let card = |one: &Fillable| {
        let route = Route::Fill(one.topic.clone());
        let closes = ui.fill(
            k::CLOSES_AT_LEFT,
            &[
                ("time", &ui.time(one.closes_at_ms)),
                ("left", &ui.left(one.closes_at_ms)),
            ],
        );
        el("li")
            .class("card slim")
            .put(says("strong", one.title.clone()))
            .put(says("p", closes).class("muted small"))
            .put(ui.link("btn btn-outline fit", k::FILL_IN, &route))
            .into()
    };
    let cards: Vec<Html> = view.fillable.iter().map(card).collect();
    let cards = el("ul").class("cards").all(cards);
    Some(ui.section(ui.t(k::FILLABLE)).put(cards))
}

/// What residents asked for and nobody has answered.
fn requests(ui: &Ui<'_>, view: &HomeView) -> Option<El> {
    if view.requests == 0 {
        return None;
    }
    let card = div("card slim")
        .put(says("p", ui.n(k::REQUESTS_WAIT, view.requests)))
        .put(ui.link("quiet", k::REQUESTS_OPEN_SCREEN, &Route::Requests));
    Some(ui.section(ui.t(k::REQUESTS)).put(card))
}

/// Households that cannot vote by code yet.
fn codes(ui: &Ui<'_>, view: &HomeView) -> Option<El> {
    let without = view.households.saturating_sub(view.households_with_code);
    if without == 0 {
        return None;
    }
    let words = ui.fill(
        k::WITHOUT_CODES,
        &[
            ("n", &grouped(without)),
            ("households", &grouped(view.households)),
        ],
    );
    let link = ui.state.may(Permission::Codes);
    let link = link.then(|| ui.link("quiet", k::MAKE_CODES, &Route::Codes));
    let card = div("card slim").put(says("p", words)).some(link);
    Some(ui.section(ui.t(k::CODES_TITLE)).put(card))
}
