//! People's own data.

use super::SqliteStore;
use super::error::JobError;
use super::grants;
use super::mine;
use super::writer::Tx;
use crate::store::StoreFuture;
use crate::store::privacy::{
    CommunityRow, ConsentRow, MyBallotRow, MyBearer, MyHouseholdRow, MyRows, MyRowsOf,
    MySessionRow, OpenMySession, PrivacyStore, RequestRow, SettleRequest, Whose,
};
use linli_model::me::{ConsentPurpose, RequestKind, RequestState};
use linli_model::{CommunityId, CommunityRef, ConsentId, Refusal, RequestId, TopicId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

const CONSENT: &str = "community_id, consent_id, subject, purpose, version, helped, given_at_ms,
    withdrawn_at_ms";
const REQUEST: &str = "community_id, request_id, subject, kind, state, body, asked_at_ms, answer,
    settled_at_ms";

impl PrivacyStore for SqliteStore {
    fn communities(&self) -> StoreFuture<'_, Vec<String>> {
        Box::pin(self.readers.run(|conn| {
            let mut select = conn.prepare_cached("SELECT community_id FROM community")?;
            let ids = select.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        }))
    }

    fn community<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Option<CommunityRow>> {
        let community = community.to_owned();
        Box::pin(
            self.readers
                .run(move |conn| find_community(conn, &community)),
        )
    }

    fn topics_of<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TopicId>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let sql = "SELECT topic_id FROM topic WHERE community_id = ?1 ORDER BY topic_id";
            let mut select = conn.prepare_cached(sql)?;
            let ids = select.query_map([community], |row| row.get::<_, String>(0))?;
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            let read = |id: String| TopicId::parse(&id).map_err(|_| corrupt("topic", &id));
            ids.into_iter().map(read).collect()
        }))
    }

    fn open_my_session(&self, open: OpenMySession) -> StoreFuture<'_, MySessionRow> {
        Box::pin(self.writer.run(move |tx| open_session(tx, &open)))
    }

    fn my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Option<MySessionRow>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let sql = "SELECT subject, voters, label, expires_at_ms FROM my_session
                WHERE community_id = ?1 AND token_hash = ?2 AND expires_at_ms > ?3";
            let key = params![community, token_hash, now_ms];
            let found = conn.prepare_cached(sql)?.query_row(key, |row| {
                let voters: String = row.get(1)?;
                Ok(MySessionRow {
                    subject: row.get(0)?,
                    voters: serde_json::from_str(&voters).unwrap_or_default(),
                    label: row.get(2)?,
                    expires_at_ms: row.get(3)?,
                })
            });
            Ok(found.optional()?)
        }))
    }

    fn close_my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
    ) -> StoreFuture<'a, ()> {
        let community = community.to_owned();
        Box::pin(self.writer.run(move |tx| {
            let sql = "DELETE FROM my_session WHERE community_id = ?1 AND token_hash = ?2";
            tx.conn
                .prepare_cached(sql)?
                .execute(params![community, token_hash])?;
            Ok(())
        }))
    }

    fn my_rows(&self, asked: MyRowsOf) -> StoreFuture<'_, MyRows> {
        Box::pin(self.readers.run(move |conn| my_rows(conn, &asked)))
    }

    fn delete_mine(&self, whose: Whose) -> StoreFuture<'_, (u64, u64)> {
        Box::pin(self.writer.run(move |tx| {
            let mut end = tx
                .conn
                .prepare_cached("DELETE FROM cast_grant WHERE community_id = ?1 AND voter = ?2")?;
            let mut grants = 0;
            for voter in &whose.voters {
                grants += end.execute(params![whose.community, voter])?;
            }
            let requests = tx
                .conn
                .prepare_cached(
                    "DELETE FROM person_request
                     WHERE community_id = ?1 AND subject = ?2 AND state <> 'open'",
                )?
                .execute(params![whose.community, whose.subject])?;
            Ok((grants as u64, requests as u64))
        }))
    }

    fn give_consent(&self, consent: ConsentRow) -> StoreFuture<'_, ConsentRow> {
        Box::pin(self.writer.run(move |tx| give_consent(tx, consent)))
    }

    fn withdraw_consent<'a>(
        &'a self,
        community: &'a str,
        subject: &'a str,
        consent: &'a ConsentId,
    ) -> StoreFuture<'a, bool> {
        let key = [
            community.to_owned(),
            subject.to_owned(),
            consent.to_string(),
        ];
        Box::pin(self.writer.run(move |tx| {
            let sql = "UPDATE consent SET withdrawn_at_ms = ?4 WHERE community_id = ?1
                AND subject = ?2 AND consent_id = ?3 AND withdrawn_at_ms IS NULL";
            let [community, subject, consent] = key;
            let key = params![community, subject, consent, tx.now_ms()];
            Ok(tx.conn.prepare_cached(sql)?.execute(key)? > 0)
        }))
    }

    fn ask_request(&self, request: RequestRow, open_max: u32) -> StoreFuture<'_, RequestRow> {
        Box::pin(
            self.writer
                .run(move |tx| ask_request(tx, request, open_max)),
        )
    }

    fn requests<'a>(
        &'a self,
        community: &'a str,
        state: RequestState,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RequestRow>> {
        let community = community.to_owned();
        Box::pin(self.readers.run(move |conn| {
            let sql = format!(
                "SELECT {REQUEST} FROM person_request WHERE community_id = ?1 AND state = ?2
                 AND asked_at_ms < ?3 ORDER BY asked_at_ms DESC, request_id LIMIT ?4"
            );
            let key = params![community, state.as_str(), before_ms, limit];
            rows(conn, &sql, key, read_request)
        }))
    }

    fn settle_request(&self, settle: SettleRequest) -> StoreFuture<'_, bool> {
        Box::pin(self.writer.run(move |tx| {
            let sql = "UPDATE person_request SET state = ?3, answer = ?4, settled_by = ?5,
                settled_at_ms = ?6
                WHERE community_id = ?1 AND request_id = ?2 AND state = 'open'";
            let changed = tx.conn.prepare_cached(sql)?.execute(params![
                settle.community,
                settle.id.to_string(),
                settle.state.as_str(),
                settle.answer,
                settle.by,
                tx.now_ms()
            ])?;
            Ok(changed > 0)
        }))
    }
}

