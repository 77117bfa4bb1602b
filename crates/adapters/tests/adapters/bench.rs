//! A page visit with a backend, a shelf and a clock in memory.

use futures::executor::{LocalPool, block_on};
use futures::task::LocalSpawnExt;
use linli_adapters::outbox::{Outbox, Spawn};
use linli_model::*;
use linli_port::memory::{Household, MemoryDeliberations, MemoryShelf, TestAmbient};
use linli_port::{CastCommand, Deliberations, Delivery, Guard, Pending, Shelf, Step};
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) const NOW_MS: UtcMs = 1_790_000_000_000;

/// What outlives a visit.
pub(crate) struct Bench {
    pub(crate) ambient: Rc<TestAmbient>,
    pub(crate) backend: Rc<MemoryDeliberations>,
    pub(crate) shelf: Rc<MemoryShelf>,
}

impl Bench {
    /// One topic, `parking`, with two households.
    pub(crate) fn new() -> Self {
        let ambient = Rc::new(TestAmbient::new(NOW_MS, 7));
        let backend = Rc::new(MemoryDeliberations::new(ambient.clone(), false));
        for name in ["parking", "lamps"] {
            let household = |nth: u8| Household {
                code: code(nth),
                label: format!("8 栋 {nth}01"),
            };
            backend.add(topic(name), vec![household(0), household(1)]);
        }
        Self {
            ambient,
            backend,
            shelf: Rc::new(MemoryShelf::new()),
        }
    }

    pub(crate) fn command(&self, name: &str, tag: u8, stance: Stance) -> CastCommand {
        self.command_of(name, 0, tag, stance)
    }

    pub(crate) fn command_of(&self, name: &str, nth: u8, tag: u8, stance: Stance) -> CastCommand {
        let topic = topic(name);
        let proof = Proof::HouseholdCode { code: code(nth) };
        let grant = block_on(self.backend.identify(&topic.id, &proof)).expect("identified");
        CastCommand {
            key: IdempotencyKey::from_bytes([tag; 16]),
            topic: topic.id,
            poll: topic.poll.id,
            grant: grant.token,
            ballot: CastBallot {
                choice: Choice::Motion { stance },
                secret: None,
            },
        }
    }

    pub(crate) fn kept(&self) -> Vec<String> {
        let all = block_on(self.shelf.list(""));
        all.into_iter().map(|(_, value)| value).collect()
    }

    pub(crate) fn ballots(&self) -> Vec<CastReply> {
        self.backend.ballots(&topic("parking").id)
    }

    pub(crate) fn visit(&self) -> Visit {
        self.visit_to(self.backend.clone())
    }

    pub(crate) fn visit_to(&self, backend: Rc<dyn Deliberations>) -> Visit {
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        let spawn: Spawn = Rc::new(move |future| {
            spawner.spawn_local(future).expect("the pool is there");
        });
        let outbox = Outbox::new(self.shelf.clone(), backend, self.ambient.clone(), spawn);
        let steps = Steps::default();
        let watching = ["parking", "lamps"].map(|name| {
            let steps = Rc::clone(&steps);
            outbox.watch(
                &topic(name).id,
                Rc::new(move |command: &CastCommand, step: &Step| {
                    steps.borrow_mut().push((tag_of(command), step.clone()));
                }),
            )
        });
        Visit {
            pool,
            outbox,
            steps,
            watching: watching.into(),
        }
    }
}

/// First byte of the command's key, and what happened.
pub(crate) type Steps = Rc<RefCell<Vec<(u8, Step)>>>;

pub(crate) fn tag_of(command: &CastCommand) -> u8 {
    command.key.as_bytes()[0]
}

/// From loading a page to leaving it. Dropping it leaves the page.
pub(crate) struct Visit {
    pub(crate) pool: LocalPool,
    pub(crate) outbox: Outbox,
    pub(crate) steps: Steps,
    pub(crate) watching: Vec<Guard>,
}

impl Visit {
    /// Runs until nothing can go on without time, network or a person.
    pub(crate) fn settle(&mut self) {
        self.pool.run_until_stalled();
    }

    pub(crate) fn submit(&mut self, command: &CastCommand) {
        self.outbox.submit(command.clone());
        self.settle();
    }

    pub(crate) fn advance(&mut self, ambient: &TestAmbient, ms: i64) {
        ambient.advance(ms);
        self.settle();
    }

    pub(crate) fn pending(&mut self, name: &str) -> Option<Pending> {
        let topic = topic(name).id;
        let pending = self.pool.run_until(self.outbox.pending(&topic));
        self.settle();
        pending
    }

    /// Names of the steps of command `tag` since the last call, oldest first.
    pub(crate) fn told(&self, tag: u8) -> Vec<&'static str> {
        let mut steps = self.steps.borrow_mut();
        let told = steps.iter().filter(|(of, _)| *of == tag);
        let told = told.map(|(_, step)| name(step)).collect();
        steps.retain(|(of, _)| *of != tag);
        told
    }

    pub(crate) fn last(&self) -> Option<Step> {
        self.steps.borrow().last().map(|(_, step)| step.clone())
    }
}

pub(crate) fn name(step: &Step) -> &'static str {
    use linli_port::Settlement::{Dispatched, Recorded, Refused};
    match step {
        Step::Kept { durable: true } => "kept",
        Step::Kept { durable: false } => "kept for this page",
        Step::Sending => "sending",
        Step::Waiting { offline: true, .. } => "offline",
        Step::Waiting { offline: false, .. } => "waiting",
        Step::Settled(Recorded(_)) => "recorded",
        Step::Settled(Dispatched) => "dispatched",
        Step::Settled(Refused(_)) => "refused",
    }
}

pub(crate) fn code(nth: u8) -> String {
    format!("7QX{nth}-M4KT-{nth}ZRW")
}

pub(crate) fn topic(name: &str) -> Topic {
    let text = |text: &str| text.to_owned();
    Topic {
        id: TopicId::parse(name).expect("a slug"),
        community: CommunityRef {
            id: CommunityId::parse("jiangpan").expect("a slug"),
            name: text("江畔社区"),
            time_zone: text("Asia/Shanghai"),
        },
        place: PlaceRef {
            id: PlaceId::parse("grid-2").expect("a slug"),
            name: text("二网格"),
        },
        lang: text("zh-Hans"),
        title: text("停车"),
        summary: String::new(),
        poll: Poll {
            id: PollId::parse(&format!("{name}-poll")).expect("a slug"),
            question: String::new(),
            kind: PollKind::Motion,
            nature: PollNature::Consultation,
            electorate: Electorate::Households,
            credential: Credential::HouseholdCode,
            secrecy: Secrecy::Recorded,
            changes: Changes::UntilClosing,
            results: ResultsVisibility::AfterClosing,
            opens_at_ms: NOW_MS - 1,
            closes_at_ms: NOW_MS + 86_400_000,
            rule: None,
            work_bits: None,
        },
    }
}
