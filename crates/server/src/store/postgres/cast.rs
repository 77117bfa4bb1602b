//! Casting, changing and finding ballots.
//!
//! The order of decisions, in one transaction: grant, poll, phase, choice; then the
//! insert, which the unique constraint refuses when the voter has a ballot already.
//! Whatever stands in the way, a command that was recorded before gets its own receipt
//! again, also after closing: its sender may never have received the first answer.
//!
//! A ballot that is told again is locked first. The lock is written to the log, so that
//! the COMMIT waits for the synchronous standbys as the first one did (or did not, when
//! it was cut short): no receipt is given for what a standby may lack.

use super::behalf;
use super::db::{Lock, Mode, Params, Tx, Work};
use super::error::JobError;
use super::parsed::TopicCache;
use super::topics;
use crate::seal;
use crate::store::ballot::{self, Stored};
use crate::store::{CastIntent, CastRecord, StoredStanding, StoredTopic};
use linli_model::{BallotSecret, Refusal, Secrecy, TopicId, UtcMs};
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// The short way: a first ballot of its voter in a recorded poll, in one statement. It
/// decides by the topic as this server last saw it; the statement finds out whether that
/// still holds. Nothing recorded says that it takes [`Cast`].
pub(super) struct CastFirst {
    intent: CastIntent,
    stored: Arc<StoredTopic>,
}

impl CastFirst {
    /// Where it can be tried.
    pub(super) fn of(topics: &TopicCache, intent: &CastIntent) -> Option<Self> {
        let stored = topics.last(&intent.topic)?;
        let is_recorded = stored.topic.poll.secrecy == Secrecy::Recorded;
        let is_plain = intent.secret.is_none() && intent.on_behalf.is_none();
        (is_recorded && is_plain).then(|| Self {
            intent: intent.clone(),
            stored,
        })
    }
}

impl Work for CastFirst {
    type Output = Option<CastRecord>;
    const MODE: Mode = Mode::Single;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let Self { intent, stored } = self;
        let poll = &stored.topic.poll;
        let now_ms = tx.now_ms();
        // The grant's end is the statement's to see.
        let Ok(choice) = ballot::admit(poll, UtcMs::MAX, intent, now_ms) else {
            return Ok(None);
        };
        let row: Params<'_> = &[
            &Lock::with_others(&intent.topic).number(),
            &stored.topic.community.id.as_str(),
            &intent.topic.as_str(),
            &stored.version,
            &poll.id.as_str(),
            &intent.token_hash.as_slice(),
            &now_ms,
            &intent.key.as_bytes().as_slice(),
            &choice,
            &intent.nonce.as_slice(),
            &&*intent.key_id,
        ];
        let is_recorded: bool = tx.row(CAST_FIRST, row).await?.try_get(0)?;
        Ok(is_recorded.then(|| ballot::fresh(stored, intent, 1, &choice, Some(now_ms))))
    }
}

const CAST_FIRST: &str = "SELECT cast_first_ballot($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Casts or changes a ballot.
pub(super) struct Cast(pub(super) CastIntent);

impl Work for Cast {
    type Output = CastRecord;
    // It carries a key.
    const MODE: Mode = Mode::Again;
    const IS_EAGER: bool = true;

    fn lock(&self) -> Option<Lock> {
        Some(Lock::with_others(&self.0.topic))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<CastRecord, JobError> {
        let intent = &self.0;
        let (stored, grant) = topics::with_grant(tx, &intent.topic, &intent.token_hash).await?;
        let now_ms = tx.now_ms();
        let seat = Seat::new(&stored, &grant.voter, intent.secret.as_ref())?;
        let case = Case {
            tx,
            stored: &stored,
            seat: &seat,
            intent,
            now_ms,
        };
        match ballot::admit(&stored.topic.poll, grant.expires_at_ms, intent, now_ms) {
            Ok(choice) => case.record(&choice).await,
            Err(refusal) => case.replay_or(refusal).await,
        }
    }
}

/// Where a grant's voter stands.
pub(super) struct StandingOf {
    pub(super) topic: TopicId,
    pub(super) token_hash: [u8; 32],
    pub(super) secret: Option<BallotSecret>,
    pub(super) now_ms: UtcMs,
}

impl Work for StandingOf {
    type Output = StoredStanding;
    const MODE: Mode = Mode::Again;

