//! What is shown when there is nothing to choose: loading, failures, refusals, and
//! votes that take place elsewhere.

use super::{Looks, foot, head};
use crate::state::{Action, State, Trouble};
use linli_model::{Credential, Refusal, TopicView};
use linli_texts::deliberation as k;
use linli_ui::kit;
use yew::prelude::*;

/// Waiting for the topic: the shape of what comes.
pub(super) fn loading(looks: &Looks<'_>) -> Html {
    html! {
        <>
            <p class="visually-hidden" role="status">{ looks.text(k::LOADING) }</p>
            <span class="ghost title"></span>
            <span class="ghost"></span>
            <span class="ghost option"></span>
            <span class="ghost option"></span>
            <span class="ghost option"></span>
        </>
    }
}

/// The topic did not come.
pub(super) fn failed(trouble: &Trouble, looks: &Looks<'_>) -> Html {
    html! {
        <>
            { notice(trouble, looks) }
            { kit::primary_button(looks.text(k::RETRY), false, looks.on(Action::RetryAsked)) }
            { page_link(looks) }
        </>
    }
}

/// Identifying this device failed; the choice is kept.
pub(super) fn troubled(view: &TopicView, trouble: &Trouble, looks: &Looks<'_>) -> Html {
    html! {
        <>
            { head::kicker(view, looks) }
            { notice(trouble, looks) }
            { kit::primary_button(looks.text(k::RETRY), false, looks.on(Action::Submitted)) }
            <div class="foot">{ kit::quiet_button(looks.text(k::BACK), looks.on(Action::Back)) }</div>
        </>
    }
}

fn notice(trouble: &Trouble, looks: &Looks<'_>) -> Html {
    let (title, lead) = match trouble {
        Trouble::Unreachable => (k::LOAD_FAILED, looks.text(k::LOAD_FAILED_LEAD).to_owned()),
        Trouble::Fault(incident) => (
            k::FAULT_TITLE,
            looks.texts.fill(k::FAULT_LEAD, &[("incident", incident)]),
        ),
    };
    big(looks.text(title), &lead, looks)
}

fn big(title: &str, lead: &str, looks: &Looks<'_>) -> Html {
    html! {
        <div role="alert">
            <div class="big">
                <span class="seal care" aria-hidden="true">{ mark() }</span>
                { head::heading(title, looks.texts.tag(), looks) }
            </div>
            <p>{ lead }</p>
        </div>
    }
}

fn mark() -> Html {
    html! {
        <svg viewBox="0 0 24 24" width="26" height="26" focusable="false">
            <path d="M12 5v9M12 18.5v.5" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
        </svg>
    }
}

/// The backend refuses to show the topic.
pub(super) fn topic_refused(refusal: &Refusal, looks: &Looks<'_>) -> Html {
    let text = linli_texts::explain(looks.texts, refusal, &|_| String::new());
    html! {
        <>
            { big(&text.title, &text.next, looks) }
            { kit::outline_button(looks.text(k::RETRY), looks.on(Action::RetryAsked)) }
            { page_link(looks) }
        </>
    }
}

/// A command was refused; the draft is kept.
pub(super) fn refused(
    state: &State,
    view: &TopicView,
    refusal: &Refusal,
    looks: &Looks<'_>,
) -> Html {
    let time = |at_ms| looks.time(view, at_ms);
    let text = linli_texts::explain(looks.texts, refusal, &time);
    let voter = state
        .voter
        .as_ref()
        .map(|voter| voter.label.as_str())
        .unwrap_or_default();
    let may_switch = view.topic.poll.credential == Credential::HouseholdCode
        && matches!(refusal, Refusal::AlreadyVoted | Refusal::BallotSecretLost);
    html! {
        <>
            { head::kicker(view, looks) }
            { big(&text.title, &text.next, looks) }
            if !voter.is_empty() { <p class="muted">{ voter }</p> }
            { kit::outline_button(looks.text(k::BACK_TO_TOPIC), looks.on(Action::Back)) }
            if may_switch {
                <div class="foot">{ kit::quiet_button(looks.text(k::SWITCH_VOTER), looks.on(Action::SwitchAsked)) }</div>
            }
        </>
    }
}

/// A formal poll on a page that is not ours.
pub(super) fn elsewhere(view: &TopicView, looks: &Looks<'_>) -> Html {
    html! {
        <>
            { head::head(view, looks) }
            { head::terms(view, looks) }
            <p>{ looks.text(k::ELSEWHERE_LEAD) }</p>
            if !looks.page.is_empty() {
                <a class="btn btn-primary" href={looks.page.to_owned()} target="_blank" rel="noopener">
                    { looks.text(k::ELSEWHERE_OPEN) }
                </a>
            }
            { foot(looks, html! { <span>{ head::turnout(view, looks) }</span> }) }
        </>
    }
}

fn page_link(looks: &Looks<'_>) -> Html {
    if looks.page.is_empty() {
        return Html::default();
    }
    html! {
        <div class="foot">
            <a class="quiet" href={looks.page.to_owned()} target="_blank" rel="noopener">{ looks.text(k::ELSEWHERE_OPEN) }</a>
        </div>
    }
}
