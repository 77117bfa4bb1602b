//! The demo's communities: from `demo-site/data` to import files and honest results.
//!
//! The files are import files with three additions: times in minutes from now, `seed`
//! (how many have voted, and how), `printed` (its code is on the demo's paper, so it
//! does not vote beforehand). A poll that is over by now is imported as open, voted on
//! through the public API, and imported again with its own times.

use crate::sh;
use anyhow::{Context, Result, anyhow, bail};
use linli_adapters::http::{Http, transport::native::Native};
use linli_model::{
    BallotSecret, CastBallot, Choice, DeviceId, IdempotencyKey, OptionId, PollKind, Proof, Secrecy,
    Stance, TopicId, UtcMs,
};
use linli_port::{CastCommand, Deliberations, LocalFuture, PortError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::task::{Context as TaskContext, Poll as Answer, Waker};
use std::time::Duration;

const FILES: [&str; 2] = ["jiangpan.json", "yunping.json"];
const MINUTE_MS: i64 = 60_000;
/// How long seeding may take at most.
const SEEDING_MINUTES: i64 = 60;
const THREADS: usize = 4;

/// The demo's data as it is written.
pub(crate) struct DemoData {
    communities: Vec<Value>,
    topics: Vec<Value>,
}

/// Which times an import file gives its polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Every poll with a seed is open.
    Seeding,
    /// As residents are to see them.
    Showing,
}

impl DemoData {
    /// Reads `demo-site/data`.
    pub(crate) fn read() -> Result<Self> {
        let mut data = Self {
            communities: Vec::new(),
            topics: Vec::new(),
        };
        for file in FILES {
            let path = sh::root().join("demo-site/data").join(file);
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let mut file: Value =
                serde_json::from_str(&text).with_context(|| path.display().to_string())?;
            data.communities.append(list(&mut file, "communities")?);
            data.topics.append(list(&mut file, "topics")?);
        }
        Ok(data)
    }

    /// A file for `linli import`. Pages of `origins` may embed the widgets.
    pub(crate) fn import_file(
        &self,
        times: Times,
        now_ms: UtcMs,
        origins: &[String],
    ) -> Result<String> {
        let mut communities = self.communities.clone();
        for community in &mut communities {
            community["origins"] = json!(origins);
            for household in list(community, "households")? {
                household
                    .as_object_mut()
                    .context("a household")?
                    .remove("printed");
            }
        }
        let mut topics = self.topics.clone();
        for topic in &mut topics {
            let is_seeded = topic
                .as_object_mut()
                .context("a topic")?
                .remove("seed")
                .is_some();
            let poll = topic["poll"].as_object_mut().context("a poll")?;
            let mut minutes = |name: &str| {
                let value = poll.remove(name).and_then(|value| value.as_i64());
                value.with_context(|| format!("{name} is missing"))
            };
            let (mut opens, mut closes) =
                (minutes("opens_in_minutes")?, minutes("closes_in_minutes")?);
            if times == Times::Seeding && is_seeded {
                (opens, closes) = (opens.min(-1), closes.max(SEEDING_MINUTES));
            }
            poll.insert("opens_at_ms".to_owned(), json!(now_ms + opens * MINUTE_MS));
            poll.insert(
                "closes_at_ms".to_owned(),
                json!(now_ms + closes * MINUTE_MS),
            );
        }
        Ok(serde_json::to_string(
            &json!({ "communities": communities, "topics": topics }),
        )?)
    }

