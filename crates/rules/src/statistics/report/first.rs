//! What people see first: how satisfied, where it is worst, what changed, what is next.

use super::Frame;
use crate::statistics::crosstab::holm;
use crate::statistics::estimate::{self, Estimate};
use crate::statistics::suppress::SHOWN_MIN;
use crate::statistics::wave::{self, Difference};
use linli_model::report::{Change, FirstScreen, Method, NextStep, QuestionReport, Worst};

/// Below this share of satisfied people the rated body owes an answer.
const LOW_SHARE: f64 = 0.6;
/// Fewer answers than this do not carry a conclusion.
const ANSWERS_MIN: u64 = 30;
/// An area is called worst, and a change clear, below this p-value.
const CLEAR_P: f64 = 0.05;

impl Frame<'_> {
    pub(super) fn first(&self, questions: &[QuestionReport]) -> FirstScreen {
        let headline = questions.get(self.input.headline);
        let whole = headline.and_then(|question| question.areas.first());
        let satisfaction = whole.and_then(|whole| whole.top2.weighted.or(whole.top2.unweighted));
        let change = self.change().filter(|_| satisfaction.is_some());
        let next = match (&satisfaction, &change) {
            (Some(now), _) if now.n >= ANSWERS_MIN && now.value < LOW_SHARE => NextStep::Mend,
            (Some(_), Some(change)) if change.high < 0.0 => NextStep::AskWhy,
            (Some(now), _) if now.n >= ANSWERS_MIN => NextStep::KeepOn,
            _ => NextStep::AskMore,
        };
        FirstScreen {
            satisfaction,
            worst: headline.map_or(Worst::NoAreas, |question| self.worst(question)),
            change,
            next,
        }
    }

    /// The share of satisfied people in an area, weighted where there are weights.
    pub(super) fn satisfaction(&self, area: usize) -> Option<Estimate> {
        self.satisfied(&self.is_in(area))
    }

    fn satisfied(&self, is_in: &dyn Fn(usize) -> bool) -> Option<Estimate> {
        let question = self.input.headline;
        let scale = self.input.questions.get(question)?.scale.as_ref()?;
        let chosen = scale.box_of(2, true);
        let of = |level: usize| {
            scale
                .scores
                .get(level)
                .copied()
                .flatten()
                .map(|_| chosen[level])
        };
        estimate::share(self.input.counts, self.weights(), question, is_in, &of)
    }

    fn change(&self) -> Option<Change> {
        let now = self.satisfaction(0)?;
        let Difference {
            value, interval, p, ..
        } = wave::between(&now, &self.input.before?)?;
        Some(Change {
            value,
            low: interval.low,
            high: interval.high,
            p,
            method: Method::Welch,
        })
    }

    /// The smallest areas (those without another inside) against all the others together.
    fn worst(&self, headline: &QuestionReport) -> Worst {
        let smallest: Vec<usize> = (1..self.areas.len())
            .filter(|a| self.is_smallest(*a))
            .collect();
        if smallest.len() < 2 {
            return Worst::NoAreas;
        }
        let mut found = Vec::new();
        for area in smallest {
            let answers = &headline.areas[area];
            let figure = answers.top2.weighted.or(answers.top2.unweighted);
            let Some(figure) = figure.filter(|figure| figure.n >= SHOWN_MIN) else {
                continue;
            };
            let is_in = self.is_in(area);
            let here = self.satisfied(&is_in);
            let others = self.satisfied(&|cell| !is_in(cell));
            let apart = here
                .zip(others)
                .and_then(|(here, others)| wave::between(&here, &others));
            if let Some(apart) = apart {
                found.push((area, figure, apart));
            }
        }
        let adjusted = holm(
            &found
                .iter()
                .map(|(.., apart)| apart.p)
                .collect::<Vec<f64>>(),
        );
        let clear = found.into_iter().zip(adjusted);
        let clear = clear.filter(|((.., apart), p)| apart.value < 0.0 && *p < CLEAR_P);
        let worst = clear.min_by(|((_, a, _), _), ((_, b, _), _)| a.value.total_cmp(&b.value));
        worst.map_or(Worst::TooFewToSay, |((area, satisfaction, _), p)| {
            Worst::Area {
                area: self.input.areas[area].id.clone(),
                name: self.input.areas[area].name.clone(),
                satisfaction,
                p,
            }
        })
    }

    fn is_smallest(&self, area: usize) -> bool {
        let own = &self.areas[area].places;
        let is_inside = |(other, theirs): (usize, &crate::statistics::table::Area)| {
            let is_part = theirs.places.iter().all(|place| own.contains(place));
            other != area && is_part && theirs.places.len() < own.len() && !theirs.places.is_empty()
        };
        !own.is_empty() && !self.areas.iter().enumerate().any(is_inside)
    }
}
