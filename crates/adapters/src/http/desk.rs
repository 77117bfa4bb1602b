//! The desk's part of the HTTP API as a backend: `/api/v1/communities/{community}/desk/…`.
//!
//! [`codec`] turns questions and commands into requests and responses into answers,
//! [`events`] takes the live stream apart; neither has input or output. A transport
//! carries them: [`fetch`] in browsers, [`native`] elsewhere.

pub mod codec;
pub mod events;
#[cfg(target_arch = "wasm32")]
pub mod fetch;
#[cfg(feature = "native")]
pub mod native;

use crate::wait::map;
use codec::{DeskRequest, DeskResponse};
use linli_model::desk::request::AnswerRequest;
use linli_model::desk::{
    AcceptInvitation, Attachment, Command, CommandReply, ConfirmEnrolment, Enrolled, Enrolment,
    FillIn, FilledIn, InvitationView, RollKind, RollPreview, Session, SignIn, StaffSelf,
};
use linli_model::{CommunityId, GrantToken, IdempotencyKey, RequestId, TopicId};
use linli_port::desk::{Answer, Asked, Desk, DeskError, Export, FileBytes, News, Question};
use linli_port::{Guard, LocalFuture};
use std::rc::Rc;

/// Carries the desk's requests to one API.
pub trait DeskTransport {
    /// The whole response, or `None`: not reached, cut off, or too late.
    fn send(&self, request: DeskRequest) -> LocalFuture<'_, Option<DeskResponse>>;
    /// Reads the stream that `request` opens, again and again, until the guard is
    /// dropped.
    fn listen(&self, request: DeskRequest, hear: Rc<dyn Fn(News)>) -> Guard;
}

/// Implements [`Desk`] over a transport.
pub struct HttpDesk<T> {
    transport: T,
    base: String,
}

impl<T: DeskTransport> HttpDesk<T> {
    /// The desk of `community` through `transport`.
    pub fn new(transport: T, community: &CommunityId) -> Self {
        Self {
            transport,
            base: codec::base(community),
        }
    }

    fn exchange<'a, A: 'a>(
        &'a self,
        request: DeskRequest,
        read: impl Fn(&DeskResponse) -> Result<A, DeskError> + 'a,
    ) -> Asked<'a, A> {
        map(
            self.transport.send(request),
            move |response| match &response {
                Some(response) => read(response),
                None => Err(DeskError::Unreachable),
            },
        )
    }
}

impl<T: DeskTransport> Desk for HttpDesk<T> {
    fn sign_in<'a>(&'a self, body: &'a SignIn) -> Asked<'a, Session> {
        let request = codec::post(&self.base, "/sessions", None, codec::json(body));
        self.exchange(request, codec::read)
    }

    fn resume<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, StaffSelf> {
        self.exchange(codec::get(&self.base, "/session", Some(token)), codec::read)
    }

    fn sign_out<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, ()> {
        self.exchange(codec::delete(&self.base, "/session", token), codec::done)
    }

    fn invitation<'a>(&'a self, token: &'a GrantToken) -> Asked<'a, InvitationView> {
        let path = codec::invitation_path(token, "");
        self.exchange(codec::get(&self.base, &path, None), codec::read)
    }

    fn accept<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a AcceptInvitation,
    ) -> Asked<'a, Enrolment> {
        let path = codec::invitation_path(token, "");
        let request = codec::post(&self.base, &path, None, codec::json(body));
        self.exchange(request, codec::read)
    }

    fn confirm<'a>(
        &'a self,
        token: &'a GrantToken,
        body: &'a ConfirmEnrolment,
    ) -> Asked<'a, Enrolled> {
        let path = codec::invitation_path(token, "/confirmation");
        let request = codec::post(&self.base, &path, None, codec::json(body));
        self.exchange(request, codec::read)
    }

    fn ask<'a>(&'a self, token: &'a GrantToken, question: &'a Question) -> Asked<'a, Answer> {
        let path = codec::path_of(question);
        let request = match question {
            // Names are looked for in a body: addresses stand in logs.
            Question::RollEntries(_, asked) => {
                codec::post(&self.base, &path, Some(token), codec::json(asked))
            }
            _ => codec::get(&self.base, &path, Some(token)),
        };
        self.exchange(request, move |response| {
            codec::read_answer(question, response)
        })
    }

    fn command<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        command: &'a Command,
    ) -> Asked<'a, CommandReply> {
        let mut request = codec::post(&self.base, "/commands", Some(token), codec::json(command));
        request.headers.push(("Idempotency-Key", key.to_string()));
        self.exchange(request, codec::read)
    }

    fn fill_in<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        body: &'a FillIn,
    ) -> Asked<'a, FilledIn> {
        let path = format!("/polls/{topic}/behalf");
        let mut request = codec::post(&self.base, &path, Some(token), codec::json(body));
        request.headers.push(("Idempotency-Key", key.to_string()));
        self.exchange(request, codec::read)
    }

    fn attach<'a>(
        &'a self,
        token: &'a GrantToken,
        key: &'a IdempotencyKey,
        topic: &'a TopicId,
        alt: &'a str,
        file: &'a FileBytes,
    ) -> Asked<'a, Attachment> {
        let mut request = codec::attachment(&self.base, token, topic, alt, file);
        request.headers.push(("Idempotency-Key", key.to_string()));
        self.exchange(request, codec::read)
    }

    fn answer_request<'a>(
        &'a self,
        token: &'a GrantToken,
        request: &'a RequestId,
        body: &'a AnswerRequest,
    ) -> Asked<'a, ()> {
        let path = format!("/requests/{request}/answer");
        let request = codec::post(&self.base, &path, Some(token), codec::json(body));
        self.exchange(request, codec::done)
    }

    fn preview_roll<'a>(
        &'a self,
        token: &'a GrantToken,
        kind: RollKind,
        file: &'a FileBytes,
    ) -> Asked<'a, RollPreview> {
        let request = codec::roll_file(&self.base, token, kind, file);
        self.exchange(request, codec::read)
    }

    fn export<'a>(&'a self, token: &'a GrantToken, export: &'a Export) -> Asked<'a, FileBytes> {
        let name = format!("{}.{}", export.name, export.form);
        let mut below = format!("/exports/{name}");
        if let Some(topic) = &export.topic {
            below = format!("{below}?topic={topic}");
        }
        let request = codec::get(&self.base, &below, Some(token));
        self.exchange(request, move |response| codec::read_file(&name, response))
    }

    fn live(&self, token: &GrantToken, hear: Rc<dyn Fn(News)>) -> Guard {
        let request = codec::get(&self.base, "/live", Some(token));
        self.transport.listen(request, hear)
    }
}
