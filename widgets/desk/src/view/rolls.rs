//! Who may vote: the rolls in force, and a file that is to become one.

use super::el::{El, div, el, held, says};
use super::kit::{only, table};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Dialog, Pick, Upload};
use linli_model::desk::roll::{RollContactFigures, RollEntry, RowError};
use linli_model::desk::{Permission, RollKind, RollPreview, RollVersion};
use linli_port::desk::Question;
use linli_texts::{desk as k, grouped};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Errors that are listed; the rest are counted.
const ERRORS_SHOWN: usize = 50;

/// The screen.
pub(crate) fn rolls(ui: &Ui<'_>) -> Html {
    let rolls = ui.state.slots.rolls().map(|rolls| versions(ui, rolls));
    div("screen")
        .put(ui.heading(ui.t(k::NAV_ROLLS)))
        .put(says("p", ui.t(k::ROLLS_LEAD)).class("muted"))
        .put(ui.shown(&Question::Rolls, rolls))
        .put(upload(ui))
        .into()
}

fn versions(ui: &Ui<'_>, rolls: &[RollVersion]) -> El {
    if rolls.is_empty() {
        return ui.empty(k::NO_ROLLS, k::NO_ROLLS_LEAD);
    }
    let version = |one: &RollVersion| {
        let facts = ui.facts(vec![
            ui.fact(k::VOTERS, grouped(u64::from(one.voters))),
            ui.fact(k::VERSION, one.version.to_string()),
            ui.fact(k::FILE, one.file_name.clone()),
            ui.fact(
                k::ADOPTED,
                format!("{} · {}", ui.time(one.adopted_at_ms), one.adopted_by),
            ),
        ]);
        let seal = el("details")
            .class("more")
            .put(says("summary", ui.t(k::COMMITMENT)))
            .put(
                div("more-body")
                    .put(says("p", ui.t(k::COMMITMENT_LEAD)))
                    .put(says("code", one.commitment.clone()).class("hash")),
            );
        el("li")
            .class("card")
            .key(one.kind.as_str())
            .put(says("h3", ui.t(words::roll(one.kind))))
            .put(facts)
            .put(only(ui.state.may(Permission::Rolls), || {
                let named = ui.fill(k::ROLL_READ_OF, &[("roll", &ui.t(words::roll(one.kind)))]);
                ui.link("quiet", k::ROLL_READ, &Route::Roll(one.kind))
                    .attr("aria-label", named)
                    .into()
            }))
            .put(seal)
            .into()
    };
    let versions: Vec<Html> = rolls.iter().map(version).collect();
    ui.section(ui.t(k::ROLLS_IN_FORCE))
        .put(el("ul").class("cards").all(versions))
}

fn upload(ui: &Ui<'_>) -> El {
    let upload = ui.state.upload.as_ref();
    let kind = upload.map_or(RollKind::Households, |upload| upload.kind);
    if let Some(preview) = upload.and_then(|upload| upload.preview.as_ref()) {
        return preview_of(ui, preview);
    }
    let busy = upload.is_some_and(|upload| upload.busy);
    let problem = upload.and_then(|upload| upload.problem.as_ref());
    let problem = problem.map(|problem| ui.problem(problem));
    let act = ui.act.clone();
    let picked = Callback::from(move |event: Event| {
        let word = event.target().and_then(|target| held(&target));
        if let Some(kind) = word.and_then(|word| RollKind::parse(&word)) {
            act.emit(Action::Picked(Pick::RollKind(kind)));
        }
    });
    let options = RollKind::ALL.into_iter().map(|one| {
        says("option", ui.t(words::roll(one)))
            .attr("value", one.as_str())
            .selected(one == kind)
            .into()
    });
    let options: Vec<Html> = options.collect();
    let kinds = div("entry")
        .put(says("label", ui.t(k::ROLL_KIND)).attr("for", "f-roll-kind"))
        .put(el("select").id("f-roll-kind").all(options).changed(picked));
    let card = div("card")
        .tells("aria-busy", busy)
        .put(kinds)
        .put(file_field(ui, upload))
        .some(problem)
        .put(only(busy, || {
            ui.note(ui.t(k::READING_FILE)).attr("role", "status").into()
        }));
    ui.section(ui.t(k::IMPORT_TITLE)).put(card)
}

fn file_field(ui: &Ui<'_>, upload: Option<&Upload>) -> El {
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
    let input = el("input")
        .id("f-roll-file")
        .attr("type", "file")
        .attr("accept", ".csv,.xlsx,text/csv")
        .attr("aria-describedby", "f-roll-file-hint")
        .flag("disabled", upload.is_some_and(|upload| upload.busy))
        .changed(chosen);
    div("entry")
        .put(says("label", ui.t(k::ROLL_FILE)).attr("for", "f-roll-file"))
        .put(says("small", ui.t(k::ROLL_FILE_HINT)).id("f-roll-file-hint"))
        .put(input)
}

