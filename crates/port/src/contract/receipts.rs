//! Whether a reply is about the ballot that was cast, and holds together.

use super::{Fixture, Stop, ensure, same};
use crate::CastCommand;
use linli_model::{CastReply, Choice, Secrecy, UtcMs};
use sha2::{Digest, Sha256};

const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Checks everything in `reply` that does not depend on the store. `choice` is the one
/// cast, in the poll's order.
pub(super) fn holds_together(
    fixture: &dyn Fixture,
    command: &CastCommand,
    reply: &CastReply,
    choice: &Choice,
) -> Result<(), Stop> {
    let receipt = &reply.receipt;
    same("version", receipt.version, 1)?;
    same("community", receipt.community.as_str(), "contract")?;
    same("topic", &receipt.topic, &command.topic)?;
    same("poll", &receipt.poll, &command.poll)?;
    same("choice", &reply.opening.choice, choice)?;
    let now_ms: UtcMs = fixture.now_ms();
    match (receipt.secrecy, receipt.cast_at_ms) {
        (Secrecy::Recorded, Some(at_ms)) => ensure(
            "the time of casting lies ahead, or a day back",
            (now_ms - 86_400_000..=now_ms + 60_000).contains(&at_ms),
        )?,
        (Secrecy::Secret, None) => {}
        (secrecy, time) => same(
            "time of casting",
            format!("{time:?}"),
            format!("of a {secrecy:?} ballot"),
        )?,
    }
    let nonce = unhex(&reply.opening.nonce);
    same("bytes of nonce", nonce.len(), 32)?;
    let digest = Sha256::new()
        .chain_update(nonce)
        .chain_update(canonical(choice))
        .finalize();
    same("commitment", unhex(&receipt.commitment), digest.to_vec())?;
    same(
        "code",
        unread(&receipt.code),
        Some(receipt.commitment[..15].to_owned()),
    )?;
    same("bytes of signature", unhex(&receipt.signature).len(), 64)?;
    ensure(
        "the signature does not hold",
        fixture.signature_holds(receipt) != Some(false),
    )
}

/// RFC 8785 form, written out: the checker shares no code with backends.
fn canonical(choice: &Choice) -> String {
    match choice {
        Choice::Motion { stance } => {
            format!(r#"{{"stance":"{}","type":"motion"}}"#, stance.as_str())
        }
        Choice::Options { options } => {
            let quoted: Vec<_> = options.iter().map(|id| format!("\"{id}\"")).collect();
            format!(r#"{{"options":[{}],"type":"options"}}"#, quoted.join(","))
        }
    }
}

/// The first 15 hexadecimal digits that a code `XXXX-XXXX-XXXX` says.
fn unread(code: &str) -> Option<String> {
    let parts: Vec<_> = code.split('-').collect();
    if parts.iter().map(|part| part.len()).collect::<Vec<_>>() != [4, 4, 4] {
        return None;
    }
    let digits = code.chars().filter(|c| *c != '-');
    let value = digits
        .map(|digit| CROCKFORD.find(digit))
        .try_fold(0u64, |value, digit| {
            Some(value << 5 | u64::try_from(digit?).ok()?)
        })?;
    Some(format!("{value:015x}"))
}

/// The bytes of lowercase hexadecimal digits; none where it is anything else.
fn unhex(text: &str) -> Vec<u8> {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.len().is_multiple_of(2) || !text.as_bytes().iter().all(is_hex) {
        return Vec::new();
    }
    let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}