    /// Casts what the seeds ask for through the API at `origin`, whose polls are open.
    /// Running it twice has no further effect. Gives the number of ballots.
    pub(crate) fn seed(&self, origin: &str) -> Result<usize> {
        let mut ballots = Vec::new();
        for topic in &self.topics {
            ballots.extend(self.ballots(topic)?);
        }
        let share = ballots.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let casters: Vec<_> = ballots
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || part.iter().try_for_each(|ballot| cast(origin, ballot)))
                })
                .collect();
            casters
                .into_iter()
                .try_for_each(|caster| caster.join().map_err(|_| anyhow!("a caster panicked"))?)
        })?;
        Ok(ballots.len())
    }

    /// Everything for a backend inside a page, as `tests/in-page` reads it: topics whose
    /// times count from its opening, their rolls, their seeded ballots.
    pub(crate) fn seeds(&self) -> Result<Value> {
        let mut file: Value = serde_json::from_str(&self.import_file(Times::Showing, 0, &[])?)?;
        let mut seeds = Vec::new();
        for (written, topic) in self.topics.iter().zip(list(&mut file, "topics")?) {
            let community = self.community(written)?;
            let places = community["places"].as_array().context("places")?;
            let place = places.iter().find(|place| place["id"] == written["place"]);
            let place = place.context("its place")?;
            topic["community"] = json!({
                "id": community["id"], "name": community["name"], "time_zone": community["time_zone"],
            });
            topic["place"] = json!({ "id": place["id"], "name": place["name"] });
            let household =
                |one: &Value| json!({ "code": one["short_code"], "label": one["label"] });
            let roll: Vec<Value> = match written["poll"]["electorate"].as_str() {
                Some("households") => self
                    .households(written)?
                    .into_iter()
                    .map(household)
                    .collect(),
                _ => Vec::new(),
            };
            let ballot = |one: Ballot| json!({ "proof": one.proof, "choice": one.choice, "secret": one.secret, "key": one.key });
            let ballots: Vec<Value> = self.ballots(written)?.into_iter().map(ballot).collect();
            seeds.push(json!({ "topic": topic, "roll": roll, "ballots": ballots }));
        }
        Ok(Value::Array(seeds))
    }

    fn community(&self, topic: &Value) -> Result<&Value> {
        let mut communities = self.communities.iter();
        communities
            .find(|community| community["id"] == topic["community"])
            .context("its community")
    }

    /// Those whom a topic concerns.
    fn households(&self, topic: &Value) -> Result<Vec<&Value>> {
        let is_whole = topic["place"] == topic["community"];
        let all = self.community(topic)?["households"].as_array();
        let all = all.context("households")?.iter();
        Ok(all
            .filter(|household| is_whole || household["place"] == topic["place"])
            .collect())
    }

    fn ballots(&self, topic: &Value) -> Result<Vec<Ballot>> {
        let Some(seed) = topic.get("seed") else {
            return Ok(Vec::new());
        };
        let id = topic["id"].as_str().context("a topic's id")?;
        let kind: PollKind = serde_json::from_value(topic["poll"]["kind"].clone())?;
        let secrecy: Secrecy = serde_json::from_value(topic["poll"]["secrecy"].clone())?;
        let weights = seed["weights"].as_object().context("weights")?;
        let weights: Vec<(&str, u64)> = weights
            .iter()
            .map(|(option, weight)| (option.as_str(), weight.as_u64().unwrap_or(0)))
            .collect();
        let mut ballots = Vec::new();
        for (who, proof) in self.voters(topic, seed)? {
            let chance = Chance(format!("{id}/{who}"));
            ballots.push(Ballot {
                topic: TopicId::parse(id)?,
                choice: choose(&kind, &weights, &chance)?,
                secret: (secrecy == Secrecy::Secret)
                    .then(|| BallotSecret::from_bytes(chance.bytes("secret"))),
                key: IdempotencyKey::from_bytes(chance.bytes("key")),
                proof,
            });
        }
        Ok(ballots)
    }

    /// Who votes beforehand, each with a name for the dice.
    fn voters(&self, topic: &Value, seed: &Value) -> Result<Vec<(String, Proof)>> {
        if let Some(devices) = seed.get("devices").and_then(Value::as_u64) {
            let device = |n: u64| {
                let name = format!("device {n}");
                let bytes = Chance(format!("{}/{name}", topic["id"])).bytes("device");
                (
                    name,
                    Proof::Device {
                        device: DeviceId::from_bytes(bytes),
                    },
                )
            };
            return Ok((0..devices).map(device).collect());
        }
        let percent = seed["turnout_percent"]
            .as_u64()
            .context("turnout_percent or devices")?;
        let mut voters = Vec::new();
        for household in self.households(topic)? {
            let label = household["label"].as_str().context("a label")?;
            let will = Chance(format!("{}/{label}", topic["id"])).below("turnout", 100) < percent;
            if will && household.get("printed").is_none() {
                let code = household["short_code"]
                    .as_str()
                    .context("a code")?
                    .to_owned();
                voters.push((label.to_owned(), Proof::HouseholdCode { code }));
            }
        }
        Ok(voters)
    }
}

