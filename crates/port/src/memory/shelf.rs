//! A shelf in a map.

use crate::{Keeping, LocalFuture, Shelf};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Keeps as long as it lives: a test that “reloads the page” makes everything but this
/// anew.
pub struct MemoryShelf {
    items: RefCell<BTreeMap<String, String>>,
    keeping: Cell<Keeping>,
}

impl Default for MemoryShelf {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryShelf {
    /// Empty, and claims to be durable.
    pub fn new() -> Self {
        Self {
            items: RefCell::default(),
            keeping: Cell::new(Keeping::Durable),
        }
    }

    /// What it says about things put from now on.
    pub fn set_keeping(&self, keeping: Keeping) {
        self.keeping.set(keeping);
    }
}

impl Shelf for MemoryShelf {
    fn get<'a>(&'a self, key: &str) -> LocalFuture<'a, Option<String>> {
        let key = key.to_owned();
        Box::pin(async move { self.items.borrow().get(&key).cloned() })
    }

    fn put<'a>(&'a self, key: &str, value: String) -> LocalFuture<'a, Keeping> {
        let key = key.to_owned();
        Box::pin(async move {
            self.items.borrow_mut().insert(key, value);
            self.keeping.get()
        })
    }

    fn remove<'a>(&'a self, key: &str) -> LocalFuture<'a, ()> {
        let key = key.to_owned();
        Box::pin(async move {
            self.items.borrow_mut().remove(&key);
        })
    }

    fn list<'a>(&'a self, prefix: &str) -> LocalFuture<'a, Vec<(String, String)>> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            let items = self.items.borrow();
            let found = items.iter().filter(|(key, _)| key.starts_with(&prefix));
            found.map(|(k, v)| (k.clone(), v.clone())).collect()
        })
    }
}
