//! The router: every address in one place, and what surrounds every request.

use crate::page;
use crate::routes::{desk, envelope, health, keys, openapi, statics, topics, uploads};
use crate::state::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::sync::Arc;

/// Every address of the server.
pub fn app(state: App) -> Router {
    let state = Arc::new(state);
    let topic = "/api/v1/topics/{topic}";
    Router::new()
        .route(topic, get(topics::read).options(topics::preflight))
        .route(
            &format!("{topic}/grants"),
            post(topics::identify).options(topics::preflight),
        )
        .route(
            &format!("{topic}/otp"),
            post(topics::send_password).options(topics::preflight),
        )
        .route(
            &format!("{topic}/ballots"),
            post(topics::cast).options(topics::preflight),
        )
        .route(
            &format!("{topic}/standing"),
            get(topics::standing).options(topics::preflight),
        )
        .route(
            &format!("{topic}/verdict"),
            get(topics::verdict).options(topics::preflight),
        )
        .route(
            &format!("{topic}/uploads"),
            post(uploads::take).options(topics::preflight),
        )
        .route("/u/{community}/{upload}", get(uploads::read))
        .route("/u/{community}/{upload}/thumb", get(uploads::thumb))
        .merge(desk::router())
        .route("/api/v1/receipt-keys", get(keys::read))
        .route("/api/v1/openapi.json", get(openapi::read))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/p/{topic}", get(page::show).post(page::submit))
        .route("/desk/{community}", get(page::desk::show))
        .route("/desk/{community}/", get(page::desk::show))
        .route("/desk/{community}/join", get(page::desk::show))
        .route("/p.css", get(page::stylesheet))
        .route("/p.js", get(page::script))
        .route("/p.svg", get(page::icon))
        .fallback(statics::read)
        .method_not_allowed_fallback(envelope::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&state), envelope::around))
        .with_state(state)
}
