//! Writing a poll: one part after the other, with the residents' card beside it.

use super::el::{El, div, el, icon, says};
use super::form::{input, part};
use super::kit::{Input, only};
use super::preview::{self, Sketch};
use super::rule;
use super::ui::Ui;
use super::words;
use crate::editor::{Editor, Kind};
use crate::route::Route;
use crate::state::{Action, Field, Pick, field_id};
use linli_model::desk::{DeskRefusal, PollState};
use linli_model::limits::{
    OPTION_CHARS_MAX, OPTION_DETAIL_CHARS_MAX, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX,
};
use linli_model::{Changes, Credential, Electorate, ResultsVisibility, Secrecy, TopicId};
use linli_port::desk::{DeskError, Question};
use linli_texts::{Key, desk as k};
use yew::prelude::*;

const ID_CHARS_MAX: usize = 64;

/// A draft that exists.
pub(crate) fn edit(ui: &Ui<'_>, topic: &TopicId) -> Html {
    if ui.state.editor.is_some() {
        return editor(ui);
    }
    let view = ui.state.slots.poll(topic);
    let published = view.filter(|view| view.state != PollState::Draft).map(|_| {
        let refusal = DeskError::Refused(DeskRefusal::AlreadyPublished);
        let back = ui.link(
            "btn btn-outline fit",
            k::BACK_TO_POLL,
            &Route::Poll(topic.clone()),
        );
        div("card").put(ui.problem(&refusal)).put(back)
    });
    // As the form's own head, so that the focus stays in it.
    div("screen wide")
        .put(ui.link("back", k::CANCEL, &Route::Poll(topic.clone())))
        .put(ui.heading(ui.t(k::EDIT_POLL)))
        .put(says("p", "").class("muted"))
        .put(ui.shown(&Question::Poll(topic.clone()), published))
        .into()
}

/// The form.
pub(crate) fn editor(ui: &Ui<'_>) -> Html {
    let Some(editor) = &ui.state.editor else {
        return Html::default();
    };
    let (title, back) = match &editor.topic {
        Some(topic) => (k::EDIT_POLL, Route::Poll(topic.clone())),
        None => (k::NEW_POLL, Route::Polls),
    };
    let act = ui.act.clone();
    let form = el("form")
        .class("editor-form")
        .flag("novalidate", true)
        .submit(Callback::from(move |()| act.emit(Action::SaveAsked)))
        .put(asks(ui, editor))
        .put(choices(ui, editor))
        .put(who(ui, editor))
        .put(rule::rule(ui, editor))
        .put(times(ui, editor))
        .put(terms(ui, editor))
        .put(foot(ui, editor, &back));
    let sketch = Sketch::of_editor(ui, editor);
    let aside = el("aside")
        .attr("aria-label", ui.t(k::PREVIEW))
        .put(preview::preview(ui, &sketch));
    div("screen wide")
        .put(ui.link("back", k::CANCEL, &back))
        .put(ui.heading(ui.t(title)))
        .put(says("p", ui.t(k::EDITOR_LEAD)).class("muted"))
        .put(div("editor").put(form).put(aside))
        .into()
}

fn asks(ui: &Ui<'_>, editor: &Editor) -> El {
    let title = Input {
        hint: ui.n(k::TITLE_HINT, TITLE_CHARS_MAX as u64),
        max: Some(TITLE_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-title",
            "title",
            k::TITLE,
            &editor.title,
            Field::Title,
        )
    };
    let summary = Input {
        hint: ui.t(k::SUMMARY_HINT),
        max: Some(SUMMARY_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-summary",
            "summary",
            k::SUMMARY,
            &editor.summary,
            Field::Summary,
        )
    };
    let place = Input {
        hint: ui.t(k::PLACE_HINT),
        ..input(
            ui,
            editor,
            "f-place",
            "place",
            k::PLACE,
            &editor.place,
            Field::Place,
        )
    };
    part(ui, k::PART_ASKS)
        .put(ui.field(title))
        .put(ui.area(summary))
        .put(ui.choose(place, words::places(ui, ui.t(k::CHOOSE_PLACE))))
}

fn choices(ui: &Ui<'_>, editor: &Editor) -> El {
    let row = |kind: Kind, label: Key, detail: Key| {
        (
            ui.t(label),
            ui.t(detail),
            editor.kind == kind,
            Pick::Kind(kind),
        )
    };
    let kinds = vec![
        row(Kind::Single, k::KIND_SINGLE, k::KIND_SINGLE_MORE),
        row(Kind::Motion, k::KIND_MOTION, k::KIND_MOTION_MORE),
        row(Kind::Multiple, k::KIND_MULTIPLE, k::KIND_MULTIPLE_MORE),
    ];
    let number = |id, path, label, value, field| {
        ui.field(Input {
            mode: Some("numeric"),
            ..input(ui, editor, id, path, label, value, field)
        })
    };
    part(ui, k::PART_CHOICES)
        .put(ui.radios("kind", ui.t(k::KIND), kinds))
        .some(fault(ui, editor, "poll.kind"))
        .put(only(editor.kind != Kind::Motion, || {
            options(ui, editor).into()
        }))
        .put(only(editor.kind == Kind::Multiple, || {
            div("pair")
                .put(number(
                    "f-poll-min",
                    "poll.min",
                    k::MIN,
                    &editor.min,
                    Field::Min,
                ))
                .put(number(
                    "f-poll-max",
                    "poll.max",
                    k::MAX,
                    &editor.max,
                    Field::Max,
                ))
                .into()
        }))
}

