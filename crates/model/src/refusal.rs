//! Refusals: a command that was understood and not done, with the reason.
//!
//! A refusal has no effect. Its `code` is stable; its other fields hold what its
//! message needs. Messages are written by `linli-texts`, never here.

use crate::UtcMs;
use crate::credential::Credential;
use crate::id::OptionId;
use crate::wire::tagged;
use serde::{Deserialize, Serialize};

/// Why a command was not done. On the wire: `{"code": "closed", "closed_at_ms": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// No topic has this name here.
    TopicUnknown,
    /// The poll has not opened.
    NotYetOpen {
        /// When it will.
        opens_at_ms: UtcMs,
    },
    /// The poll has closed.
    Closed {
        /// When it did.
        closed_at_ms: UtcMs,
    },
    /// A ballot of this voter is recorded and this poll allows no change.
    AlreadyVoted,
    /// A ballot of this voter is in the secret box and the secret shown does not
    /// address it: it can be neither seen nor changed.
    BallotSecretLost,
    /// The secret shown addresses a ballot of another voter.
    BallotSecretTaken,
    /// A secret poll needs the client's secret.
    BallotSecretMissing,
    /// A recorded poll takes no secret.
    BallotSecretUnexpected,
    /// The choice does not fit the poll.
    ChoiceInvalid {
        /// In which way.
        fault: ChoiceFault,
    },
    /// No household has this voting code.
    CodeUnknown {
        /// How many tries are left before a pause.
        attempts_left: u32,
    },
    /// The household's code stands for several people who may vote here.
    CodeAmbiguous,
    /// Too many tries or requests.
    TooManyAttempts {
        /// How long to wait.
        retry_after_ms: i64,
    },
    /// The poll asks for a stronger credential.
    CredentialTooWeak {
        /// The least that it accepts.
        needs: Credential,
    },
    /// The website's token does not tell a voter of this poll: forged, late, spent, for
    /// another poll, or of somebody whom the community has not linked to the roll.
    TokenInvalid,
    /// In a secret poll nobody votes for somebody else: who filled in would know the
    /// choice, and the record of consent would name a voter beside a ballot.
    OnBehalfSecret,
    /// The grant has expired; identify again.
    GrantExpired,
    /// The grant is absent, unknown, or for another poll.
    GrantInvalid,
    /// The idempotency key was used for another command.
    KeyReused,
    /// The idempotency key is absent or not 32 lowercase hexadecimal digits.
    KeyInvalid,
    /// The poll is formal: it takes place on its own page, not inside this one.
    FormalElsewhere,
    /// This backend cannot do what was asked (for example: answer who has voted).
    Unsupported,
    /// The request is not of the documented form.
    Malformed,
    /// The request's body is too large.
    TooLarge {
        /// Most bytes accepted.
        limit_bytes: u64,
    },
    /// The request's body is not JSON by its `Content-Type`.
    MediaTypeUnsupported,
    /// The page's origin is not one of the community's.
    OriginNotAllowed,
    /// There is nothing at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The backend has too much to do; nothing was done.
    Busy {
        /// How long to wait.
        retry_after_ms: i64,
    },
    /// A reason that this version does not know.
    Other,
}

#[derive(Deserialize)]
struct RefusalFields {
    code: String,
    opens_at_ms: Option<UtcMs>,
    closed_at_ms: Option<UtcMs>,
    fault: Option<ChoiceFault>,
    attempts_left: Option<u32>,
    retry_after_ms: Option<i64>,
    needs: Option<String>,
    limit_bytes: Option<u64>,
}

tagged!(Refusal from RefusalFields { code } or default { opens_at_ms, closed_at_ms, fault, attempts_left, retry_after_ms, needs, limit_bytes } else Self::Other);

impl Refusal {
    fn from_fields(fields: RefusalFields) -> Option<Self> {
        let retry_after_ms = fields.retry_after_ms;
        Some(match fields.code.as_str() {
            "topic_unknown" => Self::TopicUnknown,
            "not_yet_open" => Self::NotYetOpen {
                opens_at_ms: fields.opens_at_ms?,
            },
            "closed" => Self::Closed {
                closed_at_ms: fields.closed_at_ms?,
            },
            "already_voted" => Self::AlreadyVoted,
            "ballot_secret_lost" => Self::BallotSecretLost,
            "ballot_secret_taken" => Self::BallotSecretTaken,
            "ballot_secret_missing" => Self::BallotSecretMissing,
            "ballot_secret_unexpected" => Self::BallotSecretUnexpected,
            "choice_invalid" => Self::ChoiceInvalid {
                fault: fields.fault?,
            },
            "code_unknown" => Self::CodeUnknown {
                attempts_left: fields.attempts_left?,
            },
            "code_ambiguous" => Self::CodeAmbiguous,
            "too_many_attempts" => Self::TooManyAttempts {
                retry_after_ms: retry_after_ms?,
            },
            "credential_too_weak" => match Credential::parse(&fields.needs?) {
                Some(needs) => Self::CredentialTooWeak { needs },
                None => Self::Other,
            },
            "token_invalid" => Self::TokenInvalid,
            "on_behalf_secret" => Self::OnBehalfSecret,
            "grant_expired" => Self::GrantExpired,
            "grant_invalid" => Self::GrantInvalid,
            "key_reused" => Self::KeyReused,
            "key_invalid" => Self::KeyInvalid,
            "formal_elsewhere" => Self::FormalElsewhere,
            "unsupported" => Self::Unsupported,
            "malformed" => Self::Malformed,
            "too_large" => Self::TooLarge {
                limit_bytes: fields.limit_bytes?,
            },
            "media_type_unsupported" => Self::MediaTypeUnsupported,
            "origin_not_allowed" => Self::OriginNotAllowed,
            "not_found" => Self::NotFound,
            "method_not_allowed" => Self::MethodNotAllowed,
            "busy" => Self::Busy {
                retry_after_ms: retry_after_ms?,
            },
            _ => Self::Other,
        })
    }
}

