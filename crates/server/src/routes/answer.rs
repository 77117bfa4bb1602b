//! Refusals and faults as responses.

use crate::metrics::Outcome;
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
        | Refusal::OnBehalfSecret
        // Only clients of a newer backend read this; we never send it.
        | Refusal::Other => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::GrantInvalid | Refusal::GrantExpired => StatusCode::UNAUTHORIZED,
        Refusal::CredentialTooWeak { .. }
        | Refusal::CodeUnknown { .. }
        | Refusal::TokenInvalid
        | Refusal::CodeAmbiguous
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
    response.extensions_mut().insert(Outcome(refusal.code()));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match refusal {
        Refusal::TooManyAttempts { retry_after_ms } | Refusal::Busy { retry_after_ms } => {
            let seconds = retry_after_seconds(*retry_after_ms);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Refusal::GrantInvalid | Refusal::GrantExpired => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// Whole seconds after which a wait of so many milliseconds is surely over.
pub(crate) fn retry_after_seconds(retry_after_ms: i64) -> i64 {
    retry_after_ms.div_euclid(1_000).max(0) + 1
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
    let mut response = (StatusCode::INTERNAL_SERVER_ERROR, no_store, Json(body)).into_response();
    response.extensions_mut().insert(Outcome("fault"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    /// The README's table has every code that the OpenAPI document has, each with the
    /// status that it is answered with.
    #[test]
    fn the_readme_tells_every_refusal() {
        // The desk's table is held to the code in `desk/problem.rs`.
        let readme = include_str!("../../README.md");
        let readme = readme.split("\n### What the desk refuses").next();
        let rows = readme.unwrap_or_default().lines().filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let status = cells.get(2)?.parse::<u16>().ok()?;
            // The table of files has modes in that place; uploads, work and one's own data
            // have codes of their own.
            let of_others = ["`upload_", "`work_"]
                .iter()
                .any(|own| cells[1].starts_with(own));
            let of_topics = cells[1].ends_with('`') && !of_others;
            ((400..600).contains(&status) && of_topics)
                .then_some((cells[1].trim_matches('`').to_owned(), status))
        });
        let told: BTreeMap<String, u16> = rows.collect();
        let document: Value = serde_json::from_str(&super::super::openapi::document()).unwrap();
        let kinds = &document["components"]["schemas"]["Refusal"]["oneOf"];
        let answered = kinds.as_array().unwrap().iter().map(|kind| {
            let code = kind["properties"]["code"]["enum"][0].as_str().unwrap();
            let refusal: Refusal = serde_json::from_value(json!({
                "code": code, "opens_at_ms": 1, "closed_at_ms": 1, "attempts_left": 1,
                "retry_after_ms": 1, "limit_bytes": 1, "needs": "household_code",
                "fault": { "type": "wrong_kind" },
            }))
            .unwrap();
            assert_eq!(refusal.code(), code);
            (code.to_owned(), status(&refusal).as_u16())
        });
        assert_eq!(told, answered.collect());
    }
}
