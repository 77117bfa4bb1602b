//! Who opens their own data by a password, and what stands on rolls about them.

use super::contacts::{self, OWNERS_OF_CONTACT};
use super::db::{Mode, Tx, Work};
use super::error::JobError;
use crate::identity::otp::ONESELF;
use crate::store::privacy::MyEntryRow;
use crate::store::rolls::{VOTERS_OF_ONESELF, kind_of, named_as_own, own_number, voter_word};
use crate::store::{MyPassword, MyVoter};

/// Keeps a password, if the contact names anybody.
pub(super) struct Put(pub(super) MyPassword);

impl Work for Put {
    type Output = bool;
    // Another time it replaces what it wrote.
    const MODE: Mode = Mode::Again;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, JobError> {
        let (community, now_ms) = (self.0.community.as_str(), tx.now_ms());
        let index = self.0.contact_index.as_slice();
        contacts::drop_ended(tx, (community, ONESELF), now_ms).await?;
        if voters(tx, community, index).await?.is_empty() {
            return Ok(false);
        }
        let key = (community, ONESELF, index);
        contacts::keep(tx, key, &self.0.password_hash, now_ms).await?;
        Ok(true)
    }
}

/// Whose data a password opens.
pub(super) struct Spend(pub(super) MyPassword);

impl Work for Spend {
    type Output = Vec<MyVoter>;
    const MODE: Mode = Mode::Once;

    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Output, JobError> {
        let community = self.0.community.as_str();
        let index = self.0.contact_index.as_slice();
        let key = (community, ONESELF, index);
        if !contacts::spend(tx, key, &self.0.password_hash, tx.now_ms()).await? {
            return Ok(Vec::new());
        }
        voters(tx, community, index).await
    }
}

/// Whom a contact names, at most one on each roll.
async fn voters(tx: &Tx<'_>, community: &str, index: &[u8]) -> Result<Vec<MyVoter>, JobError> {
    let words = contacts::words(tx, community, OWNERS_OF_CONTACT, index).await?;
    let mut found = Vec::new();
    for kind in VOTERS_OF_ONESELF {
        let current = contacts::current(tx, (community, kind), &words).await?;
        let Some(number) = named_as_own(&current) else {
            continue;
        };
        let word = voter_word(kind, number);
        let entries = entries(tx, community, &word).await?;
        let name = entries.first().map(MyEntryRow::called).unwrap_or_default();
        found.push(MyVoter { word, name });
    }
    Ok(found)
}

/// What stands on a roll about a voter now, and how many contacts are kept.
pub(super) async fn entries(
    tx: &Tx<'_>,
    community: &str,
    word: &str,
) -> Result<Vec<MyEntryRow>, JobError> {
    let Some((kind, number)) = kind_of(word).and_then(|kind| Some((kind, own_number(kind, word)?)))
    else {
        return Ok(Vec::new());
    };
    let rows = tx
        .rows(
            "SELECT e.label, e.name, p.name, e.registered_csqm,
                 (SELECT count(*) FROM voter_contact c
                  WHERE c.community_id = $1 AND c.voter = $4)
             FROM roll_entry e
             JOIN place p ON p.community_id = e.community_id AND p.place_id = e.place_id
             WHERE e.community_id = $1 AND e.kind = $2 AND e.voter_id = $3
             AND e.until_version IS NULL ORDER BY e.entry_id",
            &[&community, &kind.as_str(), &number, &word],
        )
        .await?;
    let read = |row: &tokio_postgres::Row| {
        let area: Option<i64> = row.try_get(3)?;
        let contacts: i64 = row.try_get(4)?;
        Ok(MyEntryRow {
            roll: kind,
            label: row.try_get(0)?,
            name: row.try_get(1)?,
            place: row.try_get(2)?,
            area_csqm: area.and_then(|area| u64::try_from(area).ok()),
            contacts: u32::try_from(contacts).unwrap_or(u32::MAX),
        })
    };
    rows.iter().map(read).collect()
}
