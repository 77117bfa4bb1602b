//! What surrounds every request: a limit by client, a time limit, a catch for panics,
//! security headers, and a count and one log line without personal data (route, status,
//! duration; no address, no header, no body).

use super::{answer, caller};
use crate::metrics::Outcome;
use crate::state::{App, Peer};
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use linli_model::Refusal;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

/// Runs one request.
pub(crate) async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let refused = over_limit(&app, &request);
    let guarded = AssertUnwindSafe(async {
        match refused {
            Some(refused) => refused,
            None => next.run(request).await,
        }
    });
    let guarded = guarded.catch_unwind();
    let mut response = match tokio::time::timeout(app.request_timeout, guarded).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => answer::fault("a handler panicked"),
        // Whether the command had an effect is not known here: a fault, not a refusal.
        Err(_) => answer::fault("the request took too long"),
    };
    secure(response.headers_mut());
    let outcome = response.extensions().get::<Outcome>().copied();
    app.metrics.count(
        &method,
        route.as_ref().map(MatchedPath::as_str),
        (response.status().as_u16(), outcome),
        started.elapsed(),
    );
    tracing::debug!(
        %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

/// The answer to a client that sends more to the API than one may. A browser's question
/// before it sends is free: without its answer a page could not read this one.
fn over_limit(app: &App, request: &Request) -> Option<Response> {
    let is_free = !request.uri().path().starts_with("/api/") || request.method() == Method::OPTIONS;
    let limit = app.rate.as_ref().filter(|_| !is_free)?;
    let peer = request.extensions().get::<Peer>().copied()?;
    let client = caller::client_address(app, request.headers(), Some(peer));
    let retry_after_ms = limit.charge(client).err()?;
    let refusal = Refusal::TooManyAttempts { retry_after_ms };
    let mut response = answer::Problem::from(refusal).into_response();
    caller::for_anyone(&mut response);
    Some(response)
}

/// The address exists and does not take this method.
pub(crate) async fn method_not_allowed() -> Response {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        Json(Refusal::MethodNotAllowed),
    )
        .into_response()
}

fn secure(headers: &mut HeaderMap) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}
