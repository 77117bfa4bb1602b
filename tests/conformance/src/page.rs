//! A host page's object without JavaScript: JSON text goes in and comes out, and what
//! answers behind it is the backend in memory.

use crate::memory::Memory;
use linli_adapters::host::{Answer, Host, Page};
use linli_model::{Receipt, UtcMs};
use linli_port::contract::Fixture;
use linli_port::{Ambient, Deliberations, LocalFuture};
use std::cell::RefCell;
use std::rc::Rc;

/// A page whose object speaks to a backend of its own.
pub struct PageFixture {
    memory: Rc<Memory>,
    host: Host<FakePage>,
}

impl PageFixture {
    /// With the contract's topics.
    pub fn new() -> Self {
        let memory = Rc::new(Memory::new());
        let page = FakePage::over(Rc::clone(&memory));
        let ambient = memory.ambient.clone();
        Self {
            host: Host::new(page, ambient, None),
            memory,
        }
    }
}

impl Default for PageFixture {
    fn default() -> Self {
        Self::new()
    }
}

impl Fixture for PageFixture {
    fn deliberations(&self) -> &dyn Deliberations {
        &self.host
    }
    fn code(&self, nth: usize) -> String {
        self.memory.code(nth)
    }
    fn now_ms(&self) -> UtcMs {
        self.memory.ambient.now_ms()
    }
    fn advance(&self, ms: i64) -> bool {
        self.memory.advance(ms)
    }
    fn signature_holds(&self, _: &Receipt) -> Option<bool> {
        None
    }
}

/// An object with the methods of `host.d.ts`.
pub struct FakePage {
    memory: Rc<Memory>,
    /// The methods it has.
    pub methods: Vec<&'static str>,
    /// Whether its casts yield receipts.
    pub receipts: bool,
    /// What it answers instead, once.
    pub instead: RefCell<Option<Answer>>,
}

impl FakePage {
    /// With every method, speaking to `memory`.
    pub fn over(memory: Rc<Memory>) -> Self {
        Self {
            memory,
            methods: vec!["topic", "identify", "cast", "standing"],
            receipts: true,
            instead: RefCell::new(None),
        }
    }

    async fn answer(&self, method: &str, argument: &str) -> Answer {
        match linli_in_page::answer(&*self.memory.deliberations, method, argument).await {
            Ok(value) => Answer::Resolved(value.to_string()),
            Err(value) => Answer::Rejected(value.to_string()),
        }
    }
}

impl Page for FakePage {
    fn has(&self, method: &str) -> bool {
        self.methods.contains(&method)
    }

    fn gives_receipts(&self) -> bool {
        self.receipts
    }

    fn call(&self, method: &'static str, argument: String) -> LocalFuture<'_, Answer> {
        Box::pin(async move {
            let instead = self.instead.borrow_mut().take();
            match instead {
                Some(answer) => answer,
                None => self.answer(method, &argument).await,
            }
        })
    }
}
