//! The hosted page.

use crate::app::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(crate) async fn show(State(_app): State<Arc<App>>) -> Response {
    "".into_response()
}
pub(crate) async fn submit(State(_app): State<Arc<App>>) -> Response {
    "".into_response()
}
pub(crate) async fn stylesheet() -> Response {
    "".into_response()
}
