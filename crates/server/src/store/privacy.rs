//! What people may ask of their own data: sessions of their own, what is kept of them,
//! consents, requests to staff.
//!
//! Whoever asks is a *subject*: `h<household>`, the word of a voter on another roll, or
//! `d<hash>` of a device. Polls may know a subject by other names, its *voters*: a device
//! has another one in each poll.

use super::{Charge, StoreFuture};
use linli_model::desk::roll::RollKind;
use linli_model::me::{ConsentPurpose, RequestKind, RequestState};
use linli_model::{CommunityRef, ConsentId, PollId, RequestId, TopicId, UtcMs};
use serde::{Deserialize, Serialize};

/// People's own data.
pub trait PrivacyStore {
    /// Every community.
    fn communities(&self) -> StoreFuture<'_, Vec<String>>;

    /// One community: what it is called, and the origins whose pages may frame ours.
    fn community<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Option<CommunityRow>>;

    /// Every topic of a community.
    fn topics_of<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TopicId>>;

    /// Opens a session for whom the proof names.
    fn open_my_session(&self, open: OpenMySession) -> StoreFuture<'_, MySessionRow>;

    /// The session of a token, if it still holds.
    fn my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Option<MySessionRow>>;

    /// Ends a session.
    fn close_my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
    ) -> StoreFuture<'a, ()>;

    /// Everything of a subject but its files. `marks` are its entries in the registers of
    /// secret polls: those that are there come back as polls.
    fn my_rows(&self, asked: MyRowsOf) -> StoreFuture<'_, MyRows>;

    /// Ends every grant of these voters, and deletes settled requests of the subject.
    /// Answers how many of each.
    fn delete_mine(&self, whose: Whose) -> StoreFuture<'_, (u64, u64)>;

    /// Records a consent. One that holds for the same purpose and version is the answer;
    /// one for an earlier version is taken back by the new one.
    fn give_consent(&self, consent: ConsentRow) -> StoreFuture<'_, ConsentRow>;

    /// Takes a consent back. False when there is none that holds.
    fn withdraw_consent<'a>(
        &'a self,
        community: &'a str,
        subject: &'a str,
        consent: &'a ConsentId,
    ) -> StoreFuture<'a, bool>;

    /// Records a request, unless `open_max` of the subject wait already.
    fn ask_request(&self, request: RequestRow, open_max: u32) -> StoreFuture<'_, RequestRow>;

    /// Requests of a community, the latest first; those before `before_ms`.
    fn requests<'a>(
        &'a self,
        community: &'a str,
        state: RequestState,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RequestRow>>;

    /// Settles an open request. False when it is not open, or there is none.
    fn settle_request(&self, settle: SettleRequest) -> StoreFuture<'_, bool>;
}

/// A community as its pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityRow {
    /// What it is called.
    pub community: CommunityRef,
    /// Origins whose pages may frame ours.
    pub origins: Vec<String>,
}

/// Whom a proof of one's own names.
#[derive(Debug, Clone)]
pub enum MyBearer {
    /// The household of a typed code whose secret was verified against this hash.
    TypedCode {
        /// Finds the row.
        selector: String,
        /// The hash that the secret was verified against.
        secret_phc: String,
    },
    /// The household of a scanned code.
    ScannedCode {
        /// SHA-256 of the code.
        code_hash: [u8; 32],
    },
    /// Somebody whom a one-time password named.
    Named {
        /// The words of the rolls that know them; the first stands for them.
        voters: Vec<String>,
        /// What they are called.
        name: String,
    },
    /// A device: its name in the community, and in each poll.
    Device {
        /// In the community.
        subject: String,
        /// In each poll.
        voters: Vec<String>,
    },
}

