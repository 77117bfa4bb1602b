//! Contacts, one-time passwords, and host sites.

use super::PostgresStore;
use super::cast::fixed;
use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::seat;
use super::topics;
use crate::identity::otp;
use crate::seal;
use crate::store::{
    HostKey, IdentityStore, PreparedCommunity, PreparedVoter, PutPassword, StoreFuture,
    TokenBearer, TokenVoter,
};
use linli_model::{CommunityId, Topic, UtcMs};
use linli_rules::phase;
use tokio_postgres::Row;

impl IdentityStore for PostgresStore {
    fn put_password(&self, password: PutPassword) -> StoreFuture<'_, bool> {
        Box::pin(self.db.run(password))
    }

    fn host_key<'a>(
        &'a self,
        community: &'a CommunityId,
        key_id: &'a str,
    ) -> StoreFuture<'a, Option<HostKey>> {
        Box::pin(self.db.run(FindHostKey {
            community: community.clone(),
            key_id: key_id.to_owned(),
        }))
    }
}

/// Whose password this is; it ends by being right. A wrong one is counted. The row is
/// locked first, so that tries at the same moment are counted one after the other.
pub(super) async fn spend_password(
    tx: &Tx<'_>,
    topic: &Topic,
    contact_index: &[u8; 32],
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<Option<Row>, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let index = contact_index.as_slice();
    let found = tx
        .opt(
            "SELECT password_hash, tries, expires_at_ms FROM one_time_password
             WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3 FOR UPDATE",
            &[&community, &poll, &index],
        )
        .await?;
    let Some(row) = found else { return Ok(None) };
    let kept = otp::Kept {
        hash: fixed(row.try_get(0)?)?,
        tries: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX),
        expires_at_ms: row.try_get(2)?,
    };
    if !otp::is_right(&kept, password_hash, now_ms) {
        tx.execute(
            "UPDATE one_time_password SET tries = tries + 1
             WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3",
            &[&community, &poll, &index],
        )
        .await?;
        return Ok(None);
    }
    tx.execute(
        "DELETE FROM one_time_password
         WHERE community_id = $1 AND poll_id = $2 AND contact_index = $3",
        &[&community, &poll, &index],
    )
    .await?;
    owner(tx, community, index).await
}

/// Voter and label of whom a token names; the token is used up.
pub(super) async fn spend_token(
    tx: &Tx<'_>,
    topic: &Topic,
    token: &TokenBearer,
    now_ms: UtcMs,
) -> Result<Option<(String, String)>, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    tx.execute(
        "DELETE FROM host_nonce
         WHERE community_id = $1 AND poll_id = $2 AND expires_at_ms <= $3",
        &[&community, &poll, &now_ms],
    )
    .await?;
    let spent = tx
        .execute(
            "INSERT INTO host_nonce (community_id, poll_id, nonce_hash, expires_at_ms)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            &[
                &community,
                &poll,
                &token.nonce_hash.as_slice(),
                &token.expires_at_ms,
            ],
        )
        .await?;
    if spent == 0 || now_ms >= token.expires_at_ms {
        return Ok(None);
    }
    let voter = match &token.who {
        TokenVoter::Account(hash) => {
            let voter = format!("a{}", seal::hex(hash));
            return Ok(Some((voter, String::new())));
        }
        TokenVoter::Linked(hash) => {
            tx.opt(
                "SELECT voter FROM voter_link WHERE community_id = $1 AND link_hash = $2",
                &[&community, &hash.as_slice()],
            )
            .await?
        }
        TokenVoter::Household { label, place } => one_household(tx, topic, label, place).await?,
    };
    let Some(row) = voter else { return Ok(None) };
    let voter: String = row.try_get(0)?;
    seat::only(tx, topic, &voter).await
}

/// Writes what an import says: a statement for all households at once.
pub(super) async fn put(tx: &Tx<'_>, community: &PreparedCommunity) -> Result<(), JobError> {
    let (id, identity) = (community.id.as_str(), &community.identity);
    if let Some(keys) = &identity.host_keys {
        tx.execute("DELETE FROM host_key WHERE community_id = $1", &[&id])
            .await?;
        for key in keys {
            put_host_key(tx, id, key).await?;
        }
    }
    put_contacts(tx, id, &identity.households).await?;
    put_links(tx, id, &identity.households).await
}

