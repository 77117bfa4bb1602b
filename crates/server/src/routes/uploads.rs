//! Uploads over HTTP: handing them out by their policy, and taking them in for whoever a
//! route has let in.

use super::answer::{self, Problem};
use super::caller::Admission;
use super::{decode, topics};
use crate::seal;
use crate::service::{UploadFailure, UploadFile, Viewer};
use crate::state::{App, Peer};
use crate::uploads::UPLOAD_BYTES_MAX;
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::upload::{UploadPolicy, UploadPurpose, UploadRef, UploadRefusal};
use linli_model::{CommunityId, Refusal, UploadId};
use std::net::IpAddr;
use std::sync::Arc;

type Named = Result<Path<(String, String)>, axum::extract::rejection::PathRejection>;

/// An upload.
#[utoipa::path(get, path = "/u/{community}/{upload}", tag = "uploads",
    params(
        ("community" = String, Path, description = "The community."),
        ("upload" = String, Path, description = "The upload."),
        ("until" = Option<i64>, Query, description = "Of what is not public: as given in its `address`."),
        ("signature" = Option<String>, Query, description = "The same."),
    ),
    responses(
        (status = 200, description = "Its bytes, with a strong `ETag`. PDFs are for saving.", body = Vec<u8>),
        (status = 304, description = "As before."),
        (status = "4XX", description = "There is none, or it is not for this reader.", body = Refusal),
    ))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    hand_out(&app, name, query.as_deref(), &headers, false).await
}

/// An upload's thumbnail.
#[utoipa::path(get, path = "/u/{community}/{upload}/thumb", tag = "uploads",
    params(
        ("community" = String, Path, description = "The community."),
        ("upload" = String, Path, description = "The upload."),
        ("until" = Option<i64>, Query, description = "As of the upload."),
        ("signature" = Option<String>, Query, description = "As of the upload."),
    ),
    responses(
        (status = 200, description = "A picture of at most 400 pixels a side.", body = Vec<u8>),
        (status = 304, description = "As before."),
        (status = "4XX", description = "There is none, or it is not for this reader.", body = Refusal),
    ))]
pub(crate) async fn thumb(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    hand_out(&app, name, query.as_deref(), &headers, true).await
}

/// Takes in a resident's picture or paper. The body is the file itself.
#[utoipa::path(post, path = "/api/v1/topics/{topic}/uploads", tag = "uploads",
    params(
        ("topic" = String, Path, description = "The topic."),
        ("purpose" = String, Query, description = "`photo`, `evidence` or `personal`."),
        ("Authorization" = String, Header, description = "`Bearer <grant>`"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Kept, or was before.", body = UploadRef),
        (status = "4XX", description = "Refused; nothing was kept.", body = UploadRefusal),
        (status = 503, description = "Busy; with `Retry-After`.", body = UploadRefusal),
    ))]
pub(crate) async fn take(
    State(app): State<Arc<App>>,
    name: topics::Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    body: Body,
) -> Response {
    let topic = topics::named(name);
    let peer = peer.map(|Extension(peer)| peer);
    let admission = match Admission::of(&app, topic.as_ref(), &headers, peer).await {
        Ok(admission) => admission,
        Err(failure) => return Problem::from(failure).into_response(),
    };
    let taken = async {
        let caller = admission.caller.clone()?;
        let topic = topic.ok_or(Refusal::TopicUnknown)?;
        // The others are staff's.
        let purpose = purpose(query.as_deref()).filter(|purpose| {
            !matches!(
                purpose,
                UploadPurpose::Certificate | UploadPurpose::Attachment
            )
        });
        let purpose = purpose.ok_or(Refusal::Malformed)?;
        let grant = decode::grant(&headers)?;
        let (community, voter) = app.service.voter(&topic, &grant, caller).await?;
        let owner = format!("voter:{voter}");
        let client = caller.client;
        receive(&app, &community, &owner, purpose, client, &headers, body).await
    };
    let mut response = match taken.await {
        Ok(kept) => private(StatusCode::CREATED, Json(kept)),
        Err(failure) => refused(failure),
    };
    admission.mark(&mut response);
    response
}

