//! What a desk's store loads, and what can be read off it.

use crate::store::{StoredTopic, UploadRow};
use linli_model::desk::roll::RollPreview;
use linli_model::desk::{
    ApprovalState, Command, CommandReply, DeskRefusal, Permission, PlaceNode, Post, TopicDraft,
};
use linli_model::{
    ApprovalId, CommunityRef, IdempotencyKey, PlaceId, PlaceRef, PollId, StaffId, Topic, TopicId,
    UploadId, UtcMs,
};
use linli_rules::desk as rules;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What to load besides staff, sessions, invitations, places and waiting requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Want {
    /// Topics and drafts.
    pub topics: Topics,
    /// Also requests that are settled.
    pub settled: bool,
    /// This request, settled or not. Its topic is loaded as well.
    pub approval: Option<ApprovalId>,
    /// Every household, and which have codes.
    pub households: bool,
    /// The poll whose name a draft of [`Self::topics`] is to have.
    pub poll: Option<PollId>,
    /// What this topic is shown with, and this upload.
    pub attachment: Option<(TopicId, UploadId)>,
    /// This preview of a roll. One that [`Self::approval`] names is loaded as well.
    pub roll_draft: Option<String>,
    /// The reply that was kept under a session and a key.
    pub kept: Option<([u8; 32], IdempotencyKey)>,
}

/// Which topics to load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Topics {
    /// None.
    #[default]
    None,
    /// One, published or not.
    One(TopicId),
    /// All of the community's.
    All,
}

/// What the desk knows at one moment.
#[derive(Debug)]
pub struct DeskState {
    /// That moment.
    pub now_ms: UtcMs,
    /// The community.
    pub community: CommunityRef,
    /// Everyone with an account.
    pub staff: Vec<StaffRecord>,
    /// Sessions, also ones that have ended by themselves.
    pub sessions: Vec<SessionRecord>,
    /// Invitations that were not used, also ones that are too old.
    pub invitations: Vec<InvitationRecord>,
    /// The tree of places.
    pub places: Vec<PlaceNode>,
    /// Requests.
    pub approvals: Vec<ApprovalRecord>,
    /// Published topics, as asked for.
    pub topics: Vec<Arc<StoredTopic>>,
    /// Drafts, as asked for.
    pub drafts: Vec<TopicDraft>,
    /// Whether the one topic's identifier is in use, in whichever community.
    pub topic_taken: bool,
    /// Whether another topic has its poll's identifier.
    pub poll_taken: bool,
    /// Households on the roll, where asked for: whether each has a code, by place and
    /// label.
    pub households: HashMap<(String, String), bool>,
    /// Uploads that the topic is shown with, where asked for.
    pub attachments: Vec<UploadId>,
    /// The upload, where asked for.
    pub upload: Option<UploadRow>,
    /// The preview of a roll, where asked for and not expired.
    pub roll: Option<RollPreview>,
    /// What was answered before, where asked for: hash of the command, and the reply.
    pub kept: Option<([u8; 32], CommandReply)>,
}

/// A member of staff with the session that they act in.
#[derive(Debug, Clone, Copy)]
pub struct Me<'a> {
    /// The session.
    pub session: &'a SessionRecord,
    /// Whose it is.
    pub staff: &'a StaffRecord,
}