fn options(ui: &Ui<'_>, editor: &Editor) -> El {
    let rows = (0..editor.options.len()).map(|index| option(ui, editor, index));
    let rows: Vec<Html> = rows.collect();
    el("fieldset")
        .class("options")
        .put(says("legend", ui.t(k::OPTIONS)))
        .put(says("p", ui.t(k::OPTIONS_HINT)).class("muted small"))
        .put(el("ol").class("option-list").all(rows))
        .put(only(editor.has_room(), || {
            ui.outline(k::ADD_OPTION, Action::Picked(Pick::AddOption))
                .into()
        }))
}

fn option(ui: &Ui<'_>, editor: &Editor, index: usize) -> Html {
    let Some(option) = editor.options.get(index) else {
        return Html::default();
    };
    let number = (index + 1).to_string();
    let paths = ["text", "detail"].map(|field| format!("poll.options.{index}.{field}"));
    let ids = paths.clone().map(|path| field_id(&path));
    let named = |key| ui.fill(key, &[("n", &number)]);
    let text = Input {
        label: named(k::OPTION_TEXT),
        max: Some(OPTION_CHARS_MAX),
        ..input(
            ui,
            editor,
            &ids[0],
            &paths[0],
            k::OPTIONS,
            &option.text,
            Field::OptionText(index),
        )
    };
    let detail = Input {
        label: named(k::OPTION_DETAIL),
        max: Some(OPTION_DETAIL_CHARS_MAX),
        ..input(
            ui,
            editor,
            &ids[1],
            &paths[1],
            k::OPTIONS,
            &option.detail,
            Field::OptionDetail(index),
        )
    };
    let mover = |up: bool, key, drawing, off: bool| {
        let word = if up { "up" } else { "down" };
        let pick = Pick::MoveOption { index, up };
        ui.button("icon-button", String::new(), Action::Picked(pick))
            .id(format!("{word}-{index}"))
            .attr("aria-label", named(key))
            .tells("aria-disabled", off)
            .put(icon(drawing))
    };
    let last = index + 1 == editor.options.len();
    let remove = editor.can_remove().then(|| {
        ui.button(
            "icon-button",
            String::new(),
            Action::Picked(Pick::RemoveOption(index)),
        )
        .attr("aria-label", named(k::REMOVE_OPTION))
        .put(icon("M6 6l12 12M18 6L6 18"))
    });
    let act = ui.act.clone();
    // Alt with an arrow moves the option from inside its fields.
    let keys = Callback::from(move |event: KeyboardEvent| {
        let up = match event.key().as_str() {
            "ArrowUp" => true,
            "ArrowDown" => false,
            _ => return,
        };
        if event.alt_key() {
            event.prevent_default();
            act.emit(Action::Picked(Pick::MoveOption { index, up }));
        }
    });
    el("li")
        .key(option.id.clone())
        .class("option-row")
        .keys(keys)
        .put(
            div("option-fields")
                .put(ui.field(text))
                .put(ui.field(detail)),
        )
        .put(
            div("option-acts")
                .put(mover(true, k::MOVE_UP, "M12 19V6M6 11l6-6 6 6", index == 0))
                .put(mover(false, k::MOVE_DOWN, "M12 5v13M6 13l6 6 6-6", last))
                .some(remove),
        )
        .into()
}

fn who(ui: &Ui<'_>, editor: &Editor) -> El {
    let electorate = |word: &&str| {
        let electorate = Electorate::parse(word)?;
        let on = editor.electorate == electorate;
        let detail = match *word {
            "devices" => ui.t(k::ELECTORATE_DEVICES_MORE),
            "households" => ui.t(k::ELECTORATE_HOUSEHOLDS_MORE),
            _ => String::new(),
        };
        let pick = Pick::Electorate(electorate);
        Some((ui.t(words::electorate(electorate)), detail, on, pick))
    };
    let electorates = words::ELECTORATES.iter().filter_map(electorate).collect();
    let credential = |credential: Credential, label: Key, more: Key| {
        let on = editor.credential == credential;
        (ui.t(label), ui.t(more), on, Pick::Credential(credential))
    };
    let named = |kind: &Credential| {
        let (label, more) = match kind {
            Credential::HouseholdCode => (k::CREDENTIAL_CODE, k::CREDENTIAL_CODE_MORE),
            Credential::HostToken => (k::CREDENTIAL_HOST, k::CREDENTIAL_HOST_MORE),
            Credential::Otp => (k::CREDENTIAL_OTP, k::CREDENTIAL_OTP_MORE),
            Credential::Device => (k::CREDENTIAL_DEVICE, k::CREDENTIAL_DEVICE_MORE),
        };
        credential(*kind, label, more)
    };
    // The strongest first, and only what this electorate can show.
    let fitting = linli_rules::draft::credentials(editor.electorate);
    let credentials = fitting.iter().rev().map(named).collect();
    let secrecy = |secrecy: Secrecy, label: Key, more: Key| {
        let on = editor.secrecy == secrecy;
        (ui.t(label), ui.t(more), on, Pick::Secrecy(secrecy))
    };
    let secrecies = vec![
        secrecy(
            Secrecy::Recorded,
            k::SECRECY_RECORDED,
            k::SECRECY_RECORDED_MORE,
        ),
        secrecy(Secrecy::Secret, k::SECRECY_SECRET, k::SECRECY_SECRET_MORE),
    ];
    let fault = |path: &str| fault(ui, editor, path);
    part(ui, k::PART_WHO)
        .put(ui.radios("electorate", ui.t(k::WHO_VOTES), electorates))
        .some(fault("poll.electorate"))
        .put(ui.radios("credential", ui.t(k::CREDENTIAL), credentials))
        .some(fault("poll.credential"))
        .put(super::work::switch(ui, editor))
        .some(fault("poll.work_bits"))
        .put(ui.radios("secrecy", ui.t(k::SECRECY), secrecies))
        .some(fault("poll.secrecy"))
}

