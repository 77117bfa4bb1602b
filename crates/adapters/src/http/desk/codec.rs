//! The desk's questions as requests, responses as answers. No input, no output.

use linli_model::desk::{DeskRefusal, RollKind, RollRefusal};
use linli_model::{CommunityId, GrantToken, Refusal, TopicId};
use linli_port::desk::{Answer, DeskError, FileBytes, Question};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request to be carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRequest {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// From the API's root: `/api/v1/…`.
    pub path: String,
    /// Besides what the body needs.
    pub headers: Vec<(&'static str, String)>,
    /// Its media type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// A response that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskResponse {
    /// The HTTP status.
    pub status: u16,
    /// Its `Content-Type`; empty where there is none.
    pub media_type: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Where a community's desk is.
pub fn base(community: &CommunityId) -> String {
    // A slug needs no escaping.
    format!("/api/v1/communities/{community}/desk")
}

/// A question.
pub fn get(base: &str, below: &str, token: Option<&GrantToken>) -> DeskRequest {
    request("GET", base, below, token, None)
}

/// Something to be done with a JSON body.
pub fn post(base: &str, below: &str, token: Option<&GrantToken>, json: Vec<u8>) -> DeskRequest {
    request("POST", base, below, token, Some(("application/json", json)))
}

/// Something to be ended.
pub fn delete(base: &str, below: &str, token: &GrantToken) -> DeskRequest {
    request("DELETE", base, below, Some(token), None)
}

/// A file to be read as a roll.
pub fn roll_file(base: &str, token: &GrantToken, kind: RollKind, file: &FileBytes) -> DeskRequest {
    let below = format!(
        "/rolls/{}/drafts?file_name={}",
        kind.as_str(),
        escaped(&file.name)
    );
    let body = ("application/octet-stream", file.bytes.clone());
    request("POST", base, &below, Some(token), Some(body))
}

/// A file that a topic is to be shown with.
pub fn attachment(
    base: &str,
    token: &GrantToken,
    topic: &TopicId,
    alt: &str,
    file: &FileBytes,
) -> DeskRequest {
    let below = format!("/polls/{topic}/attachments?alt={}", escaped(alt));
    let body = ("application/octet-stream", file.bytes.clone());
    request("POST", base, &below, Some(token), Some(body))
}

fn request(
    method: &'static str,
    base: &str,
    below: &str,
    token: Option<&GrantToken>,
    body: Option<(&'static str, Vec<u8>)>,
) -> DeskRequest {
    let bearer = token.map(|token| ("Authorization", ["Bearer ", token.as_str()].concat()));
    DeskRequest {
        method,
        path: [base, below].concat(),
        headers: bearer.into_iter().collect(),
        body,
    }
}

/// The model's types have string keys only: they always have a JSON text.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// The path of an invitation.
pub fn invitation_path(token: &GrantToken, below: &str) -> String {
    format!("/invitations/{}{below}", escaped(token.as_str()))
}

/// Where a question is asked.
pub fn path_of(question: &Question) -> String {
    match question {
        Question::Home => "/home".to_owned(),
        Question::Polls => "/polls".to_owned(),
        Question::Poll(topic) => format!("/polls/{topic}"),
        Question::Attachments(topic) => format!("/polls/{topic}/attachments"),
        Question::Approvals => "/approvals".to_owned(),
        Question::People => "/people".to_owned(),
        Question::Places => "/places".to_owned(),
        Question::Rolls => "/rolls".to_owned(),
        Question::Requests => "/requests".to_owned(),
        Question::RollEntries(kind, _) => format!("/rolls/{}/entries", kind.as_str()),
        Question::Audit { before, search } => {
            let mut asked = Vec::new();
            asked.extend(before.map(|before| format!("before={before}")));
            if !search.is_empty() {
                asked.push(format!("search={}", escaped(search)));
            }
            if asked.is_empty() {
                return "/audit".to_owned();
            }
            format!("/audit?{}", asked.join("&"))
        }
        Question::Voters { topic, search } => {
            format!("/polls/{topic}/voters?search={}", escaped(search))
        }
    }
}

/// Percent-encoded except for RFC 3986's unreserved characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Reads an answer, a refusal or a fault.
pub fn read<A: DeserializeOwned>(response: &DeskResponse) -> Result<A, DeskError> {
    parsed(answer(response)?).ok_or(DeskError::Unreachable)
}

/// By way of a tree: code that reads types from text has the whole parser in it, once for
/// every type, and a desk would download it.
pub(crate) fn parsed<A: DeserializeOwned>(json: &[u8]) -> Option<A> {
    serde_json::from_value(tree(json)?).ok()
}

#[inline(never)]
fn tree(json: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(json).ok()
}

/// Reads that something is done; the answer says no more.
pub fn done(response: &DeskResponse) -> Result<(), DeskError> {
    answer(response).map(drop)
}

/// Reads the answer to `question`.
pub fn read_answer(question: &Question, response: &DeskResponse) -> Result<Answer, DeskError> {
    Ok(match question {
        Question::Home => Answer::Home(read(response)?),
        Question::Polls => Answer::Polls(read(response)?),
        Question::Poll(topic) => {
            let view: Box<linli_model::desk::PollView> = read(response)?;
            if view.topic.id != *topic {
                return Err(DeskError::Unreachable);
            }
            Answer::Poll(view)
        }
        Question::Attachments(_) => Answer::Attachments(read(response)?),
        Question::Approvals => Answer::Approvals(read(response)?),
        Question::People => Answer::People(read(response)?),
        Question::Places => Answer::Places(read(response)?),
        Question::Rolls => Answer::Rolls(read(response)?),
        Question::RollEntries(..) => Answer::RollEntries(read(response)?),
        Question::Audit { .. } => Answer::Audit(read(response)?),
        Question::Requests => Answer::Requests(read(response)?),
        Question::Voters { .. } => Answer::Voters(read(response)?),
    })
}

/// Reads a file.
pub fn read_file(name: &str, response: &DeskResponse) -> Result<FileBytes, DeskError> {
    Ok(FileBytes {
        name: name.to_owned(),
        media_type: response.media_type.clone(),
        bytes: answer(response)?.to_vec(),
    })
}

fn answer(response: &DeskResponse) -> Result<&[u8], DeskError> {
    match response.status {
        200..=299 => Ok(&response.body),
        status => Err(refused(&response.body, status)),
    }
}

#[derive(serde::Deserialize)]
struct Fault {
    code: String,
    incident: String,
}

/// What a status that is no answer says. On a 5xx, a code that we do not know may be a
/// gateway's way of saying that the backend is gone.
fn refused(body: &[u8], status: u16) -> DeskError {
    if let Some(fault) = parsed::<Fault>(body)
        && fault.code == "fault"
    {
        return DeskError::Fault {
            incident: fault.incident,
        };
    }
    match parsed::<DeskRefusal>(body) {
        Some(DeskRefusal::Resident(Refusal::Other)) => other_refusal(body, status),
        Some(refusal) => DeskError::Refused(refusal),
        None => DeskError::Unreachable,
    }
}

/// A code that is no refusal of residents or staff.
fn other_refusal(body: &[u8], status: u16) -> DeskError {
    match parsed::<RollRefusal>(body) {
        Some(refusal) => DeskError::RollRefused(refusal),
        None if (400..500).contains(&status) => DeskError::Refused(Refusal::Other.into()),
        None => DeskError::Unreachable,
    }
}