fn corrupt(what: &str, id: &str) -> JobError {
    JobError::Corrupt(format!("stored {what} {id}"))
}

fn find_community(conn: &Connection, id: &str) -> Result<Option<CommunityRow>, JobError> {
    let found: Option<(String, String)> = conn
        .prepare_cached("SELECT name, time_zone FROM community WHERE community_id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((name, time_zone)) = found else {
        return Ok(None);
    };
    let mut select =
        conn.prepare_cached("SELECT origin FROM community_origin WHERE community_id = ?1")?;
    let origins = select.query_map([id], |row| row.get(0))?;
    Ok(Some(CommunityRow {
        community: CommunityRef {
            id: CommunityId::parse(id).map_err(|_| corrupt("community", id))?,
            name,
            time_zone,
        },
        origins: origins.collect::<Result<_, _>>()?,
    }))
}

fn open_session(tx: &Tx<'_>, open: &OpenMySession) -> Result<MySessionRow, JobError> {
    let community = &open.community;
    let (subject, voters, label) = match &open.bearer {
        MyBearer::Device { subject, voters } => (subject.clone(), voters.clone(), String::new()),
        MyBearer::Named { voters, name } => {
            let subject = voters.first().cloned().ok_or(Refusal::NotFound)?;
            (subject, voters.clone(), name.clone())
        }
        MyBearer::TypedCode {
            selector,
            secret_phc,
        } => {
            let sql = "SELECT h.household_id, h.label FROM typed_code c JOIN household h
                ON h.community_id = c.community_id AND h.household_id = c.household_id
                WHERE c.community_id = ?1 AND c.selector = ?2 AND c.secret_phc = ?3";
            household(tx.conn, sql, params![community, selector, secret_phc])?
        }
        MyBearer::ScannedCode { code_hash } => {
            let sql = "SELECT h.household_id, h.label FROM scanned_code c JOIN household h
                ON h.community_id = c.community_id AND h.household_id = c.household_id
                WHERE c.community_id = ?1 AND c.code_hash = ?2";
            household(tx.conn, sql, params![community, code_hash])?
        }
    };
    grants::settle(tx, community, &open.settle.subjects)?;
    let expires_at_ms = tx.now_ms() + open.lasts_ms;
    let written = serde_json::to_string(&voters).unwrap_or_default();
    tx.conn
        .prepare_cached("INSERT INTO my_session VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            community,
            open.token_hash,
            subject,
            written,
            label,
            expires_at_ms
        ])?;
    Ok(MySessionRow {
        subject,
        voters,
        label,
        expires_at_ms,
    })
}

