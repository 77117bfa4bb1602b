//! The desk of a community's staff, under `/api/v1/communities/{community}/desk`.
//!
//! For pages of our own origin alone: requests that name another are refused, and no
//! answer carries a cross-origin header. The session travels in `Authorization`, never
//! in a cookie, so no other page can make a browser send it.

pub(crate) mod account;
pub(crate) mod attachments;
pub(crate) mod behalf;
pub(crate) mod commands;
pub(crate) mod exports;
pub(crate) mod live;
pub(crate) mod problem;
pub(crate) mod requests;
pub(crate) mod rolls;
pub(crate) mod views;

use super::{caller, decode};
use crate::identity::device;
use crate::service::Page;
use crate::service::desk::Visitor;
use crate::state::{App, Peer};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use linli_model::desk::DeskRefusal;
use linli_model::{CommunityId, GrantToken, Refusal};
use problem::DeskProblem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a request's body: a topic of forty options with all that may be said of them.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;

/// Every address of the desk.
pub(crate) fn router() -> Router<Arc<App>> {
    let desk = Router::new()
        .route("/sessions", post(account::sign_in))
        .route("/session", delete(account::sign_out).get(account::whose))
        .route(
            "/invitations/{token}",
            get(account::invitation).post(account::accept),
        )
        .route("/invitations/{token}/confirmation", post(account::confirm))
        .route("/home", get(views::home))
        .route("/polls", get(views::polls))
        .route("/polls/{topic}", get(views::poll))
        .route("/people", get(views::people))
        .route("/places", get(views::places))
        .route("/rolls", get(rolls::list))
        .route("/rolls/{kind}/drafts", post(rolls::preview))
        .route("/rolls/{kind}/entries", post(rolls::entries))
        .route("/approvals", get(views::approvals))
        .route("/audit", get(views::audit))
        .route("/exports/{file}", get(exports::take))
        .route("/live", get(live::listen))
        .route("/commands", post(commands::give))
        .route("/polls/{topic}/voters", get(behalf::voters))
        .route("/polls/{topic}/behalf", post(behalf::fill_in))
        .route(
            "/polls/{topic}/attachments",
            get(attachments::list).post(attachments::add),
        )
        .route(
            "/polls/{topic}/attachments/{upload}",
            delete(attachments::remove),
        )
        .route("/requests", get(requests::list))
        .route("/requests/{request}/answer", post(requests::settle));
    Router::new().nest("/api/v1/communities/{community}/desk", desk)
}

/// A request of our own page, about one community.
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    pub(crate) community: CommunityId,
    pub(crate) visitor: Visitor,
    headers: HeaderMap,
    path: HashMap<String, String>,
    query: HashMap<String, String>,
}

impl FromRequestParts<Arc<App>> for Door {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let headers = parts.headers.clone();
        if caller::page(app, headers.get(header::ORIGIN)) == Page::Host {
            return Err(refused(Refusal::OriginNotAllowed));
        }
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Ok(Path(path)) = path else {
            return Err(refused(Refusal::NotFound));
        };
        let community = path.get("community").map(String::as_str);
        let Ok(community) = CommunityId::parse(community.unwrap_or_default()) else {
            return Err(refused(Refusal::NotFound));
        };
        let query = parts.uri.query().unwrap_or_default();
        let Ok(query) = serde_urlencoded::from_str::<HashMap<String, String>>(query) else {
            return Err(refused(Refusal::Malformed));
        };
        let peer = parts.extensions.get::<Peer>().copied();
        let agent = headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        let visitor = Visitor {
            client: Some(caller::client_address(app, &headers, peer)),
            device: device::family(agent.unwrap_or_default()),
        };
        Ok(Self {
            app: Arc::clone(app),
            community,
            visitor,
            headers,
            path,
            query,
        })
    }
}

fn refused(refusal: Refusal) -> Response {
    DeskProblem::from(DeskRefusal::from(refusal)).into_response()
}

impl Door {
    /// The session's token.
    pub(crate) fn token(&self) -> Result<GrantToken, DeskProblem> {
        Ok(decode::grant(&self.headers).map_err(|_| DeskRefusal::SignedOut)?)
    }

    /// The token of an invitation, from the address.
    pub(crate) fn invitation(&self) -> Result<GrantToken, DeskProblem> {
        let token = GrantToken::parse(self.segment("token"));
        Ok(token.map_err(|_| DeskRefusal::InvitationInvalid)?)
    }

    /// A part of the address.
    pub(crate) fn segment(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter of the query; an empty one is none.
    pub(crate) fn asked<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, DeskProblem> {
        match self.query.get(name).map(String::as_str) {
            None | Some("") => Ok(None),
            Some(text) => match read(text) {
                Some(value) => Ok(Some(value)),
                None => Err(DeskRefusal::from(Refusal::Malformed).into()),
            },
        }
    }

    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub(crate) async fn body<T: DeserializeOwned>(&self, body: Body) -> Result<T, DeskProblem> {
        Ok(decode::json_up_to(&self.app, &self.headers, body, BODY_BYTES_MAX).await?)
    }
}

/// An answer of the desk: one person's own.
pub(crate) fn answer(status: StatusCode, body: impl Serialize) -> Response {
    let mut response = (status, axum::Json(body)).into_response();
    private(&mut response);
    response
}

/// Nobody keeps what the desk answers.
pub(crate) fn private(response: &mut Response) {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
}

/// What every handler gives.
pub(crate) type Answered = Result<Response, DeskProblem>;
