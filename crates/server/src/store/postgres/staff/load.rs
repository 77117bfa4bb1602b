//! Reading what the desk knows.

use crate::store::desk;
use crate::store::postgres::db::{Mode, Params, Tx, Work};
use crate::store::postgres::error::JobError;
use crate::store::postgres::{attachments, places, roll, rolls, topics, uploads};
use crate::store::staff::{
    ApprovalRecord, DeskState, HalfEnrolment, InvitationRecord, PlaceHouseholds, SessionRecord,
    StaffRecord, Topics, Want,
};
use linli_model::desk::{ApprovalState, TopicDraft};
use linli_model::{ApprovalId, CommunityId, CommunityRef, PlaceId, StaffId, TopicId};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use tokio_postgres::Row;

/// Most settled requests that are shown.
const SETTLED_MAX: u32 = 200;

/// What the desk of `community` knows; nothing where there is no such community.
pub(super) async fn state(
    tx: &Tx<'_>,
    community: &CommunityId,
    want: &Want,
) -> Result<Option<DeskState>, JobError> {
    load(tx, community, want, false).await
}

/// The same, with the topic locked that may be changed.
pub(super) async fn state_to_change(
    tx: &Tx<'_>,
    community: &CommunityId,
    want: &Want,
) -> Result<Option<DeskState>, JobError> {
    load(tx, community, want, true).await
}

async fn load(
    tx: &Tx<'_>,
    community: &CommunityId,
    want: &Want,
    to_change: bool,
) -> Result<Option<DeskState>, JobError> {
    let Some(named) = named(tx, community).await? else {
        return Ok(None);
    };
    let id = community.as_str();
    let mut state = DeskState {
        now_ms: 0,
        community: named,
        staff: staff(tx, id).await?,
        sessions: sessions(tx, id).await?,
        invitations: invitations(tx, id).await?,
        places: places::stored(tx, id).await?,
        approvals: approvals(tx, id, want).await?,
        topics: Vec::new(),
        drafts: Vec::new(),
        topic_taken: false,
        poll_taken: false,
        households: HashMap::new(),
        attachments: Vec::new(),
        upload: None,
        roll: None,
        kept: None,
    };
    let wanted = match desk::topic_of_approval(want, &state.approvals) {
        Some(topic) => Topics::One(topic.clone()),
        None => want.topics.clone(),
    };
    if let (true, Topics::One(topic)) = (to_change, &wanted) {
        super::hold_topic(tx, topic).await?;
    }
    load_topics(tx, &mut state, &wanted, want).await?;
    if let Some(draft) = desk::roll_draft(want, &state.approvals) {
        let find = rolls::FindDraft {
            community: id.to_owned(),
            draft: draft.to_owned(),
            now_ms: tx.now_ms(),
        };
        state.roll = find.run(tx).await?.ok();
    }
    if let Some((topic, upload)) = &want.attachment {
        state.attachments = attachments::uploads_of_topic(tx, id, topic).await?;
        state.upload = uploads::find(tx, id, upload, to_change).await?;
    }
    if want.households {
        state.households = households(tx, id).await?;
    }
    // After every lock: what is decided is decided by this moment.
    state.now_ms = tx.now_ms();
    if let Some((token_hash, key)) = &want.kept {
        let found = tx
            .opt(
                "SELECT r.command_hash, r.reply FROM desk_reply r
                 JOIN staff_session s ON s.community_id = r.community_id
                     AND s.staff_id = r.staff_id
                 WHERE s.community_id = $1 AND s.token_hash = $2 AND r.command_key = $3
                     AND r.at_ms > $4",
                &[
                    &id,
                    &token_hash.as_slice(),
                    &key.as_bytes().as_slice(),
                    &(state.now_ms - super::apply::REPLY_MS),
                ],
            )
            .await?;
        state.kept = match found {
            Some(row) => Some((fixed(row.try_get(0)?)?, json(row.try_get(1)?)?)),
            None => None,
        };
    }
    Ok(Some(state))
}

/// JSON that we wrote.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, JobError> {
    serde_json::from_str(text).map_err(|error| JobError::Corrupt(format!("stored JSON: {error}")))
}

fn corrupt(error: impl std::fmt::Display) -> JobError {
    JobError::Corrupt(error.to_string())
}

async fn all<T>(
    tx: &Tx<'_>,
    sql: &str,
    given: Params<'_>,
    read: impl Fn(&Row) -> Result<T, JobError>,
) -> Result<Vec<T>, JobError> {
    let rows = tx.rows(sql, given).await?;
    rows.iter().map(read).collect()
}

