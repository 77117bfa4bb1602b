//! 代填 in memory: households by place and number, and who has voted as turnout says.

use super::{Caller, Env, Held, HeldTopic};
use linli_model::desk::behalf::VOTERS_FOUND_MAX;
use linli_model::desk::{
    DeskRefusal, FillIn, FilledIn, Permission, PollState, Voted, VoterHit, VotersFound,
};
use linli_model::{IdempotencyKey, PlaceId, PlaceTurnout, Refusal, Secrecy, TopicId, UtcMs};

/// A ballot that staff filled in.
pub(super) struct Filled {
    key: IdempotencyKey,
    topic: TopicId,
    body: FillIn,
    told: FilledIn,
}

/// `101 室`, `102 室` … four on a floor.
fn label(index: u64) -> String {
    format!("{}0{} 室", index / 4 + 1, index % 4 + 1)
}

impl Held {
    pub(super) fn voters(
        &self,
        caller: &Caller,
        topic: &TopicId,
        search: &str,
    ) -> Result<VotersFound, DeskRefusal> {
        caller.may_somewhere(Permission::Behalf)?;
        let one = self.fillable(topic)?;
        let words = search.to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let here = |place: &&PlaceTurnout| {
            let chain = self.chain(&place.place.id);
            caller.may(Permission::Behalf, &chain).is_ok()
        };
        let mut voters: Vec<VoterHit> = Vec::new();
        for place in one.places.iter().filter(here) {
            let name = place.place.name.to_lowercase();
            for index in 0..place.turnout.eligible.unwrap_or(0) {
                let label = label(index);
                if fits(&format!("{name} {label}"), &words) {
                    voters.push(VoterHit {
                        voted: self.voted(topic, place, index),
                        place: place.place.clone(),
                        label,
                    });
                }
            }
        }
        voters.sort_by_key(|hit| hit.label.chars().count());
        let more = voters.len() > VOTERS_FOUND_MAX;
        voters.truncate(VOTERS_FOUND_MAX);
        Ok(VotersFound {
            topic: one.topic.clone(),
            voters,
            more,
        })
    }

    pub(super) fn fill_in(
        &mut self,
        caller: &Caller,
        key: &IdempotencyKey,
        (topic, body): (&TopicId, &FillIn),
        env: &Env,
    ) -> Result<FilledIn, DeskRefusal> {
        caller.may(Permission::Behalf, &self.chain(&body.place))?;
        if let Some(done) = self.filled.iter().find(|one| one.key == *key) {
            let is_same = done.topic == *topic && done.body == *body;
            return if is_same {
                Ok(done.told.clone())
            } else {
                Err(DeskRefusal::KeyReused)
            };
        }
        let one = self.fillable(topic)?;
        if one.state(env.now_ms) != PollState::Open {
            return Err(DeskRefusal::Unknown);
        }
        linli_rules::ballot::check(&one.topic.poll, &body.choice)?;
        if body.consenter.trim().is_empty() || body.consented_at_ms > env.now_ms {
            return Err(Refusal::Malformed.into());
        }
        let (place, index) = household(one, &body.place, &body.label)?;
        let earlier = self.voted(topic, place, index);
        if earlier == Voted::Themselves {
            return Err(DeskRefusal::VotedThemselves);
        }
        let told = self.told(topic, body, env.now_ms);
        let facts = format!("{} {} {}", body.place, body.label, told.code);
        self.record(caller, "filled_in", topic.as_str(), &facts, env.now_ms);
        if earlier == Voted::NotYet {
            let held = self.topics.iter_mut().find(|one| one.topic.id == *topic);
            let places = held.into_iter().flat_map(|one| &mut one.places);
            for place in places.filter(|place| place.place.id == body.place) {
                place.turnout.cast += 1;
            }
        }
        self.filled.push(Filled {
            key: key.clone(),
            topic: topic.clone(),
            body: body.clone(),
            told: told.clone(),
        });
        Ok(told)
    }

    fn told(&self, topic: &TopicId, body: &FillIn, now_ms: UtcMs) -> FilledIn {
        let earlier = self.of(topic, &body.place, &body.label).count();
        FilledIn {
            code: format!("7K2M-0QXD-{:04}", self.filled.len() + 1),
            revision: u32::try_from(earlier).unwrap_or(u32::MAX).saturating_add(1),
            recorded_at_ms: Some(now_ms),
        }
    }

    fn of<'a>(
        &'a self,
        topic: &'a TopicId,
        place: &'a PlaceId,
        label: &'a str,
    ) -> impl Iterator<Item = &'a Filled> {
        self.filled.iter().filter(move |one| {
            one.topic == *topic && one.body.place == *place && one.body.label == label
        })
    }

    fn voted(&self, topic: &TopicId, place: &PlaceTurnout, index: u64) -> Voted {
        let id = &place.place.id;
        if self.of(topic, id, &label(index)).next().is_some() {
            return Voted::FilledIn;
        }
        let mut filled: Vec<&str> = self
            .filled
            .iter()
            .filter(|one| one.topic == *topic && one.body.place == *id)
            .map(|one| one.body.label.as_str())
            .collect();
        filled.sort_unstable();
        filled.dedup();
        // The first ones of a place have voted by themselves.
        if index + (filled.len() as u64) < place.turnout.cast {
            Voted::Themselves
        } else {
            Voted::NotYet
        }
    }

    fn fillable(&self, topic: &TopicId) -> Result<&HeldTopic, DeskRefusal> {
        let one = self.topics.iter().find(|one| one.topic.id == *topic);
        let one = one.filter(|one| one.published);
        let one = one.ok_or(DeskRefusal::Unknown)?;
        match one.topic.poll.secrecy {
            Secrecy::Recorded => Ok(one),
            Secrecy::Secret => Err(DeskRefusal::SecretNotFilledIn),
        }
    }
}

/// Whether the words stand there in this order.
fn fits(text: &str, words: &[&str]) -> bool {
    let mut words = words.iter();
    let rest = words.try_fold(text, |rest, word| Some(rest.split_once(*word)?.1));
    rest.is_some_and(|rest| rest.len() < text.len())
}

fn household<'a>(
    one: &'a HeldTopic,
    id: &PlaceId,
    named: &str,
) -> Result<(&'a PlaceTurnout, u64), DeskRefusal> {
    let place = one.places.iter().find(|place| place.place.id == *id);
    let place = place.ok_or(DeskRefusal::Unknown)?;
    let mut numbers = 0..place.turnout.eligible.unwrap_or(0);
    let index = numbers.find(|index| label(*index) == named);
    Ok((place, index.ok_or(DeskRefusal::Unknown)?))
}
