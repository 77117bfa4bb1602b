//! Topics, grants and ballots: the port of the deliberation widget.

use crate::{LocalFuture, PortError};
use linli_model::{
    BallotSecret, CastBallot, CastReply, Grant, GrantToken, IdempotencyKey, PollId, Proof,
    Standing, TopicId, TopicView,
};
use serde::{Deserialize, Serialize};

/// What a backend can do. Widgets hide what it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Serves topics. Without it the host page gives the topic to the element.
    pub topics: bool,
    /// Answers a cast with a signed receipt. Without it a ballot is only ever 已送出,
    /// and only consultations are served.
    pub receipts: bool,
    /// Can tell where a voter stands.
    pub standing: bool,
    /// Runs on our own origin, so that formal polls may take place here.
    pub formal: bool,
}

/// A ballot on its way. Made once, kept until settled, sent as often as needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastCommand {
    /// Makes repeated sends one command.
    pub key: IdempotencyKey,
    /// The topic.
    pub topic: TopicId,
    /// The poll.
    pub poll: PollId,
    /// Permits the cast; poll-scoped, says nothing about the person.
    pub grant: GrantToken,
    /// The ballot.
    pub ballot: CastBallot,
}

/// How a cast ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CastOutcome {
    /// Durably recorded: 已入账.
    Recorded(Box<CastReply>),
    /// Handed to a backend that gives no receipts: 已送出.
    Dispatched,
}

/// A topic as a backend serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicAnswer {
    /// The topic and where it stands.
    pub view: TopicView,
    /// The JSON that it was read from, to be kept for when the backend is out of reach:
    /// it may say more than this version reads. Empty where the page itself gives it.
    pub text: String,
}

/// A backend for deliberations.
pub trait Deliberations {
    /// What this backend can do.
    fn capabilities(&self) -> Capabilities;

    /// A topic and where it stands.
    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>>;

    /// Turns a proof into a grant for the topic's poll.
    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>>;

    /// Casts or changes a ballot. Same command, same receipt, however often sent.
    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>>;

    /// Where the grant's voter stands. In secret polls `secret` opens their own ballot.
    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>>;
}

linli_model::from_tree!(CastCommand {
    key,
    topic,
    poll,
    grant,
    ballot
});
