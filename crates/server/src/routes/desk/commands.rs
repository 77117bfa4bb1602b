//! Commands.

use super::{Answered, Door, answer};
use crate::routes::decode;
use crate::service::desk::DeskFailure;
use crate::sheet;
use axum::body::Body;
use axum::http::StatusCode;
use linli_model::desk::{Command, CommandReply, DeskRefusal};

/// Does what a member of staff asks for, or keeps it for a second person.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/commands", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("Idempotency-Key" = String, Header, description = "32 lowercase hexadecimal digits, made once per command."),
    ),
    request_body = Command,
    responses(
        (status = 201, description = "Done, or it waits for a second person.", body = CommandReply),
        (status = 200, description = "This very command was answered before.", body = CommandReply),
        (status = "4XX", description = "Refused; nothing changed.", body = DeskRefusal),
    ))]
pub(crate) async fn give(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    // Who is not signed in learns nothing of the form of commands.
    door.app.service.staff_self(&door.community, &token).await?;
    let key = decode::key(door.headers()).map_err(DeskRefusal::from)?;
    let command: Command = door.body(body).await?;
    let service = &door.app.service;
    let page = match &command {
        Command::MakeCodes {
            topic: Some(topic), ..
        } => format!("{}/p/{topic}", door.app.own_origins[0]),
        _ => String::new(),
    };
    let (mut reply, replayed) = service
        .desk_command(&door.community, &token, key, command)
        .await?;
    if let CommandReply::Codes { slips, page: told } = &mut reply
        && !page.is_empty()
    {
        sheet::draw(slips, &page).map_err(DeskFailure::Fault)?;
        *told = page;
    }
    let status = if replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok(answer(status, reply))
}
