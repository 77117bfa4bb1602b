//! Hashes under which things are stored or promised, and fresh chance.
//!
//! Every hash begins with a tag of its purpose, and every part but the last carries its
//! length, so that no two purposes or splits can meet.

use linli_model::{BallotSecret, Choice, Topic};
use sha2::{Digest, Sha256};

const VOTER_MARK: &str = "linli voter mark";

/// Marks a voter in a secret poll's register.
pub fn voter_mark(topic: &Topic, voter: &str) -> [u8; 32] {
    let [community, poll] = poll_parts(topic);
    tagged(VOTER_MARK, &[community, poll, voter.as_bytes()])
}

/// What the hash of every mark of a poll begins with; the voter's length and word follow.
/// For databases that hash whole rolls by themselves.
pub fn voter_marks_begin(topic: &Topic) -> Vec<u8> {
    begin(VOTER_MARK, &poll_parts(topic))
}

/// Where a secret poll's ballot lies in the box.
pub fn box_address(topic: &Topic, secret: &BallotSecret) -> [u8; 32] {
    tagged(
        "linli box address",
        &[
            poll_parts(topic)[0],
            poll_parts(topic)[1],
            secret.as_bytes(),
        ],
    )
}

/// What is stored of a grant's token.
pub fn token_hash(token: &str) -> [u8; 32] {
    tagged("linli grant", &[token.as_bytes()])
}

/// What is stored of a desk session's token.
pub fn session_hash(token: &str) -> [u8; 32] {
    tagged("linli desk session", &[token.as_bytes()])
}

/// What is stored of an invitation's token.
pub fn invitation_hash(token: &str) -> [u8; 32] {
    tagged("linli invitation", &[token.as_bytes()])
}

/// What is stored of a scanned code.
pub fn scanned_code_hash(code: &[u8; 16]) -> [u8; 32] {
    tagged("linli scanned code", &[code])
}

/// What is stored of a device's random name.
pub fn device_hash(topic: &Topic, device: &[u8; 16]) -> [u8; 32] {
    tagged(
        "linli device",
        &[poll_parts(topic)[0], poll_parts(topic)[1], device],
    )
}

/// RFC 8785 JSON of a choice: what receipts commit to.
pub fn choice_text(choice: &Choice) -> String {
    // A choice is an object of strings: neither serde nor the canonical form can fail.
    serde_json_canonicalizer::to_string(choice).unwrap_or_default()
}

/// A receipt's commitment: `SHA-256(nonce ‖ JCS(choice))`.
pub fn commitment(nonce: &[u8; 32], choice_text: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(nonce)
        .chain_update(choice_text)
        .finalize()
        .into()
}

/// SHA-256 over a tag and parts.
pub fn tagged(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(tag).chain_update([0]);
    for part in parts {
        hash = hash.chain_update(length(part)).chain_update(part);
    }
    hash.finalize().into()
}

/// The bytes that [`tagged`] hashes.
fn begin(tag: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = [tag.as_bytes(), &[0]].concat();
    for part in parts {
        bytes.extend_from_slice(&length(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

/// Fresh bytes from the operating system.
///
/// # Panics
/// When the system has no source of chance: nothing safe can be done without.
pub fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Lowercase hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// Reads lowercase hexadecimal of exactly `N` bytes.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 || digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut out = [0u8; N];
    for (slot, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *slot = u8::try_from(high * 16 + low).ok()?;
    }
    Some(out)
}

fn poll_parts(topic: &Topic) -> [&[u8]; 2] {
    [
        topic.community.id.as_str().as_bytes(),
        topic.poll.id.as_str().as_bytes(),
    ]
}
