//! The host page's own object as a backend: `linli.configure({ host })`.
//!
//! Its methods take and return the JSON forms of the model, as `host.d.ts` says. The
//! object may have only some of them; what it lacks is missing from the capabilities.
//! [`Page`] is the boundary; [`js`] is the boundary with JavaScript, and tests have one
//! without.
//!
//! What the object gives back is not trusted to be of the documented form. A rejection
//! with a known refusal's `code` is a refusal; any other rejection, and no answer in
//! time, leaves the effect unknown; an answer of another form is a fault that names the
//! method.

#[cfg(target_arch = "wasm32")]
pub mod js;

use crate::http::codec::{answers, json};
use crate::wait::within;
use crate::{given, refusal, served};
use linli_model::tree::{self, FromTree};
use linli_model::{BallotSecret, CastReply, Grant, GrantToken, Proof, Refusal, Standing, TopicId};
use linli_port::{
    Ambient, Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError,
    TopicAnswer,
};
use serde::Serialize;
use std::rc::Rc;

/// Calls methods of the page's object.
pub trait Page {
    /// Whether it has a function of this name.
    fn has(&self, method: &str) -> bool;
    /// False when the object says that its casts yield no receipts.
    fn gives_receipts(&self) -> bool;
    /// Calls `method` with the value of the JSON text `argument`.
    fn call(&self, method: &'static str, argument: String) -> LocalFuture<'_, Answer>;
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Resolved, with this value as JSON text; `null` where it is no JSON.
    Resolved(String),
    /// Rejected or thrown, with this value as JSON text.
    Rejected(String),
}

/// Implements [`Deliberations`] over the page's object.
pub struct Host<P> {
    page: P,
    ambient: Rc<dyn Ambient>,
    topic: Option<String>,
}

impl<P: Page> Host<P> {
    /// Speaks to `page`. `topic` is the JSON of a topic, for objects that serve none.
    pub fn new(page: P, ambient: Rc<dyn Ambient>, topic: Option<String>) -> Self {
        Self {
            page,
            ambient,
            topic,
        }
    }

    async fn ask<A: FromTree>(
        &self,
        method: &'static str,
        argument: String,
    ) -> Result<A, PortError> {
        let text = self.call(method, argument).await?;
        tree::read(&text).ok_or_else(|| senseless(method))
    }

    async fn call(&self, method: &'static str, argument: String) -> Result<String, PortError> {
        if !self.page.has(method) {
            return Err(Refusal::Unsupported.into());
        }
        let limit = self.ambient.sleep(ANSWER_MS_MAX);
        match within(limit, self.page.call(method, argument)).await {
            Some(Answer::Resolved(text)) => Ok(text),
            Some(Answer::Rejected(text)) => Err(refusal::read(&text, false)),
            None => Err(PortError::Unreachable),
        }
    }

    async fn ask_topic(&self, topic: &TopicId) -> Result<TopicAnswer, PortError> {
        if !self.page.has(TOPIC) {
            let json = self.topic.as_deref().unwrap_or_default();
            let view = given::topic(json, topic, self.ambient.now_ms());
            let text = String::new();
            return view
                .map(|view| TopicAnswer { view, text })
                .ok_or(PortError::Refused(Refusal::TopicUnknown));
        }
        let argument = TopicArgument { topic };
        let text = self.call(TOPIC, json(&argument)).await?;
        served::topic(&text, topic).unwrap_or_else(|| Err(senseless(TOPIC)))
    }

    async fn ask_cast(&self, command: &CastCommand) -> Result<CastOutcome, PortError> {
        let text = self.call(CAST, json(command)).await?;
        if !self.page.gives_receipts() {
            return Ok(CastOutcome::Dispatched);
        }
        match tree::read::<CastReply>(&text) {
            Some(reply) if answers(command, &reply) => Ok(CastOutcome::Recorded(Box::new(reply))),
            _ => Err(senseless(CAST)),
        }
    }
}

/// How long a method may take. After that it is unknown whether it had an effect.
const ANSWER_MS_MAX: u32 = 20_000;

const TOPIC: &str = "topic";
const IDENTIFY: &str = "identify";
const CAST: &str = "cast";
const STANDING: &str = "standing";

fn senseless(method: &str) -> PortError {
    let incident = ["host-", method].concat();
    PortError::Fault { incident }
}

#[derive(Serialize)]
struct TopicArgument<'a> {
    topic: &'a TopicId,
}

#[derive(Serialize)]
struct IdentifyArgument<'a> {
    topic: &'a TopicId,
    proof: &'a Proof,
}

#[derive(Serialize)]
struct StandingArgument<'a> {
    topic: &'a TopicId,
    grant: &'a GrantToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a BallotSecret>,
}

impl<P: Page> Deliberations for Host<P> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: self.page.has(TOPIC),
            receipts: self.page.gives_receipts(),
            standing: self.page.has(STANDING),
            formal: false,
        }
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        Box::pin(self.ask_topic(topic))
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        let argument = IdentifyArgument { topic, proof };
        Box::pin(self.ask(IDENTIFY, json(&argument)))
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(self.ask_cast(command))
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        let argument = StandingArgument {
            topic,
            grant,
            secret,
        };
        Box::pin(self.ask(STANDING, json(&argument)))
    }
}
