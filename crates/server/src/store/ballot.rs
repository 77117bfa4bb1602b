//! What every store decides alike about a ballot. How it is found and written is each
//! store's own.

use super::{CastIntent, CastRecord, Recorder, StoredTopic};
use crate::seal;
use linli_model::{Changes, IdempotencyKey, Poll, Refusal, Secrecy, UtcMs};
use linli_rules::{ballot, phase};
use std::sync::Arc;

/// What the rules say before anything is written: the choice in normal form, or why not.
pub(super) fn admit(
    poll: &Poll,
    expires_at_ms: UtcMs,
    intent: &CastIntent,
    now_ms: UtcMs,
) -> Result<String, Refusal> {
    if intent.on_behalf.is_some() && poll.secrecy == Secrecy::Secret {
        return Err(Refusal::OnBehalfSecret);
    }
    // Closing is the truer reason where both hold: a new grant would not help.
    phase::require_open(poll, now_ms)?;
    if now_ms >= expires_at_ms {
        return Err(Refusal::GrantExpired);
    }
    let ballot = ballot::check(poll, &intent.choice)?;
    Ok(seal::choice_text(ballot.choice()))
}

/// Whether `intent` may replace `found`. What staff fill in never replaces what the voter
/// cast.
pub(super) fn may_replace(poll: &Poll, found: &Stored, intent: &CastIntent) -> Result<(), Refusal> {
    let by_staff = intent
        .on_behalf
        .as_ref()
        .is_some_and(|by| matches!(by.recorder, Recorder::Staff(_)));
    if poll.changes == Changes::Never || (by_staff && !found.on_behalf) {
        return Err(Refusal::AlreadyVoted);
    }
    Ok(())
}

/// The choice as it would be written, also where the poll has been edited since: in the
/// poll's order where it still fits.
pub(super) fn draft(poll: &Poll, intent: &CastIntent) -> String {
    ballot::check(poll, &intent.choice).map_or_else(
        |_| seal::choice_text(&intent.choice),
        |ballot| seal::choice_text(ballot.choice()),
    )
}

/// A ballot that `intent` has just made.
pub(super) fn fresh(
    topic: &Arc<StoredTopic>,
    intent: &CastIntent,
    revision: u32,
    choice: &str,
    cast_at_ms: Option<UtcMs>,
) -> CastRecord {
    CastRecord {
        topic: Arc::clone(topic),
        revision,
        choice: choice.to_owned(),
        nonce: intent.nonce,
        key_id: (*intent.key_id).to_owned(),
        cast_at_ms,
        on_behalf: intent.on_behalf.is_some(),
        replayed: false,
    }
}

/// One ballot as stored.
pub(super) struct Stored {
    pub(super) revision: u32,
    pub(super) choice: String,
    pub(super) nonce: [u8; 32],
    pub(super) key_id: String,
    pub(super) cast_key: [u8; 16],
    pub(super) cast_at_ms: Option<UtcMs>,
    pub(super) on_behalf: bool,
}

impl Stored {
    /// Whether the command of this key made it.
    pub(super) fn is_of(&self, key: &IdempotencyKey) -> bool {
        self.cast_key == *key.as_bytes()
    }

    /// The record that its command was answered with.
    pub(super) fn replay(self, topic: &Arc<StoredTopic>) -> CastRecord {
        CastRecord {
            topic: Arc::clone(topic),
            revision: self.revision,
            choice: self.choice,
            nonce: self.nonce,
            key_id: self.key_id,
            cast_at_ms: self.cast_at_ms,
            on_behalf: self.on_behalf,
            replayed: true,
        }
    }

    /// The same where the command comes again with the same choice, else a refusal.
    pub(super) fn same_or_reused(
        self,
        choice: &str,
        topic: &Arc<StoredTopic>,
    ) -> Result<CastRecord, Refusal> {
        if self.choice == choice {
            Ok(self.replay(topic))
        } else {
            Err(Refusal::KeyReused)
        }
    }
}
