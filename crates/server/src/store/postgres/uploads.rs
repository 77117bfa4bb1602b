//! Uploads as rows. A note of a blob is the row that adding an upload and the sweep meet
//! at: whoever is second waits for the first and then sees what it did.

use super::PostgresStore;
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::store::StoreFuture;
use crate::store::uploads::{
    CLAIM_MS, CLAIMED_RETRY_MS, DAY_MS, UnusedBlob, UploadCharge, UploadRow, UploadStore,
};
use linli_model::upload::{UploadPolicy, UploadPurpose};
use linli_model::{Refusal, UploadId, UtcMs};
use tokio_postgres::Row;

const COLUMNS: &str = "community_id, upload_id, owner, purpose, policy, media_type, blob_hash,
    thumb_hash, bytes, width, height, created_at_ms";
/// Of blobs that nothing refers to.
const UNUSED: &str = "b.noted_at_ms < $1
    AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.community_id = b.community_id
        AND u.blob_hash = b.blob_hash)
    AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.community_id = b.community_id
        AND u.thumb_hash = b.blob_hash)";

impl UploadStore for PostgresStore {
    fn charge_upload(&self, charge: UploadCharge) -> StoreFuture<'_, ()> {
        Box::pin(self.db.run(charge))
    }

    fn note_blobs<'a>(&'a self, community: &'a str, hashes: Vec<[u8; 32]>) -> StoreFuture<'a, ()> {
        let community = community.to_owned();
        Box::pin(self.db.run(Note { community, hashes }))
    }

    fn add_upload(&self, upload: UploadRow) -> StoreFuture<'_, UploadRow> {
        Box::pin(self.db.run(Add(upload)))
    }

    fn upload<'a>(
        &'a self,
        community: &'a str,
        id: &'a UploadId,
    ) -> StoreFuture<'a, Option<UploadRow>> {
        Box::pin(self.db.run(One(community.to_owned(), id.to_string())))
    }

    fn uploads_of<'a>(
        &'a self,
        community: &'a str,
        owner: &'a str,
    ) -> StoreFuture<'a, Vec<UploadRow>> {
        Box::pin(self.db.run(Of(community.to_owned(), owner.to_owned())))
    }

    fn delete_upload<'a>(&'a self, community: &'a str, id: &'a UploadId) -> StoreFuture<'a, bool> {
        Box::pin(self.db.run(Delete(community.to_owned(), id.to_string())))
    }

    fn claim_blobs(&self, before_ms: UtcMs, limit: u32) -> StoreFuture<'_, Vec<UnusedBlob>> {
        Box::pin(self.db.run(Claim { before_ms, limit }))
    }

    fn forget_blobs(&self, blobs: Vec<UnusedBlob>) -> StoreFuture<'_, ()> {
        Box::pin(self.db.run(Forget(blobs)))
    }

    fn count_unused_blobs(&self, before_ms: UtcMs) -> StoreFuture<'_, u64> {
        Box::pin(self.db.run(CountUnused(before_ms)))
    }
}

impl Work for UploadCharge {
    type Output = ();
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        let now_ms = tx.now_ms();
        let day = now_ms.div_euclid(DAY_MS);
        // In one order, so that no two wait for each other.
        let mut subjects: Vec<&String> = self.subjects.iter().collect();
        subjects.sort();
        for subject in subjects {
            let added = tx
                .execute(
                    "INSERT INTO upload_quota AS q (community_id, subject, day, uploads, bytes)
                     VALUES ($1, $2, $3, 1, $4)
                     ON CONFLICT (community_id, subject, day) DO UPDATE
                     SET uploads = q.uploads + 1, bytes = q.bytes + $4
                     WHERE q.uploads < $5 AND q.bytes + $4 <= $6",
                    &[
                        &self.community,
                        subject,
                        &day,
                        &signed(self.bytes),
                        &i64::from(self.uploads_max),
                        &signed(self.bytes_max),
                    ],
                )
                .await?;
            if added == 0 {
                let retry_after_ms = (day + 1) * DAY_MS - now_ms;
                return Err(Refusal::TooManyAttempts { retry_after_ms }.into());
            }
        }
        Ok(())
    }
}