impl Refusal {
    /// The stable code, as on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TopicUnknown => "topic_unknown",
            Self::NotYetOpen { .. } => "not_yet_open",
            Self::Closed { .. } => "closed",
            Self::AlreadyVoted => "already_voted",
            Self::BallotSecretLost => "ballot_secret_lost",
            Self::BallotSecretTaken => "ballot_secret_taken",
            Self::BallotSecretMissing => "ballot_secret_missing",
            Self::BallotSecretUnexpected => "ballot_secret_unexpected",
            Self::ChoiceInvalid { .. } => "choice_invalid",
            Self::CodeUnknown { .. } => "code_unknown",
            Self::CodeAmbiguous => "code_ambiguous",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::CredentialTooWeak { .. } => "credential_too_weak",
            Self::TokenInvalid => "token_invalid",
            Self::OnBehalfSecret => "on_behalf_secret",
            Self::GrantExpired => "grant_expired",
            Self::GrantInvalid => "grant_invalid",
            Self::KeyReused => "key_reused",
            Self::KeyInvalid => "key_invalid",
            Self::FormalElsewhere => "formal_elsewhere",
            Self::Unsupported => "unsupported",
            Self::Malformed => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::MediaTypeUnsupported => "media_type_unsupported",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Busy { .. } => "busy",
            Self::Other => "other",
        }
    }
}

/// How a choice fails to fit its poll.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChoiceFault {
    /// A motion was answered with options, or the other way round.
    WrongKind,
    /// An option that the poll does not have.
    UnknownOption {
        /// That option.
        option: OptionId,
    },
    /// The same option more than once.
    Repeated {
        /// That option.
        option: OptionId,
    },
    /// Fewer than the poll asks for.
    TooFew {
        /// Fewest accepted.
        min: u32,
        /// How many were chosen.
        chosen: u32,
    },
    /// More than the poll allows.
    TooMany {
        /// Most accepted.
        max: u32,
        /// How many were chosen.
        chosen: u32,
    },
    /// A fault that this version does not know.
    Other,
}

#[derive(Deserialize)]
struct ChoiceFaultFields {
    #[serde(rename = "type")]
    kind_word: String,
    option: Option<OptionId>,
    min: Option<u32>,
    max: Option<u32>,
    chosen: Option<u32>,
}

tagged!(ChoiceFault from ChoiceFaultFields { kind_word } or default { option, min, max, chosen } else Self::Other);

impl ChoiceFault {
    fn from_fields(fields: ChoiceFaultFields) -> Option<Self> {
        let (option, chosen) = (fields.option, fields.chosen);
        Some(match fields.kind_word.as_str() {
            "wrong_kind" => Self::WrongKind,
            "unknown_option" => Self::UnknownOption { option: option? },
            "repeated" => Self::Repeated { option: option? },
            "too_few" => Self::TooFew {
                min: fields.min?,
                chosen: chosen?,
            },
            "too_many" => Self::TooMany {
                max: fields.max?,
                chosen: chosen?,
            },
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_wire_code() {
        let samples = [
            Refusal::TopicUnknown,
            Refusal::NotYetOpen { opens_at_ms: 1 },
            Refusal::Closed { closed_at_ms: 1 },
            Refusal::ChoiceInvalid {
                fault: ChoiceFault::WrongKind,
            },
            Refusal::TooLarge { limit_bytes: 9 },
            Refusal::CredentialTooWeak {
                needs: Credential::HouseholdCode,
            },
        ];
        for refusal in samples {
            let wire = serde_json::to_value(&refusal).unwrap();
            assert_eq!(wire["code"], refusal.code());
        }
    }

    #[test]
    fn an_unknown_refusal_is_tolerated() {
        let read: Refusal = serde_json::from_str(r#"{"code":"moon_phase","x":1}"#).unwrap();
        assert_eq!(read, Refusal::Other);
    }
}
