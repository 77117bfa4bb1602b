//! E-mail over SMTP.

use super::{Message, SendFailure, Sender};
use crate::seal;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::Error;
use lettre::{SmtpTransport, Transport};
use std::time::Duration;

/// Longest wait for the mail server at each step.
const STEP_MAX: Duration = Duration::from_secs(20);

/// Hands messages to a mail server.
pub struct MailSender {
    server: SmtpTransport,
    from: Mailbox,
}

impl MailSender {
    /// `url` is `smtps://user:password@host` (TLS from the start),
    /// `smtp://…?tls=required` (STARTTLS), or `smtp://host` for a relay on the same
    /// machine. `from` is an address, also as `邻里 <vote@example.cn>`.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        // Never the address itself: it may hold a password.
        let server = SmtpTransport::from_url(url)
            .map_err(|_| "mail_url is not an address like smtps://user:password@host")?
            .timeout(Some(STEP_MAX))
            .build();
        let from = from.parse();
        let from = from.map_err(|error| format!("mail_from is not an address: {error}"))?;
        Ok(Self { server, from })
    }

    fn fresh_id(&self) -> String {
        let name = seal::hex(&seal::chance::<16>());
        format!("<{name}@{}>", self.from.email.domain())
    }
}

impl Sender for MailSender {
    fn send(&self, message: &Message) -> Result<(), SendFailure> {
        let lasting = |what: &str| SendFailure::Lasting(what.to_owned());
        let to = message.to.value.parse();
        let to = to.map_err(|_| lasting("the address cannot be written to"))?;
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(self.fresh_id()))
            .subject(&message.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|_| lasting("the message could not be written"))?;
        self.server
            .send(&mail)
            .map(drop)
            .map_err(|error| told(&error))
    }
}

/// The reply's code, without its text: servers repeat addresses in it.
fn told(error: &Error) -> SendFailure {
    let what = match error.status() {
        Some(code) => format!("the mail server said {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "TLS with the mail server failed".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    };
    match error.is_permanent() {
        true => SendFailure::Lasting(what),
        false => SendFailure::Passing(what),
    }
}
