//! Contacts, one-time passwords, and host sites.

use super::SqliteStore;
use super::contacts::{OWNERS_OF_CONTACT, OWNERS_OF_LINK, current, drop_ended, keep, spend, words};
use super::error::JobError;
use super::mine;
use super::seat;
use crate::store::rolls::{named_by, voter_word};
use crate::store::{
    HostKey, IdentityStore, MyPassword, MyVoter, PreparedCommunity, PreparedVoter, PutPassword,
    RollContacts, StoreFuture, TokenBearer, TokenVoter,
};
use linli_model::desk::roll::RollKind;
use linli_model::{CommunityId, Refusal, Topic, UtcMs};
use linli_rules::phase;
use rusqlite::{Connection, OptionalExtension, params};

impl IdentityStore for SqliteStore {
    fn put_password(&self, password: PutPassword) -> StoreFuture<'_, bool> {
        Box::pin(self.writer.run(move |tx| {
            let stored = tx.topic(&password.topic)?;
            put_password(tx.conn, &stored.topic, &password, tx.now_ms())
        }))
    }

    fn put_my_password(&self, password: MyPassword) -> StoreFuture<'_, bool> {
        Box::pin(
            self.writer
                .run(move |tx| mine::put_password(tx.conn, &password, tx.now_ms())),
        )
    }

    fn spend_my_password(&self, password: MyPassword) -> StoreFuture<'_, Vec<MyVoter>> {
        Box::pin(
            self.writer
                .run(move |tx| mine::spend_password(tx.conn, &password, tx.now_ms())),
        )
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
    if !spend(conn, (community, poll, index), password_hash, now_ms)? {
        return Ok(None);
    }
    owner(conn, topic, OWNERS_OF_CONTACT, index)
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
        TokenVoter::Linked(hash) => owner(conn, topic, OWNERS_OF_LINK, hash.as_slice())?,
        TokenVoter::Listed { label, place, name } => one_listed(conn, topic, (label, place, name))?,
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
    for voter in &identity.voters {
        put_voter(conn, id, voter)?;
    }
    Ok(())
}

