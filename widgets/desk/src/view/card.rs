//! Cards that several screens show: a poll in a list, a request for a second person.

use super::el::{El, div, el, icon, says};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Dialog};
use linli_model::Turnout;
use linli_model::desk::{Approval, ApprovalState, Command, Decision, PollCard, PollState};
use linli_texts::{desk as k, grouped};
use linli_ui::kit::{share_bp, width};
use yew::prelude::*;

/// A poll in a list: the whole card leads to it.
pub(crate) fn poll(ui: &Ui<'_>, card: &PollCard) -> Html {
    let title = says("a", card.title.clone())
        .class("card-link")
        .attr("href", Route::Poll(card.topic.clone()).hash());
    let kick = el("p")
        .class("kick")
        .put(state_tag(ui, card.state))
        .put(says("span", card.place.name.clone()))
        .put(says("span", when(ui, card)).class(urgency(ui, card)));
    let counted = matches!(card.state, PollState::Open | PollState::Closed);
    let turnout = counted.then(|| bar(ui, &card.turnout));
    el("li")
        .class("poll-card card")
        .key(card.topic.to_string())
        .put(kick)
        .put(el("h3").put(title))
        .some(turnout)
        .into()
}

/// Cards in a list.
pub(crate) fn polls<'a>(ui: &Ui<'_>, cards: impl IntoIterator<Item = &'a PollCard>) -> El {
    el("ul")
        .class("cards")
        .all(cards.into_iter().map(|card| poll(ui, card)))
}

pub(crate) fn state_tag(ui: &Ui<'_>, state: PollState) -> El {
    let class = match state {
        PollState::Open => "tag tag-open",
        _ => "tag",
    };
    says("span", ui.t(words::state(state))).class(class)
}

fn when(ui: &Ui<'_>, card: &PollCard) -> String {
    let closes = ui.time(card.closes_at_ms);
    match card.state {
        PollState::Draft => ui.t(k::NOT_PUBLISHED),
        PollState::Upcoming => {
            let opens = ui.time(card.opens_at_ms);
            ui.fill(k::OPENS_AT, &[("time", &opens)])
        }
        PollState::Open => {
            let left = ui.left(card.closes_at_ms);
            ui.fill(k::CLOSES_AT_LEFT, &[("time", &closes), ("left", &left)])
        }
        PollState::Closed => ui.fill(k::CLOSED_AT, &[("time", &closes)]),
    }
}

fn urgency(ui: &Ui<'_>, card: &PollCard) -> &'static str {
    if card.state == PollState::Open && ui.is_today(card.closes_at_ms) {
        "today"
    } else {
        ""
    }
}

/// How many have voted, in words and as a bar.
pub(crate) fn bar(ui: &Ui<'_>, turnout: &Turnout) -> El {
    let cast = grouped(turnout.cast);
    let Some(eligible) = turnout.eligible else {
        return says("p", ui.n(k::CAST, turnout.cast)).class("turnout-line");
    };
    let eligible_words = grouped(eligible);
    let share = share_bp(turnout.cast, eligible);
    let words = ui.fill(
        k::CAST_OF,
        &[
            ("cast", &cast),
            ("eligible", &eligible_words),
            ("share", &linli_ui::kit::percent(share)),
        ],
    );
    div("turnout")
        .put(says("span", words).class("turnout-line"))
        .put(meter(share))
}

/// A bar without words: they stand beside it.
pub(crate) fn meter(share_bp: u64) -> El {
    let rect = |class: &'static str, width: String| {
        el("rect")
            .class(class)
            .attr("width", width)
            .attr("height", "8")
            .attr("rx", "4")
    };
    el("svg")
        .class("bar first")
        .attr("width", "100%")
        .attr("height", "8")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .put(rect("bar-all", "100%".to_owned()))
        .put(rect("bar-part", width(share_bp)))
}

/// A request for a second person: what exactly will happen, and what can be done.
pub(crate) fn approval(ui: &Ui<'_>, one: &Approval) -> Html {
    let asked = ui.fill(
        k::ASKED_BY,
        &[
            ("name", &one.asked_by_name),
            ("ago", &ui.ago(one.asked_at_ms)),
        ],
    );
    let kick = el("p")
        .class("kick")
        .put(
            says("span", ui.t(words::approval(one.state))).class(match one.state {
                ApprovalState::Waiting => "tag tag-open",
                _ => "tag",
            }),
        )
        .put(says("span", asked));
    let reason = reason_of(&one.command).map(|reason| {
        el("blockquote")
            .class("reason")
            .put(says("span", ui.t(k::REASON_GIVEN)).class("muted"))
            .put(says("p", reason.to_owned()))
    });
    el("li")
        .class("card approval")
        .key(one.id.to_string())
        .put(kick)
        .put(says("h3", words::command(ui, &one.command, &one.about)))
        .some(reason)
        .put(consequence(ui, one))
        .put(acts(ui, one))
        .into()
}

pub(crate) fn reason_of(command: &Command) -> Option<&str> {
    match command {
        Command::ClosePoll { reason, .. } | Command::ExtendPoll { reason, .. } => Some(reason),
        _ => None,
    }
}

/// What agreeing does, or how it ended.
fn consequence(ui: &Ui<'_>, one: &Approval) -> El {
    if one.state != ApprovalState::Waiting {
        let name = &one.decided_by_name;
        let at = one
            .decided_at_ms
            .map(|at_ms| ui.time(at_ms))
            .unwrap_or_default();
        let key = if name.is_empty() {
            k::SETTLED_AT
        } else {
            k::SETTLED_BY
        };
        let words = ui.fill(key, &[("name", name), ("time", &at)]);
        let reason = (!one.reason.is_empty()).then(|| says("p", one.reason.clone()));
        return div("muted").put(says("p", words)).some(reason);
    }
    let what = match &one.command {
        Command::ClosePoll { .. } => ui.t(k::CLOSING_MEANS),
        Command::AdoptRoll { .. } => ui.t(k::ADOPTING_MEANS),
        _ => String::new(),
    };
    let lapses = ui.fill(k::LAPSES_AT, &[("time", &ui.time(one.expires_at_ms))]);
    div("muted")
        .put(says("p", what))
        .put(says("p", lapses).class("small"))
}

fn acts(ui: &Ui<'_>, one: &Approval) -> El {
    let ask = |decision| Action::Opened(Dialog::Decide(one.id.clone(), decision));
    let acts = div("acts");
    if one.may_decide {
        return acts
            .put(ui.primary(k::APPROVE, ask(Decision::Approve)))
            .put(ui.outline(k::REJECT, ask(Decision::Reject)));
    }
    if one.may_withdraw {
        let own = el("p")
            .class("own")
            .put(icon("M12 5v9M12 18.5v.5"))
            .put(says("span", ui.t(k::OWN_REQUEST)));
        let withdraw = Action::Opened(Dialog::Withdraw(one.id.clone()));
        return acts.put(own).put(ui.quiet(k::WITHDRAW, withdraw));
    }
    if one.state == ApprovalState::Waiting {
        return acts.put(says("p", ui.t(k::NOT_YOURS)).class("muted small"));
    }
    acts
}

/// Requests in a list.
pub(crate) fn approvals<'a>(ui: &Ui<'_>, all: impl IntoIterator<Item = &'a Approval>) -> El {
    el("ul")
        .class("cards")
        .all(all.into_iter().map(|one| approval(ui, one)))
}
