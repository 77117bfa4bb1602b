//! The plain form: its fields, and the cookie that ties it to one browser.
//!
//! The cookie is 256 bits of chance and names nobody. From it, keyed by the server's
//! secret, come the form's check, the device's name in device polls and, with the
//! voting code, the ballot's secret in secret polls. None of these is stored.

use crate::identity::contact::Contact;
use crate::seal::{self, hex, unhex};
use crate::state::App;
use axum::http::{HeaderMap, HeaderValue, header};
use linli_model::{
    BallotSecret, Choice, DeviceId, GrantToken, IdempotencyKey, OptionId, PollKind, Proof, Stance,
    Topic, TopicId,
};
use subtle::ConstantTimeEq;

const COOKIE: &str = "linli-form";
/// Half a year: longer than any poll, so that a device stays the same device.
const COOKIE_SECONDS: u32 = 180 * 24 * 3_600;

/// A new idempotency key for a form.
pub(super) fn new_key() -> IdempotencyKey {
    IdempotencyKey::from_bytes(seal::chance())
}

/// What shows that we made a form: tied to its topic and key, and to the browser's
/// cookie where the browser showed one when it asked for the form.
pub(super) fn check(
    app: &App,
    session: Option<&Session>,
    topic: &TopicId,
    key: &IdempotencyKey,
) -> String {
    let browser = session.map_or(&[][..], |session| &session.secret);
    let keyed = app.service.derived_key("form check");
    hex(&seal::tagged(
        "linli form",
        &[&keyed, browser, topic.as_str().as_bytes(), key.as_bytes()],
    ))
}

/// Whether `given` is the check of a form that we made for this browser.
pub(super) fn is_ours(
    app: &App,
    session: Option<&Session>,
    topic: &TopicId,
    key: &IdempotencyKey,
    given: &str,
) -> bool {
    let same = |session| {
        bool::from(
            check(app, session, topic, key)
                .as_bytes()
                .ct_eq(given.as_bytes()),
        )
    };
    same(None) || (session.is_some() && same(session))
}

/// A form as a person sent it.
pub(super) struct Filled {
    pub(super) key: IdempotencyKey,
    pub(super) check: String,
    pub(super) chosen: Vec<String>,
    pub(super) choice: Choice,
    pub(super) code: String,
    pub(super) contact: String,
    pub(super) password: String,
    pub(super) voter: String,
    /// What who fills in is to the voter, where somebody fills in for the household.
    pub(super) relation: Option<String>,
    /// The challenge that was solved or waited out; empty where there was none.
    pub(super) work: String,
    /// What solves it; empty where it was waited out.
    pub(super) counter: String,
    pub(super) press: Press,
}

/// The button that sent the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    /// Cast.
    Cast,
    /// Cast, and replace what was cast before.
    Confirm,
    /// Send a one-time password.
    Send,
}

impl Filled {
    /// `None` when this is not our form.
    pub(super) fn read(body: &[u8], kind: &PollKind) -> Option<Self> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        let one = |name: &str| {
            let mut values = fields
                .iter()
                .filter(|(known, _)| known == name)
                .map(|(_, v)| v.clone());
            let first = values.next();
            if values.next().is_some() {
                None
            } else {
                Some(first)
            }
        };
        let chosen: Vec<String> = fields
            .iter()
            .filter(|(name, _)| name == "choice")
            .map(|(_, v)| v.clone())
            .collect();
        Some(Self {
            key: IdempotencyKey::parse(&one("key")??).ok()?,
            check: one("check")??,
            choice: choice(kind, &chosen)?,
            chosen,
            code: one("code")?.unwrap_or_default(),
            contact: one("contact")?.unwrap_or_default(),
            password: one("password")?.unwrap_or_default(),
            voter: one("voter")?.unwrap_or_default(),
            relation: match (one("behalf")?, one("relation")?) {
                (Some(_), relation) => Some(relation.unwrap_or_default()),
                (None, _) => None,
            },
            work: one("work")?.unwrap_or_default(),
            counter: one("counter")?.unwrap_or_default(),
            press: match (one("send")?, one("confirmed")?) {
                (Some(_), _) => Press::Send,
                (None, Some(_)) => Press::Confirm,
                (None, None) => Press::Cast,
            },
        })
    }
}

