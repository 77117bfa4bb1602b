//! The HTTP API, wire v1, as a backend.
//!
//! [`codec`] turns questions into requests and responses into answers without any
//! input or output; [`transport`] carries them. An answer that is not what the API
//! documents (cut off, a captive portal's page, another topic's) is no answer:
//! `PortError::Unreachable`.

pub mod codec;
#[cfg(feature = "desk")]
pub mod desk;
pub mod transport;

use crate::wait::map;
use codec::{Request, Response};
use linli_model::{BallotSecret, Grant, GrantToken, Proof, ReceiptKeys, Standing, TopicId};
use linli_port::{
    Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError, TopicAnswer,
};
use std::cell::RefCell;

/// Carries requests to one API.
pub trait Transport {
    /// Whether it revalidates what it has by itself, as browsers do. In front of others
    /// the adapter keeps the last answer and its `ETag`.
    const CACHES: bool;

    /// The whole response, or `None`: not reached, cut off, or too late.
    fn send(&self, request: Request) -> LocalFuture<'_, Option<Response>>;

    /// The signed word of the page about who is signed in to it, where it has one.
    fn token<'a>(&'a self, _topic: &'a TopicId) -> LocalFuture<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }
}

/// Implements [`Deliberations`] over a transport.
pub struct Http<T> {
    transport: T,
    is_own_origin: bool,
    known: RefCell<Vec<(String, TopicAnswer)>>,
}

impl<T: Transport> Http<T> {
    /// Speaks through `transport`. `is_own_origin` says that this page is of the API's
    /// own origin, so that formal polls may take place on it.
    pub fn new(transport: T, is_own_origin: bool) -> Self {
        Self {
            transport,
            is_own_origin,
            known: RefCell::default(),
        }
    }

    /// What carries the requests.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The public keys that receipts are signed with.
    pub async fn receipt_keys(&self) -> Result<ReceiptKeys, PortError> {
        self.ask(codec::receipt_keys(), codec::read).await
    }

    /// Asks, and reads the answer.
    fn ask<'a, A: 'a>(
        &'a self,
        request: Request,
        read: impl Fn(&Response) -> Result<A, PortError> + 'a,
    ) -> LocalFuture<'a, Result<A, PortError>> {
        map(
            self.transport.send(request),
            move |response| match &response {
                Some(response) => read(response),
                None => Err(PortError::Unreachable),
            },
        )
    }

    /// Asks for what has changed, in front of a transport that keeps nothing.
    async fn revalidate(&self, topic: &TopicId) -> Result<TopicAnswer, PortError> {
        let known = self
            .known
            .borrow()
            .iter()
            .find(|(_, known)| known.view.topic.id == *topic)
            .cloned();
        let etag = known.as_ref().map(|(etag, _)| etag.as_str());
        let sent = self.transport.send(codec::topic(topic, etag));
        let response = sent.await.ok_or(PortError::Unreachable)?;
        if let (304, Some((_, answer))) = (response.status, known) {
            return Ok(answer);
        }
        let answer = codec::read_topic(topic, &response)?;
        if let Some(etag) = response.etag {
            let mut known = self.known.borrow_mut();
            known.retain(|(_, known)| known.view.topic.id != *topic);
            known.push((etag, answer.clone()));
        }
        Ok(answer)
    }
}

impl<T: Transport> Deliberations for Http<T> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: true,
            receipts: true,
            standing: true,
            formal: self.is_own_origin,
        }
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        if T::CACHES {
            let request = codec::topic(topic, None);
            self.ask(request, |response| codec::read_topic(topic, response))
        } else {
            Box::pin(self.revalidate(topic))
        }
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async move {
            // The page's word is stronger than the device's, and needs no form either.
            let word = match proof {
                Proof::Device { .. } => self.transport.token(topic).await,
                _ => None,
            };
            let word = word.map(|token| Proof::HostToken { token });
            let request = codec::identify(topic, word.as_ref().unwrap_or(proof));
            self.ask(request, codec::read).await
        })
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        self.ask(codec::cast(command), |response| {
            codec::read_cast(command, response).map(CastOutcome::Recorded)
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        self.ask(codec::standing(topic, grant, secret), codec::read)
    }
}
