//! What an element shows: its texts in every language, and its looks.
//!
//! Neither changes answers or errors. A widget asks for what it knows by the name that
//! the property has now; older names were replaced when the definition was read.

use super::fault::FaultReason;
use super::object::Object;
use serde_json::Value;
use std::collections::BTreeMap;

/// A text in the languages that the definition has it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalText(BTreeMap<String, String>);

/// The language of a text that names none.
const DEFAULT: &str = "default";

impl LocalText {
    /// The text in a language: `zh-cn`, else `zh`, else the one for any.
    pub fn in_locale(&self, locale: &str) -> Option<&str> {
        let locale = locale.to_lowercase();
        let broad = locale.split('-').next().unwrap_or_default();
        let names = [locale.as_str(), broad, DEFAULT];
        let text = |name: &str| self.0.get(name).filter(|text| !text.is_empty());
        names.into_iter().find_map(text).map(String::as_str)
    }

    /// The languages it is in, `default` among them.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// `"text"` or `{"default": "text", "zh-cn": "文字"}`; a number counts as text.
    pub(super) fn read(from: &Value) -> Option<Self> {
        let plain = |text: String| Self(BTreeMap::from([(DEFAULT.into(), text)]));
        match from {
            Value::String(text) => Some(plain(text.clone())),
            Value::Number(number) => Some(plain(number.to_string())),
            Value::Object(map) => {
                let each = map.iter().map(|(locale, text)| {
                    let text = text.as_str()?;
                    Some((locale.to_lowercase(), text.to_owned()))
                });
                each.collect::<Option<_>>().map(Self)
            }
            _ => None,
        }
    }
}

/// Texts and looks of one element.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    texts: BTreeMap<&'static str, LocalText>,
    looks: BTreeMap<&'static str, Value>,
}

impl Shown {
    /// A text such as `title` or `labelTrue`.
    pub fn text(&self, property: &str, locale: &str) -> Option<&str> {
        self.texts.get(property)?.in_locale(locale)
    }

    /// A look such as `colCount`, as it is written.
    pub fn look(&self, property: &str) -> Option<&Value> {
        self.looks.get(property)
    }

    /// Reads what of these properties is there: texts, and looks, each with the older
    /// names it has.
    pub(super) fn read(object: &Object<'_>, texts: Properties, looks: Properties) -> Self {
        let mut shown = Self::default();
        for names in texts {
            let Some((given, value)) = object.take(names) else {
                continue;
            };
            match LocalText::read(value) {
                Some(text) => drop(shown.texts.insert(names[0], text)),
                None => object.fault(given, FaultReason::UnsupportedValue),
            }
        }
        for names in looks {
            if let Some((_, value)) = object.take(names) {
                shown.looks.insert(names[0], value.clone());
            }
        }
        shown
    }
}

/// Properties, each by its names: the present one first.
pub(super) type Properties = &'static [&'static [&'static str]];
