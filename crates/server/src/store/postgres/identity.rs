//! Contacts, one-time passwords, and host sites.

use super::PostgresStore;
use super::cast::fixed;
use super::contacts::{OWNERS_OF_CONTACT, OWNERS_OF_LINK, current, drop_ended, keep, spend, words};
use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::mine;
use super::seat;
use super::topics;
use crate::seal;
use crate::store::rolls::{named_by, voter_word};
use crate::store::{
    HostKey, IdentityStore, MyPassword, MyVoter, PreparedCommunity, PreparedVoter, PutPassword,
    RollContacts, StoreFuture, TokenBearer, TokenVoter,
};
use linli_model::desk::roll::RollKind;
use linli_model::{CommunityId, Refusal, Topic, UtcMs};
use linli_rules::phase;

impl IdentityStore for PostgresStore {
    fn put_password(&self, password: PutPassword) -> StoreFuture<'_, bool> {
        Box::pin(self.db.run(password))
    }

    fn put_my_password(&self, password: MyPassword) -> StoreFuture<'_, bool> {
        Box::pin(self.db.run(mine::Put(password)))
    }

    fn spend_my_password(&self, password: MyPassword) -> StoreFuture<'_, Vec<MyVoter>> {
        Box::pin(self.db.run(mine::Spend(password)))
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

/// Whose password this is; it ends by being right. A wrong one is counted.
pub(super) async fn spend_password(
    tx: &Tx<'_>,
    topic: &Topic,
    contact_index: &[u8; 32],
    password_hash: &[u8; 32],
    now_ms: UtcMs,
) -> Result<Option<String>, JobError> {
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let index = contact_index.as_slice();
    if !spend(tx, (community, poll, index), password_hash, now_ms).await? {
        return Ok(None);
    }
    owner(tx, topic, OWNERS_OF_CONTACT, index).await
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
        TokenVoter::Linked(hash) => owner(tx, topic, OWNERS_OF_LINK, hash.as_slice()).await?,
        TokenVoter::Listed { label, place, name } => {
            one_listed(tx, topic, (label, place, name)).await?
        }
    };
    let Some(voter) = voter else { return Ok(None) };
    seat::only(tx, topic, &voter).await
}

/// Writes what an import says: a statement for all voters of a roll at once.
pub(super) async fn put(tx: &Tx<'_>, community: &PreparedCommunity) -> Result<(), JobError> {
    let (id, identity) = (community.id.as_str(), &community.identity);
    if let Some(keys) = &identity.host_keys {
        tx.execute("DELETE FROM host_key WHERE community_id = $1", &[&id])
            .await?;
        for key in keys {
            put_host_key(tx, id, key).await?;
        }
    }
    for roll in RollKind::ALL {
        let voters: Vec<&PreparedVoter> =
            identity.voters.iter().filter(|v| v.roll == roll).collect();
        if voters.is_empty() {
            continue;
        }
        let words = listed_words(tx, id, roll, &voters).await?;
        put_contacts(tx, (id, roll), &voters, &words).await?;
        put_links(tx, (id, roll), &voters, &words).await?;
    }
    Ok(())
}

/// The words of voters whom an import names, in its order.
async fn listed_words(
    tx: &Tx<'_>,
    community: &str,
    roll: RollKind,
    voters: &[&PreparedVoter],
) -> Result<Vec<String>, JobError> {
    let places: Vec<&str> = voters.iter().map(|v| v.place.as_str()).collect();
    let labels: Vec<&str> = voters.iter().map(|v| v.label.as_str()).collect();
    let names: Vec<Option<&str>> = voters.iter().map(|v| v.name.as_deref()).collect();
    // Households have a number before they are on a roll.
    let rows = if roll == RollKind::Households {
        tx.rows(
            "SELECT given.nth, h.household_id
             FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given(place_id, label, nth)
             JOIN household h ON h.community_id = $1 AND h.place_id = given.place_id
             AND h.label = given.label",
            &[&community, &places, &labels],
        )
        .await?
    } else {
        tx.rows(
            "SELECT DISTINCT given.nth, e.voter_id
             FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY
             AS given(place_id, label, name, nth)
             JOIN roll_entry e ON e.community_id = $1 AND e.kind = $2
             AND e.place_id = given.place_id AND e.label = given.label
             AND (given.name IS NULL OR e.name = given.name) AND e.until_version IS NULL",
            &[&community, &roll.as_str(), &places, &labels, &names],
        )
        .await?
    };
    let mut found: Vec<Vec<i64>> = vec![Vec::new(); voters.len()];
    for row in &rows {
        let nth = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default();
        if let Some(of) = nth.checked_sub(1).and_then(|nth| found.get_mut(nth)) {
            of.push(row.try_get(1)?);
        }
    }
    let each = voters.iter().zip(found);
    each.map(|(voter, found)| match found[..] {
        [number] => Ok(voter_word(roll, number)),
        _ => Err(JobError::Corrupt(voter.not_one())),
    })
    .collect()
}

