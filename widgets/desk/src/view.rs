//! What is on screen, as pure functions of the state.

mod approvals;
mod attachments;
mod audit;
mod card;
mod codes;
mod dialogs;
mod editor;
mod el;
mod entries;
mod fill;
mod form;
mod frame;
mod gate;
mod home;
mod kit;
mod more;
mod people;
mod places;
mod poll;
mod polls;
mod posts;
mod preview;
mod requests;
mod rolls;
mod rule;
mod ui;
mod words;
mod work;

#[cfg(test)]
mod tests;

pub(crate) use ui::Ui;

use crate::route::Route;
use crate::state::{Gate, State};
use linli_texts::Catalog;
use yew::Html;

/// The whole desk.
pub(crate) fn desk(ui: &Ui<'_>) -> Html {
    let content = match &ui.state.gate {
        Gate::In(seat) => frame::inside(ui, seat, screen(ui)),
        gate => gate::gate(ui, gate),
    };
    frame::around(ui, content)
}

fn screen(ui: &Ui<'_>) -> Html {
    match &ui.state.route {
        Route::Home => home::home(ui),
        Route::Polls => polls::polls(ui),
        Route::Poll(topic) => poll::poll(ui, topic),
        Route::NewPoll => editor::editor(ui),
        Route::EditPoll(topic) => editor::edit(ui, topic),
        Route::Fill(topic) => fill::fill(ui, topic),
        Route::Approvals => approvals::approvals(ui),
        Route::Rolls => rolls::rolls(ui),
        Route::Roll(kind) => entries::entries(ui, *kind),
        Route::Codes => codes::codes(ui),
        Route::People => people::people(ui),
        Route::Audit => audit::audit(ui),
        Route::Requests => requests::requests(ui),
        Route::Places => places::places(ui),
        Route::More => more::more(ui),
    }
}

/// What the browser's tab says.
pub(crate) fn title(state: &State, texts: &Catalog) -> String {
    let app = texts.text(linli_texts::desk::APP);
    match &state.gate {
        Gate::In(seat) => {
            let screen = texts.text(frame::name_of(&state.route));
            format!("{screen} · {} · {app}", seat.staff.community.name)
        }
        _ => app.to_owned(),
    }
}
