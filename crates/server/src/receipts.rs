//! Receipts: the keys that sign them, making them from what is stored, checking them.
//!
//! Ed25519 is deterministic and everything that a receipt says is stored with its
//! ballot, so the same ballot gives the same bytes again, outside the transaction.

use crate::identity::codes::spoken_60_bits;
use crate::seal::{self, hex, unhex};
use crate::store::{Attest, CastRecord};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use linli_model::{CastReply, Choice, Opening, Receipt, ReceiptKey, ReceiptKeys};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// Version of the receipt's form.
const VERSION: u32 = 1;

/// The keys that sign receipts: the one in use first, retired ones after it.
pub struct Signers {
    keys: Vec<(Arc<str>, SigningKey)>,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// 32 bytes each as hexadecimal, the one in use first.
    secret_keys: Vec<String>,
}

impl Signers {
    /// Reads the key file, or makes one (mode 0600) with one new key.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        let made = || {
            let file = KeyFile {
                secret_keys: vec![hex(&seal::chance::<32>())],
            };
            serde_json::to_string_pretty(&file).unwrap_or_default()
        };
        let text = crate::files::read_or_create_secret(path, made)?;
        let told = |what: &str| format!("{}: {what}", path.display());
        let file: KeyFile = serde_json::from_str(&text).map_err(|e| told(&e.to_string()))?;
        let read = |secret: &String| {
            let key = SigningKey::from_bytes(&unhex::<32>(secret)?);
            Some((Arc::from(key_id(&key.verifying_key())), key))
        };
        let keys: Option<Vec<_>> = file.secret_keys.iter().map(read).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys }),
            _ => Err(told("not a list of secret keys")),
        }
    }

    /// The key that signs new receipts.
    pub fn current_id(&self) -> Arc<str> {
        Arc::clone(&self.keys[0].0)
    }

    /// Every public key, the one in use first.
    pub fn public(&self) -> ReceiptKeys {
        let keys = self.keys.iter().map(|(id, key)| ReceiptKey {
            key_id: id.to_string(),
            public_key: hex(key.verifying_key().as_bytes()),
        });
        ReceiptKeys {
            keys: keys.collect(),
        }
    }

    /// The signed reply of a stored ballot.
    pub fn reply(&self, record: &CastRecord) -> Result<CastReply, String> {
        let choice: Choice = serde_json::from_str(&record.choice)
            .map_err(|error| format!("stored choice: {error}"))?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(id, _)| **id == *record.key_id)
            .ok_or_else(|| format!("receipt key {} is not in the key file", record.key_id))?;
        let commitment = seal::commitment(&record.nonce, &record.choice);
        let topic = &record.topic.topic;
        let mut receipt = Receipt {
            version: VERSION,
            code: spoken_60_bits(&commitment),
            community: topic.community.id.clone(),
            topic: topic.id.clone(),
            poll: topic.poll.id.clone(),
            secrecy: topic.poll.secrecy,
            revision: record.revision,
            commitment: hex(&commitment),
            cast_at_ms: record.cast_at_ms,
            key_id: record.key_id.clone(),
            on_behalf: record.on_behalf,
            signature: String::new(),
        };
        let signed = signed_text(&receipt).ok_or("the receipt has no canonical form")?;
        receipt.signature = hex(&key.sign(signed.as_bytes()).to_bytes());
        Ok(CastReply {
            receipt,
            opening: Opening {
                choice,
                nonce: hex(&record.nonce),
            },
        })
    }
}

impl Attest for Signers {
    fn attest(&self, record: &CastRecord) -> Result<(), String> {
        let reply = self.reply(record)?;
        verify(&reply.receipt, &self.public())
            .and_then(|()| verify_opening(&reply.receipt, &reply.opening))
            .map_err(|fault| fault.to_string())
    }
}

/// In which way a receipt is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// A version that this program does not know.
    #[error("the receipt has version {0}, this program knows version 1")]
    Version(u32),
    /// None of the keys signed it.
    #[error("the keys at hand do not include key {0}, which the receipt names")]
    KeyUnknown(String),
    /// The receipt was altered, or another key signed it.
    #[error("the signature does not fit: the receipt was altered, or is not from this server")]
    Signature,
    /// The spoken code is not the commitment's.
    #[error("the receipt number does not belong to the receipt")]
    Code,
    /// The choice and nonce are not what the receipt commits to.
    #[error("the choice and nonce shown are not what the receipt commits to")]
    Opening,
}

