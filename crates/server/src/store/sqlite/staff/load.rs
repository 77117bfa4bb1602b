//! Reading what the desk knows.

use crate::store::desk;
use crate::store::sqlite::error::JobError;
use crate::store::sqlite::topics::TopicCache;
use crate::store::sqlite::{attachments, places, rolls, uploads};
use crate::store::staff::{
    ApprovalRecord, DeskState, HalfEnrolment, InvitationRecord, PlaceHouseholds, SessionRecord,
    StaffRecord, Topics, Want,
};
use linli_model::desk::{ApprovalState, TopicDraft};
use linli_model::{ApprovalId, CommunityId, CommunityRef, PlaceId, StaffId, TopicId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// Most settled requests that are shown.
const SETTLED_MAX: u32 = 200;

/// What the desk of `community` knows; nothing where there is no such community.
pub(super) fn state(
    conn: &Connection,
    topics: &TopicCache,
    now_ms: UtcMs,
    community: &CommunityId,
    want: &Want,
) -> Result<Option<DeskState>, JobError> {
    let Some(named) = named(conn, community)? else {
        return Ok(None);
    };
    let id = community.as_str();
    let mut state = DeskState {
        now_ms,
        community: named,
        staff: staff(conn, id)?,
        sessions: sessions(conn, id)?,
        invitations: invitations(conn, id)?,
        places: places::stored(conn, id)?,
        approvals: approvals(conn, id, want)?,
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
    load_topics(conn, topics, &mut state, &wanted, want)?;
    if let Some(draft) = desk::roll_draft(want, &state.approvals) {
        state.roll = rolls::draft(conn, id, draft, now_ms)?.ok();
    }
    if let Some((topic, upload)) = &want.attachment {
        state.attachments = attachments::uploads_of_topic(conn, id, topic)?;
        state.upload = uploads::find(conn, id, &upload.to_string())?;
    }
    if want.households {
        state.households = households(conn, id)?;
    }
    if let Some((token_hash, key)) = &want.kept {
        let found: Option<([u8; 32], String)> = conn
            .prepare_cached(
                "SELECT r.command_hash, r.reply FROM desk_reply r
                 JOIN staff_session s ON s.community_id = r.community_id
                     AND s.staff_id = r.staff_id
                 WHERE s.community_id = ?1 AND s.token_hash = ?2 AND r.command_key = ?3
                     AND r.at_ms > ?4",
            )?
            .query_row(
                params![
                    id,
                    token_hash.as_slice(),
                    key.as_bytes().as_slice(),
                    now_ms - super::apply::REPLY_MS
                ],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        state.kept = match found {
            Some((hash, reply)) => Some((hash, json(&reply)?)),
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

fn all<T>(
    conn: &Connection,
    sql: &str,
    given: &[&dyn rusqlite::ToSql],
    read: impl Fn(&Row<'_>) -> Result<T, JobError>,
) -> Result<Vec<T>, JobError> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(given)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn named(conn: &Connection, community: &CommunityId) -> Result<Option<CommunityRef>, JobError> {
    let mut select =
        conn.prepare_cached("SELECT name, time_zone FROM community WHERE community_id = ?1")?;
    let found = select.query_row([community.as_str()], |row| {
        Ok(CommunityRef {
            id: community.clone(),
            name: row.get(0)?,
            time_zone: row.get(1)?,
        })
    });
    Ok(found.optional()?)
}

fn staff_id(row: &Row<'_>, column: usize) -> Result<StaffId, JobError> {
    let text: String = row.get(column)?;
    StaffId::parse(&text).map_err(corrupt)
}

fn staff(conn: &Connection, community: &str) -> Result<Vec<StaffRecord>, JobError> {
    let codes = all(
        conn,
        "SELECT staff_id, code_hash FROM recovery_code WHERE community_id = ?1",
        params![community],
        |row| Ok((staff_id(row, 0)?, row.get::<_, [u8; 32]>(1)?)),
    )?;
    all(
        conn,
        "SELECT staff_id, name, login, password_phc, totp_secret, totp_step, posts,
             signed_in_at_ms FROM staff WHERE community_id = ?1 ORDER BY name, staff_id",
        params![community],
        |row| {
            let id = staff_id(row, 0)?;
            let posts: String = row.get(6)?;
            let own = codes.iter().filter(|(whose, _)| *whose == id);
            Ok(StaffRecord {
                recovery: own.map(|(_, hash)| *hash).collect(),
                id,
                name: row.get(1)?,
                login: row.get(2)?,
                password_phc: row.get(3)?,
                totp_secret: row.get(4)?,
                totp_step: row.get(5)?,
                posts: json(&posts)?,
                signed_in_at_ms: row.get(7)?,
            })
        },
    )
}

fn sessions(conn: &Connection, community: &str) -> Result<Vec<SessionRecord>, JobError> {
    all(
        conn,
        "SELECT token_hash, session_id, staff_id, started_at_ms, used_at_ms, device
         FROM staff_session WHERE community_id = ?1 ORDER BY started_at_ms, session_id",
        params![community],
        |row| {
            Ok(SessionRecord {
                token_hash: row.get(0)?,
                id: row.get(1)?,
                staff: staff_id(row, 2)?,
                started_at_ms: row.get(3)?,
                used_at_ms: row.get(4)?,
                device: row.get(5)?,
            })
        },
    )
}

fn invitations(conn: &Connection, community: &str) -> Result<Vec<InvitationRecord>, JobError> {
    all(
        conn,
        "SELECT token_hash, invitation_id, name, posts, invited_by, invited_by_name,
             expires_at_ms, login, password_phc, totp_secret, renews
         FROM invitation WHERE community_id = ?1 ORDER BY expires_at_ms, invitation_id",
        params![community],
        |row| {
            let posts: String = row.get(3)?;
            let inviter: Option<String> = row.get(4)?;
            let login: Option<String> = row.get(7)?;
            let half = match login {
                Some(login) => Some(HalfEnrolment {
                    login,
                    password_phc: row.get(8)?,
                    totp_secret: row.get(9)?,
                }),
                None => None,
            };
            let inviter = inviter.map(|id| StaffId::parse(&id).map_err(corrupt));
            let renews: Option<String> = row.get(10)?;
            let renews = renews.map(|id| StaffId::parse(&id).map_err(corrupt));
            Ok(InvitationRecord {
                token_hash: row.get(0)?,
                id: row.get(1)?,
                name: row.get(2)?,
                posts: json(&posts)?,
                invited_by: inviter.transpose()?,
                invited_by_name: row.get(5)?,
                expires_at_ms: row.get(6)?,
                half,
                renews: renews.transpose()?,
            })
        },
    )
}

fn place_id(row: &Row<'_>, column: usize) -> Result<Option<PlaceId>, JobError> {
    let text: Option<String> = row.get(column)?;
    text.map(|id| PlaceId::parse(&id).map_err(corrupt))
        .transpose()
}

fn approvals(
    conn: &Connection,
    community: &str,
    want: &Want,
) -> Result<Vec<ApprovalRecord>, JobError> {
    let named = want.approval.as_ref().map(ApprovalId::to_string);
    let settled = if want.settled { SETTLED_MAX } else { 0 };
    all(
        conn,
        "SELECT approval_id, command, about, place_id, asked_by, asked_by_name, asked_at_ms,
             expires_at_ms, state, decided_by_name, decided_at_ms, reason
         FROM approval WHERE community_id = ?1 AND (state = 'waiting' OR approval_id = ?2
             OR approval_id IN (SELECT approval_id FROM approval WHERE community_id = ?1
                 AND state <> 'waiting' ORDER BY asked_at_ms DESC LIMIT ?3))
         ORDER BY asked_at_ms, approval_id",
        params![community, named, settled],
        |row| {
            let (id, command, state): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(8)?);
            Ok(ApprovalRecord {
                id: ApprovalId::parse(&id).map_err(corrupt)?,
                command: json(&command)?,
                about: row.get(2)?,
                place: place_id(row, 3)?,
                asked_by: staff_id(row, 4)?,
                asked_by_name: row.get(5)?,
                asked_at_ms: row.get(6)?,
                expires_at_ms: row.get(7)?,
                state: ApprovalState::parse(&state).ok_or_else(|| corrupt("an unknown state"))?,
                decided_by_name: row.get(9)?,
                decided_at_ms: row.get(10)?,
                reason: row.get(11)?,
            })
        },
    )
}

fn load_topics(
    conn: &Connection,
    cache: &TopicCache,
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
        conn,
        "SELECT topic_id FROM topic WHERE community_id = ?1 AND (?2 IS NULL OR topic_id = ?2)",
        params![community.as_str(), only],
        |row| TopicId::parse(&row.get::<_, String>(0)?).map_err(corrupt),
    )?;
    for id in ids {
        state.topics.extend(cache.load(conn, &id)?);
    }
    state.drafts = all(
        conn,
        "SELECT body FROM topic_draft WHERE community_id = ?1 AND (?2 IS NULL OR topic_id = ?2)
         ORDER BY topic_id",
        params![community.as_str(), only],
        |row| json::<TopicDraft>(&row.get::<_, String>(0)?),
    )?;
    let Topics::One(id) = wanted else {
        return Ok(());
    };
    state.topic_taken = conn
        .prepare_cached("SELECT 1 FROM topic_directory WHERE topic_id = ?1")?
        .exists([id.as_str()])?;
    let poll = want.poll.as_ref();
    if let Some(poll) = poll.or(state.drafts.first().map(|draft| &draft.poll.id)) {
        state.poll_taken = conn
            .prepare_cached(
                "SELECT 1 FROM topic WHERE community_id = ?1 AND poll_id = ?2 AND topic_id <> ?3
                 UNION ALL SELECT 1 FROM topic_draft
                 WHERE community_id = ?1 AND poll_id = ?2 AND topic_id <> ?3",
            )?
            .exists([community.as_str(), poll.as_str(), id.as_str()])?;
    }
    Ok(())
}

fn households(
    conn: &Connection,
    community: &str,
) -> Result<HashMap<(String, String), bool>, JobError> {
    let rows = crate::store::sqlite::roll::households(conn, community)?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.place, row.label), row.has_code))
        .collect())
}

/// Households of each place. Codes are walked on the side of the household that they name,
/// so that a code of a household that is gone counts nowhere.
pub(super) fn place_households(
    conn: &Connection,
    community: &CommunityId,
) -> Result<Vec<PlaceHouseholds>, JobError> {
    all(
        conn,
        "SELECT h.place_id, count(*),
             count(CASE WHEN EXISTS (SELECT 1 FROM typed_code c
                     WHERE c.community_id = ?1 AND c.household_id = h.household_id)
                 OR EXISTS (SELECT 1 FROM scanned_code c
                     WHERE c.community_id = ?1 AND c.household_id = h.household_id)
                 THEN 1 END)
         FROM household h
         WHERE h.community_id = ?1 GROUP BY h.place_id",
        params![community.as_str()],
        |row| {
            Ok(PlaceHouseholds {
                place: row.get(0)?,
                households: row.get(1)?,
                with_code: row.get(2)?,
            })
        },
    )
}
