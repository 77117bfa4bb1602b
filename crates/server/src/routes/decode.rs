//! From bytes and headers to model types, with a typed refusal for everything that is
//! not of the documented form.

use super::answer::Problem;
use crate::state::App;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, header};
use linli_model::{BallotSecret, GrantToken, IdempotencyKey, Refusal, limits};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A JSON body of at most [`limits::REQUEST_BYTES_MAX`] bytes.
pub(crate) async fn json<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Problem> {
    json_up_to(app, headers, body, limits::REQUEST_BYTES_MAX).await
}

/// A JSON body of at most `limit` bytes.
pub(crate) async fn json_up_to<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<T, Problem> {
    if !is_json(headers) {
        return Err(Refusal::MediaTypeUnsupported.into());
    }
    let bytes = bytes_up_to(app, headers, body, limit).await?;
    serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
        Category::Data => Refusal::Malformed.into(),
        Category::Syntax | Category::Eof | Category::Io => Problem::Syntax,
    })
}

/// A body of at most [`limits::REQUEST_BYTES_MAX`] bytes.
pub(crate) async fn bytes(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<axum::body::Bytes, Problem> {
    bytes_up_to(app, headers, body, limits::REQUEST_BYTES_MAX).await
}

/// A body of at most `limit` bytes.
pub(crate) async fn bytes_up_to(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<axum::body::Bytes, Problem> {
    let too_large = || Refusal::TooLarge {
        limit_bytes: limit as u64,
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large().into());
    }
    let read = tokio::time::timeout(app.body_timeout, to_bytes(body, limit)).await;
    read.map_err(|_| Problem::Late)?.map_err(|error| {
        // Either the limit, or a client that hung up and reads no answer.
        let full = std::error::Error::source(&error)
            .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if full {
            too_large().into()
        } else {
            Problem::Syntax
        }
    })
}

/// The grant in `Authorization: Bearer …`.
pub(crate) fn grant(headers: &HeaderMap) -> Result<GrantToken, Refusal> {
    let value = one(headers, "authorization").ok_or(Refusal::GrantInvalid)?;
    let (scheme, token) = value.split_once(' ').ok_or(Refusal::GrantInvalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::GrantInvalid);
    }
    GrantToken::parse(token.trim()).map_err(|_| Refusal::GrantInvalid)
}

/// The key in `Idempotency-Key`.
pub(crate) fn key(headers: &HeaderMap) -> Result<IdempotencyKey, Refusal> {
    let value = one(headers, "idempotency-key").ok_or(Refusal::KeyInvalid)?;
    IdempotencyKey::parse(value).map_err(|_| Refusal::KeyInvalid)
}

/// The secret in `Linli-Ballot-Secret`, if there is one.
pub(crate) fn secret(headers: &HeaderMap) -> Result<Option<BallotSecret>, Refusal> {
    if !headers.contains_key("linli-ballot-secret") {
        return Ok(None);
    }
    let value = one(headers, "linli-ballot-secret").ok_or(Refusal::Malformed)?;
    BallotSecret::parse(value)
        .map(Some)
        .map_err(|_| Refusal::Malformed)
}

/// A header that is there exactly once, as ASCII.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = one(headers, "content-type") else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let charset_ok = parts.all(|parameter| {
        let utf8 = |charset: &str| charset.trim_matches('"').eq_ignore_ascii_case("utf-8");
        parameter
            .to_ascii_lowercase()
            .strip_prefix("charset=")
            .is_none_or(utf8)
    });
    essence.eq_ignore_ascii_case("application/json") && charset_ok
}