async fn put_contacts(
    tx: &Tx<'_>,
    community: &str,
    households: &[PreparedVoter],
) -> Result<(), JobError> {
    let given = households.iter().filter(|h| h.contacts.is_some());
    forget(tx, community, "voter_contact", given.clone()).await?;
    let each = given.flat_map(|h| h.contacts.iter().flatten().map(move |one| (h, one)));
    let each: Vec<_> = each.collect();
    let places: Vec<&str> = each.iter().map(|(h, _)| h.place.as_str()).collect();
    let labels: Vec<&str> = each.iter().map(|(h, _)| h.label.as_str()).collect();
    let indices: Vec<&[u8]> = each.iter().map(|(_, one)| one.index.as_slice()).collect();
    let kinds: Vec<&str> = each.iter().map(|(_, one)| one.kind).collect();
    tx.execute(
        "INSERT INTO voter_contact (community_id, contact_index, voter, kind)
         SELECT $1, given.contact_index, 'h' || h.household_id, given.kind
         FROM unnest($2::text[], $3::text[], $4::bytea[], $5::text[])
         AS given(place_id, label, contact_index, kind)
         JOIN household h ON h.community_id = $1 AND h.place_id = given.place_id
         AND h.label = given.label
         ON CONFLICT (community_id, contact_index) DO UPDATE
         SET voter = excluded.voter, kind = excluded.kind",
        &[&community, &places, &labels, &indices, &kinds],
    )
    .await?;
    Ok(())
}

async fn put_links(
    tx: &Tx<'_>,
    community: &str,
    households: &[PreparedVoter],
) -> Result<(), JobError> {
    let given = households.iter().filter(|h| h.links.is_some());
    forget(tx, community, "voter_link", given.clone()).await?;
    let each = given.flat_map(|h| h.links.iter().flatten().map(move |one| (h, one)));
    let each: Vec<_> = each.collect();
    let places: Vec<&str> = each.iter().map(|(h, _)| h.place.as_str()).collect();
    let labels: Vec<&str> = each.iter().map(|(h, _)| h.label.as_str()).collect();
    let hashes: Vec<&[u8]> = each.iter().map(|(_, hash)| hash.as_slice()).collect();
    tx.execute(
        "INSERT INTO voter_link (community_id, link_hash, voter)
         SELECT $1, given.link_hash, 'h' || h.household_id
         FROM unnest($2::text[], $3::text[], $4::bytea[]) AS given(place_id, label, link_hash)
         JOIN household h ON h.community_id = $1 AND h.place_id = given.place_id
         AND h.label = given.label
         ON CONFLICT (community_id, link_hash) DO UPDATE SET voter = excluded.voter",
        &[&community, &places, &labels, &hashes],
    )
    .await?;
    Ok(())
}

/// Empties `table` of what it has of `households`.
async fn forget(
    tx: &Tx<'_>,
    community: &str,
    table: &'static str,
    households: impl Iterator<Item = &PreparedVoter> + Clone + Send,
) -> Result<(), JobError> {
    let places: Vec<&str> = households.clone().map(|h| h.place.as_str()).collect();
    let labels: Vec<&str> = households.map(|h| h.label.as_str()).collect();
    let sql = format!(
        "DELETE FROM {table} t USING household h,
             unnest($2::text[], $3::text[]) AS given(place_id, label)
         WHERE t.community_id = $1 AND h.community_id = $1 AND h.place_id = given.place_id
         AND h.label = given.label AND t.voter = 'h' || h.household_id"
    );
    tx.execute(&sql, &[&community, &places, &labels]).await?;
    Ok(())
}

impl Work for PutPassword {
    type Output = bool;
    // Another time it replaces what it wrote.
    const MODE: Mode = Mode::Again;

