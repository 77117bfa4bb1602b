//! The moment before a device's vote, where the poll asks for work: the page computes
//! where scripts run, and whoever has none waits and presses a button. The choice is kept
//! meanwhile; nothing has to be read off, heard or typed.

use super::form::Filled;
use super::people::Reader;
use super::view::Card;
use super::wait::{Wait, seconds};
use super::{Visit, answer};
use crate::identity::work;
use crate::routes;
use crate::service::{Caller, IdentifyFailure};
use crate::store::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use linli_model::Refusal;
use linli_model::work::WorkRefusal;
use linli_rules::work::asked;
use linli_texts::{RefusalText, page as p};

impl Filled {
    /// What is shown for a challenge, as in the API's header.
    pub(super) fn shown_work(&self) -> Option<String> {
        match (self.work.as_str(), self.counter.as_str()) {
            ("", _) => None,
            (challenge, "") => Some(challenge.to_owned()),
            (challenge, counter) => Some(format!("{challenge};{counter}")),
        }
    }
}

impl Visit<'_> {
    /// The work that this poll asks of devices.
    pub(super) fn work_bits(&self) -> Option<u32> {
        asked(&self.view.topic.poll)
    }

    /// Whether the page of the wait answers this.
    pub(super) fn is_wait(&self, failure: &IdentifyFailure) -> bool {
        match failure {
            IdentifyFailure::Work(_) => true,
            IdentifyFailure::Other(Failure::Refused(Refusal::TooManyAttempts { .. })) => {
                self.work_bits().is_some()
            }
            IdentifyFailure::Other(_) => false,
        }
    }

    /// The page of the wait: with the challenge that was shown as long as that is good,
    /// otherwise with a new one.
    pub(super) async fn wait(
        &self,
        filled: &Filled,
        failure: IdentifyFailure,
        caller: Caller,
    ) -> Result<Response, Failure> {
        let (reader, topic) = (self.reader, &self.view.topic.id);
        let mut draft = self.again(filled);
        let (status, left_ms, notice) = match failure {
            IdentifyFailure::Work(WorkRefusal::WorkEarly { left_ms }) => (
                StatusCode::CONFLICT,
                Some(left_ms),
                Some(reader.work_early(left_ms)),
            ),
            IdentifyFailure::Other(Failure::Refused(Refusal::TooManyAttempts {
                retry_after_ms,
            })) => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let notice = reader.work_crowd(retry_after_ms);
                (status, Some(retry_after_ms), Some(notice))
            }
            // Not a failure: it is how a vote begins here.
            IdentifyFailure::Work(WorkRefusal::WorkMissing) => (StatusCode::OK, None, None),
            IdentifyFailure::Work(refusal) => (
                routes::work::status(refusal),
                None,
                Some(reader.work_again()),
            ),
            IdentifyFailure::Other(failure) => return Err(failure),
        };
        let is_crowd = status == StatusCode::TOO_MANY_REQUESTS;
        let bits = match left_ms {
            Some(_) => self.bits_of(&draft.work),
            None => None,
        };
        let (bits, left_ms) = match (bits, left_ms) {
            (Some(bits), Some(left_ms)) => (bits, left_ms),
            _ => {
                let challenge = self.app.service.challenge(topic, caller).await?;
                draft.work = challenge.challenge;
                (challenge.bits, challenge.wait_ms)
            }
        };
        let card = Card::Wait(Wait {
            draft,
            choice: filled.choice.clone(),
            bits,
            left_ms,
            notice,
            is_solvable: !is_crowd,
        });
        let mut response = self.page(status, &card);
        if status != StatusCode::OK {
            let seconds = HeaderValue::from(answer::retry_after_seconds(left_ms));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        Ok(response)
    }

    fn bits_of(&self, challenge: &str) -> Option<u32> {
        let key = self.app.service.derived_key("work");
        let read = work::read(&key, &self.view.topic, challenge).ok()?;
        Some(read.terms.bits)
    }
}

impl Reader {
    fn work_early(&self, left_ms: i64) -> RefusalText {
        RefusalText {
            title: self.texts.count(p::WORK_EARLY, seconds(left_ms), &[]),
            next: self.text(p::WORK_EARLY_NEXT).to_owned(),
        }
    }

    fn work_crowd(&self, left_ms: i64) -> RefusalText {
        RefusalText {
            title: self.text(p::WORK_CROWD).to_owned(),
            next: self.texts.count(p::WORK_CROWD_NEXT, seconds(left_ms), &[]),
        }
    }

    fn work_again(&self) -> RefusalText {
        RefusalText {
            title: self.text(p::WORK_AGAIN).to_owned(),
            next: self.text(p::WORK_AGAIN_NEXT).to_owned(),
        }
    }
}
