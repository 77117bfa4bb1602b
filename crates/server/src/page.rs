//! The hosted page `/p/{topic}`: the widget, and inside it the same task as a plain
//! HTML form, which works with scripts off and is what stays when the widget fails.
//!
//! The form goes through the same [`Service`] as the API. What differs: identification
//! and ballot travel in one request, a `SameSite=Strict` cookie and a server-minted
//! check stand where the API has a bearer header, and answers are pages.

mod form;
pub(crate) mod my;
mod people;
pub(crate) mod privacy;
mod results;
mod view;

use crate::routes::{answer, caller, decode};
use crate::service::{Caller, Page};
use crate::state::{App, Peer};
use crate::store::{Failure, StoredTopic};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use form::{Filled, Session};
use linli_model::{Changes, Phase, Proof, Refusal, Secrecy, TopicId, TopicView};
use people::Reader;
use std::sync::Arc;
use view::{Card, Draft};

type Named = Result<Path<String>, PathRejection>;
type Peered = Option<Extension<Peer>>;

/// `GET /p/{topic}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let visit = match Visit::open(&app, name, &reader, &headers).await {
        Ok(visit) => visit,
        Err(failure) => return nowhere(&reader, failure),
    };
    visit.page(
        StatusCode::OK,
        &Card::Topic {
            draft: visit.draft(),
            notice: None,
        },
    )
}

/// `POST /p/{topic}`
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    peer: Peered,
    body: Body,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let mut visit = match Visit::open(&app, name, &reader, &headers).await {
        Ok(visit) => visit,
        Err(failure) => return nowhere(&reader, failure),
    };
    let sent_by = caller::page(&app, headers.get(header::ORIGIN));
    if sent_by != Page::Own {
        return visit.refused(Refusal::OriginNotAllowed, visit.draft());
    }
    let filled = match read_form(&visit, &headers, body).await {
        Ok(filled) => filled,
        Err(response) => return *response,
    };
    // Only now, after the check, does a browser without a cookie get one.
    if visit.session.is_none() {
        visit.session = Some(Session::of_form(&app, &filled.key));
    }
    let client = caller::client_address(&app, &headers, peer.map(|Extension(peer)| peer));
    visit
        .cast(
            filled,
            Caller {
                page: Page::Own,
                client: Some(client),
            },
        )
        .await
}

/// `GET /p.svg`: the pages' icon. Without one, browsers ask for a file that is not there.
pub(crate) async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "max-age=86400"),
    ];
    (headers, include_str!("page/icon.svg").trim_end()).into_response()
}

/// `GET /p.css`
pub(crate) async fn stylesheet() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("page/page.css")).into_response()
}

async fn read_form(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Filled, Box<Response>> {
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(Box::new(
            visit.refused(Refusal::MediaTypeUnsupported, visit.draft()),
        ));
    }
    let bytes = match decode::bytes(visit.app, headers, body).await {
        Ok(bytes) => bytes,
        Err(answer::Problem::Late) => {
            let mut response = visit.refused(answer::late(), visit.draft());
            *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
            return Err(Box::new(response));
        }
        Err(answer::Problem::Failure(Failure::Refused(refusal))) => {
            return Err(Box::new(visit.refused(refusal, visit.draft())));
        }
        Err(problem) => return Err(Box::new(problem.into_response())),
    };
    let filled = Filled::read(&bytes, &visit.view.topic.poll.kind)
        .ok_or_else(|| visit.refused(Refusal::Malformed, visit.draft()))?;
    let (topic, session) = (&visit.view.topic.id, visit.session.as_ref());
    if !form::is_ours(visit.app, session, topic, &filled.key, &filled.check) {
        let card = Card::Topic {
            draft: visit.draft(),
            notice: Some(visit.reader.form_expired()),
        };
        return Err(Box::new(visit.page(StatusCode::FORBIDDEN, &card)));
    }
    Ok(filled)
}

/// One request about a topic that exists.
struct Visit<'a> {
    app: &'a App,
    reader: &'a Reader,
    stored: Arc<StoredTopic>,
    view: TopicView,
    session: Option<Session>,
}

impl<'a> Visit<'a> {
    async fn open(
        app: &'a App,
        name: Named,
        reader: &'a Reader,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let topic = name.ok().and_then(|Path(name)| TopicId::parse(&name).ok());
        let topic = topic.ok_or(Refusal::TopicUnknown)?;
        let view = app.service.topic(&topic).await?;
        let stored = app.service.stored(&topic).await?;
        Ok(Self {
            app,
            reader,
            stored,
            view,
            session: Session::of(headers),
        })
    }

    /// An empty form with a fresh key.
    fn draft(&self) -> Draft {
        let key = form::new_key();
        let check = form::check(self.app, self.session.as_ref(), &self.view.topic.id, &key);
        Draft {
            key,
            check,
            chosen: Vec::new(),
            code: String::new(),
        }
    }

    /// The form as it was filled in, with a key of its own: it will be another command.
    fn again(&self, filled: &Filled) -> Draft {
        Draft {
            chosen: filled.chosen.clone(),
            code: filled.code.clone(),
            ..self.draft()
        }
    }

