//! The hosted page `/p/{topic}`: the widget, and inside it the same task as a plain
//! HTML form, which works with scripts off and is what stays when the widget fails.
//!
//! The form goes through the same [`Service`] as the API. What differs: identification
//! and ballot travel in one request, a `SameSite=Strict` cookie and a server-minted
//! check stand where the API has a bearer header, and answers are pages.

mod attachments;
pub(crate) mod desk;
mod draft;
mod form;
mod identify;
pub(crate) mod my;
mod notices;
mod people;
pub(crate) mod privacy;
mod results;
mod view;
mod wait;
mod work;

use crate::identity::contact::Contact;
use crate::routes::{answer, caller, decode};
use crate::service::{Caller, IdentifyFailure, Page, Shown};
use crate::state::{App, Peer};
use crate::store::{Failure, StoredTopic};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use draft::{Draft, Ways};
use form::{Filled, Press, Session};
use linli_model::desk::Attachment;
use linli_model::work::WorkRefusal;
use linli_model::{
    Changes, Credential, Electorate, Grant, GrantToken, Phase, Proof, Refusal, Secrecy, TopicId,
    TopicView,
};
use linli_texts::RefusalText;
use people::Reader;
use std::sync::Arc;
use view::Card;

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

/// `GET /p.js`
pub(crate) async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("page/page.js")).into_response()
}

