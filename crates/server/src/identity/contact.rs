//! Phone numbers and e-mail addresses of voters: how they are read from what a person
//! typed, and how they are kept.
//!
//! Kept is nothing but a keyed hash, by which a contact that somebody gives is found
//! again: messages go to what they gave, so the number itself is not needed.

use crate::seal;
use linli_model::limits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A way to reach a voter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    /// Which kind.
    pub kind: ContactKind,
    /// `+8613800000000`, or an address in lower case.
    pub value: String,
}

/// Kinds of contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// A phone number that takes text messages.
    Phone,
    /// An e-mail address.
    Mail,
}

impl ContactKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Mail => "mail",
        }
    }

    /// From the word in the store.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Phone, Self::Mail]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

// A contact is somebody's: it does not print itself into a log.
impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({}, …)", self.kind.as_str())
    }
}

/// Digits of an E.164 number without its country code, and with it.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Length of a mobile number in mainland China, which is what 11 digits from 1 on mean.
const MAINLAND_DIGITS: usize = 11;
/// Characters before the `@` of an address (RFC 5321).
const LOCAL_CHARS_MAX: usize = 64;

impl Contact {
    /// Reads what a person typed: full-width characters, separators, and mainland
    /// numbers with `+86`, `0086`, `86` or nothing before them.
    pub fn read(text: &str) -> Option<Self> {
        if text.chars().count() > limits::CONTACT_CHARS_MAX {
            return None;
        }
        let plain: String = text.chars().map(half_width).filter(is_written).collect();
        if plain.contains('@') {
            return mail(&plain);
        }
        phone(&plain)
    }
}

/// A keyed hash: the store can find a contact by it, and nobody can read it back.
pub fn index(key: &[u8; 32], community: &str, contact: &Contact) -> [u8; 32] {
    let parts: [&[u8]; 4] = [
        key,
        community.as_bytes(),
        contact.kind.as_str().as_bytes(),
        contact.value.as_bytes(),
    ];
    seal::tagged("linli contact", &parts)
}

fn phone(plain: &str) -> Option<Contact> {
    let is_separator = |c: char| matches!(c, '-' | '(' | ')' | '.' | '·');
    let bare: String = plain.chars().filter(|c| !is_separator(*c)).collect();
    let international = bare
        .strip_prefix('+')
        .or_else(|| bare.strip_prefix("00"))
        .map(str::to_owned);
    let digits = international.unwrap_or_else(|| match bare.len() {
        MAINLAND_DIGITS if bare.starts_with('1') => format!("86{bare}"),
        _ => bare.clone(),
    });
    let is_number = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    (is_number && PHONE_DIGITS.contains(&digits.len())).then(|| Contact {
        kind: ContactKind::Phone,
        value: format!("+{digits}"),
    })
}

/// Strict about what could change a message's head, lax about the rest: whether an
/// address is good only its owner can show.
fn mail(plain: &str) -> Option<Contact> {
    let (local, domain) = plain.rsplit_once('@')?;
    let is_harmless = |c: char| {
        c.is_alphanumeric() || (c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',' | ';' | '"'))
    };
    let is_domain = domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && domain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let is_local = !local.is_empty()
        && local.chars().count() <= LOCAL_CHARS_MAX
        && local.chars().all(|c| is_harmless(c) && c != '@');
    (is_local && is_domain).then(|| Contact {
        kind: ContactKind::Mail,
        value: plain.to_lowercase(),
    })
}

fn half_width(typed: char) -> char {
    match u32::from(typed) {
        full @ 0xFF01..=0xFF5E => char::from_u32(full - 0xFEE0).unwrap_or(typed),
        _ => typed,
    }
}

fn is_written(c: &char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_read_as_people_type_them() {
        let cases = [
            ("13800000000", Some("+8613800000000")),
            (" 138-0000 0000", Some("+8613800000000")),
            ("＋８６ １３８００００００００", Some("+8613800000000")),
            ("0086 138 0000 0000", Some("+8613800000000")),
            ("8613800000000", Some("+8613800000000")),
            ("+852 5123 4567", Some("+85251234567")),
            ("Li.Si@Example.CN", Some("li.si@example.cn")),
            ("li＠example.cn", Some("li@example.cn")),
            ("", None),
            ("123", None),
            ("0138000000000", None),
            ("+8613800000000x", None),
            ("1234567890123456", None),
            ("li@example", None),
            ("@example.cn", None),
            ("li@.cn", None),
            ("li@a@example.cn", None),
            ("li<x>@example.cn", None),
            ("li\n@example.cn, b@example.cn", None),
        ];
        for (typed, expected) in cases {
            let found = Contact::read(typed).map(|contact| contact.value);
            assert_eq!(found.as_deref(), expected, "{typed:?}");
        }
        assert_eq!(Contact::read(&"1".repeat(5_000)), None);
    }

    #[test]
    fn indexes_are_keyed_by_server_and_community() {
        let contact = Contact::read("li@example.cn").unwrap();
        let of = |key: u8, community| index(&[key; 32], community, &contact);
        assert_eq!(of(1, "a"), of(1, "a"));
        assert_ne!(of(1, "a"), of(2, "a"));
        assert_ne!(of(1, "a"), of(1, "b"));
    }
}
