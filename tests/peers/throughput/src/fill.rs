//! Filling a poll beside the server: so many ballots, and voters with grants who have not
//! voted yet. All of them stand on the roll of households.

use crate::electorate::{Electorate, VOTES};
use crate::postgres::connect;
use anyhow::{Context, Result, bail};
use linli_server::seal;
use linli_server::store::sqlite::open_to_write;
use pico_args::Arguments;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Voters that have not voted: more than can in one run.
const CASTERS: u64 = 100_000;
const AT_ONCE: u64 = 10_000;

/// Households as the roll's entries.
const ROLL: &str = "INSERT INTO roll_entry (community_id, kind, entry_id, since_version,
        voter_id, household_id, place_id, label, name, owner, developer)
    SELECT community_id, 'households', household_id, 0, household_id, household_id, place_id,
        label, '', '', false
    FROM household";

/// The one database that the server stands on.
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    pub(crate) fn read(args: &mut Arguments) -> Result<Self> {
        let file: Option<PathBuf> = args.opt_value_from_str("--database")?;
        let url: Option<String> = args.opt_value_from_str("--database-url")?;
        match (file, url) {
            (Some(file), None) => Ok(Self::Sqlite(file)),
            (None, Some(url)) => Ok(Self::Postgres(url)),
            _ => bail!("one database, please"),
        }
    }

    /// Puts `ballots` into the poll. Answers who can still vote.
    pub(crate) fn fill(&self, electorate: &Electorate, ballots: u64) -> Result<Range<u64>> {
        let casters = ballots..ballots + CASTERS;
        match self {
            Self::Sqlite(file) => on_sqlite(file, electorate, ballots, casters.clone())?,
            Self::Postgres(url) => on_postgres(url, electorate, ballots, casters.clone())?,
        }
        Ok(casters)
    }

    /// Runs statements that answer nothing.
    pub(crate) fn execute(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(file) => {
                let conn = open_to_write(file)?;
                conn.execute_batch(sql)?;
                Ok(conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
            }
            Self::Postgres(url) => runtime()?.block_on(async {
                let admin = connect(url).await?;
                admin.batch_execute(sql).await?;
                Ok(admin.batch_execute("ANALYZE; CHECKPOINT").await?)
            }),
        }
    }

    /// A literal.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let digits = seal::hex(bytes);
        match self {
            Self::Sqlite(_) => format!("x'{digits}'"),
            Self::Postgres(_) => format!("'\\x{digits}'::bytea"),
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

fn on_sqlite(
    file: &Path,
    electorate: &Electorate,
    ballots: u64,
    casters: Range<u64>,
) -> Result<()> {
    let mut conn = open_to_write(file)?;
    for from in (0..casters.end).step_by(usize::try_from(AT_ONCE)?) {
        let some = from..casters.end.min(from + AT_ONCE);
        electorate.enrol(&mut conn, some.clone())?;
        let tx = conn.transaction()?;
        {
            let mut insert = tx.prepare(
                "INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice,
                     nonce, key_id, cast_at_ms)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, '0123456789abcdef', 1800000000000)",
            )?;
            for voter in some.start..some.end.min(ballots) {
                insert.execute(rusqlite::params![
                    electorate.community,
                    electorate.poll,
                    electorate.voter(voter),
                    electorate.key_bytes(voter),
                    electorate.choice(voter),
                    electorate.nonce(voter),
                ])?;
            }
        }
        tx.commit()?;
    }
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn on_postgres(
    url: &str,
    electorate: &Electorate,
    ballots: u64,
    casters: Range<u64>,
) -> Result<()> {
    runtime()?.block_on(async {
        let admin = connect(url).await?;
        for from in (0..casters.end).step_by(usize::try_from(AT_ONCE)?) {
            let some = from..casters.end.min(from + AT_ONCE);
            electorate.enrol_postgres(&admin, some.clone()).await?;
            let voted: Vec<u64> = (some.start..some.end.min(ballots)).collect();
            let voters: Vec<String> = voted.iter().map(|v| electorate.voter(*v)).collect();
            let keys: Vec<Vec<u8>> = voted
                .iter()
                .map(|v| electorate.key_bytes(*v).to_vec())
                .collect();
            let choices: Vec<String> = voted.iter().map(|v| electorate.choice(*v)).collect();
            let nonces: Vec<Vec<u8>> = voted
                .iter()
                .map(|v| electorate.nonce(*v).to_vec())
                .collect();
            admin
                .execute(
                    VOTES,
                    &[
                        &electorate.community,
                        &electorate.poll,
                        &voters,
                        &keys,
                        &choices,
                        &nonces,
                    ],
                )
                .await
                .context("ballots")?;
        }
        admin.batch_execute(ROLL).await?;
        admin.batch_execute("VACUUM ANALYZE").await?;
        admin.batch_execute("CHECKPOINT").await?;
        Ok(())
    })
}
