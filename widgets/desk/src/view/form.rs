//! What the parts of the editor's form are made of.

use super::el::{El, el, says};
use super::kit::Input;
use super::ui::Ui;
use super::words;
use crate::editor::Editor;
use crate::state::Field;
use linli_texts::Key;

/// A part of the form.
pub(super) fn part(ui: &Ui<'_>, title: Key) -> El {
    el("fieldset")
        .class("card part-card")
        .put(says("legend", ui.t(title)).class("part-title"))
}

/// An input for the field that the wire calls `path`.
pub(super) fn input<'a>(
    ui: &Ui<'_>,
    editor: &Editor,
    id: &'a str,
    path: &str,
    label: Key,
    value: &'a str,
    field: Field,
) -> Input<'a> {
    let fault = editor.fault(path);
    Input {
        fault: fault.map(|fault| ui.t(words::misfit(fault))),
        ..Input::new(id, ui.t(label), value, field)
    }
}
