//! The router: every address in one place, and what surrounds every request.

use crate::page;
use crate::routes::{desk, envelope, health, keys, me, openapi, statics, topics, uploads};
use crate::state::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
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
            &format!("{topic}/challenges"),
            post(topics::challenge).options(topics::preflight),
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
        .merge(my_data())
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
        .route("/p-work.js", get(page::work_script))
        .route("/p.svg", get(page::icon))
        .fallback(statics::read)
        .method_not_allowed_fallback(envelope::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&state), envelope::around))
        .with_state(state)
}

/// What residents see and do about their own data.
fn my_data() -> Router<Arc<App>> {
    let mine = "/api/v1/communities/{community}/me";
    Router::new()
        .route(mine, get(me::show))
        .route(&format!("{mine}/otp"), post(me::send_password))
        .route(&format!("{mine}/sessions"), post(me::open))
        .route(&format!("{mine}/session"), delete(me::close))
        .route(&format!("{mine}/requests"), post(me::ask))
        .route(&format!("{mine}/consents"), post(me::consent))
        .route(
            &format!("{mine}/consents/{{consent}}/withdrawal"),
            post(me::withdraw),
        )
        .route(
            &format!("{mine}/uploads/{{upload}}"),
            delete(me::delete_upload),
        )
        .route(&format!("{mine}/deletion"), post(me::delete))
        .route(
            "/my/{community}",
            get(page::my::show).post(page::my::submit),
        )
        .route("/my/{community}/export", get(page::my::export))
        .route("/privacy/{community}", get(page::privacy::show))
}
