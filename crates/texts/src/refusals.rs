//! What a person reads when a command is refused: what happened, and what to do next.

use crate::{Catalog, Key, refusal as k};
use linli_model::{ChoiceFault, Refusal};

/// A refusal in a person's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalText {
    /// What happened.
    pub title: String,
    /// What the person can do next.
    pub next: String,
}

/// Both sentences. `time` writes an instant in the community's time zone.
pub fn explain(
    catalog: &Catalog,
    refusal: &Refusal,
    time: &dyn Fn(linli_model::UtcMs) -> String,
) -> RefusalText {
    let plain = |title: Key, next: Key| {
        (
            catalog.text(title).to_owned(),
            catalog.text(next).to_owned(),
        )
    };
    let (title, next) = match refusal {
        Refusal::TopicUnknown => plain(k::TOPIC_UNKNOWN, k::TOPIC_UNKNOWN_NEXT),
        Refusal::NotYetOpen { opens_at_ms } => (
            catalog.text(k::NOT_YET_OPEN).to_owned(),
            catalog.fill(k::NOT_YET_OPEN_NEXT, &[("time", &time(*opens_at_ms))]),
        ),
        Refusal::Closed { closed_at_ms } => (
            catalog.fill(k::CLOSED, &[("time", &time(*closed_at_ms))]),
            catalog.text(k::CLOSED_NEXT).to_owned(),
        ),
        Refusal::AlreadyVoted => plain(k::ALREADY_VOTED, k::ALREADY_VOTED_NEXT),
        Refusal::BallotSecretLost | Refusal::BallotSecretTaken => {
            plain(k::BALLOT_SECRET_LOST, k::BALLOT_SECRET_LOST_NEXT)
        }
        Refusal::ChoiceInvalid { fault } => (
            catalog.text(k::CHOICE_INVALID).to_owned(),
            choice_fault(catalog, fault),
        ),
        Refusal::CodeUnknown { attempts_left } => (
            catalog.text(k::CODE_UNKNOWN).to_owned(),
            catalog.count(k::CODE_UNKNOWN_NEXT, u64::from(*attempts_left), &[]),
        ),
        Refusal::CodeAmbiguous => plain(k::CODE_AMBIGUOUS, k::CODE_AMBIGUOUS_NEXT),
        Refusal::TooManyAttempts { retry_after_ms } => (
            catalog.text(k::TOO_MANY_ATTEMPTS).to_owned(),
            wait(catalog, *retry_after_ms),
        ),
        Refusal::CredentialTooWeak { .. } => {
            plain(k::CREDENTIAL_TOO_WEAK, k::CREDENTIAL_TOO_WEAK_NEXT)
        }
        Refusal::TokenInvalid => plain(k::TOKEN_INVALID, k::TOKEN_INVALID_NEXT),
        Refusal::GrantExpired | Refusal::GrantInvalid => {
            plain(k::GRANT_EXPIRED, k::GRANT_EXPIRED_NEXT)
        }
        Refusal::FormalElsewhere => plain(k::FORMAL_ELSEWHERE, k::FORMAL_ELSEWHERE_NEXT),
        Refusal::Unsupported => plain(k::UNSUPPORTED, k::UNSUPPORTED_NEXT),
        Refusal::OriginNotAllowed => plain(k::ORIGIN_NOT_ALLOWED, k::ORIGIN_NOT_ALLOWED_NEXT),
        Refusal::Busy { retry_after_ms } => (
            catalog.text(k::BUSY).to_owned(),
            wait(catalog, *retry_after_ms),
        ),
        // The person can do nothing about these: a program made the request.
        Refusal::BallotSecretMissing
        | Refusal::BallotSecretUnexpected
        | Refusal::KeyReused
        // Of the hosted page alone, which has its own words for it.
        | Refusal::OnBehalfSecret
        | Refusal::KeyInvalid
        | Refusal::Malformed
        | Refusal::TooLarge { .. }
        | Refusal::MediaTypeUnsupported
        | Refusal::NotFound
        | Refusal::MethodNotAllowed
        | Refusal::Other => (
            catalog.text(k::OTHER).to_owned(),
            catalog.fill(k::OTHER_NEXT, &[("code", refusal.code())]),
        ),
    };
    RefusalText { title, next }
}

fn choice_fault(catalog: &Catalog, fault: &ChoiceFault) -> String {
    match fault {
        ChoiceFault::TooFew { min, .. } => catalog.count(k::CHOICE_TOO_FEW, u64::from(*min), &[]),
        ChoiceFault::TooMany { max, .. } => catalog.count(k::CHOICE_TOO_MANY, u64::from(*max), &[]),
        ChoiceFault::WrongKind
        | ChoiceFault::UnknownOption { .. }
        | ChoiceFault::Repeated { .. }
        | ChoiceFault::Other => catalog.text(k::CHOICE_CHANGED).to_owned(),
    }
}

fn wait(catalog: &Catalog, ms: i64) -> String {
    let seconds = u64::try_from(ms).unwrap_or(0).div_ceil(1_000).max(1);
    if seconds < 90 {
        catalog.count(k::WAIT_SECONDS, seconds, &[])
    } else {
        catalog.count(k::WAIT_MINUTES, seconds.div_ceil(60), &[])
    }
}
