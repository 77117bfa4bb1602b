//! Sending one-time passwords.
//!
//! Whoever asks gets the same answer, as fast, whether or not the contact is on the
//! roll: looking it up, keeping the password and sending it are done after the answer.

use super::{Caller, Page, Service, require_own_page};
use crate::identity::attempts::{PER_CLIENT, PER_CONTACT};
use crate::identity::contact::{self, Contact};
use crate::identity::{client, otp};
use crate::notify::{Message, SendFailure, Sender};
use crate::store::{Charge, Failure, MyPassword, PutPassword, Store, StoredTopic, Subject};
use linli_model::{CommunityRef, Credential, Electorate, Refusal, TopicId};
use linli_rules::phase;
use linli_texts::{Catalog, negotiate, page as p};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Passwords that may be waiting to be sent; more are refused as busy.
const WAITING_MAX: usize = 512;
/// Messages sent at once.
const AT_ONCE: usize = 8;
const BUSY_RETRY_MS: i64 = 2_000;
/// How often a message is tried that may yet go through.
const ATTEMPTS_MAX: u32 = 3;
/// Longest wait for what is under way when the server stops.
const FINISH_MAX: Duration = Duration::from_secs(15);
/// The pause after the first try; each further one doubles it.
const PAUSE: Duration = Duration::from_secs(1);

/// What is waiting to be sent, and under way.
pub(super) struct Outgoing {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Outgoing {
    /// Takes no more, and resolves when what was taken is sent, or was given long enough.
    pub(super) async fn finish(&self) {
        let all = u32::try_from(WAITING_MAX).unwrap_or(u32::MAX);
        let waited = tokio::time::timeout(FINISH_MAX, self.places.acquire_many(all)).await;
        if waited.is_err() {
            tracing::warn!("some one-time passwords were not sent before the end");
        }
        drop(waited);
        self.places.close();
    }
}

impl Service {
    /// Sends a password for this topic's poll to `contact`, if it is on the roll. `lang`
    /// is the tag of the language that the person reads.
    pub async fn send_password(
        &self,
        topic: &TopicId,
        contact: &str,
        lang: &str,
        caller: Caller,
    ) -> Result<(), Failure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        self.require_passwords(&stored, caller)?;
        phase::require_open(&stored.topic.poll, self.clock.now_ms())?;
        let contact = Contact::read(contact).ok_or(Refusal::Malformed)?;
        let index = self.contact_index(&stored, &contact);
        let password = otp::fresh();
        let put = PutPassword {
            topic: topic.clone(),
            contact_index: index,
            password_hash: otp::hash(
                &self.derived_key("one-time password"),
                &stored.topic,
                &contact,
                &password,
            ),
        };
        let what = (&*stored.topic.title, &stored.topic.community);
        let message = written(what, contact, password, lang);
        self.dispatch(Put::ForPoll(put), message, caller).await
    }

    /// Charges for a message, keeps its password and sends it, both behind the answer.
    pub(super) async fn dispatch(
        &self,
        put: Put,
        message: Message,
        caller: Caller,
    ) -> Result<(), Failure> {
        let sender = self.senders.of_kind(message.to.kind);
        let sender = Arc::clone(sender.ok_or(Refusal::Unsupported)?);
        let community = match &put {
            Put::ForPoll(put) => self
                .stored(&put.topic)
                .await?
                .topic
                .community
                .id
                .to_string(),
            Put::ForOneself(put) => put.community.to_string(),
        };
        let charge = Charge {
            community,
            subjects: self.sending_subjects(put.contact_index(), caller),
        };
        self.store.charge(charge).await?;
        let place = Arc::clone(&self.outgoing.places)
            .try_acquire_owned()
            .map_err(|_| Refusal::Busy {
                retry_after_ms: BUSY_RETRY_MS,
            })?;
        let turns = Arc::clone(&self.outgoing.turns);
        let store = Arc::clone(&self.store);
        tokio::spawn(async move {
            // Closed only with the server.
            if let Ok(turn) = turns.acquire_owned().await {
                send(&*store, put, sender, message).await;
                drop(turn);
            }
            drop(place);
        });
        Ok(())
    }

