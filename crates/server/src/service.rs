//! What the backend does, apart from how it is asked: topics, grants, ballots, standing.
//!
//! Routes, the hosted page and tests call the same methods. The service checks what
//! needs no stored state, spends the slow hash off the async threads, and signs; the
//! store decides.

mod behalf;
mod codes;
pub mod desk;
mod identify;
mod lately;
mod mine;
mod otp;
mod results;
mod retention;
mod rolls;
mod uploads;
mod work;

use crate::clock::Clock;
use crate::identity::secrets::Verifier;
use crate::import::{self, IdentityKeys, ImportError, ImportFile};
use crate::notify::Senders;
use crate::privacy::FieldKeys;
use crate::receipts::Signers;
use crate::seal;
use crate::store::staff::PlaceHouseholds;
use crate::store::{
    CastIntent, Counts, Failure, ImportReport, OnBehalf, PreparedImport, Store, StoreFigures,
    StoredStanding, StoredTopic,
};
use crate::uploads::BlobStore;
pub use behalf::{BehalfRecord, Consent, VoterName};
pub use codes::CodeSheetRow;
use desk::DraftVoters;
pub use identify::Shown;
use lately::Lately;
use linli_model::{
    BallotSecret, CastBallot, CastReply, CommunityId, GrantToken, IdempotencyKey, PollNature,
    ReceiptKeys, Refusal, Standing, TopicId,
};
pub use mine::{MyFailure, Person};
use results::CountsCache;
pub use results::ToldTopic;
pub use retention::Retained;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use uploads::Uploads;
pub use uploads::{UploadFailure, UploadFile, Viewer};
pub use work::IdentifyFailure;

/// How old a topic may be when it only decides who may ask. Ballots are decided by the
/// stored topic, in their own transaction.
const TOPIC_FRESH: Duration = Duration::from_secs(1);

/// Who calls, as far as the connection tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// What kind of page sent the request.
    pub page: Page,
    /// The address that wrong tries are counted by; `None` does not count.
    pub client: Option<IpAddr>,
}

/// What kind of page a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Our own origin.
    Own,
    /// Somebody's page that embeds the widget.
    Host,
    /// No page that a browser vouches for.
    Unknown,
}

/// A recorded ballot's reply.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Receipt and opening.
    pub reply: CastReply,
    /// True when this command had been recorded before.
    pub replayed: bool,
}

/// The backend's decisions over a store.
pub struct Service {
    store: Arc<dyn Store>,
    signers: Signers,
    pepper: [u8; 32],
    clock: Arc<dyn Clock>,
    verifier: Verifier,
    recent: Mutex<HashMap<TopicId, (Arc<StoredTopic>, Instant)>>,
    counts: Arc<CountsCache>,
    /// Households of each community by place.
    households: Arc<Lately<CommunityId, Vec<PlaceHouseholds>>>,
    /// Voters that drafts of polls would have.
    draft_voters: Arc<Lately<DraftVoters, Counts>>,
    uploads: Option<Uploads>,
    field_keys: Option<FieldKeys>,
    senders: Senders,
    outgoing: otp::Outgoing,
    /// Stands in for the wait that goes with a poll's work.
    work_wait_ms: Option<u32>,
    /// Grows with every act at a desk of this server.
    desk_changed: watch::Sender<u64>,
    /// True when the server stops.
    ending: watch::Sender<bool>,
    /// Places for streams to open desks.
    streams: Arc<Semaphore>,
    /// One roll file is read at a time: its memory is bounded, theirs would add up.
    reading: tokio::sync::Semaphore,
}

