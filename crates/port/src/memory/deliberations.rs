//! A whole backend for deliberations in memory.

use super::fault::Faults;
use super::receipt;
use crate::{
    Ambient, Capabilities, CastCommand, CastOutcome, Deliberations, LocalFuture, PortError,
    TopicAnswer,
};
use linli_model::{
    BallotSecret, CastReply, Changes, Choice, Credential, Grant, GrantToken, IdempotencyKey, Phase,
    PollNature, Proof, Refusal, ResultsVisibility, Secrecy, Standing, Topic, TopicId, TopicView,
    Turnout, UtcMs,
};
use linli_rules::{ballot, phase, tally};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Wrong codes that are answered before a pause is asked for.
const ATTEMPTS_MAX: u32 = 10;
const PAUSE_MS: i64 = 60_000;
const GRANT_MS: i64 = 24 * 3_600_000;

/// A household on a topic's roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// Its voting code; compared without separators, case, and look-alikes.
    pub code: String,
    /// How it is called on its own screen.
    pub label: String,
}

/// Implements [`Deliberations`] with the same rules as the server. Time and chance are
/// the ambient's.
pub struct MemoryDeliberations {
    ambient: Rc<dyn Ambient>,
    formal: bool,
    faults: Faults,
    topics: RefCell<BTreeMap<TopicId, Held>>,
    grants: RefCell<BTreeMap<String, Granted>>,
}

struct Held {
    topic: Topic,
    roll: Vec<Household>,
    wrong_codes: u32,
    pause_until_ms: UtcMs,
    /// Recorded ballots by voter, secret ones by secret; every revision, oldest first.
    ballots: BTreeMap<String, Vec<Cast>>,
    /// In secret polls, who has voted.
    register: Vec<String>,
}

#[derive(Clone)]
struct Cast {
    key: IdempotencyKey,
    choice: Choice,
    reply: CastReply,
}

#[derive(Clone)]
struct Granted {
    topic: TopicId,
    voter: String,
    expires_at_ms: UtcMs,
}

impl MemoryDeliberations {
    /// Without topics. `formal` as in [`Capabilities`].
    pub fn new(ambient: Rc<dyn Ambient>, formal: bool) -> Self {
        Self {
            ambient,
            formal,
            faults: Faults::default(),
            topics: RefCell::default(),
            grants: RefCell::default(),
        }
    }

    /// Adds a topic, or replaces it together with its ballots.
    pub fn add(&self, topic: Topic, roll: Vec<Household>) {
        let held = Held {
            roll,
            wrong_codes: 0,
            pause_until_ms: UtcMs::MIN,
            ballots: BTreeMap::new(),
            register: Vec::new(),
            topic,
        };
        let id = held.topic.id.clone();
        self.topics.borrow_mut().insert(id, held);
    }

    /// What is to go wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every ballot that counts, with its receipt: what a checker compares with.
    pub fn ballots(&self, topic: &TopicId) -> Vec<CastReply> {
        let topics = self.topics.borrow();
        let ballots = topics.get(topic).map(|held| held.ballots.values());
        let last = ballots.into_iter().flatten().filter_map(|all| all.last());
        last.map(|cast| cast.reply.clone()).collect()
    }

    async fn answer<T>(&self, ask: impl FnOnce() -> Result<T, Refusal>) -> Result<T, PortError> {
        let latency_ms = self.faults.latency_ms();
        if latency_ms > 0 {
            self.ambient.sleep(latency_ms).await;
        }
        if !self.ambient.online() {
            return Err(PortError::Unreachable);
        }
        match self.faults.take() {
            Some(fault) => fault.instead_of(ask),
            None => Ok(ask()?),
        }
    }

    fn view(&self, topic: &TopicId) -> Result<TopicView, Refusal> {
        let topics = self.topics.borrow();
        let held = topics.get(topic).ok_or(Refusal::TopicUnknown)?;
        Ok(held.view(self.ambient.now_ms()))
    }

    fn grant(&self, topic: &TopicId, proof: &Proof) -> Result<Grant, Refusal> {
        let mut topics = self.topics.borrow_mut();
        let held = topics.get_mut(topic).ok_or(Refusal::TopicUnknown)?;
        let now_ms = self.ambient.now_ms();
        self.require_here(&held.topic)?;
        phase::require_open(&held.topic.poll, now_ms)?;
        let (voter, label) = held.voter(proof, now_ms)?;
        let closes_at_ms = held.topic.poll.closes_at_ms;
        let granted = Granted {
            topic: topic.clone(),
            expires_at_ms: closes_at_ms.min(now_ms.saturating_add(GRANT_MS)),
            voter,
        };
        let token = IdempotencyKey::from_bytes(self.ambient.chance()).to_string();
        let grant = Grant {
            token: GrantToken::parse(&token).map_err(|_| Refusal::GrantInvalid)?,
            poll: held.topic.poll.id.clone(),
            voter: label,
            expires_at_ms: granted.expires_at_ms,
            standing: held.standing(&granted.voter, None)?,
        };
        self.grants.borrow_mut().insert(token, granted);
        Ok(grant)
    }

