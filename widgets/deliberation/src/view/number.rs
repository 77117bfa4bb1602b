//! The receipt number, shown on the receipt and beside the results.

use super::Looks;
use crate::Tap;
use crate::state::State;
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Look, Tone, text};

/// The number and what can be done with it.
pub(super) fn code(state: &State, looks: &Looks<'_>) -> Vec<Block> {
    let Some(reply) = state.reply() else {
        return Vec::new();
    };
    let copy = if looks.copied {
        k::RECEIPT_COPIED
    } else {
        k::RECEIPT_COPY
    };
    vec![
        Block::Code {
            label: looks.text(k::RECEIPT_CODE).to_owned(),
            code: reply.receipt.code.clone(),
        },
        Block::Button {
            look: Look::Outline,
            label: looks.text(k::RECEIPT_SAVE).to_owned(),
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
