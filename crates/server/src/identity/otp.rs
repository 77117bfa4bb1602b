//! One-time passwords: 6 digits that are sent to a contact on the roll, for one poll,
//! one use, ten minutes and five tries. Only a keyed hash is stored.

use super::contact::Contact;
use crate::seal;
use linli_model::{Topic, UtcMs, limits};

/// How long a password is good.
pub const VALID_MS: i64 = 10 * 60_000;
/// Wrong tries that end a password.
pub const TRIES_MAX: u32 = 5;
const DIGITS: usize = 6;

/// A new password.
pub fn fresh() -> String {
    // Numbers that would make the first ones likelier are thrown away.
    const FAIR: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let number = u32::from_be_bytes(seal::chance());
        if number < FAIR {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// Reads what was typed: full-width digits and separators are fine.
pub fn read(text: &str) -> Option<String> {
    if text.chars().count() > limits::OTP_CHARS_MAX {
        return None;
    }
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '\u{200b}'..='\u{200f}'))
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect();
    let whole = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    whole.then_some(digits)
}

/// What is stored of a password. It is short, so the key is what keeps it secret.
pub fn hash(key: &[u8; 32], topic: &Topic, contact: &Contact, password: &str) -> [u8; 32] {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    hash_for(key, (community, poll), contact, password)
}

/// What is stored of a password for a poll, or for [`ONESELF`].
pub fn hash_for(
    key: &[u8; 32],
    (community, poll): (&str, &str),
    contact: &Contact,
    password: &str,
) -> [u8; 32] {
    let parts: [&[u8]; 5] = [
        key,
        community.as_bytes(),
        poll.as_bytes(),
        contact.value.as_bytes(),
        password.as_bytes(),
    ];
    seal::tagged("linli one-time password", &parts)
}

/// In place of a poll: the password opens one's own data. No poll can have this name.
pub const ONESELF: &str = "@me";

/// A password as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its [`hash`].
    pub hash: [u8; 32],
    /// Wrong tries so far.
    pub tries: u32,
    /// When it ends.
    pub expires_at_ms: UtcMs,
}

/// Whether `given` is the password that is kept. One that has ended is as good as none.
pub fn is_right(kept: &Kept, given: &[u8; 32], now_ms: UtcMs) -> bool {
    kept.tries < TRIES_MAX && now_ms < kept.expires_at_ms && kept.hash == *given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_read_as_people_type_them() {
        for typed in ["012345", " 012 345", "０１２３４５", "012-345"] {
            assert_eq!(read(typed).as_deref(), Some("012345"), "{typed:?}");
        }
        for bad in [
            "",
            "12345",
            "1234567",
            "01234a",
            "一二三四五六",
            "0 1 2 3 4 5 6 7 8 9",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        for _ in 0..100 {
            assert!(read(&fresh()).is_some());
        }
    }

    #[test]
    fn a_password_ends_by_time_and_by_tries() {
        let kept = |tries| Kept {
            hash: [7; 32],
            tries,
            expires_at_ms: 1_000,
        };
        assert!(is_right(&kept(0), &[7; 32], 999));
        assert!(is_right(&kept(TRIES_MAX - 1), &[7; 32], 0));
        assert!(!is_right(&kept(TRIES_MAX), &[7; 32], 0));
        assert!(!is_right(&kept(0), &[7; 32], 1_000));
        assert!(!is_right(&kept(0), &[8; 32], 0));
    }
}
