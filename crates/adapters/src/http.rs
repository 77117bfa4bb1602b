//! The HTTP API, wire v1, as a backend.
//!
//! [`codec`] turns questions into requests and responses into answers without any
//! input or output; [`transport`] carries them. An answer that is not what the API
//! documents (cut off, a captive portal's page, another topic's) is no answer:
//! `PortError::Unreachable`.

pub mod codec;
pub mod transport;

use codec::{Request, Response};
use linli_model::{
    BallotSecret, Grant, GrantToken, Proof, ReceiptKeys, Standing, TopicId, TopicView,
};
use linli_port::{Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError};
use std::cell::RefCell;

/// Carries requests to one API.
pub trait Transport {
    /// Whether it revalidates what it has by itself, as browsers do. In front of others
    /// the adapter keeps the last answer and its `ETag`.
    const CACHES: bool;

    /// The whole response, or `None`: not reached, cut off, or too late.
    fn send(&self, request: Request) -> LocalFuture<'_, Option<Response>>;
}

/// Implements [`Deliberations`] over a transport.
pub struct Http<T> {
    transport: T,
    is_own_origin: bool,
    known: RefCell<Vec<(String, TopicView)>>,
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
        codec::read(&self.send(codec::receipt_keys()).await?)
    }

    async fn send(&self, request: Request) -> Result<Response, PortError> {
        let response = self.transport.send(request).await;
        response.ok_or(PortError::Unreachable)
    }

    async fn ask_topic(&self, topic: &TopicId) -> Result<TopicView, PortError> {
        let known = self
            .known
            .borrow()
            .iter()
            .find(|(_, view)| view.topic.id == *topic)
            .cloned();
        let etag = known.as_ref().map(|(etag, _)| etag.as_str());
        let response = self.send(codec::topic(topic, etag)).await?;
        if let (304, Some((_, view))) = (response.status, known) {
            return Ok(view);
        }
        let view = codec::read_topic(topic, &response)?;
        if let (false, Some(etag)) = (T::CACHES, response.etag) {
            let mut known = self.known.borrow_mut();
            known.retain(|(_, view)| view.topic.id != *topic);
            known.push((etag, view.clone()));
        }
        Ok(view)
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

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicView, PortError>> {
        Box::pin(self.ask_topic(topic))
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async move { codec::read(&self.send(codec::identify(topic, proof)).await?) })
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(async move {
            let response = self.send(codec::cast(command)).await?;
            let reply = codec::read_cast(command, &response)?;
            Ok(CastOutcome::Recorded(Box::new(reply)))
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(async move {
            let request = codec::standing(topic, grant, secret);
            codec::read(&self.send(request).await?)
        })
    }
}
