//! Residents' requests about their own data.

use super::{Answered, Door, answer, private};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use linli_model::RequestId;
use linli_model::desk::DeskRefusal;
use linli_model::desk::request::{AnswerRequest, RequestsView};

/// What residents asked for: what waits, the first due first, and what was answered.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/requests", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "At most 200 that wait, and the latest 50 that were answered.", body = RequestsView),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn list(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    let view = service.desk_requests(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Answers a request, once.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/requests/{request}/answer", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("request" = String, Path, description = "The request."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body = AnswerRequest,
    responses(
        (status = 204, description = "Answered; the resident sees it with their own data."),
        (status = "4XX", description = "Refused; nothing changed.", body = DeskRefusal),
    ))]
pub(crate) async fn settle(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in learns nothing of the form of answers.
    service.staff_self(&door.community, &token).await?;
    let id = RequestId::parse(door.segment("request")).map_err(|_| DeskRefusal::Unknown)?;
    let body: AnswerRequest = door.body(body).await?;
    service
        .desk_answer_request(&door.community, &token, &id, body)
        .await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    private(&mut response);
    Ok(response)
}
