//! Household voting codes: how they are made, written and read.
//!
//! Crockford's base 32 without `I L O U`. The *typed* code has 12 characters: 4 select
//! the row, 8 (40 bits) are the secret. The *scanned* code in the QR has 26: 128 bits.

use crate::seal;
use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SELECTOR_CHARS: usize = 4;
const TYPED_CHARS: usize = 12;
const SCANNED_CHARS: usize = 26;

/// A voting code as a person gave it.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// The short one.
    Typed {
        /// Finds the row.
        selector: String,
        /// Proves it.
        secret: String,
    },
    /// The long one.
    Scanned([u8; 16]),
}

// A code is a secret: it does not print itself into a log.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// Reads what was typed or scanned: either case, any separators, full-width
    /// characters, `O` for zero, `I` and `L` for one.
    pub fn read(text: &str) -> Option<Self> {
        let plain = plain(text)?;
        match plain.len() {
            TYPED_CHARS => {
                let (selector, secret) = plain.split_at(SELECTOR_CHARS);
                Some(Self::Typed {
                    selector: selector.to_owned(),
                    secret: secret.to_owned(),
                })
            }
            SCANNED_CHARS => decode(&plain).map(Self::Scanned),
            _ => None,
        }
    }

    /// A new typed code.
    pub fn new_typed() -> Self {
        let chars: String = seal::chance::<TYPED_CHARS>()
            .iter()
            .map(|b| symbol(*b))
            .collect();
        let (selector, secret) = chars.split_at(SELECTOR_CHARS);
        Self::Typed {
            selector: selector.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// A new scanned code.
    pub fn new_scanned() -> Self {
        Self::Scanned(seal::chance())
    }

    /// As printed: `XXXX-XXXX-XXXX`, or 26 characters.
    pub fn written(&self) -> String {
        match self {
            Self::Typed { selector, secret } => {
                let (first, second) = secret.split_at(secret.len() / 2);
                format!("{selector}-{first}-{second}")
            }
            Self::Scanned(bytes) => encode(bytes),
        }
    }
}

/// What was typed, in the alphabet alone; `None` where something else is in it.
pub fn plain(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(TYPED_CHARS);
    for typed in text.chars() {
        match canonical(typed) {
            Some(char) => plain.push(char),
            None if is_separator(typed) => {}
            None => return None,
        }
    }
    Some(plain)
}

fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

fn canonical(typed: char) -> Option<char> {
    let half = match u32::from(typed) {
        full @ 0xFF01..=0xFF5E => char::from_u32(full - 0xFEE0)?,
        _ => typed,
    };
    let upper = match half.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let known = u8::try_from(upper).is_ok_and(|byte| ALPHABET.contains(&byte));
    known.then_some(upper)
}

fn is_separator(typed: char) -> bool {
    let dash = matches!(
        typed,
        '-' | '_' | '.' | '·' | '‐'..='―' | '−' | '－' | '．' | '＿' | '。' | '、'
    );
    let unseen = matches!(typed, '\u{200b}'..='\u{200f}' | '\u{feff}');
    dash || unseen || typed.is_whitespace()
}

/// 128 bits as 26 characters, two leading zero bits.
fn encode(bytes: &[u8; 16]) -> String {
    let value = u128::from_be_bytes(*bytes);
    (0..SCANNED_CHARS)
        .rev()
        .map(|i| symbol(((value >> (5 * i)) & 31) as u8))
        .collect()
}

fn decode(plain: &str) -> Option<[u8; 16]> {
    let mut value: u128 = 0;
    for (index, char) in plain.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|known| *known == char)? as u128;
        if index == 0 && digit > 7 {
            return None;
        }
        value = value << 5 | digit;
    }
    Some(value.to_be_bytes())
}

/// Any bytes' first 60 bits in the same alphabet: `XXXX-XXXX-XXXX`.
pub fn spoken_60_bits(bytes: &[u8; 32]) -> String {
    let mut first = [0u8; 8];
    first.copy_from_slice(&bytes[..8]);
    let value = u64::from_be_bytes(first) >> 4;
    let mut out = String::with_capacity(14);
    for index in 0..12 {
        if index > 0 && index % 4 == 0 {
            out.push('-');
        }
        out.push(symbol(((value >> (5 * (11 - index))) & 31) as u8));
    }
    out
}

/// 80 bits in the same alphabet: `XXXX-XXXX-XXXX-XXXX`.
pub fn spoken_80_bits(bytes: &[u8; 10]) -> String {
    let value = bytes
        .iter()
        .fold(0u128, |value, byte| value << 8 | u128::from(*byte));
    let mut out = String::with_capacity(19);
    for index in 0..16 {
        if index > 0 && index % 4 == 0 {
            out.push('-');
        }
        out.push(symbol(((value >> (5 * (15 - index))) & 31) as u8));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let plain = Code::read("7K2M9PQR4XYZ").unwrap();
        for typed in [
            "7k2m-9pqr-4xyz",
            " 7K2M 9PQR 4XYZ ",
            "７Ｋ２Ｍ－９ＰＱＲ－４ＸＹＺ",
            "7K2M—9PQR—4XYZ",
            "7K2M\u{200b}9PQR4XYZ",
        ] {
            assert_eq!(Code::read(typed), Some(plain.clone()), "{typed:?}");
        }
        assert_eq!(Code::read("OIL0-OIL0-OIL0"), Code::read("011001100110"));
        for bad in [
            "",
            "7K2M-9PQR-4XY",
            "7K2M-9PQR-4XYZZ",
            "7K2M-9PQR-4XYU",
            "中文中文中文中文中文中文",
        ] {
            assert_eq!(Code::read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn new_codes_are_read_back() {
        for _ in 0..200 {
            for code in [Code::new_typed(), Code::new_scanned()] {
                assert_eq!(Code::read(&code.written()), Some(code));
            }
        }
        let highest = Code::Scanned([0xff; 16]);
        assert_eq!(Code::read(&highest.written()), Some(highest));
        assert_eq!(Code::read("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"), None, "129 bits");
    }

    #[test]
    fn spoken_bits_are_the_first_sixty() {
        assert_eq!(spoken_60_bits(&[0; 32]), "0000-0000-0000");
        assert_eq!(spoken_60_bits(&[0xff; 32]), "ZZZZ-ZZZZ-ZZZZ");
        let mut bytes = [0u8; 32];
        bytes[7] = 0b0001_1111;
        assert_eq!(spoken_60_bits(&bytes), "0000-0000-0001");
    }
}
