//! Before the first question: what it is about, how long it takes, who sees it, and what
//! came of the last round.

use super::{Looks, foot, head, stale_note};
use crate::state::{Action, State};
use linli_model::wave::{CorrectiveAction, SurveyView};
use linli_texts::{deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Look, Tone, text};

/// Corrective actions that stand on the card; the report has all.
const ACTIONS_MAX: usize = 3;

/// What one is asked to begin.
pub(super) fn intro(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = head::head(survey, looks);
    blocks.push(head::terms(state, survey, looks));
    blocks.extend(head::summary(survey, looks));
    blocks.extend(stale_note(state, looks));
    blocks.extend(actions(survey, looks));
    let mut quiet = Vec::new();
    if state.draft.is_some() {
        blocks.push(looks.note(k::DRAFT_FOUND));
        blocks.push(looks.button(Look::Primary, k::GO_ON, || Action::Started));
        quiet.push(looks.quiet(k::START_ANEW, || Action::StartedAnew));
    } else {
        blocks.push(looks.button(Look::Primary, k::START, || Action::Started));
    }
    if state.is_changing {
        quiet.push(looks.quiet(k::KEEP_ANSWERS, || Action::Back));
    }
    quiet.extend(head::turnout(state, survey, looks));
    quiet.extend(head::round(survey, looks));
    blocks.push(foot(looks, quiet));
    blocks.push(head::who_sees(survey, looks));
    blocks
}

/// Before opening: the same, nothing to press.
pub(super) fn upcoming(survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let poll = &survey.view.topic.poll;
    let opens = looks.time(survey, poll.opens_at_ms);
    let closes = looks.time(survey, poll.closes_at_ms);
    let times = [("time", opens.as_str()), ("end", closes.as_str())];
    let mut blocks = head::head(survey, looks);
    blocks.push(Block::Note {
        strong: looks.text(d::UPCOMING_TITLE).to_owned(),
        text: looks.texts.fill(k::UPCOMING_LEAD, &times),
    });
    blocks.extend(head::summary(survey, looks));
    blocks.extend(actions(survey, looks));
    blocks.push(foot(looks, Vec::new()));
    blocks.push(head::who_sees(survey, looks));
    blocks
}

/// What was promised after the last round, and what came of it.
fn actions(survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !survey.actions.is_empty() {
        blocks.push(text(Tone::Title, looks.text(k::ACTIONS)));
    }
    for action in survey.actions.iter().take(ACTIONS_MAX) {
        blocks.push(one(survey, action, looks));
    }
    blocks
}

fn one(survey: &SurveyView, action: &CorrectiveAction, looks: &Looks<'_>) -> Block {
    let time = looks.time(survey, action.due_at_ms);
    let mut words = looks
        .texts
        .fill(k::ACTION_BY, &[("who", &action.who), ("time", &time)]);
    words.push_str(" · ");
    words.push_str(&match &action.outcome {
        Some(outcome) => looks.texts.fill(k::ACTION_DONE, &[("text", &outcome.text)]),
        None if action.is_overdue => looks.text(k::ACTION_OVERDUE).to_owned(),
        None => looks.text(k::ACTION_OPEN).to_owned(),
    });
    if action.is_overdue && action.outcome.is_none() {
        // Louder than a note, without alarming: it is not the reader's to mend.
        return Block::Problem {
            title: action.what.clone(),
            next: words,
        };
    }
    Block::Note {
        strong: action.what.clone(),
        text: words,
    }
}
