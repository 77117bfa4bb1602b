//! The public keys of receipts. Anyone may check a receipt, from any page.

use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use linli_model::ReceiptKeys;
use std::sync::Arc;

/// The keys that receipts are checked with, the one in use first.
#[utoipa::path(get, path = "/api/v1/receipt-keys", tag = "receipts", responses(
    (status = 200, description = "Every key that has signed receipts.", body = ReceiptKeys),
))]
pub(crate) async fn read(State(app): State<Arc<App>>) -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, Json(app.service.receipt_keys()))
}
