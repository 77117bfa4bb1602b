//! Receipts: the backend's signed promise that a ballot was recorded.
//!
//! The signature is Ed25519 over the RFC 8785 (JCS) form of the receipt without its
//! `signature` field. A receipt does not reveal the choice: it holds a commitment
//! `SHA-256(nonce ‖ JCS(choice))` that the [`Opening`] opens.

use crate::UtcMs;
use crate::ballot::Choice;
use crate::id::{CommunityId, PollId, TopicId};
use crate::topic::Secrecy;
use serde::{Deserialize, Serialize};

/// A signed promise that one ballot was durably recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// Version of this form: 1.
    pub version: u32,
    /// For reading aloud: the first 60 bits of `commitment` in Crockford's base 32,
    /// as `XXXX-XXXX-XXXX`.
    pub code: String,
    /// The community.
    pub community: CommunityId,
    /// The topic.
    pub topic: TopicId,
    /// The poll.
    pub poll: PollId,
    /// Whether the ballot is stored with its voter.
    pub secrecy: Secrecy,
    /// 1 for a first ballot, one more for every change.
    pub revision: u32,
    /// `SHA-256(nonce ‖ JCS(choice))`, 64 lowercase hexadecimal digits.
    pub commitment: String,
    /// When it was recorded. Absent in secret polls: time would link voter and ballot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cast_at_ms: Option<UtcMs>,
    /// Names the public key, see `GET /api/v1/receipt-keys`.
    pub key_id: String,
    /// 代填: somebody filled it in for the voter, with their recorded consent.
    #[serde(default, skip_serializing_if = "is_not")]
    pub on_behalf: bool,
    /// 128 lowercase hexadecimal digits.
    pub signature: String,
}

// serde asks by reference.
fn is_not(flag: &bool) -> bool {
    !*flag
}

/// What opens a receipt's commitment. Kept by the voter, shown to nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Opening {
    /// The choice that was recorded.
    pub choice: Choice,
    /// 32 random bytes as 64 lowercase hexadecimal digits.
    pub nonce: String,
}

/// Answer to a cast ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CastReply {
    /// The signed promise.
    pub receipt: Receipt,
    /// What opens it.
    pub opening: Opening,
}

/// A public key that receipts are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReceiptKey {
    /// The first 16 hexadecimal digits of SHA-256 of the public key.
    pub key_id: String,
    /// Ed25519 public key, 64 lowercase hexadecimal digits.
    pub public_key: String,
}

/// Answer of `GET /api/v1/receipt-keys`: the key in use first, retired ones after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReceiptKeys {
    /// At least one.
    pub keys: Vec<ReceiptKey>,
}

crate::from_tree!(Receipt {
    version, code, community, topic, poll, secrecy, revision, commitment, key_id, signature,
} or default { cast_at_ms, on_behalf });
crate::from_tree!(Opening { choice, nonce });
crate::from_tree!(CastReply { receipt, opening });
crate::from_tree!(ReceiptKey { key_id, public_key });
crate::from_tree!(ReceiptKeys { keys });
