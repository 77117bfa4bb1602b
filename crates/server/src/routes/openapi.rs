//! The OpenAPI 3.1 document, generated from the routes and the model.

use super::{health, keys, me, topics, uploads};
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Linli",
        version = "1",
        description = "Topics, grants, ballots and receipts. \
        Refusals are `{\"code\": …}` with what their message needs; faults are \
        `{\"code\": \"fault\", \"incident\": …}`."
    ),
    paths(
        topics::read,
        topics::identify,
        topics::cast,
        topics::standing,
        uploads::take,
        uploads::read,
        uploads::thumb,
        me::open,
        me::close,
        me::show,
        me::ask,
        me::consent,
        me::withdraw,
        me::delete_upload,
        me::delete,
        keys::read,
        health::live,
        health::ready,
    )
)]
struct Document;

/// The document as JSON.
pub fn document() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/v1/openapi.json`
pub(crate) async fn read() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, document())
}