struct Note {
    community: String,
    hashes: Vec<[u8; 32]>,
}

impl Work for Note {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        let now_ms = tx.now_ms();
        for hash in in_order(self.hashes.iter()) {
            let noted = tx
                .execute(
                    "INSERT INTO upload_blob AS b (community_id, blob_hash, noted_at_ms)
                     VALUES ($1, $2, $3)
                     ON CONFLICT (community_id, blob_hash) DO UPDATE SET noted_at_ms = $3
                     WHERE b.claimed_at_ms IS NULL",
                    &[&self.community, &hash.as_slice(), &now_ms],
                )
                .await?;
            if noted == 0 {
                return Err(claimed());
            }
        }
        Ok(())
    }
}

fn in_order<'a>(hashes: impl Iterator<Item = &'a [u8; 32]>) -> Vec<&'a [u8; 32]> {
    let mut hashes: Vec<_> = hashes.collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn claimed() -> JobError {
    JobError::Refused(Refusal::Busy {
        retry_after_ms: CLAIMED_RETRY_MS,
    })
}

struct Add(UploadRow);

impl Work for Add {
    type Output = UploadRow;
    // A second try meets its own row by the unique constraint.
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<UploadRow, JobError> {
        let row = &self.0;
        let now_ms = tx.now_ms();
        for hash in in_order([Some(&row.blob), row.thumb.as_ref()].into_iter().flatten()) {
            let touched = tx
                .execute(
                    "UPDATE upload_blob SET noted_at_ms = $3
                     WHERE community_id = $1 AND blob_hash = $2 AND claimed_at_ms IS NULL",
                    &[&row.community, &hash.as_slice(), &now_ms],
                )
                .await?;
            if touched == 0 {
                return Err(claimed());
            }
        }
        let sql = format!(
            "INSERT INTO upload ({COLUMNS})
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (community_id, owner, purpose, blob_hash) DO NOTHING"
        );
        tx.execute(
            &sql,
            &[
                &row.community,
                &row.id.to_string(),
                &row.owner,
                &row.purpose.as_str(),
                &row.policy.as_str(),
                &row.media_type,
                &row.blob.as_slice(),
                &row.thumb.as_ref().map(<[u8; 32]>::as_slice),
                &signed(row.bytes),
                &row.size.map(|size| i64::from(size.0)),
                &row.size.map(|size| i64::from(size.1)),
                &now_ms,
            ],
        )
        .await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM upload
             WHERE community_id = $1 AND owner = $2 AND purpose = $3 AND blob_hash = $4"
        );
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
            &row.community,
            &row.owner,
            &row.purpose.as_str(),
            &row.blob.as_slice(),
        ];
        read(&tx.row(&sql, &key).await?)
    }
}

struct One(String, String);

impl Work for One {
    type Output = Option<UploadRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql =
            format!("SELECT {COLUMNS} FROM upload WHERE community_id = $1 AND upload_id = $2");
        let found = tx.opt(&sql, &[&self.0, &self.1]).await?;
        found.as_ref().map(read).transpose()
    }
}

struct Of(String, String);

impl Work for Of {
    type Output = Vec<UploadRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM upload WHERE community_id = $1 AND owner = $2
             ORDER BY created_at_ms DESC, upload_id"
        );
        let rows = tx.rows(&sql, &[&self.0, &self.1]).await?;
        rows.iter().map(read).collect()
    }
}

struct Delete(String, String);

impl Work for Delete {
    type Output = bool;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let sql = "DELETE FROM upload WHERE community_id = $1 AND upload_id = $2";
        Ok(tx.execute(sql, &[&self.0, &self.1]).await? > 0)
    }
}

struct Claim {
    before_ms: UtcMs,
    limit: u32,
}

