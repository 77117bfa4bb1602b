//! Requests for a second person: those that wait, then how others ended.

use super::card;
use super::el::{El, div, says};
use super::ui::Ui;
use linli_model::desk::{Approval, ApprovalState};
use linli_port::desk::Question;
use linli_texts::desk as k;
use yew::prelude::*;

/// The screen.
pub(crate) fn approvals(ui: &Ui<'_>) -> Html {
    let content = ui.state.slots.approvals().map(|all| content(ui, all));
    div("screen")
        .put(ui.heading(ui.t(k::NAV_APPROVALS)))
        .put(says("p", ui.t(k::APPROVALS_LEAD)).class("muted"))
        .put(ui.shown(&Question::Approvals, content))
        .into()
}

fn content(ui: &Ui<'_>, all: &[Approval]) -> El {
    let waits = |one: &&Approval| one.state == ApprovalState::Waiting;
    let (mut waiting, mut settled): (Vec<&Approval>, Vec<&Approval>) = all.iter().partition(waits);
    // One's own come after those that one can do something about.
    waiting.sort_by_key(|one| (!one.may_decide, one.asked_at_ms));
    settled.sort_by_key(|one| -one.decided_at_ms.unwrap_or(one.asked_at_ms));
    let mut parts = div("parts");
    parts = if waiting.is_empty() {
        parts.put(ui.empty(k::NO_APPROVALS, k::NO_APPROVALS_LEAD))
    } else {
        let title = ui.t(k::WAITING_TITLE);
        parts.put(ui.section(title).put(card::approvals(ui, waiting)))
    };
    if settled.is_empty() {
        return parts;
    }
    let title = ui.t(k::SETTLED_TITLE);
    parts.put(ui.section(title).put(card::approvals(ui, settled)))
}
