//! A command on its way: always told truly where it stands.

use super::{Looks, head};
use crate::state::{Action, Progress, ProgressStep};
use linli_model::TopicView;
use linli_texts::{Key, deliberation as k};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, text};

/// Saved → delivered → recorded, and what is being waited for. The topic itself may be
/// out of reach.
pub(super) fn casting(
    view: Option<&TopicView>,
    progress: &Progress,
    looks: &Looks<'_>,
) -> Vec<Block> {
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
            (k::WAITING_SERVER, Some(k::WAITING_SERVER_LEAD))
        }
    };
    let choice = view.map(|view| looks.choice(&view.topic.poll.kind, &progress.choice));
    let reached = usize::from(!matches!(progress.step, ProgressStep::Keeping));
    let mut blocks = vec![
        looks.banner(Seal::Wait, title, choice.unwrap_or_default()),
        steps(looks, &STEPS, reached),
    ];
    if let Some(lead) = lead {
        blocks.push(text(Tone::Muted, looks.text(lead)));
    }
    if matches!(progress.step, ProgressStep::Waiting { .. }) {
        blocks.push(looks.button(Look::Outline, k::TRY_NOW, Action::NudgeAsked));
    }
    let mut card: Vec<Block> = view
        .map(|view| head::kicker(view, looks))
        .into_iter()
        .collect();
    card.push(Block::Live {
        urgent: false,
        blocks,
    });
    card
}

/// The three steps of every command.
pub(super) const STEPS: [Key; 3] = [k::STEP_KEPT, k::STEP_DELIVERED, k::STEP_RECORDED];

/// Where sending stands.
pub(super) fn steps(looks: &Looks<'_>, keys: &[Key], reached: usize) -> Block {
    let labels = keys.iter().map(|key| looks.text(*key).to_owned()).collect();
    Block::Steps { labels, reached }
}
