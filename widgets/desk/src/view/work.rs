//! The switch for work before a device's vote, in the poll's editor.

use super::kit::only;
use super::ui::Ui;
use crate::editor::Editor;
use crate::state::Pick;
use linli_texts::desk as k;
use yew::prelude::*;

/// Only where nothing but the device tells voters apart.
pub(crate) fn switch(ui: &Ui<'_>, editor: &Editor) -> Html {
    only(editor.is_of_devices(), || {
        let on = editor.work_bits.is_some();
        let (label, more) = (ui.t(k::WORK), ui.t(k::WORK_MORE));
        ui.tick(
            "f-poll-work_bits",
            label,
            more,
            on,
            ui.picked(Pick::Work(!on)),
        )
    })
}