async fn put_contacts(
    tx: &Tx<'_>,
    (community, roll): (&str, RollKind),
    voters: &[&PreparedVoter],
    words: &[String],
) -> Result<(), JobError> {
    let given = || {
        voters
            .iter()
            .zip(words)
            .filter(|(v, _)| v.contacts.is_some())
    };
    let replaced: Vec<&str> = given().map(|(_, word)| word.as_str()).collect();
    let each = given().flat_map(|(v, word)| v.contacts.iter().flatten().map(move |c| (word, c)));
    let each: Vec<_> = each.collect();
    let owners: Vec<&str> = each.iter().map(|(word, _)| word.as_str()).collect();
    let indices: Vec<&[u8]> = each.iter().map(|(_, one)| one.index.as_slice()).collect();
    let kinds: Vec<&str> = each.iter().map(|(_, one)| one.kind).collect();
    // What was another's of this roll moves.
    tx.execute(
        "DELETE FROM voter_contact WHERE community_id = $1 AND (voter = ANY($2)
             OR contact_index = ANY($3) AND left(voter, 1) = $4)",
        &[&community, &replaced, &indices, &letter(roll)],
    )
    .await?;
    tx.execute(
        "INSERT INTO voter_contact (community_id, contact_index, voter, kind)
         SELECT $1, contact_index, voter, kind FROM unnest($2::text[], $3::bytea[], $4::text[])
         AS given(voter, contact_index, kind)",
        &[&community, &owners, &indices, &kinds],
    )
    .await?;
    Ok(())
}

async fn put_links(
    tx: &Tx<'_>,
    (community, roll): (&str, RollKind),
    voters: &[&PreparedVoter],
    words: &[String],
) -> Result<(), JobError> {
    let given = || voters.iter().zip(words).filter(|(v, _)| v.links.is_some());
    let replaced: Vec<&str> = given().map(|(_, word)| word.as_str()).collect();
    let each = given().flat_map(|(v, word)| v.links.iter().flatten().map(move |l| (word, l)));
    let each: Vec<_> = each.collect();
    let owners: Vec<&str> = each.iter().map(|(word, _)| word.as_str()).collect();
    let hashes: Vec<&[u8]> = each.iter().map(|(_, hash)| hash.as_slice()).collect();
    tx.execute(
        "DELETE FROM voter_link WHERE community_id = $1 AND (voter = ANY($2)
             OR link_hash = ANY($3) AND left(voter, 1) = $4)",
        &[&community, &replaced, &hashes, &letter(roll)],
    )
    .await?;
    tx.execute(
        "INSERT INTO voter_link (community_id, link_hash, voter)
         SELECT $1, link_hash, voter FROM unnest($2::text[], $3::bytea[])
         AS given(voter, link_hash)",
        &[&community, &owners, &hashes],
    )
    .await?;
    Ok(())
}

/// With what the words of a roll's voters begin.
fn letter(roll: RollKind) -> String {
    voter_word(roll, 0).chars().take(1).collect()
}

