//! Health, for supervisors and load balancers.

use super::answer::Problem;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use linli_model::Refusal;
use serde_json::json;
use std::sync::Arc;

/// The process answers.
#[utoipa::path(get, path = "/health/live", responses((status = 200, description = "The process answers.")))]
pub(crate) async fn live() -> impl IntoResponse {
    Json(json!({ "status": "live" }))
}

/// The store reads and writes.
#[utoipa::path(get, path = "/health/ready", responses(
    (status = 200, description = "The store reads and writes."),
    (status = 503, description = "It does not.", body = Refusal),
))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Problem> {
    match app.service.ping().await {
        Ok(()) => Ok(Json(json!({ "status": "ready" }))),
        Err(_) => Err(Refusal::Busy {
            retry_after_ms: 1_000,
        }
        .into()),
    }
}
