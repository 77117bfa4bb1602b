//! What every view is given: the state, the words, a way to say what happened.

use crate::state::{Action, Field, Pick, State};
use crate::zone;
use linli_model::UtcMs;
use linli_texts::{Catalog, Key, desk as k};
use yew::prelude::*;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What views need besides the state.
pub(crate) struct Ui<'a> {
    /// What is shown.
    pub(crate) state: &'a State,
    /// Texts.
    pub(crate) texts: &'a Catalog,
    /// Dispatches an action.
    pub(crate) act: Callback<Action>,
    /// Takes a chosen file.
    pub(crate) file: Callback<web_sys::File>,
    /// The heading, for focus.
    pub(crate) heading: NodeRef,
    /// The dialog, to be opened.
    pub(crate) dialog: NodeRef,
    /// The page's origin, for links to be handed on.
    pub(crate) origin: &'a str,
}

impl Ui<'_> {
    pub(crate) fn t(&self, key: Key) -> String {
        self.texts.text(key).to_owned()
    }

    pub(crate) fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.texts.fill(key, values)
    }

    pub(crate) fn n(&self, key: Key, n: u64) -> String {
        self.texts.count(key, n, &[])
    }

    pub(crate) fn on(&self, action: Action) -> Callback<MouseEvent> {
        let act = self.act.clone();
        Callback::from(move |_| act.emit(action.clone()))
    }

    pub(crate) fn typed(&self, field: Field) -> Callback<String> {
        let act = self.act.clone();
        Callback::from(move |text| act.emit(Action::Typed(field.clone(), text)))
    }

    pub(crate) fn picked(&self, pick: Pick) -> Callback<Event> {
        let act = self.act.clone();
        Callback::from(move |_| act.emit(Action::Picked(pick.clone())))
    }

    /// `10月31日 20:00` there.
    pub(crate) fn time(&self, at_ms: UtcMs) -> String {
        linli_ui::time::format(at_ms, self.state.zone(), self.texts.tag())
    }

    pub(crate) fn is_today(&self, at_ms: UtcMs) -> bool {
        zone::same_day(at_ms, self.state.now_ms, self.state.zone())
    }

    /// How long until or since then, in the largest unit that tells enough.
    pub(crate) fn span(&self, ms: i64) -> String {
        let ms = ms.abs();
        let (key, unit_ms) = match ms {
            ..HOUR_MS => (k::MINUTES, MINUTE_MS),
            HOUR_MS..DAY_MS => (k::HOURS, HOUR_MS),
            _ => (k::DAYS, DAY_MS),
        };
        self.n(key, u64::try_from(ms / unit_ms).unwrap_or(0).max(1))
    }

    /// `3 小时前`.
    pub(crate) fn ago(&self, at_ms: UtcMs) -> String {
        let span = self.span(self.state.now_ms - at_ms);
        self.fill(k::AGO, &[("span", &span)])
    }

    /// `还有 3 小时`.
    pub(crate) fn left(&self, at_ms: UtcMs) -> String {
        let span = self.span(at_ms - self.state.now_ms);
        self.fill(k::LEFT, &[("span", &span)])
    }
}