impl Service {
    /// `pepper` keys the hashes of what must not be read back from the store.
    pub fn new(
        store: Arc<dyn Store>,
        signers: Signers,
        pepper: [u8; 32],
        clock: Arc<dyn Clock>,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            store,
            signers,
            pepper,
            clock,
            verifier: Verifier::new(cores),
            recent: Mutex::default(),
            counts: Arc::default(),
            households: Arc::default(),
            draft_voters: Arc::default(),
            uploads: None,
            field_keys: None,
            senders: Senders::default(),
            outgoing: otp::Outgoing::default(),
            work_wait_ms: None,
            desk_changed: watch::Sender::new(0),
            ending: watch::Sender::new(false),
            streams: Arc::new(Semaphore::new(desk::live::STREAMS_MAX)),
            reading: tokio::sync::Semaphore::new(1),
        }
    }

    /// Keeps uploads in `blobs`. Without, they are refused as unsupported.
    pub fn with_blobs(mut self, blobs: Arc<dyn BlobStore>) -> Self {
        self.uploads = Some(Uploads::new(blobs));
        self
    }

    /// Sends messages with `senders`; without this, with none.
    pub fn with_senders(mut self, senders: Senders) -> Self {
        self.senders = senders;
        self
    }

    /// Casts or changes a ballot. The same command gives the same reply again.
    pub async fn cast(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        key: IdempotencyKey,
        ballot: CastBallot,
        caller: Caller,
    ) -> Result<Recorded, Failure> {
        let stored = self.stored(topic).await?;
        require_own_page(&stored, caller)?;
        self.record(topic, grant, key, (ballot, None)).await
    }

    async fn record(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        key: IdempotencyKey,
        (ballot, on_behalf): (CastBallot, Option<OnBehalf>),
    ) -> Result<Recorded, Failure> {
        let intent = CastIntent {
            topic: topic.clone(),
            token_hash: seal::token_hash(grant.as_str()),
            key,
            choice: ballot.choice,
            secret: ballot.secret,
            nonce: seal::chance(),
            key_id: self.signers.current_id(),
            on_behalf,
        };
        let record = self.store.cast_ballot(intent).await?;
        let reply = self.signers.reply(&record).map_err(Failure::Fault)?;
        Ok(Recorded {
            reply,
            replayed: record.replayed,
        })
    }

    /// Where the grant's voter stands. In secret polls `secret` opens their own ballot.
    pub async fn standing(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        secret: Option<BallotSecret>,
        caller: Caller,
    ) -> Result<Standing, Failure> {
        let stored = self.stored(topic).await?;
        if caller.page == Page::Host {
            require_own_page(&stored, caller)?;
        }
        let hash = seal::token_hash(grant.as_str());
        let now_ms = self.clock.now_ms();
        self.told(self.store.standing(topic, hash, secret, now_ms).await?)
    }

    /// Whose grant this is: the community, and the voter as the store names them.
    pub async fn voter(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        caller: Caller,
    ) -> Result<(CommunityId, String), Failure> {
        let stored = self.stored(topic).await?;
        if caller.page == Page::Host {
            require_own_page(&stored, caller)?;
        }
        let hash = seal::token_hash(grant.as_str());
        let now_ms = self.clock.now_ms();
        let voter = self.store.voter(topic, hash, now_ms).await?;
        Ok((stored.topic.community.id.clone(), voter))
    }

    /// What the store counts of itself.
    pub fn store_figures(&self) -> StoreFigures {
        self.store.figures()
    }

    /// The keys that receipts are checked with.
    pub fn receipt_keys(&self) -> ReceiptKeys {
        self.signers.public()
    }

    /// Imports a file's text. The same text twice in a row does nothing the second time.
    pub async fn import_text(&self, text: &str) -> Result<ImportReport, ImportError> {
        let file: ImportFile =
            serde_json::from_str(text).map_err(|error| ImportError(error.to_string()))?;
        let digest = seal::tagged("linli import", &[&self.pepper, text.as_bytes()]);
        let last = self.store.last_import().await.map_err(told_to_staff)?;
        if last == Some(digest) {
            return Ok(ImportReport::default());
        }
        self.import(file, Some(digest)).await
    }

    /// Imports communities and topics.
    pub async fn import(
        &self,
        file: ImportFile,
        digest: Option<[u8; 32]>,
    ) -> Result<ImportReport, ImportError> {
        let topics = import::check(&file)?;
        let mut communities = Vec::with_capacity(file.communities.len());
        for community in file.communities {
            let known = self
                .store
                .typed_codes(community.id.as_str())
                .await
                .map_err(told_to_staff)?;
            let keys = self.identity_keys();
            let prepared =
                tokio::task::spawn_blocking(move || import::prepare(community, &known, &keys));
            let prepared = prepared.await;
            communities.push(prepared.map_err(|error| ImportError(error.to_string()))??);
        }
        let prepared = PreparedImport {
            digest,
            communities,
            topics,
        };
        let report = self.store.import(prepared).await.map_err(told_to_staff)?;
        self.forget_recent();
        Ok(report)
    }

    /// Resolves when the store reads and writes.
    pub async fn ping(&self) -> Result<(), Failure> {
        self.store.ping().await
    }

    /// Finishes what was accepted and closes the store.
    pub async fn close(&self) -> Result<(), Failure> {
        self.outgoing.finish().await;
        self.store.close().await
    }

    /// The store, for commands that staff run.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// A key derived for one purpose from the server's secret.
    pub fn derived_key(&self, purpose: &str) -> [u8; 32] {
        derived_key(&self.pepper, purpose)
    }

    /// Forgets copies of topics that only decide who may ask.
    fn forget_recent(&self) {
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Keys of the hashes under which contacts and links are found.
    fn identity_keys(&self) -> IdentityKeys {
        IdentityKeys {
            contact: self.derived_key("contact"),
            link: self.derived_key("voter link"),
        }
    }

    /// The topic and who may embed it, at most [`TOPIC_FRESH`] old.
    pub async fn stored(&self, topic: &TopicId) -> Result<Arc<StoredTopic>, Failure> {
        let now = Instant::now();
        let known = self
            .recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(topic)
            .cloned();
        if let Some((stored, read_at)) = known
            && now.duration_since(read_at) < TOPIC_FRESH
        {
            return Ok(stored);
        }
        self.fresh(topic).await
    }

    /// The topic as stored now.
    async fn fresh(&self, topic: &TopicId) -> Result<Arc<StoredTopic>, Failure> {
        let now = Instant::now();
        let stored = self
            .store
            .topic(topic)
            .await?
            .ok_or(Refusal::TopicUnknown)?;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.insert(topic.clone(), (Arc::clone(&stored), now));
        Ok(stored)
    }

    fn told(&self, standing: StoredStanding) -> Result<Standing, Failure> {
        let reply = standing
            .record
            .as_ref()
            .map(|record| self.signers.reply(record))
            .transpose();
        Ok(Standing {
            voted: standing.voted,
            reply: reply.map_err(Failure::Fault)?,
        })
    }
}

fn derived_key(pepper: &[u8; 32], purpose: &str) -> [u8; 32] {
    seal::tagged("linli derived key", &[pepper, purpose.as_bytes()])
}

/// Formal polls run on our own pages only.
fn require_own_page(stored: &StoredTopic, caller: Caller) -> Result<(), Refusal> {
    match stored.topic.poll.nature {
        PollNature::Formal if caller.page != Page::Own => Err(Refusal::FormalElsewhere),
        PollNature::Formal | PollNature::Consultation => Ok(()),
    }
}

fn told_to_staff(failure: Failure) -> ImportError {
    match failure {
        Failure::Refused(Refusal::AlreadyVoted) => ImportError(
            "a poll has ballots: its question, kind, nature, electorate and secrecy cannot change"
                .to_owned(),
        ),
        Failure::Refused(refusal) => ImportError(refusal.code().to_owned()),
        Failure::Fault(detail) => ImportError(detail),
    }
}