    fn record(&self, command: &CastCommand) -> Result<CastReply, Refusal> {
        let mut topics = self.topics.borrow_mut();
        let held = topics
            .get_mut(&command.topic)
            .ok_or(Refusal::TopicUnknown)?;
        self.require_here(&held.topic)?;
        let granted = self.granted(&command.topic, &command.grant)?;
        if command.poll != held.topic.poll.id {
            return Err(Refusal::GrantInvalid);
        }
        let now_ms = self.ambient.now_ms();
        let seat = held.seat(&granted.voter, command.ballot.secret.as_ref())?;
        // Whatever stands in the way now: what was recorded before stays recorded.
        if let Some(earlier) = held.earlier(&granted.voter, &seat, &command.key) {
            return earlier.replay(&held.topic, &command.ballot.choice);
        }
        phase::require_open(&held.topic.poll, now_ms)?;
        if now_ms >= granted.expires_at_ms {
            return Err(Refusal::GrantExpired);
        }
        let choice = ballot::check(&held.topic.poll, &command.ballot.choice)?.into_choice();
        let mut nonce = [0; 32];
        nonce[..16].copy_from_slice(&self.ambient.chance());
        nonce[16..].copy_from_slice(&self.ambient.chance());
        held.put(&granted.voter, seat, &command.key, choice, now_ms, nonce)
    }

    fn stand(
        &self,
        topic: &TopicId,
        grant: &GrantToken,
        secret: Option<&BallotSecret>,
    ) -> Result<Standing, Refusal> {
        let topics = self.topics.borrow();
        let held = topics.get(topic).ok_or(Refusal::TopicUnknown)?;
        let granted = self.granted(topic, grant)?;
        held.standing(&granted.voter, secret)
    }

    fn granted(&self, topic: &TopicId, token: &GrantToken) -> Result<Granted, Refusal> {
        let grants = self.grants.borrow();
        let granted = grants.get(token.as_str());
        let granted = granted.filter(|granted| granted.topic == *topic);
        granted.cloned().ok_or(Refusal::GrantInvalid)
    }

    fn require_here(&self, topic: &Topic) -> Result<(), Refusal> {
        match topic.poll.nature {
            PollNature::Formal if !self.formal => Err(Refusal::FormalElsewhere),
            PollNature::Formal | PollNature::Consultation => Ok(()),
        }
    }
}

impl Held {
    fn view(&self, now_ms: UtcMs) -> TopicView {
        let poll = &self.topic.poll;
        let phase = phase::at(poll, now_ms);
        let eligible = match poll.electorate {
            linli_model::Electorate::Devices => None,
            _ => u64::try_from(self.roll.len()).ok(),
        };
        let last = self.ballots.values().filter_map(|all| all.last());
        let choices = last.map(|cast| (&cast.choice, 1));
        let result = tally::count(&poll.kind, choices, eligible, phase == Phase::Closed);
        let is_told = phase == Phase::Closed
            || phase == Phase::Open && poll.results == ResultsVisibility::Live;
        TopicView {
            topic: self.topic.clone(),
            phase,
            turnout: Turnout {
                cast: result.turnout.cast,
                eligible,
            },
            result: is_told.then_some(result),
        }
    }

    /// The voter's key and label.
    fn voter(&mut self, proof: &Proof, now_ms: UtcMs) -> Result<(String, String), Refusal> {
        let needs = self.topic.poll.credential;
        match proof {
            Proof::Device { .. } if needs > Credential::Device => {
                Err(Refusal::CredentialTooWeak { needs })
            }
            Proof::Device { device } => Ok((["d", &device.to_string()].concat(), String::new())),
            Proof::HouseholdCode { code } => self.household(code, now_ms),
            // This backend sends nothing and trusts no website.
            Proof::OneTimePassword { .. } | Proof::HostToken { .. } => Err(Refusal::Unsupported),
        }
    }

