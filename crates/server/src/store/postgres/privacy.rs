//! People's own data.

use super::PostgresStore;
use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::grants;
use super::mine;
use crate::store::StoreFuture;
use crate::store::privacy::{
    CommunityRow, ConsentRow, MyBallotRow, MyBearer, MyHouseholdRow, MyRows, MyRowsOf,
    MySessionRow, OpenMySession, PrivacyStore, RequestRow, SettleRequest, Whose,
};
use linli_model::me::{ConsentPurpose, RequestKind, RequestState};
use linli_model::{CommunityId, CommunityRef, ConsentId, Refusal, RequestId, TopicId, UtcMs};
use tokio_postgres::Row;

const CONSENT: &str = "community_id, consent_id, subject, purpose, version, helped, given_at_ms,
    withdrawn_at_ms";
const REQUEST: &str = "community_id, request_id, subject, kind, state, body, asked_at_ms, answer,
    settled_at_ms";

impl PrivacyStore for PostgresStore {
    fn communities(&self) -> StoreFuture<'_, Vec<String>> {
        Box::pin(self.db.run(Communities))
    }

    fn community<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Option<CommunityRow>> {
        Box::pin(self.db.run(OneCommunity(community.to_owned())))
    }

    fn topics_of<'a>(&'a self, community: &'a str) -> StoreFuture<'a, Vec<TopicId>> {
        Box::pin(self.db.run(TopicsOf(community.to_owned())))
    }

    fn open_my_session(&self, open: OpenMySession) -> StoreFuture<'_, MySessionRow> {
        Box::pin(self.db.run(open))
    }

    fn my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
        now_ms: UtcMs,
    ) -> StoreFuture<'a, Option<MySessionRow>> {
        let community = community.to_owned();
        Box::pin(self.db.run(FindSession {
            community,
            token_hash,
            now_ms,
        }))
    }

    fn close_my_session<'a>(
        &'a self,
        community: &'a str,
        token_hash: [u8; 32],
    ) -> StoreFuture<'a, ()> {
        Box::pin(self.db.run(CloseSession(community.to_owned(), token_hash)))
    }

    fn my_rows(&self, asked: MyRowsOf) -> StoreFuture<'_, MyRows> {
        Box::pin(self.db.run(asked))
    }

    fn delete_mine(&self, whose: Whose) -> StoreFuture<'_, (u64, u64)> {
        Box::pin(self.db.run(DeleteMine(whose)))
    }

    fn give_consent(&self, consent: ConsentRow) -> StoreFuture<'_, ConsentRow> {
        Box::pin(self.db.run(Give(consent)))
    }

    fn withdraw_consent<'a>(
        &'a self,
        community: &'a str,
        subject: &'a str,
        consent: &'a ConsentId,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.db.run(Withdraw {
            community: community.to_owned(),
            subject: subject.to_owned(),
            consent: consent.to_string(),
        }))
    }

    fn ask_request(&self, request: RequestRow, open_max: u32) -> StoreFuture<'_, RequestRow> {
        Box::pin(self.db.run(Ask { request, open_max }))
    }

    fn requests<'a>(
        &'a self,
        community: &'a str,
        state: RequestState,
        before_ms: UtcMs,
        limit: u32,
    ) -> StoreFuture<'a, Vec<RequestRow>> {
        Box::pin(self.db.run(Requests {
            community: community.to_owned(),
            state,
            before_ms,
            limit,
        }))
    }

    fn settle_request(&self, settle: SettleRequest) -> StoreFuture<'_, bool> {
        Box::pin(self.db.run(settle))
    }
}

fn corrupt(what: &str, id: &str) -> JobError {
    JobError::Corrupt(format!("stored {what} {id}"))
}

/// What one subject does to its consents and requests is done one after the other: what
/// must be unique may not be there yet, so the lock is not on a row.
fn of_subject(community: &str, subject: &str) -> Lock {
    Lock::of(&[b"person", community.as_bytes(), subject.as_bytes()])
}

struct Communities;

impl Work for Communities {
    type Output = Vec<String>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let rows = tx.rows("SELECT community_id FROM community", &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

struct OneCommunity(String);

impl Work for OneCommunity {
    type Output = Option<CommunityRow>;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let id = &self.0;
        let sql = "SELECT name, time_zone FROM community WHERE community_id = $1";
        let Some(row) = tx.opt(sql, &[id]).await? else {
            return Ok(None);
        };
        let sql = "SELECT origin FROM community_origin WHERE community_id = $1";
        let origins = tx.rows(sql, &[id]).await?;
        Ok(Some(CommunityRow {
            community: CommunityRef {
                id: CommunityId::parse(id).map_err(|_| corrupt("community", id))?,
                name: row.try_get(0)?,
                time_zone: row.try_get(1)?,
            },
            origins: origins
                .iter()
                .map(|row| row.try_get(0))
                .collect::<Result<_, _>>()?,
        }))
    }
}

struct TopicsOf(String);

impl Work for TopicsOf {
    type Output = Vec<TopicId>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql = "SELECT topic_id FROM topic WHERE community_id = $1 ORDER BY topic_id";
        let rows = tx.rows(sql, &[&self.0]).await?;
        let read = |row: &Row| {
            let id: &str = row.try_get(0)?;
            TopicId::parse(id).map_err(|_| corrupt("topic", id))
        };
        rows.iter().map(read).collect()
    }
}

