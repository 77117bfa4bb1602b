//! Messages to people: text messages and e-mail. What is sent is decided by others;
//! this sends it.
//!
//! A [`Sender`] may block, and is called off the async threads. Each kind of contact has
//! at most one; where there is none, that kind cannot be used.

mod mail;
mod sms;

pub use mail::MailSender;
pub use sms::SmsSender;

use crate::config::Config;
use crate::identity::contact::{Contact, ContactKind};
use std::sync::Arc;

/// A message to one person.
#[derive(Clone)]
pub struct Message {
    /// To whom.
    pub to: Contact,
    /// The one-time password in it.
    pub code: String,
    /// One line; text messages have none.
    pub subject: String,
    /// The whole text. Text messages may be written by the provider's own template.
    pub text: String,
}

/// Why a message was not sent. Never holds the contact, the text or a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// It may go through when tried again.
    #[error("for now: {0}")]
    Passing(String),
    /// It will not.
    #[error("for good: {0}")]
    Lasting(String),
}

/// Sends messages of one kind.
pub trait Sender: Send + Sync {
    /// Sends one message; blocks until the next station has taken it over.
    fn send(&self, message: &Message) -> Result<(), SendFailure>;
}

/// The senders of a server.
#[derive(Clone, Default)]
pub struct Senders {
    phone: Option<Arc<dyn Sender>>,
    mail: Option<Arc<dyn Sender>>,
}

impl Senders {
    /// Those that are configured.
    pub fn of(config: &Config) -> Result<Self, String> {
        let mut senders = Self::default();
        if let Some(url) = &config.mail_url {
            let from = config.mail_from.as_deref();
            let from = from.ok_or("mail_url is set, and mail_from is not")?;
            senders.set(
                ContactKind::Mail,
                Arc::new(MailSender::new(url.secret(), from)?),
            );
        }
        if let Some(url) = &config.sms_url {
            let headers = config.sms_headers.iter().map(|header| header.secret());
            let sender = SmsSender::new(
                url.secret(),
                headers,
                config.sms_body.as_ref().map_or("", |body| body.secret()),
                config.sms_expect.as_deref(),
            )?;
            senders.set(ContactKind::Phone, Arc::new(sender));
        }
        Ok(senders)
    }

    /// Uses `sender` for contacts of `kind`.
    pub fn set(&mut self, kind: ContactKind, sender: Arc<dyn Sender>) {
        match kind {
            ContactKind::Phone => self.phone = Some(sender),
            ContactKind::Mail => self.mail = Some(sender),
        }
    }

    /// The sender for contacts of `kind`.
    pub fn of_kind(&self, kind: ContactKind) -> Option<&Arc<dyn Sender>> {
        match kind {
            ContactKind::Phone => self.phone.as_ref(),
            ContactKind::Mail => self.mail.as_ref(),
        }
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.phone.is_none() && self.mail.is_none()
    }
}
