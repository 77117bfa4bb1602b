//! What the same voters said in two recorded rounds.

use super::cache::Built;
use super::gather::Answers;
use super::wave_of;
use crate::service::Service;
use crate::store::{Failure, StoredTopic};
use linli_model::report::{Change, Method, PairedChange};
use linli_model::{Electorate, Secrecy};
use linli_rules::statistics::collect::{Collector, Shape};
use linli_rules::statistics::counts::{Answer, Counts, Plan};
use linli_rules::statistics::suppress::SHOWN_MIN;
use linli_rules::statistics::wave;
use linli_rules::statistics::weights::Weights;
use std::collections::HashMap;
use std::sync::Arc;

/// Ballots that are read at once.
const BATCH: u32 = 1_000;
/// Items that are compared within persons.
const ITEMS_MAX: usize = 60;
/// Below so many pairs a figure is rounded: exact, with its interval, it would be two
/// equations over what few people said.
const ROUGH_BELOW: u64 = 100;

/// A scored item of both rounds: where it stands in each.
struct Item {
    before: usize,
    now: usize,
}

impl Service {
    /// Changes of scored items among voters who answered both rounds; none where ballots
    /// are secret or voters of another kind.
    pub(super) async fn paired(
        &self,
        (before, now): (&StoredTopic, &StoredTopic),
        built: &Built,
        lang: &str,
    ) -> Result<Vec<PairedChange>, Failure> {
        let (a, b) = (&before.topic.poll, &now.topic.poll);
        let is_paired = a.secrecy == Secrecy::Recorded
            && b.secrecy == Secrecy::Recorded
            && a.electorate == b.electorate
            && a.electorate != Electorate::Devices;
        if !is_paired {
            return Ok(Vec::new());
        }
        let seen = self.reports.gathered(&before.topic.id);
        let seen = seen.map_or(built.gathered.mark, |gathered| gathered.mark);
        let key = (
            before.topic.id.clone(),
            seen,
            now.topic.id.clone(),
            built.gathered.mark,
            lang.to_owned(),
        );
        if let Some(known) = self.reports.paired(&key) {
            return Ok((*known).clone());
        }
        let shape_before = self.asked(before, wave_of(before)?).await?.shape();
        let items = common(&shape_before, &built.gathered.shape);
        let at = |of: fn(&Item) -> usize| items.iter().map(of).collect::<Vec<_>>();
        let (at_before, at_now) = (at(|item| item.before), at(|item| item.now));
        let then = self.levels(before, &shape_before, &at_before).await?;
        let shape_now = &built.gathered.shape;
        let latest = self.levels(now, shape_now, &at_now).await?;
        let changes = items.iter().enumerate().filter_map(|(index, item)| {
            change(built, (&shape_before, item), (&then, &latest), index)
        });
        let changes: Vec<PairedChange> = changes.collect();
        self.reports.keep_paired(key, Arc::new(changes.clone()));
        Ok(changes)
    }

    /// Voter → level of each item.
    async fn levels(
        &self,
        stored: &StoredTopic,
        shape: &Shape,
        items: &[usize],
    ) -> Result<Levels, Failure> {
        let fault = |fault| Failure::Fault(format!("a report's counts: {fault:?}"));
        let mut reader = Collector::new(shape, 1).map_err(fault)?;
        let (mut out, mut after) = (Levels::new(), String::new());
        loop {
            let ballots = self.store.recorded_ballots(stored, &after, BATCH).await?;
            let Some(last) = ballots.last() else {
                return Ok(out);
            };
            after.clone_from(&last.voter);
            for ballot in &ballots {
                let answers = Answers::of(&ballot.choice).unwrap_or_default();
                let levels = reader.levels_of(items, &answers);
                out.insert(ballot.voter.clone(), levels);
            }
        }
    }
}

type Levels = HashMap<String, Vec<Option<u8>>>;

/// Scored items that both rounds asked on the same scale.
fn common(before: &Shape, now: &Shape) -> Vec<Item> {
    let item = |(index, (question, row)): (usize, (&str, Option<&str>))| {
        let then = before.find(question, row)?;
        let (a, b) = (before.scale(then)?, now.scale(index)?);
        let is_same = a.least == b.least && a.greatest == b.greatest;
        is_same.then_some(Item {
            before: then,
            now: index,
        })
    };
    now.names()
        .enumerate()
        .filter_map(item)
        .take(ITEMS_MAX)
        .collect()
}

fn change(
    built: &Built,
    (shape_before, item): (&Shape, &Item),
    (then, latest): (&Levels, &Levels),
    index: usize,
) -> Option<PairedChange> {
    let question = built.report.questions.get(item.now)?;
    // Only beside a mean that is told.
    question.areas.first()?.mean.unweighted?;
    let (a, b) = (
        shape_before.scale(item.before)?,
        built.gathered.shape.scale(item.now)?,
    );
    // Levels of both rounds in one list: scores decide, not places.
    let scores: Vec<Option<f64>> = a.scores.iter().chain(&b.scores).copied().collect();
    let offset = u8::try_from(a.scores.len()).ok()?;
    let plan = Plan {
        cells: 1,
        levels: vec![scores.len(); 2],
        joint: vec![vec![0, 1]],
    };
    let mut counts = Counts::new(plan).ok()?;
    let mut n = 0;
    for (voter, levels) in latest {
        let before = then.get(voter).and_then(|levels| levels[index]);
        if let (Some(before), Some(now)) = (before, levels[index]) {
            let answers = [Answer::Level(before), Answer::Level(now + offset)];
            n += u64::from(counts.add(0, &answers).is_ok());
        }
    }
    if n < SHOWN_MIN {
        return None;
    }
    let weights = Weights::equal(counts.respondents());
    let difference = wave::paired(&counts, &weights, 0, &|level| scores.get(level).copied()?)?;
    let shown = |x: f64| match n < ROUGH_BELOW {
        true => (x * 10.0).round() / 10.0,
        false => x,
    };
    Some(PairedChange {
        question: question.name.clone(),
        row: question.row.clone(),
        title: question.title.clone(),
        change: Change {
            value: shown(difference.value),
            low: shown(difference.interval.low),
            high: shown(difference.interval.high),
            p: shown(difference.p * 100.0) / 100.0,
            method: Method::Paired,
        },
        n,
    })
}
