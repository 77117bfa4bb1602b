//! Topics: read, identify, cast, standing.

use super::answer::Problem;
use super::caller::{self, Admission};
use super::{decode, work};
use crate::seal;
use crate::service::Shown;
use crate::state::{App, Peer};
use crate::store::Failure;
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::work::{Challenge, WorkRefusal};
use linli_model::{
    CastBallot, CastReply, Grant, IdentifyRequest, OtpRequest, Refusal, Standing, TopicId,
    TopicView, Verdict,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

type Peered = Option<Extension<Peer>>;
pub(crate) type Named = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// A topic and where it stands.
#[utoipa::path(get, path = "/api/v1/topics/{topic}", tag = "topics",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("If-None-Match" = Option<String>, Header, description = "An earlier answer's `ETag`."),
    ),
    responses(
        (status = 200, description = "The topic. With a strong `ETag`. Beside its fields `notices` (what was changed after publishing, as in `PollView`) and `basis` (on what a formal poll rests), where there are any.", body = TopicView),
        (status = 304, description = "As before."),
        (status = "4XX", description = "Refused.", body = Refusal),
    ))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, _| {
            let view = app.service.told_topic(topic).await?;
            let body = serde_json::to_vec(&view).map_err(|e| Failure::Fault(e.to_string()))?;
            let etag = format!("\"{}\"", seal::hex(&Sha256::digest(&body)[..16]));
            let known = is_known(&headers, &etag);
            let mut response = if known {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            };
            let out = response.headers_mut();
            out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            if let Ok(etag) = HeaderValue::from_str(&etag) {
                out.insert(header::ETAG, etag);
            }
            Ok(response)
        })
        .await
}

/// Turns a proof into a grant.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/grants", tag = "topics",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("Linli-Work" = Option<String>, Header, description = "Of devices, where the poll has `work_bits`: a challenge that was waited out, or a challenge, `;` and the counter that solves it."),
    ),
    request_body = IdentifyRequest,
    responses(
        (status = 201, description = "A grant for the topic's poll.", body = Grant),
        (status = 403, description = "Refused: `work_missing`, `work_wrong`, or as below.", body = WorkRefusal),
        (status = 409, description = "Refused: `work_early`, `work_expired`, `work_spent`, or as below.", body = WorkRefusal),
        (status = "4XX", description = "Refused; nothing but the count of wrong tries changed.", body = Refusal),
        (status = 503, description = "Busy; with `Retry-After`.", body = Refusal),
    ))]
pub(crate) async fn identify(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let request: IdentifyRequest = decode::json(&app, &headers, body).await?;
            let shown = Shown {
                origin: headers.get(header::ORIGIN).and_then(|o| o.to_str().ok()),
                work: work::shown(&headers),
            };
            let proof = &request.proof;
            let service = &app.service;
            match service.identify_from(topic, proof, caller, shown).await {
                Ok(grant) => Ok(private(StatusCode::CREATED, Json(grant))),
                Err(failure) => work::answered(failure),
            }
        })
        .await
}

/// A challenge for a poll that asks devices for work. Nothing is kept of it.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/challenges", tag = "topics",
    params(("topic" = String, Path, description = "The topic.")),
    responses(
        (status = 201, description = "A challenge for one grant, to be solved or waited out.", body = Challenge),
        (status = "4XX", description = "Refused; `unsupported` where the poll asks for no work.", body = Refusal),
        (status = 503, description = "Busy; with `Retry-After`.", body = Refusal),
    ))]
pub(crate) async fn challenge(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let challenge = app.service.challenge(topic, caller).await?;
            Ok(private(StatusCode::CREATED, Json(challenge)))
        })
        .await
}

/// Sends a one-time password to a phone number or e-mail address of the roll.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/otp", tag = "topics",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("Accept-Language" = Option<String>, Header, description = "The language of the message."),
    ),
    request_body = OtpRequest,
    responses(
        (status = 202, description = "Sent, if the contact is on the roll: the answer is the same if it is not."),
        (status = "4XX", description = "Refused; nothing is sent.", body = Refusal),
        (status = 503, description = "Busy; with `Retry-After`.", body = Refusal),
    ))]
pub(crate) async fn send_password(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let request: OtpRequest = decode::json(&app, &headers, body).await?;
            let accepted = headers.get(header::ACCEPT_LANGUAGE);
            let accepted = accepted.and_then(|v| v.to_str().ok()).unwrap_or_default();
            let lang = accepted.split([',', ';']).next().unwrap_or_default();
            let service = &app.service;
            service
                .send_password(topic, &request.contact, lang.trim(), caller)
                .await?;
            Ok(private(StatusCode::ACCEPTED, ()))
        })
        .await
}