    /// Whether passwords can identify anybody in this poll, from this page. People give
    /// their number to our own pages only.
    pub(super) fn require_passwords(
        &self,
        stored: &StoredTopic,
        caller: Caller,
    ) -> Result<(), Refusal> {
        let poll = &stored.topic.poll;
        if poll.electorate == Electorate::Devices || caller.page == Page::Host {
            return Err(Refusal::Unsupported);
        }
        if poll.credential > Credential::Otp {
            return Err(Refusal::CredentialTooWeak {
                needs: poll.credential,
            });
        }
        Ok(())
    }

    /// Whether this server can send passwords at all.
    pub fn sends_passwords(&self) -> bool {
        !self.senders.is_empty()
    }

    /// Under what a contact is found.
    pub(super) fn contact_index(&self, stored: &StoredTopic, contact: &Contact) -> [u8; 32] {
        let community = stored.topic.community.id.as_str();
        contact::index(&self.identity_keys().contact, community, contact)
    }

    /// What sending is counted by.
    pub(super) fn sending_subjects(
        &self,
        index: &[u8; 32],
        caller: Caller,
    ) -> Vec<(Subject, crate::identity::attempts::Limit)> {
        let contact = (self.subject("send to contact", index), PER_CONTACT);
        let client = caller.client.map(|ip| {
            let subscriber = client::subscriber(ip);
            (self.subject("send for client", &subscriber), PER_CLIENT)
        });
        std::iter::once(contact).chain(client).collect()
    }
}

/// A password to keep before it is sent.
pub(super) enum Put {
    /// For a poll.
    ForPoll(PutPassword),
    /// For one's own data.
    ForOneself(MyPassword),
}

impl Put {
    fn contact_index(&self) -> &[u8; 32] {
        match self {
            Self::ForPoll(put) => &put.contact_index,
            Self::ForOneself(put) => &put.contact_index,
        }
    }
}

/// What is sent, for what in which community.
pub(super) fn written(
    (title, community): (&str, &CommunityRef),
    to: Contact,
    code: String,
    lang: &str,
) -> Message {
    let tag = negotiate([lang]);
    let texts = Catalog::embedded(tag).unwrap_or_else(|| Catalog::new(tag));
    let minutes = (otp::VALID_MS / 60_000).to_string();
    let values = [
        ("code", code.as_str()),
        ("minutes", &minutes),
        ("title", title),
        ("community", &community.name),
    ];
    Message {
        subject: one_line(&texts.fill(p::OTP_MAIL_SUBJECT, &values)),
        text: texts.fill(p::OTP_MAIL_TEXT, &values),
        to,
        code,
    }
}

/// A title is staff's text; in the head of a mail it must not begin another line.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

async fn send(store: &dyn Store, put: Put, sender: Arc<dyn Sender>, message: Message) {
    let kept = match put {
        Put::ForPoll(put) => store.put_password(put).await,
        Put::ForOneself(put) => store.put_my_password(put).await,
    };
    match kept {
        Ok(true) => {}
        // Not on the roll. The person is told the same as everybody.
        Ok(false) => return,
        Err(Failure::Refused(refusal)) => {
            tracing::warn!(code = refusal.code(), "a one-time password was not kept");
            return;
        }
        Err(Failure::Fault(detail)) => {
            tracing::error!(detail, "a one-time password was not kept");
            return;
        }
    }
    let mut pause = PAUSE;
    for attempt in 1..=ATTEMPTS_MAX {
        let (sender, message) = (Arc::clone(&sender), message.clone());
        let sent = tokio::task::spawn_blocking(move || sender.send(&message)).await;
        match sent {
            Ok(Ok(())) => return,
            Ok(Err(failure @ SendFailure::Lasting(_))) => {
                tracing::error!(%failure, "a one-time password was not sent");
                return;
            }
            Ok(Err(failure @ SendFailure::Passing(_))) => {
                let last = attempt == ATTEMPTS_MAX;
                tracing::warn!(%failure, last, "a one-time password was not sent");
            }
            Err(_) => {
                tracing::error!("a sender panicked");
                return;
            }
        }
        if attempt < ATTEMPTS_MAX {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}