impl Work for OpenMySession {
    type Output = MySessionRow;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<MySessionRow, JobError> {
        let community = &self.community;
        let (subject, voters, label) = match &self.bearer {
            MyBearer::Device { subject, voters } => {
                (subject.clone(), voters.clone(), String::new())
            }
            MyBearer::Named { voters, name } => {
                let subject = voters.first().cloned().ok_or(Refusal::NotFound)?;
                (subject, voters.clone(), name.clone())
            }
            MyBearer::TypedCode {
                selector,
                secret_phc,
            } => {
                let found = tx
                    .opt(
                        "SELECT h.household_id, h.label FROM typed_code c JOIN household h
                         ON h.community_id = c.community_id AND h.household_id = c.household_id
                         WHERE c.community_id = $1 AND c.selector = $2 AND c.secret_phc = $3",
                        &[community, selector, secret_phc],
                    )
                    .await?;
                household(found)?
            }
            MyBearer::ScannedCode { code_hash } => {
                let found = tx
                    .opt(
                        "SELECT h.household_id, h.label FROM scanned_code c JOIN household h
                         ON h.community_id = c.community_id AND h.household_id = c.household_id
                         WHERE c.community_id = $1 AND c.code_hash = $2",
                        &[community, &code_hash.as_slice()],
                    )
                    .await?;
                household(found)?
            }
        };
        grants::settle(tx, community, &self.settle.subjects).await?;
        let expires_at_ms = tx.now_ms() + self.lasts_ms;
        let written = serde_json::to_string(&voters).unwrap_or_default();
        tx.execute(
            "INSERT INTO my_session (community_id, token_hash, subject, voters, label,
             expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                community,
                &self.token_hash.as_slice(),
                &subject,
                &written,
                &label,
                &expires_at_ms,
            ],
        )
        .await?;
        Ok(MySessionRow {
            subject,
            voters,
            label,
            expires_at_ms,
        })
    }
}

fn household(found: Option<Row>) -> Result<(String, Vec<String>, String), JobError> {
    // The code was replaced since it was looked at, or is none: the caller has counted.
    let row = found.ok_or(Refusal::CodeUnknown { attempts_left: 0 })?;
    let subject = format!("h{}", row.try_get::<_, i64>(0)?);
    Ok((subject.clone(), vec![subject], row.try_get(1)?))
}

struct FindSession {
    community: String,
    token_hash: [u8; 32],
    now_ms: UtcMs,
}

impl Work for FindSession {
    type Output = Option<MySessionRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT subject, voters, label, expires_at_ms FROM my_session
                 WHERE community_id = $1 AND token_hash = $2 AND expires_at_ms > $3",
                &[&self.community, &self.token_hash.as_slice(), &self.now_ms],
            )
            .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        Ok(Some(MySessionRow {
            subject: row.try_get(0)?,
            voters: serde_json::from_str(row.try_get(1)?).unwrap_or_default(),
            label: row.try_get(2)?,
            expires_at_ms: row.try_get(3)?,
        }))
    }
}

struct CloseSession(String, [u8; 32]);

impl Work for CloseSession {
    type Output = ();
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<(), JobError> {
        let sql = "DELETE FROM my_session WHERE community_id = $1 AND token_hash = $2";
        tx.execute(sql, &[&self.0, &self.1.as_slice()]).await?;
        Ok(())
    }
}

impl Work for MyRowsOf {
    type Output = MyRows;
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<MyRows, JobError> {
        let whose = &self.whose;
        let community = &whose.community;
        let mut found = MyRows::default();
        for voter in &whose.voters {
            match voter.strip_prefix('h') {
                Some(household) => {
                    found.household = my_household(tx, community, household).await?;
                }
                None => found
                    .entries
                    .extend(mine::entries(tx, community, voter).await?),
            }
        }
        for voter in &whose.voters {
            of_voter(tx, community, voter, &mut found).await?;
        }
        for (poll, mark) in &self.marks {
            let there = tx
                .opt(
                    "SELECT 1 FROM voted_register
                     WHERE community_id = $1 AND poll_id = $2 AND voter_mark = $3",
                    &[community, &poll.as_str(), &mark.as_slice()],
                )
                .await?;
            if there.is_some() {
                found.registered.push(poll.clone());
            }
        }
        let sql = format!(
            "SELECT {CONSENT} FROM consent WHERE community_id = $1 AND subject = $2
             ORDER BY given_at_ms DESC, consent_id"
        );
        let rows = tx.rows(&sql, &[community, &whose.subject]).await?;
        found.consents = rows.iter().map(read_consent).collect::<Result<_, _>>()?;
        let sql = format!(
            "SELECT {REQUEST} FROM person_request WHERE community_id = $1 AND subject = $2
             ORDER BY asked_at_ms DESC, request_id"
        );
        let rows = tx.rows(&sql, &[community, &whose.subject]).await?;
        found.requests = rows.iter().map(read_request).collect::<Result<_, _>>()?;
        Ok(found)
    }
}