type Person = (String, Vec<String>, String);

fn household(
    conn: &Connection,
    sql: &str,
    key: &[&dyn rusqlite::ToSql],
) -> Result<Person, JobError> {
    let found: Option<(i64, String)> = conn
        .prepare_cached(sql)?
        .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // The code was replaced since it was looked at, or is none: the caller has counted.
    let (household, label) = found.ok_or(Refusal::CodeUnknown { attempts_left: 0 })?;
    let subject = format!("h{household}");
    Ok((subject.clone(), vec![subject], label))
}

fn my_rows(conn: &Connection, asked: &MyRowsOf) -> Result<MyRows, JobError> {
    let whose = &asked.whose;
    let community = &whose.community;
    let mut found = MyRows::default();
    for voter in &whose.voters {
        match voter.strip_prefix('h') {
            Some(household) => found.household = my_household(conn, community, household)?,
            None => found.entries.extend(mine::entries(conn, community, voter)?),
        }
    }
    for voter in &whose.voters {
        let sql = "SELECT poll_id, expires_at_ms FROM cast_grant
            WHERE community_id = ?1 AND voter = ?2 ORDER BY poll_id, expires_at_ms";
        let mut select = conn.prepare_cached(sql)?;
        let grants = select.query_map([community, voter], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for grant in grants {
            found.grants.push(grant?);
        }
        for (table, counts) in [("ballot", true), ("ballot_superseded", false)] {
            // By way of the topics: the key of ballots begins with the poll.
            let sql = format!(
                "SELECT b.poll_id, b.revision, b.choice, b.cast_at_ms FROM topic t
                 JOIN {table} b ON b.community_id = t.community_id AND b.poll_id = t.poll_id
                 AND b.voter = ?2 WHERE t.community_id = ?1 ORDER BY b.poll_id, b.revision"
            );
            let mut select = conn.prepare_cached(&sql)?;
            let ballots = select.query_map([community, voter], |row| {
                Ok(MyBallotRow {
                    poll: row.get(0)?,
                    revision: row.get(1)?,
                    choice: row.get(2)?,
                    cast_at_ms: row.get(3)?,
                    counts,
                })
            })?;
            for ballot in ballots {
                found.ballots.push(ballot?);
            }
        }
    }
    let mut is_registered = conn.prepare_cached(
        "SELECT 1 FROM voted_register
         WHERE community_id = ?1 AND poll_id = ?2 AND voter_mark = ?3",
    )?;
    for (poll, mark) in &asked.marks {
        if is_registered.exists(params![community, poll.as_str(), mark])? {
            found.registered.push(poll.clone());
        }
    }
    let key = [community, &whose.subject];
    let sql = format!(
        "SELECT {CONSENT} FROM consent WHERE community_id = ?1 AND subject = ?2
         ORDER BY given_at_ms DESC, consent_id"
    );
    found.consents = rows(conn, &sql, params![key[0], key[1]], read_consent)?;
    let sql = format!(
        "SELECT {REQUEST} FROM person_request WHERE community_id = ?1 AND subject = ?2
         ORDER BY asked_at_ms DESC, request_id"
    );
    found.requests = rows(conn, &sql, params![key[0], key[1]], read_request)?;
    Ok(found)
}

fn my_household(
    conn: &Connection,
    community: &str,
    household: &str,
) -> Result<Option<MyHouseholdRow>, JobError> {
    let sql = "SELECT h.label, p.name, h.area_csqm,
        EXISTS (SELECT 1 FROM typed_code c WHERE c.community_id = h.community_id
            AND c.household_id = h.household_id)
        OR EXISTS (SELECT 1 FROM scanned_code c WHERE c.community_id = h.community_id
            AND c.household_id = h.household_id)
        FROM household h JOIN place p
        ON p.community_id = h.community_id AND p.place_id = h.place_id
        WHERE h.community_id = ?1 AND h.household_id = ?2";
    let household: i64 = household.parse().unwrap_or(-1);
    let found = conn
        .prepare_cached(sql)?
        .query_row(params![community, household], |row| {
            Ok(MyHouseholdRow {
                label: row.get(0)?,
                place: row.get(1)?,
                area_csqm: row.get(2)?,
                has_code: row.get(3)?,
            })
        });
    Ok(found.optional()?)
}

fn give_consent(tx: &Tx<'_>, mut row: ConsentRow) -> Result<ConsentRow, JobError> {
    row.given_at_ms = tx.now_ms();
    let sql = format!(
        "SELECT {CONSENT} FROM consent WHERE community_id = ?1 AND subject = ?2
         AND purpose = ?3 AND withdrawn_at_ms IS NULL"
    );
    let key = params![row.community, row.subject, row.purpose.as_str()];
    let held = rows(tx.conn, &sql, key, read_consent)?.pop();
    if let Some(held) = held {
        if held.version == row.version {
            return Ok(held);
        }
        tx.conn
            .prepare_cached(
                "UPDATE consent SET withdrawn_at_ms = ?3
                 WHERE community_id = ?1 AND consent_id = ?2",
            )?
            .execute(params![
                held.community,
                held.id.to_string(),
                row.given_at_ms
            ])?;
    }
    let sql = format!("INSERT INTO consent ({CONSENT}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)");
    tx.conn.prepare_cached(&sql)?.execute(params![
        row.community,
        row.id.to_string(),
        row.subject,
        row.purpose.as_str(),
        row.version,
        row.helped,
        row.given_at_ms
    ])?;
    Ok(row)
}

fn ask_request(tx: &Tx<'_>, mut row: RequestRow, open_max: u32) -> Result<RequestRow, JobError> {
    row.asked_at_ms = tx.now_ms();
    let open: u32 = tx
        .conn
        .prepare_cached(
            "SELECT count(*) FROM person_request
             WHERE community_id = ?1 AND subject = ?2 AND state = 'open'",
        )?
        .query_row([&row.community, &row.subject], |row| row.get(0))?;
    if open >= open_max {
        return Err(too_many_open());
    }
    let sql = format!(
        "INSERT INTO person_request ({REQUEST}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL)"
    );
    tx.conn.prepare_cached(&sql)?.execute(params![
        row.community,
        row.id.to_string(),
        row.subject,
        row.kind.as_str(),
        row.state.as_str(),
        row.body,
        row.asked_at_ms
    ])?;
    Ok(row)
}

fn too_many_open() -> JobError {
    JobError::Refused(Refusal::TooManyAttempts {
        retry_after_ms: crate::store::privacy::OPEN_RETRY_MS,
    })
}

fn rows<T>(
    conn: &Connection,
    sql: &str,
    key: &[&dyn rusqlite::ToSql],
    read: impl Fn(&Row<'_>) -> rusqlite::Result<Result<T, JobError>>,
) -> Result<Vec<T>, JobError> {
    let mut select = conn.prepare_cached(sql)?;
    let found = select
        .query_map(key, read)?
        .collect::<Result<Vec<_>, _>>()?;
    found.into_iter().collect()
}

fn read_consent(row: &Row<'_>) -> rusqlite::Result<Result<ConsentRow, JobError>> {
    let (id, purpose): (String, String) = (row.get(1)?, row.get(3)?);
    let words = (ConsentId::parse(&id).ok(), ConsentPurpose::parse(&purpose));
    let (Some(known), Some(purpose)) = words else {
        return Ok(Err(corrupt("consent", &id)));
    };
    Ok(Ok(ConsentRow {
        community: row.get(0)?,
        id: known,
        subject: row.get(2)?,
        purpose,
        version: row.get(4)?,
        helped: row.get(5)?,
        given_at_ms: row.get(6)?,
        withdrawn_at_ms: row.get(7)?,
    }))
}

fn read_request(row: &Row<'_>) -> rusqlite::Result<Result<RequestRow, JobError>> {
    let (id, kind, state): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(4)?);
    let words = (
        RequestId::parse(&id).ok(),
        RequestKind::parse(&kind),
        RequestState::parse(&state),
    );
    let (Some(known), Some(kind), Some(state)) = words else {
        return Ok(Err(corrupt("request", &id)));
    };
    Ok(Ok(RequestRow {
        community: row.get(0)?,
        id: known,
        subject: row.get(2)?,
        kind,
        state,
        body: row.get(5)?,
        asked_at_ms: row.get(6)?,
        answer: row.get(7)?,
        settled_at_ms: row.get(8)?,
    }))
}