/// `GET /p-work.js`
pub(crate) async fn work_script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("page/work.js")).into_response()
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
    attached: Vec<Attachment>,
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
        let community = &view.topic.community.id;
        let attached = app.service.topic_attachments(community, &topic).await?;
        Ok(Self {
            app,
            reader,
            stored,
            view,
            attached,
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
            ..Draft::default()
        }
    }

    /// The form as it was filled in, with a key of its own: it will be another command.
    fn again(&self, filled: &Filled) -> Draft {
        Draft {
            chosen: filled.chosen.clone(),
            code: filled.code.clone(),
            contact: filled.contact.clone(),
            password: filled.password.clone(),
            voter: filled.voter.clone(),
            relation: filled.relation.clone(),
            work: filled.work.clone(),
            ..self.draft()
        }
    }

    /// How people can say here who they are.
    fn ways(&self) -> Ways {
        let poll = &self.view.topic.poll;
        match (poll.electorate, poll.credential) {
            (Electorate::Devices, Credential::Device) => Ways::Device,
            (Electorate::Devices, _) => Ways::Elsewhere,
            (Electorate::Persons | Electorate::Members, credential) => {
                match self.app.service.sends_passwords() && credential <= Credential::Otp {
                    true => Ways::Password,
                    false => Ways::Helped,
                }
            }
            (Electorate::Households | Electorate::Owners | Electorate::Tenants, credential) => {
                match self.app.service.sends_passwords() && credential <= Credential::Otp {
                    true => Ways::PasswordOrCode,
                    false => Ways::Code,
                }
            }
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
        if filled.press == Press::Send {
            return self.send_password(filled, caller).await;
        }
        // Before the code is tried: an incomplete choice must not cost a try.
        if self.view.phase == Phase::Open {
            linli_rules::ballot::check(&topic.poll, &filled.choice)?;
        }
        let Some(session) = &self.session else {
            return Err(Refusal::Malformed.into());
        };
        let proof = match self.proof(filled, session) {
            Ok(proof) => proof,
            Err(notice) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return Ok(self.told(status, self.again(filled), notice));
            }
        };
        if let Some(relation) = &filled.relation {
            if !matches!(proof, Proof::HouseholdCode { .. }) {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let notice = self.reader.behalf_code();
                return Ok(self.told(status, self.again(filled), notice));
            }
            if !identify::is_relation(relation) {
                return Err(Refusal::Malformed.into());
            }
        }
        let service = &self.app.service;
        let is_secret = topic.poll.secrecy == Secrecy::Secret;
        let secret = is_secret.then(|| session.ballot_secret(self.app, topic, &proof));
        let Known {
            token,
            voter,
            voted,
        } = match self.known(filled, &proof, session, caller).await {
            Err(failure) if self.is_wait(&failure) => {
                return self.wait(filled, failure, caller).await;
            }
            Err(IdentifyFailure::Other(Failure::Refused(Refusal::CodeUnknown {
                attempts_left,
            }))) if matches!(proof, Proof::OneTimePassword { .. }) => {
                let draft = Draft {
                    password: String::new(),
                    sent: true,
                    ..self.again(filled)
                };
                let notice = self.reader.password_wrong(attempts_left);
                return Ok(self.told(StatusCode::FORBIDDEN, draft, notice));
            }
            other => other?,
        };
        let may_change = topic.poll.changes == Changes::UntilClosing;
        if voted && may_change && filled.press != Press::Confirm {
            let standing = service
                .standing(&topic.id, &token, secret.clone(), caller)
                .await?;
            let reply = standing.reply.ok_or(Refusal::BallotSecretLost)?;
            let card = if reply.opening.choice == filled.choice {
                Card::Receipt {
                    reply,
                    voter,
                    replaced: false,
                    same: true,
                }
            } else {
                let old = reply.opening.choice;
                let draft = Draft {
                    voter,
                    ..self.again(filled)
                };
                Card::Confirm {
                    draft,
                    old,
                    new: filled.choice.clone(),
                }
            };
            return Ok(self.page(StatusCode::OK, &card));
        }
        let key = filled.key.clone();
        let choice = filled.choice.clone();
        let cast = match &filled.relation {
            Some(relation) => {
                let ballot = (key, choice);
                service
                    .cast_for_family(&topic.id, &token, ballot, relation, caller)
                    .await
            }
            None => {
                let ballot = linli_model::CastBallot { choice, secret };
                service.cast(&topic.id, &token, key, ballot, caller).await
            }
        };
        let recorded = match cast {
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
            voter,
            replaced,
            same: false,
        };
        Ok(self.page(status, &card))
    }

    /// The first of the two steps with a one-time password.
    async fn send_password(&self, filled: &Filled, caller: Caller) -> Result<Response, Failure> {
        let topic = &self.view.topic.id;
        if Contact::read(&filled.contact).is_none() {
            let notice = self.reader.contact_malformed();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(self.told(status, self.again(filled), notice));
        }
        let lang = self.reader.texts.tag();
        let service = &self.app.service;
        service
            .send_password(topic, &filled.contact, lang, caller)
            .await?;
        let draft = Draft {
            password: String::new(),
            sent: true,
            ..self.again(filled)
        };
        Ok(self.told(StatusCode::ACCEPTED, draft, self.reader.password_sent()))
    }

    /// Who fills in the form. A password that was right before is right again in its own
    /// browser, and so is a challenge: forms are sent twice, and a change is confirmed.
    async fn known(
        &self,
        filled: &Filled,
        proof: &Proof,
        session: &Session,
        caller: Caller,
    ) -> Result<Known, IdentifyFailure> {
        let (topic, service) = (&self.view.topic, &self.app.service);
        let work = filled.shown_work();
        let shown = Shown {
            work: work.as_deref(),
            ..Shown::default()
        };
        let Some(token) = session.grant(self.app, topic, proof, &filled.work) else {
            let grant = service.identify_from(&topic.id, proof, caller, shown);
            return Ok(grant.await?.into());
        };
        match service.standing(&topic.id, &token, None, caller).await {
            Ok(standing) => Ok(Known {
                token,
                // Told to themselves alone: it is what this form was given before.
                voter: filled.voter.clone(),
                voted: standing.voted,
            }),
            Err(Failure::Refused(Refusal::GrantInvalid)) => {
                let again = token.clone();
                let grant = service.identify_as(&topic.id, proof, caller, shown, again);
                match grant.await {
                    // By the same form, pressed twice at once: then its grant is there.
                    Err(IdentifyFailure::Work(WorkRefusal::WorkSpent)) => {
                        let standing = service.standing(&topic.id, &token, None, caller).await;
                        let voted = standing.map_err(|_| WorkRefusal::WorkSpent)?.voted;
                        let voter = String::new();
                        Ok(Known {
                            token,
                            voter,
                            voted,
                        })
                    }
                    other => Ok(other?.into()),
                }
            }
            Err(other) => Err(other.into()),
        }
    }

    fn proof(&self, filled: &Filled, session: &Session) -> Result<Proof, RefusalText> {
        let (code, password) = (filled.code.trim(), filled.password.trim());
        match self.ways() {
            Ways::Device => Ok(Proof::Device {
                device: session.device(self.app),
            }),
            Ways::Code | Ways::PasswordOrCode if !code.is_empty() => Ok(Proof::HouseholdCode {
                code: code.to_owned(),
            }),
            Ways::Code => Err(self.reader.code_missing()),
            Ways::Password | Ways::PasswordOrCode if Contact::read(&filled.contact).is_none() => {
                Err(self.reader.contact_malformed())
            }
            Ways::Password | Ways::PasswordOrCode if password.is_empty() => {
                Err(self.reader.password_missing())
            }
            Ways::Password | Ways::PasswordOrCode => Ok(Proof::OneTimePassword {
                contact: filled.contact.clone(),
                code: password.to_owned(),
            }),
            Ways::Elsewhere => Err(self.reader.host_only()),
            Ways::Helped => Err(self.reader.helped_only()),
        }
    }

    /// The form, under what there is to say.
    fn told(&self, status: StatusCode, draft: Draft, notice: RefusalText) -> Response {
        let notice = Some(notice);
        self.page(status, &Card::Topic { draft, notice })
    }

    fn refused(&self, refusal: Refusal, draft: Draft) -> Response {
        let notice = match refusal {
            Refusal::OnBehalfSecret => self.reader.behalf_secret(),
            _ => self.reader.refusal(&self.view.topic, &refusal),
        };
        let mut response = self.told(answer::status(&refusal), draft, notice);
        if let Refusal::TooManyAttempts { retry_after_ms } | Refusal::Busy { retry_after_ms } =
            refusal
        {
            let seconds = HeaderValue::from(retry_after_ms.div_euclid(1_000).max(0) + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn page(&self, status: StatusCode, card: &Card) -> Response {
        // The widget asks for codes only: where passwords are sent, and where work is asked
        // for, this form is the page.
        let ways = self.ways();
        let by_widget = !matches!(ways, Ways::Password | Ways::PasswordOrCode | Ways::Helped)
            && self.work_bits().is_none();
        let html = view::page(
            self.reader,
            (&self.view, ways),
            &notices::section(self.reader, &self.stored),
            card,
            &attachments::section(self.reader, &self.view, &self.attached),
            self.app.static_dir.is_some() && by_widget,
        );
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

/// The person behind a form.
struct Known {
    token: GrantToken,
    voter: String,
    voted: bool,
}

impl From<Grant> for Known {
    fn from(grant: Grant) -> Self {
        Self {
            token: grant.token,
            voter: grant.voter,
            voted: grant.standing.voted,
        }
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
