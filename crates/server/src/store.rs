//! What the service asks of a store: whole intents, each one transaction.
//!
//! A store decides by what it holds and by the clock at that moment; it runs the same
//! rules as the widget. Checks that need no stored state (shapes, origins, signatures)
//! are the callers'. There is no lowest-common SQL: each implementation writes its own.

pub mod attachments;
pub mod audit;
mod ballot;
mod behalf;
mod check;
mod contacts;
pub mod desk;
mod figures;
mod identity;
mod inspect;
mod owners;
pub mod postgres;
pub mod privacy;
pub mod retention;
mod roll;
mod rolls;
pub mod sqlite;
pub mod staff;
mod turnout;
mod uploads;

pub use attachments::{AttachmentRow, AttachmentStore};
pub use behalf::{BehalfRow, BehalfStore, OnBehalf, Recorder, VoterRow, VoterSearch};
pub use check::{Attest, CheckReport};
pub use contacts::{RollContact, RollContacts};
pub use figures::StoreFigures;
pub use identity::{
    HostKey, IdentityStore, MyPassword, MyVoter, PreparedContact, PreparedIdentity, PreparedVoter,
    PutPassword, TokenBearer, TokenVoter,
};
pub use inspect::Inspection;
pub use linli_model::desk::Manner;
pub use roll::{
    HouseholdCodes, HouseholdRow, ImportReport, PreparedCodes, PreparedCommunity,
    PreparedHousehold, PreparedImport, PreparedPlace, TypedCodeRow,
};
pub use rolls::{AdoptRoll, CommunityPlaces, EntriesQuery, RollDraft, RollStore, Told};

pub use privacy::PrivacyStore;
pub use retention::RetentionStore;
pub use staff::StaffStore;
pub use uploads::{UnusedBlob, UploadCharge, UploadRow, UploadStore};

use crate::identity::attempts::Limit;
use linli_model::desk::Notice;
use linli_model::{
    BallotSecret, Choice, IdempotencyKey, PlaceRef, Refusal, Topic, TopicId, Turnout, UtcMs,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Why an intent was not done.
#[derive(Debug)]
pub enum Failure {
    /// Understood and not done; nothing was changed.
    Refused(Refusal),
    /// The store failed. For the log, never for clients.
    Fault(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What every intent answers.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// A store of whole intents.
pub trait Store:
    StaffStore
    + RollStore
    + UploadStore
    + AttachmentStore
    + IdentityStore
    + BehalfStore
    + PrivacyStore
    + RetentionStore
    + Send
    + Sync
{
    /// Adds and updates communities, rolls and topics.
    fn import(&self, import: PreparedImport) -> StoreFuture<'_, ImportReport>;

    /// The digest of the last import, if there was one.
    fn last_import(&self) -> StoreFuture<'_, Option<[u8; 32]>>;

    /// Every typed code of a community: household by place and label, selector, hash.
    fn typed_codes<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TypedCodeRow>>;

    /// Every household of a community.
    fn households<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<HouseholdRow>>;

    /// Sets the codes of households; their old ones end.
    fn set_codes<'a>(
        &'a self,
        community: &'a str,
        codes: Vec<HouseholdCodes>,
    ) -> StoreFuture<'a, ()>;

    /// A topic, with what belongs to it.
    fn topic<'a>(&'a self, topic: &'a TopicId) -> StoreFuture<'a, Option<Arc<StoredTopic>>>;

    /// Counts of a topic's poll. Turnout by place only where `with_places`.
    fn counts<'a>(&'a self, topic: &'a StoredTopic, with_places: bool) -> StoreFuture<'a, Counts>;

    /// Changes with every recorded ballot of the poll, whichever server recorded it.
    /// Asked before counting, it tells later whether those counts still hold.
    fn generation<'a>(&'a self, topic: &'a StoredTopic) -> StoreFuture<'a, u64>;

    /// The hash under a typed code's selector.
    fn typed_code<'a>(
        &'a self,
        community: &'a str,
        selector: &'a str,
    ) -> StoreFuture<'a, Option<String>>;

    /// Counts a try as wrong before it is looked at, so that tries at the same time
    /// cannot slip through. Answers how many are left.
    fn charge(&self, charge: Charge) -> StoreFuture<'_, u32>;

    /// Issues a grant to whom the proof names.
    fn issue_grant(&self, issue: IssueGrant) -> StoreFuture<'_, IssuedGrant>;

    /// Casts or changes a ballot.
    fn cast_ballot(&self, cast: CastIntent) -> StoreFuture<'_, CastRecord>;

    /// Where a grant's voter stands. `now_ms` decides whether the grant still holds.
    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        secret: Option<BallotSecret>,
        now_ms: UtcMs,
    ) -> StoreFuture<'a, StoredStanding>;

    /// Whose grant this is, if it still holds at `now_ms`.
    fn voter<'a>(
        &'a self,
        topic: &'a TopicId,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, String>;

    /// Resolves when reads and writes work.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// What it counts of itself.
    fn figures(&self) -> StoreFigures;

    /// Finishes what was accepted, then closes. Later intents are refused as busy.
    fn close(&self) -> StoreFuture<'_, ()>;
}

/// A topic as stored, and what its community lets it do.
#[derive(Debug, Clone)]
pub struct StoredTopic {
    /// What staff wrote.
    pub topic: Topic,
    /// Origins whose pages may embed it.
    pub origins: Vec<String>,
    /// What residents are told of changes after publishing, oldest first.
    pub notices: Vec<Notice>,
    /// Changes when any of this does, and is never what it was before.
    pub version: i64,
}

