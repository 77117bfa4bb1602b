//! Checks a database: every invariant that the tables promise.
//!
//! Reads only, all of one moment; may run beside servers.

use super::cast::{fixed, revision};
use super::db::{Db, Mode, Tx, Work};
use super::error::JobError;
use crate::clock::SystemClock;
use crate::store::check::{Judge, OF_POLLS, PollRows, Sheet, UNFOUNDED};
use crate::store::{Attest, CheckReport, Failure};
use linli_model::{Secrecy, Topic};
use std::sync::Arc;
use std::time::Duration;

/// Checks the database; with `receipts`, each ballot's receipt as well.
pub async fn check(url: &str, receipts: Option<&dyn Attest>) -> Result<CheckReport, String> {
    let db = Arc::new(Db::new(url, 2, Arc::new(SystemClock))?);
    let gathered = db.run(Gather).await;
    db.close().await;
    let gathered = gathered.map_err(|failure| match failure {
        Failure::Refused(_) => "the database cannot be reached; the log says why".to_owned(),
        Failure::Fault(detail) => detail,
    })?;
    let mut judge = Judge::new(receipts);
    for (id, body, rows) in gathered.polls {
        if let (Some(topic), Some(rows)) = (judge.topic(&id, &body), rows) {
            judge.poll(topic, rows);
        }
    }
    for what in gathered.broken_logs {
        judge.fault(what);
    }
    for (table, count) in gathered.strays {
        judge.strays(table, count);
    }
    judge.unfounded(gathered.unfounded);
    Ok(judge.report())
}

struct Gather;

struct Gathered {
    polls: Vec<(String, String, Option<PollRows>)>,
    strays: Vec<(&'static str, u64)>,
    unfounded: u64,
    broken_logs: Vec<String>,
}

impl Work for Gather {
    type Output = Gathered;
    const MODE: Mode = Mode::View;
    const LIMIT: Duration = Duration::from_secs(3_600);

    async fn run(&self, tx: &Tx<'_>) -> Result<Gathered, JobError> {
        let mut polls = Vec::new();
        for row in tx.rows("SELECT topic_id, body FROM topic", &[]).await? {
            let (id, body): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let rows = match serde_json::from_str::<Topic>(&body) {
                Ok(topic) => Some(rows_of(tx, &topic).await?),
                Err(_) => None,
            };
            polls.push((id, body, rows));
        }
        let mut strays = Vec::new();
        for table in OF_POLLS {
            let sql = format!(
                "SELECT count(*) FROM {table} b WHERE NOT EXISTS (SELECT 1 FROM topic t
                 WHERE t.community_id = b.community_id AND t.poll_id = b.poll_id)"
            );
            let count: i64 = tx.row(&sql, &[]).await?.try_get(0)?;
            strays.push((table, count.unsigned_abs()));
        }
        let unfounded: i64 = tx.row(UNFOUNDED, &[]).await?.try_get(0)?;
        Ok(Gathered {
            polls,
            strays,
            unfounded: unfounded.unsigned_abs(),
            broken_logs: super::staff::broken_logs(tx).await?,
        })
    }
}

async fn rows_of(tx: &Tx<'_>, topic: &Topic) -> Result<PollRows, JobError> {
    let (now, before) = match topic.poll.secrecy {
        Secrecy::Recorded => (
            "SELECT convert_to(voter, 'UTF8'), revision, choice, nonce, key_id, cast_at_ms,
             EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
             AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
             FROM ballot b WHERE community_id = $1 AND poll_id = $2",
            "SELECT convert_to(voter, 'UTF8'), revision, choice, nonce, key_id, cast_at_ms,
             EXISTS (SELECT 1 FROM ballot_on_behalf o WHERE o.community_id = b.community_id
             AND o.poll_id = b.poll_id AND o.voter = b.voter AND o.revision = b.revision)
             FROM ballot_superseded b WHERE community_id = $1 AND poll_id = $2",
        ),
        Secrecy::Secret => (
            "SELECT address, revision, choice, nonce, key_id, NULL::bigint, false
             FROM ballot_box WHERE community_id = $1 AND poll_id = $2",
            "SELECT address, revision, choice, nonce, key_id, NULL::bigint, false
             FROM ballot_box_superseded WHERE community_id = $1 AND poll_id = $2",
        ),
    };
    let (community, poll) = (topic.community.id.as_str(), topic.poll.id.as_str());
    let marks = tx
        .rows(
            "SELECT voter_mark FROM voted_register WHERE community_id = $1 AND poll_id = $2",
            &[&community, &poll],
        )
        .await?;
    let voters = tx
        .rows(
            "SELECT DISTINCT voter_id FROM roll_entry WHERE community_id = $1 AND kind = $2",
            &[&community, &topic.poll.electorate.as_str()],
        )
        .await?;
    let marks = marks.iter().map(|row| row.try_get(0));
    let voters = voters.iter().map(|row| row.try_get(0));
    Ok(PollRows {
        current: sheets(tx, topic, now).await?,
        superseded: sheets(tx, topic, before).await?,
        marks: marks.collect::<Result<_, _>>()?,
        voters: voters.collect::<Result<_, _>>()?,
    })
}

async fn sheets(tx: &Tx<'_>, topic: &Topic, select: &str) -> Result<Vec<Sheet>, JobError> {
    let key = [topic.community.id.as_str(), topic.poll.id.as_str()];
    let rows = tx.rows(select, &[&key[0], &key[1]]).await?;
    rows.iter()
        .map(|row| {
            Ok(Sheet {
                seat: row.try_get(0)?,
                revision: revision(row.try_get(1)?)?,
                choice: row.try_get(2)?,
                nonce: fixed(row.try_get(3)?)?,
                key_id: row.try_get(4)?,
                cast_at_ms: row.try_get(5)?,
                on_behalf: row.try_get(6)?,
            })
        })
        .collect()
}