fn fault(ui: &Ui<'_>, editor: &Editor, path: &str) -> Option<El> {
    let fault = editor.fault(path)?;
    Some(says("small", ui.t(words::misfit(fault))).class("fault"))
}

fn times(ui: &Ui<'_>, editor: &Editor) -> El {
    let field = |id, path, label, value, field| {
        ui.field(Input {
            kind: "datetime-local",
            ..input(ui, editor, id, path, label, value, field)
        })
    };
    let zone = ui.fill(k::ZONE, &[("zone", ui.state.zone())]);
    part(ui, k::PART_TIMES)
        .put(
            div("pair")
                .put(field(
                    "f-poll-opens_at_ms",
                    "poll.opens_at_ms",
                    k::OPENS,
                    &editor.opens_at,
                    Field::OpensAt,
                ))
                .put(field(
                    "f-poll-closes_at_ms",
                    "poll.closes_at_ms",
                    k::CLOSES,
                    &editor.closes_at,
                    Field::PollClosesAt,
                )),
        )
        .put(says("p", zone).class("muted small"))
}

fn terms(ui: &Ui<'_>, editor: &Editor) -> El {
    let changes = |changes: Changes, label: Key| {
        let on = editor.changes == changes;
        (ui.t(label), String::new(), on, Pick::Changes(changes))
    };
    let results = |results: ResultsVisibility, label: Key, more: Key| {
        let on = editor.results == results;
        (ui.t(label), ui.t(more), on, Pick::Results(results))
    };
    let id = Input {
        hint: ui.t(k::TOPIC_ID_HINT),
        max: Some(ID_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-id",
            "id",
            k::TOPIC_ID,
            &editor.id,
            Field::TopicId,
        )
    };
    part(ui, k::PART_TERMS)
        .put(ui.radios(
            "changes",
            ui.t(k::CHANGES),
            vec![
                changes(Changes::UntilClosing, k::CHANGES_UNTIL_CLOSING),
                changes(Changes::Never, k::CHANGES_NEVER),
            ],
        ))
        .put(ui.radios(
            "results",
            ui.t(k::RESULTS),
            vec![
                results(
                    ResultsVisibility::AfterClosing,
                    k::RESULTS_AFTER,
                    k::RESULTS_AFTER_MORE,
                ),
                results(
                    ResultsVisibility::Live,
                    k::RESULTS_LIVE,
                    k::RESULTS_LIVE_MORE,
                ),
            ],
        ))
        .put(only(editor.topic.is_none(), || ui.field(id).into()))
}

fn foot(ui: &Ui<'_>, editor: &Editor, back: &Route) -> El {
    let doing = ui.state.doing.as_ref();
    let busy = doing.is_some_and(|doing| doing.busy);
    let at_field = |error: &&DeskError| {
        let at_field = matches!(
            error,
            DeskError::Refused(DeskRefusal::Invalid { .. } | DeskRefusal::NameTaken)
        );
        !at_field || editor.misfits.is_empty()
    };
    let problem = doing
        .and_then(|doing| doing.problem.as_ref())
        .filter(at_field);
    let problem = problem.map(|problem| super::dialogs::command_problem(ui, problem));
    let misfits = editor.misfits.len() as u64;
    let summary = (misfits > 0).then(|| {
        says("p", ui.n(k::MISFITS, misfits))
            .class("problem")
            .attr("role", "alert")
    });
    let label = if busy {
        ui.t(k::ONE_MOMENT)
    } else {
        ui.t(k::SAVE_DRAFT)
    };
    let save = says("button", label)
        .class("btn btn-primary fit")
        .attr("type", "submit")
        .tells("aria-disabled", busy);
    div("editor-foot")
        .some(summary)
        .some(problem)
        .put(div("acts").put(save).put(ui.link("quiet", k::CANCEL, back)))
        .put(says("p", ui.t(k::SAVE_MEANS)).class("muted small"))
}