/// Checks a receipt's signature and code against `keys`.
pub fn verify(receipt: &Receipt, keys: &ReceiptKeys) -> Result<(), ReceiptFault> {
    if receipt.version != VERSION {
        return Err(ReceiptFault::Version(receipt.version));
    }
    let known = keys.keys.iter().find(|key| key.key_id == receipt.key_id);
    let key = known
        .and_then(|key| unhex::<32>(&key.public_key))
        .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
        .filter(|key| key_id(key) == receipt.key_id)
        .ok_or_else(|| ReceiptFault::KeyUnknown(receipt.key_id.clone()))?;
    let signed = signed_text(receipt).ok_or(ReceiptFault::Signature)?;
    let signature = unhex::<64>(&receipt.signature).ok_or(ReceiptFault::Signature)?;
    key.verify_strict(signed.as_bytes(), &Signature::from_bytes(&signature))
        .map_err(|_| ReceiptFault::Signature)?;
    match unhex::<32>(&receipt.commitment) {
        Some(commitment) if spoken_60_bits(&commitment) == receipt.code => Ok(()),
        _ => Err(ReceiptFault::Code),
    }
}

/// Checks that `opening` is what `receipt` commits to.
pub fn verify_opening(receipt: &Receipt, opening: &Opening) -> Result<(), ReceiptFault> {
    let nonce = unhex::<32>(&opening.nonce).ok_or(ReceiptFault::Opening)?;
    let commitment = seal::commitment(&nonce, &seal::choice_text(&opening.choice));
    if hex(&commitment) == receipt.commitment {
        Ok(())
    } else {
        Err(ReceiptFault::Opening)
    }
}

/// RFC 8785 JSON of the receipt without its signature. Strings and integers below 2⁵³ are
/// written alike by serde and by the RFC; what is left is the order of the members, which
/// is alphabetical here.
fn signed_text(receipt: &Receipt) -> Option<String> {
    #[derive(Serialize)]
    struct Signed<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        cast_at_ms: Option<i64>,
        code: &'a str,
        commitment: &'a str,
        community: &'a str,
        key_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        on_behalf: Option<bool>,
        poll: &'a str,
        revision: u32,
        secrecy: &'a str,
        topic: &'a str,
        version: u32,
    }
    let Receipt {
        version,
        code,
        community,
        topic,
        poll,
        secrecy,
        revision,
        commitment,
        cast_at_ms,
        key_id,
        on_behalf,
        signature: _,
    } = receipt;
    let signed = Signed {
        cast_at_ms: *cast_at_ms,
        code,
        commitment,
        community: community.as_str(),
        key_id,
        on_behalf: on_behalf.then_some(true),
        poll: poll.as_str(),
        revision: *revision,
        secrecy: secrecy.as_str(),
        topic: topic.as_str(),
        version: *version,
    };
    serde_json::to_string(&signed).ok()
}

/// The first 16 hexadecimal digits of SHA-256 of the public key.
fn key_id(key: &VerifyingKey) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(key.as_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::{CommunityId, PollId, Secrecy, TopicId};

    #[test]
    fn what_is_signed_is_the_canonical_form() {
        let id = "江畔\"\\\u{7}\u{7f}\u{2028}\n/😀";
        for (secrecy, cast_at_ms, on_behalf) in [
            (Secrecy::Recorded, Some(1_800_000_000_000), false),
            (Secrecy::Recorded, Some(-1), true),
            (Secrecy::Secret, None, false),
        ] {
            let receipt = Receipt {
                version: 1,
                code: id.to_owned(),
                community: CommunityId::parse("jiangpan").unwrap(),
                topic: TopicId::parse("parking-2026").unwrap(),
                poll: PollId::parse("parking").unwrap(),
                secrecy,
                revision: u32::MAX,
                commitment: hex(&[0xab; 32]),
                cast_at_ms,
                key_id: id.to_owned(),
                on_behalf,
                signature: "never signed".to_owned(),
            };
            let mut value = serde_json::to_value(&receipt).unwrap();
            value.as_object_mut().unwrap().remove("signature");
            let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
            assert_eq!(signed_text(&receipt).unwrap(), canonical);
        }
    }
}
