//! A survey's report: its figures, what came before, and what follows from them.
//!
//! Left to others: statistics (`linli_rules::statistics`), reading responses (`gather`),
//! remembering (`cache`), tables as files (`tables`), the page (`crate::page::report`).

mod areas;
mod cache;
mod gather;
mod paired;
pub(super) mod tables;
mod weigh;

use super::{Service, surveys};
use crate::store::surveys::WaveRow;
use crate::store::{Failure, StoredTopic};
pub(super) use cache::Reports;
use cache::{Built, Mark};
use gather::Gathered;
use linli_model::desk::survey::Obligation;
use linli_model::report::{
    FollowedAction, FollowedItem, IndexReport, Method, NextStep, Pair, PublishedReport,
    SurveyReport, WaveLine, WordsReport,
};
use linli_model::wave::{CorrectiveAction, Wave};
use linli_model::{Phase, Refusal, ResultsVisibility, TopicId, UtcMs};
use linli_rules::phase;
use linli_rules::statistics::estimate::Estimate;
use linli_rules::statistics::report::{self as statistics, Input};
use linli_rules::statistics::suppress::SHOWN_MIN;
use std::sync::Arc;

/// A low score is answered within so many days after the round closed.
pub const OBLIGATION_DAYS: i64 = 15;
const DAY_MS: i64 = 86_400_000;
/// Rounds that one report looks back on.
const WAVES_MAX: usize = 24;

/// A report, and the texts that only staff may read.
#[derive(Debug, Clone)]
pub struct Report {
    /// What everybody may see.
    pub published: PublishedReport,
    /// The topic that it is of.
    pub stored: Arc<StoredTopic>,
    words: Vec<WordsReport>,
}

impl Report {
    /// With what people wrote.
    pub fn with_words(self) -> PublishedReport {
        PublishedReport {
            words: self.words,
            ..self.published
        }
    }
}

/// A round, and its figures where they may be seen.
struct Told {
    row: WaveRow,
    stored: Arc<StoredTopic>,
    built: Option<Arc<Built>>,
}

impl Service {
    /// The report of a round in a language, where its figures may be seen.
    ///
    /// # Errors
    ///
    /// The topic is no survey, or its counts may not be seen yet.
    pub async fn report(&self, topic: &TopicId, lang: &str) -> Result<Report, Failure> {
        let stored = self.fresh(topic).await?;
        let wave = wave_of(&stored)?.clone();
        let now_ms = self.clock.now_ms();
        if !is_shown(&stored, now_ms) {
            return Err(Refusal::NotFound.into());
        }
        let told = self.told_waves(&stored, &wave, lang).await?;
        let of_wave = |number: u32| told.iter().find(|told| told.row.number == number);
        let built = of_wave(wave.number).and_then(|told| told.built.clone());
        let built = built.ok_or(Refusal::NotFound)?;
        let community = &stored.topic.community.id;
        let actions = self
            .store
            .corrective_actions(community, &wave.survey, now_ms);
        let actions = actions.await?;
        let survey = self.store.surveys(community, Some(&wave.survey)).await?;
        let before = told
            .iter()
            .filter(|told| told.row.number < wave.number && told.built.is_some())
            .max_by_key(|told| told.row.number);
        let paired = match before {
            Some(before) => self.paired((&before.stored, &stored), &built, lang).await?,
            None => Vec::new(),
        };
        let published = PublishedReport {
            title: stored.topic.title.clone(),
            rated: survey
                .first()
                .map(|one| one.rated.clone())
                .unwrap_or_default(),
            wave: wave.number,
            obligation: obligation(&stored, &built.report, &actions, now_ms),
            waves: told
                .iter()
                .rev()
                .filter_map(|told| line(told, now_ms))
                .collect(),
            actions: followed(&actions, &wave, &told),
            index: built.index.clone(),
            paired,
            words: Vec::new(),
            left_out: built.gathered.shape.left_out as u64,
            report: built.report.clone(),
        };
        Ok(Report {
            published,
            words: words(&built),
            stored,
        })
    }

    /// What a closed round's low score obliges to, where it does.
    pub async fn obligation(&self, topic: &TopicId) -> Result<Option<Obligation>, Failure> {
        let stored = self.fresh(topic).await?;
        let now_ms = self.clock.now_ms();
        if phase::at(&stored.topic.poll, now_ms) != Phase::Closed {
            return Ok(None);
        }
        let wave = wave_of(&stored)?;
        let gathered = self.gathered(&stored).await?;
        let built = self.built(gathered, None, &stored.topic.lang).await?;
        let community = &stored.topic.community.id;
        let actions = self
            .store
            .corrective_actions(community, &wave.survey, now_ms);
        Ok(obligation(&stored, &built.report, &actions.await?, now_ms))
    }

