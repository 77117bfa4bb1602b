//! Codes, wrong tries and grants.

use super::cast;
use super::db::{Lock, Mode, Tx, Work};
use super::error::JobError;
use super::topics;
use super::{identity, seat, work};
use crate::identity::attempts::{self, Limit, Tries};
use crate::seal;
use crate::store::rolls::{Found, takes_household_codes};
use crate::store::{Bearer, Charge, IssueGrant, IssuedGrant, StoredTopic, Subject};
use linli_model::desk::roll::RollKind;
use linli_model::{Refusal, UtcMs};
use linli_rules::phase;

/// How long a grant lasts, if the poll does not close before.
const GRANT_MS: i64 = 24 * 3_600_000;

/// The hash under a selector.
pub(super) struct TypedCode {
    pub(super) community: String,
    pub(super) selector: String,
}

impl Work for TypedCode {
    type Output = Option<String>;
    const MODE: Mode = Mode::Look;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let found = tx
            .opt(
                "SELECT secret_phc FROM typed_code WHERE community_id = $1 AND selector = $2",
                &[&self.community, &self.selector],
            )
            .await?;
        Ok(found.map(|row| row.try_get(0)).transpose()?)
    }
}

impl Work for Charge {
    type Output = u32;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<u32, JobError> {
        charge(tx, &self.community, &self.subjects).await
    }
}

/// Charges every subject, or none when one of them must wait.
async fn charge(
    tx: &Tx<'_>,
    community: &str,
    subjects: &[(Subject, Limit)],
) -> Result<u32, JobError> {
    hold(tx, community, subjects).await?;
    let now_ms = tx.now_ms();
    let mut charged = Vec::with_capacity(subjects.len());
    let mut wait_ms = None;
    for (subject, limit) in subjects {
        match attempts::charge(tries(tx, community, subject).await?, *limit, now_ms) {
            Ok(tries) => charged.push((subject, tries, attempts::left(tries, *limit))),
            Err(ms) => wait_ms = wait_ms.max(Some(ms)),
        }
    }
    if let Some(retry_after_ms) = wait_ms {
        return Err(Refusal::TooManyAttempts { retry_after_ms }.into());
    }
    for (subject, tries, _) in &charged {
        keep(tx, community, subject, *tries).await?;
    }
    Ok(charged
        .iter()
        .map(|(_, _, left)| *left)
        .min()
        .unwrap_or(u32::MAX))
}

/// Tries of a subject are counted one after the other. Its row may not be there yet, so
/// the lock is not on a row.
async fn hold(tx: &Tx<'_>, community: &str, subjects: &[(Subject, Limit)]) -> Result<(), JobError> {
    if subjects.is_empty() {
        return Ok(());
    }
    let lock_of = |(subject, _): &(Subject, Limit)| {
        Lock::of(&[b"subject", community.as_bytes(), subject.as_slice()])
    };
    tx.lock(subjects.iter().map(lock_of).collect()).await
}

/// Forgets tries that turned out right: of the first subject altogether, of the others
/// by one.
pub(super) async fn settle(
    tx: &Tx<'_>,
    community: &str,
    subjects: &[(Subject, Limit)],
) -> Result<(), JobError> {
    hold(tx, community, subjects).await?;
    for (index, (subject, limit)) in subjects.iter().enumerate() {
        let settled = if index == 0 {
            Tries::default()
        } else {
            attempts::settle(tries(tx, community, subject).await?, *limit)
        };
        keep(tx, community, subject, settled).await?;
    }
    Ok(())
}

impl Work for IssueGrant {
    /// A wrong try is an effect that must stay, so it travels as a value through the
    /// commit and becomes a refusal afterwards.
    type Output = Result<IssuedGrant, Refusal>;
    const MODE: Mode = Mode::Once;

    fn lock(&self) -> Option<Lock> {
        Some(Lock::with_others(&self.topic))
    }

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let stored = topics::require(tx, &self.topic).await?;
        let (topic, now_ms) = (&stored.topic, tx.now_ms());
        phase::require_open(&topic.poll, now_ms)?;
        let community = topic.community.id.as_str();
        let found = bearer(tx, &stored, &self.bearer, now_ms).await?;
        if matches!(found, Found::Nobody) {
            let attempts_left = match self.charged_left {
                Some(left) => left,
                None => charge(tx, community, &self.charge).await?,
            };
            return Ok(Err(Refusal::CodeUnknown { attempts_left }));
        }
        settle(tx, community, &self.settle).await?;
        // The code was right, so the tries are settled: this is told through the commit.
        let Found::Voter { word: voter, label } = found else {
            return Ok(Err(Refusal::CodeAmbiguous));
        };
        let expires_at_ms: UtcMs = topic.poll.closes_at_ms.min(now_ms.saturating_add(GRANT_MS));
        tx.execute(
            "INSERT INTO cast_grant (community_id, poll_id, token_hash, voter, expires_at_ms)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                &community,
                &topic.poll.id.as_str(),
                &self.token_hash.as_slice(),
                &voter,
                &expires_at_ms,
            ],
        )
        .await?;
        let standing = cast::standing(tx, &stored, &voter, None).await?;
        Ok(Ok(IssuedGrant {
            voter: label,
            expires_at_ms,
            standing,
        }))
    }
}

