//! Taking uploads in, handing them out, and clearing away what nobody refers to.

use super::Service;
use crate::identity::client;
use crate::seal::{self, hex};
use crate::store::{Failure, UploadCharge, UploadRow};
use crate::uploads::{self, BlobName, BlobStore, Pressed};
use linli_model::desk::Attachment;
use linli_model::upload::{
    BYTES_PER_DAY_MAX, UPLOADS_PER_DAY_MAX, UploadPolicy, UploadPurpose, UploadRef, UploadRefusal,
};
use linli_model::{CommunityId, Refusal, TopicId, UploadId, UtcMs};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory for decoding, over all uploads at once.
const MEMORY_MIB: u32 = 768;
/// Uploads whose bytes are in memory at once; more are refused as busy.
const PLACES: usize = 16;
const BUSY_RETRY_MS: i64 = 2_000;
/// How many times the uploads of one person may come from one address: a family, a
/// community's office.
const PER_CLIENT: u32 = 10;
/// How long a link to what is not public holds.
const LINK_MS: i64 = 3_600_000;
/// How long a blob may be without an upload: far longer than any request.
pub(super) const UNUSED_MS: i64 = 3_600_000;
/// Blobs that one step of the sweep takes: deleted well before its claim runs out, also
/// from a bucket that answers slowly.
const SWEEP_MAX: u32 = 20;

/// Where uploads go, and how many at once.
pub(super) struct Uploads {
    blobs: Arc<dyn BlobStore>,
    memory: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Uploads {
    pub(super) fn new(blobs: Arc<dyn BlobStore>) -> Self {
        Self {
            blobs,
            memory: Arc::new(Semaphore::new(MEMORY_MIB as usize)),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }
}

/// Why an upload was not kept.
#[derive(Debug)]
pub enum UploadFailure {
    /// Understood and not kept.
    Refused(UploadRefusal),
    /// The store or the blobs failed. For the log, never for clients.
    Fault(String),
}

impl<R: Into<UploadRefusal>> From<R> for UploadFailure {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Failure> for UploadFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal.into()),
            Failure::Fault(detail) => Self::Fault(detail),
        }
    }
}

/// Who wants to see an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody known.
    Anyone,
    /// This owner, as uploads name it.
    Owner(String),
    /// Staff of the community.
    Staff,
    /// Who was given a signed link.
    Linked,
}

impl Viewer {
    fn may_see(&self, row: &UploadRow) -> bool {
        match self {
            Self::Linked => true,
            Self::Anyone => row.policy == UploadPolicy::Public,
            Self::Staff => row.policy != UploadPolicy::Owner,
            Self::Owner(owner) => row.policy == UploadPolicy::Public || *owner == row.owner,
        }
    }
}

