//! A host page's object without JavaScript: JSON text goes in and comes out, and what
//! answers behind it is the backend in memory.

use crate::memory::Memory;
use linli_adapters::host::{Answer, Host, Page};
use linli_model::{BallotSecret, GrantToken, Proof, Receipt, TopicId, UtcMs};
use linli_port::contract::Fixture;
use linli_port::{Ambient, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError};
use serde::Serialize;
use serde_json::{Value, json};
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
        let argument: Value = serde_json::from_str(argument).expect("the argument is JSON");
        let backend = &*self.memory.deliberations;
        let topic: TopicId = part(&argument, "topic");
        match method {
            "topic" => settle(backend.topic(&topic).await),
            "identify" => {
                let proof: Proof = part(&argument, "proof");
                settle(backend.identify(&topic, &proof).await)
            }
            "cast" => {
                let command: CastCommand = serde_json::from_value(argument).expect("a command");
                settle(backend.cast(&command).await.map(|outcome| match outcome {
                    CastOutcome::Recorded(reply) => json!(reply),
                    CastOutcome::Dispatched => Value::Null,
                }))
            }
            _ => {
                let grant: GrantToken = part(&argument, "grant");
                let secret: Option<BallotSecret> =
                    argument.get("secret").map(|_| part(&argument, "secret"));
                settle(backend.standing(&topic, &grant, secret.as_ref()).await)
            }
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

fn part<T: serde::de::DeserializeOwned>(argument: &Value, name: &str) -> T {
    serde_json::from_value(argument[name].clone()).expect(name)
}

/// As a page's author would write it: resolve with the value, reject with the refusal.
fn settle<T: Serialize>(answer: Result<T, PortError>) -> Answer {
    match answer {
        Ok(value) => Answer::Resolved(json!(value).to_string()),
        Err(PortError::Refused(refusal)) => Answer::Rejected(json!(refusal).to_string()),
        // A page has no word for what is newer: it hands over what its backend says.
        Err(PortError::Unreachable | PortError::Newer { .. }) => Answer::Rejected("{}".to_owned()),
        Err(PortError::Fault { incident }) => {
            Answer::Rejected(json!({ "code": "fault", "incident": incident }).to_string())
        }
    }
}
