//! The question, its options, and the one button.

use super::{CHANGE, Looks, VOTE, foot, head, outcome, stale_note};
use crate::Tap;
use crate::state::{Action, State};
use linli_model::{ChoiceFault, OptionId, PollKind, TopicView};
use linli_rules::{ballot, tally};
use linli_texts::deliberation as k;
use linli_ui::kit;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Choosing, and changing a choice.
pub(super) fn choosing(state: &State, view: &TopicView, changing: bool, looks: &Looks<'_>) -> Html {
    let keep =
        changing.then(|| kit::quiet_button(looks.text(k::KEEP_VOTE), looks.on(Action::Back)));
    html! {
        <>
            { head::head(view, looks) }
            { head::terms(view, looks) }
            { head::summary(view) }
            { stale_note(state, looks) }
            { speak_button(looks) }
            { options(state, view, looks) }
            { fault(state, looks) }
            { cast_button(state, view, changing, looks) }
            { outcome::so_far(view, looks) }
            { foot(looks, html! { <>{ for keep }<span>{ head::turnout(view, looks) }</span></> }) }
            { head::who_sees(view, looks) }
        </>
    }
}

/// Before opening: the same question, nothing to press.
pub(super) fn upcoming(view: &TopicView, looks: &Looks<'_>) -> Html {
    let poll = &view.topic.poll;
    let (opens, closes) = (
        looks.time(view, poll.opens_at_ms),
        looks.time(view, poll.closes_at_ms),
    );
    let names = tally::option_ids(&poll.kind);
    html! {
        <>
            { head::head(view, looks) }
            <p class="note">
                <strong>{ looks.text(k::UPCOMING_TITLE) }</strong><br />
                { looks.texts.fill(k::UPCOMING_LEAD, &[("time", &opens), ("end", &closes)]) }
            </p>
            { head::summary(view) }
            <ul class="plain" lang={view.topic.lang.clone()}>
                { for names.iter().map(|id| html! { <li>{ looks.option(&poll.kind, id) }</li> }) }
            </ul>
            { foot(looks, Html::default()) }
            { head::who_sees(view, looks) }
        </>
    }
}

/// Reading aloud: offered in elder mode, where the device can.
fn speak_button(looks: &Looks<'_>) -> Html {
    if !looks.elder || !looks.can_speak {
        return Html::default();
    }
    let label = looks.text(if looks.speaking {
        k::STOP_READING
    } else {
        k::READ_ALOUD
    });
    html! {
        <button type="button" class="btn btn-soft" onclick={looks.tap(Tap::Speak)}>{ label }</button>
    }
}

fn options(state: &State, view: &TopicView, looks: &Looks<'_>) -> Html {
    let kind = &view.topic.poll.kind;
    let rows = tally::option_ids(kind)
        .into_iter()
        .map(|id| row(state, view, id, looks));
    html! {
        <fieldset>
            <legend class="visually-hidden">{ head::question(view) }</legend>
            { for how_many(state, kind, looks).map(|text| html! { <p class="muted">{ text }</p> }) }
            { for rows }
        </fieldset>
    }
}

fn how_many(state: &State, kind: &PollKind, looks: &Looks<'_>) -> Option<String> {
    let PollKind::MultipleChoice { min, max, .. } = kind else {
        return None;
    };
    let text = if state.draft.is_empty() && min == max {
        looks.texts.count(k::CHOOSE_EXACTLY, u64::from(*min), &[])
    } else if state.draft.is_empty() {
        let (min, max) = (min.to_string(), max.to_string());
        looks
            .texts
            .fill(k::CHOOSE_BETWEEN, &[("min", &min), ("max", &max)])
    } else {
        let max = max.to_string();
        looks
            .texts
            .count(k::CHOSEN_COUNT, state.draft.len() as u64, &[("max", &max)])
    };
    Some(text)
}

fn row(state: &State, view: &TopicView, id: OptionId, looks: &Looks<'_>) -> Html {
    let kind = &view.topic.poll.kind;
    let many = matches!(kind, PollKind::MultipleChoice { .. });
    let on = state.draft.contains(&id);
    let detail = kind
        .options()
        .iter()
        .find(|option| option.id == id)
        .map(|o| o.detail.as_str());
    let detail = detail.filter(|detail| !detail.is_empty());
    // A motion's stances are our words, options are the author's.
    let lang = if matches!(kind, PollKind::Motion) {
        None
    } else {
        Some(view.topic.lang.clone())
    };
    let name = looks.option(kind, &id);
    let onchange = {
        let (act, id) = (looks.act.clone(), id.clone());
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
            // The state decides what is ticked, so put the box back until it has.
            if let Some(input) = input.filter(|_| many) {
                input.set_checked(on);
            }
            act.emit(Action::Toggled(id.clone()));
        })
    };
    html! {
        <label key={id.to_string()} class={classes!("row", many.then_some("many"), on.then_some("on"))} part="option" {lang}>
            <input
                type={if many { "checkbox" } else { "radio" }}
                name="choice"
                value={id.to_string()}
                checked={on}
                {onchange}
            />
            <span class="dot">{ kit::tick() }</span>
            <span>{ name }</span>
            { for detail.map(|detail| html! { <span class="detail">{ detail }</span> }) }
        </label>
    }
}

fn fault(state: &State, looks: &Looks<'_>) -> Html {
    let Some(fault) = &state.draft_fault else {
        return Html::default();
    };
    let refusal = linli_model::Refusal::ChoiceInvalid {
        fault: fault.clone(),
    };
    let text = linli_texts::explain(looks.texts, &refusal, &|_| String::new());
    kit::problem(&text.title, &text.next)
}

/// The button says what it will do with the choice in it, or what is still missing.
fn cast_button(state: &State, view: &TopicView, changing: bool, looks: &Looks<'_>) -> Html {
    let poll = &view.topic.poll;
    let Some(choice) = state.draft_choice() else {
        return Html::default();
    };
    let missing = match ballot::check(poll, &choice) {
        Ok(_) => None,
        Err(linli_model::Refusal::ChoiceInvalid {
            fault: ChoiceFault::TooFew { min, chosen },
        }) if chosen > 0 => Some(
            looks
                .texts
                .count(k::CHOOSE_MORE, u64::from(min - chosen), &[]),
        ),
        Err(_) if state.draft.is_empty() => Some(looks.text(k::CHOOSE_FIRST).to_owned()),
        Err(_) => None,
    };
    let words = if changing { CHANGE } else { VOTE };
    let is_missing = missing.is_some();
    let label = missing.unwrap_or_else(|| looks.cast_label(&poll.kind, &choice, words));
    kit::primary_button(&label, is_missing, looks.on(Action::Submitted))
}
