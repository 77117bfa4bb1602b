//! What the service asks of a store about staff, their requests and what is written down
//! of them.
//!
//! A store loads a [`DeskState`], asks `super::desk` what an [`Act`] comes to, and does
//! the [`Effect`]s that it names, all in one transaction. Acts of one community come one
//! after the other. A refusal is a value here: what must stay of a refused act (a note
//! in the audit log) is committed with it.

mod act;
mod state;

pub use act::{
    Act, ActReply, Asked, Decided, Effect, Factor, NewSession, PlaceChange, Remembered, Written,
};
pub use state::{
    ApprovalRecord, DeskHead, DeskState, HalfEnrolment, InvitationRecord, Me, PlaceHouseholds,
    RecordedBallot, SESSION_MS, SessionRecord, StaffRecord, Topics, Want,
};

use super::{StoreFuture, StoredTopic};
use linli_model::desk::{AuditEntry, DeskRefusal, LiveEvent};
use linli_model::{CommunityId, UtcMs};

/// A store of staff. Answers of `Ok(Err(…))` were understood and not done.
pub trait StaffStore: Send + Sync {
    /// What the desk knows, at one moment.
    fn desk_state<'a>(
        &'a self,
        community: &'a CommunityId,
        want: Want,
    ) -> StoreFuture<'a, Result<DeskState, DeskRefusal>>;

    /// How many households each place has, itself, and how many of them have a code.
    fn place_households<'a>(
        &'a self,
        community: &'a CommunityId,
    ) -> StoreFuture<'a, Vec<PlaceHouseholds>>;

    /// Does one act.
    fn desk_act<'a>(
        &'a self,
        community: &'a CommunityId,
        act: Act,
    ) -> StoreFuture<'a, Result<ActReply, DeskRefusal>>;

    /// Notes that a session is in use; `used_at_ms` is a whole minute.
    fn touch_session<'a>(
        &'a self,
        community: &'a CommunityId,
        token_hash: [u8; 32],
        used_at_ms: UtcMs,
    ) -> StoreFuture<'a, ()>;

    /// Entries of the audit log with a number below `before`, newest first, in which
    /// `search` occurs. At most `limit`.
    fn audit_before<'a>(
        &'a self,
        community: &'a CommunityId,
        before: Option<u64>,
        search: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>>;

    /// Entries after `after`, oldest first. At most `limit`.
    fn audit_after<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
        limit: u32,
    ) -> StoreFuture<'a, Vec<AuditEntry>>;

    /// The end of the audit log, as the next entry will be bound to it.
    fn desk_head<'a>(&'a self, community: &'a CommunityId) -> StoreFuture<'a, DeskHead>;

    /// Changes after `after`, oldest first, with their numbers. `None` when some of them
    /// are no longer known.
    fn desk_events<'a>(
        &'a self,
        community: &'a CommunityId,
        after: u64,
    ) -> StoreFuture<'a, Option<Vec<(u64, LiveEvent)>>>;

    /// Ballots of a recorded poll whose voters come after `after`, in their order. At
    /// most `limit`.
    fn recorded_ballots<'a>(
        &'a self,
        topic: &'a StoredTopic,
        after: &'a str,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RecordedBallot>>;
}
