//! An address that only takes: ballots are posted to it, and nothing comes back.
//!
//! The topic comes from the host page. Only consultations by device are served: there
//! is no receipt, no roll, no register of who voted, and no promise of secrecy that
//! anyone could keep. The page says 已送出, never 已入账.

use crate::given;
use crate::http::Transport;
use crate::http::codec::{Request, json};
use linli_model::{
    BallotSecret, Choice, Credential, Grant, GrantToken, IdempotencyKey, PollId, PollNature, Proof,
    Refusal, Secrecy, Standing, TopicId, TopicView,
};
use linli_port::{
    Ambient, Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError,
    TopicAnswer,
};
use linli_rules::{ballot, phase};
use serde::Serialize;
use std::rc::Rc;

/// Implements [`Deliberations`] by posting.
pub struct Webhook<T> {
    transport: T,
    ambient: Rc<dyn Ambient>,
    topic: String,
}

impl<T: Transport> Webhook<T> {
    /// Posts through `transport`, whose base is the whole address. `topic` is the JSON
    /// of a `Topic` or `TopicView`.
    pub fn new(transport: T, ambient: Rc<dyn Ambient>, topic: String) -> Self {
        Self {
            transport,
            ambient,
            topic,
        }
    }

    fn given(&self, topic: &TopicId) -> Result<TopicView, Refusal> {
        let view = given::topic(&self.topic, topic, self.ambient.now_ms());
        view.ok_or(Refusal::TopicUnknown)
    }

    /// The topic, where its poll is one that may be served like this.
    fn servable(&self, topic: &TopicId) -> Result<TopicView, Refusal> {
        let view = self.given(topic)?;
        let poll = &view.topic.poll;
        match (poll.nature, poll.secrecy, poll.credential) {
            (PollNature::Formal, _, _) => Err(Refusal::FormalElsewhere),
            (PollNature::Consultation, Secrecy::Recorded, Credential::Device) => Ok(view),
            (PollNature::Consultation, _, _) => Err(Refusal::Unsupported),
        }
    }

    fn grant(&self, topic: &TopicId, proof: &Proof) -> Result<Grant, Refusal> {
        let poll = self.servable(topic)?.topic.poll;
        if !matches!(proof, Proof::Device { .. }) {
            return Err(Refusal::Unsupported);
        }
        Ok(Grant {
            // It permits nothing anywhere: the address asks for none.
            token: GrantToken::parse("webhook").map_err(|_| Refusal::Unsupported)?,
            poll: poll.id,
            voter: String::new(),
            expires_at_ms: poll.closes_at_ms,
            standing: Standing {
                voted: false,
                reply: None,
            },
        })
    }

    fn request(&self, command: &CastCommand) -> Result<Request, Refusal> {
        let poll = self.servable(&command.topic)?.topic.poll;
        phase::require_open(&poll, self.ambient.now_ms())?;
        let ballot = ballot::check(&poll, &command.ballot.choice)?;
        let body = Body {
            topic: &command.topic,
            poll: &command.poll,
            choice: ballot.choice(),
            key: &command.key,
        };
        Ok(Request {
            path: String::new(),
            headers: Vec::new(),
            body: Some(json(&body)),
        })
    }

    async fn post(&self, command: &CastCommand) -> Result<CastOutcome, PortError> {
        let request = self.request(command)?;
        let response = self.transport.send(request).await;
        match response.ok_or(PortError::Unreachable)?.status {
            200..=299 => Ok(CastOutcome::Dispatched),
            // Gateways say these for a while.
            408 | 429 | 500..=599 => Err(PortError::Unreachable),
            // The address is wrong, or refuses for reasons that it cannot tell us.
            status => Err(PortError::Fault {
                incident: ["webhook-", &status.to_string()].concat(),
            }),
        }
    }
}

/// What is posted, as JSON.
#[derive(Serialize)]
struct Body<'a> {
    topic: &'a TopicId,
    poll: &'a PollId,
    choice: &'a Choice,
    key: &'a IdempotencyKey,
}

impl<T: Transport> Deliberations for Webhook<T> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: false,
            receipts: false,
            standing: false,
            formal: false,
        }
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        Box::pin(async move {
            let (view, text) = (self.given(topic)?, String::new());
            Ok(TopicAnswer { view, text })
        })
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async move { Ok(self.grant(topic, proof)?) })
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(self.post(command))
    }

    fn standing<'a>(
        &'a self,
        _topic: &'a TopicId,
        _grant: &'a GrantToken,
        _secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(async { Err(Refusal::Unsupported.into()) })
    }
}
