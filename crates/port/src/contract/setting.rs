//! The topics that checks use, and short ways to act in them.

use super::{Fixture, Stop};
use crate::{CastCommand, CastOutcome, PortError};
use linli_model::{
    BallotSecret, CastBallot, CastReply, Changes, Choice, CommunityId, CommunityRef, Credential,
    DeviceId, Electorate, Grant, IdempotencyKey, OptionId, PlaceId, PlaceRef, Poll, PollId,
    PollKind, PollNature, PollOption, Proof, Refusal, ResultsVisibility, Secrecy, Stance, Standing,
    Topic, TopicId, TopicView, UtcMs,
};
use std::fmt::Debug;

/// Households on the roll of the community `contract`, all in its place `contract-grid`.
pub const HOUSEHOLDS: usize = 3;

/// How often counts are asked for before they are held to be wrong.
const COUNT_TRIES: u32 = 3_000;

/// How far ahead topics close that no check waits for.
const FAR_MS: i64 = 30 * 86_400_000;
/// How far ahead `contract-opening` opens.
pub(super) const OPENING_MS: i64 = 3_600_000;
/// How far ahead `contract-closing…` close.
pub(super) const CLOSING_MS: i64 = 2 * 3_600_000;

/// Every topic that the checks use, for a fixture to install. `now_ms` is the
/// backend's clock at that moment.
pub fn topics(now_ms: UtcMs) -> Vec<Topic> {
    let motion = || PollKind::Motion;
    let single = || PollKind::SingleChoice { options: options() };
    let multiple = || PollKind::MultipleChoice {
        options: options(),
        min: 2,
        max: 3,
    };
    let mut topics: Vec<_> = [
        ("served", motion()),
        ("identity", motion()),
        ("wrong-code", motion()),
        ("receipt", motion()),
        ("replay", motion()),
        ("reuse", motion()),
        ("change", single()),
        ("change-replay", motion()),
        ("never", motion()),
        ("household", motion()),
        ("motion", motion()),
        ("single", single()),
        ("multiple", multiple()),
        ("grants", motion()),
        ("standing", motion()),
        ("live", single()),
        ("expiry", motion()),
    ]
    .into_iter()
    .map(|(name, kind)| topic(name, kind, now_ms))
    .collect();
    topics.extend(
        [
            "secret",
            "secret-lost",
            "secret-taken",
            "secret-change",
            "secret-standing",
        ]
        .map(|name| {
            let mut topic = topic(name, single(), now_ms);
            topic.poll.secrecy = Secrecy::Secret;
            topic
        }),
    );
    topics.extend(
        ["closing", "closing-secret", "opening", "closed", "device"].map(|name| {
            let mut topic = topic(name, motion(), now_ms);
            let poll = &mut topic.poll;
            match name {
                "opening" => poll.opens_at_ms = now_ms + OPENING_MS,
                "closed" => poll.closes_at_ms = now_ms - 1,
                "device" => {
                    poll.electorate = Electorate::Devices;
                    poll.credential = Credential::Device;
                }
                _ => poll.closes_at_ms = now_ms + CLOSING_MS,
            }
            if name == "closing-secret" {
                poll.secrecy = Secrecy::Secret;
            }
            topic
        }),
    );
    for topic in &mut topics {
        match topic.id.as_str() {
            "contract-never" | "contract-household" => topic.poll.changes = Changes::Never,
            "contract-live" => topic.poll.results = ResultsVisibility::Live,
            _ => {}
        }
    }
    topics
}

fn topic(name: &str, kind: PollKind, now_ms: UtcMs) -> Topic {
    Topic {
        id: topic_id(name),
        community: CommunityRef {
            id: id(CommunityId::parse("contract")),
            name: "合约社区".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
        },
        place: PlaceRef {
            id: id(PlaceId::parse("contract-grid")),
            name: "一网格".to_owned(),
        },
        lang: "zh-Hans".to_owned(),
        title: format!("合约 {name}"),
        summary: String::new(),
        poll: Poll {
            id: poll_id(name),
            question: String::new(),
            kind,
            nature: PollNature::Consultation,
            electorate: Electorate::Households,
            credential: Credential::HouseholdCode,
            secrecy: Secrecy::Recorded,
            changes: Changes::UntilClosing,
            results: ResultsVisibility::AfterClosing,
            opens_at_ms: now_ms - 86_400_000,
            closes_at_ms: now_ms + FAR_MS,
            rule: None,
            work_bits: None,
        },
    }
}

fn options() -> Vec<PollOption> {
    let option = |name: &str| PollOption {
        id: option_id(name),
        text: format!("选项 {name}"),
        detail: String::new(),
    };
    ["d", "c", "b", "a"].map(option).to_vec()
}