/// Replaces the contacts of `kinds` that voters of a roll have by what a file says.
pub(super) async fn replace_contacts(
    tx: &Tx<'_>,
    (community, roll): (&str, RollKind),
    contacts: &RollContacts,
    voters: &[i64],
) -> Result<(), JobError> {
    let replaced: Vec<&str> = contacts.kinds.iter().map(|kind| kind.as_str()).collect();
    tx.execute(
        "DELETE FROM voter_contact WHERE community_id = $1 AND left(voter, 1) = $2
         AND kind = ANY($3)",
        &[&community, &letter(roll), &replaced],
    )
    .await?;
    let (mut words, mut indices, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for (voter, contact) in contacts.by_voter(voters) {
        words.push(voter_word(roll, voter));
        indices.push(contact.bytes().map_err(JobError::Corrupt)?);
        kinds.push(contact.kind.as_str());
    }
    let indices: Vec<&[u8]> = indices.iter().map(<[u8; 32]>::as_slice).collect();
    tx.execute(
        "INSERT INTO voter_contact (community_id, contact_index, voter, kind)
         SELECT $1, contact_index, voter, kind FROM unnest($2::text[], $3::bytea[], $4::text[])
         AS given(voter, contact_index, kind) ON CONFLICT DO NOTHING",
        &[&community, &words, &indices, &kinds],
    )
    .await?;
    Ok(())
}

/// Forgets how voters who left a roll could be known. A household's stay: they stand for
/// its owner and tenant too.
pub(super) async fn forget(
    tx: &Tx<'_>,
    community: &str,
    roll: RollKind,
    gone: &[i64],
) -> Result<(), JobError> {
    if roll == RollKind::Households || gone.is_empty() {
        return Ok(());
    }
    let gone: Vec<String> = gone.iter().map(|voter| voter_word(roll, *voter)).collect();
    for table in ["voter_contact", "voter_link"] {
        let sql = format!("DELETE FROM {table} WHERE community_id = $1 AND voter = ANY($2)");
        tx.execute(&sql, &[&community, &gone]).await?;
    }
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
        drop_ended(tx, (community, poll), now_ms).await?;
        let index = self.contact_index.as_slice();
        let Some(voter) = owner(tx, topic, OWNERS_OF_CONTACT, index).await? else {
            return Ok(false);
        };
        if seat::only(tx, topic, &voter).await?.is_none() {
            return Ok(false);
        }
        keep(tx, (community, poll, index), &self.password_hash, now_ms).await?;
        Ok(true)
    }
}

/// The word of whom a contact or link names in the poll, wherever they live.
async fn owner(
    tx: &Tx<'_>,
    topic: &Topic,
    owners: &str,
    hash: &[u8],
) -> Result<Option<String>, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    let community = topic.community.id.as_str();
    let words = words(tx, community, owners, hash).await?;
    let current = current(tx, (community, kind), &words).await?;
    Ok(named_by(kind, &words, &current))
}

/// The one voter whom a host names by what stands on the roll. People share a label:
/// without their name none is meant.
async fn one_listed(
    tx: &Tx<'_>,
    topic: &Topic,
    (label, place, name): (&str, &Option<String>, &Option<String>),
) -> Result<Option<String>, JobError> {
    let kind = RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?;
    let Some(name) = name else {
        return one_household(tx, topic, label, place).await;
    };
    let rows = tx
        .rows(
            "WITH RECURSIVE concerned(place_id) AS (
                 SELECT $4::text COLLATE \"C\"
                 UNION SELECT p.place_id FROM place p JOIN concerned c ON p.parent_id = c.place_id
                 WHERE p.community_id = $1)
             SELECT DISTINCT voter_id FROM roll_entry
             WHERE community_id = $1 AND kind = $2 AND label = $3 AND name = $5
             AND ($6::text IS NULL OR place_id = $6) AND until_version IS NULL
             AND place_id IN (SELECT place_id FROM concerned) LIMIT 2",
            &[
                &topic.community.id.as_str(),
                &kind.as_str(),
                &label,
                &topic.place.id.as_str(),
                name,
                place,
            ],
        )
        .await?;
    match &rows[..] {
        [row] => Ok(Some(voter_word(kind, row.try_get(0)?))),
        _ => Ok(None),
    }
}

/// The one household of this label that the topic concerns. Labels repeat between
/// places: where two fit, none is meant.
pub(super) async fn one_household(
    tx: &Tx<'_>,
    topic: &Topic,
    label: &str,
    place: &Option<String>,
) -> Result<Option<String>, JobError> {
    let rows = tx
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
    match &rows[..] {
        [row] => Ok(Some(row.try_get(0)?)),
        _ => Ok(None),
    }
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
