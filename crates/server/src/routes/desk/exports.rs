//! Tables as files.

use super::{Answered, Door, private};
use crate::export::Form;
use crate::service::desk::Export;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use linli_model::TopicId;
use linli_model::desk::DeskRefusal;
use tokio_util::io::ReaderStream;

/// A table as a file.
#[utoipa::path(get, path = "/api/v1/communities/{community}/desk/exports/{file}", tag = "desk",
    params(
        ("community" = String, Path, description = "The community."),
        ("file" = String, Path, description = "`audit`, `polls`, `turnout`, `result` or `ballots`, and `.csv` or `.xlsx`."),
        ("topic" = Option<String>, Query, description = "For `result` and `ballots`: of which poll; for `turnout`: of one alone."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "The file. That it was taken is in the audit log."),
        (status = "4XX", description = "Refused.", body = DeskRefusal),
    ))]
pub(crate) async fn take(door: Door) -> Answered {
    let token = door.token()?;
    let service = &door.app.service;
    // Who is not signed in does not learn which names are ones.
    service.staff_self(&door.community, &token).await?;
    let topic = door.asked("topic", |text| TopicId::parse(text).ok())?;
    let file = door.segment("file");
    let parsed = file.rsplit_once('.').and_then(|(name, ending)| {
        let export = Export::parse(name, topic.as_ref())?;
        Some((export, Form::parse(ending)?))
    });
    let (export, form) = parsed.ok_or(DeskRefusal::Unknown)?;
    let made = service
        .desk_export(&door.community, &token, &export, form)
        .await?;
    let stream = ReaderStream::new(tokio::fs::File::from_std(made));
    let mut response: Response = Body::from_stream(stream).into_response();
    private(&mut response);
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(form.media_type());
    headers.insert(header::CONTENT_TYPE, media_type);
    // The name was one of ours: it needs no quoting.
    if let Ok(attached) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, attached);
    }
    Ok(response)
}