async fn named(tx: &Tx<'_>, community: &CommunityId) -> Result<Option<CommunityRef>, JobError> {
    let found = tx
        .opt(
            "SELECT name, time_zone FROM community WHERE community_id = $1",
            &[&community.as_str()],
        )
        .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(CommunityRef {
        id: community.clone(),
        name: row.try_get(0)?,
        time_zone: row.try_get(1)?,
    }))
}

fn staff_id(row: &Row, column: usize) -> Result<StaffId, JobError> {
    let text: String = row.try_get(column)?;
    StaffId::parse(&text).map_err(corrupt)
}

async fn staff(tx: &Tx<'_>, community: &str) -> Result<Vec<StaffRecord>, JobError> {
    let codes = all(
        tx,
        "SELECT staff_id, code_hash FROM recovery_code WHERE community_id = $1",
        &[&community],
        |row| Ok((staff_id(row, 0)?, fixed(row.try_get(1)?)?)),
    )
    .await?;
    all(
        tx,
        "SELECT staff_id, name, login, password_phc, totp_secret, totp_step, posts,
             signed_in_at_ms FROM staff WHERE community_id = $1 ORDER BY name COLLATE \"C\", staff_id",
        &[&community],
        |row| {
            let id = staff_id(row, 0)?;
            let posts: String = row.try_get(6)?;
            let own = codes.iter().filter(|(whose, _)| *whose == id);
            Ok(StaffRecord {
                recovery: own.map(|(_, hash)| *hash).collect(),
                id,
                name: row.try_get(1)?,
                login: row.try_get(2)?,
                password_phc: row.try_get(3)?,
                totp_secret: row.try_get(4)?,
                totp_step: row.try_get(5)?,
                posts: json(&posts)?,
                signed_in_at_ms: row.try_get(7)?,
            })
        },
    )
    .await
}

async fn sessions(tx: &Tx<'_>, community: &str) -> Result<Vec<SessionRecord>, JobError> {
    all(
        tx,
        "SELECT token_hash, session_id, staff_id, started_at_ms, used_at_ms, device
         FROM staff_session WHERE community_id = $1 ORDER BY started_at_ms, session_id",
        &[&community],
        |row| {
            Ok(SessionRecord {
                token_hash: fixed(row.try_get(0)?)?,
                id: row.try_get(1)?,
                staff: staff_id(row, 2)?,
                started_at_ms: row.try_get(3)?,
                used_at_ms: row.try_get(4)?,
                device: row.try_get(5)?,
            })
        },
    )
    .await
}

async fn invitations(tx: &Tx<'_>, community: &str) -> Result<Vec<InvitationRecord>, JobError> {
    all(
        tx,
        "SELECT token_hash, invitation_id, name, posts, invited_by, invited_by_name,
             expires_at_ms, login, password_phc, totp_secret, renews
         FROM invitation WHERE community_id = $1 ORDER BY expires_at_ms, invitation_id",
        &[&community],
        |row| {
            let posts: String = row.try_get(3)?;
            let inviter: Option<String> = row.try_get(4)?;
            let login: Option<String> = row.try_get(7)?;
            let half = match login {
                Some(login) => Some(HalfEnrolment {
                    login,
                    password_phc: row.try_get(8)?,
                    totp_secret: row.try_get(9)?,
                }),
                None => None,
            };
            let inviter = inviter.map(|id| StaffId::parse(&id).map_err(corrupt));
            let renews: Option<String> = row.try_get(10)?;
            let renews = renews.map(|id| StaffId::parse(&id).map_err(corrupt));
            Ok(InvitationRecord {
                token_hash: fixed(row.try_get(0)?)?,
                id: row.try_get(1)?,
                name: row.try_get(2)?,
                posts: json(&posts)?,
                invited_by: inviter.transpose()?,
                invited_by_name: row.try_get(5)?,
                expires_at_ms: row.try_get(6)?,
                half,
                renews: renews.transpose()?,
            })
        },
    )
    .await
}

fn place_id(row: &Row, column: usize) -> Result<Option<PlaceId>, JobError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|id| PlaceId::parse(&id).map_err(corrupt))
        .transpose()
}

