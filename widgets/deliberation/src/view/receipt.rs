//! A ballot that arrived: its receipt, or that there is none, and the ways to change it.

use super::{CHANGE, Looks, delivery, head, number, outcome, stale_note};
use crate::state::{Action, Recorded, State};
use linli_model::{Changes, Credential, TopicView};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, text};

/// Recorded, with its receipt.
pub(super) fn receipt(state: &State, view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let Some(reply) = state.reply() else {
        return Vec::new();
    };
    let poll = &view.topic.poll;
    let changed = reply.receipt.revision > 1;
    let title = if changed {
        k::RECEIPT_CHANGED
    } else {
        k::RECEIPT_TITLE
    };
    let mut whose = looks.choice(&poll.kind, &reply.opening.choice);
    if let Some(voter) = state.voter.as_ref().filter(|voter| !voter.label.is_empty()) {
        whose.push_str(" · ");
        whose.push_str(&voter.label);
    }
    let banner = looks.banner(Seal::Done, title, whose);
    let mut blocks = vec![
        head::kicker(view, looks),
        Block::Live {
            urgent: false,
            blocks: vec![banner],
        },
        delivery::steps(looks, &delivery::STEPS, 3),
    ];
    blocks.extend(stale_note(state, looks));
    blocks.extend(number::code(state, looks));
    blocks.extend(outcome::after_voting(view, looks));
    blocks.push(next(view, looks));
    let turnout = head::turnout(state, view, looks).map(Block::Small);
    blocks.extend(turnout.map(|turnout| Block::Foot(vec![turnout])));
    blocks
}

/// Handed over to a backend without receipts: never said to be recorded.
pub(super) fn dispatched(state: &State, view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let choice = state
        .draft_choice()
        .map(|choice| looks.choice(&view.topic.poll.kind, &choice));
    let blocks = vec![
        looks.banner(Seal::Done, k::DISPATCHED_TITLE, choice.unwrap_or_default()),
        delivery::steps(looks, &[k::STEP_KEPT, k::STEP_DISPATCHED], 2),
        text(Tone::Muted, looks.text(k::DISPATCHED_LEAD)),
    ];
    vec![
        head::kicker(view, looks),
        Block::Live {
            urgent: false,
            blocks,
        },
        next(view, looks),
    ]
}

/// What can be done after voting.
pub(super) fn next(view: &TopicView, looks: &Looks<'_>) -> Block {
    let poll = &view.topic.poll;
    let mut quiet = Vec::new();
    if poll.changes == Changes::UntilClosing {
        quiet.push(looks.quiet(k::CHANGE_VOTE, Action::ChangeAsked));
    }
    if poll.credential == Credential::HouseholdCode {
        quiet.push(looks.quiet(k::SWITCH_VOTER, Action::SwitchAsked));
    }
    Block::Foot(quiet)
}

/// Somebody of this household has voted already: replace that ballot?
pub(super) fn confirming(state: &State, view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let kind = &view.topic.poll.kind;
    let Some(draft) = state.draft_choice() else {
        return Vec::new();
    };
    let new = looks.choice(kind, &draft);
    let lead = match state
        .voter
        .as_ref()
        .and_then(|voter| voter.recorded.as_ref())
    {
        Some(Recorded::Seen(reply)) => {
            let old = looks.choice(kind, &reply.opening.choice);
            looks
                .texts
                .fill(k::CONFIRM_LEAD, &[("old", &old), ("new", &new)])
        }
        Some(Recorded::Unseen) | None => looks.texts.fill(k::CONFIRM_LEAD_HIDDEN, &[("new", &new)]),
    };
    let mut blocks = vec![head::kicker(view, looks), looks.heading(k::CONFIRM_TITLE)];
    blocks.extend(looks.voter(state));
    blocks.push(text(Tone::Plain, lead));
    blocks.push(Block::Button {
        look: Look::Primary,
        label: looks.cast_label(kind, &draft, CHANGE),
        off: false,
        tap: Some(looks.on(Action::Submitted)),
    });
    blocks.push(looks.button(Look::Outline, k::CONFIRM_KEEP, Action::Back));
    blocks
}
