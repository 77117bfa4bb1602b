//! Passwords of staff and the codes that replace an authenticator: what is accepted,
//! and in which form it is compared. Their slow hash is `secrets`.

use super::codes;
use crate::seal;
use linli_model::desk::DeskRefusal;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters (NIST SP 800-63B asks for 8 beside a second factor).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most characters.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Most characters of a login.
pub const LOGIN_CHARS_MAX: usize = 64;
/// How many recovery codes an account has.
pub const RECOVERY_CODES: usize = 10;

/// The best-known ones of 12 characters and more, folded, one a line.
const KNOWN: &str = include_str!("known_passwords.txt");

/// Form in which logins are compared: as people see them, without regard to case.
pub fn folded(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase()
}

/// The form in which a password is hashed: NFKC, so that keyboards that compose
/// characters differently give the same one.
pub fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Refuses a password that others would guess. `beside` is what belongs to the account:
/// its login, the community's names.
pub fn check(password: &str, beside: &[&str]) -> Result<(), DeskRefusal> {
    let weak = || DeskRefusal::PasswordWeak {
        min_chars: u32::try_from(PASSWORD_CHARS_MIN).unwrap_or(u32::MAX),
    };
    let chars = password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) {
        return Err(weak());
    }
    let plain = folded(password);
    let mut distinct: Vec<char> = plain.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let known = KNOWN.lines().any(|line| line == plain);
    let own = beside.iter().any(|text| {
        let text = folded(text);
        !text.is_empty() && plain.replace(&text, "").is_empty()
    });
    if distinct.len() < DISTINCT_MIN || known || own {
        return Err(weak());
    }
    Ok(())
}

/// Fewest different characters: `aaaaaaaaaaaa` and `121212121212` are words of one idea.
const DISTINCT_MIN: usize = 4;

/// A new recovery code of 80 bits, `XXXX-XXXX-XXXX-XXXX`, and what is stored of it.
pub fn new_recovery_code() -> (String, [u8; 32]) {
    let written = codes::spoken_80_bits(&seal::chance());
    let hash = recovery_hash(&written).unwrap_or_default();
    (written, hash)
}

/// What is stored of a recovery code, however it was typed; `None` where it is not of
/// that form.
pub fn recovery_hash(typed: &str) -> Option<[u8; 32]> {
    let plain = codes::plain(typed)?;
    (plain.len() == 16).then(|| seal::tagged("linli recovery code", &[plain.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_others_would_guess_are_refused() {
        let beside = ["wang.fang-2026", "江畔社区"];
        let cases = [
            ("correct horse battery", true, "a phrase"),
            ("小河 边的 石头 很圆润吧", true, "a phrase in Chinese"),
            ("kurz", false, "too short"),
            (&"x1y2".repeat(65), false, "too long"),
            ("Password1234", false, "known"),
            ("１２３４５６７８９０１２", false, "known, in full width"),
            ("Wang.Fang-2026", false, "the login"),
            ("江畔社区江畔社区江畔社区", false, "the community, repeated"),
            ("aaaaaaaaaaaaaa", false, "one character"),
        ];
        for (password, accepted, reason) in cases {
            assert_eq!(check(password, &beside).is_ok(), accepted, "{reason}");
        }
        for line in KNOWN.lines() {
            assert_eq!(folded(line), line, "the list is folded");
            assert!(line.chars().count() >= PASSWORD_CHARS_MIN, "{line}");
        }
    }

    #[test]
    fn logins_are_compared_as_they_are_seen() {
        assert_eq!(folded(" Ｗang "), folded("WANG"));
        assert_ne!(folded("wang"), folded("wáng"));
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let (written, hash) = new_recovery_code();
        assert_eq!(written.len(), 19);
        assert_eq!(recovery_hash(&written), Some(hash));
        assert_eq!(
            recovery_hash(&written.to_lowercase().replace('-', " ")),
            Some(hash)
        );
        assert_eq!(recovery_hash("0000"), None);
        assert_eq!(recovery_hash("123456"), None);
    }
}
