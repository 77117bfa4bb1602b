//! A round's responses, read from the store and counted.
//!
//! While a round is open with live results, it is counted again only once ten more people
//! have answered: two reports a moment apart must not tell what one person said.

use super::areas::{self, Cells};
use super::{wave_of, weigh};
use crate::service::Service;
use crate::service::results::Counted;
use crate::store::surveys::each_response;
use crate::store::{Failure, StoredTopic};
use linli_model::report::Sampling;
use linli_model::scoring::Scoring;
use linli_model::survey::{Definition, read};
use linli_model::wave::Wave;
use linli_model::{Electorate, Phase, PlaceId, Topic, UtcMs};
use linli_rules::statistics::collect::{Collector, Shape, Texts, shape};
use linli_rules::statistics::counts::Counts;
use linli_rules::statistics::report::ReportArea;
use linli_rules::statistics::suppress::SHOWN_MIN;
use linli_rules::statistics::weights::Weights;
use linli_rules::{phase, scoring};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// Definitions of one round that are laid side by side, the latest ones.
const VERSIONS_MAX: usize = 8;

/// Which responses were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::service) struct Seen {
    /// The store's, of the poll.
    pub(super) generation: u64,
    /// The topic's.
    pub(super) version: i64,
}

/// A round, counted.
pub(in crate::service) struct Gathered {
    pub(super) topic: Topic,
    pub(super) mark: Seen,
    pub(super) as_of_ms: UtcMs,
    pub(super) sampling: Sampling,
    pub(super) scoring: Scoring,
    pub(super) shape: Shape,
    pub(super) counts: Counts,
    pub(super) texts: Texts,
    pub(super) areas: Vec<ReportArea>,
    pub(super) weights: Option<Weights>,
    responses: u64,
}

impl Gathered {
    /// Which survey and round.
    pub(super) fn source(&self) -> String {
        match &self.topic.poll.kind {
            linli_model::PollKind::Survey { wave } => format!("{}/{}", wave.survey, wave.number),
            _ => String::new(),
        }
    }
}

/// What a round asked, and how it is scored.
pub(super) struct Asked {
    pub(super) definitions: Vec<Definition>,
    pub(super) scoring: Scoring,
}

impl Asked {
    pub(super) fn shape(&self) -> Shape {
        shape(&self.definitions.iter().collect::<Vec<_>>(), &self.scoring)
    }
}

impl Service {
    /// What a round's responses come to now.
    pub(super) async fn gathered(
        &self,
        stored: &Arc<StoredTopic>,
    ) -> Result<Arc<Gathered>, Failure> {
        let is_closed = phase::at(&stored.topic.poll, self.clock.now_ms()) == Phase::Closed;
        if let Some(known) = self.still_good(stored, is_closed).await? {
            return Ok(known);
        }
        let _turn = self.reports.turn(&stored.topic.id).lock_owned().await;
        if let Some(known) = self.still_good(stored, is_closed).await? {
            return Ok(known);
        }
        let gathered = Arc::new(self.gather(stored, is_closed).await?);
        self.reports.keep_gathered(Arc::clone(&gathered));
        Ok(gathered)
    }

    async fn still_good(
        &self,
        stored: &Arc<StoredTopic>,
        is_closed: bool,
    ) -> Result<Option<Arc<Gathered>>, Failure> {
        let Some(known) = self.reports.gathered(&stored.topic.id) else {
            return Ok(None);
        };
        if known.mark == self.seen(stored).await? {
            return Ok(Some(known));
        }
        if is_closed || known.responses < SHOWN_MIN || known.mark.version != stored.version {
            return Ok(None);
        }
        let cast = self
            .counted(stored, false, false)
            .await?
            .counts
            .turnout
            .cast;
        Ok((cast < known.responses + SHOWN_MIN).then_some(known))
    }

    async fn seen(&self, stored: &StoredTopic) -> Result<Seen, Failure> {
        Ok(Seen {
            generation: self.store.generation(stored).await?,
            version: stored.version,
        })
    }