async fn approvals(
    tx: &Tx<'_>,
    community: &str,
    want: &Want,
) -> Result<Vec<ApprovalRecord>, JobError> {
    let named = want.approval.as_ref().map(ApprovalId::to_string);
    let settled = if want.settled { SETTLED_MAX } else { 0 };
    all(
        tx,
        "SELECT approval_id, command, about, place_id, asked_by, asked_by_name, asked_at_ms,
             expires_at_ms, state, decided_by_name, decided_at_ms, reason
         FROM approval WHERE community_id = $1 AND (state = 'waiting' OR approval_id = $2
             OR approval_id IN (SELECT approval_id FROM approval WHERE community_id = $1
                 AND state <> 'waiting' ORDER BY asked_at_ms DESC LIMIT $3))
         ORDER BY asked_at_ms, approval_id",
        &[&community, &named, &i64::from(settled)],
        |row| {
            let (id, command, state): (String, String, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(8)?);
            Ok(ApprovalRecord {
                id: ApprovalId::parse(&id).map_err(corrupt)?,
                command: json(&command)?,
                about: row.try_get(2)?,
                place: place_id(row, 3)?,
                asked_by: staff_id(row, 4)?,
                asked_by_name: row.try_get(5)?,
                asked_at_ms: row.try_get(6)?,
                expires_at_ms: row.try_get(7)?,
                state: ApprovalState::parse(&state).ok_or_else(|| corrupt("an unknown state"))?,
                decided_by_name: row.try_get(9)?,
                decided_at_ms: row.try_get(10)?,
                reason: row.try_get(11)?,
            })
        },
    )
    .await
}

async fn load_topics(
    tx: &Tx<'_>,
    state: &mut DeskState,
    wanted: &Topics,
    want: &Want,
) -> Result<(), JobError> {
    let community = state.community.id.clone();
    let only = match wanted {
        Topics::None => return Ok(()),
        Topics::One(id) => Some(id.as_str()),
        Topics::All => None,
    };
    let ids = all(
        tx,
        "SELECT topic_id FROM topic
         WHERE community_id = $1 AND ($2::text IS NULL OR topic_id = $2)",
        &[&community.as_str(), &only],
        |row| TopicId::parse(row.try_get(0)?).map_err(corrupt),
    )
    .await?;
    for id in ids {
        state.topics.extend(topics::find(tx, &id).await?);
    }
    state.drafts = all(
        tx,
        "SELECT body FROM topic_draft
         WHERE community_id = $1 AND ($2::text IS NULL OR topic_id = $2) ORDER BY topic_id",
        &[&community.as_str(), &only],
        |row| json::<TopicDraft>(row.try_get(0)?),
    )
    .await?;
    let Topics::One(id) = wanted else {
        return Ok(());
    };
    let taken = "SELECT 1 FROM topic_directory WHERE topic_id = $1";
    state.topic_taken = tx.opt(taken, &[&id.as_str()]).await?.is_some();
    let poll = want.poll.as_ref();
    if let Some(poll) = poll.or(state.drafts.first().map(|draft| &draft.poll.id)) {
        let found = tx
            .rows(
                "SELECT 1 FROM topic WHERE community_id = $1 AND poll_id = $2 AND topic_id <> $3
                 UNION ALL SELECT 1 FROM topic_draft
                 WHERE community_id = $1 AND poll_id = $2 AND topic_id <> $3",
                &[&community.as_str(), &poll.as_str(), &id.as_str()],
            )
            .await?;
        state.poll_taken = !found.is_empty();
    }
    Ok(())
}

async fn households(
    tx: &Tx<'_>,
    community: &str,
) -> Result<HashMap<(String, String), bool>, JobError> {
    let rows = roll::Households(community.to_owned()).run(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.place, row.label), row.has_code))
        .collect())
}

/// Households of each place, and those of them that have a code.
pub(super) struct CountHouseholds(pub(super) CommunityId);

impl Work for CountHouseholds {
    type Output = Vec<PlaceHouseholds>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        all(
            tx,
            "WITH coded AS (
                 SELECT household_id FROM typed_code WHERE community_id = $1
                 UNION SELECT household_id FROM scanned_code WHERE community_id = $1)
             SELECT h.place_id, count(*), count(c.household_id) FROM household h
             LEFT JOIN coded c ON c.household_id = h.household_id
             WHERE h.community_id = $1 GROUP BY h.place_id ORDER BY h.place_id",
            &[&self.0.as_str()],
            |row| {
                Ok(PlaceHouseholds {
                    place: row.try_get(0)?,
                    households: row.try_get::<_, i64>(1)?.unsigned_abs(),
                    with_code: row.try_get::<_, i64>(2)?.unsigned_abs(),
                })
            },
        )
        .await
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JobError> {
    bytes
        .try_into()
        .map_err(|_| corrupt("bytes of another length"))
}
