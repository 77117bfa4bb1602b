//! One client: households that identify and vote one after the other, over the
//! product's own codec and transport.
//!
//! As the outbox does, it writes a command down before the first send and sends it with
//! the same key until it is settled, however often the server dies meanwhile.

use crate::journal::{Journal, Line};
use crate::server::Door;
use crate::world::{self, POLLS, Poll};
use anyhow::{Context, Result, bail};
use futures_executor::block_on;
use linli_adapters::http::Transport as _;
use linli_adapters::http::codec::{self, Request, Response};
use linli_adapters::http::transport::native::Native;
use linli_conformance::lossy::Chance;
use linli_model::{
    BallotSecret, CastBallot, Grant, GrantToken, IdempotencyKey, PollId, Proof, ReceiptKeys,
    Refusal, TopicId,
};
use linli_port::{CastCommand, PortError};
use std::fmt::Debug;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

/// Far above what any answer takes: only a dead server is silent for so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// A command that is not settled after so many sends never will be.
const SENDS_MAX: u32 = 100_000;
/// The first households belong to every client at once.
const SHARED: u32 = 8;

/// What all clients have seen.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) grants: AtomicU64,
    pub(crate) commands: AtomicU64,
    pub(crate) sends: AtomicU64,
    /// Sends without an answer.
    pub(crate) lost: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    /// At so many acknowledged ballots, `waiting` is woken.
    pub(crate) alarm_at: AtomicU64,
    pub(crate) waiting: OnceLock<Thread>,
    /// Of the acknowledged: recorded by an earlier send, whose answer was lost.
    pub(crate) recovered: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) busy: AtomicU64,
    /// Answers that it is not known.
    pub(crate) unknown: AtomicU64,
}

impl Counts {
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    fn acknowledge(&self) {
        let now = self.acknowledged.fetch_add(1, Ordering::SeqCst) + 1;
        if now == self.alarm_at.load(Ordering::SeqCst)
            && let Some(thread) = self.waiting.get()
        {
            thread.unpark();
        }
    }
}

fn one_more(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Carries requests to wherever the server is.
pub(crate) struct Connection<'a> {
    door: &'a Door,
    patience: Duration,
    open: Option<(String, Native)>,
}

impl<'a> Connection<'a> {
    pub(crate) fn new(door: &'a Door) -> Self {
        Self::patient(door, PATIENCE)
    }

    /// Gives up waiting for an answer after `patience`.
    pub(crate) fn patient(door: &'a Door, patience: Duration) -> Self {
        Self {
            door,
            patience,
            open: None,
        }
    }

    /// `Ok(None)` is no answer. With `patience` it gives up early, on a connection of
    /// its own.
    pub(crate) fn send(
        &mut self,
        request: &Request,
        patience: Option<Duration>,
    ) -> Result<Option<Response>> {
        let origin = self.door.wait().context("the server is gone")?;
        if let Some(patience) = patience {
            let once = Native::new(&origin, patience);
            return Ok(block_on(once.send(request.clone())));
        }
        let native = match &mut self.open {
            Some((known, native)) if *known == origin => native,
            open => {
                let native = Native::new(&origin, self.patience);
                &mut open.insert((origin, native)).1
            }
        };
        Ok(block_on(native.send(request.clone())))
    }
}

/// A client.
pub(crate) struct Client<'a> {
    pub(crate) number: u32,
    pub(crate) clients: u32,
    pub(crate) households: u32,
    pub(crate) chance: Chance,
    pub(crate) connection: Connection<'a>,
    pub(crate) journal: Journal,
    pub(crate) counts: &'a Counts,
    /// Whether the server may say that it does not know.
    pub(crate) may_fail: bool,
}

