//! Refusals and faults as responses.

use crate::seal;
use crate::store::Failure;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::Refusal;

/// Why a request did not get what it asked for.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The body is not JSON at all.
    Syntax,
    /// The body did not arrive in time.
    Late,
    /// Refused or failed.
    Failure(Failure),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(Failure::Refused(refusal))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Syntax => refused(StatusCode::BAD_REQUEST, &Refusal::Malformed),
            Self::Late => refused(StatusCode::REQUEST_TIMEOUT, &late()),
            Self::Failure(Failure::Refused(refusal)) => refused(status(&refusal), &refusal),
            Self::Failure(Failure::Fault(detail)) => fault(&detail),
        }
    }
}

/// The status of each refusal.
pub(crate) fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::TopicUnknown | Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Malformed
        | Refusal::KeyInvalid
        | Refusal::ChoiceInvalid { .. }
        | Refusal::BallotSecretMissing
        | Refusal::BallotSecretUnexpected
        // Asked of a poll that does not work that way: the request's fault, no 5xx.
        | Refusal::Unsupported
        // Only clients of a newer backend read this; we never send it.
        | Refusal::Other => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::GrantInvalid | Refusal::GrantExpired => StatusCode::UNAUTHORIZED,
        Refusal::CredentialTooWeak { .. }
        | Refusal::CodeUnknown { .. }
        | Refusal::OriginNotAllowed
        | Refusal::FormalElsewhere => StatusCode::FORBIDDEN,
        Refusal::AlreadyVoted
        | Refusal::BallotSecretLost
        | Refusal::BallotSecretTaken
        | Refusal::KeyReused
        | Refusal::NotYetOpen { .. }
        | Refusal::Closed { .. } => StatusCode::CONFLICT,
        Refusal::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Nothing was done, and sending again may well succeed.
pub(crate) fn late() -> Refusal {
    Refusal::Busy {
        retry_after_ms: 1_000,
    }
}

fn refused(status: StatusCode, refusal: &Refusal) -> Response {
    let mut response = (status, Json(refusal)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match refusal {
        Refusal::TooManyAttempts { retry_after_ms } | Refusal::Busy { retry_after_ms } => {
            let seconds = retry_after_ms.div_euclid(1_000).max(0) + 1;
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Refusal::GrantInvalid | Refusal::GrantExpired => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// Logs `detail` under a number that the client may quote.
pub(crate) fn incident(detail: &str) -> String {
    let incident = seal::hex(&seal::chance::<4>());
    tracing::error!(incident, detail, "fault");
    incident
}

/// A fault: logged with detail under a number, of which the client learns only that.
pub(crate) fn fault(detail: &str) -> Response {
    let body = serde_json::json!({ "code": "fault", "incident": incident(detail) });
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::INTERNAL_SERVER_ERROR, no_store, Json(body)).into_response()
}
