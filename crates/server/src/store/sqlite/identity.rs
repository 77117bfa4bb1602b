//! Contacts, one-time passwords, and host sites.

use super::SqliteStore;
use super::error::JobError;
use super::seat;
use crate::identity::otp;
use crate::store::{
    HostKey, IdentityStore, PreparedCommunity, PutPassword, StoreFuture, TokenBearer, TokenVoter,
};
use linli_model::{CommunityId, Topic, UtcMs};
use linli_rules::phase;
use rusqlite::{Connection, OptionalExtension, params};

impl IdentityStore for SqliteStore {
    fn put_password(&self, password: PutPassword) -> StoreFuture<'_, bool> {
        Box::pin(self.writer.run(move |tx| {
            let stored = tx.topic(&password.topic)?;
            put_password(tx.conn, &stored.topic, &password, tx.now_ms())
        }))
    }

    fn host_key<'a>(
        &'a self,
        community: &'a CommunityId,
        key_id: &'a str,
    ) -> StoreFuture<'a, Option<HostKey>> {
        let (community, key_id) = (community.clone(), key_id.to_owned());
        Box::pin(
            self.readers
                .run(move |conn| host_key(conn, community.as_str(), &key_id)),
        )
    }
}

/// Whose password this is; it ends by being right. A wrong one is counted.
pub(super) fn spend_password(
    conn: &Connection,
    topic: &Topic,
    contact_index: &[u8; 32],
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<Option<String>, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let index = contact_index.as_slice();
    let kept = conn
        .prepare_cached(
            "SELECT password_hash, tries, expires_at_ms FROM one_time_password
             WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
        )?
        .query_row(params![community, poll, index], |row| {
            Ok(otp::Kept {
                hash: row.get(0)?,
                tries: row.get(1)?,
                expires_at_ms: row.get(2)?,
            })
        })
        .optional()?;
    let Some(kept) = kept else { return Ok(None) };
    if !otp::is_right(&kept, password_hash, now_ms) {
        conn.prepare_cached(
            "UPDATE one_time_password SET tries = tries + 1
             WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
        )?
        .execute(params![community, poll, index])?;
        return Ok(None);
    }
    conn.prepare_cached(
        "DELETE FROM one_time_password
         WHERE community_id = ?1 AND poll_id = ?2 AND contact_index = ?3",
    )?
    .execute(params![community, poll, index])?;
    owner(conn, community, index)
}

/// Voter and label of whom a token names; the token is used up.
pub(super) fn spend_token(
    conn: &Connection,
    topic: &Topic,
    token: &TokenBearer,
    now_ms: UtcMs,
) -> Result<Option<(String, String)>, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    conn.prepare_cached(
        "DELETE FROM host_nonce
         WHERE community_id = ?1 AND poll_id = ?2 AND expires_at_ms <= ?3",
    )?
    .execute(params![community, poll, now_ms])?;
    let spent = conn
        .prepare_cached(
            "INSERT INTO host_nonce (community_id, poll_id, nonce_hash, expires_at_ms)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            community,
            poll,
            token.nonce_hash.as_slice(),
            token.expires_at_ms
        ])?;
    if spent == 0 || now_ms >= token.expires_at_ms {
        return Ok(None);
    }
    let voter: Option<String> = match &token.who {
        TokenVoter::Account(hash) => {
            let voter = format!("a{}", crate::seal::hex(hash));
            return Ok(Some((voter, String::new())));
        }
        TokenVoter::Linked(hash) => conn
            .prepare_cached(
                "SELECT voter FROM voter_link WHERE community_id = ?1 AND link_hash = ?2",
            )?
            .query_row(params![community, hash.as_slice()], |row| row.get(0))
            .optional()?,
        TokenVoter::Household { label, place } => one_household(conn, topic, label, place)?,
    };
    let Some(voter) = voter else { return Ok(None) };
    seat::only(conn, topic, &voter)
}

