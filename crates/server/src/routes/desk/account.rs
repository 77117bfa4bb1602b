//! Sessions and invitations.

use super::{Answered, Door, answer, private};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use linli_model::desk::{
    AcceptInvitation, ConfirmEnrolment, DeskRefusal, Enrolled, Enrolment, InvitationView, Session,
    SignIn, StaffSelf,
};

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/sessions", tag = "desk",
    params(("community" = String, Path, description = "The community.")),
    request_body = SignIn,
    responses(
        (status = 201, description = "A session.", body = Session),
        (status = "4XX", description = "Refused; the try is counted.", body = DeskRefusal),
    ))]
pub(crate) async fn sign_in(door: Door, body: Body) -> Answered {
    let sign_in: SignIn = door.body(body).await?;
    let service = &door.app.service;
    let session = service
        .sign_in(&door.community, sign_in, door.visitor)
        .await?;
    Ok(answer(StatusCode::CREATED, session))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/communities/{community}/desk/session", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 204, description = "It has ended."),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn sign_out(door: Door) -> Answered {
    let token = door.token()?;
    door.app.service.sign_out(&door.community, &token).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    private(&mut response);
    Ok(response)
}

/// Whose session it is.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/session", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Who is signed in.", body = StaffSelf),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn whose(door: Door) -> Answered {
    let token = door.token()?;
    let staff = door.app.service.staff_self(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, staff))
}

/// What an invitation says.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/invitations/{token}",
    tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("token" = String, Path, description = "The last part of the invitation's link."),
    ),
    responses(
        (status = 200, description = "Who is invited, as what.", body = InvitationView),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn invitation(door: Door) -> Answered {
    let token = door.invitation()?;
    let view = door.app.service.invitation(&door.community, &token).await?;
    Ok(answer(StatusCode::OK, view))
}

/// The first step of accepting an invitation.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/invitations/{token}",
    tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("token" = String, Path, description = "The last part of the invitation's link."),
    ),
    request_body = AcceptInvitation,
    responses(
        (status = 200, description = "What the authenticator app needs.", body = Enrolment),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn accept(door: Door, body: Body) -> Answered {
    let token = door.invitation()?;
    let accepted: AcceptInvitation = door.body(body).await?;
    let service = &door.app.service;
    let enrolment = service
        .accept_invitation(&door.community, &token, accepted, &door.visitor)
        .await?;
    Ok(answer(StatusCode::OK, enrolment))
}

/// The second step: the account exists.
#[utoipa::path(post,
    path = "/api/v1/communities/{community}/desk/invitations/{token}/confirmation",
    tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("token" = String, Path, description = "The last part of the invitation's link."),
    ),
    request_body = ConfirmEnrolment,
    responses(
        (status = 201, description = "The first session, and recovery codes.", body = Enrolled),
        (status = "4XX", description = "Refused; the try is counted.", body = DeskRefusal),
    ))]
pub(crate) async fn confirm(door: Door, body: Body) -> Answered {
    let token = door.invitation()?;
    let confirmed: ConfirmEnrolment = door.body(body).await?;
    let service = &door.app.service;
    let enrolled = service
        .confirm_enrolment(&door.community, &token, confirmed, door.visitor)
        .await?;
    Ok(answer(StatusCode::CREATED, enrolled))
}
