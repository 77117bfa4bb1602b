//! Rolls: those in force, and files to be looked at.

use super::problem::DeskProblem;
use super::{Answered, Door, answer};
use crate::routes::decode;
use axum::body::Body;
use axum::http::StatusCode;
use linli_model::desk::DeskRefusal;
use linli_model::desk::roll::{
    EntriesAsked, FILE_BYTES_MAX, RollKind, RollPage, RollPreview, RollRefusal, RollVersion,
};

/// The version in force of every roll.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/rolls", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "One for each roll that the community has.", body = Vec<RollVersion>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn list(door: Door) -> Answered {
    let token = door.token()?;
    let rolls = door.app.service.desk_rolls(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, rolls.map_err(DeskProblem::Roll)?))
}

/// A page of a roll as it is now, for whoever may change it there. That it was read is in
/// the audit log.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/rolls/{kind}/entries", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("kind" = RollKind, Path, description = "Which roll."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body = EntriesAsked,
    responses(
        (status = 200, description = "At most 50 entries.", body = RollPage),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn entries(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in learns nothing of the form of questions.
    service.staff_self(&door.community, &token).await?;
    let kind = RollKind::parse(door.segment("kind")).ok_or(DeskRefusal::Unknown)?;
    let asked: EntriesAsked = door.body(body).await?;
    let page = service
        .desk_roll_entries(&door.community, &token, kind, asked)
        .await?;
    Ok(answer(StatusCode::OK, page.map_err(DeskProblem::Roll)?))
}

/// Reads a CSV or XLSX file as a roll: what it would change, and what is wrong in it.
/// Nothing on the roll changes; the command `adopt_roll` names the `draft` of the answer.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/rolls/{kind}/drafts", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("kind" = RollKind, Path, description = "Which electorate the file lists."),
        ("file_name" = Option<String>, Query, description = "As the staff know it."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file."),
    responses(
        (status = 201, description = "Kept for 24 hours.", body = RollPreview),
        (status = 422, description = "The file is no roll.", body = RollRefusal),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn preview(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    // Before the file is taken in: it may be large.
    let service = &door.app.service;
    service.require_rolls(&door.community, &token).await?;
    let kind = RollKind::parse(door.segment("kind")).ok_or(DeskRefusal::Unknown)?;
    let name = door.asked("file_name", |name| Some(name.to_owned()))?;
    let bytes = decode::bytes_up_to(&door.app, door.headers(), body, FILE_BYTES_MAX).await?;
    let file = (bytes.to_vec(), name.as_deref().unwrap_or_default());
    let preview = service
        .desk_roll_preview(&door.community, &token, kind, file)
        .await?;
    let preview = preview.map_err(DeskProblem::Roll)?;
    Ok(answer(StatusCode::CREATED, preview))
}
