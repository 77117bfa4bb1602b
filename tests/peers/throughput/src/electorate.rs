//! Who votes and how: a poll's households, their grants, keys and choices, all made
//! from a seed and a voter's number, so that a million of them need no memory.
//!
//! Grants are written into the store before measuring. Neither side of the comparison
//! spends time on identification.

use anyhow::Result;
use linli_server::seal;
use rusqlite::{Connection, params};
use std::ops::Range;

/// In which order households vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// As people do: anyone next. Neighbouring ballots land on different pages.
    Arrival,
    /// By the roll: each ballot beside the last one. The engine at its fastest.
    Roll,
}

/// The voters of one poll.
pub(crate) struct Electorate {
    pub(crate) community: String,
    pub(crate) place: String,
    /// Voters are spread over so many places below, `part-0` and on; none: all are
    /// directly in [`Self::place`].
    pub(crate) parts: u64,
    pub(crate) topic: String,
    pub(crate) poll: String,
    pub(crate) order: Order,
    pub(crate) seed: u64,
}

/// Voters are scattered over this many household numbers: a power of two.
const NUMBERS: u64 = 1 << 24;
const STANCES: [&str; 3] = ["yes", "no", "abstain"];
const EXPIRES_AT_MS: i64 = 4_000_000_000_000;

/// Ballots of many voters at once, beside the server.
pub(crate) const VOTES: &str = "INSERT INTO ballot (community_id, poll_id, voter, revision,
        cast_key, choice, nonce, key_id, cast_at_ms)
    SELECT $1, $2, voter, 1, cast_key, choice, nonce, '0123456789abcdef', 1800000000000
    FROM unnest($3::text[], $4::bytea[], $5::text[], $6::bytea[])
        AS votes(voter, cast_key, choice, nonce)";

impl Electorate {
    /// The household of the `voter`th to vote. No two voters share one.
    pub(crate) fn household(&self, voter: u64) -> u64 {
        match self.order {
            Order::Roll => voter,
            // An odd factor permutes the numbers below a power of two.
            Order::Arrival => {
                voter
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .wrapping_add(self.seed)
                    % NUMBERS
            }
        }
    }

    /// Where that household is.
    fn place_of(&self, household: u64) -> String {
        match household.checked_rem(self.parts) {
            Some(part) => format!("part-{part}"),
            None => self.place.clone(),
        }
    }

    /// How the store names that voter.
    pub(crate) fn voter(&self, voter: u64) -> String {
        format!("h{}", self.household(voter))
    }

    /// The voter's grant.
    pub(crate) fn token(&self, voter: u64) -> String {
        seal::hex(&self.chance("token", voter))
    }

    /// The idempotency key of the voter's one command, as sent.
    pub(crate) fn key(&self, voter: u64) -> String {
        seal::hex(&self.key_bytes(voter))
    }

    /// The same as stored.
    pub(crate) fn key_bytes(&self, voter: u64) -> [u8; 16] {
        let mut key = [0; 16];
        key.copy_from_slice(&self.chance("key", voter)[..16]);
        key
    }

    /// 32 bytes that stand for a commitment's nonce.
    pub(crate) fn nonce(&self, voter: u64) -> [u8; 32] {
        self.chance("nonce", voter)
    }

    /// The choice in normal form, as stored.
    pub(crate) fn choice(&self, voter: u64) -> String {
        let stance = STANCES[usize::from(self.chance("choice", voter)[0]) % STANCES.len()];
        format!(r#"{{"stance":"{stance}","type":"motion"}}"#)
    }

    /// The body of the voter's request.
    pub(crate) fn body(&self, voter: u64) -> String {
        format!(r#"{{"choice":{}}}"#, self.choice(voter))
    }

    /// Puts households and grants of `voters` into the store, in one transaction.
    pub(crate) fn enrol(&self, conn: &mut Connection, voters: Range<u64>) -> Result<()> {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut household = tx.prepare(
                "INSERT INTO household (community_id, household_id, place_id, label, area_csqm)
                 VALUES (?1, ?2, ?3, ?4, 9000)",
            )?;
            let mut entry = tx.prepare(
                "INSERT INTO roll_entry (community_id, kind, entry_id, since_version, voter_id,
                     household_id, place_id, label, name, owner, developer)
                 VALUES (?1, 'households', ?2, 0, ?2, ?2, ?3, ?4, '', '', 0)",
            )?;
            let mut grant = tx.prepare(
                "INSERT INTO cast_grant (community_id, poll_id, token_hash, voter, expires_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for voter in voters {
                let number = i64::try_from(self.household(voter))?;
                let label = format!("{number}");
                let place = self.place_of(self.household(voter));
                household.execute(params![self.community, number, place, label])?;
                entry.execute(params![self.community, number, place, label])?;
                let hash = seal::token_hash(&self.token(voter));
                let name = self.voter(voter);
                grant.execute(params![
                    self.community,
                    self.poll,
                    hash,
                    name,
                    EXPIRES_AT_MS
                ])?;
            }
        }
        Ok(tx.commit()?)
    }

    /// The same on PostgreSQL, in one statement each.
    pub(crate) async fn enrol_postgres(
        &self,
        client: &tokio_postgres::Client,
        voters: Range<u64>,
    ) -> Result<()> {
        let numbers: Vec<i64> = voters
            .clone()
            .map(|voter| Ok(i64::try_from(self.household(voter))?))
            .collect::<Result<_>>()?;
        let place = |voter| self.place_of(self.household(voter));
        let places: Vec<String> = voters.clone().map(place).collect();
        client
            .execute(
                "INSERT INTO household (community_id, household_id, place_id, label, area_csqm)
                 SELECT $1, n, place, n::text, 9000
                 FROM unnest($2::text[], $3::bigint[]) AS households(place, n)",
                &[&self.community, &places, &numbers],
            )
            .await?;
        let names: Vec<String> = voters.clone().map(|voter| self.voter(voter)).collect();
        let hash = |voter| seal::token_hash(&self.token(voter)).to_vec();
        let hashes: Vec<Vec<u8>> = voters.map(hash).collect();
        client
            .execute(
                "INSERT INTO cast_grant (community_id, poll_id, token_hash, voter, expires_at_ms)
                 SELECT $1, $2, hash, voter, $5
                 FROM unnest($3::bytea[], $4::text[]) AS grants(hash, voter)",
                &[&self.community, &self.poll, &hashes, &names, &EXPIRES_AT_MS],
            )
            .await?;
        Ok(())
    }

    fn chance(&self, purpose: &str, voter: u64) -> [u8; 32] {
        let (seed, voter) = (self.seed.to_be_bytes(), voter.to_be_bytes());
        seal::tagged("linli throughput", &[purpose.as_bytes(), &seed, &voter])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_voter_is_another_household() {
        for order in [Order::Arrival, Order::Roll] {
            let electorate = Electorate {
                community: "c".into(),
                place: "p".into(),
                parts: 0,
                topic: "t".into(),
                poll: "p".into(),
                order,
                seed: 7,
            };
            let households: HashSet<u64> = (0..100_000).map(|n| electorate.household(n)).collect();
            assert_eq!(households.len(), 100_000);
            assert_ne!(electorate.token(1), electorate.token(2));
            assert_ne!(electorate.key(1), electorate.key(2));
        }
    }
}
