//! What surrounds every request: a time limit, a catch for panics, security headers and
//! one log line without personal data (route, status, duration; no address, no header,
//! no body).

use super::answer;
use crate::state::App;
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
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
    let guarded = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(app.request_timeout, guarded).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => answer::fault("a handler panicked"),
        // Whether the command had an effect is not known here: a fault, not a refusal.
        Err(_) => answer::fault("the request took too long"),
    };
    secure(response.headers_mut());
    tracing::debug!(
        %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
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