    fn lock(&self) -> Option<Lock> {
        Some(Lock::with_others(&self.topic))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let stored = topics::require(tx, &self.topic).await?;
        let (topic, now_ms) = (&stored.topic, tx.now_ms());
        phase::require_open(&topic.poll, now_ms)?;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        // What nobody came back for. Rows that somebody is trying are left for later.
        tx.execute(
            "DELETE FROM one_time_password p USING (
                 SELECT community_id, poll_id, contact_index FROM one_time_password
                 WHERE community_id = $1 AND poll_id = $2 AND expires_at_ms <= $3
                 FOR UPDATE SKIP LOCKED) AS old
             WHERE p.community_id = old.community_id AND p.poll_id = old.poll_id
             AND p.contact_index = old.contact_index",
            &[&community, &poll, &now_ms],
        )
        .await?;
        let index = self.contact_index.as_slice();
        let Some(row) = owner(tx, community, index).await? else {
            return Ok(false);
        };
        if seat::only(tx, topic, row.try_get(0)?).await?.is_none() {
            return Ok(false);
        }
        tx.execute(
            "INSERT INTO one_time_password (community_id, poll_id, contact_index,
                 password_hash, tries, expires_at_ms)
             VALUES ($1, $2, $3, $4, 0, $5)
             ON CONFLICT (community_id, poll_id, contact_index) DO UPDATE
             SET password_hash = excluded.password_hash, tries = 0,
                 expires_at_ms = excluded.expires_at_ms",
            &[
                &community,
                &poll,
                &index,
                &self.password_hash.as_slice(),
                &now_ms.saturating_add(otp::VALID_MS),
            ],
        )
        .await?;
        Ok(true)
    }
}

async fn owner(tx: &Tx<'_>, community: &str, index: &[u8]) -> Result<Option<Row>, JobError> {
    tx.opt(
        "SELECT voter FROM voter_contact WHERE community_id = $1 AND contact_index = $2",
        &[&community, &index],
    )
    .await
}

/// The one household of this label that the topic concerns. Labels repeat between
/// places: where two fit, none is meant.
pub(super) async fn one_household(
    tx: &Tx<'_>,
    topic: &Topic,
    label: &str,
    place: &Option<String>,
) -> Result<Option<Row>, JobError> {
    let mut rows = tx
        .rows(
            "WITH RECURSIVE concerned(place_id) AS (
                 SELECT $3::text COLLATE \"C\"
                 UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
                 WHERE p.community_id = $1)
             SELECT 'h' || household_id FROM household
             WHERE community_id = $1 AND label = $2 AND ($4::text IS NULL OR place_id = $4)
             AND place_id IN (SELECT place_id FROM concerned) LIMIT 2",
            &[
                &topic.community.id.as_str(),
                &label,
                &topic.place.id.as_str(),
                place,
            ],
        )
        .await?;
    Ok(if rows.len() == 1 { rows.pop() } else { None })
}

struct FindHostKey {
    community: CommunityId,
    key_id: String,
}

impl Work for FindHostKey {
    type Output = Option<HostKey>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT host, public_key, origins FROM host_key
                 WHERE community_id = $1 AND key_id = $2",
                &[&self.community.as_str(), &self.key_id],
            )
            .await?;
        let Some(row) = found else { return Ok(None) };
        let origins = serde_json::from_str(row.try_get(2)?).map_err(|error| {
            JobError::Corrupt(format!("stored host key {}: {error}", self.key_id))
        })?;
        Ok(Some(HostKey {
            key_id: self.key_id.clone(),
            host: row.try_get(0)?,
            public_key: fixed(row.try_get(1)?)?,
            origins,
        }))
    }
}

async fn put_host_key(tx: &Tx<'_>, community: &str, key: &HostKey) -> Result<(), JobError> {
    let origins = serde_json::to_string(&key.origins)
        .map_err(|error| JobError::Corrupt(format!("host key {}: {error}", key.key_id)))?;
    tx.execute(
        "INSERT INTO host_key (community_id, key_id, host, public_key, origins)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            &community,
            &key.key_id,
            &key.host,
            &key.public_key.as_slice(),
            &origins,
        ],
    )
    .await?;
    Ok(())
}
