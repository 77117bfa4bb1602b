//! "My data" over HTTP: own pages and programs only, no page of others.

use super::answer::{self, Problem};
use super::{caller, decode};
use crate::service::{Caller, MyFailure, Page, Person};
use crate::state::{App, Peer};
use crate::store::Failure;
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::me::{
    AskRequest, GiveConsent, MyConsent, MyData, MyDeletion, MyRefusal, MyRequest, MySession,
};
use linli_model::{CommunityId, ConsentId, IdentifyRequest, OtpRequest, Refusal, UploadId};
use std::sync::Arc;

type One = Result<Path<String>, axum::extract::rejection::PathRejection>;
type Two = Result<Path<(String, String)>, axum::extract::rejection::PathRejection>;
type Peered = Option<Extension<Peer>>;

/// Turns a proof into a session of one's own.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/sessions", tag = "my data",
    params(("community" = String, Path, description = "The community.")),
    request_body = IdentifyRequest,
    responses(
        (status = 201, description = "A session of 30 minutes.", body = MySession),
        (status = "4XX", description = "Refused; nothing but the count of wrong tries changed.", body = MyRefusal),
    ))]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    told(StatusCode::CREATED, async {
        let (community, caller) = (community(name)?, own(&app, &headers, peer)?);
        let request: IdentifyRequest = read(&app, &headers, body).await?;
        app.service
            .open_mine(&community, &request.proof, caller)
            .await
    })
    .await
}

/// Sends a one-time password for one's own data to a contact, if it names somebody on a
/// roll. The answer does not tell.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/otp", tag = "my data",
    params(("community" = String, Path, description = "The community.")),
    request_body = OtpRequest,
    responses(
        (status = 202, description = "It is on its way, if the contact is on a roll."),
        (status = "4XX", description = "Refused.", body = MyRefusal),
    ))]
pub(crate) async fn send_password(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    told(StatusCode::ACCEPTED, async {
        let (community, caller) = (community(name)?, own(&app, &headers, peer)?);
        let request: OtpRequest = read(&app, &headers, body).await?;
        let accepted = headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|v| v.to_str().ok()).unwrap_or_default();
        let lang = accepted.split([',', ';']).next().unwrap_or_default();
        let service = &app.service;
        Ok(service
            .send_my_password(&community, &request.contact, lang.trim(), caller)
            .await?)
    })
    .await
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/communities/{community}/me/session", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses((status = 204, description = "Ended."), (status = "4XX", description = "Refused.", body = MyRefusal)))]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    emptied(async {
        let community = community(name)?;
        own(&app, &headers, peer)?;
        let token = decode::grant(&headers)?;
        Ok(app.service.close_mine(&community, &token).await?)
    })
    .await
}

/// Everything that is kept of whose session this is: also the export.
#[utoipa::path(get, path = "/api/v1/communities/{community}/me", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "Everything.", body = MyData),
        (status = "4XX", description = "Refused.", body = MyRefusal),
    ))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    told(StatusCode::OK, async {
        let person = person(&app, name, &headers, peer).await?;
        app.service.my_data(&person).await
    })
    .await
}

/// Asks staff to correct, delete or explain something.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/requests", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body = AskRequest,
    responses(
        (status = 201, description = "Recorded.", body = MyRequest),
        (status = "4XX", description = "Refused; nothing changed.", body = MyRefusal),
    ))]
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    told(StatusCode::CREATED, async {
        let person = person(&app, name, &headers, peer).await?;
        let asked: AskRequest = read(&app, &headers, body).await?;
        app.service.ask_request(&person, asked).await
    })
    .await
}

/// Consents to the newest version of a notice.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/consents", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    request_body = GiveConsent,
    responses(
        (status = 201, description = "Recorded, or was before.", body = MyConsent),
        (status = "4XX", description = "Refused; nothing changed.", body = MyRefusal),
    ))]
pub(crate) async fn consent(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    told(StatusCode::CREATED, async {
        let person = person(&app, name, &headers, peer).await?;
        let given: GiveConsent = read(&app, &headers, body).await?;
        app.service.give_consent(&person, given).await
    })
    .await
}

/// Takes a consent back.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/consents/{consent}/withdrawal", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("consent" = String, Path, description = "The consent."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses((status = 204, description = "Taken back."), (status = "4XX", description = "Refused.", body = MyRefusal)))]
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    names: Two,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    emptied(async {
        let (name, consent) = split(names)?;
        let person = person(&app, name, &headers, peer).await?;
        let consent = ConsentId::parse(&consent).map_err(|_| Refusal::NotFound)?;
        app.service.withdraw_consent(&person, &consent).await
    })
    .await
}

/// Deletes one's own file.
#[utoipa::path(delete, path = "/api/v1/communities/{community}/me/uploads/{upload}", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("upload" = String, Path, description = "The upload."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses((status = 204, description = "Deleted."), (status = "4XX", description = "Refused.", body = MyRefusal)))]
pub(crate) async fn delete_upload(
    State(app): State<Arc<App>>,
    names: Two,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    emptied(async {
        let (name, upload) = split(names)?;
        let person = person(&app, name, &headers, peer).await?;
        let upload = UploadId::parse(&upload).map_err(|_| Refusal::NotFound)?;
        app.service.delete_my_upload(&person, &upload).await
    })
    .await
}

