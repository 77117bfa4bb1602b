//! A shelf inside a shelf: every key gets a prefix.
//!
//! Two backends on one page must not see each other's unsent ballots, receipts or
//! device names: a grant sent to the wrong one would be a leak.

use crate::wait::map;
use linli_port::{Keeping, LocalFuture, Shelf};
use std::rc::Rc;

/// A part of another shelf.
pub struct Scoped {
    shelf: Rc<dyn Shelf>,
    prefix: String,
}

impl Scoped {
    /// The part of `shelf` that belongs to `scope`, for example an API's origin.
    pub fn new(shelf: Rc<dyn Shelf>, scope: &str) -> Self {
        // A scope may hold any character; the length keeps one from reaching into
        // another whose name begins with its own.
        let prefix = format!("{}:{scope}/", scope.len());
        Self { shelf, prefix }
    }

    fn inside(&self, key: &str) -> String {
        [&self.prefix, key].concat()
    }
}

impl Shelf for Scoped {
    fn get<'a>(&'a self, key: &str) -> LocalFuture<'a, Option<String>> {
        self.shelf.get(&self.inside(key))
    }

    fn put<'a>(&'a self, key: &str, value: String) -> LocalFuture<'a, Keeping> {
        self.shelf.put(&self.inside(key), value)
    }

    fn remove<'a>(&'a self, key: &str) -> LocalFuture<'a, ()> {
        self.shelf.remove(&self.inside(key))
    }

    fn list<'a>(&'a self, prefix: &str) -> LocalFuture<'a, Vec<(String, String)>> {
        map(self.shelf.list(&self.inside(prefix)), |mut found| {
            for (key, _) in &mut found {
                if let Some(outside) = key.strip_prefix(&*self.prefix) {
                    *key = outside.to_owned();
                }
            }
            found
        })
    }
}
