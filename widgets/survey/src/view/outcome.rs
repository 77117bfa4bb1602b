//! Answers on their way, and answers that arrived: always told truly where they stand.

use super::{Looks, foot, head, markup, stale_note};
use crate::Tap;
use crate::state::{Action, PROFILE_NAMES, Progress, ProgressStep, Stage, State};
use linli_model::wave::SurveyView;
use linli_model::{Changes, Credential};
use linli_texts::{Key, deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, render, text};
use linli_ui::el::div;
use yew::prelude::*;

/// The three steps of every command.
const STEPS: [Key; 3] = [d::STEP_KEPT, d::STEP_DELIVERED, d::STEP_RECORDED];

fn steps(looks: &Looks<'_>, keys: &[Key], reached: usize) -> Block {
    let labels = keys.iter().map(|key| looks.text(*key).to_owned()).collect();
    Block::Steps { labels, reached }
}

/// Saved → delivered → recorded, and what is being waited for. The round itself may be
/// out of reach.
pub(super) fn casting(state: &State, survey: Option<&SurveyView>, looks: &Looks<'_>) -> Vec<Block> {
    let progress = match state.stage {
        Stage::Casting(progress) => progress,
        // A device is being let in: nobody is asked anything.
        _ => Progress {
            step: ProgressStep::Keeping,
            durable: true,
        },
    };
    let (title, lead) = match (progress.step, progress.durable) {
        (ProgressStep::Keeping | ProgressStep::Sending, true) => (k::SENDING_TITLE, None),
        (ProgressStep::Keeping | ProgressStep::Sending, false) => {
            (k::SENDING_TITLE, Some(k::WAITING_LEAD_PAGE))
        }
        (ProgressStep::Waiting { .. }, false) => (k::WAITING_TITLE, Some(k::WAITING_LEAD_PAGE)),
        (ProgressStep::Waiting { offline: true }, true) => {
            (k::WAITING_TITLE, Some(k::WAITING_LEAD))
        }
        (ProgressStep::Waiting { offline: false }, true) => {
            (d::WAITING_SERVER, Some(k::WAITING_SERVER_LEAD))
        }
    };
    let title_of = survey.map(|survey| survey.view.topic.title.clone());
    let reached = usize::from(!matches!(progress.step, ProgressStep::Keeping));
    let mut blocks = vec![
        looks.banner(Seal::Wait, title, title_of.unwrap_or_default()),
        steps(looks, &STEPS, reached),
    ];
    if let Some(lead) = lead {
        blocks.push(text(Tone::Muted, looks.text(lead)));
    }
    if matches!(progress.step, ProgressStep::Waiting { .. }) {
        blocks.push(looks.button(Look::Outline, d::TRY_NOW, || Action::NudgeAsked));
    }
    let mut card: Vec<Block> = survey
        .map(|survey| head::kicker(survey, looks))
        .into_iter()
        .collect();
    card.push(Block::Live {
        urgent: false,
        blocks,
    });
    card
}