/// Takes in a body as an upload of `owner`, for routes that have found out who asks.
/// `client` is the address that uploads are counted by as well.
pub(crate) async fn receive(
    app: &App,
    community: &CommunityId,
    owner: &str,
    purpose: UploadPurpose,
    client: Option<IpAddr>,
    headers: &HeaderMap,
    body: Body,
) -> Result<UploadRef, UploadFailure> {
    let _place = app.service.upload_place()?;
    let bytes = decode::bytes_up_to(app, headers, body, UPLOAD_BYTES_MAX).await;
    let bytes = bytes.map_err(|problem| match problem {
        Problem::Failure(failure) => UploadFailure::from(failure),
        Problem::Late => UploadFailure::from(answer::late()),
        Problem::Syntax => UploadFailure::from(Refusal::Malformed),
    })?;
    app.service
        .take_upload(community, owner, purpose, client, bytes.into())
        .await
}

/// The purpose in `?purpose=`.
pub(crate) fn purpose(query: Option<&str>) -> Option<UploadPurpose> {
    UploadPurpose::parse(&field(query, "purpose")?)
}

/// A failure as an answer.
pub(crate) fn refused(failure: UploadFailure) -> Response {
    match failure {
        UploadFailure::Fault(detail) => answer::fault(&detail),
        UploadFailure::Refused(UploadRefusal::Other(refusal)) => {
            Problem::from(refusal).into_response()
        }
        UploadFailure::Refused(refusal) => private(status(&refusal), Json(refusal)),
    }
}

/// The status of each refusal.
pub(crate) fn status(refusal: &UploadRefusal) -> StatusCode {
    match refusal {
        UploadRefusal::UploadTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        UploadRefusal::UploadUnreadable
        | UploadRefusal::UploadTooManyPixels { .. }
        | UploadRefusal::UploadPdfActive => StatusCode::UNPROCESSABLE_ENTITY,
        UploadRefusal::Other(refusal) => answer::status(refusal),
    }
}

async fn hand_out(
    app: &App,
    name: Named,
    query: Option<&str>,
    headers: &HeaderMap,
    thumb: bool,
) -> Response {
    let parsed = name.ok().and_then(|Path((community, id))| {
        Some((
            CommunityId::parse(&community).ok()?,
            UploadId::parse(&id).ok()?,
        ))
    });
    let Some((community, id)) = parsed else {
        return Problem::from(Refusal::NotFound).into_response();
    };
    let until_ms = field(query, "until").and_then(|until| until.parse().ok());
    let signature = field(query, "signature");
    let is_linked = until_ms
        .zip(signature)
        .is_some_and(|(until_ms, signature)| {
            app.service.is_linked(&community, &id, until_ms, &signature)
        });
    let viewer = if is_linked {
        Viewer::Linked
    } else {
        Viewer::Anyone
    };
    serve(app, &community, &id, &viewer, headers, thumb).await
}

/// An upload for `viewer`, for routes that have found out who asks.
pub(crate) async fn serve(
    app: &App,
    community: &CommunityId,
    id: &UploadId,
    viewer: &Viewer,
    headers: &HeaderMap,
    thumb: bool,
) -> Response {
    match app.service.upload(community, id, viewer, thumb).await {
        Ok(file) => answer_with(file, id, headers),
        Err(failure) => Problem::from(failure).into_response(),
    }
}

fn answer_with(file: UploadFile, id: &UploadId, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", seal::hex(&file.hash));
    let is_pdf = file.media_type == "application/pdf";
    let mut response = if topics::is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.bytes.into_response()
    };
    // The bytes of an address never change. A day: what was deleted must not stay in
    // browsers for a year.
    let cache = match file.policy {
        UploadPolicy::Public => "public, max-age=86400, immutable",
        UploadPolicy::Staff | UploadPolicy::Owner => "private, max-age=3600, immutable",
    };
    let disposition = if is_pdf {
        format!("attachment; filename=\"{id}.pdf\"")
    } else {
        "inline".to_owned()
    };
    let pairs = [
        (header::CONTENT_TYPE, file.media_type.as_str()),
        (header::ETAG, &etag),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_DISPOSITION, &disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox; frame-ancestors 'none'",
        ),
        // The signature in the address must not reach other sites.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn private(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

fn field(query: Option<&str>, name: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(query?).ok()?;
    let mut found = fields.into_iter().filter(|(known, _)| known == name);
    found.next().map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_tells_every_refusal_of_uploads() {
        let readme = include_str!("../../README.md");
        for refusal in [
            UploadRefusal::UploadTypeUnsupported,
            UploadRefusal::UploadUnreadable,
            UploadRefusal::UploadTooManyPixels { limit_pixels: 1 },
            UploadRefusal::UploadPdfActive,
        ] {
            let row = format!("| `{}` | {} |", refusal.code(), status(&refusal).as_u16());
            assert!(readme.contains(&row), "{row}");
        }
    }
}