/// Grants and recorded ballots of one name.
async fn of_voter(
    tx: &Tx<'_>,
    community: &String,
    voter: &String,
    found: &mut MyRows,
) -> Result<(), JobError> {
    let grants = tx
        .rows(
            "SELECT poll_id, expires_at_ms FROM cast_grant
             WHERE community_id = $1 AND voter = $2 ORDER BY poll_id, expires_at_ms",
            &[community, voter],
        )
        .await?;
    for row in &grants {
        found.grants.push((row.try_get(0)?, row.try_get(1)?));
    }
    for (table, counts) in [("ballot", true), ("ballot_superseded", false)] {
        // By way of the topics: the key of ballots begins with the poll.
        let sql = format!(
            "SELECT b.poll_id, b.revision, b.choice, b.cast_at_ms FROM topic t
             JOIN {table} b ON b.community_id = t.community_id AND b.poll_id = t.poll_id
             AND b.voter = $2 WHERE t.community_id = $1 ORDER BY b.poll_id, b.revision"
        );
        for row in &tx.rows(&sql, &[community, voter]).await? {
            found.ballots.push(MyBallotRow {
                poll: row.try_get(0)?,
                revision: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX),
                choice: row.try_get(2)?,
                cast_at_ms: row.try_get(3)?,
                counts,
            });
        }
    }
    Ok(())
}

async fn my_household(
    tx: &Tx<'_>,
    community: &String,
    household: &str,
) -> Result<Option<MyHouseholdRow>, JobError> {
    let household: i64 = household.parse().unwrap_or(-1);
    let found = tx
        .opt(
            "SELECT h.label, p.name, h.area_csqm,
             EXISTS (SELECT 1 FROM typed_code c WHERE c.community_id = h.community_id
                 AND c.household_id = h.household_id)
             OR EXISTS (SELECT 1 FROM scanned_code c WHERE c.community_id = h.community_id
                 AND c.household_id = h.household_id)
             FROM household h JOIN place p
             ON p.community_id = h.community_id AND p.place_id = h.place_id
             WHERE h.community_id = $1 AND h.household_id = $2",
            &[community, &household],
        )
        .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    let area: Option<i64> = row.try_get(2)?;
    Ok(Some(MyHouseholdRow {
        label: row.try_get(0)?,
        place: row.try_get(1)?,
        area_csqm: area.and_then(|area| u64::try_from(area).ok()),
        has_code: row.try_get(3)?,
    }))
}

struct DeleteMine(Whose);

impl Work for DeleteMine {
    type Output = (u64, u64);
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<(u64, u64), JobError> {
        let whose = &self.0;
        let mut grants = 0;
        for voter in &whose.voters {
            let sql = "DELETE FROM cast_grant WHERE community_id = $1 AND voter = $2";
            grants += tx.execute(sql, &[&whose.community, voter]).await?;
        }
        let requests = tx
            .execute(
                "DELETE FROM person_request
                 WHERE community_id = $1 AND subject = $2 AND state <> 'open'",
                &[&whose.community, &whose.subject],
            )
            .await?;
        Ok((grants, requests))
    }
}

struct Give(ConsentRow);

impl Work for Give {
    type Output = ConsentRow;
    const MODE: Mode = Mode::Again;