/// Deletes what one may delete by oneself, and says what stays and why.
#[utoipa::path(post, path = "/api/v1/communities/{community}/me/deletion", tag = "my data",
    params(
        ("community" = String, Path, description = "The community."),
        ("Authorization" = String, Header, description = "`Bearer <session>`"),
    ),
    responses(
        (status = 200, description = "What is gone, and what stays.", body = MyDeletion),
        (status = "4XX", description = "Refused; nothing changed.", body = MyRefusal),
    ))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    name: One,
    headers: HeaderMap,
    peer: Peered,
) -> Response {
    told(StatusCode::OK, async {
        let person = person(&app, name, &headers, peer).await?;
        app.service.delete_mine(&person).await
    })
    .await
}

/// A failure as an answer.
pub(crate) fn refused(failure: MyFailure) -> Response {
    match failure {
        MyFailure::Fault(detail) => answer::fault(&detail),
        MyFailure::Refused(MyRefusal::Other(refusal)) => Problem::from(refusal).into_response(),
        MyFailure::Refused(refusal) => {
            let no_store = [(header::CACHE_CONTROL, "no-store")];
            (status(&refusal), no_store, Json(refusal)).into_response()
        }
    }
}

/// The status of each refusal.
pub(crate) fn status(refusal: &MyRefusal) -> StatusCode {
    match refusal {
        MyRefusal::MySessionEnded => StatusCode::UNAUTHORIZED,
        MyRefusal::ConsentNeeded { .. } => StatusCode::FORBIDDEN,
        MyRefusal::NoticeOutdated { .. } => StatusCode::CONFLICT,
        MyRefusal::TextInvalid { .. } | MyRefusal::WitnessNeeded => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        MyRefusal::Other(refusal) => answer::status(refusal),
    }
}

/// The community that an address names.
pub(crate) fn community(name: One) -> Result<CommunityId, Refusal> {
    let name = name.map_err(|_| Refusal::NotFound)?;
    CommunityId::parse(&name.0).map_err(|_| Refusal::NotFound)
}

fn split(names: Two) -> Result<(One, String), Refusal> {
    let Path((community, other)) = names.map_err(|_| Refusal::NotFound)?;
    Ok((Ok(Path(community)), other))
}

/// Who calls, unless a page of others does.
fn own(app: &App, headers: &HeaderMap, peer: Peered) -> Result<Caller, Refusal> {
    let page = caller::page(app, headers.get(header::ORIGIN));
    if page == Page::Host {
        return Err(Refusal::OriginNotAllowed);
    }
    let client = caller::client_address(app, headers, peer.map(|Extension(peer)| peer));
    Ok(Caller {
        page,
        client: Some(client),
    })
}

async fn person(
    app: &App,
    name: One,
    headers: &HeaderMap,
    peer: Peered,
) -> Result<Person, MyFailure> {
    let community = community(name)?;
    own(app, headers, peer)?;
    let token = decode::grant(headers).map_err(|_| MyRefusal::MySessionEnded)?;
    app.service.person(&community, &token).await
}

async fn read<T: serde::de::DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, MyFailure> {
    decode::json(app, headers, body)
        .await
        .map_err(|problem| match problem {
            Problem::Failure(failure) => MyFailure::from(failure),
            Problem::Late => MyFailure::from(answer::late()),
            Problem::Syntax => MyFailure::from(Failure::Refused(Refusal::Malformed)),
        })
}

async fn told<T: serde::Serialize>(
    status: StatusCode,
    done: impl Future<Output = Result<T, MyFailure>>,
) -> Response {
    match done.await {
        Ok(body) => (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(failure) => refused(failure),
    }
}

async fn emptied(done: impl Future<Output = Result<(), MyFailure>>) -> Response {
    match done.await {
        Ok(()) => (
            StatusCode::NO_CONTENT,
            [(header::CACHE_CONTROL, "no-store")],
        )
            .into_response(),
        Err(failure) => refused(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::me::ConsentPurpose;

    #[test]
    fn the_readme_tells_every_refusal_of_my_data() {
        let readme = include_str!("../../README.md");
        for refusal in [
            MyRefusal::MySessionEnded,
            MyRefusal::ConsentNeeded {
                purpose: ConsentPurpose::Contact,
            },
            MyRefusal::NoticeOutdated { version: 1 },
            MyRefusal::TextInvalid { max_chars: 1 },
            MyRefusal::WitnessNeeded,
        ] {
            let wire = serde_json::to_value(&refusal).unwrap();
            assert_eq!(wire["code"], refusal.code());
            let row = format!(
                "| `{}` (my data) | {} |",
                refusal.code(),
                status(&refusal).as_u16()
            );
            assert!(readme.contains(&row), "{row}");
        }
    }
}
