//! Questions as requests, responses as answers. No input, no output.

use crate::{refusal, served};
use linli_model::tree::{self, FromTree};
use linli_model::{BallotSecret, CastReply, Choice, GrantToken, OptionId, Proof, TopicId};
use linli_port::{CastCommand, PortError, TopicAnswer};
use serde::Serialize;

/// A request to be carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// From the API's root: `/api/v1/…`.
    pub path: String,
    /// Besides what the body needs.
    pub headers: Vec<(&'static str, String)>,
    /// JSON text to `POST`; `None` is a `GET`.
    pub body: Option<String>,
}

/// A response that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Its `ETag`, as written.
    pub etag: Option<String>,
    /// Its body.
    pub body: String,
}

/// `GET /api/v1/topics/{topic}`, conditional where `etag` is known.
pub fn topic(topic: &TopicId, etag: Option<&str>) -> Request {
    let condition = etag.map(|etag| ("If-None-Match", etag.to_owned()));
    Request {
        path: topic_path(topic, ""),
        headers: condition.into_iter().collect(),
        body: None,
    }
}

/// `POST /api/v1/topics/{topic}/grants`
pub fn identify(topic: &TopicId, proof: &Proof) -> Request {
    let body = Identify { proof };
    Request {
        path: topic_path(topic, "/grants"),
        headers: Vec::new(),
        body: Some(json(&body)),
    }
}

/// `IdentifyRequest`, borrowed.
#[derive(Serialize)]
struct Identify<'a> {
    proof: &'a Proof,
}

/// `POST /api/v1/topics/{topic}/ballots`
pub fn cast(command: &CastCommand) -> Request {
    Request {
        path: topic_path(&command.topic, "/ballots"),
        headers: vec![
            bearer(&command.grant),
            ("Idempotency-Key", command.key.to_string()),
        ],
        body: Some(json(&command.ballot)),
    }
}

/// `GET /api/v1/topics/{topic}/standing`
pub fn standing(topic: &TopicId, grant: &GrantToken, secret: Option<&BallotSecret>) -> Request {
    let mut headers = vec![bearer(grant)];
    if let Some(secret) = secret {
        headers.push(("Linli-Ballot-Secret", secret.to_string()));
    }
    Request {
        path: topic_path(topic, "/standing"),
        headers,
        body: None,
    }
}

/// `GET /api/v1/receipt-keys`
pub fn receipt_keys() -> Request {
    Request {
        path: "/api/v1/receipt-keys".to_owned(),
        headers: Vec::new(),
        body: None,
    }
}

/// The path of a topic, as [`topic`] asks for it.
pub fn topic_path(topic: &TopicId, below: &str) -> String {
    // A slug needs no escaping.
    ["/api/v1/topics/", topic.as_str(), below].concat()
}

/// Reads an answer, a refusal or a fault.
pub fn read<A: FromTree>(response: &Response) -> Result<A, PortError> {
    let body = answer(response)?;
    tree::read(body).ok_or(PortError::Unreachable)
}

/// The body of an answer. Once in the wasm, not once for every type.
#[inline(never)]
fn answer(response: &Response) -> Result<&str, PortError> {
    match response.status {
        200..=299 => Ok(&response.body),
        // A code that we do not know is the backend's refusal where it can be nothing
        // else. On a 5xx it may be a gateway's way of saying that the backend is gone.
        status => Err(refusal::read(&response.body, (400..500).contains(&status))),
    }
}

/// Reads the answer to [`topic`]; one about another topic is none.
pub fn read_topic(topic: &TopicId, response: &Response) -> Result<TopicAnswer, PortError> {
    let body = answer(response)?;
    served::topic(body, topic).unwrap_or(Err(PortError::Unreachable))
}

/// Reads the answer to [`cast`]. A receipt for another ballot is none: nobody shall be
/// told 已入账 because something on the way mixed up two answers.
pub fn read_cast(command: &CastCommand, response: &Response) -> Result<Box<CastReply>, PortError> {
    let body = answer(response)?;
    let reply = tree::read(body).map(Box::new);
    let reply = reply.filter(|reply| answers(command, reply));
    reply.ok_or(PortError::Unreachable)
}

/// Whether `reply` is about the ballot in `command`.
pub(crate) fn answers(command: &CastCommand, reply: &CastReply) -> bool {
    let receipt = &reply.receipt;
    receipt.topic == command.topic
        && receipt.poll == command.poll
        && is_same(&command.ballot.choice, &reply.opening.choice)
}

/// Backends put options into the poll's order.
fn is_same(one: &Choice, other: &Choice) -> bool {
    match (one, other) {
        (Choice::Options { options: one }, Choice::Options { options: other }) => {
            let has = |options: &[OptionId], id| options.contains(id);
            one.len() == other.len()
                && one.iter().all(|id| has(other, id))
                && other.iter().all(|id| has(one, id))
        }
        (one, other) => one == other,
    }
}

fn bearer(grant: &GrantToken) -> (&'static str, String) {
    ("Authorization", ["Bearer ", grant.as_str()].concat())
}

/// The model's types have string keys only: they always have a JSON text.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