    async fn gather(
        &self,
        stored: &Arc<StoredTopic>,
        is_closed: bool,
    ) -> Result<Gathered, Failure> {
        let topic = &stored.topic;
        // Before the responses: what comes in meanwhile makes this look older, not newer.
        let mark = self.seen(stored).await?;
        let counted = self.counted(stored, true, is_closed).await?;
        let asked = self.asked(stored, wave_of(stored)?).await?;
        let shape = asked.shape();
        let places = self.places(&topic.community.id).await?.unwrap_or_default();
        let cells = Cells::new(topic, &places, shape.len());
        let fault = |fault| Failure::Fault(format!("a report's counts: {fault:?}"));
        let mut collector = Collector::new(&shape, cells.len())
            .map_err(fault)?
            .with_texts();
        each_response(&*self.store, stored, |area, choice| {
            // What is no response is counted by the collector, and told below.
            let answers = Answers::of(choice);
            let _ = collector.add(cells.of(area), answers.as_deref().unwrap_or_default());
        })
        .await?;
        if collector.unreadable() > 0 {
            let unreadable = collector.unreadable();
            tracing::warn!(topic = %topic.id, unreadable, "responses that cannot be read");
        }
        let (counts, texts) = collector.finish();
        let areas = areas::shown(&cells, topic, counts.respondents(), &counted.counts);
        let now_ms = self.clock.now_ms();
        Ok(Gathered {
            mark,
            as_of_ms: now_ms.min(topic.poll.closes_at_ms),
            sampling: sampling(topic.poll.electorate),
            weights: weights(topic, &cells, &counts, &counted),
            responses: counts.respondents().iter().sum(),
            topic: topic.clone(),
            scoring: asked.scoring,
            texts: texts.unwrap_or_default(),
            counts,
            areas,
            shape,
        })
    }

    /// Every version that a round asked, the newest first.
    pub(super) async fn asked(&self, stored: &StoredTopic, wave: &Wave) -> Result<Asked, Failure> {
        let mut versions = self.store.asked_versions(stored).await?;
        versions.retain(|version| *version != wave.version);
        versions.push(wave.version.clone());
        let community = &stored.topic.community.id;
        let (mut definitions, mut given) = (Vec::new(), None);
        for version in versions.iter().rev().take(VERSIONS_MAX) {
            let found = self.store.survey_version(community, &wave.survey, version);
            let Some(found) = found.await? else { continue };
            let json = serde_json::from_str(&found.definition)
                .map_err(|error| Failure::Fault(format!("a stored definition: {error}")))?;
            let definition = read(&json)
                .map_err(|faults| Failure::Fault(format!("a stored definition: {faults:?}")))?;
            if *version == wave.version {
                given = Some(found.scoring.unwrap_or_else(|| scoring::of(&definition)));
            }
            definitions.push(definition);
        }
        Ok(Asked {
            definitions,
            scoring: given.unwrap_or_default(),
        })
    }
}

/// Everybody on a roll was asked; devices are whoever had the link.
fn sampling(electorate: Electorate) -> Sampling {
    match electorate {
        Electorate::Devices => Sampling::OpenLink,
        _ => Sampling::Roll,
    }
}

fn weights(topic: &Topic, cells: &Cells, counts: &Counts, counted: &Counted) -> Option<Weights> {
    if topic.poll.electorate == Electorate::Devices {
        return None;
    }
    let population: Vec<(PlaceId, u64)> = counted
        .counts
        .places
        .iter()
        .map(|(place, turnout)| (place.id.clone(), turnout.eligible.unwrap_or(0)))
        .collect();
    let total = counted.counts.turnout.eligible?;
    weigh::by_place(cells, counts.respondents(), &population, total)
}

/// The answers of a stored choice.
#[derive(Deserialize)]
pub(super) struct Answers<'a> {
    #[serde(borrow)]
    answers: Cow<'a, str>,
}

impl<'a> Answers<'a> {
    /// `None` where it is no choice of a survey.
    pub(super) fn of(choice: &'a str) -> Option<Cow<'a, str>> {
        let read: Result<Self, _> = serde_json::from_str(choice);
        read.ok().map(|read| read.answers)
    }
}