    /// Rounds up to `wave` and after it, the first one first, each compared with the one
    /// before.
    async fn told_waves(
        &self,
        stored: &Arc<StoredTopic>,
        wave: &Wave,
        lang: &str,
    ) -> Result<Vec<Told>, Failure> {
        let community = &stored.topic.community.id;
        let mut rows = self.store.waves(community, Some(&wave.survey)).await?;
        rows.sort_by_key(|row| row.number);
        // The latest ones, or from the one before this on, if it is older.
        let own = rows.iter().position(|row| row.topic == stored.topic.id);
        let own = own.unwrap_or(0).saturating_sub(1);
        let skipped = rows.len().saturating_sub(WAVES_MAX).min(own);
        let now_ms = self.clock.now_ms();
        let mut told: Vec<Told> = Vec::new();
        for row in rows.into_iter().skip(skipped).take(WAVES_MAX) {
            let other = match row.topic == stored.topic.id {
                true => Arc::clone(stored),
                false => self.fresh(&row.topic).await?,
            };
            if phase::at(&other.topic.poll, now_ms) == Phase::Upcoming {
                continue;
            }
            let built = match is_shown(&other, now_ms) {
                true => {
                    let gathered = self.gathered(&other).await?;
                    let before = told.iter().rev().find_map(|told| told.built.clone());
                    Some(self.built(gathered, before, lang).await?)
                }
                false => None,
            };
            told.push(Told {
                row,
                stored: other,
                built,
            });
        }
        Ok(told)
    }

    /// A report from what was gathered, made once in each language.
    async fn built(
        &self,
        gathered: Arc<Gathered>,
        before: Option<Arc<Built>>,
        lang: &str,
    ) -> Result<Arc<Built>, Failure> {
        let mark = Mark {
            gathered: gathered.mark,
            before: before.as_ref().map(|built| built.gathered.mark),
        };
        let topic = gathered.topic.id.clone();
        let turn = self.reports.turn(&topic);
        let key = (topic, lang.to_owned(), before.is_some());
        if let Some(known) = self.reports.built(&key, &mark) {
            return Ok(known);
        }
        // Those who ask at once wait for one report.
        let _turn = turn.lock_owned().await;
        if let Some(known) = self.reports.built(&key, &mark) {
            return Ok(known);
        }
        let locale = locale(lang);
        let before = before.as_ref().and_then(|built| comparable(built));
        let made = tokio::task::spawn_blocking(move || build(gathered, before, locale));
        let built = made
            .await
            .map_err(|error| Failure::Fault(error.to_string()))?;
        let built = Arc::new(built);
        self.reports.keep(key, mark, Arc::clone(&built));
        Ok(built)
    }
}

/// Which survey a topic asks.
pub(super) fn wave_of(stored: &StoredTopic) -> Result<&Wave, Refusal> {
    surveys::wave_of(&stored.topic).ok_or(Refusal::TopicUnknown)
}

/// Whether counts may be seen now.
fn is_shown(stored: &StoredTopic, now_ms: UtcMs) -> bool {
    let poll = &stored.topic.poll;
    match (phase::at(poll, now_ms), poll.results) {
        (Phase::Closed, _) | (Phase::Open, ResultsVisibility::Live) => true,
        (Phase::Open | Phase::Upcoming, _) => false,
    }
}

/// SurveyJS's name of a language.
fn locale(lang: &str) -> &'static str {
    match lang {
        "zh-Hans" => "zh-cn",
        _ => "en",
    }
}

fn build(gathered: Arc<Gathered>, before: Option<Estimate>, locale: &str) -> Built {
    let questions = gathered.shape.questions(locale);
    let source = gathered.source();
    let names = ["place".to_owned()];
    let input = Input {
        source: &source,
        as_of_ms: gathered.as_of_ms,
        sampling: gathered.sampling,
        counts: &gathered.counts,
        weights: gathered
            .weights
            .as_ref()
            .map(|weights| (weights, &names[..])),
        questions: &questions,
        areas: &gathered.areas,
        headline: gathered.shape.headline.unwrap_or(usize::MAX),
        before,
        cross: &gathered.shape.cross,
    };
    let report = statistics::build(&input);
    let estimate = statistics::first_estimate(&input);
    Built {
        index: index(&gathered, &report),
        report,
        estimate,
        gathered,
    }
}

/// What the next round may be compared with: hidden figures must not follow from a
/// difference.
fn comparable(built: &Built) -> Option<Estimate> {
    built.report.first.satisfaction.and(built.estimate)
}

