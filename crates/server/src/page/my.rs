//! The hosted page `/my/{community}`: see, export, correct, consent, take back, delete.
//! Plain forms, no scripts.
//!
//! Who has identified has a cookie with a session of half an hour. Each form carries a
//! check that follows from it; forms are taken from our own pages only.

mod view;

use super::form::Session;
use super::people::Reader;
use crate::routes::{answer, caller, decode, me};
use crate::seal::{self, hex, unhex};
use crate::service::{Caller, MyFailure, Page, Person};
use crate::state::{App, Peer};
use crate::store::Failure;
use crate::store::privacy::CommunityRow;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use linli_model::me::{
    AskRequest, ConsentPurpose, GiveConsent, MyDeletion, MyRefusal, RequestKind,
};
use linli_model::{CommunityId, ConsentId, GrantToken, Proof, Refusal, UploadId};
use linli_texts::{RefusalText, privacy as k};
use std::sync::Arc;
use subtle::ConstantTimeEq;

const COOKIE: &str = "linli-my";
/// As long as the session behind it.
const COOKIE_SECONDS: u32 = 30 * 60;

type Named = Result<Path<String>, PathRejection>;

/// `GET /my/{community}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    match Visit::open(&app, name, &reader, &headers).await {
        Ok(visit) => visit.page(StatusCode::OK, None).await,
        Err(failure) => super::nowhere(&reader, failure),
    }
}

/// `GET /my/{community}/export`
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let visit = match Visit::open(&app, name, &reader, &headers).await {
        Ok(visit) => visit,
        Err(failure) => return super::nowhere(&reader, failure),
    };
    let Some(person) = &visit.person else {
        return visit.page(StatusCode::UNAUTHORIZED, None).await;
    };
    let data = match app.service.my_data(person).await {
        Ok(data) => data,
        Err(failure) => return me::refused(failure),
    };
    let text = serde_json::to_string_pretty(&data).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"linli-my-data.json\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

/// `POST /my/{community}`
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    name: Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    body: Body,
) -> Response {
    let reader = Reader::of(query.as_deref(), &headers);
    let mut visit = match Visit::open(&app, name, &reader, &headers).await {
        Ok(visit) => visit,
        Err(failure) => return super::nowhere(&reader, failure),
    };
    if caller::page(&app, headers.get(header::ORIGIN)) != Page::Own {
        return visit.refused(Refusal::OriginNotAllowed.into()).await;
    }
    let fields = match read_form(&app, &headers, body).await {
        Ok(fields) => fields,
        Err(refusal) => return visit.refused(refusal.into()).await,
    };
    let client = caller::client_address(&app, &headers, peer.map(|Extension(peer)| peer));
    let caller = Caller {
        page: Page::Own,
        client: Some(client),
    };
    match visit.act(&fields, &headers, caller).await {
        Ok(Done::Entered(cookie)) => visit.back(&cookie),
        Ok(Done::Left) => visit.back(""),
        Ok(Done::Sent(contact)) => {
            let notice = Some(Notice::Sent(contact));
            visit.page(StatusCode::ACCEPTED, notice).await
        }
        Ok(Done::Did) => {
            let done = visit.text(k::MY_DONE);
            visit.page(StatusCode::OK, Some(Notice::Said(done))).await
        }
        Ok(Done::Deleted(deletion)) => {
            visit
                .page(StatusCode::OK, Some(Notice::Deleted(deletion)))
                .await
        }
        Ok(Done::Asks(text)) => {
            visit
                .page(StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::Said(text)))
                .await
        }
        Err(MyFailure::Refused(refusal)) => {
            if refusal == MyRefusal::MySessionEnded {
                visit.person = None;
            }
            visit.refused(refusal).await
        }
        Err(fault) => me::refused(fault),
    }
}

/// What is told above the page.
enum Notice {
    Said(String),
    /// A password is on its way to this contact.
    Sent(String),
    Refused(RefusalText),
    Deleted(MyDeletion),
}