    fn household(&mut self, code: &str, now_ms: UtcMs) -> Result<(String, String), Refusal> {
        if now_ms < self.pause_until_ms {
            let retry_after_ms = self.pause_until_ms - now_ms;
            return Err(Refusal::TooManyAttempts { retry_after_ms });
        }
        let typed = plain(code);
        let known = self
            .roll
            .iter()
            .find(|household| plain(&household.code) == typed);
        if let Some(household) = known {
            self.wrong_codes = 0;
            let voter = ["h", &plain(&household.code)].concat();
            return Ok((voter, household.label.clone()));
        }
        self.wrong_codes += 1;
        let attempts_left = ATTEMPTS_MAX.saturating_sub(self.wrong_codes);
        if attempts_left == 0 {
            self.wrong_codes = 0;
            self.pause_until_ms = now_ms + PAUSE_MS;
        }
        Err(Refusal::CodeUnknown { attempts_left })
    }

    /// Under what the voter's ballot lies.
    fn seat(&self, voter: &str, secret: Option<&BallotSecret>) -> Result<String, Refusal> {
        match (self.topic.poll.secrecy, secret) {
            (Secrecy::Recorded, None) => Ok(voter.to_owned()),
            (Secrecy::Recorded, Some(_)) => Err(Refusal::BallotSecretUnexpected),
            (Secrecy::Secret, Some(secret)) => Ok(secret.to_string()),
            (Secrecy::Secret, None) => Err(Refusal::BallotSecretMissing),
        }
    }

    fn has_voted(&self, voter: &str) -> bool {
        match self.topic.poll.secrecy {
            Secrecy::Recorded => self.ballots.contains_key(voter),
            Secrecy::Secret => self.register.iter().any(|known| known == voter),
        }
    }

    fn earlier(&self, voter: &str, seat: &str, key: &IdempotencyKey) -> Option<&Cast> {
        let casts = self.ballots.get(seat).filter(|_| self.has_voted(voter))?;
        casts.iter().find(|cast| cast.key == *key)
    }

    fn standing(&self, voter: &str, secret: Option<&BallotSecret>) -> Result<Standing, Refusal> {
        let voted = self.has_voted(voter);
        let reply = if self.topic.poll.secrecy == Secrecy::Secret && secret.is_none() {
            None
        } else {
            let seat = self.seat(voter, secret)?;
            let last = self.ballots.get(&seat).and_then(|all| all.last());
            last.filter(|_| voted).map(|cast| cast.reply.clone())
        };
        Ok(Standing { voted, reply })
    }

    fn put(
        &mut self,
        voter: &str,
        seat: String,
        key: &IdempotencyKey,
        choice: Choice,
        now_ms: UtcMs,
        nonce: [u8; 32],
    ) -> Result<CastReply, Refusal> {
        let (poll, voted) = (&self.topic.poll, self.has_voted(voter));
        match (voted, self.ballots.contains_key(&seat)) {
            (false, true) => return Err(Refusal::BallotSecretTaken),
            (true, false) => return Err(Refusal::BallotSecretLost),
            (true, true) if poll.changes == Changes::Never => return Err(Refusal::AlreadyVoted),
            (true, true) | (false, false) => {}
        }
        let cast_at_ms = (poll.secrecy == Secrecy::Recorded).then_some(now_ms);
        if poll.secrecy == Secrecy::Secret && !voted {
            self.register.push(voter.to_owned());
        }
        let casts = self.ballots.entry(seat).or_default();
        let revision = u32::try_from(casts.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let reply = receipt::reply(&self.topic, &choice, revision, cast_at_ms, nonce);
        casts.push(Cast {
            key: key.clone(),
            choice,
            reply: reply.clone(),
        });
        Ok(reply)
    }
}

impl Cast {
    fn replay(&self, topic: &Topic, draft: &Choice) -> Result<CastReply, Refusal> {
        match ballot::check(&topic.poll, draft) {
            Ok(ballot) if *ballot.choice() == self.choice => Ok(self.reply.clone()),
            Ok(_) | Err(_) => Err(Refusal::KeyReused),
        }
    }
}

/// A code without what people write differently.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    let alike = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    letters.map(alike).collect()
}

impl Deliberations for MemoryDeliberations {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: true,
            receipts: true,
            standing: true,
            formal: self.formal,
        }
    }

    fn topic<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        Box::pin(self.answer(move || {
            let view = self.view(topic)?;
            let text = serde_json::to_string(&view).unwrap_or_default();
            Ok(TopicAnswer { view, text })
        }))
    }

    fn identify<'a>(
        &'a self,
        topic: &'a TopicId,
        proof: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(self.answer(move || self.grant(topic, proof)))
    }

    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        Box::pin(async move {
            let reply = self.answer(|| self.record(command)).await?;
            Ok(CastOutcome::Recorded(Box::new(reply)))
        })
    }

    fn standing<'a>(
        &'a self,
        topic: &'a TopicId,
        grant: &'a GrantToken,
        secret: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(self.answer(move || self.stand(topic, grant, secret)))
    }
}
