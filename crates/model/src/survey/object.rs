//! A JSON object that knows which of its properties were read.
//!
//! Left to others: which properties there are (`read`, `question`).

use super::fault::{DefinitionFault, FaultReason};
use super::{CHOICES_MAX, FAULTS_MAX};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is wrong, collected over the whole reading.
#[derive(Debug, Default)]
pub(super) struct Faults(RefCell<Vec<DefinitionFault>>);

impl Faults {
    pub(super) fn add(&self, path: String, reason: FaultReason) {
        let mut all = self.0.borrow_mut();
        if all.len() < FAULTS_MAX {
            all.push(DefinitionFault { path, reason });
        }
    }

    pub(super) fn into_inner(self) -> Vec<DefinitionFault> {
        self.0.into_inner()
    }
}

/// An object on its way into typed data.
#[derive(Debug)]
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    path: String,
    faults: &'a Faults,
    seen: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Object<'a> {
    /// The object, or a fault when it is something else.
    pub(super) fn new(from: &'a Value, path: String, faults: &'a Faults) -> Option<Self> {
        let Some(map) = from.as_object() else {
            faults.add(path, FaultReason::UnsupportedValue);
            return None;
        };
        Some(Self {
            map,
            path,
            faults,
            seen: RefCell::default(),
        })
    }

    pub(super) fn faults(&self) -> &'a Faults {
        self.faults
    }

    pub(super) fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.into()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn fault(&self, name: &str, reason: FaultReason) {
        self.faults.add(self.at(name), reason);
    }

    /// The value under the first of these names; the others are its aliases.
    pub(super) fn take(&self, names: &[&str]) -> Option<(&'a str, &'a Value)> {
        let mut found = None;
        for name in names {
            if let Some((key, value)) = self.map.get_key_value(*name) {
                self.seen.borrow_mut().insert(key);
                found = found.or(Some((key.as_str(), value)));
            }
        }
        found.filter(|(_, value)| !value.is_null())
    }

    pub(super) fn typed<T>(
        &self,
        names: &[&str],
        as_type: impl Fn(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let (name, value) = self.take(names)?;
        let read = as_type(value);
        if read.is_none() {
            self.fault(name, FaultReason::UnsupportedValue);
        }
        read
    }

    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.typed(names, |one| one.as_str().map(str::to_owned))
            .filter(|one| !one.is_empty())
    }

    pub(super) fn flag(&self, names: &[&str], default: bool) -> bool {
        let read = |one: &Value| match one {
            Value::Bool(yes) => Some(*yes),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => None,
        };
        self.typed(names, read).unwrap_or(default)
    }

    pub(super) fn number(&self, names: &[&str]) -> Option<f64> {
        self.typed(names, Value::as_f64)
    }

    pub(super) fn list(&self, names: &[&str]) -> Vec<(String, &'a Value)> {
        let Some((name, list)) = self.take(names) else {
            return Vec::new();
        };
        let Some(list) = list.as_array() else {
            self.fault(name, FaultReason::UnsupportedValue);
            return Vec::new();
        };
        if list.len() > CHOICES_MAX {
            self.fault(name, FaultReason::TooMany { limit: CHOICES_MAX });
            return Vec::new();
        }
        let at = |(index, one)| (format!("{}[{index}]", self.at(name)), one);
        list.iter().enumerate().map(at).collect()
    }

    /// Looks that nobody shows here.
    pub(super) fn ignore(&self, names: &[&str]) {
        for name in names {
            self.take(&[name]);
        }
    }

    /// Everything that was not read is a fault.
    pub(super) fn finish(&self) {
        let seen = self.seen.borrow();
        for name in self.map.keys().filter(|name| !seen.contains(name.as_str())) {
            self.fault(name, FaultReason::UnsupportedProperty);
        }
    }
}