    /// Identifies and casts; every way out is a page that says what happened.
    async fn cast(&self, filled: Filled, caller: Caller) -> Response {
        match self.try_cast(&filled, caller).await {
            Ok(response) => response,
            Err(Failure::Refused(refusal)) => self.refused(refusal, self.again(&filled)),
            Err(Failure::Fault(detail)) => {
                let card = Card::Fault {
                    incident: answer::incident(&detail),
                };
                self.page(StatusCode::INTERNAL_SERVER_ERROR, &card)
            }
        }
    }

    async fn try_cast(&self, filled: &Filled, caller: Caller) -> Result<Response, Failure> {
        let topic = &self.view.topic;
        // Before the code is tried: an incomplete choice must not cost a try.
        if self.view.phase == Phase::Open {
            linli_rules::ballot::check(&topic.poll, &filled.choice)?;
        }
        let Some(session) = &self.session else {
            return Err(Refusal::Malformed.into());
        };
        let Some(proof) = self.proof(filled, session) else {
            let notice = self.reader.code_missing();
            let card = Card::Topic {
                draft: self.again(filled),
                notice: Some(notice),
            };
            return Ok(self.page(StatusCode::UNPROCESSABLE_ENTITY, &card));
        };
        let service = &self.app.service;
        let grant = service.identify(&topic.id, &proof, caller).await?;
        let is_secret = topic.poll.secrecy == Secrecy::Secret;
        let secret = is_secret.then(|| session.ballot_secret(self.app, topic, &proof));
        let may_change = topic.poll.changes == Changes::UntilClosing;
        if grant.standing.voted && may_change && !filled.confirmed {
            let standing = service
                .standing(&topic.id, &grant.token, secret.clone(), caller)
                .await?;
            let reply = standing.reply.ok_or(Refusal::BallotSecretLost)?;
            let card = if reply.opening.choice == filled.choice {
                Card::Receipt {
                    reply,
                    voter: grant.voter,
                    replaced: false,
                    same: true,
                }
            } else {
                let old = reply.opening.choice;
                Card::Confirm {
                    draft: self.again(filled),
                    old,
                    new: filled.choice.clone(),
                }
            };
            return Ok(self.page(StatusCode::OK, &card));
        }
        let ballot = linli_model::CastBallot {
            choice: filled.choice.clone(),
            secret,
        };
        let key = filled.key.clone();
        let recorded = match service
            .cast(&topic.id, &grant.token, key, ballot, caller)
            .await
        {
            // Back to the form and another choice: to the person, a second vote.
            Err(Failure::Refused(Refusal::KeyReused)) if !may_change => {
                return Err(Refusal::AlreadyVoted.into());
            }
            other => other?,
        };
        let status = if recorded.replayed {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        let replaced = recorded.reply.receipt.revision > 1;
        let card = Card::Receipt {
            reply: recorded.reply,
            voter: grant.voter,
            replaced,
            same: false,
        };
        Ok(self.page(status, &card))
    }

    fn proof(&self, filled: &Filled, session: &Session) -> Option<Proof> {
        match self.view.topic.poll.credential {
            linli_model::Credential::Device => Some(Proof::Device {
                device: session.device(self.app),
            }),
            linli_model::Credential::HouseholdCode => {
                let code = filled.code.trim();
                (!code.is_empty()).then(|| Proof::HouseholdCode {
                    code: code.to_owned(),
                })
            }
        }
    }

    fn refused(&self, refusal: Refusal, draft: Draft) -> Response {
        let notice = self.reader.refusal(&self.view.topic, &refusal);
        let mut response = self.page(
            answer::status(&refusal),
            &Card::Topic {
                draft,
                notice: Some(notice),
            },
        );
        if let Refusal::TooManyAttempts { retry_after_ms } | Refusal::Busy { retry_after_ms } =
            refusal
        {
            let seconds = HeaderValue::from(retry_after_ms.div_euclid(1_000).max(0) + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn page(&self, status: StatusCode, card: &Card) -> Response {
        let html = view::page(self.reader, &self.view, card, self.app.static_dir.is_some());
        let mut response = (status, html_type(), html).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(
            header::VARY,
            HeaderValue::from_static("Accept-Language, Cookie"),
        );
        if let Ok(policy) = HeaderValue::from_str(&policy(&self.stored.origins)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Some(cookie) = self
            .session
            .as_ref()
            .and_then(|session| session.cookie(self.app))
        {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Scripts, styles and connections of our own only. Pages of the community's origins
/// may frame this one (for formal polls); nobody else may.
fn policy(origins: &[String]) -> String {
    let frames: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'self'{frames}"
    )
}

/// No such topic, or no store.
fn nowhere(reader: &Reader, failure: Failure) -> Response {
    let (status, html) = match failure {
        Failure::Refused(refusal) => (answer::status(&refusal), view::bare(reader, &refusal)),
        Failure::Fault(detail) => {
            let incident = answer::incident(&detail);
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                view::bare_fault(reader, &incident),
            )
        }
    };
    answer_page(status, html, &[])
}

/// A page that scripts of nobody run on, and that pages of `origins` may frame.
fn answer_page(status: StatusCode, html: String, origins: &[String]) -> Response {
    let mut response = (status, html_type(), html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy(origins)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn html_type() -> [(header::HeaderName, &'static str); 1] {
    [(header::CONTENT_TYPE, "text/html; charset=utf-8")]
}