/// What a change by the desk adds to a topic's version. Imports number their topics from
/// 1 on, and so never meet a number of the desk.
pub const DESK_VERSION: i64 = 1 << 32;

/// What a poll's ballots amount to, before a rule counts them.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Each cast choice, with how many ballots made it.
    pub choices: Vec<(Choice, u64)>,
    /// Ballots that count, of voters on the roll.
    pub turnout: Turnout,
    /// Turnout of every place below the topic's, however small.
    pub places: Vec<(PlaceRef, Turnout)>,
    /// Ballots that somebody filled in for the voter.
    pub on_behalf: u64,
}

/// Counts a try against a code and a client.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The community.
    pub community: String,
    /// Keyed hashes, each with its limit.
    pub subjects: Vec<(Subject, Limit)>,
}

/// A keyed hash of a selector or a client's address.
pub type Subject = [u8; 32];

/// Whom a proof names.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// A device, by the hash of its name.
    Device([u8; 32]),
    /// A device that did the work that its poll asks for. The work is spent with the
    /// grant; where it was before, the refusal is [`linli_model::Refusal::TokenInvalid`].
    WorkedDevice {
        /// The hash of its name.
        device: [u8; 32],
        /// What it did.
        work: SpentWork,
    },
    /// The household of a typed code whose secret was verified against this hash.
    TypedCode {
        /// Finds the row.
        selector: String,
        /// The hash that the secret was verified against.
        secret_phc: String,
    },
    /// The household of a scanned code.
    ScannedCode {
        /// SHA-256 of the code's 16 bytes.
        code_hash: [u8; 32],
    },
    /// Whoever the contact belongs to, if the password is the one that was sent there.
    OneTimePassword {
        /// Keyed hash of the contact.
        contact_index: [u8; 32],
        /// Keyed hash of the password that was given.
        password_hash: [u8; 32],
    },
    /// Whom a host site's token names.
    HostToken(TokenBearer),
    /// A household by its name, on the word of staff.
    Household {
        /// Its label.
        label: String,
        /// Its place, where labels repeat.
        place: Option<String>,
    },
}

/// A challenge that lets one device in.
#[derive(Debug, Clone)]
pub struct SpentWork {
    /// Hash of the challenge.
    pub nonce_hash: [u8; 32],
    /// When it ends, and its hash may be forgotten.
    pub expires_at_ms: UtcMs,
    /// Where it was waited out instead of solved, and by whom.
    pub wait: Option<SpentWait>,
}

/// A wait, counted by the subscriber's address.
#[derive(Debug, Clone)]
pub struct SpentWait {
    /// Keyed hash of poll and subscriber.
    pub waiter: Subject,
    /// How long it was, and how long it counts from now on.
    pub wait_ms: i64,
}

/// Issues a grant.
#[derive(Debug, Clone)]
pub struct IssueGrant {
    /// The topic.
    pub topic: TopicId,
    /// To whom.
    pub bearer: Bearer,
    /// SHA-256 of the new token.
    pub token_hash: [u8; 32],
    /// Tries that were counted as wrong and turned out right: the first is forgotten
    /// altogether, the others are taken back by one.
    pub settle: Vec<(Subject, Limit)>,
    /// Whom to charge when the bearer is unknown.
    pub charge: Vec<(Subject, Limit)>,
    /// Where the try was charged before: what that left.
    pub charged_left: Option<u32>,
}

/// An issued grant.
#[derive(Debug, Clone)]
pub struct IssuedGrant {
    /// How the voter is called on their own screen; empty for a device.
    pub voter: String,
    /// When it ends.
    pub expires_at_ms: UtcMs,
    /// Where the voter stands.
    pub standing: StoredStanding,
}

/// Casts a ballot.
#[derive(Debug, Clone)]
pub struct CastIntent {
    /// The topic.
    pub topic: TopicId,
    /// SHA-256 of the grant's token.
    pub token_hash: [u8; 32],
    /// Makes repeated sends one command.
    pub key: IdempotencyKey,
    /// The draft choice.
    pub choice: Choice,
    /// In secret polls.
    pub secret: Option<BallotSecret>,
    /// Fresh chance for the commitment, used if this becomes a ballot.
    pub nonce: [u8; 32],
    /// Signs the receipt.
    pub key_id: Arc<str>,
    /// Who filled it in, if that was not the voter. In recorded polls.
    pub on_behalf: Option<OnBehalf>,
}

/// A recorded ballot: everything that its receipt is made of.
#[derive(Debug, Clone)]
pub struct CastRecord {
    /// The topic's stored form at the time.
    pub topic: Arc<StoredTopic>,
    /// 1 for a first ballot.
    pub revision: u32,
    /// RFC 8785 JSON of the choice.
    pub choice: String,
    /// Opens the commitment.
    pub nonce: [u8; 32],
    /// Signs the receipt.
    pub key_id: String,
    /// Absent in secret polls.
    pub cast_at_ms: Option<UtcMs>,
    /// Whether somebody filled it in for the voter.
    pub on_behalf: bool,
    /// True when this command had been recorded before.
    pub replayed: bool,
}

/// Where a voter stands.
#[derive(Debug, Clone)]
pub struct StoredStanding {
    /// Whether a ballot of theirs counts.
    pub voted: bool,
    /// The ballot, where it can be told.
    pub record: Option<CastRecord>,
}