/// The voter whom a proof names. What ties them to the roll must lie in the place that
/// the topic concerns.
async fn bearer(
    tx: &Tx<'_>,
    stored: &StoredTopic,
    bearer: &Bearer,
    now_ms: UtcMs,
) -> Result<Found, JobError> {
    let topic = &stored.topic;
    let community = topic.community.id.as_str();
    if matches!(
        bearer,
        Bearer::TypedCode { .. } | Bearer::ScannedCode { .. }
    ) {
        takes_household_codes(RollKind::of(topic.poll.electorate).ok_or(Refusal::Unsupported)?)?;
    }
    let found: Option<String> = match bearer {
        Bearer::Device(hash) => {
            return Ok(Found::Voter {
                word: format!("d{}", seal::hex(hash)),
                label: String::new(),
            });
        }
        Bearer::WorkedDevice { device, work } => {
            work::spend(tx, topic, work, now_ms).await?;
            return Ok(Found::Voter {
                word: format!("d{}", seal::hex(device)),
                label: String::new(),
            });
        }
        // The hash is compared again: the code may have been replaced since.
        Bearer::TypedCode {
            selector,
            secret_phc,
        } => tx
            .opt(
                "SELECT 'h' || household_id FROM typed_code
                 WHERE community_id = $1 AND selector = $2 AND secret_phc = $3",
                &[&community, selector, secret_phc],
            )
            .await?
            .map(|row| row.try_get(0))
            .transpose()?,
        Bearer::ScannedCode { code_hash } => tx
            .opt(
                "SELECT 'h' || household_id FROM scanned_code
                 WHERE community_id = $1 AND code_hash = $2",
                &[&community, &code_hash.as_slice()],
            )
            .await?
            .map(|row| row.try_get(0))
            .transpose()?,
        Bearer::OneTimePassword {
            contact_index,
            password_hash,
        } => identity::spend_password(tx, topic, contact_index, password_hash, now_ms).await?,
        Bearer::Household { label, place } => {
            identity::one_household(tx, topic, label, place).await?
        }
        Bearer::HostToken(token) => {
            let found = identity::spend_token(tx, topic, token, now_ms).await?;
            let (word, label) = found.ok_or(Refusal::TokenInvalid)?;
            return Ok(Found::Voter { word, label });
        }
    };
    match found {
        Some(voter) => seat::find(tx, topic, &voter).await,
        None => Ok(Found::Nobody),
    }
}

async fn tries(tx: &Tx<'_>, community: &str, subject: &Subject) -> Result<Tries, JobError> {
    let found = tx
        .opt(
            "SELECT failures, blocked_until_ms, last_at_ms FROM attempt
             WHERE community_id = $1 AND subject = $2",
            &[&community, &subject.as_slice()],
        )
        .await?;
    let Some(row) = found else {
        return Ok(Tries::default());
    };
    Ok(Tries {
        failures: u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(u32::MAX),
        blocked_until_ms: row.try_get(1)?,
        last_at_ms: row.try_get(2)?,
    })
}

async fn keep(
    tx: &Tx<'_>,
    community: &str,
    subject: &Subject,
    tries: Tries,
) -> Result<(), JobError> {
    let subject = subject.as_slice();
    if tries.failures == 0 {
        tx.execute(
            "DELETE FROM attempt WHERE community_id = $1 AND subject = $2",
            &[&community, &subject],
        )
        .await?;
        return Ok(());
    }
    tx.execute(
        "INSERT INTO attempt (community_id, subject, failures, blocked_until_ms, last_at_ms)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (community_id, subject) DO UPDATE SET failures = excluded.failures,
         blocked_until_ms = excluded.blocked_until_ms, last_at_ms = excluded.last_at_ms",
        &[
            &community,
            &subject,
            &i64::from(tries.failures),
            &tries.blocked_until_ms,
            &tries.last_at_ms,
        ],
    )
    .await?;
    Ok(())
}
