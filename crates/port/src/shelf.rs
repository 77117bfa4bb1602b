//! Small things kept on this device: unsent commands, receipts, drafts, the device's
//! random name. Never a phone number or a name of a person.

use crate::LocalFuture;
use linli_model::tree::{self, FromTree};
use serde::Serialize;
use std::future::ready;

/// How long a kept thing will last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Survives closing the page (until the browser clears its storage).
    Durable,
    /// Only as long as this page is open.
    ThisPage,
}

/// Keys are `kind/…`, values are JSON text of a few kilobytes.
pub trait Shelf {
    /// The value under `key`.
    fn get<'a>(&'a self, key: &str) -> LocalFuture<'a, Option<String>>;
    /// Puts `value` under `key`, replacing. Resolves when it is kept.
    fn put<'a>(&'a self, key: &str, value: String) -> LocalFuture<'a, Keeping>;
    /// Removes `key`, present or not.
    fn remove<'a>(&'a self, key: &str) -> LocalFuture<'a, ()>;
    /// Every key and value whose key starts with `prefix`, sorted by key.
    fn list<'a>(&'a self, prefix: &str) -> LocalFuture<'a, Vec<(String, String)>>;
}

/// Reads a typed value; what cannot be read is treated as absent.
pub async fn load<T: FromTree>(shelf: &dyn Shelf, key: &str) -> Option<T> {
    tree::read(&shelf.get(key).await?)
}

/// Writes a typed value.
pub fn save<'a, T: Serialize>(
    shelf: &'a dyn Shelf,
    key: &str,
    value: &T,
) -> LocalFuture<'a, Keeping> {
    match serde_json::to_string(value) {
        Ok(text) => shelf.put(key, text),
        Err(_) => Box::pin(ready(Keeping::ThisPage)),
    }
}
