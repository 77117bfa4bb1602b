//! A shelf inside a shelf: every key gets a prefix.
//!
//! Two backends on one page must not see each other's unsent ballots, receipts or
//! device names: a grant sent to the wrong one would be a leak.

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
    fn get<'a>(&'a self, key: &'a str) -> LocalFuture<'a, Option<String>> {
        Box::pin(async move { self.shelf.get(&self.inside(key)).await })
    }

    fn put<'a>(&'a self, key: &'a str, value: String) -> LocalFuture<'a, Keeping> {
        Box::pin(async move { self.shelf.put(&self.inside(key), value).await })
    }

    fn remove<'a>(&'a self, key: &'a str) -> LocalFuture<'a, ()> {
        Box::pin(async move { self.shelf.remove(&self.inside(key)).await })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> LocalFuture<'a, Vec<(String, String)>> {
        Box::pin(async move {
            let mut found = self.shelf.list(&self.inside(prefix)).await;
            for (key, _) in &mut found {
                key.drain(..self.prefix.len());
            }
            found
        })
    }
}
