//! Identifiers: what they may look like, and how chance becomes one.
//!
//! Two families. *Slugs* name things that people see in addresses; they are chosen by
//! staff. *128-bit* values are made from chance by the caller and written as 32
//! lowercase hexadecimal digits.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Text that is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// What it should have been, e.g. `TopicId`.
    pub expected: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a valid {}", self.expected)
    }
}

impl std::error::Error for InvalidId {}

/// Longest slug, in bytes (and characters: slugs are ASCII).
pub const SLUG_BYTES_MAX: usize = 64;

fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    !bytes.is_empty()
        && bytes.len() <= SLUG_BYTES_MAX
        && bytes[0] != b'-'
        && bytes.iter().all(allowed)
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{0,63}$"))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts 1–64 characters of `a-z`, `0-9` and `-`, not starting with `-`.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if is_slug(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { expected: stringify!($name) })
                }
            }

            /// The text as it appears in addresses and JSON.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                if is_slug(&text) { Ok(Self(text)) } else { Err(InvalidId { expected: stringify!($name) }) }
            }
        }

        impl $crate::tree::FromTree for $name {
            fn from_tree(tree: $crate::tree::Tree, fit: &mut $crate::tree::Fit) -> Self {
                let text = String::from_tree(tree, fit);
                if !is_slug(&text) {
                    fit.fail();
                }
                Self(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug! {
    /// A community: an urban 社区 or a village 村. Leads every stored key.
    CommunityId
}
slug! {
    /// A place in a community's tree: 村(社区)—网格(小区)—微网格(楼栋).
    PlaceId
}
slug! {
    /// A topic that residents deliberate: `parking-2026`.
    TopicId
}
slug! {
    /// A poll inside a topic.
    PollId
}
slug! {
    /// One option of a poll. Motions use `yes`, `no` and `abstain`.
    OptionId
}

macro_rules! hex128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[0-9a-f]{32}$"))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 bytes of chance.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// From 32 lowercase hexadecimal digits.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                unhex(text).map(Self).ok_or(InvalidId { expected: stringify!($name) })
            }

            /// The 16 bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl $crate::tree::FromTree for $name {
            fn from_tree(tree: $crate::tree::Tree, fit: &mut $crate::tree::Fit) -> Self {
                let text = String::from_tree(tree, fit);
                Self(fit.or(unhex(&text), [0; 16]))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    let mut out = [0u8; 16];
    if bytes.len() != 32 {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *slot = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
    }
    Some(out)
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

hex128! {
    /// Made once by the client for one command, before its first send. Sending the
    /// same command again with the same key has no further effect.
    IdempotencyKey
}
hex128! {
    /// In a secret poll, the client's own secret: it alone addresses the ballot for
    /// retry and change, and is never stored beside the voter.
    BallotSecret
}
hex128! {
    /// A device's random name, made on the device and kept there.
    DeviceId
}

hex128! {
    /// A member of staff, in their community.
    StaffId
}
hex128! {
    /// A command that waits for a second person.
    ApprovalId
}

hex128! {
    /// An upload, in its community. Made from chance: it cannot be guessed.
    UploadId
}

hex128! {
    /// A consent, in its community.
    ConsentId
}
hex128! {
    /// What a person asked staff for, in its community.
    RequestId
}

impl fmt::Debug for ConsentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsentId({self})")
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadId({self})")
    }
}

impl fmt::Debug for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffId({self})")
    }
}

impl fmt::Debug for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApprovalId({self})")
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({self})")
    }
}

// Secrets do not print themselves: a log line must not hold one by accident.
impl fmt::Debug for BallotSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BallotSecret(…)")
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(…)")
    }
}

/// A bearer token that permits one voter to act in one poll for a limited time.
///
/// Opaque to clients: 1–512 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, min_length = 1, max_length = 512))]
#[serde(try_from = "String", into = "String")]
pub struct GrantToken(String);

impl GrantToken {
    /// Accepts 1–512 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Self::is_token(text)
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidId {
                expected: "GrantToken",
            })
    }

    fn is_token(text: &str) -> bool {
        let visible = text.bytes().all(|b| (0x21..=0x7e).contains(&b));
        visible && (1..=512).contains(&text.len())
    }

    /// The token as sent in `Authorization: Bearer …`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for GrantToken {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<GrantToken> for String {
    fn from(token: GrantToken) -> String {
        token.0
    }
}

impl fmt::Debug for GrantToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GrantToken(…)")
    }
}

impl crate::tree::FromTree for GrantToken {
    fn from_tree(tree: crate::tree::Tree, fit: &mut crate::tree::Fit) -> Self {
        let text = <String as crate::tree::FromTree>::from_tree(tree, fit);
        if !Self::is_token(&text) {
            fit.fail();
        }
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_accept_what_addresses_can_show() {
        for good in ["a", "parking-2026", "3", &"x".repeat(64)] {
            assert!(TopicId::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "A",
            "a b",
            "停车",
            "a/b",
            "a\u{200b}",
            &"x".repeat(65),
        ] {
            assert!(TopicId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn hex_round_trips_and_refuses_other_spellings() {
        let key = IdempotencyKey::from_bytes([0xab; 16]);
        assert_eq!(IdempotencyKey::parse(&key.to_string()), Ok(key));
        assert!(IdempotencyKey::parse(&"AB".repeat(16)).is_err());
        assert!(IdempotencyKey::parse(&"g0".repeat(16)).is_err());
        assert!(IdempotencyKey::parse("ab").is_err());
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let secret = BallotSecret::from_bytes([7; 16]);
        assert_eq!(format!("{secret:?}"), "BallotSecret(…)");
        let token = GrantToken::parse("abc");
        assert_eq!(format!("{token:?}"), "Ok(GrantToken(…))");
    }
}
