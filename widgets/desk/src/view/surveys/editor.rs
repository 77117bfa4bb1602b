//! Writing a survey: what it is, its questions one below the other, the phone beside it.

use super::super::el::{El, div, el, says};
use super::super::form::part;
use super::super::kit::{Input, only};
use super::super::ui::Ui;
use super::super::{dialogs, words as desk_words};
use super::{back, frame, question, words};
use crate::definition::ADDED;
use crate::route::Route;
use crate::state::{Action, Field, Pick, SurveyAct, SurveyEditor, SurveyField, SurveyPick};
use linli_model::desk::DeskRefusal;
use linli_model::limits::{SUMMARY_CHARS_MAX, TITLE_CHARS_MAX};
use linli_port::desk::{DeskError, Question};
use linli_texts::{Key, desk as k, survey_desk as s};
use yew::prelude::*;

const RATED_CHARS_MAX: usize = 64;

/// The screen.
pub(super) fn editor(ui: &Ui<'_>) -> Html {
    let (title, back, question) = match &ui.state.route {
        Route::EditSurvey(survey) => {
            let to = ui.link("back", k::CANCEL, &Route::Survey(survey.clone()));
            (s::EDIT_SURVEY, to, Question::Survey(survey.clone()))
        }
        _ => (s::WRITE_SURVEY, back(ui), Question::Places),
    };
    let content = ui
        .state
        .surveys
        .editor
        .as_ref()
        .map(|editor| form(ui, editor));
    div("screen wide")
        .put(back)
        .put(ui.heading(ui.t(title)))
        .put(says("p", ui.t(s::WRITE_LEAD)).class("muted"))
        .put(ui.shown(&question, content))
        .into()
}

fn form(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    let act = ui.act.clone();
    let saved = Callback::from(move |()| act.emit(Action::Survey(SurveyAct::SaveAsked)));
    let form = el("form")
        .class("editor-form")
        .flag("novalidate", true)
        .submit(saved)
        .put(only(!editor.warnings.is_empty(), || {
            guessed(ui, editor).into()
        }))
        .put(about(ui, editor))
        .put(questions(ui, editor))
        .put(foot(ui, editor));
    let aside = el("aside").attr("aria-label", ui.t(k::PREVIEW)).put(
        el("figure")
            .class("phone")
            .put(says("figcaption", ui.t(k::PREVIEW)))
            .put(frame::frame(ui)),
    );
    let tab = |on: bool, key: Key| {
        let pick = Pick::Survey(SurveyPick::Previews(on));
        ui.button("chip", ui.t(key), Action::Picked(pick)).attr(
            "aria-pressed",
            if editor.previews == on {
                "true"
            } else {
                "false"
            },
        )
    };
    let tabs = div("chips tabs")
        .put(tab(false, s::SHOW_WRITING))
        .put(tab(true, s::SHOW_PREVIEW));
    el("div").put(tabs).put(
        div("editor by-turns")
            .flag("data-previews", editor.previews)
            .put(form)
            .put(aside),
    )
}

fn guessed(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    div("note guessed")
        .attr("role", "status")
        .put(says(
            "strong",
            ui.n(s::GUESSED, editor.warnings.len() as u64),
        ))
        .put(words::faults(ui, &editor.warnings))
}

/// An input for a field of the survey itself.
fn input<'a>(
    ui: &Ui<'_>,
    editor: &SurveyEditor,
    id: &'a str,
    path: &str,
    label: Key,
    value: &'a str,
    field: SurveyField,
) -> Input<'a> {
    let fault = editor.fault(path);
    Input {
        fault: fault.map(|fault| ui.t(desk_words::misfit(fault))),
        ..Input::new(id, ui.t(label), value, Field::Survey(field))
    }
}

fn about(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    let title = editor.definition.shown("title", &editor.lang);
    let intro = editor.definition.shown("description", &editor.lang);
    let title = Input {
        max: Some(TITLE_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-survey-title",
            "survey.title",
            k::TITLE,
            &title,
            SurveyField::Title,
        )
    };
    let intro = Input {
        hint: ui.t(s::INTRO_HINT),
        max: Some(SUMMARY_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-survey-intro",
            "survey.intro",
            s::INTRO,
            &intro,
            SurveyField::Intro,
        )
    };
    let rated = Input {
        hint: ui.t(s::RATED_HINT),
        max: Some(RATED_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-survey-rated",
            "survey.rated",
            s::RATED,
            &editor.rated,
            SurveyField::Rated,
        )
    };
    let place = input(
        ui,
        editor,
        "f-survey-place",
        "survey.place",
        k::PLACE,
        &editor.place,
        SurveyField::Place,
    );
    part(ui, k::PART_ASKS)
        .put(langs(ui, editor))
        .put(ui.field(title))
        .put(ui.area(intro))
        .put(ui.field(rated))
        .put(ui.choose(place, desk_words::places(ui, ui.t(k::CHOOSE_PLACE))))
}

