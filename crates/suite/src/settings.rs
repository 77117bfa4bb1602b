//! What the host page says about an element: its attributes over `linli.configure`,
//! as the loader hands them over in one plain object.

use js_sys::Reflect;
use linli_ui::Theme;
use wasm_bindgen::{JsCast, JsValue};

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Backend {
    /// The HTTP API at this origin, without a slash at the end.
    Http {
        /// `https://linli.example`
        api: String,
    },
    /// The host page's own object.
    Host,
    /// An address that only takes.
    Webhook {
        /// Where ballots are posted.
        url: String,
    },
}

/// A plain object whose values nobody has checked yet.
#[derive(Clone)]
pub(crate) struct Settings(JsValue);

impl Settings {
    pub(crate) fn new(object: JsValue) -> Self {
        Self(object)
    }

    /// Any value; `None` when absent, `undefined` or `null`.
    pub(crate) fn value(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    /// A text, trimmed; `None` when absent, empty or not a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.value(name)?.as_string()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// `true`, or an attribute that is present and not `false`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name)
            .is_some_and(|value| match value.as_string() {
                Some(text) => text != "false",
                None => value.is_truthy(),
            })
    }

    /// The locale that fits the page and the person best. The loader lists what they
    /// want, most wanted first.
    pub(crate) fn locale(&self) -> &'static str {
        let wanted: Vec<String> = self
            .value("lang")
            .and_then(|list| list.dyn_into::<js_sys::Array>().ok())
            .map(|list| list.iter().filter_map(|tag| tag.as_string()).collect())
            .unwrap_or_default();
        linli_texts::negotiate(wanted.iter().map(String::as_str))
    }

    /// As `backend` says; without a word, whatever is configured, else HTTP.
    pub(crate) fn backend(&self) -> Backend {
        let webhook = self.text("webhook");
        let named = self.text("backend");
        let http = || Backend::Http {
            api: self
                .text("api")
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
        };
        match (named.as_deref(), webhook) {
            (Some("host"), _) => Backend::Host,
            (Some("webhook"), url) => Backend::Webhook {
                url: url.unwrap_or_default(),
            },
            (Some(_), _) => http(),
            (None, _) if self.value("host").is_some() => Backend::Host,
            (None, Some(url)) => Backend::Webhook { url },
            (None, None) => http(),
        }
    }

    /// The palette. Without a word from the page, light: most host pages are.
    pub(crate) fn theme(&self) -> Theme {
        match self.text("theme").as_deref() {
            Some("dark") => Theme::Dark,
            Some("auto") => Theme::System,
            _ => Theme::Light,
        }
    }
}
