//! A town in memory: topics with their rolls, ballots that are there beforehand, and a
//! clock and chance that repeat. The same calls at the same times give the same town,
//! grants and receipts included: a page can be reloaded and play its calls again.

use crate::answer;
use linli_model::{BallotSecret, CastBallot, Choice, IdempotencyKey, Proof, Topic, UtcMs};
use linli_port::memory::{Household, MemoryDeliberations, TestAmbient};
use linli_port::{Ambient, CastCommand, Deliberations, LocalFuture};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A topic as it is when the town opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// Its times count from the opening of the town.
    pub topic: Topic,
    /// Who may vote; nobody where devices do.
    pub roll: Vec<SeedHousehold>,
    /// Who has voted.
    pub ballots: Vec<SeedBallot>,
}

/// A household on a roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedHousehold {
    /// Its voting code.
    pub code: String,
    /// How it is called.
    pub label: String,
}

/// A ballot that is there beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedBallot {
    /// Whose.
    pub proof: Proof,
    /// What was chosen.
    pub choice: Choice,
    /// In secret polls.
    pub secret: Option<BallotSecret>,
    /// Its command's key.
    pub key: IdempotencyKey,
}

/// A backend with everything in it.
pub struct Town {
    ambient: Rc<TestAmbient>,
    backend: MemoryDeliberations,
}

impl Town {
    /// Opens at `opens_at_ms`, with the ballots of the seeds cast shortly before their
    /// polls close, or before the opening. `Err` says which ballot does not fit.
    pub fn open(seeds: Vec<Seed>, opens_at_ms: UtcMs) -> Result<Self, String> {
        let ambient = Rc::new(TestAmbient::new(opens_at_ms, 1));
        // Formal polls are held here too; that a page must not is the adapter's to say.
        let backend = MemoryDeliberations::new(ambient.clone(), true);
        let town = Self { ambient, backend };
        for seed in seeds {
            town.add(seed, opens_at_ms)?;
        }
        Ok(town)
    }

    /// Calls a method of the page's object at `now_ms`.
    pub fn call(&self, method: &str, argument: &str, now_ms: UtcMs) -> Result<Value, Value> {
        self.set_clock(now_ms);
        ready(Box::pin(answer(&self.backend, method, argument)))
            .unwrap_or_else(|| Err(json!("memory did not answer at once")))
    }

    fn add(&self, seed: Seed, opens_at_ms: UtcMs) -> Result<(), String> {
        let mut topic = seed.topic;
        topic.poll.opens_at_ms += opens_at_ms;
        topic.poll.closes_at_ms += opens_at_ms;
        let household = |one: SeedHousehold| Household {
            code: one.code,
            label: one.label,
        };
        let roll = seed.roll.into_iter().map(household).collect();
        self.backend.add(topic.clone(), roll);
        self.set_clock(opens_at_ms.min(topic.poll.closes_at_ms) - 1);
        for ballot in seed.ballots {
            self.cast(&topic, ballot)
                .ok_or_else(|| format!("a ballot of {} does not fit", topic.id))?;
        }
        Ok(())
    }

    fn cast(&self, topic: &Topic, ballot: SeedBallot) -> Option<()> {
        let grant = ready(self.backend.identify(&topic.id, &ballot.proof))?.ok()?;
        let command = CastCommand {
            key: ballot.key,
            topic: topic.id.clone(),
            poll: grant.poll,
            grant: grant.token,
            ballot: CastBallot {
                choice: ballot.choice,
                secret: ballot.secret,
            },
        };
        ready(self.backend.cast(&command))?.ok().map(drop)
    }

    fn set_clock(&self, now_ms: UtcMs) {
        self.ambient.advance(now_ms - self.ambient.now_ms());
    }
}

/// What a future gives that has nothing to wait for.
fn ready<T>(mut future: LocalFuture<'_, T>) -> Option<T> {
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    match polled {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
