//! Which household is this? One field, and what happens next on the button.

use super::{Looks, VERIFY, head};
use crate::state::{Action, Problem, State, Trouble};
use linli_model::TopicView;
use linli_texts::deliberation as k;
use linli_ui::kit;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Asking for the voting code.
pub(super) fn identifying(
    state: &State,
    view: &TopicView,
    busy: bool,
    problem: Option<&Problem>,
    looks: &Looks<'_>,
) -> Html {
    let kind = &view.topic.poll.kind;
    let label = match state.draft_choice() {
        _ if busy => looks.text(k::VERIFYING).to_owned(),
        Some(choice) => looks.cast_label(kind, &choice, VERIFY),
        None => looks.text(k::VERIFYING).to_owned(),
    };
    let oninput = looks.act.reform(|event: InputEvent| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        Action::CodeTyped(input.map(|input| input.value()).unwrap_or_default())
    });
    let onsubmit = looks.act.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::Submitted
    });
    html! {
        <form {onsubmit} novalidate=true aria-busy={busy.then_some("true")}>
            { head::kicker(view, looks) }
            { head::heading(looks.text(k::IDENTIFY_TITLE), looks.texts.tag(), looks) }
            <p class="muted">{ looks.text(k::IDENTIFY_LEAD) }</p>
            <label class="field">
                <span>{ looks.text(k::CODE_LABEL) }</span>
                <small>{ looks.text(k::CODE_HINT) }</small>
                <input
                    type="text"
                    name="code"
                    value={state.code.clone()}
                    {oninput}
                    maxlength="64"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    enterkeyhint="go"
                    readonly={busy}
                    aria-invalid={problem.is_some().then_some("true")}
                />
            </label>
            { for problem.map(|problem| explain(problem, view, looks)) }
            <button type="submit" class="btn btn-primary" part="primary" aria-disabled={busy.then_some("true")}>
                { label }
            </button>
            <div class="foot">{ kit::quiet_button(looks.text(k::BACK), looks.on(Action::Back)) }</div>
            { kit::disclosure(looks.text(k::NO_CODE), html! { <p>{ looks.text(k::NO_CODE_HELP) }</p> }) }
        </form>
    }
}

fn explain(problem: &Problem, view: &TopicView, looks: &Looks<'_>) -> Html {
    match problem {
        Problem::CodeMalformed => kit::problem(looks.text(k::CODE_MALFORMED), ""),
        Problem::Refused(refusal) => {
            let time = |at_ms| looks.time(view, at_ms);
            let text = linli_texts::explain(looks.texts, refusal, &time);
            kit::problem(&text.title, &text.next)
        }
        Problem::Trouble(Trouble::Unreachable) => {
            kit::problem(looks.text(k::LOAD_FAILED), looks.text(k::LOAD_FAILED_LEAD))
        }
        Problem::Trouble(Trouble::Fault(incident)) => {
            let lead = looks.texts.fill(k::FAULT_LEAD, &[("incident", incident)]);
            kit::problem(looks.text(k::FAULT_TITLE), &lead)
        }
    }
}
