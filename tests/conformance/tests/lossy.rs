//! A bad network between the outbox and the real server: whatever happens to requests
//! and answers, one ballot counts, and what the person was told last is true.
//!
//! `LINLI_SEED=… LINLI_LOSSY_RUNS=…` repeats or widens a run.

use futures::executor::{LocalPool, block_on};
use futures::task::LocalSpawnExt;
use linli_adapters::outbox::Outbox;
use linli_conformance::lossy::{Chance, Fate, Lossy};
use linli_conformance::memory::NOW_MS;
use linli_conformance::server::{CALLER, Server, http_to};
use linli_model::*;
use linli_port::memory::{MemoryShelf, TestAmbient};
use linli_port::{
    Ambient, CastCommand, Deliberations, Delivery, Guard, Settlement, Shelf, Step, contract,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

#[test]
fn one_ballot_and_the_truth_over_a_bad_network() {
    let seed = from_env("LINLI_SEED").unwrap_or_else(fresh_seed);
    let runs = from_env("LINLI_LOSSY_RUNS").unwrap_or(60);
    println!("LINLI_SEED={seed} LINLI_LOSSY_RUNS={runs}");
    let server = Server::start(&topics());
    let mut voters = BTreeMap::new();
    let mut fates = Vec::new();
    for run in seed..seed.saturating_add(runs) {
        let topic = &topics()[usize::try_from(run % 3).unwrap()];
        *voters.entry(topic.id.clone()).or_insert(0) += 1;
        fates.extend(Run::new(&server, topic, run).vote());
    }
    for (topic, expected) in voters {
        let cast = || {
            server
                .wait(server.service().topic(&topic))
                .unwrap()
                .turnout
                .cast
        };
        let right = (0..3_000).any(|_| cast() == expected);
        assert!(right, "{topic}: {} ballots of {expected} voters", cast());
    }
    // The network was as bad as it says.
    let kinds: std::collections::BTreeSet<_> = fates.iter().map(kind).collect();
    println!("{} exchanges over {runs} runs: {kinds:?}", fates.len());
    assert!(runs < 60 || kinds.len() == 9, "seed {seed}: {kinds:?}");
}

/// The negative control: over the same network, who believes a lost answer is wrong
/// about the ballot, and this checker would see it.
#[test]
fn who_gives_up_at_the_first_error_does_not_know() {
    let topics = topics();
    let server = Server::start(&topics);
    let mut wrong = 0;
    for seed in 1..=60 {
        let run = Run::new(&server, &topics[0], seed);
        let grant = run.identify();
        let command = run.command(&grant, Stance::Yes);
        let seen = block_on(http_to(run.proxy.addr()).cast(&command));
        let stored = run.stored(&grant);
        wrong += u32::from(seen.is_err() && stored.voted);
    }
    assert!(wrong > 0, "the network lost no answer after its effect");
}

/// Three polls by device: changes allowed, never, and secret.
fn topics() -> [Topic; 3] {
    let mut contract = contract::topics(NOW_MS).into_iter();
    let device = contract.find(|topic| topic.id.as_str() == "contract-device");
    let device = device.expect("the contract has a poll by device");
    let named = |name: &str, change: &dyn Fn(&mut Poll)| {
        let mut topic = device.clone();
        topic.id = TopicId::parse(name).expect("holds in tests");
        topic.poll.id = PollId::parse(name).expect("holds in tests");
        change(&mut topic.poll);
        topic
    };
    [
        named("lossy-changes", &|_| {}),
        named("lossy-never", &|poll| poll.changes = Changes::Never),
        named("lossy-secret", &|poll| poll.secrecy = Secrecy::Secret),
    ]
}

/// One person's vote.
struct Run<'a> {
    server: &'a Server,
    topic: &'a Topic,
    seed: u64,
    chance: Chance,
    proxy: Lossy,
    ambient: Rc<TestAmbient>,
    shelf: Rc<MemoryShelf>,
    secret: Option<BallotSecret>,
    told: Rc<RefCell<Vec<(CastCommand, Step)>>>,
}

/// A page that is open.
struct Visit {
    pool: LocalPool,
    outbox: Outbox,
    _watching: Guard,
}

impl<'a> Run<'a> {
    fn new(server: &'a Server, topic: &'a Topic, seed: u64) -> Self {
        let ambient = Rc::new(TestAmbient::new(NOW_MS, seed));
        let secret = BallotSecret::from_bytes(ambient.chance());
        Self {
            server,
            topic,
            seed,
            chance: Chance::new(!seed),
            proxy: Lossy::start(server.addr(), seed).expect("holds in tests"),
            secret: (topic.poll.secrecy == Secrecy::Secret).then_some(secret),
            ambient,
            shelf: Rc::default(),
            told: Rc::default(),
        }
    }

