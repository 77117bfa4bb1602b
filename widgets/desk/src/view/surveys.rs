//! Surveys on screen. This part of the desk is loaded when surveys are first opened:
//! everything in it is reached through [`SCREENS`] alone.

mod actions;
mod editor;
mod fill;
mod frame;
mod list;
mod mend;
mod posters;
mod question;
mod round;
mod source;
mod survey;
mod words;

use super::el::El;
use super::ui::{Screens, Ui};
use crate::route::Route;
use linli_texts::survey_desk as s;
use yew::prelude::*;

/// What the rest of the desk shows of it.
pub(crate) const SCREENS: Screens = Screens {
    screen,
    round: round::section,
    exports: round::exports,
    answers: fill::answers,
    read_back: fill::read_back,
};

fn screen(ui: &Ui<'_>) -> Html {
    match &ui.state.route {
        Route::NewSurvey => source::source(ui),
        Route::WriteSurvey | Route::EditSurvey(_) => editor::editor(ui),
        Route::Survey(survey) => survey::survey(ui, survey),
        Route::Posters(topic) => posters::posters(ui, topic),
        Route::Mend(topic) => mend::mend(ui, topic),
        _ => list::list(ui),
    }
}

/// The way back to the list.
fn back(ui: &Ui<'_>) -> El {
    ui.link("back", s::ALL_SURVEYS, &Route::Surveys)
}