impl Work for Claim {
    type Output = Vec<UnusedBlob>;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        // Where an upload was added meanwhile, its note is newer: the outer condition is
        // looked at again after the wait for its row.
        let now_ms = tx.now_ms();
        let free = "claimed_at_ms IS NULL OR claimed_at_ms <= $3";
        let sql = format!(
            "UPDATE upload_blob AS c SET claimed_at_ms = $4 FROM (
                 SELECT b.community_id, b.blob_hash FROM upload_blob b
                 WHERE {UNUSED} AND ({free}) LIMIT $2
             ) AS found
             WHERE c.community_id = found.community_id AND c.blob_hash = found.blob_hash
             AND c.noted_at_ms < $1 AND ({free})
             RETURNING c.community_id, c.blob_hash"
        );
        let limit = i64::from(self.limit);
        let over_ms = now_ms - CLAIM_MS;
        let rows = tx
            .rows(&sql, &[&self.before_ms, &limit, &over_ms, &now_ms])
            .await?;
        let read = |row: &Row| {
            Ok(UnusedBlob {
                community: row.try_get(0)?,
                hash: hash(row.try_get(1)?)?,
                claimed_at_ms: now_ms,
            })
        };
        rows.iter().map(read).collect()
    }
}

struct Forget(Vec<UnusedBlob>);

impl Work for Forget {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        for blob in &self.0 {
            tx.execute(
                "DELETE FROM upload_blob
                 WHERE community_id = $1 AND blob_hash = $2 AND claimed_at_ms = $3",
                &[&blob.community, &blob.hash.as_slice(), &blob.claimed_at_ms],
            )
            .await?;
        }
        Ok(())
    }
}

struct CountUnused(UtcMs);

impl Work for CountUnused {
    type Output = u64;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, JobError> {
        let sql = format!("SELECT count(*) FROM upload_blob b WHERE {UNUSED}");
        let count: i64 = tx.row(&sql, &[&self.0]).await?.try_get(0)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// What [`read`] reads, of the table by this alias.
pub(super) fn columns_of(alias: &str) -> String {
    let columns = COLUMNS.split(',').map(str::trim);
    let named: Vec<String> = columns.map(|column| format!("{alias}.{column}")).collect();
    named.join(", ")
}

/// One upload. Held `to_change`, it is not deleted before the transaction ends.
pub(super) async fn find(
    tx: &Tx<'_>,
    community: &str,
    id: &UploadId,
    to_change: bool,
) -> Result<Option<UploadRow>, JobError> {
    let hold = if to_change { "FOR KEY SHARE" } else { "" };
    let sql =
        format!("SELECT {COLUMNS} FROM upload WHERE community_id = $1 AND upload_id = $2 {hold}");
    let found = tx.opt(&sql, &[&community, &id.to_string()]).await?;
    found.as_ref().map(read).transpose()
}

/// An upload of a row that begins with its columns.
pub(super) fn read(row: &Row) -> Result<UploadRow, JobError> {
    let id: &str = row.try_get(1)?;
    let words = (
        UploadId::parse(id).ok(),
        UploadPurpose::parse(row.try_get(3)?),
        UploadPolicy::parse(row.try_get(4)?),
    );
    let (Some(known), Some(purpose), Some(policy)) = words else {
        return Err(JobError::Corrupt(format!("stored upload {id}")));
    };
    let side = |column: usize| -> Result<Option<u32>, JobError> {
        let pixels: Option<i64> = row.try_get(column)?;
        Ok(pixels.and_then(|pixels| u32::try_from(pixels).ok()))
    };
    let thumb: Option<&[u8]> = row.try_get(7)?;
    Ok(UploadRow {
        community: row.try_get(0)?,
        id: known,
        owner: row.try_get(2)?,
        purpose,
        policy,
        media_type: row.try_get(5)?,
        blob: hash(row.try_get(6)?)?,
        thumb: thumb.map(hash).transpose()?,
        bytes: u64::try_from(row.try_get::<_, i64>(8)?).unwrap_or(0),
        size: side(9)?.zip(side(10)?),
        created_at_ms: row.try_get(11)?,
    })
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], JobError> {
    let fits = bytes.try_into();
    fits.map_err(|_| JobError::Corrupt("a stored hash has another length".to_owned()))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
