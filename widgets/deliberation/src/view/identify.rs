//! Which household is this? One field, and what happens next on the button.

use super::{Looks, VERIFY, head};
use crate::state::{Action, Problem, State, Trouble};
use linli_model::TopicView;
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Field, Look, Tone, text};
use yew::prelude::*;

/// Asking for the voting code.
pub(super) fn identifying(
    state: &State,
    view: &TopicView,
    busy: bool,
    problem: Option<&Problem>,
    looks: &Looks<'_>,
) -> Vec<Block> {
    let kind = &view.topic.poll.kind;
    let label = match state.draft_choice() {
        Some(choice) if !busy => looks.cast_label(kind, &choice, VERIFY),
        Some(_) | None => looks.text(k::VERIFYING).to_owned(),
    };
    let mut blocks = vec![
        head::kicker(view, looks),
        looks.heading(k::IDENTIFY_TITLE),
        text(Tone::Muted, looks.text(k::IDENTIFY_LEAD)),
        Block::Field(Field {
            label: looks.text(k::CODE_LABEL).to_owned(),
            hint: looks.text(k::CODE_HINT).to_owned(),
            value: state.code.clone(),
            busy,
            invalid: problem.is_some(),
            typed: looks.act.reform(Action::CodeTyped),
        }),
    ];
    blocks.extend(problem.map(|problem| explain(problem, view, looks)));
    blocks.push(Block::Button {
        look: Look::Primary,
        label,
        off: busy,
        tap: None,
    });
    blocks.push(Block::Foot(vec![looks.quiet(k::BACK, Action::Back)]));
    blocks.push(looks.fold(
        k::NO_CODE,
        vec![text(Tone::Plain, looks.text(k::NO_CODE_HELP))],
    ));
    let submit = looks.act.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::Submitted
    });
    vec![Block::Form {
        blocks,
        busy,
        submit,
    }]
}

fn explain(problem: &Problem, view: &TopicView, looks: &Looks<'_>) -> Block {
    let (title, next) = match problem {
        Problem::Refused(refusal) => return looks.problem(Some(view), refusal),
        Problem::CodeMalformed => (k::CODE_MALFORMED, String::new()),
        Problem::Trouble(Trouble::Unreachable) => {
            (k::LOAD_FAILED, looks.text(k::LOAD_FAILED_LEAD).to_owned())
        }
        Problem::Trouble(Trouble::Fault(incident)) => (
            k::FAULT_TITLE,
            looks.texts.fill(k::FAULT_LEAD, &[("incident", incident)]),
        ),
    };
    Block::Problem {
        title: looks.text(title).to_owned(),
        next,
    }
}