    fn lock(&self) -> Option<Lock> {
        Some(Lock::with_others(&self.topic))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<StoredStanding, JobError> {
        let (stored, grant) = topics::with_grant(tx, &self.topic, &self.token_hash).await?;
        if self.now_ms >= grant.expires_at_ms {
            return Err(Refusal::GrantExpired.into());
        }
        standing(tx, &stored, &grant.voter, self.secret.as_ref()).await
    }
}

/// Whose a grant is, if it still holds.
pub(super) struct VoterOf {
    pub(super) topic: TopicId,
    pub(super) token_hash: [u8; 32],
    pub(super) now_ms: UtcMs,
}

impl Work for VoterOf {
    type Output = String;
    // Several statements when the topic changed.
    const MODE: Mode = Mode::View;

    async fn run(&self, tx: &Tx<'_>) -> Result<String, JobError> {
        let (_, grant) = topics::with_grant(tx, &self.topic, &self.token_hash).await?;
        if self.now_ms >= grant.expires_at_ms {
            return Err(Refusal::GrantExpired.into());
        }
        Ok(grant.voter)
    }
}

/// Where `voter` stands. In secret polls the ballot is told only to who shows its secret.
pub(super) async fn standing(
    tx: &Tx<'_>,
    stored: &Arc<StoredTopic>,
    voter: &str,
    secret: Option<&BallotSecret>,
) -> Result<StoredStanding, JobError> {
    if stored.topic.poll.secrecy == Secrecy::Secret && secret.is_none() {
        let mark = seal::voter_mark(&stored.topic, voter);
        return Ok(StoredStanding {
            voted: is_registered(tx, stored, &mark).await?,
            record: None,
        });
    }
    let seat = Seat::new(stored, voter, secret)?;
    let found = match &seat {
        Seat::Secret { mark, .. } if !is_registered(tx, stored, mark).await? => {
            return Ok(StoredStanding {
                voted: false,
                record: None,
            });
        }
        _ => find(tx, stored, &seat, seat.sheets().told).await?,
    };
    Ok(StoredStanding {
        voted: found.is_some() || matches!(seat, Seat::Secret { .. }),
        record: found.map(|row| row.replay(stored)),
    })
}

/// Under what a voter's ballot lies.
enum Seat {
    Recorded { voter: String },
    Secret { mark: [u8; 32], address: Vec<u8> },
}

impl Seat {
    fn new(
        stored: &StoredTopic,
        voter: &str,
        secret: Option<&BallotSecret>,
    ) -> Result<Self, Refusal> {
        match (stored.topic.poll.secrecy, secret) {
            (Secrecy::Recorded, None) => Ok(Self::Recorded {
                voter: voter.to_owned(),
            }),
            (Secrecy::Recorded, Some(_)) => Err(Refusal::BallotSecretUnexpected),
            (Secrecy::Secret, None) => Err(Refusal::BallotSecretMissing),
            (Secrecy::Secret, Some(secret)) => Ok(Self::Secret {
                mark: seal::voter_mark(&stored.topic, voter),
                address: seal::box_address(&stored.topic, secret).to_vec(),
            }),
        }
    }

    /// What its rows are found by.
    fn key(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Recorded { voter } => voter,
            Self::Secret { address, .. } => address,
        }
    }

    fn sheets(&self) -> &'static Sheets {
        match self {
            Self::Recorded { .. } => &BALLOT,
            Self::Secret { .. } => &BOX,
        }
    }
}

/// The statements of one of the two kinds of ballot. `$1`, `$2`, `$3` are community,
/// poll and seat.
struct Sheets {
    /// The ballot that counts, to be changed or answered for.
    current: &'static str,
    /// The same, to be told.
    told: &'static str,
    /// A replaced one, by its key.
    superseded: &'static str,
    /// Replaces the ballot that counts, and counts that.
    change: &'static str,
}

