//! What stands around every screen: the way past the navigation, the rail or bar, what
//! was just said, and the dialog.

use super::dialogs;
use super::el::{El, div, el, icon, list, nothing, says};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Line, Seat};
use linli_model::desk::Permission;
use linli_texts::{Key, desk as k};
use yew::prelude::*;

/// The id of what is skipped to.
const MAIN: &str = "desk-main";

/// A screen's line in the navigation: where, name, drawing, what it needs, and whether
/// it has a place in a phone's bar.
type Item = (Route, Key, &'static str, Permission, bool);

const ITEMS: [Item; 10] = [
    (
        Route::Home,
        k::NAV_HOME,
        "M4 11.5L12 5l8 6.5M6 10v9h12v-9",
        Permission::See,
        true,
    ),
    (
        Route::Polls,
        k::NAV_POLLS,
        "M5 5h14v14H5zM8.5 12.2l2.4 2.4 4.6-5",
        Permission::See,
        true,
    ),
    (
        Route::Approvals,
        k::NAV_APPROVALS,
        "M9 11a3 3 0 100-6 3 3 0 000 6zM3.5 19c0-3 2.5-5 5.5-5s5.5 2 5.5 5M15 9.5l2 2 3.5-4",
        Permission::See,
        true,
    ),
    (
        Route::Rolls,
        k::NAV_ROLLS,
        "M6 4h12v16H6zM9 9h6M9 12.5h6M9 16h4",
        Permission::Rolls,
        false,
    ),
    (
        Route::Places,
        k::NAV_PLACES,
        "M12 3v5M6 16v-4h12v4M12 8v8M4 16h4v4H4zM10 16h4v4h-4zM16 16h4v4h-4z",
        Permission::Rolls,
        false,
    ),
    (
        Route::Codes,
        k::NAV_CODES,
        "M4 7h16v10H4zM8 7v10M11.5 10.5h5M11.5 13.5h3",
        Permission::Codes,
        false,
    ),
    (
        Route::People,
        k::NAV_PEOPLE,
        "M12 11a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM5 19.5c0-3.6 3-6 7-6s7 2.4 7 6",
        Permission::See,
        false,
    ),
    (
        Route::Audit,
        k::NAV_AUDIT,
        "M12 5v7l4 2.5M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17z",
        Permission::Audit,
        false,
    ),
    (
        Route::Requests,
        k::REQUESTS,
        "M4 6h16v10H9l-5 4zM8.5 9.5h7M8.5 12.5h4",
        Permission::Requests,
        false,
    ),
    (
        Route::More,
        k::NAV_MORE,
        "M6 12h.01M12 12h.01M18 12h.01",
        Permission::See,
        true,
    ),
];

/// The name of a screen.
pub(crate) fn name_of(route: &Route) -> Key {
    match route {
        Route::Home => k::NAV_HOME,
        Route::Polls | Route::Poll(_) => k::NAV_POLLS,
        Route::NewPoll => k::NEW_POLL,
        Route::EditPoll(_) => k::EDIT_POLL,
        Route::Fill(_) => k::FILL_TITLE,
        Route::Approvals => k::NAV_APPROVALS,
        Route::Rolls | Route::Roll(_) => k::NAV_ROLLS,
        Route::Codes => k::NAV_CODES,
        Route::People => k::NAV_PEOPLE,
        Route::Audit => k::NAV_AUDIT,
        Route::Requests => k::REQUESTS,
        Route::Places => k::NAV_PLACES,
        Route::More => k::NAV_MORE,
    }
}

/// Screens that the person may open, without the first three and the last.
pub(crate) fn rarer(ui: &Ui<'_>) -> Vec<Html> {
    let items = ITEMS.iter().filter(|item| !item.4 && ui.state.may(item.3));
    let line = |(route, name, drawing, ..): &Item| {
        let link = el("a").class("tile").attr("href", route.hash());
        let line = link.put(icon(drawing)).put(says("span", ui.t(*name)));
        el("li").put(line).into()
    };
    items.map(line).collect()
}

/// The outermost element: palette, language, type size.
pub(crate) fn around(ui: &Ui<'_>, content: Html) -> Html {
    div("ll desk")
        .attr("lang", ui.texts.tag().to_owned())
        .attr("data-theme", ui.state.tastes.theme.as_str())
        .flag("data-elder", ui.state.tastes.elder)
        .put(content)
        .into()
}

/// A screen for somebody who is signed in.
pub(crate) fn inside(ui: &Ui<'_>, seat: &Seat, screen: Html) -> Html {
    let skip = says("a", ui.t(k::SKIP))
        .class("skip")
        .attr("href", format!("#{MAIN}"))
        .click(skip(ui));
    let community = &seat.staff.community.name;
    let name = div("who")
        .put(says("strong", community.clone()).class("who-place"))
        .put(says("span", seat.staff.name.clone()).class("muted"));
    let rail = el("nav")
        .class("rail")
        .attr("aria-label", ui.t(k::NAV_LABEL))
        .put(name)
        .put(el("ul").all(items(ui)));
    let main = el("main")
        .id(MAIN)
        .attr("tabindex", "-1")
        .put(line(ui))
        .put(said(ui))
        .put(screen);
    list([
        skip.into(),
        div("frame").put(rail).put(main).into(),
        dialogs::dialog(ui),
    ])
}

fn skip(ui: &Ui<'_>) -> Callback<MouseEvent> {
    let act = ui.act.clone();
    Callback::from(move |event: MouseEvent| {
        // The address belongs to the screens.
        event.prevent_default();
        act.emit(Action::FocusAsked(MAIN.to_owned()));
    })
}

fn items(ui: &Ui<'_>) -> Vec<Html> {
    let waiting = ui.state.slots.home().map_or(0, |home| home.to_decide.len());
    let item = |(route, name, drawing, needs, in_bar): &Item| {
        if !ui.state.may(*needs) {
            return nothing();
        }
        let here = is_here(&ui.state.route, route);
        let badge = (*route == Route::Approvals && waiting > 0).then(|| {
            let words = ui.n(k::WAITING_COUNT, waiting as u64);
            says("span", waiting.to_string())
                .class("badge")
                .attr("aria-hidden", "true")
                .put(nothing())
                .into_with_words(words)
        });
        let link = el("a")
            .attr("href", route.hash())
            .maybe("aria-current", here.then_some("page"))
            .put(icon(drawing))
            .put(says("span", ui.t(*name)).class("nav-name"))
            .some(badge);
        let class = if *in_bar { "in-bar" } else { "in-rail" };
        el("li").class(class).put(link).into()
    };
    ITEMS.iter().map(item).collect()
}

impl El {
    /// A figure for the eyes, and the words for it for the ears.
    fn into_with_words(self, words: String) -> Html {
        list([
            self.into(),
            says("span", words).class("visually-hidden").into(),
        ])
    }
}

fn is_here(route: &Route, item: &Route) -> bool {
    match route {
        Route::Poll(_) | Route::NewPoll | Route::EditPoll(_) => *item == Route::Polls,
        Route::Roll(_) => *item == Route::Rolls,
        route => route == item,
    }
}

fn line(ui: &Ui<'_>) -> Html {
    if ui.state.line != Line::Lost {
        return nothing();
    }
    div("note row-note")
        .attr("role", "status")
        .put(says("span", ui.t(k::LINE_LOST)))
        .put(ui.quiet(k::RETRY, Action::RetryAsked))
        .into()
}

/// What was just done. The element is always there, so that its change is announced.
fn said(ui: &Ui<'_>) -> El {
    let region = div("said").attr("role", "status");
    match ui.state.said {
        Some(said) => region.put(
            div("said-card")
                .put(icon("M5 12.5l4.5 4.5L19 7.5"))
                .put(says("span", ui.t(words::said(said))))
                .put(ui.quiet(k::SAID_READ, Action::SaidRead)),
        ),
        None => region,
    }
}
