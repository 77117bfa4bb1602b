//! Which household is this? One field, and what happens next on the button. And whether
//! to replace what that household has answered already.

use super::{Looks, head, trouble};
use crate::state::{Action, Problem, State};
use linli_model::wave::SurveyView;
use linli_texts::{deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Field, Look, Tone, text};
use yew::prelude::*;

/// Asking for the code.
pub(super) fn identifying(
    state: &State,
    survey: &SurveyView,
    busy: bool,
    problem: Option<&Problem>,
    looks: &Looks<'_>,
) -> Vec<Block> {
    let label = if busy {
        d::VERIFYING
    } else {
        k::VERIFY_AND_SEND
    };
    let mut blocks = vec![
        head::kicker(survey, looks),
        looks.heading(d::IDENTIFY_TITLE),
        text(Tone::Muted, looks.text(k::IDENTIFY_LEAD)),
        Block::Field(Field {
            label: looks.text(k::CODE_LABEL).to_owned(),
            hint: looks.text(d::CODE_HINT).to_owned(),
            value: state.code.clone(),
            busy,
            invalid: problem.is_some(),
            typed: looks.act.reform(Action::CodeTyped),
        }),
    ];
    blocks.extend(problem.map(|problem| explain(problem, survey, looks)));
    blocks.push(Block::Button {
        look: Look::Primary,
        label: looks.text(label).to_owned(),
        off: busy,
        tap: None,
    });
    blocks.push(Block::Foot(vec![looks.quiet(k::BACK, || Action::Back)]));
    blocks.push(looks.fold(
        d::NO_CODE,
        vec![text(Tone::Plain, looks.text(d::NO_CODE_HELP))],
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

fn explain(problem: &Problem, survey: &SurveyView, looks: &Looks<'_>) -> Block {
    let (title, next) = match problem {
        Problem::Refused(refusal) => return looks.problem(Some(survey), refusal),
        Problem::CodeMalformed => (looks.text(d::CODE_MALFORMED).to_owned(), String::new()),
        Problem::Trouble(trouble) => trouble::words(trouble, looks),
    };
    Block::Problem { title, next }
}

/// Somebody of this household has answered already: replace that?
pub(super) fn confirming(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = vec![head::kicker(survey, looks), looks.heading(k::CONFIRM_TITLE)];
    blocks.extend(looks.voter(state));
    blocks.push(text(Tone::Plain, looks.text(k::CONFIRM_LEAD)));
    blocks.push(looks.button(Look::Primary, k::CONFIRM_REPLACE, || Action::Submitted));
    blocks.push(looks.button(Look::Outline, k::CONFIRM_KEEP, || Action::Back));
    blocks
}
