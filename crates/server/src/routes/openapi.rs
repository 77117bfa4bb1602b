//! The OpenAPI 3.1 document, generated from the routes and the model.

use super::{desk, health, keys, me, topics, uploads};
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
        topics::challenge,
        topics::send_password,
        topics::cast,
        topics::standing,
        topics::verdict,
        uploads::take,
        uploads::read,
        uploads::thumb,
        me::open,
        me::send_password,
        me::close,
        me::show,
        me::ask,
        me::consent,
        me::withdraw,
        me::delete_upload,
        me::delete,
        desk::account::sign_in,
        desk::account::sign_out,
        desk::account::whose,
        desk::account::invitation,
        desk::account::accept,
        desk::account::confirm,
        desk::views::home,
        desk::views::polls,
        desk::views::poll,
        desk::views::people,
        desk::views::places,
        desk::rolls::list,
        desk::rolls::preview,
        desk::rolls::entries,
        desk::views::approvals,
        desk::views::audit,
        desk::commands::give,
        desk::exports::take,
        desk::live::listen,
        desk::attachments::list,
        desk::attachments::add,
        desk::attachments::remove,
        desk::behalf::voters,
        desk::behalf::fill_in,
        desk::requests::list,
        desk::requests::settle,
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