/// An upload's bytes, or its thumbnail's.
#[derive(Debug, Clone)]
pub struct UploadFile {
    /// What they are.
    pub media_type: String,
    /// Who may see them.
    pub policy: UploadPolicy,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The right to have an upload's bytes in memory.
pub(crate) struct UploadPlace(#[expect(dead_code, reason = "held, not used")] OwnedSemaphorePermit);

impl Service {
    /// Takes in what `owner` sent: `staff:<id>`, `voter:<voter>`. The caller has found
    /// out who that is. `client` is the address that uploads are counted by as well.
    pub async fn put_upload(
        &self,
        community: &CommunityId,
        owner: &str,
        purpose: UploadPurpose,
        client: Option<IpAddr>,
        bytes: Vec<u8>,
    ) -> Result<UploadRef, UploadFailure> {
        let _place = self.upload_place()?;
        self.take_upload(community, owner, purpose, client, bytes)
            .await
    }

    /// A place for one upload, or the refusal. Taken before its body is read.
    pub(crate) fn upload_place(&self) -> Result<UploadPlace, UploadFailure> {
        let places = Arc::clone(&self.uploads()?.places);
        let place = places.try_acquire_owned().map_err(|_| busy())?;
        Ok(UploadPlace(place))
    }

    /// [`Self::put_upload`] with a place in hand.
    pub(crate) async fn take_upload(
        &self,
        community: &CommunityId,
        owner: &str,
        purpose: UploadPurpose,
        client: Option<IpAddr>,
        bytes: Vec<u8>,
    ) -> Result<UploadRef, UploadFailure> {
        // Costs nothing, so it comes before anything is counted.
        let kind = uploads::kind(&bytes, purpose)?;
        self.charge_upload(community, owner, client, bytes.len() as u64)
            .await?;
        let pressed = self.press(bytes, kind).await?;
        let row = UploadRow {
            community: community.to_string(),
            id: UploadId::from_bytes(seal::chance()),
            owner: owner.to_owned(),
            purpose,
            policy: purpose.policy(),
            media_type: pressed.media_type.to_owned(),
            blob: Sha256::digest(&pressed.bytes).into(),
            thumb: pressed
                .thumb
                .as_ref()
                .map(|thumb| Sha256::digest(thumb).into()),
            bytes: pressed.bytes.len() as u64,
            size: pressed.size,
            created_at_ms: 0,
        };
        let hashes = [Some(row.blob), row.thumb].into_iter().flatten().collect();
        self.store.note_blobs(&row.community, hashes).await?;
        let blobs = &self.uploads()?.blobs;
        blobs
            .put(name(&row.community, row.blob), pressed.bytes)
            .await?;
        if let (Some(hash), Some(thumb)) = (row.thumb, pressed.thumb) {
            blobs.put(name(&row.community, hash), thumb).await?;
        }
        let row = self.store.add_upload(row).await?;
        Ok(self.upload_ref(&row))
    }

    /// An upload's bytes (or its thumbnail's), if `viewer` may see them. To others it is
    /// not there.
    pub async fn upload(
        &self,
        community: &CommunityId,
        id: &UploadId,
        viewer: &Viewer,
        thumb: bool,
    ) -> Result<UploadFile, Failure> {
        let found = self.store.upload(community.as_str(), id).await?;
        let row = found.ok_or(Refusal::NotFound)?;
        // Attached to a published topic it is for everybody, and kept by browsers as such.
        let is_shown = row.purpose == UploadPurpose::Attachment
            && *viewer != Viewer::Linked
            && self.store.is_shown(community, id).await?;
        if !is_shown && !viewer.may_see(&row) {
            return Err(Refusal::NotFound.into());
        }
        let policy = match is_shown {
            true => UploadPolicy::Public,
            false => row.policy,
        };
        let hash = if thumb { row.thumb } else { Some(row.blob) };
        let hash = hash.ok_or(Refusal::NotFound)?;
        let uploads = self.uploads().map_err(Failure::Refused)?;
        let bytes = uploads.blobs.get(name(&row.community, hash)).await?;
        let bytes = bytes.ok_or_else(|| Failure::Fault(format!("upload {id} has no bytes")))?;
        let media_type = if thumb {
            uploads::picture::media_type(&bytes).to_owned()
        } else {
            row.media_type
        };
        Ok(UploadFile {
            media_type,
            policy,
            hash,
            bytes,
        })
    }

    /// Every upload of an owner.
    pub async fn uploads_of(
        &self,
        community: &CommunityId,
        owner: &str,
    ) -> Result<Vec<UploadRef>, Failure> {
        let rows = self.store.uploads_of(community.as_str(), owner).await?;
        Ok(rows.iter().map(|row| self.upload_ref(row)).collect())
    }

    /// Deletes an upload; only its owner where `owner` is given. Its bytes go with the
    /// next sweep.
    pub async fn delete_upload(
        &self,
        community: &CommunityId,
        id: &UploadId,
        owner: Option<&str>,
    ) -> Result<(), Failure> {
        let found = self.store.upload(community.as_str(), id).await?;
        let is_theirs = |row: &UploadRow| owner.is_none_or(|owner| owner == row.owner);
        found.filter(is_theirs).ok_or(Refusal::NotFound)?;
        match self.store.delete_upload(community.as_str(), id).await? {
            true => Ok(()),
            false => Err(Refusal::NotFound.into()),
        }
    }

    /// Whether `signature` is ours for this upload until `until_ms`, and that is not past.
    pub fn is_linked(
        &self,
        community: &CommunityId,
        id: &UploadId,
        until_ms: UtcMs,
        signature: &str,
    ) -> bool {
        let ours = self.link_signature(community.as_str(), id, until_ms);
        let same = bool::from(ours.as_bytes().ct_eq(signature.as_bytes()));
        same && self.clock.now_ms() < until_ms
    }

    /// Deletes bytes that nothing refers to. Answers how many blobs.
    pub async fn sweep_uploads(&self) -> Result<u64, Failure> {
        let Ok(uploads) = self.uploads() else {
            return Ok(0);
        };
        let mut swept = 0;
        let before_ms = self.clock.now_ms() - UNUSED_MS;
        self.store.drop_unattached(before_ms).await?;
        loop {
            let before_ms = self.clock.now_ms() - UNUSED_MS;
            let claimed = self.store.claim_blobs(before_ms, SWEEP_MAX).await?;
            if claimed.is_empty() {
                return Ok(swept);
            }
            for blob in &claimed {
                uploads
                    .blobs
                    .delete(name(&blob.community, blob.hash))
                    .await?;
            }
            swept += claimed.len() as u64;
            self.store.forget_blobs(claimed).await?;
        }
    }

    fn uploads(&self) -> Result<&Uploads, Refusal> {
        self.uploads.as_ref().ok_or(Refusal::Unsupported)
    }

    async fn charge_upload(
        &self,
        community: &CommunityId,
        owner: &str,
        client: Option<IpAddr>,
        bytes: u64,
    ) -> Result<(), Failure> {
        let charge = |subjects, times: u32| UploadCharge {
            community: community.to_string(),
            subjects,
            bytes,
            uploads_max: UPLOADS_PER_DAY_MAX * times,
            bytes_max: BYTES_PER_DAY_MAX * u64::from(times),
        };
        if let Some(client) = client {
            let address = client::subscriber(client);
            let key = self.derived_key("upload client");
            let subject = hex(&seal::tagged("linli upload client", &[&key, &address]));
            let subject = format!("client:{subject}");
            self.store
                .charge_upload(charge(vec![subject], PER_CLIENT))
                .await?;
        }
        self.store
            .charge_upload(charge(vec![owner.to_owned()], 1))
            .await
    }

    /// Decodes and encodes off the async threads, when there is memory for it.
    async fn press(&self, bytes: Vec<u8>, kind: uploads::Kind) -> Result<Pressed, UploadFailure> {
        let memory = Arc::clone(&self.uploads()?.memory);
        let measured = tokio::task::spawn_blocking(move || {
            let cost = uploads::cost_bytes(&bytes, kind)?;
            Ok::<_, UploadRefusal>((bytes, cost))
        });
        // A decoder that panics has met a damaged file.
        let unreadable = |_| UploadRefusal::UploadUnreadable;
        let (bytes, cost) = measured.await.map_err(unreadable)??;
        let mib = u32::try_from(cost >> 20)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let turn = memory.acquire_many_owned(mib.min(MEMORY_MIB)).await;
        let turn = turn.map_err(|_| busy())?;
        let pressed = tokio::task::spawn_blocking(move || {
            let pressed = uploads::press(bytes, kind);
            drop(turn);
            pressed
        });
        Ok(pressed.await.map_err(unreadable)??)
    }

    /// An upload as its owner and staff are told of it.
    pub(super) fn upload_ref(&self, row: &UploadRow) -> UploadRef {
        self.told_as(row, row.policy)
    }

    /// What a topic is shown with, as everybody is told of it once that is published.
    pub async fn topic_attachments(
        &self,
        community: &CommunityId,
        topic: &TopicId,
    ) -> Result<Vec<Attachment>, Failure> {
        let rows = self.store.attachments(community, topic).await?;
        let told = rows.into_iter().map(|row| Attachment {
            upload: self.told_as(&row.upload, UploadPolicy::Public),
            alt: row.alt,
        });
        Ok(told.collect())
    }

    fn told_as(&self, row: &UploadRow, policy: UploadPolicy) -> UploadRef {
        let path = format!("/u/{}/{}", row.community, row.id);
        let query = match policy {
            UploadPolicy::Public => String::new(),
            UploadPolicy::Staff | UploadPolicy::Owner => {
                let until_ms = self.clock.now_ms() + LINK_MS;
                let signature = self.link_signature(&row.community, &row.id, until_ms);
                format!("?until={until_ms}&signature={signature}")
            }
        };
        UploadRef {
            id: row.id.clone(),
            purpose: row.purpose,
            policy,
            media_type: row.media_type.clone(),
            bytes: row.bytes,
            width: row.size.map(|size| size.0),
            height: row.size.map(|size| size.1),
            address: format!("{path}{query}"),
            thumb: row.thumb.map(|_| format!("{path}/thumb{query}")),
            created_at_ms: row.created_at_ms,
        }
    }

    fn link_signature(&self, community: &str, id: &UploadId, until_ms: UtcMs) -> String {
        let key = self.derived_key("upload link");
        hex(&seal::tagged(
            "linli upload link",
            &[
                &key,
                community.as_bytes(),
                id.as_bytes(),
                &until_ms.to_be_bytes(),
            ],
        ))
    }
}

fn name(community: &str, hash: [u8; 32]) -> BlobName {
    BlobName {
        community: community.to_owned(),
        hash,
    }
}

fn busy() -> Refusal {
    Refusal::Busy {
        retry_after_ms: BUSY_RETRY_MS,
    }
}