/// Recorded, with the receipt.
pub(super) fn receipt(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Html> {
    let Some(reply) = state.reply() else {
        return Vec::new();
    };
    let title = if reply.receipt.revision > 1 {
        k::RECEIPT_CHANGED
    } else {
        k::RECEIPT_TITLE
    };
    let voter = state.voter.as_ref();
    let whose = voter.map(|voter| voter.label.clone()).unwrap_or_default();
    let banner = looks.banner(Seal::Done, title, whose);
    let mut blocks = vec![
        head::kicker(survey, looks),
        Block::Live {
            urgent: false,
            blocks: vec![banner],
        },
        steps(looks, &STEPS, 3),
    ];
    blocks.extend(stale_note(state, looks));
    let mut nodes = render(&blocks);
    nodes.extend(thanks(state));
    let mut blocks = number(state, looks);
    blocks.extend(offer(state, looks));
    blocks.push(text(Tone::Muted, looks.text(k::REPORT_SOON)));
    blocks.push(after(state, survey, looks));
    nodes.extend(render(&blocks));
    nodes
}

/// Handed over to a backend without receipts: never said to be recorded.
pub(super) fn dispatched(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Html> {
    let told = vec![
        looks.banner(Seal::Done, k::DISPATCHED_TITLE, String::new()),
        steps(looks, &[d::STEP_KEPT, d::STEP_DISPATCHED], 2),
        text(Tone::Muted, looks.text(d::DISPATCHED_LEAD)),
    ];
    let mut nodes = render(&[
        head::kicker(survey, looks),
        Block::Live {
            urgent: false,
            blocks: told,
        },
    ]);
    nodes.extend(thanks(state));
    let mut blocks = offer(state, looks);
    blocks.push(after(state, survey, looks));
    nodes.extend(render(&blocks));
    nodes
}

/// A closed round: whether one has answered, and where the results will be.
pub(super) fn closed(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let closed_at = looks.time(survey, survey.view.topic.poll.closes_at_ms);
    let mut blocks = head::head(survey, looks);
    blocks.push(Block::Note {
        strong: looks.text(k::CLOSED_TITLE).to_owned(),
        text: looks.texts.fill(d::CLOSED_AT, &[("time", &closed_at)]),
    });
    blocks.extend(stale_note(state, looks));
    blocks.extend(head::summary(survey, looks));
    blocks.push(text(Tone::Plain, looks.text(k::REPORT_SOON)));
    let has_answered = state.reply().is_some() || state.dispatched().is_some();
    if has_answered {
        blocks.push(text(Tone::Title, looks.text(k::ANSWERED)));
        blocks.extend(looks.voter(state));
        blocks.extend(number(state, looks));
    } else {
        blocks.push(text(Tone::Muted, looks.text(k::NOT_ANSWERED)));
    }
    let turnout = head::turnout(state, survey, looks);
    blocks.push(foot(looks, turnout.into_iter().collect()));
    blocks.push(head::who_sees(survey, looks));
    blocks
}

/// What the definition says when all is done.
fn thanks(state: &State) -> Option<Html> {
    let words = || div("words").all(markup::nodes(&state.thanks)).into();
    (!state.thanks.is_empty()).then(words)
}

/// Whether to fill these facts in next time. Asked once.
fn offer(state: &State, looks: &Looks<'_>) -> Vec<Block> {
    if state.offer.is_empty() || state.profile.may_keep.is_some() {
        return Vec::new();
    }
    let names: Vec<&str> = PROFILE_NAMES
        .iter()
        .zip(FACTS)
        .filter(|(name, _)| state.offer.iter().any(|(known, _)| known == *name))
        .map(|(_, key)| looks.text(key))
        .collect();
    let facts = names.join(looks.text(d::AND));
    vec![
        text(Tone::Title, looks.text(k::KEEP_TITLE)),
        text(
            Tone::Plain,
            looks.texts.fill(k::KEEP_LEAD, &[("facts", &facts)]),
        ),
        looks.button(Look::Outline, k::KEEP_YES, || Action::KeepAnswered(true)),
        Block::Foot(vec![
            looks.quiet(k::KEEP_NO, || Action::KeepAnswered(false)),
        ]),
    ]
}

/// Words for [`PROFILE_NAMES`].
const FACTS: [Key; PROFILE_NAMES.len()] = [
    k::FACT_BUILDING,
    k::FACT_AGE_GROUP,
    k::FACT_GENDER,
    k::FACT_YEARS_HERE,
    k::FACT_HOUSEHOLD_SIZE,
    k::FACT_TENURE,
    k::FACT_HAS_PET,
    k::FACT_EMPLOYMENT,
];

/// The receipt's number and what can be done with it.
fn number(state: &State, looks: &Looks<'_>) -> Vec<Block> {
    let Some(reply) = state.reply() else {
        return Vec::new();
    };
    let copy = if looks.copied {
        d::RECEIPT_COPIED
    } else {
        d::RECEIPT_COPY
    };
    vec![
        Block::Code {
            label: looks.text(d::RECEIPT_CODE).to_owned(),
            code: reply.receipt.code.clone(),
        },
        Block::Button {
            look: Look::Outline,
            label: looks.text(d::RECEIPT_SAVE).to_owned(),
            off: false,
            tap: Some(looks.tap(Tap::SaveReceipt)),
        },
        Block::Foot(vec![Block::Quiet {
            label: looks.text(copy).to_owned(),
            tap: looks.tap(Tap::CopyReceipt),
        }]),
        text(Tone::Muted, looks.text(k::RECEIPT_HELP)),
    ]
}

/// What can be done after answering.
fn after(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Block {
    let poll = &survey.view.topic.poll;
    let mut quiet = Vec::new();
    if poll.changes == Changes::UntilClosing {
        quiet.push(looks.quiet(k::CHANGE_ANSWERS, || Action::ChangeAsked));
    }
    if poll.credential == Credential::HouseholdCode {
        quiet.push(looks.quiet(k::SWITCH_VOTER, || Action::SwitchAsked));
    }
    if !state.profile.facts.is_empty() {
        quiet.push(looks.quiet(k::FORGET, || Action::ForgetAsked));
    }
    quiet.extend(head::turnout(state, survey, looks));
    foot(looks, quiet)
}
