//! Tokens of host sites: a website's signed word about who has signed in there.
//!
//! `v1.<payload>.<signature>`, both parts base64url without padding. The payload is
//! RFC 8785 JSON; the signature is Ed25519 over the ASCII text `v1.<payload>`, so that
//! what was signed is what is read. No algorithm is named in it: there is nothing to
//! choose.

use crate::seal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use linli_model::{CommunityId, PollId, Topic, TopicId, UtcMs, limits};
use serde::Deserialize;

/// Longest time between issuing and expiry.
const VALID_SECONDS_MAX: i64 = 600;
/// How far the host's clock may be ahead of ours.
const AHEAD_SECONDS_MAX: i64 = 60;
const NAME_CHARS_MAX: usize = 128;
const NONCE_CHARS: std::ops::RangeInclusive<usize> = 16..=64;

/// A token whose signature has not been looked at.
pub struct Unverified<'a> {
    signed: &'a str,
    signature: Signature,
    payload: Payload,
}

/// What a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Of whom.
    pub who: Who,
    /// Good for one use.
    pub nonce: String,
    /// When it ends.
    pub expires_at_ms: UtcMs,
}

/// Whom a token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The host's own name for somebody, the same at every visit.
    Subject(String),
    /// By the label on the roll, with its place where labels repeat, and with the
    /// person's name.
    Voter {
        /// The label on the roll.
        label: String,
        /// The place's identifier.
        place: Option<String>,
        /// The name on the roll. Of people it must be there.
        name: Option<String>,
    },
}

/// Why a token is not believed. For the log: the person is told one thing only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not `v1.<payload>.<signature>` with the documented members.
    #[error("not of the documented form")]
    Form,
    /// The community has no key of this name.
    #[error("the key is not known")]
    Key,
    /// Another key signed it, or it was altered.
    #[error("the signature does not fit")]
    Signature,
    /// Of another community, topic or poll.
    #[error("for another poll")]
    Poll,
    /// Expired, issued in the future, or good for too long.
    #[error("not of this time")]
    Time,
    /// From a page that the key is not for.
    #[error("from a page that the key is not for")]
    Origin,
}

/// What is stored of the link between a host's visitor and a voter.
pub fn link_hash(key: &[u8; 32], community: &str, host: &str, subject: &str) -> [u8; 32] {
    let parts: [&[u8]; 4] = [
        key,
        community.as_bytes(),
        host.as_bytes(),
        subject.as_bytes(),
    ];
    seal::tagged("linli voter link", &parts)
}

/// A host's visitor as a voter of one poll of devices.
pub fn account_hash(key: &[u8; 32], topic: &Topic, host: &str, subject: &str) -> [u8; 32] {
    let parts: [&[u8]; 5] = [
        key,
        topic.community.id.as_str().as_bytes(),
        topic.poll.id.as_str().as_bytes(),
        host.as_bytes(),
        subject.as_bytes(),
    ];
    seal::tagged("linli host account", &parts)
}

/// What is stored of a token that was used.
pub fn nonce_hash(key_id: &str, nonce: &str) -> [u8; 32] {
    seal::tagged("linli host nonce", &[key_id.as_bytes(), nonce.as_bytes()])
}

/// The public key of a secret one, both in hexadecimal.
pub fn public_key_of(secret_hex: &str) -> Option<String> {
    let secret = SigningKey::from_bytes(&seal::unhex::<32>(secret_hex)?);
    Some(seal::hex(secret.verifying_key().as_bytes()))
}

/// Reads a public key; `None` for what is no key, or one that anybody could sign for.
pub fn read_public_key(hex: &str) -> Option<[u8; 32]> {
    let bytes = seal::unhex::<32>(hex)?;
    let key = VerifyingKey::from_bytes(&bytes).ok()?;
    (!key.is_weak()).then_some(bytes)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    community: CommunityId,
    #[serde(default)]
    topic: Option<TopicId>,
    #[serde(default)]
    poll: Option<PollId>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    voter: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    place: Option<String>,
    iat: i64,
    exp: i64,
    nonce: String,
}

impl<'a> Unverified<'a> {
    /// Reads a token's parts.
    pub fn read(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > limits::HOST_TOKEN_BYTES_MAX {
            return Err(TokenFault::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Form)?;
        let payload = signed.strip_prefix("v1.").ok_or(TokenFault::Form)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Form);
        let signature = Signature::from_slice(&bytes(signature)?).map_err(|_| TokenFault::Form)?;
        let payload: Payload =
            serde_json::from_slice(&bytes(payload)?).map_err(|_| TokenFault::Form)?;
        Ok(Self {
            signed,
            signature,
            payload,
        })
    }

    /// The name of the key that is said to have signed it.
    pub fn key_id(&self) -> &str {
        &self.payload.iss
    }

    /// What it says, if `key` signed it for this topic and time.
    pub fn verify(self, key: &[u8; 32], topic: &Topic, now_ms: UtcMs) -> Result<Word, TokenFault> {
        let key = VerifyingKey::from_bytes(key).map_err(|_| TokenFault::Key)?;
        key.verify_strict(self.signed.as_bytes(), &self.signature)
            .map_err(|_| TokenFault::Signature)?;
        let said = self.payload;
        let named = said.topic.is_some() || said.poll.is_some();
        let is_other_topic = said.topic.is_some_and(|id| id != topic.id);
        let is_other_poll = said.poll.is_some_and(|id| id != topic.poll.id);
        if !named || is_other_topic || is_other_poll || said.community != topic.community.id {
            return Err(TokenFault::Poll);
        }
        let now_s = now_ms.div_euclid(1_000);
        let lasts_s = said.exp.checked_sub(said.iat).ok_or(TokenFault::Time)?;
        let is_timely = (1..=VALID_SECONDS_MAX).contains(&lasts_s)
            && now_s < said.exp
            && said.iat <= now_s.saturating_add(AHEAD_SECONDS_MAX);
        if !is_timely {
            return Err(TokenFault::Time);
        }
        let is_name = |name: &str| (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        let is_nonce = NONCE_CHARS.contains(&said.nonce.len())
            && said.nonce.bytes().all(|b| b.is_ascii_graphic());
        let who = match (said.sub, said.voter) {
            (Some(sub), None) if is_name(&sub) && said.place.is_none() && said.name.is_none() => {
                Who::Subject(sub)
            }
            (None, Some(label)) if is_name(&label) => Who::Voter {
                label,
                place: said.place,
                name: said.name,
            },
            _ => return Err(TokenFault::Form),
        };
        if !is_nonce {
            return Err(TokenFault::Form);
        }
        Ok(Word {
            who,
            nonce: said.nonce,
            expires_at_ms: said.exp.saturating_mul(1_000),
        })
    }
}
