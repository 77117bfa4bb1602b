//! What a topic is shown with: pictures and papers.

use super::problem::DeskProblem;
use super::{Answered, Door, answer};
use crate::routes::{answer as common, decode, uploads};
use crate::service::UploadFailure;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use linli_model::desk::{Attachment, Command, CommandReply, DeskRefusal};
use linli_model::upload::{UploadPurpose, UploadRefusal};
use linli_model::{TopicId, UploadId};

/// What a topic is shown with, in its order.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/polls/{topic}/attachments", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic, published or not."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "At most 12.", body = [Attachment]),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn list(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in does not learn which names are ones.
    service.staff_self(&door.community, &token).await?;
    let topic = topic(&door)?;
    let held = service
        .desk_attachments(&door.community, &token, &topic)
        .await?;
    Ok(answer(StatusCode::OK, held))
}

/// Adds a picture or a PDF to a topic, before or after it is published. The body is the
/// file itself.
#[utoipa::path(post, path = "/api/v1/communities/{community}/desk/polls/{topic}/attachments", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic, published or not."),
        ("alt" = String, Query, description = "What it shows, for those who do not see it: 1–200 characters."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("Idempotency-Key" = String, Header, description = "32 lowercase hexadecimal digits, made once per attachment."),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Added.", body = Attachment),
        (status = 200, description = "This very file was added before.", body = Attachment),
        (status = "4XX", description = "Refused; nothing changed.", body = DeskRefusal),
    ))]
pub(crate) async fn add(door: Door, body: Body) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let topic = topic(&door)?;
    let key = decode::key(door.headers()).map_err(DeskRefusal::from)?;
    let alt = door.asked("alt", |text| Some(text.trim().to_owned()))?;
    let alt = alt.unwrap_or_default();
    let owner = service
        .desk_may_attach(&door.community, &token, &key, &topic, &alt)
        .await?;
    let taken = uploads::receive(
        &door.app,
        &door.community,
        &owner,
        UploadPurpose::Attachment,
        door.visitor.client,
        door.headers(),
        body,
    );
    let upload = match taken.await {
        Ok(upload) => upload,
        Err(UploadFailure::Refused(refusal)) => return Err(told(refusal).into()),
        Err(UploadFailure::Fault(detail)) => return Ok(common::fault(&detail).into_response()),
    };
    let command = Command::AddAttachment {
        topic,
        upload: upload.id.clone(),
        alt: alt.clone(),
    };
    let (_, replayed) = service
        .desk_command(&door.community, &token, key, command)
        .await?;
    let status = match replayed {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    Ok(answer(status, Attachment { upload, alt }))
}

/// No longer shows it. Its bytes are deleted where no other topic has them.
#[utoipa::path(delete, path = "/api/v1/communities/{community}/desk/polls/{topic}/attachments/{upload}", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("topic" = String, Path, description = "The topic, published or not."),
        ("upload" = String, Path, description = "The attachment's upload."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
        ("Idempotency-Key" = String, Header, description = "32 lowercase hexadecimal digits, made once per removal."),
    ),
    responses(
        (status = 200, description = "Removed, or was before by this key.", body = CommandReply),
        (status = "4XX", description = "Refused; nothing changed.", body = DeskRefusal),
    ))]
pub(crate) async fn remove(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    service.staff_self(&door.community, &token).await?;
    let topic = topic(&door)?;
    let upload = UploadId::parse(door.segment("upload")).map_err(|_| DeskRefusal::Unknown)?;
    let key = decode::key(door.headers()).map_err(DeskRefusal::from)?;
    let command = Command::RemoveAttachment { topic, upload };
    let (reply, _) = service
        .desk_command(&door.community, &token, key, command)
        .await?;
    Ok(answer(StatusCode::OK, reply))
}

fn topic(door: &Door) -> Result<TopicId, DeskProblem> {
    Ok(TopicId::parse(door.segment("topic")).map_err(|_| DeskRefusal::Unknown)?)
}

/// Why a file was not kept, in the desk's words.
fn told(refusal: UploadRefusal) -> DeskRefusal {
    let fault = match refusal {
        UploadRefusal::UploadTypeUnsupported => "unsupported",
        UploadRefusal::UploadUnreadable => "unreadable",
        UploadRefusal::UploadTooManyPixels { .. } => "too_many",
        UploadRefusal::UploadPdfActive => "active",
        UploadRefusal::Other(refusal) => return refusal.into(),
    };
    DeskRefusal::Invalid {
        path: "file".to_owned(),
        fault: fault.to_owned(),
    }
}
