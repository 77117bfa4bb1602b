//! Who may vote: the proof a person gives, and the grant that it yields.

use crate::UtcMs;
use crate::id::{DeviceId, GrantToken, PollId};
use crate::receipt::CastReply;
use serde::{Deserialize, Serialize};

/// What a person shows to be identified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Proof {
    /// The device's own random name.
    Device {
        /// Made once on the device.
        device: DeviceId,
    },
    /// A household voting code as typed or scanned: letters of either case, with or
    /// without separators.
    HouseholdCode {
        /// ≤ [`crate::limits::VOTING_CODE_CHARS_MAX`] characters.
        code: String,
    },
    /// A password for one use, of those that `POST …/otp` sends. Accepted on our own
    /// pages only.
    OneTimePassword {
        /// The phone number or e-mail address that it was sent to.
        contact: String,
        /// Its 6 digits.
        code: String,
    },
    /// A website's signed word about who has signed in there:
    /// `v1.<payload>.<signature>`.
    HostToken {
        /// ≤ [`crate::limits::HOST_TOKEN_BYTES_MAX`] bytes.
        token: String,
    },
}

/// Body of `POST /api/v1/topics/{topic}/grants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentifyRequest {
    /// What the person shows.
    pub proof: Proof,
}

/// Body of `POST /api/v1/topics/{topic}/otp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OtpRequest {
    /// A phone number or an e-mail address, ≤ [`crate::limits::CONTACT_CHARS_MAX`]
    /// characters.
    pub contact: String,
}

/// A cast grant: permits one voter to act in one poll until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Grant {
    /// Sent as `Authorization: Bearer …`.
    pub token: GrantToken,
    /// The only poll that it is good for.
    pub poll: PollId,
    /// How the voter is called on their own screen: `8 栋 2 单元 301`. Empty for a
    /// device.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub voter: String,
    /// When it stops being good; at most the poll's closing.
    pub expires_at_ms: UtcMs,
    /// Where this voter stands in the poll.
    pub standing: Standing,
}

/// Where a voter stands in a poll. Answer of `GET /api/v1/topics/{topic}/standing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Standing {
    /// Whether a ballot of theirs has been counted.
    pub voted: bool,
    /// The ballot and its receipt, where the backend can tell: always in recorded
    /// polls, in secret ones only to the client that shows the ballot's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<CastReply>,
}

crate::from_tree!(Grant { token, poll, expires_at_ms, standing } or default { voter });
crate::from_tree!(Standing { voted } or default { reply });