fn put_voter(conn: &Connection, community: &str, voter: &PreparedVoter) -> Result<(), JobError> {
    let word = listed_word(conn, community, voter)?;
    // What was another's of this roll moves.
    let letter = letter(voter.roll);
    if let Some(contacts) = &voter.contacts {
        conn.prepare_cached("DELETE FROM voter_contact WHERE community_id = ?1 AND voter = ?2")?
            .execute([community, &word])?;
        for contact in contacts {
            let index = contact.index.as_slice();
            conn.prepare_cached(
                "DELETE FROM voter_contact WHERE community_id = ?1 AND contact_index = ?2
                 AND substr(voter, 1, 1) = ?3",
            )?
            .execute(params![community, index, letter])?;
            conn.prepare_cached(
                "INSERT INTO voter_contact (community_id, contact_index, voter, kind)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![community, index, word, contact.kind])?;
        }
    }
    if let Some(links) = &voter.links {
        conn.prepare_cached("DELETE FROM voter_link WHERE community_id = ?1 AND voter = ?2")?
            .execute([community, &word])?;
        for link in links {
            let hash = link.as_slice();
            conn.prepare_cached(
                "DELETE FROM voter_link WHERE community_id = ?1 AND link_hash = ?2
                 AND substr(voter, 1, 1) = ?3",
            )?
            .execute(params![community, hash, letter])?;
            conn.prepare_cached(
                "INSERT INTO voter_link (community_id, link_hash, voter) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![community, hash, word])?;
        }
    }
    Ok(())
}

/// With what the words of a roll's voters begin.
fn letter(roll: RollKind) -> String {
    voter_word(roll, 0).chars().take(1).collect()
}

/// The word of a voter whom an import names.
fn listed_word(
    conn: &Connection,
    community: &str,
    voter: &PreparedVoter,
) -> Result<String, JobError> {
    let key = params![
        community,
        voter.roll.as_str(),
        voter.label,
        voter.place,
        voter.name
    ];
    let found: Vec<i64> = if voter.roll == RollKind::Households {
        // They have a number before they are on a roll.
        let mut select = conn.prepare_cached(
            "SELECT household_id FROM household
             WHERE community_id = ?1 AND place_id = ?2 AND label = ?3",
        )?;
        let rows = select.query_map([community, &voter.place, &voter.label], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    } else {
        let mut select = conn.prepare_cached(
            "SELECT DISTINCT voter_id FROM roll_entry INDEXED BY roll_entry_label
             WHERE community_id = ?1 AND kind = ?2 AND label = ?3 AND place_id = ?4
             AND (?5 IS NULL OR name = ?5) AND until_version IS NULL LIMIT 2",
        )?;
        let rows = select.query_map(key, |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    match found[..] {
        [number] => Ok(voter_word(voter.roll, number)),
        _ => Err(JobError::Corrupt(voter.not_one())),
    }
}

/// Replaces the contacts of `kinds` that voters of a roll have by what a file says.
pub(super) fn replace_contacts(
    conn: &Connection,
    (community, roll): (&str, RollKind),
    contacts: &RollContacts,
    voters: &[i64],
) -> Result<(), JobError> {
    let letter = letter(roll);
    for kind in &contacts.kinds {
        conn.execute(
            "DELETE FROM voter_contact WHERE community_id = ?1 AND substr(voter, 1, 1) = ?2
             AND kind = ?3",
            params![community, letter, kind.as_str()],
        )?;
    }
    let mut insert = conn.prepare_cached(
        "INSERT INTO voter_contact (community_id, contact_index, voter, kind)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (voter, contact) in contacts.by_voter(voters) {
        let index = contact.bytes().map_err(JobError::Corrupt)?;
        let word = voter_word(roll, voter);
        insert.execute(params![
            community,
            index.as_slice(),
            word,
            contact.kind.as_str()
        ])?;
    }
    Ok(())
}

/// Forgets how voters who left a roll could be known. A household's stay: they stand for
/// its owner and tenant too.
pub(super) fn forget(
    conn: &Connection,
    community: &str,
    roll: RollKind,
    gone: &[i64],
) -> Result<(), JobError> {
    if roll == RollKind::Households {
        return Ok(());
    }
    for table in ["voter_contact", "voter_link"] {
        let mut delete = conn.prepare_cached(&format!(
            "DELETE FROM {table} WHERE community_id = ?1 AND voter = ?2"
        ))?;
        for voter in gone {
            delete.execute([community, &voter_word(roll, *voter)])?;
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
    drop_ended(conn, (community, poll), now_ms)?;
    let index = password.contact_index.as_slice();
    let Some(voter) = owner(conn, topic, OWNERS_OF_CONTACT, index)? else {
        return Ok(false);
    };
    if seat::only(conn, topic, &voter)?.is_none() {
        return Ok(false);
    }
    keep(
        conn,
        (community, poll, index),
        &password.password_hash,
        now_ms,
    )?;
    Ok(true)
}

/// The word of whom a contact or link names in the poll, wherever they live.
fn owner(
    conn: &Connection,
    topic: &Topic,
    owners: &str,
    hash: &[u8],
) -> Result<Option<String>, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    let community = topic.community.id.as_str();
    let words = words(conn, community, owners, hash)?;
    let current = current(conn, (community, kind), &words)?;
    Ok(named_by(kind, &words, &current))
}

/// The one voter whom a host names by what stands on the roll. People share a label:
/// without their name none is meant.
fn one_listed(
    conn: &Connection,
    topic: &Topic,
    (label, place, name): (&str, &Option<String>, &Option<String>),
) -> Result<Option<String>, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    let Some(name) = name else {
        return one_household(conn, topic, label, place);
    };
    let mut select = conn.prepare_cached(
        "WITH RECURSIVE concerned(place_id) AS (
             SELECT ?4
             UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
             WHERE p.community_id = ?1)
         SELECT DISTINCT voter_id FROM roll_entry INDEXED BY roll_entry_label
         WHERE community_id = ?1 AND kind = ?2 AND label = ?3 AND name = ?5
         AND (?6 IS NULL OR place_id = ?6) AND until_version IS NULL
         AND place_id IN (SELECT place_id FROM concerned) LIMIT 2",
    )?;
    let (community, at) = (topic.community.id.as_str(), topic.place.id.as_str());
    let key = params![community, kind.as_str(), label, at, name, place];
    let found: Vec<i64> = select
        .query_map(key, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(match found[..] {
        [number] => Some(voter_word(kind, number)),
        _ => None,
    })
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
