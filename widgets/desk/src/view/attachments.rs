//! What a topic is shown with: a list, a file to be added, and what it shows in words.

use super::el::{El, div, el, says};
use super::kit::{Input, only};
use super::ui::Ui;
use super::words;
use crate::state::{ALT_ID, Action, Dialog, FILE_ID, Field};
use linli_model::TopicId;
use linli_model::desk::attachment::{ALT_CHARS_MAX, ATTACHMENTS_MAX};
use linli_model::desk::{Attachment, DeskRefusal, Permission};
use linli_port::desk::{DeskError, Question};
use linli_texts::desk as k;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const KIB: u64 = 1_024;

/// The section of the poll's screen.
pub(crate) fn section(ui: &Ui<'_>, topic: &TopicId) -> El {
    let held = ui.state.slots.attachments(topic);
    let may = ui.state.may(Permission::Polls);
    let full = held.is_some_and(|held| held.len() >= ATTACHMENTS_MAX);
    let question = Question::Attachments(topic.clone());
    ui.section(ui.t(k::ATTACHMENTS))
        .put(says("p", ui.t(k::ATTACHMENTS_LEAD)).class("muted"))
        .put(ui.shown(&question, held.map(|held| listed(ui, topic, held, may))))
        .put(only(may && full, || {
            ui.note(ui.t(k::ATTACHMENTS_FULL)).into()
        }))
        .put(only(may && !full, || add(ui).into()))
}

fn listed(ui: &Ui<'_>, topic: &TopicId, held: &[Attachment], may: bool) -> El {
    if held.is_empty() {
        return says("p", ui.t(k::ATTACHMENTS_NONE)).class("muted");
    }
    let rows = held.iter().map(|one| row(ui, topic, one, may).into());
    let rows: Vec<Html> = rows.collect();
    el("ul").class("cards").all(rows)
}

fn row(ui: &Ui<'_>, topic: &TopicId, one: &Attachment, may: bool) -> El {
    let upload = &one.upload;
    let at = |path: &str| format!("{}{path}", ui.origin);
    let thumb = upload.thumb.as_deref().map(|thumb| {
        // Its words stand beside it.
        el("img")
            .class("thumb")
            .attr("src", at(thumb))
            .attr("alt", "")
            .attr("loading", "lazy")
    });
    let link = says("a", one.alt.clone())
        .attr("href", at(&upload.address))
        .attr("target", "_blank")
        .attr("rel", "noopener");
    let kind = if upload.thumb.is_some() {
        ui.t(k::ATTACHMENT_PICTURE)
    } else {
        "PDF".to_owned()
    };
    let facts = format!("{kind} · {} KB", upload.bytes.div_ceil(KIB));
    let removed = Dialog::Detach(topic.clone(), upload.id.clone(), one.alt.clone());
    let named = ui.fill(k::DETACH_OF, &[("alt", &one.alt)]);
    el("li")
        .class("card attachment")
        .key(upload.id.to_string())
        .some(thumb)
        .put(
            div("grow")
                .put(link)
                .put(says("p", facts).class("muted small")),
        )
        .put(only(may, || {
            ui.quiet(k::DETACH, Action::Opened(removed))
                .attr("aria-label", named)
                .into()
        }))
}

fn add(ui: &Ui<'_>) -> El {
    let attach = &ui.state.attach;
    let fault = |wanted: &str| match &attach.problem {
        Some(DeskError::Refused(DeskRefusal::Invalid { path, fault })) if path == wanted => {
            Some(ui.t(words::misfit(fault)))
        }
        _ => None,
    };
    let file_fault = fault("file");
    let alt_fault = fault("alt");
    let told_at_field = file_fault.is_some() || alt_fault.is_some();
    let problem = attach.problem.as_ref().filter(|_| !told_at_field);
    let problem = problem.map(|problem| {
        let (title, next) = words::command_error(ui, problem);
        div("problem")
            .attr("role", "alert")
            .put(says("strong", title))
            .put(says("span", next))
    });
    let alt = ui.field(Input {
        hint: ui.t(k::ATTACHMENT_ALT_HINT),
        max: Some(ALT_CHARS_MAX),
        required: true,
        fault: alt_fault,
        ..Input::new(
            ALT_ID,
            ui.t(k::ATTACHMENT_ALT),
            &attach.alt,
            Field::AttachmentAlt,
        )
    });
    div("card")
        .tells("aria-busy", attach.busy)
        .put(file_field(ui, file_fault))
        .put(alt)
        .some(problem)
        .put(only(attach.busy, || {
            ui.note(ui.t(k::ATTACHING)).attr("role", "status").into()
        }))
        .put(
            ui.outline(k::ATTACH, Action::AttachAsked)
                .flag("disabled", attach.busy),
        )
}

fn file_field(ui: &Ui<'_>, fault: Option<String>) -> El {
    let file = ui.file.clone();
    let chosen = Callback::from(move |event: Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(one) = input.files().and_then(|files| files.get(0)) {
            file.emit(one);
        }
        // The same file, mended, may be chosen again.
        input.set_value("");
    });
    let (hint_id, fault_id) = ("f-attachment-file-hint", "f-attachment-file-fault");
    let described = match &fault {
        Some(_) => format!("{fault_id} {hint_id}"),
        None => hint_id.to_owned(),
    };
    let input = el("input")
        .id(FILE_ID)
        .attr("type", "file")
        .attr("accept", "image/jpeg,image/png,image/webp,application/pdf")
        .attr("aria-describedby", described)
        .tells("aria-invalid", fault.is_some())
        .flag("disabled", ui.state.attach.busy)
        .changed(chosen);
    let named = ui.state.attach.file.as_ref().map(|file| {
        let words = ui.fill(k::ATTACHMENT_CHOSEN, &[("file", &file.name)]);
        says("p", words).attr("role", "status")
    });
    div("entry")
        .put(says("label", ui.t(k::ATTACHMENT_FILE)).attr("for", FILE_ID))
        .put(says("small", ui.t(k::ATTACHMENT_FILE_HINT)).id(hint_id))
        .put(input)
        .some(named)
        .some(fault.map(|fault| says("small", fault).class("fault").id(fault_id)))
}