/// Writes what an import says.
pub(super) fn put(conn: &Connection, community: &PreparedCommunity) -> Result<(), JobError> {
    let (id, identity) = (community.id.as_str(), &community.identity);
    if let Some(keys) = &identity.host_keys {
        conn.execute("DELETE FROM host_key WHERE community_id = ?1", [id])?;
        for key in keys {
            put_host_key(conn, id, key)?;
        }
    }
    for household in &identity.households {
        let voter: String = conn
            .prepare_cached(
                "SELECT 'h' || household_id FROM household
                 WHERE community_id = ?1 AND place_id = ?2 AND label = ?3",
            )?
            .query_row([id, &household.place, &household.label], |row| row.get(0))?;
        if let Some(contacts) = &household.contacts {
            conn.prepare_cached(
                "DELETE FROM voter_contact WHERE community_id = ?1 AND voter = ?2",
            )?
            .execute([id, &voter])?;
            for contact in contacts {
                conn.prepare_cached(
                    "INSERT OR REPLACE INTO voter_contact
                     (community_id, contact_index, voter, kind) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    id,
                    contact.index.as_slice(),
                    voter,
                    contact.kind
                ])?;
            }
        }
        if let Some(links) = &household.links {
            conn.prepare_cached("DELETE FROM voter_link WHERE community_id = ?1 AND voter = ?2")?
                .execute([id, &voter])?;
            for link in links {
                conn.prepare_cached(
                    "INSERT OR REPLACE INTO voter_link (community_id, link_hash, voter)
                     VALUES (?1, ?2, ?3)",
                )?
                .execute(params![id, link.as_slice(), voter])?;
            }
        }
    }
    Ok(())
}

fn put_password(
    conn: &Connection,
    topic: &Topic,
    password: &PutPassword,
    now_ms: UtcMs,
) -> Result<bool, JobError> {
    phase::require_open(&topic.poll, now_ms)?;
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    // What nobody came back for.
    conn.prepare_cached(
        "DELETE FROM one_time_password
         WHERE community_id = ?1 AND poll_id = ?2 AND expires_at_ms <= ?3",
    )?
    .execute(params![community, poll, now_ms])?;
    let index = password.contact_index.as_slice();
    let Some(voter) = owner(conn, community, index)? else {
        return Ok(false);
    };
    if seat::only(conn, topic, &voter)?.is_none() {
        return Ok(false);
    }
    conn.prepare_cached(
        "INSERT OR REPLACE INTO one_time_password
         (community_id, poll_id, contact_index, password_hash, tries, expires_at_ms)
         VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )?
    .execute(params![
        community,
        poll,
        index,
        password.password_hash.as_slice(),
        now_ms.saturating_add(otp::VALID_MS)
    ])?;
    Ok(true)
}

fn owner(conn: &Connection, community: &str, index: &[u8]) -> Result<Option<String>, JobError> {
    Ok(conn
        .prepare_cached(
            "SELECT voter FROM voter_contact WHERE community_id = ?1 AND contact_index = ?2",
        )?
        .query_row(params![community, index], |row| row.get(0))
        .optional()?)
}

/// The one household of this label that the topic concerns. Labels repeat between
/// places: where two fit, none is meant.
pub(super) fn one_household(
    conn: &Connection,
    topic: &Topic,
    label: &str,
    place: &Option<String>,
) -> Result<Option<String>, JobError> {
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?3
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT 'h' || household_id FROM household
         WHERE community_id = ?1 AND label = ?2 AND (?4 IS NULL OR place_id = ?4)
         AND place_id IN (SELECT place_id FROM concerned) LIMIT 2",
    )?;
    let (community, at) = (topic.community.id.as_str(), topic.place.id.as_str());
    let found: Vec<String> = select
        .query_map(params![community, label, at, place], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(match <[String; 1]>::try_from(found) {
        Ok([voter]) => Some(voter),
        Err(_) => None,
    })
}

fn host_key(conn: &Connection, community: &str, key_id: &str) -> Result<Option<HostKey>, JobError> {
    let found: Option<(String, [u8; 32], String)> = conn
        .prepare_cached(
            "SELECT host, public_key, origins FROM host_key
             WHERE community_id = ?1 AND key_id = ?2",
        )?
        .query_row([community, key_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((host, public_key, origins)) = found else {
        return Ok(None);
    };
    let origins = serde_json::from_str(&origins)
        .map_err(|error| JobError::Corrupt(format!("stored host key {key_id}: {error}")))?;
    Ok(Some(HostKey {
        key_id: key_id.to_owned(),
        host,
        public_key,
        origins,
    }))
}

fn put_host_key(conn: &Connection, community: &str, key: &HostKey) -> Result<(), JobError> {
    let origins = serde_json::to_string(&key.origins)
        .map_err(|error| JobError::Corrupt(format!("host key {}: {error}", key.key_id)))?;
    conn.prepare_cached(
        "INSERT INTO host_key (community_id, key_id, host, public_key, origins)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        community,
        key.key_id,
        key.host,
        key.public_key.as_slice(),
        origins
    ])?;
    Ok(())
}
