//! What the desk does, without HTTP: sessions, commands, what is shown.
//!
//! Every question names a session, and whose it is and what they may do is read with
//! what they ask for, at the same moment. Nothing about staff is kept in the process.

mod account;
mod attachments;
mod behalf;
mod commands;
mod exports;
pub(super) mod live;
mod polls;
mod requests;
mod rolls;
mod views;

use super::Service;
use crate::store::Failure;
use crate::store::staff::{Act, ActReply, DeskState, StaffRecord, Want};
pub use account::Visitor;
pub use exports::Export;
use linli_model::desk::{DeskRefusal, StaffSelf};
use linli_model::{CommunityId, GrantToken, Refusal};
use linli_rules::desk as rules;
pub use live::{Live, News};
pub(super) use polls::DraftVoters;

/// Uses of a session are noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// Why the desk did not do something.
#[derive(Debug)]
pub enum DeskFailure {
    /// Understood and not done; nothing was changed.
    Refused(DeskRefusal),
    /// The store failed. For the log, never for clients.
    Fault(String),
}

impl From<DeskRefusal> for DeskFailure {
    fn from(refusal: DeskRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Refusal> for DeskFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Failure> for DeskFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Fault(detail) => Self::Fault(detail),
        }
    }
}

/// What the desk answers.
pub type Answer<T> = Result<T, DeskFailure>;

impl Service {
    /// What the desk knows, for a session that holds. Notes that it is in use.
    async fn desk(&self, community: &CommunityId, token: &GrantToken, want: Want) -> Answer<Desk> {
        let token_hash = crate::seal::session_hash(token.as_str());
        let state = self.store.desk_state(community, want).await??;
        let used_at_ms = state.me(&token_hash)?.session.used_at_ms;
        let minute_ms = state.now_ms - state.now_ms.rem_euclid(MINUTE_MS);
        if used_at_ms < minute_ms {
            self.store
                .touch_session(community, token_hash, minute_ms)
                .await?;
        }
        Ok(Desk { state, token_hash })
    }

    /// Does one act, and tells open desks of it.
    async fn act(&self, community: &CommunityId, act: Act) -> Answer<ActReply> {
        let reply = self.store.desk_act(community, act).await?;
        self.desk_changed.send_modify(|count| *count += 1);
        Ok(reply?)
    }

    /// Whose session this is.
    pub async fn staff_self(
        &self,
        community: &CommunityId,
        token: &GrantToken,
    ) -> Answer<StaffSelf> {
        let desk = self.desk(community, token, Want::default()).await?;
        Ok(told_self(&desk.state, desk.me()?))
    }
}

/// What is known, and by which session it was asked for.
struct Desk {
    state: DeskState,
    token_hash: [u8; 32],
}

impl Desk {
    fn me(&self) -> Result<&StaffRecord, DeskRefusal> {
        Ok(self.state.me(&self.token_hash)?.staff)
    }
}

fn told_self(state: &DeskState, staff: &StaffRecord) -> StaffSelf {
    StaffSelf {
        id: staff.id.clone(),
        name: staff.name.clone(),
        login: staff.login.clone(),
        community: state.community.clone(),
        posts: staff.posts.clone(),
        permissions: rules::permissions(&staff.posts),
        recovery_codes_left: u32::try_from(staff.recovery.len()).unwrap_or(u32::MAX),
    }
}
