//! The frame in which the real widget shows a survey. Page and frame speak by messages
//! (`crates/desk-page/README.md`).

use super::super::el::{El, div, el};
use super::super::ui::Ui;
use crate::state::FRAME_ID;
use linli_texts::survey_desk as s;

/// The frame.
pub(super) fn frame(ui: &Ui<'_>) -> El {
    let tag = ui.texts.tag();
    let frame = el("iframe")
        .id(FRAME_ID)
        .attr("title", ui.t(s::FRAME_TITLE))
        .attr("src", format!("{}/desk-preview/?lang={tag}", ui.origin));
    div("survey-frame").key(FRAME_ID).put(frame)
}