/// The index, where the means that it is made of are told as they are.
fn index(gathered: &Gathered, report: &SurveyReport) -> Option<IndexReport> {
    let (joint, items) = gathered.shape.index.as_ref()?;
    let group = gathered.counts.plan().joint.get(*joint)?;
    let is_told = |item: &usize| {
        let whole = report
            .questions
            .get(*item)
            .and_then(|one| one.areas.first());
        whole.is_some_and(|whole| whole.mean.unweighted.is_some_and(|mean| mean.se.is_some()))
    };
    if !group.iter().all(is_told) {
        return None;
    }
    let figure = |weights| {
        let estimate =
            linli_rules::statistics::index::index(&gathered.counts, weights, *joint, items)?;
        Some(statistics::figure(&estimate, Method::IndexDelta))
    };
    let equal = linli_rules::statistics::weights::Weights::equal(gathered.counts.respondents());
    let formula = gathered.scoring.index.as_ref()?.formula.clone();
    Some(IndexReport {
        figure: Pair {
            unweighted: figure(&equal),
            weighted: gathered.weights.as_ref().and_then(figure),
        },
        formula,
    })
}

fn obligation(
    stored: &StoredTopic,
    report: &SurveyReport,
    actions: &[CorrectiveAction],
    now_ms: UtcMs,
) -> Option<Obligation> {
    let poll = &stored.topic.poll;
    if report.first.next != NextStep::Mend || phase::at(poll, now_ms) != Phase::Closed {
        return None;
    }
    let due_at_ms = poll.closes_at_ms.saturating_add(OBLIGATION_DAYS * DAY_MS);
    let is_met = actions.iter().any(|action| action.topic == stored.topic.id);
    Some(Obligation {
        due_at_ms,
        is_met,
        is_overdue: !is_met && now_ms >= due_at_ms,
    })
}

fn line(told: &Told, now_ms: UtcMs) -> Option<WaveLine> {
    let report = told.built.as_ref().map(|built| &built.report);
    let is_closed = phase::at(&told.stored.topic.poll, now_ms) == Phase::Closed;
    Some(WaveLine {
        topic: told.row.topic.clone(),
        number: told.row.number,
        closes_at_ms: told.stored.topic.poll.closes_at_ms,
        responses: report.and_then(|report| report.responses),
        satisfaction: report
            .filter(|_| is_closed)
            .and_then(|report| report.first.satisfaction),
    })
}

/// What was promised after this and earlier rounds, with its items then and now.
fn followed(actions: &[CorrectiveAction], wave: &Wave, told: &[Told]) -> Vec<FollowedAction> {
    let report = |told: &Told| told.built.clone();
    let follow = |action: &CorrectiveAction| {
        let then = told
            .iter()
            .find(|told| told.row.topic == action.topic)
            .and_then(report);
        let later = |told: &&Told| told.row.number > action.wave;
        let item = |item: &linli_model::wave::ItemRef| {
            let find = |built: &Arc<Built>| {
                let mut questions = built.report.questions.iter();
                questions
                    .find(|one| one.name == item.question && one.row == item.row)
                    .cloned()
            };
            let score = |question: &linli_model::report::QuestionReport| {
                let whole = question.areas.first()?;
                whole.score100.weighted.or(whole.score100.unweighted)
            };
            let then = then.as_ref().and_then(find);
            let mut since = told.iter().rev().filter(later).filter_map(report);
            let now = since.find_map(|built| find(&built));
            let label = then.as_ref().or(now.as_ref()).map(|one| one.title.clone());
            FollowedItem {
                label: label.unwrap_or_else(|| item.question.clone()),
                then: then.as_ref().and_then(score),
                now: now.as_ref().and_then(score),
            }
        };
        FollowedAction {
            items: action.items.iter().map(item).collect(),
            action: action.clone(),
        }
    };
    let own = actions.iter().filter(|action| action.wave <= wave.number);
    own.map(follow).collect()
}

/// What people wrote, where enough did.
fn words(built: &Built) -> Vec<WordsReport> {
    let of = |(index, question): (usize, &linli_model::report::QuestionReport)| {
        let written = built.gathered.texts.written(index);
        let shows = question
            .areas
            .first()
            .is_some_and(|whole| whole.shows_words);
        (shows && written >= SHOWN_MIN).then(|| WordsReport {
            question: question.name.clone(),
            title: question.title.clone(),
            written,
            texts: built.gathered.texts.of(index),
        })
    };
    built
        .report
        .questions
        .iter()
        .enumerate()
        .filter_map(of)
        .collect()
}
