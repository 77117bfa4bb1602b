//! One voter against a server whose disk fails: commands one after the other, each sent
//! with its key until it is settled, over restarts if need be.
//!
//! Whenever the server ends, what it left is judged before anything else touches it.

use crate::check;
use crate::journal::Line;
use crate::replay;
use crate::server::{Door, Linli, Started};
use crate::world::{self, POLLS, Poll};
use anyhow::{Context, Result, bail, ensure};
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
use std::process::ExitStatus;
use std::time::Duration;

/// Far above what any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// A server that has said so often that it could do nothing is started again on a disk
/// that works.
const FAILURES_MAX: u32 = 2;
const SENDS_MAX: u32 = 20;
/// The households that vote while the disk fails.
pub(crate) const VISITORS: [u32; 2] = [398, 399];

/// A running vote.
pub(crate) struct Trial<'a> {
    linli: &'a Linli,
    chance: Chance,
    server: Option<(Started, String)>,
    /// What was sent, and what was told.
    pub(crate) lines: Vec<Line>,
    /// How the first server ended, if it did.
    pub(crate) first_end: Option<ExitStatus>,
    /// Everything that is not as it must be.
    pub(crate) faults: Vec<String>,
    /// Answers that nothing was done, or that it is not known.
    pub(crate) failures: u64,
}

impl<'a> Trial<'a> {
    /// On a server that was started and has not told its address yet. `lines` tell what
    /// was sent to the same data before.
    pub(crate) fn new(linli: &'a Linli, first: Started, lines: Vec<Line>) -> Result<Self> {
        let mut trial = Self {
            linli,
            // Keys must differ from those of earlier trials on the same data.
            chance: Chance::new(lines.len() as u64),
            server: None,
            lines,
            first_end: None,
            faults: Vec::new(),
            failures: 0,
        };
        trial.welcome(first)?;
        if trial.lines.is_empty() {
            let keys: ReceiptKeys = trial.ask(&codec::receipt_keys())?;
            trial.lines.push(Line::Keys { keys });
        }
        Ok(trial)
    }

    /// All who vote while the disk fails.
    pub(crate) fn visit_all(&mut self) -> Result<()> {
        VISITORS
            .into_iter()
            .try_for_each(|household| self.visit(household))
    }

    /// In every poll, `household` votes and changes the vote where that may be.
    pub(crate) fn visit(&mut self, household: u32) -> Result<()> {
        for poll in &POLLS {
            let topic = TopicId::parse(poll.name)?;
            let proof = Proof::HouseholdCode {
                code: world::code(household),
            };
            let grant: Grant = self.ask(&codec::identify(&topic, &proof))?;
            let secret = world::bytes(&mut self.chance);
            let secret = poll.is_secret.then(|| BallotSecret::from_bytes(secret));
            for _ in 0..if poll.may_change { 2 } else { 1 } {
                self.cast(household, poll, &grant.token, secret.clone())?;
            }
        }
        Ok(())
    }

    /// Stops the server, judges, sends every command again, and judges once more.
    pub(crate) fn finish(mut self) -> Result<Self> {
        if let Some((mut server, _)) = self.server.take() {
            server.ask_to_end()?;
            self.note_end(server.ended()?)?;
        }
        let before = self.judge()?;
        let mut server = self.linli.spawn()?;
        let door = Door::default();
        door.open(server.listening()?);
        let (_, differ) = replay::replay(std::slice::from_ref(&self.lines), &door)?;
        self.faults.extend(differ);
        server.kill()?;
        if self.judge()? != before {
            let what = "sending commands again changed the database";
            self.faults.push(what.to_owned());
        }
        self.linli.check_store()?;
        Ok(self)
    }

    /// Kills the server.
    pub(crate) fn kill(&mut self) -> Result<()> {
        match self.server.take() {
            Some((server, _)) => server.kill(),
            None => Ok(()),
        }
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
        self.lines.push(Line::Intent {
            household: world::label(household),
            command: Box::new(command.clone()),
        });
        let key = command.key.clone();
        let read = |response: &Response| codec::read_cast(&command, response).map(drop);
        let settled = self.settle(&codec::cast(&command), read)?;
        self.lines.push(match settled {
            Ok((response, ())) => Line::Acknowledged {
                key,
                body: response.body,
            },
            Err(refusal) => Line::Refused { key, refusal },
        });
        Ok(())
    }

    fn ask<A: linli_model::tree::FromTree>(&mut self, request: &Request) -> Result<A> {
        match self.settle(request, codec::read::<A>)? {
            Ok((_, answer)) => Ok(answer),
            Err(refusal) => bail!("{} was refused: {}", request.path, refusal.code()),
        }
    }

    /// Sends until the server says how it ended.
    fn settle<A>(
        &mut self,
        request: &Request,
        read: impl Fn(&Response) -> Result<A, PortError>,
    ) -> Result<Result<(Response, A), Refusal>> {
        let mut failures = 0;
        for _ in 0..SENDS_MAX {
            let origin = self.origin()?;
            let native = Native::new(&origin, PATIENCE);
            let Some(response) = block_on(native.send(request.clone())) else {
                // Nothing but its end may keep a server from answering.
                self.await_end()?;
                continue;
            };
            match read(&response) {
                Ok(answer) => return Ok(Ok((response, answer))),
                Err(PortError::Refused(refusal)) if !matches!(refusal, Refusal::Busy { .. }) => {
                    return Ok(Err(refusal));
                }
                Err(_) => {
                    failures += 1;
                    self.failures += 1;
                    if failures >= FAILURES_MAX {
                        self.kill()?;
                        let found = self.judge()?;
                        self.faults.extend(found);
                    }
                }
            }
        }
        bail!("{} was never settled", request.path)
    }

    fn origin(&mut self) -> Result<String> {
        if self.server.is_none() {
            let server = self.linli.spawn()?;
            self.welcome(server)?;
        }
        let (_, origin) = self.server.as_ref().context("no server")?;
        Ok(origin.clone())
    }

    /// Waits for its address. One that ends before is followed by one on a sound disk.
    fn welcome(&mut self, mut server: Started) -> Result<()> {
        match server.listening() {
            Ok(origin) => self.server = Some((server, origin)),
            Err(error) => {
                ensure!(self.first_end.is_none(), "on a sound disk: {error:#}");
                self.note_end(server.ended()?)?;
                let server = self.linli.spawn()?;
                self.welcome(server)?;
            }
        }
        Ok(())
    }

    fn await_end(&mut self) -> Result<()> {
        let (mut server, _) = self.server.take().context("no server")?;
        self.note_end(server.ended()?)
    }

    fn note_end(&mut self, status: ExitStatus) -> Result<()> {
        self.first_end.get_or_insert(status);
        let found = self.judge()?;
        self.faults.extend(found);
        Ok(())
    }

    /// What is there against what was told so far.
    fn judge(&self) -> Result<Vec<String>> {
        if self.lines.is_empty() {
            return Ok(Vec::new());
        }
        let lines = std::slice::from_ref(&self.lines);
        Ok(check::check_lines(lines, &self.linli.database())?.faults)
    }
}
