//! Uploads as rows.

use super::SqliteStore;
use super::error::JobError;
use super::writer::Tx;
use crate::store::StoreFuture;
use crate::store::uploads::{
    CLAIM_MS, CLAIMED_RETRY_MS, DAY_MS, UnusedBlob, UploadCharge, UploadRow, UploadStore,
};
use linli_model::upload::{UploadPolicy, UploadPurpose};
use linli_model::{Refusal, UploadId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

const COLUMNS: &str = "community_id, upload_id, owner, purpose, policy, media_type, blob_hash,
    thumb_hash, bytes, width, height, created_at_ms";
/// Of blobs that nothing refers to.
const UNUSED: &str = "noted_at_ms < ?1
    AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.community_id = b.community_id
        AND u.blob_hash = b.blob_hash)
    AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.community_id = b.community_id
        AND u.thumb_hash = b.blob_hash)";

impl UploadStore for SqliteStore {
    fn charge_upload(&self, charge: UploadCharge) -> StoreFuture<'_, ()> {
        Box::pin(self.writer.run(move |tx| charge_all(tx, &charge)))
    }

    fn note_blobs<'a>(&'a self, community: &'a str, hashes: Vec<[u8; 32]>) -> StoreFuture<'a, ()> {
        let community = community.to_owned();
        Box::pin(self.writer.run(move |tx| note(tx, &community, &hashes)))
    }

    fn add_upload(&self, upload: UploadRow) -> StoreFuture<'_, UploadRow> {
        Box::pin(self.writer.run(move |tx| add(tx, upload)))
    }

    fn upload<'a>(
        &'a self,
        community: &'a str,
        id: &'a UploadId,
    ) -> StoreFuture<'a, Option<UploadRow>> {
        let (community, id) = (community.to_owned(), id.to_string());
        Box::pin(self.readers.run(move |conn| find(conn, &community, &id)))
    }

    fn uploads_of<'a>(
        &'a self,
        community: &'a str,
        owner: &'a str,
    ) -> StoreFuture<'a, Vec<UploadRow>> {
        let key = [community.to_owned(), owner.to_owned()];
        Box::pin(self.readers.run(move |conn| {
            let sql = format!(
                "SELECT {COLUMNS} FROM upload WHERE community_id = ?1 AND owner = ?2
                 ORDER BY created_at_ms DESC, upload_id"
            );
            let mut select = conn.prepare_cached(&sql)?;
            let rows = select
                .query_map(key, read)?
                .collect::<Result<Vec<_>, _>>()?;
            rows.into_iter().collect()
        }))
    }

    fn delete_upload<'a>(&'a self, community: &'a str, id: &'a UploadId) -> StoreFuture<'a, bool> {
        let key = [community.to_owned(), id.to_string()];
        Box::pin(self.writer.run(move |tx| {
            let sql = "DELETE FROM upload WHERE community_id = ?1 AND upload_id = ?2";
            Ok(tx.conn.prepare_cached(sql)?.execute(key)? > 0)
        }))
    }

    fn claim_blobs(&self, before_ms: UtcMs, limit: u32) -> StoreFuture<'_, Vec<UnusedBlob>> {
        Box::pin(self.writer.run(move |tx| claim(tx, before_ms, limit)))
    }

    fn forget_blobs(&self, blobs: Vec<UnusedBlob>) -> StoreFuture<'_, ()> {
        Box::pin(self.writer.run(move |tx| {
            let mut delete = tx.conn.prepare_cached(
                "DELETE FROM upload_blob
                 WHERE community_id = ?1 AND blob_hash = ?2 AND claimed_at_ms = ?3",
            )?;
            for blob in &blobs {
                delete.execute(params![blob.community, blob.hash, blob.claimed_at_ms])?;
            }
            Ok(())
        }))
    }

    fn count_unused_blobs(&self, before_ms: UtcMs) -> StoreFuture<'_, u64> {
        Box::pin(self.readers.run(move |conn| {
            let sql = format!("SELECT count(*) FROM upload_blob b WHERE {UNUSED}");
            Ok(conn.query_row(&sql, [before_ms], |row| row.get(0))?)
        }))
    }
}

/// One upload.
pub(super) fn find(
    conn: &Connection,
    community: &str,
    id: &str,
) -> Result<Option<UploadRow>, JobError> {
    let sql = format!("SELECT {COLUMNS} FROM upload WHERE community_id = ?1 AND upload_id = ?2");
    let found = conn.prepare_cached(&sql)?.query_row([community, id], read);
    found.optional()?.transpose()
}

