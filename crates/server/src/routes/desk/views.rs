//! What the desk shows.

use super::{Answered, Door, answer};
use axum::http::StatusCode;
use linli_model::TopicId;
use linli_model::desk::{
    Approval, ApprovalState, AuditPage, DeskRefusal, HomeView, PeopleView, PlaceNode, PollCard,
    PollState, PollView,
};

/// Today's work.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/home", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Today's work.", body = HomeView),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn home(door: Door) -> Answered {
    let token = door.token()?;
    let view = door.app.service.desk_home(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Polls, the latest closing first.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("state" = Option<String>, Query, description = "Only polls in this state."),
    ),
    responses(
        (status = 200, description = "Polls, the latest closing first.", body = Vec<PollCard>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn polls(door: Door) -> Answered {
    let token = door.token()?;
    let only = door.asked("state", PollState::parse)?;
    let view = door
        .app
        .service
        .desk_polls(&door.community, &token, only)
        .await?;
    Ok(answer(StatusCode::OK, view))
}

/// One poll in full.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls/{topic}", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "The poll.", body = PollView),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn poll(door: Door) -> Answered {
    let token = door.token()?;
    // Who is not signed in does not learn which names are ones.
    door.app.service.staff_self(&door.community, &token).await?;
    let topic = TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?;
    let view = door
        .app
        .service
        .desk_poll(&door.community, &token, &topic)
        .await?;
    Ok(answer(StatusCode::OK, view))
}

/// Staff, invitations, sessions.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/people", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Staff, invitations, sessions.", body = PeopleView),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn people(door: Door) -> Answered {
    let token = door.token()?;
    let view = door
        .app
        .service
        .desk_people(&door.community, &token)
        .await?;
    Ok(answer(StatusCode::OK, view))
}

/// The tree of places: parents before their children, siblings by name.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/places", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "The tree of places: parents before their children, siblings by name.", body = Vec<PlaceNode>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn places(door: Door) -> Answered {
    let token = door.token()?;
    let view = door
        .app
        .service
        .desk_places(&door.community, &token)
        .await?;
    Ok(answer(StatusCode::OK, view))
}

/// Requests for a second person, oldest first.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/approvals", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("state" = Option<String>, Query, description = "Only requests in this state."),
    ),
    responses(
        (status = 200, description = "Requests for a second person, oldest first.", body = Vec<Approval>),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn approvals(door: Door) -> Answered {
    let token = door.token()?;
    let only = door.asked("state", ApprovalState::parse)?;
    let view = door
        .app
        .service
        .desk_approvals(&door.community, &token, only)
        .await?;
    Ok(answer(StatusCode::OK, view))
}

/// The audit log, newest first.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/audit", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("before" = Option<String>, Query, description = "Only entries with a smaller number."),
        ("search" = Option<String>, Query, description = "Only entries in which this occurs."),
    ),
    responses(
        (status = 200, description = "The audit log, newest first.", body = AuditPage),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn audit(door: Door) -> Answered {
    let token = door.token()?;
    let before = door.asked("before", |text| text.parse::<u64>().ok())?;
    let search = door.asked("search", |text| Some(text.to_owned()))?;
    let view = door
        .app
        .service
        .desk_audit(&door.community, &token, before, &search.unwrap_or_default())
        .await?;
    Ok(answer(StatusCode::OK, view))
}