    /// Votes, perhaps changes the vote, perhaps reloads; then compares what was told
    /// with what is stored.
    fn vote(mut self) -> Vec<Fate> {
        let grant = self.identify();
        let stances = [Stance::Yes, Stance::No, Stance::Abstain];
        let changes = match self.topic.poll.changes {
            Changes::UntilClosing => self.chance.below(3),
            Changes::Never => 0,
        };
        let mut visit = self.open();
        let mut commands = Vec::new();
        for stance in &stances[..=usize::try_from(changes).expect("holds in tests")] {
            let command = self.command(&grant, *stance);
            visit.outbox.submit(command.clone());
            visit.pool.run_until_stalled();
            commands.push(command);
            if self.chance.below(3) == 0 {
                drop(visit);
                visit = self.open();
            }
        }
        self.deliver(visit);
        self.compare(&grant, &commands);
        self.proxy.fates()
    }

    /// As a widget does: asks until somebody answers.
    fn identify(&self) -> Grant {
        let http = http_to(self.proxy.addr());
        let device = DeviceId::from_bytes(self.ambient.chance());
        let proof = Proof::Device { device };
        (0..100)
            .find_map(|_| block_on(http.identify(&self.topic.id, &proof)).ok())
            .unwrap_or_else(|| panic!("seed {}: never identified", self.seed))
    }

    fn command(&self, grant: &Grant, stance: Stance) -> CastCommand {
        CastCommand {
            key: IdempotencyKey::from_bytes(self.ambient.chance()),
            topic: self.topic.id.clone(),
            poll: self.topic.poll.id.clone(),
            grant: grant.token.clone(),
            ballot: CastBallot {
                choice: Choice::Motion { stance },
                secret: self.secret.clone(),
            },
        }
    }

    fn open(&self) -> Visit {
        let mut pool = LocalPool::new();
        let spawner = pool.spawner();
        let outbox = Outbox::new(
            self.shelf.clone(),
            Rc::new(http_to(self.proxy.addr())),
            self.ambient.clone(),
            Rc::new(move |future| spawner.spawn_local(future).expect("holds in tests")),
        );
        let told = Rc::clone(&self.told);
        let hear = Rc::new(move |command: &CastCommand, step: &Step| {
            told.borrow_mut().push((command.clone(), step.clone()));
        });
        let watching = outbox.watch(&self.topic.id, hear);
        pool.run_until(outbox.pending(&self.topic.id));
        Visit {
            pool,
            outbox,
            _watching: watching,
        }
    }

    /// Lets time pass until nothing is left to send.
    fn deliver(&self, mut visit: Visit) {
        for turn in 0..400 {
            visit.pool.run_until_stalled();
            if block_on(self.shelf.list("outbox/")).is_empty() {
                return;
            }
            if turn == 200 {
                self.proxy.calm();
            }
            if let Some(due_at_ms) = self.ambient.next_due_at_ms() {
                self.ambient
                    .advance((due_at_ms - self.ambient.now_ms()).max(1));
            }
        }
        panic!("seed {}: not settled: {:?}", self.seed, self.proxy.fates());
    }

    fn compare(&self, grant: &Grant, commands: &[CastCommand]) {
        // Late duplicates of old commands arrive now.
        self.proxy.calm();
        let context = format!("seed {} fates {:?}", self.seed, self.proxy.fates());
        let told = self.told.borrow();
        let mut last = None;
        for (nth, command) in commands.iter().enumerate() {
            let of_command = told.iter().filter(|(of, _)| of.key == command.key);
            let steps: Vec<_> = of_command.map(|(_, step)| step).collect();
            let Some(Step::Settled(Settlement::Recorded(reply))) = steps.last() else {
                panic!("{context}: {steps:?}");
            };
            assert_eq!(reply.opening.choice, command.ballot.choice, "{context}");
            assert_eq!(
                usize::try_from(reply.receipt.revision).expect("holds in tests"),
                nth + 1,
                "{context}"
            );
            last = Some((**reply).clone());
        }
        let stored = self.stored(grant);
        assert_eq!(
            stored,
            Standing {
                voted: true,
                reply: last
            },
            "{context}"
        );
    }

    /// What the store says, asked without network.
    fn stored(&self, grant: &Grant) -> Standing {
        let secret = self.secret.clone();
        let service = self.server.service();
        let stored = service.standing(&self.topic.id, &grant.token, secret, CALLER);
        self.server.wait(stored).expect("the service answers")
    }
}

fn kind(fate: &Fate) -> &'static str {
    match fate {
        Fate::Pass => "pass",
        Fate::DropRequest => "drop request",
        Fate::DropAnswer => "drop answer",
        Fate::CutAnswer(_) => "cut answer",
        Fate::CutRequest(_) => "cut request",
        Fate::Duplicate => "duplicate",
        Fate::HoldBack => "hold back",
        Fate::Delay(_) => "delay",
        Fate::Portal => "portal",
    }
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn fresh_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