const BALLOT: Sheets = Sheets {
    current: "SELECT revision, choice, nonce, key_id, cast_key, cast_at_ms,
              EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
              AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
              FROM ballot b WHERE community_id = $1 AND poll_id = $2 AND voter = $3 FOR NO KEY UPDATE",
    told: "SELECT revision, choice, nonce, key_id, cast_key, cast_at_ms,
           EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
           AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
           FROM ballot b WHERE community_id = $1 AND poll_id = $2 AND voter = $3 FOR KEY SHARE",
    superseded: "SELECT revision, choice, nonce, key_id, cast_key, cast_at_ms,
                 EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
                 AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
                 FROM ballot_superseded b WHERE community_id = $1 AND poll_id = $2
                 AND voter = $3 AND cast_key = $4",
    change: "WITH replaced AS (
                 INSERT INTO ballot_superseded (community_id, poll_id, voter, revision,
                     cast_key, choice, nonce, key_id, cast_at_ms)
                 SELECT community_id, poll_id, voter, revision, cast_key, choice, nonce,
                     key_id, cast_at_ms
                 FROM ballot WHERE community_id = $1 AND poll_id = $2 AND voter = $3),
             counted AS (
                 INSERT INTO poll_generation (community_id, poll_id, slot, ballots)
                 VALUES ($1, $2, pg_backend_pid() % 64, 1)
                 ON CONFLICT (community_id, poll_id, slot)
                 DO UPDATE SET ballots = poll_generation.ballots + 1)
             UPDATE ballot SET revision = $4, cast_key = $5, choice = $6, nonce = $7,
                 key_id = $8, cast_at_ms = $9
             WHERE community_id = $1 AND poll_id = $2 AND voter = $3",
};

// The NULLs stand where recorded ballots have a time: secret ones have none.
const BOX: Sheets = Sheets {
    current: "SELECT revision, choice, nonce, key_id, cast_key, NULL::bigint, false FROM ballot_box
              WHERE community_id = $1 AND poll_id = $2 AND address = $3 FOR NO KEY UPDATE",
    told: "SELECT revision, choice, nonce, key_id, cast_key, NULL::bigint, false FROM ballot_box
           WHERE community_id = $1 AND poll_id = $2 AND address = $3 FOR KEY SHARE",
    superseded: "SELECT revision, choice, nonce, key_id, cast_key, NULL::bigint, false
                 FROM ballot_box_superseded WHERE community_id = $1 AND poll_id = $2
                 AND address = $3 AND cast_key = $4",
    change: "WITH replaced AS (
                 INSERT INTO ballot_box_superseded (community_id, poll_id, address,
                     revision, cast_key, choice, nonce, key_id)
                 SELECT community_id, poll_id, address, revision, cast_key, choice, nonce,
                     key_id
                 FROM ballot_box WHERE community_id = $1 AND poll_id = $2 AND address = $3),
             counted AS (
                 INSERT INTO poll_generation (community_id, poll_id, slot, ballots)
                 VALUES ($1, $2, pg_backend_pid() % 64, 1)
                 ON CONFLICT (community_id, poll_id, slot)
                 DO UPDATE SET ballots = poll_generation.ballots + 1)
             UPDATE ballot_box SET revision = $4, cast_key = $5, choice = $6, nonce = $7,
                 key_id = $8
             WHERE community_id = $1 AND poll_id = $2 AND address = $3
                 AND $9::bigint IS NULL",
};

/// One if the voter had no ballot.
const INSERT: &str = "WITH first AS (
        INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice, nonce,
            key_id, cast_at_ms)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING 1),
    counted AS (
        INSERT INTO poll_generation (community_id, poll_id, slot, ballots)
        SELECT $1, $2, pg_backend_pid() % 64, 1 FROM first
        ON CONFLICT (community_id, poll_id, slot)
        DO UPDATE SET ballots = poll_generation.ballots + 1)
    SELECT count(*) FROM first";

