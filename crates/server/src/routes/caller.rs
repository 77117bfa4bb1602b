//! Who may ask: origins, cross-origin headers, the client's address.
//!
//! A browser page of another origin may use a topic only if the topic's community lists
//! that origin. The grant travels in a header and nothing in a cookie, so a page that
//! is not listed could at most try; it is refused before anything happens.

use crate::identity::client;
use crate::service::{Caller, Page};
use crate::state::{App, Peer};
use crate::store::{Failure, StoredTopic};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use linli_model::{Refusal, TopicId};
use std::net::{IpAddr, Ipv4Addr};

/// What pages of other origins may read besides the body.
const EXPOSED: HeaderValue = HeaderValue::from_static("ETag, Retry-After");

/// A request's standing before its topic.
pub(crate) struct Admission {
    pub(crate) caller: Result<Caller, Refusal>,
    allow_origin: Option<HeaderValue>,
}

impl Admission {
    /// Compares the request's origin with the topic's. Fails when the store does.
    pub(crate) async fn of(
        app: &App,
        topic: Option<&TopicId>,
        headers: &HeaderMap,
        peer: Option<Peer>,
    ) -> Result<Self, Failure> {
        let origin = headers.get(header::ORIGIN);
        let page = page(app, origin);
        let stored = match topic {
            Some(topic) => match app.service.stored(topic).await {
                Err(Failure::Refused(Refusal::TopicUnknown)) => None,
                other => Some(other?),
            },
            None => None,
        };
        // A refusal says nothing that anyone may not know, and a page that cannot read
        // it would tell its visitors that the network is down.
        let anyone = || origin.map(|_| HeaderValue::from_static("*"));
        let Some(stored) = stored else {
            return Ok(Self {
                caller: Err(Refusal::TopicUnknown),
                allow_origin: anyone(),
            });
        };
        if page == Page::Host && !lists(&stored, origin) {
            return Ok(Self {
                caller: Err(Refusal::OriginNotAllowed),
                allow_origin: anyone(),
            });
        }
        let caller = Caller {
            page,
            client: Some(client_address(app, headers, peer)),
        };
        Ok(Self {
            caller: Ok(caller),
            allow_origin: origin.cloned(),
        })
    }

    /// Adds what lets the asking page read `response`.
    pub(crate) fn mark(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = &self.allow_origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

/// Lets any page read `response`: it says nothing that anyone may not know.
pub(crate) fn for_anyone(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What kind of page names `origin`.
pub(crate) fn page(app: &App, origin: Option<&HeaderValue>) -> Page {
    let Some(origin) = origin else {
        return Page::Unknown;
    };
    let own = app
        .own_origins
        .iter()
        .any(|own| own.as_bytes() == origin.as_bytes());
    if own { Page::Own } else { Page::Host }
}

/// The client's address as far as it can be believed.
pub(crate) fn client_address(app: &App, headers: &HeaderMap, peer: Option<Peer>) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    client::address(peer, headers, &app.trusted_proxies)
}

/// Answers a browser's question before it sends: only for listed origins.
pub(crate) fn preflight(admission: &Admission) -> Response {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = axum::http::StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let pairs: [(HeaderName, &'static str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, if-none-match, linli-ballot-secret, \
             linli-work",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ];
    for (name, value) in pairs {
        headers.insert(name, HeaderValue::from_static(value));
    }
    admission.mark(&mut response);
    response
}

fn lists(stored: &StoredTopic, origin: Option<&HeaderValue>) -> bool {
    origin.is_some_and(|o| {
        stored
            .origins
            .iter()
            .any(|known| known.as_bytes() == o.as_bytes())
    })
}