/// Casts or changes a ballot.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/ballots", tag = "topics",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("Authorization" = String, Header, description = "`Bearer <grant>`"),
        ("Idempotency-Key" = String, Header, description = "32 lowercase hexadecimal digits, made once per command."),
    ),
    request_body = CastBallot,
    responses(
        (status = 201, description = "Durably recorded.", body = CastReply),
        (status = 200, description = "This very command was recorded before.", body = CastReply),
        (status = "4XX", description = "Refused; nothing changed.", body = Refusal),
        (status = 503, description = "Busy; nothing changed; with `Retry-After`.", body = Refusal),
    ))]
pub(crate) async fn cast(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let ballot: CastBallot = decode::json(&app, &headers, body).await?;
            let grant = decode::grant(&headers)?;
            let key = decode::key(&headers)?;
            let recorded = app.service.cast(topic, &grant, key, ballot, caller).await?;
            let status = if recorded.replayed {
                StatusCode::OK
            } else {
                StatusCode::CREATED
            };
            Ok(private(status, Json(recorded.reply)))
        })
        .await
}

/// Where the grant's voter stands.
#[utoipa::path(get, path = "/api/v1/topics/{topic}/standing", tag = "topics",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("Authorization" = String, Header, description = "`Bearer <grant>`"),
        ("Linli-Ballot-Secret" = Option<String>, Header, description = "In secret polls, opens the ballot that it addresses."),
    ),
    responses(
        (status = 200, description = "Where the voter stands.", body = Standing),
        (status = "4XX", description = "Refused.", body = Refusal),
    ))]
pub(crate) async fn standing(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, caller| {
            let grant = decode::grant(&headers)?;
            let secret = decode::secret(&headers)?;
            let standing = app.service.standing(topic, &grant, secret, caller).await?;
            Ok(private(StatusCode::OK, Json(standing)))
        })
        .await
}

/// What a poll with thresholds comes to, step by step.
#[utoipa::path(get, path = "/api/v1/topics/{topic}/verdict", tag = "topics",
    params(("topic" = String, Path, description = "The topic.")),
    responses(
        (status = 200, description = "Every total with its steps.", body = Verdict),
        (status = "4XX", description = "Refused; `not_found` where the most votes decide, or counts may not be seen yet.", body = Refusal),
    ))]
pub(crate) async fn verdict(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    let asked = Asked::new(&app, name, &headers, peer).await;
    asked
        .answer(async |topic, _| {
            let verdict = app.service.verdict(topic).await?;
            let no_cache = [(header::CACHE_CONTROL, "no-cache")];
            Ok((no_cache, Json(verdict)).into_response())
        })
        .await
}

/// Answers a browser that asks whether it may send.
pub(crate) async fn preflight(
    State(app): State<Arc<App>>,
    name: Named,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(&app, name, &headers, None).await;
    match asked.admission {
        Ok(admission) if !matches!(admission.caller, Err(Refusal::OriginNotAllowed)) => {
            caller::preflight(&admission)
        }
        Ok(_) => Problem::from(Refusal::OriginNotAllowed).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// A request about a topic, with its right to ask.
struct Asked {
    topic: Option<TopicId>,
    admission: Result<Admission, Problem>,
}

impl Asked {
    async fn new(app: &App, name: Named, headers: &HeaderMap, peer: Peered) -> Self {
        let topic = named(name);
        let peer = peer.map(|Extension(peer)| peer);
        let admission = Admission::of(app, topic.as_ref(), headers, peer).await;
        Self {
            topic,
            admission: admission.map_err(Problem::from),
        }
    }

    /// Runs `act` if the asking page may ask, and lets that page read the answer.
    async fn answer(
        self,
        act: impl AsyncFnOnce(&TopicId, crate::service::Caller) -> Result<Response, Problem>,
    ) -> Response {
        let admission = match self.admission {
            Ok(admission) => admission,
            Err(problem) => return problem.into_response(),
        };
        let result = match (&self.topic, admission.caller.clone()) {
            (Some(topic), Ok(caller)) => act(topic, caller).await,
            (_, Err(refusal)) => Err(refusal.into()),
            (None, Ok(_)) => Err(Refusal::TopicUnknown.into()),
        };
        let mut response = result.unwrap_or_else(Problem::into_response);
        admission.mark(&mut response);
        response
    }
}

/// The topic that an address names.
pub(crate) fn named(name: Named) -> Option<TopicId> {
    name.ok().and_then(|Path(name)| TopicId::parse(&name).ok())
}

/// An answer that is one person's own.
fn private(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Whether the client has the version that `etag` names.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
