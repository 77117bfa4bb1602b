//! What every backend for deliberations promises, as checks that can be run on it.
//!
//! Written once, run on every implementation: the one in memory, the server's service,
//! the HTTP API, a page's object. A [`Fixture`] brings the backend with the topics of
//! [`topics`] installed; each check uses topics of its own, so that checks may share
//! one backend. The last group moves the clock forward; where a fixture cannot, those
//! checks say so instead of passing.

mod casting;
mod identity;
mod receipts;
mod secrecy;
mod setting;
mod times;
mod topics;

pub use setting::{HOUSEHOLDS, topics};

use crate::{Deliberations, LocalFuture};
use linli_model::{Receipt, UtcMs};

/// A backend with the contract's topics.
pub trait Fixture {
    /// The backend.
    fn deliberations(&self) -> &dyn Deliberations;
    /// The voting code of household `nth` (from 0, below [`HOUSEHOLDS`]), as printed.
    fn code(&self, nth: usize) -> String;
    /// The backend's clock.
    fn now_ms(&self) -> UtcMs;
    /// Moves the backend's clock on; false where it cannot be moved.
    fn advance(&self, ms: i64) -> bool;
    /// Whether the receipt's signature holds; `None` where this backend signs nothing.
    fn signature_holds(&self, receipt: &Receipt) -> Option<bool>;
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The promise is kept.
    Kept,
    /// This fixture cannot tell, and why.
    Untold(&'static str),
    /// The promise is broken: what was seen.
    Broken(String),
}

/// One promise.
pub struct Check {
    /// What is promised, as a name.
    pub name: &'static str,
    /// Finds out.
    pub run: for<'a> fn(&'a dyn Fixture) -> LocalFuture<'a, Verdict>,
}

/// Every promise; those that move the clock last, nearest instant first.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let groups = [
        topics::CHECKS,
        identity::CHECKS,
        casting::CHECKS,
        secrecy::CHECKS,
        times::CHECKS,
    ];
    groups.into_iter().flatten()
}

/// Why a check stopped early.
enum Stop {
    Untold(&'static str),
    Broken(String),
}

impl From<Result<(), Stop>> for Verdict {
    fn from(end: Result<(), Stop>) -> Self {
        match end {
            Ok(()) => Self::Kept,
            Err(Stop::Untold(reason)) => Self::Untold(reason),
            Err(Stop::Broken(seen)) => Self::Broken(seen),
        }
    }
}

/// Stops with what was seen unless two things are equal.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: T, expected: T) -> Result<(), Stop> {
    if seen == expected {
        return Ok(());
    }
    Err(Stop::Broken(format!(
        "{what}: {seen:?} instead of {expected:?}"
    )))
}

/// Stops unless `holds`.
fn ensure(what: &str, holds: bool) -> Result<(), Stop> {
    holds
        .then_some(())
        .ok_or_else(|| Stop::Broken(what.to_owned()))
}

/// Writes a group's table: each function is a check of its own name.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        pub(super) const CHECKS: &[crate::contract::Check] = &[$(crate::contract::Check {
            name: stringify!($name),
            run: |fixture| Box::pin(async move { $name(fixture).await.into() }),
        }),*];
    };
}
use promises;
