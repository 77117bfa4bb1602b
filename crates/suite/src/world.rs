//! Which backend an element speaks to, and what surrounds it.

use crate::settings::Settings;
use linli_model::{BallotSecret, Grant, GrantToken, Proof, Standing, TopicId, TopicView, UtcMs};
use linli_port::*;
use std::rc::Rc;

thread_local! {
    static ONE: World = {
        let it = Rc::new(Nothing);
        World { deliberations: it.clone(), delivery: it.clone(), shelf: it.clone(), ambient: it }
    };
}

/// The world of an element with these settings.
pub(crate) fn of(_settings: &Settings) -> World {
    ONE.with(Clone::clone)
}

/// Stands in until the adapters are joined.
struct Nothing;

impl Deliberations for Nothing {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: true,
            receipts: true,
            standing: true,
            formal: false,
        }
    }
    fn topic<'a>(&'a self, _: &'a TopicId) -> LocalFuture<'a, Result<TopicView, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
    fn identify<'a>(
        &'a self,
        _: &'a TopicId,
        _: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
    fn cast<'a>(&'a self, _: &'a CastCommand) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
    fn standing<'a>(
        &'a self,
        _: &'a TopicId,
        _: &'a GrantToken,
        _: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
}
impl Delivery for Nothing {
    fn submit(&self, _: CastCommand) {}
    fn watch(&self, _: &TopicId, _: Rc<dyn Fn(&CastCommand, &Step)>) -> Guard {
        Guard::new(|| {})
    }
    fn pending<'a>(&'a self, _: &'a TopicId) -> LocalFuture<'a, Option<Pending>> {
        Box::pin(async { None })
    }
    fn nudge(&self) {}
}
impl Shelf for Nothing {
    fn get<'a>(&'a self, _: &'a str) -> LocalFuture<'a, Option<String>> {
        Box::pin(async { None })
    }
    fn put<'a>(&'a self, _: &'a str, _: String) -> LocalFuture<'a, Keeping> {
        Box::pin(async { Keeping::ThisPage })
    }
    fn remove<'a>(&'a self, _: &'a str) -> LocalFuture<'a, ()> {
        Box::pin(async {})
    }
    fn list<'a>(&'a self, _: &'a str) -> LocalFuture<'a, Vec<(String, String)>> {
        Box::pin(async { Vec::new() })
    }
}
impl Ambient for Nothing {
    fn now_ms(&self) -> UtcMs {
        0
    }
    fn chance(&self) -> [u8; 16] {
        [0; 16]
    }
    fn sleep(&self, _: u32) -> LocalFuture<'static, ()> {
        Box::pin(async {})
    }
    fn online(&self) -> bool {
        true
    }
    fn on_wake(&self, _: Rc<dyn Fn()>) -> Guard {
        Guard::new(|| {})
    }
}