/// Only where there are several.
fn langs(ui: &Ui<'_>, editor: &SurveyEditor) -> Html {
    let langs = editor.definition.langs();
    only(langs.len() > 1, || {
        let name = |lang: &String| match lang.as_str() {
            "default" => ui.t(s::MAIN_LANG),
            "zh-cn" => "中文".to_owned(),
            "en" => "English".to_owned(),
            other => other.to_owned(),
        };
        let options = langs.iter().map(|lang| (lang.clone(), name(lang)));
        let field = Input::new(
            "f-survey-lang",
            ui.t(s::WRITING_LANG),
            &editor.lang,
            Field::Survey(SurveyField::Lang),
        );
        ui.choose(field, options.collect()).into()
    })
}

fn questions(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    let all = editor.definition.questions(&editor.lang);
    let rows: Vec<Html> = (0..all.len())
        .map(|index| question::row(ui, editor, &all, index))
        .collect();
    let kinds = ADDED.map(|kind| (kind.to_owned(), words::kind(ui, kind)));
    let adding = input(
        ui,
        editor,
        "f-add",
        "survey.add",
        s::ADDING,
        &editor.adding,
        SurveyField::Adding,
    );
    let add = Action::Picked(Pick::Survey(SurveyPick::Add));
    part(ui, s::QUESTIONS)
        .put(el("ol").class("option-list").all(rows))
        .put(
            div("search add-question")
                .put(ui.choose(adding, kinds.into()))
                .put(ui.outline(s::ADD_QUESTION, add)),
        )
}

fn foot(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    let doing = ui.state.doing.as_ref();
    let busy = doing.is_some_and(|doing| doing.busy) || ui.state.surveys.is_reading;
    let problem = doing.and_then(|doing| doing.problem.as_ref());
    let is_conflict = problem == Some(&DeskError::Refused(DeskRefusal::Conflict));
    let problem = problem.or(ui.state.surveys.problem.as_ref());
    let problem = problem
        .filter(|_| !is_conflict)
        .map(|problem| dialogs::command_problem(ui, problem));
    let misfits = editor.misfits.len() as u64;
    let summary = (misfits > 0).then(|| {
        says("p", ui.n(k::MISFITS, misfits))
            .class("problem")
            .attr("role", "alert")
    });
    let unfit = (!editor.faults.is_empty()).then(|| words::unfit(ui, &editor.faults));
    let label = if busy { k::ONE_MOMENT } else { s::SAVE_SURVEY };
    let save = says("button", ui.t(label))
        .class("btn btn-primary fit")
        .attr("type", "submit")
        .tells("aria-disabled", busy);
    let route = match &editor.based_on {
        Some(_) => Route::Survey(editor.id.clone()),
        None => Route::Surveys,
    };
    div("editor-foot")
        .some(summary)
        .some(unfit)
        .some(problem)
        .put(only(is_conflict, || conflict(ui, editor).into()))
        .put(only(!is_conflict, || {
            div("acts")
                .put(save)
                .put(ui.link("quiet", k::CANCEL, &route))
                .into()
        }))
        .put(says("p", ui.t(s::SAVE_SURVEY_MEANS)).class("muted small"))
}

/// Somebody else wrote meanwhile: nothing is lost on either side.
fn conflict(ui: &Ui<'_>, editor: &SurveyEditor) -> El {
    let theirs = says("a", ui.t(s::SEE_THEIRS))
        .class("btn btn-outline fit")
        .attr("href", Route::Survey(editor.id.clone()).hash())
        .attr("target", "_blank")
        .attr("rel", "noopener");
    div("problem")
        .attr("role", "alert")
        .put(says("strong", ui.t(s::CONFLICT)))
        .put(says("span", ui.t(s::CONFLICT_LEAD)))
        .put(
            div("acts")
                .put(theirs)
                .put(ui.primary(s::SAVE_OVER, Action::Survey(SurveyAct::SaveOverAsked))),
        )
}