/// One if the voter was not in the register; then one if the address was free.
const INSERT_SECRET: &str = "WITH entered AS (
        INSERT INTO voted_register (community_id, poll_id, voter_mark)
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1),
    boxed AS (
        INSERT INTO ballot_box (community_id, poll_id, address, revision, cast_key, choice,
            nonce, key_id)
        SELECT $1, $2, $4, 1, $5, $6, $7, $8 FROM entered
        ON CONFLICT DO NOTHING RETURNING 1),
    counted AS (
        INSERT INTO poll_generation (community_id, poll_id, slot, ballots)
        SELECT $1, $2, pg_backend_pid() % 64, 1 FROM boxed
        ON CONFLICT (community_id, poll_id, slot)
        DO UPDATE SET ballots = poll_generation.ballots + 1)
    SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM boxed)";

fn read(row: &Row) -> Result<Stored, JobError> {
    Ok(Stored {
        revision: revision(row.try_get(0)?)?,
        choice: row.try_get(1)?,
        nonce: fixed(row.try_get(2)?)?,
        key_id: row.try_get(3)?,
        cast_key: fixed(row.try_get(4)?)?,
        cast_at_ms: row.try_get(5)?,
        on_behalf: row.try_get(6)?,
    })
}

/// Bytes of one length only.
pub(super) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JobError> {
    bytes
        .try_into()
        .map_err(|_| JobError::Corrupt(format!("{} bytes where {N} belong", bytes.len())))
}

/// A revision as stored.
pub(super) fn revision(stored: i64) -> Result<u32, JobError> {
    u32::try_from(stored).map_err(|_| JobError::Corrupt(format!("revision {stored}")))
}

async fn find(
    tx: &Tx<'_>,
    stored: &StoredTopic,
    seat: &Seat,
    select: &str,
) -> Result<Option<Stored>, JobError> {
    let topic = &stored.topic;
    let key: Params<'_> = &[
        &topic.community.id.as_str(),
        &topic.poll.id.as_str(),
        seat.key(),
    ];
    let row = tx.opt(select, key).await?;
    row.as_ref().map(read).transpose()
}

async fn is_registered(
    tx: &Tx<'_>,
    stored: &StoredTopic,
    mark: &[u8; 32],
) -> Result<bool, JobError> {
    let topic = &stored.topic;
    let found = tx
        .opt(
            "SELECT 1 FROM voted_register
             WHERE community_id = $1 AND poll_id = $2 AND voter_mark = $3",
            &[
                &topic.community.id.as_str(),
                &topic.poll.id.as_str(),
                &mark.as_slice(),
            ],
        )
        .await?;
    Ok(found.is_some())
}

/// One command in its transaction.
struct Case<'a> {
    tx: &'a Tx<'a>,
    stored: &'a Arc<StoredTopic>,
    seat: &'a Seat,
    intent: &'a CastIntent,
    now_ms: UtcMs,
}

