//! Work before a device's grant: challenges, and what is shown for them.

use super::{Caller, Service, require_own_page};
use crate::identity::{client, work};
use crate::store::{Bearer, Failure, SpentWait, SpentWork, StoredTopic};
use linli_model::work::{Challenge, WorkRefusal};
use linli_model::{Refusal, TopicId};
use linli_rules::phase;
use linli_rules::work as rule;

/// Why nobody was let in.
#[derive(Debug)]
pub enum IdentifyFailure {
    /// The poll asks for work, and what was shown is not it.
    Work(WorkRefusal),
    /// Anything else.
    Other(Failure),
}

impl From<Failure> for IdentifyFailure {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<Refusal> for IdentifyFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.into())
    }
}

impl From<WorkRefusal> for IdentifyFailure {
    fn from(refusal: WorkRefusal) -> Self {
        Self::Work(refusal)
    }
}

impl From<IdentifyFailure> for Failure {
    /// To callers that know nothing of work it is a reason that they do not know.
    fn from(failure: IdentifyFailure) -> Self {
        match failure {
            IdentifyFailure::Work(_) => Refusal::Other.into(),
            IdentifyFailure::Other(failure) => failure,
        }
    }
}

impl Service {
    /// Gives every challenge this wait instead of the one that goes with its bits.
    pub fn with_work_wait(mut self, wait_ms: Option<u32>) -> Self {
        self.work_wait_ms = wait_ms;
        self
    }

    /// A challenge for one grant of the topic's poll. Nothing is kept of it.
    pub async fn challenge(&self, topic: &TopicId, caller: Caller) -> Result<Challenge, Failure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        let (poll, now_ms) = (&stored.topic.poll, self.clock.now_ms());
        phase::require_open(poll, now_ms)?;
        let bits = rule::asked(poll).ok_or(Refusal::Unsupported)?;
        let key = self.derived_key("work");
        let wait_ms = self.work_wait_ms;
        Ok(work::challenge(&key, &stored.topic, bits, now_ms, wait_ms))
    }

    /// The device as a bearer, if it has done what the poll asks for. Whether the challenge
    /// was used before, the transaction finds out.
    pub(super) fn device_bearer(
        &self,
        stored: &StoredTopic,
        device: [u8; 32],
        shown: Option<&str>,
        caller: Caller,
    ) -> Result<Bearer, WorkRefusal> {
        if rule::asked(&stored.topic.poll).is_none() {
            return Ok(Bearer::Device(device));
        }
        let shown = shown.ok_or(WorkRefusal::WorkMissing)?;
        let answer = work::read(&self.derived_key("work"), &stored.topic, shown)?;
        rule::decide(answer.terms, answer.shown, self.clock.now_ms())?;
        let waiter = caller.client.map(|ip| {
            let poll = stored.topic.poll.id.as_str().as_bytes();
            self.subject("waiter", &[poll, b"\n", &client::subscriber(ip)].concat())
        });
        let wait = waiter
            .filter(|_| answer.shown == rule::Shown::Waited)
            .map(|waiter| SpentWait {
                waiter,
                wait_ms: answer.terms.wait_ms,
            });
        Ok(Bearer::WorkedDevice {
            device,
            work: SpentWork {
                nonce_hash: answer.nonce_hash,
                expires_at_ms: answer.terms.expires_at_ms,
                wait,
            },
        })
    }
}

/// A spent token of a device can only be its challenge.
pub(super) fn spent(failure: Failure) -> IdentifyFailure {
    match failure {
        Failure::Refused(Refusal::TokenInvalid) => WorkRefusal::WorkSpent.into(),
        other => other.into(),
    }
}
