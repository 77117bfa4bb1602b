//! Receipts with a true commitment and no signature.

use linli_model::{CastReply, Choice, Opening, Receipt, Topic, UtcMs};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The `key_id` of receipts that nobody signed.
pub const UNSIGNED: &str = "unsigned";

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The reply to a recorded ballot.
pub(super) fn reply(
    topic: &Topic,
    choice: &Choice,
    revision: u32,
    cast_at_ms: Option<UtcMs>,
    nonce: [u8; 32],
) -> CastReply {
    let digest = Sha256::new()
        .chain_update(nonce)
        .chain_update(canonical(choice))
        .finalize();
    let receipt = Receipt {
        version: 1,
        code: code(&digest),
        community: topic.community.id.clone(),
        topic: topic.id.clone(),
        poll: topic.poll.id.clone(),
        secrecy: topic.poll.secrecy,
        revision,
        commitment: hex(&digest),
        cast_at_ms,
        key_id: UNSIGNED.to_owned(),
        on_behalf: false,
        signature: "0".repeat(128),
    };
    let opening = Opening {
        choice: choice.clone(),
        nonce: hex(&nonce),
    };
    CastReply { receipt, opening }
}

/// RFC 8785 form. serde_json's map sorts its keys, and identifiers are plain ASCII.
fn canonical(choice: &Choice) -> String {
    match choice {
        Choice::Motion { stance } => json!({ "stance": stance.as_str(), "type": "motion" }),
        Choice::Options { options } => json!({ "options": options, "type": "options" }),
    }
    .to_string()
}

fn code(digest: &[u8]) -> String {
    let bits = digest
        .iter()
        .take(8)
        .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut code = String::new();
    for place in 0..12u32 {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        let index = (bits >> (59 - 5 * place)) & 31;
        code.push(char::from(CROCKFORD[index as usize]));
    }
    code
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
