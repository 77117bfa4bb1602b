//! The audit log: searched, page by page, each entry with its place in the chain.

use super::el::{El, div, el, says};
use super::kit::{Input, only};
use super::ui::Ui;
use super::{polls, words};
use crate::state::{Action, Field};
use linli_model::desk::{Actor, AuditEntry, Permission};
use linli_port::desk::Question;
use linli_texts::{Key, desk as k, grouped};
use yew::prelude::*;

const SEARCH_CHARS_MAX: usize = 120;

/// The screen.
pub(crate) fn audit(ui: &Ui<'_>) -> Html {
    let questions = ui.state.browse.questions();
    let newest = questions
        .first()
        .and_then(|first| ui.state.slots.audit(first));
    let lead = newest.map_or_else(
        || ui.t(k::AUDIT_LEAD),
        |page| ui.fill(k::AUDIT_LEAD_COUNT, &[("n", &grouped(page.newest))]),
    );
    let pages = questions.iter().map(|question| page(ui, question));
    let pages: Vec<Html> = pages.collect();
    let last = questions.last().and_then(|last| ui.state.slots.audit(last));
    let next = last.and_then(|page| page.next_before);
    let more = next.map(|before| ui.outline(k::MORE_ENTRIES, Action::MoreAsked(before)));
    let empty = newest.is_some_and(|page| page.entries.is_empty());
    div("screen")
        .put(ui.heading(ui.t(k::NAV_AUDIT)))
        .put(says("p", lead).class("muted"))
        .put(search(ui))
        .put(only(empty, || {
            ui.empty(k::NO_ENTRIES, k::NO_ENTRIES_LEAD).into()
        }))
        .all(pages)
        .some(more)
        .put(only(ui.state.may(Permission::Export), || {
            polls::exports(ui, "audit").into()
        }))
        .into()
}

fn search(ui: &Ui<'_>) -> El {
    let act = ui.act.clone();
    let field = Input {
        kind: "search",
        hint: ui.t(k::SEARCH_HINT),
        max: Some(SEARCH_CHARS_MAX),
        ..Input::new(
            "f-search",
            ui.t(k::SEARCH),
            &ui.state.browse.typed,
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
        .put(ui.field(field))
        .put(go)
}

fn page(ui: &Ui<'_>, question: &Question) -> Html {
    let content = ui.state.slots.audit(question).map(|page| {
        let entries = page.entries.iter().map(|one| entry(ui, one));
        el("ol").class("log").all(entries)
    });
    ui.shown(question, content)
}

fn entry(ui: &Ui<'_>, entry: &AuditEntry) -> Html {
    let who = match &entry.actor {
        Actor::Staff { name, .. } => name.clone(),
        Actor::Operator => ui.t(k::ACTOR_OPERATOR),
        Actor::Server => ui.t(k::ACTOR_SERVER),
    };
    let action = words::action(&entry.action);
    let what = if action == k::DID_OTHER {
        entry.action.clone()
    } else {
        ui.t(action)
    };
    let subject =
        (!entry.subject.is_empty()).then(|| says("span", entry.subject.clone()).class("subject"));
    let summary = el("summary")
        .put(says("span", grouped(entry.number)).class("number"))
        .put(
            el("span")
                .class("log-words")
                .put(says("strong", what))
                .put(says("span", format!("{who} · {}", ui.time(entry.at_ms))).class("muted small"))
                .some(subject),
        );
    el("li")
        .key(entry.number.to_string())
        .put(el("details").put(summary).put(detail(ui, entry)))
        .into()
}

fn detail(ui: &Ui<'_>, entry: &AuditEntry) -> El {
    let code = |key: Key, text: &str| {
        div("fact wide-fact")
            .put(says("dt", ui.t(key)))
            .put(el("dd").put(says("code", text.to_owned()).class("hash")))
            .into()
    };
    let mut facts: Vec<Html> = Vec::new();
    if !entry.detail.is_empty() {
        facts.push(code(k::ENTRY_DETAIL, &entry.detail));
    }
    facts.push(code(k::ENTRY_HASH, &entry.hash));
    facts.push(code(k::ENTRY_PREVIOUS, &entry.previous));
    div("log-detail").put(ui.facts(facts))
}