fn choice(kind: &PollKind, chosen: &[String]) -> Option<Choice> {
    if matches!(kind, PollKind::Motion) && !chosen.is_empty() {
        let stance = Stance::ALL
            .into_iter()
            .find(|stance| [stance.as_str()] == *chosen)?;
        return Some(Choice::Motion { stance });
    }
    let options: Result<Vec<_>, _> = chosen.iter().map(|id| OptionId::parse(id)).collect();
    Some(Choice::Options {
        options: options.ok()?,
    })
}

/// One browser.
pub(super) struct Session {
    secret: [u8; 32],
    is_new: bool,
}

impl Session {
    /// The browser's own cookie. A link from another site brings none along even where
    /// there is one (`SameSite=Strict`), so its absence never makes a new one here.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|v| v.to_str().ok());
        let known = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| {
                if name == COOKIE {
                    unhex::<32>(value)
                } else {
                    None
                }
            });
        known.map(|secret| Self {
            secret,
            is_new: false,
        })
    }

    /// A new session for a browser that sent a form without a cookie. It follows from
    /// the form's key: the same form sent again is the same browser.
    pub(super) fn of_form(app: &App, key: &IdempotencyKey) -> Self {
        let secret = seal::tagged(
            "linli new session",
            &[&app.service.derived_key("form"), key.as_bytes()],
        );
        Self {
            secret,
            is_new: true,
        }
    }

    /// The header that keeps a new session.
    pub(super) fn cookie(&self, app: &App) -> Option<HeaderValue> {
        let secure = if app.own_origins[0].starts_with("https:") {
            "; Secure"
        } else {
            ""
        };
        let value = hex(&self.secret);
        let line = format!(
            "{COOKIE}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Strict{secure}"
        );
        self.is_new
            .then(|| HeaderValue::from_str(&line).ok())
            .flatten()
    }

    /// This browser's name in device polls.
    pub(super) fn device(&self, app: &App) -> DeviceId {
        DeviceId::from_bytes(half(self.derive(app, "form device", b"", b"")))
    }

    /// The secret that addresses a household's ballot cast with this browser.
    pub(super) fn ballot_secret(&self, app: &App, topic: &Topic, proof: &Proof) -> BallotSecret {
        let who = match proof {
            Proof::Device { device } => device.as_bytes().to_vec(),
            Proof::HouseholdCode { code } => crate::identity::codes::Code::read(code)
                .map_or_else(Vec::new, |code| code.written().into_bytes()),
            Proof::OneTimePassword { contact, .. } => {
                Contact::read(contact).map_or_else(Vec::new, |contact| contact.value.into_bytes())
            }
            // The form has no place for one.
            Proof::HostToken { .. } => Vec::new(),
        };
        let poll = format!("{}/{}", topic.community.id, topic.poll.id);
        BallotSecret::from_bytes(half(self.derive(
            app,
            "form ballot secret",
            poll.as_bytes(),
            &who,
        )))
    }

    /// The grant that this browser gets for what is good for one use, a one-time password
    /// or a challenge: the same, should the form come again.
    pub(super) fn grant(
        &self,
        app: &App,
        topic: &Topic,
        proof: &Proof,
        work: &str,
    ) -> Option<GrantToken> {
        let poll = format!("{}/{}", topic.community.id, topic.poll.id);
        let shown = match proof {
            Proof::OneTimePassword { contact, code } => {
                let code = crate::identity::otp::read(code)?;
                format!("{code}/{}", Contact::read(contact)?.value)
            }
            Proof::Device { device } if !work.is_empty() => format!("{work}/{device}"),
            _ => return None,
        };
        let token = self.derive(app, "form grant", poll.as_bytes(), shown.as_bytes());
        GrantToken::parse(&hex(&token)).ok()
    }

    fn derive(&self, app: &App, purpose: &str, what: &[u8], who: &[u8]) -> [u8; 32] {
        seal::tagged(
            "linli session",
            &[&app.service.derived_key(purpose), &self.secret, what, who],
        )
    }
}

fn half(bytes: [u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}