fn charge_all(tx: &Tx<'_>, charge: &UploadCharge) -> Result<(), JobError> {
    let now_ms = tx.now_ms();
    let day = now_ms.div_euclid(DAY_MS);
    let mut add = tx.conn.prepare_cached(
        "INSERT INTO upload_quota (community_id, subject, day, uploads, bytes)
         VALUES (?1, ?2, ?3, 1, ?4)
         ON CONFLICT (community_id, subject, day) DO UPDATE SET uploads = uploads + 1,
         bytes = bytes + ?4 WHERE uploads < ?5 AND bytes + ?4 <= ?6",
    )?;
    for subject in &charge.subjects {
        let added = add.execute(params![
            charge.community,
            subject,
            day,
            charge.bytes,
            charge.uploads_max,
            charge.bytes_max
        ])?;
        if added == 0 {
            let retry_after_ms = (day + 1) * DAY_MS - now_ms;
            return Err(Refusal::TooManyAttempts { retry_after_ms }.into());
        }
    }
    Ok(())
}

fn note(tx: &Tx<'_>, community: &str, hashes: &[[u8; 32]]) -> Result<(), JobError> {
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO upload_blob (community_id, blob_hash, noted_at_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (community_id, blob_hash) DO UPDATE SET noted_at_ms = ?3
         WHERE claimed_at_ms IS NULL",
    )?;
    for hash in hashes {
        if insert.execute(params![community, hash, tx.now_ms()])? == 0 {
            return Err(claimed());
        }
    }
    Ok(())
}

fn claimed() -> JobError {
    JobError::Refused(Refusal::Busy {
        retry_after_ms: CLAIMED_RETRY_MS,
    })
}

fn add(tx: &Tx<'_>, mut row: UploadRow) -> Result<UploadRow, JobError> {
    row.created_at_ms = tx.now_ms();
    let mut touch = tx.conn.prepare_cached(
        "UPDATE upload_blob SET noted_at_ms = ?3
         WHERE community_id = ?1 AND blob_hash = ?2 AND claimed_at_ms IS NULL",
    )?;
    for hash in [Some(row.blob), row.thumb].into_iter().flatten() {
        // Noted too long ago: the sweep has taken the bytes.
        if touch.execute(params![row.community, hash, row.created_at_ms])? == 0 {
            return Err(claimed());
        }
    }
    let sql = format!(
        "INSERT INTO upload ({COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (community_id, owner, purpose, blob_hash) DO NOTHING"
    );
    let added = tx.conn.prepare_cached(&sql)?.execute(params![
        row.community,
        row.id.to_string(),
        row.owner,
        row.purpose.as_str(),
        row.policy.as_str(),
        row.media_type,
        row.blob,
        row.thumb,
        row.bytes,
        row.size.map(|size| size.0),
        row.size.map(|size| size.1),
        row.created_at_ms
    ])?;
    if added == 1 {
        return Ok(row);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM upload
         WHERE community_id = ?1 AND owner = ?2 AND purpose = ?3 AND blob_hash = ?4"
    );
    let key = params![row.community, row.owner, row.purpose.as_str(), row.blob];
    tx.conn.prepare_cached(&sql)?.query_row(key, read)?
}

fn claim(tx: &Tx<'_>, before_ms: UtcMs, limit: u32) -> Result<Vec<UnusedBlob>, JobError> {
    let (conn, now_ms) = (tx.conn, tx.now_ms());
    let sql = format!(
        "SELECT community_id, blob_hash FROM upload_blob b WHERE {UNUSED}
         AND (claimed_at_ms IS NULL OR claimed_at_ms <= ?3) LIMIT ?2"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let found = select.query_map(params![before_ms, limit, now_ms - CLAIM_MS], |row| {
        Ok(UnusedBlob {
            community: row.get(0)?,
            hash: row.get(1)?,
            claimed_at_ms: now_ms,
        })
    })?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let mut mark = conn.prepare_cached(
        "UPDATE upload_blob SET claimed_at_ms = ?3 WHERE community_id = ?1 AND blob_hash = ?2",
    )?;
    for blob in &found {
        mark.execute(params![blob.community, blob.hash, now_ms])?;
    }
    Ok(found)
}

/// A row, or in which way it cannot be read.
fn read(row: &Row<'_>) -> rusqlite::Result<Result<UploadRow, JobError>> {
    let (id, purpose, policy): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(4)?);
    let size: (Option<u32>, Option<u32>) = (row.get(9)?, row.get(10)?);
    let words = (
        UploadId::parse(&id).ok(),
        UploadPurpose::parse(&purpose),
        UploadPolicy::parse(&policy),
    );
    let (Some(id), Some(purpose), Some(policy)) = words else {
        return Ok(Err(JobError::Corrupt(format!("stored upload {id}"))));
    };
    Ok(Ok(UploadRow {
        community: row.get(0)?,
        id,
        owner: row.get(2)?,
        purpose,
        policy,
        media_type: row.get(5)?,
        blob: row.get(6)?,
        thumb: row.get(7)?,
        bytes: row.get(8)?,
        size: size.0.zip(size.1),
        created_at_ms: row.get(11)?,
    }))
}