impl Case<'_> {
    /// Records `choice`: as a first ballot, a replay, or a change.
    async fn record(&self, choice: &str) -> Result<CastRecord, JobError> {
        let topic = &self.stored.topic;
        let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
        let (key, nonce) = (
            self.intent.key.as_bytes().as_slice(),
            self.intent.nonce.as_slice(),
        );
        let key_id = &*self.intent.key_id;
        match self.seat {
            Seat::Recorded { voter } => {
                let row: Params<'_> = &[
                    &community,
                    &poll,
                    voter,
                    &key,
                    &choice,
                    &nonce,
                    &key_id,
                    &self.now_ms,
                ];
                match self.tx.row(INSERT, row).await?.try_get::<_, i64>(0)? {
                    1 => {
                        self.note_behalf(1).await?;
                        Ok(self.fresh(1, choice, Some(self.now_ms)))
                    }
                    _ => self.again(choice, Refusal::AlreadyVoted).await,
                }
            }
            Seat::Secret { mark, address } => {
                let row: Params<'_> = &[
                    &community,
                    &poll,
                    &mark.as_slice(),
                    address,
                    &key,
                    &choice,
                    &nonce,
                    &key_id,
                ];
                let done = self.tx.row(INSERT_SECRET, row).await?;
                match (done.try_get::<_, i64>(0)?, done.try_get::<_, i64>(1)?) {
                    (0, _) => self.again(choice, Refusal::BallotSecretLost).await,
                    // Refusing undoes the entry in the register.
                    (_, 0) => Err(Refusal::BallotSecretTaken.into()),
                    _ => Ok(self.fresh(1, choice, None)),
                }
            }
        }
    }

    /// The voter has a ballot: it is this command's own, or it may be changed, or not.
    async fn again(&self, choice: &str, missing: Refusal) -> Result<CastRecord, JobError> {
        let found = find(self.tx, self.stored, self.seat, self.seat.sheets().current).await?;
        let Some(found) = found else {
            return Err(missing.into());
        };
        if let Some(earlier) = self.earlier(&found).await? {
            return Ok(earlier.same_or_reused(choice, self.stored)?);
        }
        if found.is_of(&self.intent.key) {
            return Ok(found.same_or_reused(choice, self.stored)?);
        }
        ballot::may_replace(&self.stored.topic.poll, &found, self.intent)?;
        self.change(choice, &found).await
    }

    /// A superseded ballot that this command's key made.
    async fn earlier(&self, found: &Stored) -> Result<Option<Stored>, JobError> {
        if found.revision == 1 {
            return Ok(None);
        }
        let topic = &self.stored.topic;
        let key: Params<'_> = &[
            &topic.community.id.as_str(),
            &topic.poll.id.as_str(),
            self.seat.key(),
            &self.intent.key.as_bytes().as_slice(),
        ];
        let row = self.tx.opt(self.seat.sheets().superseded, key).await?;
        row.as_ref().map(read).transpose()
    }

    async fn change(&self, choice: &str, found: &Stored) -> Result<CastRecord, JobError> {
        let topic = &self.stored.topic;
        let revision = found.revision + 1;
        // Clocks of several servers differ, and who read one first may have got the lock
        // last: a later revision is never told as earlier.
        let cast_at_ms = found.cast_at_ms.map(|before| before.max(self.now_ms));
        self.tx
            .execute(
                self.seat.sheets().change,
                &[
                    &topic.community.id.as_str(),
                    &topic.poll.id.as_str(),
                    self.seat.key(),
                    &i64::from(revision),
                    &self.intent.key.as_bytes().as_slice(),
                    &choice,
                    &self.intent.nonce.as_slice(),
                    &&*self.intent.key_id,
                    &cast_at_ms,
                ],
            )
            .await?;
        self.note_behalf(revision).await?;
        Ok(self.fresh(revision, choice, cast_at_ms))
    }

    /// Records who filled in this revision, if that was not the voter.
    async fn note_behalf(&self, revision: u32) -> Result<(), JobError> {
        if let (Some(by), Seat::Recorded { voter }) = (&self.intent.on_behalf, self.seat) {
            let ballot = (voter.as_str(), revision);
            behalf::put(self.tx, &self.stored.topic, ballot, by, self.now_ms).await?;
        }
        Ok(())
    }

    /// The receipt of this very command if it was recorded before, else `refusal`.
    async fn replay_or(&self, refusal: Refusal) -> Result<CastRecord, JobError> {
        if let Seat::Secret { mark, .. } = self.seat
            && !is_registered(self.tx, self.stored, mark).await?
        {
            return Err(refusal.into());
        }
        let found = find(self.tx, self.stored, self.seat, self.seat.sheets().current).await?;
        let Some(found) = found else {
            return Err(refusal.into());
        };
        let own = match self.earlier(&found).await? {
            Some(earlier) => earlier,
            None if found.is_of(&self.intent.key) => found,
            None => return Err(refusal.into()),
        };
        let draft = ballot::draft(&self.stored.topic.poll, self.intent);
        Ok(own.same_or_reused(&draft, self.stored)?)
    }

    fn fresh(&self, revision: u32, choice: &str, cast_at_ms: Option<UtcMs>) -> CastRecord {
        ballot::fresh(self.stored, self.intent, revision, choice, cast_at_ms)
    }
}
