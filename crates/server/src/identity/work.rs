//! Challenges for polls that ask for work: made and read without keeping anything.
//!
//! 64 bytes in hexadecimal: 32 of what is asked, 32 of HMAC-SHA-256 over them and the
//! topic. The digits fill two blocks of SHA-256 exactly, so that whoever solves it hashes
//! one block for each try. Reading one costs two hashes, whatever was sent.

use crate::seal::{self, hex, unhex};
use hmac::{Hmac, KeyInit, Mac};
use linli_model::work::{Challenge, WorkRefusal};
use linli_model::{Topic, UtcMs};
use linli_rules::work::{Shown, Terms, wait_ms};
use sha2::{Digest, Sha256};

/// How long a challenge is good: the longest wait, and time to come back to the page.
pub const VALID_MS: u32 = 30 * 60_000;

const VERSION: u8 = 1;
const TERMS_BYTES: usize = 32;
const CHALLENGE_DIGITS: usize = 128;
/// Enough for any counter of 64 bits.
const COUNTER_DIGITS_MAX: usize = 20;

/// An answer that was made from a challenge of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What the challenge asks for.
    pub terms: Terms,
    /// What is shown for it.
    pub shown: Shown,
    /// What is stored of the challenge once it is spent.
    pub nonce_hash: [u8; 32],
}

/// A new challenge. `wait_override_ms` stands in for the wait that goes with the bits.
pub fn challenge(
    key: &[u8; 32],
    topic: &Topic,
    bits: u32,
    now_ms: UtcMs,
    wait_override_ms: Option<u32>,
) -> Challenge {
    let wait = wait_override_ms.unwrap_or_else(|| u32::try_from(wait_ms(bits)).unwrap_or(u32::MAX));
    let mut bytes = [0u8; TERMS_BYTES];
    bytes[0] = VERSION;
    bytes[1] = u8::try_from(bits).unwrap_or(u8::MAX);
    bytes[2..6].copy_from_slice(&wait.to_be_bytes());
    bytes[6..14].copy_from_slice(&now_ms.to_be_bytes());
    bytes[14..18].copy_from_slice(&VALID_MS.to_be_bytes());
    bytes[18..].copy_from_slice(&seal::chance::<14>());
    let sealed = mac(key, topic, &bytes).finalize().into_bytes();
    Challenge {
        challenge: hex(&bytes) + &hex(&sealed),
        bits,
        wait_ms: i64::from(wait),
        expires_at_ms: now_ms.saturating_add(i64::from(VALID_MS)),
    }
}

/// Reads `challenge` or `challenge;counter`. Whether it is enough, and in time, is the
/// rule's to say.
pub fn read(key: &[u8; 32], topic: &Topic, text: &str) -> Result<Answer, WorkRefusal> {
    let (digits, counter) = match text.split_once(';') {
        Some((digits, counter)) => (digits, Some(counter)),
        None => (text, None),
    };
    let bytes = unhex::<{ CHALLENGE_DIGITS / 2 }>(digits).ok_or(WorkRefusal::WorkWrong)?;
    let (asked, sealed) = bytes.split_at(TERMS_BYTES);
    if mac(key, topic, asked).verify_slice(sealed).is_err() || asked[0] != VERSION {
        return Err(WorkRefusal::WorkWrong);
    }
    let issued_at_ms = i64::from_be_bytes(part(asked, 6));
    let terms = Terms {
        bits: u32::from(asked[1]),
        wait_ms: i64::from(u32::from_be_bytes(part(asked, 2))),
        issued_at_ms,
        expires_at_ms: issued_at_ms.saturating_add(u32::from_be_bytes(part(asked, 14)).into()),
    };
    Ok(Answer {
        terms,
        shown: shown(digits, counter)?,
        nonce_hash: seal::tagged("linli work", &[asked]),
    })
}

fn shown(digits: &str, counter: Option<&str>) -> Result<Shown, WorkRefusal> {
    let Some(counter) = counter else {
        return Ok(Shown::Waited);
    };
    let is_number = (1..=COUNTER_DIGITS_MAX).contains(&counter.len())
        && counter.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number {
        return Err(WorkRefusal::WorkWrong);
    }
    let digest = Sha256::new().chain_update(digits).chain_update(counter);
    Ok(Shown::Worked(digest.finalize().into()))
}

fn mac(key: &[u8; 32], topic: &Topic, asked: &[u8]) -> Hmac<Sha256> {
    // HMAC pads a shorter key with zeros to a block of its hash: this is that block.
    let mut block = [0u8; 64];
    block[..32].copy_from_slice(key);
    let mac = Hmac::<Sha256>::new(&block.into());
    // The names are of letters, digits and hyphens: the line breaks cannot be theirs.
    let poll = [
        topic.id.as_str(),
        topic.community.id.as_str(),
        topic.poll.id.as_str(),
    ];
    mac.chain_update(poll.join("\n"))
        .chain_update(b"\n")
        .chain_update(asked)
}

fn part<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[from..from + N]);
    out
}
