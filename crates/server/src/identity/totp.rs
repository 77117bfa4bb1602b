//! One-time codes of an authenticator app (RFC 6238: HMAC-SHA-1, 6 digits, 30 seconds),
//! and what the app needs to make them.
//!
//! RFC 6238 is fifteen lines over the HMAC that is in the tree; a crate for it would
//! bring its own QR codes, URLs and encodings. Which step of time a code belongs to is
//! told, so that the store can refuse to take one twice.

use crate::seal;
use data_encoding::BASE32_NOPAD;
use fast_qr::qr::QRBuilder;
use hmac::{Hmac, KeyInit, Mac};
use linli_model::UtcMs;
use linli_model::desk::Enrolment;
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Bytes of a secret: as many as HMAC-SHA-1 gives (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;
/// How long a code is shown.
const STEP_MS: i64 = 30_000;
/// Clocks of phones may be off by so many steps.
const STEPS_OFF: i64 = 1;
const DIGITS: usize = 6;
/// Modules of white that a reader needs around the code.
const QUIET_MODULES: usize = 4;

/// The secret that an app and this server share.
pub type Secret = [u8; SECRET_BYTES];

/// A new secret.
pub fn new_secret() -> Secret {
    seal::chance()
}

/// The step of time whose code this is, if it is one of now. All steps are compared, so
/// that the time taken tells nothing.
pub fn step_of(secret: &Secret, typed: &str, now_ms: UtcMs) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now = now_ms.div_euclid(STEP_MS);
    let mut found = None;
    for step in now - STEPS_OFF..=now + STEPS_OFF {
        let is_right = bool::from(code(secret, step).as_bytes().ct_eq(typed.as_bytes()));
        if is_right {
            found = Some(step);
        }
    }
    found
}

/// Whether text has the form of such a code.
pub fn is_code(typed: &str) -> bool {
    let mut digits = typed.chars().filter(|c| !c.is_whitespace());
    digits.clone().count() == DIGITS && digits.all(|c| c.is_ascii_digit())
}

/// The code of a step.
pub fn code(secret: &Secret, step: i64) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let four = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
    format!("{:0DIGITS$}", u32::from_be_bytes(four) % 1_000_000)
}

/// The code of the step at `now_ms`.
pub fn code_at(secret: &Secret, now_ms: UtcMs) -> String {
    code(secret, now_ms.div_euclid(STEP_MS))
}

/// What is shown to somebody who sets up their app. `None` if it does not fit a QR code.
pub fn enrolment(secret: &Secret, community: &str, login: &str) -> Option<Enrolment> {
    let typed = BASE32_NOPAD.encode(secret);
    let issuer = escaped(community);
    let uri = format!(
        "otpauth://totp/{issuer}:{}?secret={typed}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={}",
        escaped(login),
        STEP_MS / 1_000
    );
    let qr = QRBuilder::new(uri.as_str()).build().ok()?;
    let mut qr_path = String::new();
    for row in 0..qr.size {
        for column in 0..qr.size {
            if qr[row][column].value() {
                let (x, y) = (column + QUIET_MODULES, row + QUIET_MODULES);
                qr_path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
    }
    let side = qr.size + 2 * QUIET_MODULES;
    Some(Enrolment {
        secret: typed,
        uri,
        qr_path,
        qr_modules: u32::try_from(side).ok()?,
    })
}

/// The secret as a person types it into an app, read back.
pub fn read_secret(typed: &str) -> Option<Secret> {
    let bytes = BASE32_NOPAD.decode(typed.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Percent-encoding of everything but unreserved characters (RFC 3986).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the rows of SHA-1; of their eight digits the last six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, seconds * 1_000), expected);
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_ones_beside() {
        let secret = b"12345678901234567890";
        let now = 1_111_111_109_000;
        assert_eq!(step_of(secret, "081804", now), Some(37_037_036));
        assert_eq!(step_of(secret, "081 804", now + STEP_MS), Some(37_037_036));
        assert_eq!(step_of(secret, "081804", now - STEP_MS), Some(37_037_036));
        assert_eq!(step_of(secret, "081804", now + 2 * STEP_MS), None);
        assert_eq!(step_of(secret, "", now), None);
        assert!(is_code(" 081 804") && !is_code("81804") && !is_code("08180x"));
    }

    #[test]
    fn an_app_can_read_what_it_is_shown() {
        let secret = new_secret();
        let shown = enrolment(&secret, "江畔社区", "wang@例.cn").unwrap();
        assert_eq!(read_secret(&shown.secret), Some(secret));
        assert!(
            shown.uri.starts_with("otpauth://totp/%E6%B1%9F"),
            "{}",
            shown.uri
        );
        assert!(
            shown.qr_path.starts_with("M4 4h1v1h-1z"),
            "the finder's corner"
        );
        assert!(shown.qr_modules >= 33);
        assert!(enrolment(&secret, &"长".repeat(400), "x").is_none());
    }
}
