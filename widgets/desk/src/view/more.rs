//! What does not fit into a phone's bar: rarer screens, looks, the account, signing out.

use super::el::{div, el, says};
use super::frame;
use super::kit::only;
use super::ui::Ui;
use super::words;
use crate::state::{Action, Dialog, Pick};
use linli_texts::desk as k;
use linli_ui::Theme;
use yew::prelude::*;

/// The screen.
pub(crate) fn more(ui: &Ui<'_>) -> Html {
    let Some(seat) = ui.state.seat() else {
        return Html::default();
    };
    let staff = &seat.staff;
    let screens = frame::rarer(ui);
    let posts = staff
        .posts
        .iter()
        .map(|post| says("li", words::post(ui, post)).class("tag").into());
    let posts: Vec<Html> = posts.collect();
    let left = staff.recovery_codes_left;
    let codes = ui.n(k::RECOVERY_LEFT, u64::from(left));
    let account = div("card")
        .put(says("h3", staff.name.clone()))
        .put(says("p", staff.login.clone()).class("muted small"))
        .put(el("ul").class("tags").all(posts))
        .put(says("p", codes).class("muted small"))
        .put(ui.outline(k::SIGN_OUT, Action::SignOutAsked));
    div("screen")
        .put(ui.heading(ui.t(k::NAV_MORE)))
        .put(only(!screens.is_empty(), || {
            el("ul").class("tiles").all(screens).into()
        }))
        .put(ui.section(ui.t(k::LOOKS)).put(looks(ui)))
        .put(ui.section(ui.t(k::ACCOUNT)).put(account))
        .into()
}

fn looks(ui: &Ui<'_>) -> Html {
    let tastes = ui.state.tastes;
    let theme = |theme: Theme, label| {
        let on = tastes.theme == theme;
        (ui.t(label), String::new(), on, Pick::Theme(theme))
    };
    let themes = vec![
        theme(Theme::System, k::THEME_SYSTEM),
        theme(Theme::Light, k::THEME_LIGHT),
        theme(Theme::Dark, k::THEME_DARK),
    ];
    let elder = ui.picked(Pick::Elder(!tastes.elder));
    let keys = ui.picked(Pick::Keys(!tastes.keys));
    let languages = linli_texts::LOCALES.iter().map(|tag| {
        let name = match *tag {
            "zh-Hans" => "中文",
            "en" => "English",
            other => other,
        };
        let on = ui.texts.tag() == *tag;
        says("a", name)
            .class("chip")
            .attr("lang", *tag)
            .attr("href", format!("?lang={tag}#/more"))
            .maybe("aria-current", on.then_some("true"))
            .into()
    });
    let languages: Vec<Html> = languages.collect();
    div("card")
        .put(ui.tick(
            "f-elder",
            ui.t(k::ELDER),
            String::new(),
            tastes.elder,
            elder,
        ))
        .put(ui.radios("theme", ui.t(k::THEME), themes))
        .put(
            div("entry")
                .put(says("span", ui.t(k::LANGUAGE)).class("label"))
                .put(div("chips").all(languages)),
        )
        .put(ui.tick(
            "f-keys",
            ui.t(k::KEYS_ON),
            ui.t(k::KEYS_ON_MORE),
            tastes.keys,
            keys,
        ))
        .put(ui.quiet(k::KEYS_SHOW, Action::Opened(Dialog::Keys)))
        .into()
}
