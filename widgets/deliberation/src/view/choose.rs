//! The question, its options, and the one button.

use super::{CHANGE, Looks, VOTE, foot, head, outcome, stale_note};
use crate::Tap;
use crate::state::{Action, State};
use linli_model::{ChoiceFault, OptionId, PollKind, Refusal, TopicView};
use linli_rules::{ballot, tally};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Look, Options, Row};
use yew::Callback;

/// Choosing, and changing a choice.
pub(super) fn choosing(
    state: &State,
    view: &TopicView,
    changing: bool,
    looks: &Looks<'_>,
) -> Vec<Block> {
    let mut blocks = head::head(view, looks);
    blocks.push(head::terms(view, looks));
    blocks.extend(head::summary(view));
    blocks.extend(stale_note(state, looks));
    blocks.extend(speak_button(looks));
    blocks.push(options(state, view, looks));
    blocks.extend(fault(state, looks));
    blocks.extend(cast_button(state, view, changing, looks));
    blocks.extend(outcome::so_far(view, looks));
    let mut quiet = Vec::new();
    if changing {
        quiet.push(looks.quiet(k::KEEP_VOTE, Action::Back));
    }
    quiet.extend(head::turnout(state, view, looks).map(Block::Small));
    blocks.push(foot(looks, quiet));
    blocks.push(head::who_sees(view, looks));
    blocks
}

/// Before opening: the same question, nothing to press.
pub(super) fn upcoming(view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let poll = &view.topic.poll;
    let (opens, closes) = (
        looks.time(view, poll.opens_at_ms),
        looks.time(view, poll.closes_at_ms),
    );
    let names = tally::option_ids(&poll.kind);
    let mut blocks = head::head(view, looks);
    blocks.push(Block::Note {
        strong: looks.text(k::UPCOMING_TITLE).to_owned(),
        text: looks
            .texts
            .fill(k::UPCOMING_LEAD, &[("time", &opens), ("end", &closes)]),
    });
    blocks.extend(head::summary(view));
    blocks.push(Block::Bullets {
        items: names
            .iter()
            .map(|id| looks.option(&poll.kind, id))
            .collect(),
        lang: head::lang(view),
    });
    blocks.push(foot(looks, Vec::new()));
    blocks.push(head::who_sees(view, looks));
    blocks
}

/// Reading aloud: offered in elder mode, where the device can.
fn speak_button(looks: &Looks<'_>) -> Option<Block> {
    let label = if looks.speaking {
        k::STOP_READING
    } else {
        k::READ_ALOUD
    };
    (looks.elder && looks.can_speak).then(|| Block::Button {
        look: Look::Soft,
        label: looks.text(label).to_owned(),
        off: false,
        tap: Some(looks.tap(Tap::Speak)),
    })
}

fn options(state: &State, view: &TopicView, looks: &Looks<'_>) -> Block {
    let kind = &view.topic.poll.kind;
    let ids = tally::option_ids(kind);
    let rows = ids.iter().map(|id| row(state, kind, id, looks)).collect();
    let act = looks.act.clone();
    Block::Options(Options {
        legend: head::question(view).to_owned(),
        hint: how_many(state, kind, looks),
        many: matches!(kind, PollKind::MultipleChoice { .. }),
        // A motion's stances are our words, options are the author's.
        lang: (!matches!(kind, PollKind::Motion)).then(|| head::lang(view)),
        rows,
        pick: Callback::from(move |index: usize| {
            if let Some(id) = ids.get(index) {
                act.emit(Action::Toggled(id.clone()));
            }
        }),
    })
}

fn how_many(state: &State, kind: &PollKind, looks: &Looks<'_>) -> String {
    let PollKind::MultipleChoice { min, max, .. } = kind else {
        return String::new();
    };
    if state.draft.is_empty() && min == max {
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
    }
}

fn row(state: &State, kind: &PollKind, id: &OptionId, looks: &Looks<'_>) -> Row {
    let option = kind.options().iter().find(|option| option.id == *id);
    Row {
        value: id.to_string(),
        text: looks.option(kind, id),
        detail: option
            .map(|option| option.detail.clone())
            .unwrap_or_default(),
        on: state.draft.contains(id),
    }
}

fn fault(state: &State, looks: &Looks<'_>) -> Option<Block> {
    let fault = state.draft_fault.clone()?;
    Some(looks.problem(None, &Refusal::ChoiceInvalid { fault }))
}

/// The button says what it will do with the choice in it, or what is still missing.
fn cast_button(
    state: &State,
    view: &TopicView,
    changing: bool,
    looks: &Looks<'_>,
) -> Option<Block> {
    let poll = &view.topic.poll;
    let choice = state.draft_choice()?;
    let missing = match ballot::check(poll, &choice) {
        Err(Refusal::ChoiceInvalid {
            fault: ChoiceFault::TooFew { min, chosen },
        }) if chosen > 0 => Some(
            looks
                .texts
                .count(k::CHOOSE_MORE, u64::from(min - chosen), &[]),
        ),
        Err(_) if state.draft.is_empty() => Some(looks.text(k::CHOOSE_FIRST).to_owned()),
        Ok(_) | Err(_) => None,
    };
    let off = missing.is_some();
    let words = if changing { CHANGE } else { VOTE };
    let label = missing.unwrap_or_else(|| looks.cast_label(&poll.kind, &choice, words));
    let tap = Some(looks.on(Action::Submitted));
    Some(Block::Button {
        look: Look::Primary,
        label,
        off,
        tap,
    })
}