impl Client<'_> {
    /// Votes household by household until told to stop, and settles what it began.
    pub(crate) fn run(&mut self, stop: &AtomicBool) -> Result<()> {
        let keys = self.ask::<ReceiptKeys>(&codec::receipt_keys())?;
        self.journal.write(&Line::Keys { keys })?;
        let own = (SHARED + self.number..self.households).step_by(self.clients as usize);
        for household in own.cycle() {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let is_shared = self.chance.below(8) == 0;
            let household = match is_shared {
                true => u32::try_from(self.chance.below(u64::from(SHARED)))?,
                false => household,
            };
            for poll in &POLLS {
                if self.chance.below(2) == 0 {
                    self.visit(household, poll)?;
                }
            }
        }
        bail!("no household for client {}", self.number)
    }

    /// One household in one poll: votes, perhaps changes the vote, perhaps tries what is
    /// not allowed.
    fn visit(&mut self, household: u32, poll: &Poll) -> Result<()> {
        let topic = TopicId::parse(poll.name)?;
        let proof = Proof::HouseholdCode {
            code: world::code(household),
        };
        let grant: Grant = self.ask(&codec::identify(&topic, &proof))?;
        one_more(&self.counts.grants);
        let secret = self.secret(poll);
        let more = match poll.may_change {
            true => self.chance.below(3),
            // A second ballot, which must be refused.
            false => u64::from(self.chance.below(8) == 0),
        };
        for _ in 0..=more {
            self.cast(household, poll, &grant.token, secret.clone())?;
        }
        if poll.is_secret && self.chance.below(8) == 0 {
            // Who has lost the secret cannot vote again.
            let other = self.secret(poll);
            self.cast(household, poll, &grant.token, other)?;
        }
        Ok(())
    }

    fn secret(&mut self, poll: &Poll) -> Option<BallotSecret> {
        let bytes = world::bytes(&mut self.chance);
        poll.is_secret.then(|| BallotSecret::from_bytes(bytes))
    }

    fn cast(
        &mut self,
        household: u32,
        poll: &Poll,
        grant: &GrantToken,
        secret: Option<BallotSecret>,
    ) -> Result<()> {
        let command = CastCommand {
            key: IdempotencyKey::from_bytes(world::bytes(&mut self.chance)),
            topic: TopicId::parse(poll.name)?,
            poll: PollId::parse(poll.name)?,
            grant: grant.clone(),
            ballot: CastBallot {
                choice: world::choice(poll, &mut self.chance),
                secret,
            },
        };
        self.journal.write(&Line::Intent {
            household: world::label(household),
            command: Box::new(command.clone()),
        })?;
        one_more(&self.counts.commands);
        let settled = self.settle(&command)?;
        self.journal.write(&settled)
    }

    /// Sends until the server says how it ended.
    fn settle(&mut self, command: &CastCommand) -> Result<Line> {
        let request = codec::cast(command);
        for _ in 0..SENDS_MAX {
            one_more(&self.counts.sends);
            // Now and then somebody walks out of reach just after sending.
            let is_brief = !self.may_fail && self.chance.below(16) == 0;
            let micros = 100 + self.chance.below(3_000);
            let patience = is_brief.then(|| Duration::from_micros(micros));
            let Some(response) = self.connection.send(&request, patience)? else {
                one_more(&self.counts.lost);
                self.pause();
                continue;
            };
            match codec::read_cast(command, &response) {
                Ok(_) => {
                    self.counts.acknowledge();
                    if response.status == 200 {
                        one_more(&self.counts.recovered);
                    }
                    return Ok(Line::Acknowledged {
                        key: command.key.clone(),
                        body: response.body,
                    });
                }
                Err(PortError::Refused(Refusal::Busy { .. })) => {
                    one_more(&self.counts.busy);
                    self.pause();
                }
                Err(PortError::Refused(refusal)) => {
                    one_more(&self.counts.refused);
                    return Ok(Line::Refused {
                        key: command.key.clone(),
                        refusal,
                    });
                }
                Err(PortError::Fault { .. }) if self.may_fail => {
                    one_more(&self.counts.unknown);
                    self.pause();
                }
                Err(error) => bail!("{}", unexpected(&request, &response, &error)),
            }
        }
        bail!("{} was never settled", command.key)
    }

    /// Asks until there is an answer; only the expected one will do.
    fn ask<A: linli_model::tree::FromTree>(&mut self, request: &Request) -> Result<A> {
        for _ in 0..SENDS_MAX {
            let Some(response) = self.connection.send(request, None)? else {
                self.pause();
                continue;
            };
            match codec::read(&response) {
                Ok(answer) => return Ok(answer),
                Err(PortError::Refused(Refusal::Busy { .. })) => self.pause(),
                Err(PortError::Fault { .. }) if self.may_fail => self.pause(),
                Err(error) => bail!("{}", unexpected(request, &response, &error)),
            }
        }
        bail!("{} was never answered", request.path)
    }

    /// Spreads the clients; the outbox waits longer.
    fn pause(&mut self) {
        thread::sleep(Duration::from_micros(500 + self.chance.below(5_000)));
    }
}

fn unexpected(request: &Request, response: &Response, error: &impl Debug) -> String {
    let (path, status) = (&request.path, response.status);
    format!(
        "{path} was answered with {status} {}: {error:?}",
        response.body
    )
}