    fn lock(&self) -> Option<Lock> {
        Some(of_subject(&self.0.community, &self.0.subject))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<ConsentRow, JobError> {
        let mut row = self.0.clone();
        row.given_at_ms = tx.now_ms();
        let sql = format!(
            "SELECT {CONSENT} FROM consent WHERE community_id = $1 AND subject = $2
             AND purpose = $3 AND withdrawn_at_ms IS NULL"
        );
        let held = tx
            .opt(&sql, &[&row.community, &row.subject, &row.purpose.as_str()])
            .await?;
        if let Some(held) = held.as_ref().map(read_consent).transpose()? {
            if held.version == row.version {
                return Ok(held);
            }
            tx.execute(
                "UPDATE consent SET withdrawn_at_ms = $3
                 WHERE community_id = $1 AND consent_id = $2",
                &[&held.community, &held.id.to_string(), &row.given_at_ms],
            )
            .await?;
        }
        let sql =
            format!("INSERT INTO consent ({CONSENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)");
        tx.execute(
            &sql,
            &[
                &row.community,
                &row.id.to_string(),
                &row.subject,
                &row.purpose.as_str(),
                &i64::from(row.version),
                &row.helped,
                &row.given_at_ms,
            ],
        )
        .await?;
        Ok(row)
    }
}

struct Withdraw {
    community: String,
    subject: String,
    consent: String,
}

impl Work for Withdraw {
    type Output = bool;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let changed = tx
            .execute(
                "UPDATE consent SET withdrawn_at_ms = $4 WHERE community_id = $1
                 AND subject = $2 AND consent_id = $3 AND withdrawn_at_ms IS NULL",
                &[&self.community, &self.subject, &self.consent, &tx.now_ms()],
            )
            .await?;
        Ok(changed > 0)
    }
}

struct Ask {
    request: RequestRow,
    open_max: u32,
}

impl Work for Ask {
    type Output = RequestRow;
    const MODE: Mode = Mode::Once;

    fn lock(&self) -> Option<Lock> {
        Some(of_subject(&self.request.community, &self.request.subject))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<RequestRow, JobError> {
        let mut row = self.request.clone();
        row.asked_at_ms = tx.now_ms();
        let open: i64 = tx
            .row(
                "SELECT count(*) FROM person_request
                 WHERE community_id = $1 AND subject = $2 AND state = 'open'",
                &[&row.community, &row.subject],
            )
            .await?
            .try_get(0)?;
        if open >= i64::from(self.open_max) {
            return Err(Refusal::TooManyAttempts {
                retry_after_ms: crate::store::privacy::OPEN_RETRY_MS,
            }
            .into());
        }
        let sql = format!(
            "INSERT INTO person_request ({REQUEST})
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)"
        );
        tx.execute(
            &sql,
            &[
                &row.community,
                &row.id.to_string(),
                &row.subject,
                &row.kind.as_str(),
                &row.state.as_str(),
                &row.body,
                &row.asked_at_ms,
            ],
        )
        .await?;
        Ok(row)
    }
}

struct Requests {
    community: String,
    state: RequestState,
    before_ms: UtcMs,
    limit: u32,
}

impl Work for Requests {
    type Output = Vec<RequestRow>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let sql = format!(
            "SELECT {REQUEST} FROM person_request WHERE community_id = $1 AND state = $2
             AND asked_at_ms < $3 ORDER BY asked_at_ms DESC, request_id LIMIT $4"
        );
        let rows = tx
            .rows(
                &sql,
                &[
                    &self.community,
                    &self.state.as_str(),
                    &self.before_ms,
                    &i64::from(self.limit),
                ],
            )
            .await?;
        rows.iter().map(read_request).collect()
    }
}

impl Work for SettleRequest {
    type Output = bool;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let changed = tx
            .execute(
                "UPDATE person_request SET state = $3, answer = $4, settled_by = $5,
                 settled_at_ms = $6
                 WHERE community_id = $1 AND request_id = $2 AND state = 'open'",
                &[
                    &self.community,
                    &self.id.to_string(),
                    &self.state.as_str(),
                    &self.answer,
                    &self.by,
                    &tx.now_ms(),
                ],
            )
            .await?;
        Ok(changed > 0)
    }
}

fn read_consent(row: &Row) -> Result<ConsentRow, JobError> {
    let id: &str = row.try_get(1)?;
    let words = (
        ConsentId::parse(id).ok(),
        ConsentPurpose::parse(row.try_get(3)?),
    );
    let (Some(known), Some(purpose)) = words else {
        return Err(corrupt("consent", id));
    };
    Ok(ConsentRow {
        community: row.try_get(0)?,
        id: known,
        subject: row.try_get(2)?,
        purpose,
        version: u32::try_from(row.try_get::<_, i64>(4)?).unwrap_or(0),
        helped: row.try_get(5)?,
        given_at_ms: row.try_get(6)?,
        withdrawn_at_ms: row.try_get(7)?,
    })
}

fn read_request(row: &Row) -> Result<RequestRow, JobError> {
    let id: &str = row.try_get(1)?;
    let words = (
        RequestId::parse(id).ok(),
        RequestKind::parse(row.try_get(3)?),
        RequestState::parse(row.try_get(4)?),
    );
    let (Some(known), Some(kind), Some(state)) = words else {
        return Err(corrupt("request", id));
    };
    Ok(RequestRow {
        community: row.try_get(0)?,
        id: known,
        subject: row.try_get(2)?,
        kind,
        state,
        body: row.try_get(5)?,
        asked_at_ms: row.try_get(6)?,
        answer: row.try_get(7)?,
        settled_at_ms: row.try_get(8)?,
    })
}