fn preview_of(ui: &Ui<'_>, preview: &RollPreview) -> El {
    let count = |n: u32| grouped(u64::from(n));
    let diff = &preview.diff;
    let changes = ui.facts(vec![
        ui.fact(k::DIFF_ADDED, count(diff.added)),
        ui.fact(k::DIFF_CHANGED, count(diff.changed)),
        ui.fact(k::DIFF_REMOVED, count(diff.removed)),
        ui.fact(k::DIFF_UNCHANGED, count(diff.unchanged)),
    ]);
    let read = ui.fill(
        k::FILE_READ,
        &[
            ("file", &preview.file_name),
            ("rows", &count(preview.rows)),
            ("entries", &count(preview.entries)),
        ],
    );
    let leave_out = preview.errors_total > 0;
    let adopt = Action::Opened(Dialog::Adopt { leave_out: false });
    let ask = (preview.entries > 0).then(|| ui.primary(k::ASK_TO_ADOPT, adopt));
    let contacts = preview.contacts.as_ref();
    let ignored = (!preview.columns_ignored.is_empty()).then(|| {
        let columns = preview.columns_ignored.join("、");
        says("p", ui.fill(k::COLUMNS_IGNORED, &[("columns", &columns)])).class("muted small")
    });
    let card = div("card")
        .put(says("p", read).class("verdict"))
        .some(ignored)
        .some(contacts.map(|figures| contacts_card(ui, preview, figures)))
        .put(says("h3", ui.t(k::DIFF_TITLE)))
        .put(changes)
        .put(only(diff.removed > 0, || {
            // The commonest slip: a sheet of one grid where the whole roll belongs.
            let removed = ui.n(k::ROLL_REMOVES, u64::from(diff.removed));
            says("p", removed)
                .class("problem")
                .attr("role", "note")
                .into()
        }))
        .put(only(leave_out, || errors(ui, preview).into()))
        .put(says("h3", ui.t(k::FIRST_ROWS)))
        .put(first(ui, &preview.first))
        .put(
            div("acts")
                .some(ask)
                .put(ui.quiet(k::OTHER_FILE, Action::UploadDropped)),
        )
        .put(says("p", ui.t(k::ADOPTING_TAKES_TWO)).class("muted small"));
    let title = ui.fill(k::PREVIEW_OF, &[("roll", &ui.t(words::roll(preview.kind)))]);
    ui.section(title).put(card)
}

/// How many can be reached, and who shares a contact. Contacts themselves are not shown.
fn contacts_card(ui: &Ui<'_>, preview: &RollPreview, figures: &RollContactFigures) -> El {
    let entries = u64::from(preview.entries).to_string();
    let with = |key, with: u32| {
        let values = [("with", &*with.to_string()), ("entries", &entries)];
        says("p", ui.fill(key, &values)).class("small")
    };
    let phone = figures.with_phone.map(|n| with(k::ROLL_WITH_PHONE, n));
    let mail = figures.with_mail.map(|n| with(k::ROLL_WITH_MAIL, n));
    let shared = u64::from(figures.shared);
    div("contacts")
        .some(phone)
        .some(mail)
        .put(only(shared > 0, || {
            let title = ui.n(k::ROLL_CONTACTS_SHARED, shared);
            let table = rows_told(ui, title.clone(), &figures.warnings);
            div("errors").put(says("p", title)).put(table).into()
        }))
}

fn rows_told(ui: &Ui<'_>, title: String, told: &[RowError]) -> El {
    let rows = told.iter().take(ERRORS_SHOWN).map(|error| {
        vec![
            error.row.to_string(),
            error.column.clone(),
            words::row_fault(ui, error),
            error.value_excerpt.clone(),
        ]
    });
    let head = [k::ROW, k::COLUMN, k::WHAT_IS_WRONG, k::CELL].map(|key| ui.t(key));
    table(title, head.into(), rows.collect())
}

fn errors(ui: &Ui<'_>, preview: &RollPreview) -> El {
    let total = u64::from(preview.errors_total);
    let shown = preview.errors.len().min(ERRORS_SHOWN) as u64;
    div("errors")
        .put(says("h3", ui.n(k::ROW_ERRORS, total)))
        .put(rows_told(ui, ui.n(k::ROW_ERRORS, total), &preview.errors))
        .put(only(shown < total, || {
            says("p", ui.n(k::MORE_ERRORS, total - shown))
                .class("muted small")
                .into()
        }))
}

fn first(ui: &Ui<'_>, entries: &[RollEntry]) -> El {
    let rows = entries.iter().map(|entry| {
        vec![
            entry.label.clone(),
            words::place(ui, &entry.place),
            entry.name.clone(),
        ]
    });
    let head = [k::HOUSEHOLD, k::PLACE, k::NAME].map(|key| ui.t(key));
    table(ui.t(k::FIRST_ROWS), head.into(), rows.collect())
}
