//! What residents asked staff for about their own data: what waits, each with its due
//! date, then what was answered.

use super::el::{El, div, el, says};
use super::kit::only;
use super::ui::Ui;
use crate::state::{Action, Dialog};
use linli_model::desk::request::{RequestsView, ResidentRequest};
use linli_model::me::{RequestKind, RequestState};
use linli_port::desk::Question;
use linli_texts::desk as k;
use yew::prelude::*;

/// The screen.
pub(crate) fn requests(ui: &Ui<'_>) -> Html {
    let content = ui.state.slots.requests().map(|view| content(ui, view));
    div("screen")
        .put(ui.heading(ui.t(k::REQUESTS)))
        .put(says("p", ui.t(k::REQUESTS_LEAD)).class("muted"))
        .put(ui.shown(&Question::Requests, content))
        .into()
}

fn content(ui: &Ui<'_>, view: &RequestsView) -> El {
    let cards = |all: &[ResidentRequest]| {
        let cards: Vec<Html> = all.iter().map(|one| card(ui, one)).collect();
        el("ul").class("cards").all(cards)
    };
    let open = if view.open.is_empty() {
        ui.empty(k::REQUESTS_NONE, k::REQUESTS_NONE_LEAD)
    } else {
        ui.section(ui.t(k::REQUESTS_OPEN)).put(cards(&view.open))
    };
    let settled = || {
        ui.section(ui.t(k::REQUESTS_SETTLED))
            .put(cards(&view.settled))
    };
    div("parts")
        .put(open)
        .put(only(!view.settled.is_empty(), || settled().into()))
}

fn card(ui: &Ui<'_>, one: &ResidentRequest) -> Html {
    let kind = match one.kind {
        RequestKind::Correct => k::REQUEST_CORRECT,
        RequestKind::Delete => k::REQUEST_DELETE,
        RequestKind::Explain => k::REQUEST_EXPLAIN,
    };
    let who = if one.who.is_empty() {
        ui.t(k::REQUEST_BY_DEVICE)
    } else {
        one.who.clone()
    };
    let card = el("li")
        .class("card")
        .key(one.id.to_string())
        .put(says("h3", format!("{} · {who}", ui.t(kind))))
        .put(says("p", one.text.clone()).class("resident-words"));
    let mut facts = vec![ui.fact(k::REQUEST_ASKED, ui.time(one.asked_at_ms))];
    if !one.contact.is_empty() {
        facts.push(ui.fact(k::REQUEST_CONTACT, one.contact.clone()));
    }
    if one.state == RequestState::Open {
        facts.push(ui.fact(k::REQUEST_DUE, due(ui, one)));
        let ask = |is_done| Action::Opened(Dialog::Answer(one.id.clone(), is_done));
        let acts = div("acts")
            .put(ui.primary(k::REQUEST_DONE, ask(true)))
            .put(ui.outline(k::REQUEST_DECLINE, ask(false)));
        return card.put(ui.facts(facts)).put(acts).into();
    }
    let state = match one.state {
        RequestState::Done => k::REQUEST_WAS_DONE,
        _ => k::REQUEST_WAS_DECLINED,
    };
    facts.extend(
        one.settled_at_ms
            .map(|at_ms| ui.fact(state, ui.time(at_ms))),
    );
    facts.push(ui.fact(k::REQUEST_ANSWER, one.answer.clone()));
    card.put(ui.facts(facts)).into()
}

fn due(ui: &Ui<'_>, one: &ResidentRequest) -> String {
    let at = ui.time(one.due_at_ms);
    let left = if one.due_at_ms <= ui.state.now_ms {
        ui.t(k::REQUEST_OVERDUE)
    } else {
        ui.left(one.due_at_ms)
    };
    format!("{at} · {left}")
}
