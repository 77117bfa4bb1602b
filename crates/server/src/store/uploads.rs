//! Uploads as rows: which blobs are wanted, by whom they came, who may see them.
//!
//! A blob is noted before its bytes are written, and its upload is added after. So a
//! crash in between leaves a note and perhaps bytes, which the sweep takes away, and
//! never an upload without bytes. The sweep claims a note before it deletes bytes;
//! whoever comes with the same bytes meanwhile is asked to come again.

use super::StoreFuture;
use linli_model::upload::{UploadPolicy, UploadPurpose};
use linli_model::{UploadId, UtcMs};

/// Uploads of communities.
pub trait UploadStore {
    /// Counts an upload against everyone in `subjects` before it is looked at, or against
    /// nobody when one of them has had enough for the day.
    fn charge_upload(&self, charge: UploadCharge) -> StoreFuture<'_, ()>;

    /// Notes that bytes with these hashes are about to be written.
    fn note_blobs<'a>(&'a self, community: &'a str, hashes: Vec<[u8; 32]>) -> StoreFuture<'a, ()>;

    /// Adds an upload whose bytes are written. The same content of the same owner for the
    /// same purpose is one upload: then the earlier one is the answer.
    fn add_upload(&self, upload: UploadRow) -> StoreFuture<'_, UploadRow>;

    /// One upload.
    fn upload<'a>(
        &'a self,
        community: &'a str,
        id: &'a UploadId,
    ) -> StoreFuture<'a, Option<UploadRow>>;

    /// Every upload of an owner, the latest first.
    fn uploads_of<'a>(
        &'a self,
        community: &'a str,
        owner: &'a str,
    ) -> StoreFuture<'a, Vec<UploadRow>>;

    /// Takes an upload away. Its bytes go with the next sweep, unless another has them.
    /// False when there was none.
    fn delete_upload<'a>(&'a self, community: &'a str, id: &'a UploadId) -> StoreFuture<'a, bool>;

    /// Claims at most `limit` blobs that nothing refers to and that were noted before
    /// `before_ms`, over all communities: each belongs to one, and is decided by itself.
    /// What another sweep has claimed stays its own for an hour.
    fn claim_blobs(&self, before_ms: UtcMs, limit: u32) -> StoreFuture<'_, Vec<UnusedBlob>>;

    /// Forgets claimed blobs whose bytes are deleted.
    fn forget_blobs(&self, blobs: Vec<UnusedBlob>) -> StoreFuture<'_, ()>;

    /// How many blobs [`Self::claim_blobs`] would find.
    fn count_unused_blobs(&self, before_ms: UtcMs) -> StoreFuture<'_, u64>;
}

/// An upload that is about to be looked at.
#[derive(Debug, Clone)]
pub struct UploadCharge {
    /// The community.
    pub community: String,
    /// Opaque names of the owner and, where known, of the client's address.
    pub subjects: Vec<String>,
    /// Bytes as sent.
    pub bytes: u64,
    /// Most uploads of one subject and day.
    pub uploads_max: u32,
    /// Most bytes of one subject and day.
    pub bytes_max: u64,
}

/// An upload as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// The community.
    pub community: String,
    /// Its identifier.
    pub id: UploadId,
    /// Whose: `staff:<id>`, `voter:<voter>`.
    pub owner: String,
    /// What for.
    pub purpose: UploadPurpose,
    /// Who may see it.
    pub policy: UploadPolicy,
    /// What it is.
    pub media_type: String,
    /// SHA-256 of its bytes.
    pub blob: [u8; 32],
    /// SHA-256 of its thumbnail's bytes.
    pub thumb: Option<[u8; 32]>,
    /// How many bytes.
    pub bytes: u64,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// When it came. Set by the store.
    pub created_at_ms: UtcMs,
}

/// A blob that nothing refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedBlob {
    /// The community.
    pub community: String,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// When it was claimed: only that claim forgets it.
    pub claimed_at_ms: UtcMs,
}

/// How long a claim holds: longer than deleting what one claims at a time can take.
pub(super) const CLAIM_MS: i64 = 3_600_000;

/// A day of [`UploadCharge`]: days begin at midnight UTC.
pub(super) const DAY_MS: i64 = 24 * 3_600_000;
/// How long somebody waits whose bytes are just being deleted, or were.
pub(super) const CLAIMED_RETRY_MS: i64 = 5_000;