/// How a form ended.
enum Done {
    /// Identified: the token.
    Entered(String),
    Left,
    /// A password went to this contact, if it is on a roll.
    Sent(String),
    Did,
    Deleted(MyDeletion),
    /// Something is missing.
    Asks(String),
}

/// Fields of a form, each once.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn one(&self, name: &str) -> &str {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        values.next().map_or("", |(_, value)| value.as_str())
    }
}

async fn read_form(app: &App, headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(Refusal::MediaTypeUnsupported);
    }
    let bytes = decode::bytes(app, headers, body).await;
    let bytes = bytes.map_err(|problem| match problem {
        answer::Problem::Failure(Failure::Refused(refusal)) => refusal,
        answer::Problem::Late => answer::late(),
        _ => Refusal::Malformed,
    })?;
    let fields = serde_urlencoded::from_bytes(&bytes).map_err(|_| Refusal::Malformed)?;
    Ok(Fields(fields))
}

/// One request about a community that exists.
struct Visit<'a> {
    app: &'a App,
    reader: &'a Reader,
    id: CommunityId,
    community: CommunityRow,
    token: Option<GrantToken>,
    person: Option<Person>,
    check: String,
}

impl<'a> Visit<'a> {
    async fn open(
        app: &'a App,
        name: Named,
        reader: &'a Reader,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let id = me::community(name)?;
        let community = app.service.community(&id).await?;
        let token = cookie(headers);
        let person = match &token {
            None => None,
            Some(token) => match app.service.person(&id, token).await {
                Ok(person) => Some(person),
                Err(MyFailure::Refused(_)) => None,
                Err(MyFailure::Fault(detail)) => return Err(Failure::Fault(detail)),
            },
        };
        let check = check(app, token.as_ref());
        Ok(Self {
            app,
            reader,
            id,
            community,
            token,
            person,
            check,
        })
    }

    fn text(&self, key: linli_texts::Key) -> String {
        self.reader.text(key).to_owned()
    }

    async fn act(
        &self,
        fields: &Fields,
        headers: &HeaderMap,
        caller: Caller,
    ) -> Result<Done, MyFailure> {
        let service = &self.app.service;
        match fields.one("act") {
            "identify" => {
                let code = fields.one("code").to_owned();
                return self.enter(Proof::HouseholdCode { code }, caller).await;
            }
            "send" => {
                let contact = fields.one("contact").to_owned();
                let lang = self.reader.texts.tag();
                service
                    .send_my_password(&self.id, &contact, lang, caller)
                    .await?;
                return Ok(Done::Sent(contact));
            }
            "password" => {
                let contact = fields.one("contact").to_owned();
                let code = fields.one("password").to_owned();
                let proof = Proof::OneTimePassword { contact, code };
                return self.enter(proof, caller).await;
            }
            "device" => {
                let session = Session::of(headers).ok_or(Refusal::NotFound)?;
                let device = session.device(self.app);
                return self.enter(Proof::Device { device }, caller).await;
            }
            _ => {}
        }
        let person = self.person.as_ref().ok_or(MyRefusal::MySessionEnded)?;
        let given = fields.one("check").as_bytes();
        if !bool::from(self.check.as_bytes().ct_eq(given)) {
            return Err(Refusal::Malformed.into());
        }
        match fields.one("act") {
            "leave" => {
                if let Some(token) = &self.token {
                    service.close_mine(&self.id, token).await?;
                }
                return Ok(Done::Left);
            }
            "ask" => return self.ask(person, fields).await,
            "give" => {
                let purpose = ConsentPurpose::parse(fields.one("purpose"));
                let purpose = purpose.ok_or(Refusal::Malformed)?;
                if purpose == ConsentPurpose::Helper {
                    return Ok(Done::Asks(self.text(k::MY_HELPER_ONLY)));
                }
                let version = fields
                    .one("version")
                    .parse()
                    .map_err(|_| Refusal::Malformed)?;
                let given = GiveConsent {
                    purpose,
                    version,
                    helped: None,
                };
                service.give_consent(person, given).await?;
            }
            "withdraw" => {
                let id = ConsentId::parse(fields.one("id")).map_err(|_| Refusal::NotFound)?;
                service.withdraw_consent(person, &id).await?;
            }
            "delete_upload" => {
                let id = UploadId::parse(fields.one("id")).map_err(|_| Refusal::NotFound)?;
                service.delete_my_upload(person, &id).await?;
            }
            "delete" if fields.one("sure").is_empty() => {
                return Ok(Done::Asks(self.text(k::MY_SURE_MISSING)));
            }
            "delete" => return Ok(Done::Deleted(service.delete_mine(person).await?)),
            _ => return Err(Refusal::Malformed.into()),
        }
        Ok(Done::Did)
    }