fn id<T>(parsed: Result<T, linli_model::InvalidId>) -> T {
    // Every name in these files is a slug.
    parsed.unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn topic_id(name: &str) -> TopicId {
    id(TopicId::parse(&format!("contract-{name}")))
}

pub(super) fn poll_id(name: &str) -> PollId {
    id(PollId::parse(&format!("contract-{name}-poll")))
}

pub(super) fn option_id(name: &str) -> OptionId {
    id(OptionId::parse(name))
}

pub(super) fn options_choice(names: &[&str]) -> Choice {
    Choice::Options {
        options: names.iter().map(|name| option_id(name)).collect(),
    }
}

pub(super) const YES: Choice = Choice::Motion {
    stance: Stance::Yes,
};
pub(super) const NO: Choice = Choice::Motion { stance: Stance::No };

/// A key or secret that belongs to `tag` alone.
fn bytes(tag: u8, name: &str) -> [u8; 16] {
    let mut bytes = [tag; 16];
    for (slot, byte) in bytes[1..].iter_mut().zip(name.bytes().rev()) {
        *slot = byte;
    }
    bytes
}

/// One topic of a fixture.
pub(super) struct Scene<'a> {
    pub(super) fixture: &'a dyn Fixture,
    pub(super) topic: TopicId,
    name: &'static str,
}

impl<'a> Scene<'a> {
    pub(super) fn new(fixture: &'a dyn Fixture, name: &'static str) -> Self {
        Self {
            topic: topic_id(name),
            fixture,
            name,
        }
    }

    pub(super) async fn view(&self) -> Result<TopicView, Stop> {
        let asked = self.fixture.deliberations().topic(&self.topic).await;
        asked
            .map(|answer| answer.view)
            .map_err(|error| broken("topic", &error))
    }

    pub(super) async fn identify(&self, proof: Proof) -> Result<Grant, PortError> {
        let deliberations = self.fixture.deliberations();
        deliberations.identify(&self.topic, &proof).await
    }

    /// The grant of household `nth`.
    pub(super) async fn grant(&self, nth: usize) -> Result<Grant, Stop> {
        let code = self.fixture.code(nth);
        let asked = self.identify(Proof::HouseholdCode { code }).await;
        asked.map_err(|error| broken("identify", &error))
    }

    pub(super) fn device(&self, tag: u8) -> Proof {
        Proof::Device {
            device: DeviceId::from_bytes(bytes(tag, self.name)),
        }
    }

    pub(super) fn secret(&self, tag: u8) -> BallotSecret {
        BallotSecret::from_bytes(bytes(tag, self.name))
    }

    /// A command with the key number `tag`.
    pub(super) fn command(&self, grant: &Grant, tag: u8, choice: Choice) -> CastCommand {
        CastCommand {
            key: IdempotencyKey::from_bytes(bytes(tag, self.name)),
            topic: self.topic.clone(),
            poll: poll_id(self.name),
            grant: grant.token.clone(),
            ballot: CastBallot {
                choice,
                secret: None,
            },
        }
    }

    pub(super) async fn try_cast(&self, command: &CastCommand) -> Result<CastReply, PortError> {
        match self.fixture.deliberations().cast(command).await? {
            CastOutcome::Recorded(reply) => Ok(*reply),
            CastOutcome::Dispatched => Err(PortError::Fault {
                incident: "dispatched without a receipt".to_owned(),
            }),
        }
    }

    pub(super) async fn cast(&self, command: &CastCommand) -> Result<CastReply, Stop> {
        let cast = self.try_cast(command).await;
        cast.map_err(|error| broken("cast", &error))
    }

    /// Casts, and expects this refusal.
    pub(super) async fn refused(
        &self,
        what: &str,
        command: &CastCommand,
        expected: Refusal,
    ) -> Result<(), Stop> {
        let seen = self.try_cast(command).await;
        super::same(what, seen, Err(PortError::Refused(expected)))
    }

    pub(super) async fn standing(
        &self,
        grant: &Grant,
        secret: Option<&BallotSecret>,
    ) -> Result<Standing, Stop> {
        let deliberations = self.fixture.deliberations();
        let asked = deliberations.standing(&self.topic, &grant.token, secret);
        asked.await.map_err(|error| broken("standing", &error))
    }

    /// Stops unless `expected` ballots count. Backends may serve the counts of an open
    /// poll from memory for a moment: this asks until they are right, to an end.
    pub(super) async fn counts(&self, expected: u64) -> Result<(), Stop> {
        let mut seen = None;
        for _ in 0..COUNT_TRIES {
            let cast = self.view().await?.turnout.cast;
            if cast == expected {
                return Ok(());
            }
            seen = Some(cast);
        }
        super::same("ballots", seen, Some(expected))
    }
}

fn broken(what: &str, error: &dyn Debug) -> Stop {
    Stop::Broken(format!("{what} failed: {error:?}"))
}