struct Ballot {
    topic: TopicId,
    proof: Proof,
    choice: Choice,
    secret: Option<BallotSecret>,
    key: IdempotencyKey,
}

fn list<'a>(object: &'a mut Value, name: &str) -> Result<&'a mut Vec<Value>> {
    object
        .get_mut(name)
        .and_then(Value::as_array_mut)
        .with_context(|| format!("no list of {name}"))
}

/// Dice that fall the same way every time: results of the demo do not change.
struct Chance(String);

impl Chance {
    fn bytes(&self, what: &str) -> [u8; 16] {
        let hash = Sha256::digest(format!("{}/{what}", self.0));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        bytes
    }

    fn below(&self, what: &str, limit: u64) -> u64 {
        let bytes = self.bytes(what);
        let mut number = [0; 8];
        number.copy_from_slice(&bytes[..8]);
        u64::from_be_bytes(number) % limit.max(1)
    }
}

fn choose(kind: &PollKind, weights: &[(&str, u64)], chance: &Chance) -> Result<Choice> {
    let wanted = match kind {
        PollKind::Motion | PollKind::SingleChoice { .. } => 1,
        PollKind::MultipleChoice { min, max, .. } => {
            u64::from(*min) + chance.below("how many", u64::from(max - min) + 1)
        }
    };
    let mut left = weights.to_vec();
    let mut chosen = Vec::new();
    for round in 0..wanted {
        let total: u64 = left.iter().map(|(_, weight)| weight).sum();
        let mut at = chance.below(&format!("round {round}"), total);
        let falls = |(_, weight): &(&str, u64)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        };
        let index = left
            .iter()
            .position(falls)
            .context("weights that sum to more than 0")?;
        chosen.push(left.remove(index).0);
    }
    if *kind != PollKind::Motion {
        let options: Result<Vec<OptionId>, _> = chosen.into_iter().map(OptionId::parse).collect();
        return Ok(Choice::Options { options: options? });
    }
    let stance = Stance::ALL
        .into_iter()
        .find(|stance| chosen.contains(&stance.as_str()));
    Ok(Choice::Motion {
        stance: stance.context("yes, no or abstain")?,
    })
}

fn cast(origin: &str, ballot: &Ballot) -> Result<()> {
    let backend = Http::new(
        Native::new(origin, Duration::from_secs(30)).from_own_pages(),
        true,
    );
    let said = |error: PortError| anyhow!("{}: {error:?}", ballot.topic);
    let grant = ready(backend.identify(&ballot.topic, &ballot.proof))?.map_err(said)?;
    if grant.standing.voted {
        return Ok(());
    }
    let command = CastCommand {
        key: ballot.key.clone(),
        topic: ballot.topic.clone(),
        poll: grant.poll,
        grant: grant.token,
        ballot: CastBallot {
            choice: ballot.choice.clone(),
            secret: ballot.secret.clone(),
        },
    };
    ready(backend.cast(&command))?.map(drop).map_err(said)
}