/// Opens a session.
#[derive(Debug, Clone)]
pub struct OpenMySession {
    /// The community.
    pub community: String,
    /// For whom.
    pub bearer: MyBearer,
    /// SHA-256 of the new token.
    pub token_hash: [u8; 32],
    /// How long it holds.
    pub lasts_ms: i64,
    /// Tries that were counted as wrong and turned out right. As with grants, the first
    /// is forgotten, the others are taken back by one.
    pub settle: Charge,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MySessionRow {
    /// Who.
    pub subject: String,
    /// Every name that polls know them by.
    pub voters: Vec<String>,
    /// What the household is called.
    pub label: String,
    /// When it ends.
    pub expires_at_ms: UtcMs,
}

/// Whose rows.
#[derive(Debug, Clone)]
pub struct Whose {
    /// The community.
    pub community: String,
    /// Who.
    pub subject: String,
    /// Every name that polls know them by.
    pub voters: Vec<String>,
}

/// Asks for everything of a subject.
#[derive(Debug, Clone)]
pub struct MyRowsOf {
    /// Whose.
    pub whose: Whose,
    /// Entries that they would have in registers.
    pub marks: Vec<(PollId, [u8; 32])>,
}

/// Everything of a subject.
#[derive(Debug, Clone, Default)]
pub struct MyRows {
    /// The household's entry on the roll.
    pub household: Option<MyHouseholdRow>,
    /// Entries on the other rolls.
    pub entries: Vec<MyEntryRow>,
    /// Poll and end of each grant.
    pub grants: Vec<(String, UtcMs)>,
    /// Recorded ballots.
    pub ballots: Vec<MyBallotRow>,
    /// Polls in whose register they stand.
    pub registered: Vec<PollId>,
    /// Consents.
    pub consents: Vec<ConsentRow>,
    /// Requests.
    pub requests: Vec<RequestRow>,
}

/// An entry on a roll of now, by which somebody votes.
#[derive(Debug, Clone)]
pub struct MyEntryRow {
    /// Which roll.
    pub roll: RollKind,
    /// The household or unit.
    pub label: String,
    /// The name there.
    pub name: String,
    /// The place's name.
    pub place: String,
    /// In 0.01 m².
    pub area_csqm: Option<u64>,
    /// How many contacts of the voter are kept, as hashes.
    pub contacts: u32,
}

impl MyEntryRow {
    /// What the voter is called.
    pub fn called(&self) -> String {
        match self.name.is_empty() {
            true => self.label.clone(),
            false => self.name.clone(),
        }
    }
}

/// A household's entry.
#[derive(Debug, Clone)]
pub struct MyHouseholdRow {
    /// What staff and paper call it.
    pub label: String,
    /// The place's name.
    pub place: String,
    /// In 0.01 m².
    pub area_csqm: Option<u64>,
    /// Whether a voting code was given out.
    pub has_code: bool,
}

/// A recorded ballot.
#[derive(Debug, Clone)]
pub struct MyBallotRow {
    /// In which poll.
    pub poll: String,
    /// 1 for the first.
    pub revision: u32,
    /// JSON of the choice.
    pub choice: String,
    /// When.
    pub cast_at_ms: UtcMs,
    /// False when a later one replaced it.
    pub counts: bool,
}

/// A consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// The community.
    pub community: String,
    /// Its identifier.
    pub id: ConsentId,
    /// Whose.
    pub subject: String,
    /// To what.
    pub purpose: ConsentPurpose,
    /// Which version of the notice.
    pub version: u32,
    /// Sealed: who helped and who saw it.
    pub helped: Option<Vec<u8>>,
    /// When. Set by the store.
    pub given_at_ms: UtcMs,
    /// When it was taken back.
    pub withdrawn_at_ms: Option<UtcMs>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// The community.
    pub community: String,
    /// Its identifier.
    pub id: RequestId,
    /// Whose.
    pub subject: String,
    /// What for.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// Sealed: [`RequestBody`].
    pub body: Vec<u8>,
    /// When. Set by the store.
    pub asked_at_ms: UtcMs,
    /// Sealed: what staff answered.
    pub answer: Option<Vec<u8>>,
    /// When.
    pub settled_at_ms: Option<UtcMs>,
}

/// What a request's body holds before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBody {
    /// Their words.
    pub text: String,
    /// How to reach them.
    pub contact: String,
}

/// Settles a request.
#[derive(Debug, Clone)]
pub struct SettleRequest {
    /// The community.
    pub community: String,
    /// Which.
    pub id: RequestId,
    /// How it ended.
    pub state: RequestState,
    /// Sealed.
    pub answer: Vec<u8>,
    /// By whom: `staff:<id>`.
    pub by: String,
}

/// How long somebody waits who has asked for too much at once: staff must answer first.
pub(super) const OPEN_RETRY_MS: i64 = 24 * 3_600_000;
