//! A command on its way: always told truly where it stands.

use super::{Looks, head};
use crate::state::{Action, Progress, ProgressStep, Stage, State};
use linli_model::TopicView;
use linli_texts::deliberation as k;
use linli_ui::kit;
use yew::prelude::*;

/// Saved → delivered → recorded, and what is being waited for.
pub(super) fn casting(view: &TopicView, progress: &Progress, looks: &Looks<'_>) -> Html {
    let choice = looks.choice(&view.topic.poll.kind, &progress.choice);
    html! {
        <>
            { head::kicker(view, looks) }
            { body(progress, Some(choice), looks) }
        </>
    }
}

/// The same when the topic itself cannot be reached.
pub(super) fn without_topic(state: &State, looks: &Looks<'_>) -> Html {
    match &state.stage {
        Stage::Casting(progress) => body(progress, None, looks),
        _ => Html::default(),
    }
}

fn body(progress: &Progress, choice: Option<String>, looks: &Looks<'_>) -> Html {
    let (title, lead) = match (progress.step, progress.durable) {
        (ProgressStep::Keeping | ProgressStep::Sending, _) => (k::SENDING_TITLE, None),
        (ProgressStep::Waiting { .. }, false) => (k::WAITING_TITLE, Some(k::WAITING_LEAD_PAGE)),
        (ProgressStep::Waiting { offline: true }, true) => {
            (k::WAITING_TITLE, Some(k::WAITING_LEAD))
        }
        (ProgressStep::Waiting { offline: false }, true) => {
            (k::WAITING_SERVER, Some(k::WAITING_SERVER_LEAD))
        }
    };
    let is_waiting = lead.is_some();
    let reached = usize::from(!matches!(progress.step, ProgressStep::Keeping));
    html! {
        <div role="status">
            <div class="big">
                <span class="seal wait" aria-hidden="true">{ hourglass() }</span>
                <div>
                    { head::heading(looks.text(title), looks.texts.tag(), looks) }
                    { for choice.map(|choice| html! { <span class="muted">{ choice }</span> }) }
                </div>
            </div>
            { kit::steps(&[looks.text(k::STEP_KEPT), looks.text(k::STEP_DELIVERED), looks.text(k::STEP_RECORDED)], reached) }
            { for lead.map(|lead| html! { <p class="muted">{ looks.text(lead) }</p> }) }
            if is_waiting {
                { kit::outline_button(looks.text(k::TRY_NOW), looks.on(Action::NudgeAsked)) }
            }
        </div>
    }
}

/// Handed over to a backend without receipts: never said to be recorded.
pub(super) fn dispatched(state: &State, view: &TopicView, looks: &Looks<'_>) -> Html {
    let choice = state
        .draft_choice()
        .map(|choice| looks.choice(&view.topic.poll.kind, &choice));
    html! {
        <div role="status">
            { head::kicker(view, looks) }
            <div class="big">
                <span class="seal" aria-hidden="true">{ kit::tick() }</span>
                <div>
                    { head::heading(looks.text(k::DISPATCHED_TITLE), looks.texts.tag(), looks) }
                    { for choice.map(|choice| html! { <span class="muted">{ choice }</span> }) }
                </div>
            </div>
            { kit::steps(&[looks.text(k::STEP_KEPT), looks.text(k::STEP_DISPATCHED)], 2) }
            <p class="muted">{ looks.text(k::DISPATCHED_LEAD) }</p>
        </div>
    }
}

fn hourglass() -> Html {
    html! {
        <svg viewBox="0 0 24 24" width="26" height="26" focusable="false">
            <path d="M7 3h10M7 21h10M8 3v3.5l4 4.5 4-4.5V3M8 21v-3.5l4-4.5 4 4.5V21" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}