impl DeskState {
    /// Whose session this is: none that has ended, none of somebody without posts.
    pub fn me(&self, token_hash: &[u8; 32]) -> Result<Me<'_>, DeskRefusal> {
        let session = self.sessions.iter().find(|s| s.token_hash == *token_hash);
        let session = session.filter(|s| s.holds_at(self.now_ms));
        let session = session.ok_or(DeskRefusal::SignedOut)?;
        let staff = self.member(&session.staff);
        let staff = staff.filter(|staff| !staff.posts.is_empty());
        let staff = staff.ok_or(DeskRefusal::SignedOut)?;
        Ok(Me { session, staff })
    }

    /// The account of that identifier.
    pub fn member(&self, id: &StaffId) -> Option<&StaffRecord> {
        self.staff.iter().find(|staff| staff.id == *id)
    }

    /// A place and everything above it; nothing where the community has no such place.
    pub fn chain(&self, place: &PlaceId) -> Option<Vec<PlaceId>> {
        let row = |id: &PlaceId| self.places.iter().find(|row| row.id == *id);
        let mut chain = vec![row(place)?.id.clone()];
        let mut above = row(place)?.parent.as_ref();
        while let Some(next) = above {
            // A tree by its import; a loop in it must not hang us.
            if chain.contains(next) {
                break;
            }
            chain.push(next.clone());
            above = row(next).and_then(|row| row.parent.as_ref());
        }
        Some(chain)
    }

    /// Whether `posts` permit it at a place; absent: in the whole community.
    pub fn may(&self, posts: &[Post], permission: Permission, place: Option<&PlaceId>) -> bool {
        match place {
            None => rules::may(posts, permission, &[]),
            Some(place) => self
                .chain(place)
                .is_some_and(|chain| rules::may(posts, permission, &chain)),
        }
    }

    /// Identifiers of the places where `posts` permit it.
    pub fn places_of(&self, posts: &[Post], permission: Permission) -> HashSet<&str> {
        let everywhere = rules::may(posts, permission, &[]);
        let roots: HashSet<&PlaceId> = self
            .places
            .iter()
            .map(|row| &row.id)
            .filter(|id| rules::may(posts, permission, std::slice::from_ref(*id)))
            .collect();
        self.under(|id| everywhere || roots.contains(id))
    }

    /// Identifiers of a place and everything below it; of all places where none is given.
    pub fn below(&self, place: Option<&PlaceId>) -> HashSet<&str> {
        self.under(|id| place.is_none_or(|place| place == id))
    }

    /// Places that `root` holds for, or something above them.
    fn under(&self, root: impl Fn(&PlaceId) -> bool) -> HashSet<&str> {
        let parents: HashMap<&PlaceId, Option<&PlaceId>> = self
            .places
            .iter()
            .map(|row| (&row.id, row.parent.as_ref()))
            .collect();
        let is_under = |row: &&PlaceNode| {
            let mut at = Some(&row.id);
            for _ in 0..=parents.len() {
                match at {
                    Some(id) if root(id) => return true,
                    Some(id) => at = parents.get(id).copied().flatten(),
                    None => return false,
                }
            }
            false
        };
        let under = self.places.iter().filter(is_under);
        under.map(|row| row.id.as_str()).collect()
    }

    /// Whether a holder of `posts` may give `given`, or take it away.
    pub fn may_give(&self, posts: &[Post], given: &[Post]) -> bool {
        rules::may_give(posts, given, |place| self.chain(place))
    }

    /// An invitation that holds: young enough, and of somebody who may still give what it
    /// gives.
    pub fn invitation(&self, token_hash: &[u8; 32]) -> Option<&InvitationRecord> {
        let found = self
            .invitations
            .iter()
            .find(|i| i.token_hash == *token_hash)?;
        let may_still = found.invited_by.as_ref().is_none_or(|inviter| {
            let inviter = self.member(inviter);
            inviter.is_some_and(|inviter| self.may_give(&inviter.posts, &found.posts))
        });
        (self.now_ms < found.expires_at_ms && may_still).then_some(found)
    }

    /// A draft as residents would see it; nothing where its place is gone.
    pub fn topic_of(&self, draft: &TopicDraft) -> Option<Topic> {
        let place = self.places.iter().find(|row| row.id == draft.place)?;
        Some(Topic {
            id: draft.id.clone(),
            community: self.community.clone(),
            place: PlaceRef {
                id: place.id.clone(),
                name: place.name.clone(),
            },
            lang: draft.lang.clone(),
            title: draft.title.clone(),
            summary: draft.summary.clone(),
            poll: draft.poll.clone(),
        })
    }
}

/// A member of staff as stored.
#[derive(Clone)]
pub struct StaffRecord {
    /// Their identifier.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub login: String,
    /// Argon2id hash of the password.
    pub password_phc: String,
    /// Encrypted secret of the authenticator.
    pub totp_secret: Vec<u8>,
    /// The last step of time whose code was used.
    pub totp_step: i64,
    /// What they are trusted with.
    pub posts: Vec<Post>,
    /// When they last signed in.
    pub signed_in_at_ms: Option<UtcMs>,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<[u8; 32]>,
}

