//! A recorded ballot: its receipt, and the ways to change it.

use super::{CHANGE, Looks, head, number, outcome, stale_note};
use crate::state::{Action, Recorded, State};
use linli_model::{Changes, Credential, TopicView};
use linli_texts::deliberation as k;
use linli_ui::kit;
use yew::prelude::*;

/// Recorded, with its receipt.
pub(super) fn receipt(state: &State, view: &TopicView, looks: &Looks<'_>) -> Html {
    let Some(reply) = state.reply() else {
        return Html::default();
    };
    let poll = &view.topic.poll;
    let changed = reply.receipt.revision > 1;
    let title = if changed {
        k::RECEIPT_CHANGED
    } else {
        k::RECEIPT_TITLE
    };
    let may_change = poll.changes == Changes::UntilClosing;
    let may_switch = poll.credential == Credential::HouseholdCode;
    html! {
        <>
            { head::kicker(view, looks) }
            <div class="big" role="status">
                <span class="seal" aria-hidden="true">{ kit::tick() }</span>
                <div>
                    { head::heading(looks.text(title), looks.texts.tag(), looks) }
                    <span class="muted">{ whose(state, view, looks) }</span>
                </div>
            </div>
            { kit::steps(&[looks.text(k::STEP_KEPT), looks.text(k::STEP_DELIVERED), looks.text(k::STEP_RECORDED)], 3) }
            { stale_note(state, looks) }
            { number::code(state, looks) }
            { outcome::after_voting(view, looks) }
            <div class="foot">
                if may_change {
                    { kit::quiet_button(looks.text(k::CHANGE_VOTE), looks.on(Action::ChangeAsked)) }
                }
                if may_switch {
                    { kit::quiet_button(looks.text(k::SWITCH_VOTER), looks.on(Action::SwitchAsked)) }
                }
            </div>
            <div class="foot"><span>{ head::turnout(view, looks) }</span></div>
        </>
    }
}

/// The choice and the household, on the voter's own screen.
pub(super) fn whose(state: &State, view: &TopicView, looks: &Looks<'_>) -> String {
    let choice = state
        .reply()
        .map(|reply| looks.choice(&view.topic.poll.kind, &reply.opening.choice))
        .unwrap_or_default();
    match &state.voter {
        Some(voter) if !voter.label.is_empty() => format!("{choice} · {}", voter.label),
        _ => choice,
    }
}

/// Somebody of this household has voted already: replace that ballot?
pub(super) fn confirming(state: &State, view: &TopicView, looks: &Looks<'_>) -> Html {
    let kind = &view.topic.poll.kind;
    let Some(draft) = state.draft_choice() else {
        return Html::default();
    };
    let new = looks.choice(kind, &draft);
    let recorded = state
        .voter
        .as_ref()
        .and_then(|voter| voter.recorded.as_ref());
    let lead = match recorded {
        Some(Recorded::Seen(reply)) => {
            let old = looks.choice(kind, &reply.opening.choice);
            looks
                .texts
                .fill(k::CONFIRM_LEAD, &[("old", &old), ("new", &new)])
        }
        Some(Recorded::Unseen) | None => looks.texts.fill(k::CONFIRM_LEAD_HIDDEN, &[("new", &new)]),
    };
    let label = looks.cast_label(kind, &draft, CHANGE);
    html! {
        <>
            { head::kicker(view, looks) }
            { head::heading(looks.text(k::CONFIRM_TITLE), looks.texts.tag(), looks) }
            { for state.voter.as_ref().filter(|voter| !voter.label.is_empty()).map(|voter| html! { <p class="muted">{ &voter.label }</p> }) }
            <p>{ lead }</p>
            { kit::primary_button(&label, false, looks.on(Action::Submitted)) }
            { kit::outline_button(looks.text(k::CONFIRM_KEEP), looks.on(Action::Back)) }
        </>
    }
}