/// The output of a future over a transport that blocks: ready when first asked.
fn ready<T>(mut future: LocalFuture<'_, T>) -> Result<T> {
    match future
        .as_mut()
        .poll(&mut TaskContext::from_waker(Waker::noop()))
    {
        Answer::Ready(output) => Ok(output),
        Answer::Pending => bail!("a blocking transport did not block"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_rules::ballot::check;

    #[test]
    fn printed_codes_are_on_the_demo_s_paper_and_nobody_votes_with_them_beforehand() {
        let data = DemoData::read().unwrap();
        let paper = fs::read_to_string(sh::root().join("demo-site/codes/index.html")).unwrap();
        let households = data
            .communities
            .iter()
            .flat_map(|c| c["households"].as_array().unwrap());
        let printed: Vec<&str> = households
            .filter(|h| h.get("printed").is_some())
            .map(|h| h["short_code"].as_str().unwrap())
            .collect();
        assert_eq!(printed.len(), 12);
        assert!(printed.iter().all(|code| paper.contains(code)));
        for topic in &data.topics {
            for ballot in data.ballots(topic).unwrap() {
                let taken = matches!(&ballot.proof, Proof::HouseholdCode { code } if printed.contains(&code.as_str()));
                assert!(!taken, "{}", ballot.topic);
            }
        }
    }

    #[test]
    fn times_are_relative_and_seeded_polls_open_while_seeding() {
        let data = DemoData::read().unwrap();
        let now_ms = 1_800_000_000_000;
        let polls = |times| {
            let file = data
                .import_file(times, now_ms, &["http://127.0.0.1:1".to_owned()])
                .unwrap();
            assert!(
                !file.contains("in_minutes")
                    && !file.contains("printed")
                    && !file.contains("seed\"")
            );
            let file: Value = serde_json::from_str(&file).unwrap();
            let topics: Vec<linli_model::Poll> = file["topics"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| serde_json::from_value(t["poll"].clone()).unwrap())
                .collect();
            topics
        };
        let (seeding, showing) = (polls(Times::Seeding), polls(Times::Showing));
        assert!(showing.iter().any(|poll| poll.closes_at_ms < now_ms));
        assert!(showing.iter().any(|poll| poll.opens_at_ms > now_ms));
        for (topic, poll) in data.topics.iter().zip(&seeding) {
            if topic.get("seed").is_some() {
                assert!(
                    poll.opens_at_ms < now_ms && poll.closes_at_ms > now_ms,
                    "{}",
                    poll.id
                );
            }
        }
    }

    #[test]
    fn every_seeded_ballot_fits_its_poll() {
        let data = DemoData::read().unwrap();
        let file = data.import_file(Times::Showing, 0, &[]).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        let mut count = 0;
        for (written, topic) in data.topics.iter().zip(file["topics"].as_array().unwrap()) {
            let poll = serde_json::from_value(topic["poll"].clone()).unwrap();
            for ballot in data.ballots(written).unwrap() {
                check(&poll, &ballot.choice).unwrap();
                count += 1;
            }
        }
        assert!(count > 400, "{count}");
    }
    #[test]
    fn a_town_opens_with_every_topic_and_its_ballots() {
        use linli_model::{Phase, TopicView};
        let data = DemoData::read().unwrap();
        let seeds: Vec<linli_in_page::Seed> =
            serde_json::from_value(data.seeds().unwrap()).unwrap();
        let counts: Vec<(TopicId, usize)> = seeds
            .iter()
            .map(|seed| (seed.topic.id.clone(), seed.ballots.len()))
            .collect();
        assert_eq!(counts.len(), data.topics.len());
        let now_ms = 1_800_000_000_000;
        let town = linli_in_page::Town::open(seeds, now_ms).unwrap();
        let mut phases = Vec::new();
        for (topic, cast) in counts {
            let argument = json!({ "topic": topic }).to_string();
            let view = town.call("topic", &argument, now_ms).unwrap();
            let view: TopicView = serde_json::from_value(view).unwrap();
            assert_eq!(view.turnout.cast, cast as u64, "{topic}");
            phases.push(view.phase);
        }
        for phase in [Phase::Upcoming, Phase::Open, Phase::Closed] {
            assert!(phases.contains(&phase), "{phase:?}");
        }
    }
}