impl std::fmt::Debug for StaffRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StaffRecord({}, …)", self.id)
    }
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Names it without opening it.
    pub id: String,
    /// Whose.
    pub staff: StaffId,
    /// When it began.
    pub started_at_ms: UtcMs,
    /// When it was last used, to the minute.
    pub used_at_ms: UtcMs,
    /// Family of browser and system.
    pub device: String,
}

/// An invitation as stored.
#[derive(Debug, Clone)]
pub struct InvitationRecord {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Names it without opening it.
    pub id: String,
    /// Who is invited.
    pub name: String,
    /// What they will be trusted with.
    pub posts: Vec<Post>,
    /// Who invites; nobody: somebody with a shell on the server.
    pub invited_by: Option<StaffId>,
    /// Their name.
    pub invited_by_name: String,
    /// When it ends.
    pub expires_at_ms: UtcMs,
    /// The first of two steps, where it was done.
    pub half: Option<HalfEnrolment>,
    /// The account whose second factor it renews; absent where it makes a new one.
    pub renews: Option<StaffId>,
}

/// What the first step of an enrolment leaves.
#[derive(Clone)]
pub struct HalfEnrolment {
    /// The login.
    pub login: String,
    /// Argon2id hash of the password.
    pub password_phc: String,
    /// Encrypted secret of the authenticator.
    pub totp_secret: Vec<u8>,
}

impl std::fmt::Debug for HalfEnrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HalfEnrolment(…)")
    }
}

/// A request as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// Its identifier.
    pub id: ApprovalId,
    /// What is asked for.
    pub command: Command,
    /// What it concerns, in words.
    pub about: String,
    /// Where it is decided; absent: the whole community.
    pub place: Option<PlaceId>,
    /// Who asked.
    pub asked_by: StaffId,
    /// Their name at the time.
    pub asked_by_name: String,
    /// When.
    pub asked_at_ms: UtcMs,
    /// When it lapses.
    pub expires_at_ms: UtcMs,
    /// As stored: also where it has lapsed, it waits.
    pub state: ApprovalState,
    /// Who decided.
    pub decided_by_name: String,
    /// When.
    pub decided_at_ms: Option<UtcMs>,
    /// Why.
    pub reason: String,
}

/// How long a session lasts.
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// How long a session lasts without use.
const SESSION_IDLE_MS: i64 = 2 * 3_600_000;

impl SessionRecord {
    /// When it ends at the latest.
    pub fn ends_at_ms(&self) -> UtcMs {
        self.started_at_ms + SESSION_MS
    }

    /// Whether it has not ended by itself.
    pub fn holds_at(&self, now_ms: UtcMs) -> bool {
        now_ms < self.ends_at_ms() && now_ms < self.used_at_ms + SESSION_IDLE_MS
    }
}

impl ApprovalRecord {
    /// Where it stands at `now_ms`.
    pub fn state_at(&self, now_ms: UtcMs) -> ApprovalState {
        match self.state {
            ApprovalState::Waiting if now_ms >= self.expires_at_ms => ApprovalState::Lapsed,
            stored => stored,
        }
    }
}

/// Households of one place, without those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceHouseholds {
    /// The place.
    pub place: String,
    /// How many there are.
    pub households: u64,
    /// How many have a code of either kind.
    pub with_code: u64,
}

/// The ends of a community's audit log and of its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskHead {
    /// Number of the newest entry.
    pub audit_number: u64,
    /// Its hash.
    pub audit_hash: String,
    /// Number of the newest change.
    pub event_number: u64,
}

/// A ballot of a recorded poll.
#[derive(Debug, Clone)]
pub struct RecordedBallot {
    /// The voter.
    pub voter: String,
    /// Name of the voter's place; empty for devices.
    pub place: String,
    /// The voter's label; empty for devices.
    pub label: String,
    /// JSON of the choice.
    pub choice: String,
    /// 1 for a first ballot.
    pub revision: u32,
    /// When.
    pub cast_at_ms: UtcMs,
}