    async fn enter(&self, proof: Proof, caller: Caller) -> Result<Done, MyFailure> {
        let opened = self.app.service.open_mine(&self.id, &proof, caller).await?;
        Ok(Done::Entered(opened.token.as_str().to_owned()))
    }

    async fn ask(&self, person: &Person, fields: &Fields) -> Result<Done, MyFailure> {
        let service = &self.app.service;
        let kind = RequestKind::parse(fields.one("kind")).ok_or(Refusal::Malformed)?;
        let asked = AskRequest {
            kind,
            text: fields.one("text").to_owned(),
            contact: fields.one("contact").to_owned(),
        };
        if !asked.contact.trim().is_empty() {
            if fields.one("agreed").is_empty() {
                return Ok(Done::Asks(self.text(k::MY_CONTACT_MISSING)));
            }
            let version = fields
                .one("version")
                .parse()
                .map_err(|_| Refusal::Malformed)?;
            let given = GiveConsent {
                purpose: ConsentPurpose::Contact,
                version,
                helped: None,
            };
            service.give_consent(person, given).await?;
        }
        service.ask_request(person, asked).await?;
        Ok(Done::Did)
    }

    /// Back to the page itself, so that reloading it sends nothing again. An empty token
    /// takes the cookie away.
    fn back(&self, token: &str) -> Response {
        let query = self.reader.query(self.reader.elder, None);
        let to = format!("/my/{}{}", self.id, query.trim_end_matches('?'));
        let secure = if self.app.own_origins[0].starts_with("https:") {
            "; Secure"
        } else {
            ""
        };
        let age = if token.is_empty() { 0 } else { COOKIE_SECONDS };
        let line = format!(
            "{COOKIE}={token}; Path=/my/{}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}",
            self.id
        );
        let headers = [
            (header::LOCATION, to),
            (header::SET_COOKIE, line),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    async fn refused(&self, refusal: MyRefusal) -> Response {
        let text = view::explain(self.reader, &refusal);
        self.page(me::status(&refusal), Some(Notice::Refused(text)))
            .await
    }

    async fn page(&self, status: StatusCode, notice: Option<Notice>) -> Response {
        let data = match &self.person {
            None => None,
            Some(person) => match self.app.service.my_data(person).await {
                Ok(data) => Some(data),
                Err(failure) => return me::refused(failure),
            },
        };
        let html = view::page(self, data.as_ref(), notice.as_ref());
        let mut response = super::answer_page(status, html, &self.community.origins);
        let vary = HeaderValue::from_static("Accept-Language, Cookie");
        response.headers_mut().append(header::VARY, vary);
        response
    }
}

fn cookie(headers: &HeaderMap) -> Option<GrantToken> {
    let lines = headers.get_all(header::COOKIE).iter();
    let lines = lines.filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = named.find(|(name, _)| *name == COOKIE)?;
    unhex::<32>(value)?;
    GrantToken::parse(value).ok()
}

/// What shows that we made a form, for whom.
fn check(app: &App, token: Option<&GrantToken>) -> String {
    let key = app.service.derived_key("my check");
    let token = token.map_or("", GrantToken::as_str);
    hex(&seal::tagged("linli my form", &[&key, token.as_bytes()]))
}
