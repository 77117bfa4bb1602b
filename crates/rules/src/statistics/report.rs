//! The whole report of a survey, from its counts: every figure with its interval, and
//! what must stay hidden left out.

mod answers;
mod cross;
mod first;

use super::counts::Counts;
use super::distribution::Scale;
use super::estimate::Estimate;
use super::interval::{CONFIDENCE, wilson};
use super::suppress::SHOWN_MIN;
use super::table::{Area, hidden_totals};
use super::weights::Weights;
use linli_model::UtcMs;
use linli_model::report::{
    AreaReport, CodeBookLine, Figure, Method, MethodLine, Pair, Sampling, SurveyReport,
    WeightsReport,
};
use std::collections::{BTreeMap, BTreeSet};

/// What kind of answers a question has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One level.
    Single,
    /// One level from 0 to 10 that is a net promoter question.
    Nps,
    /// Several levels.
    Multiple,
    /// A number.
    Number,
    /// Words.
    Words,
}

/// A question of the report, in the order of the counts' plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name in the definition.
    pub name: String,
    /// A matrix's row.
    pub row: Option<String>,
    /// What respondents read.
    pub title: String,
    /// Its answers.
    pub kind: Kind,
    /// Value and label of each level.
    pub levels: Vec<(String, String)>,
    /// How levels are scored.
    pub scale: Option<Scale>,
}

impl Question {
    fn full_name(&self) -> String {
        match &self.row {
            Some(row) => format!("{}.{row}", self.name),
            None => self.name.clone(),
        }
    }
}

/// An area of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportArea {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The cells it is made of.
    pub cells: Vec<usize>,
    /// How many were asked, if known.
    pub invited: Option<u64>,
}

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which survey and wave.
    pub source: &'a str,
    /// Until when responses were counted.
    pub as_of_ms: UtcMs,
    /// Who could answer.
    pub sampling: Sampling,
    /// The counts.
    pub counts: &'a Counts,
    /// Weights, and what their margins are called.
    pub weights: Option<(&'a Weights, &'a [String])>,
    /// In the order of the counts' plan.
    pub questions: &'a [Question],
    /// The whole community first; each area below is a part of one above.
    pub areas: &'a [ReportArea],
    /// The scored question of the first screen.
    pub headline: usize,
    /// Satisfaction in the last wave ([`first_estimate`] of its counts).
    pub before: Option<Estimate>,
    /// Joint counts of two questions that are shown as cross-tables.
    pub cross: &'a [usize],
}

/// Makes the report. Areas, questions and the headline must fit the counts: what does not
/// is left out.
pub fn build(input: &Input<'_>) -> SurveyReport {
    let frame = Frame::new(input);
    let areas = frame.areas();
    let questions: Vec<_> = (0..input.questions.len().min(input.counts.plan().levels.len()))
        .map(|question| frame.question(question))
        .collect();
    let mut report = SurveyReport {
        source: input.source.to_owned(),
        as_of_ms: input.as_of_ms,
        sampling: input.sampling,
        responses: areas.first().and_then(|whole| whole.responses),
        shown_min: SHOWN_MIN,
        first: frame.first(&questions),
        cross_tables: frame.cross_tables(),
        areas,
        weights: input
            .weights
            .map(|(weights, names)| weights_report(weights, names)),
        code_book: input.questions.iter().map(code_book_line).collect(),
        methods: Vec::new(),
        questions,
    };
    for (index, area) in report.areas.iter_mut().enumerate() {
        let headline = report.questions.get(input.headline);
        let answers = headline.and_then(|question| question.areas.get(index));
        area.satisfaction =
            answers.and_then(|answers| answers.top2.weighted.or(answers.top2.unweighted));
    }
    report.methods = methods(&report);
    report
}

/// Satisfaction as the first screen shows it, for the next wave to compare with.
pub fn first_estimate(input: &Input<'_>) -> Option<Estimate> {
    Frame::new(input).satisfaction(0)
}

/// The input with what all parts of the report need.
struct Frame<'a> {
    input: &'a Input<'a>,
    equal: Weights,
    /// Cells that no area tells apart are one place.
    areas: Vec<Area>,
    place_of_cell: Vec<usize>,
    places: usize,
    is_total_hidden: Vec<bool>,
}

impl<'a> Frame<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let cells = input.counts.plan().cells;
        let mut signatures: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        let mut place_of_cell = Vec::new();
        for cell in 0..cells {
            let is_in = |area: &ReportArea| area.cells.contains(&cell);
            let signature = input.areas.iter().map(is_in).collect();
            let next = signatures.len();
            place_of_cell.push(*signatures.entry(signature).or_insert(next));
        }
        let area = |area: &ReportArea| {
            let known = area.cells.iter().filter(|cell| **cell < cells);
            let places: BTreeSet<usize> = known.map(|cell| place_of_cell[*cell]).collect();
            Area {
                places: places.into_iter().collect(),
            }
        };
        let areas: Vec<Area> = input.areas.iter().map(area).collect();
        let mut respondents = vec![0; signatures.len()];
        for (cell, n) in input.counts.respondents().iter().enumerate() {
            respondents[place_of_cell[cell]] += n;
        }
        Self {
            input,
            equal: Weights::equal(input.counts.respondents()),
            is_total_hidden: hidden_totals(&areas, &respondents),
            areas,
            places: signatures.len(),
            place_of_cell,
        }
    }

    fn is_in(&self, area: usize) -> impl Fn(usize) -> bool + use<> {
        let mut is_in = vec![false; self.input.counts.plan().cells];
        for cell in &self.input.areas[area].cells {
            if let Some(is_in) = is_in.get_mut(*cell) {
                *is_in = true;
            }
        }
        move |cell| is_in[cell]
    }

    fn responses(&self, area: usize) -> u64 {
        let cells = self.input.areas[area].cells.iter();
        cells
            .filter_map(|cell| self.input.counts.respondents().get(*cell))
            .sum()
    }

    fn areas(&self) -> Vec<AreaReport> {
        let report = |(index, area): (usize, &ReportArea)| {
            let shown = (!self.is_total_hidden[index]).then(|| self.responses(index));
            AreaReport {
                id: area.id.clone(),
                name: area.name.clone(),
                responses: shown,
                invited: area.invited,
                response_rate: shown.zip(area.invited).and_then(rate),
                satisfaction: None,
            }
        };
        self.input.areas.iter().enumerate().map(report).collect()
    }

    fn weights(&self) -> &Weights {
        self.input
            .weights
            .map_or(&self.equal, |(weights, _)| weights)
    }

    /// A figure without and with weights.
    fn pair(&self, methods: (Method, Method), of: impl Fn(&Weights) -> Option<Estimate>) -> Pair {
        let weighted = self.input.weights.and_then(|(weights, _)| of(weights));
        Pair {
            unweighted: of(&self.equal).map(|estimate| figure(&estimate, methods.0)),
            weighted: weighted.map(|estimate| figure(&estimate, methods.1)),
        }
    }
}

/// Responses of those asked.
fn rate((n, invited): (u64, u64)) -> Option<Figure> {
    let p = n as f64 / invited as f64;
    let interval = wilson(p, invited as f64, CONFIDENCE);
    (n <= invited && invited > 0).then_some(Figure {
        value: p,
        se: None,
        low: Some(interval.low),
        high: Some(interval.high),
        n: invited,
        n_eff: None,
        method: Method::Wilson,
    })
}

fn figure(estimate: &Estimate, method: Method) -> Figure {
    let finite = |x: f64| x.is_finite().then_some(x);
    let is_weighted = !matches!(
        method,
        Method::Wilson | Method::Student | Method::AdjustedWald
    );
    Figure {
        value: estimate.value,
        se: finite(estimate.se),
        low: finite(estimate.interval.low),
        high: finite(estimate.interval.high),
        n: estimate.n,
        n_eff: finite(estimate.n_eff).filter(|_| is_weighted),
        method,
    }
}

fn weights_report(weights: &Weights, names: &[String]) -> WeightsReport {
    let (least, greatest) = weights.spread();
    WeightsReport {
        margins: names.to_vec(),
        rounds: weights.rounds as u64,
        is_converged: weights.is_converged,
        margin_gap: weights.margin_gap,
        trimmed: weights.trimmed,
        least,
        greatest,
        deff: weights.deff(),
        n_eff: weights.n_eff(),
    }
}

fn code_book_line(question: &Question) -> CodeBookLine {
    let score = |level: usize| {
        let scale = question.scale.as_ref()?;
        scale.scores.get(level).copied().flatten()
    };
    let code = |(level, (value, label)): (usize, &(String, String))| {
        (value.clone(), label.clone(), score(level))
    };
    CodeBookLine {
        name: question.full_name(),
        title: question.title.clone(),
        codes: question.levels.iter().enumerate().map(code).collect(),
    }
}

/// The methods behind what is shown.
fn methods(report: &SurveyReport) -> Vec<MethodLine> {
    let mut used: BTreeSet<Method> = BTreeSet::new();
    let mut add = |pair: &Pair| {
        used.extend(
            pair.unweighted
                .iter()
                .chain(&pair.weighted)
                .map(|figure| figure.method),
        );
    };
    for answers in report.questions.iter().flat_map(|question| &question.areas) {
        let boxes = [&answers.top2, &answers.bottom2, &answers.mean, &answers.nps];
        boxes.into_iter().for_each(&mut add);
        answers.levels.iter().for_each(|level| add(&level.share));
    }
    if report.areas.iter().any(|area| area.response_rate.is_some()) {
        used.insert(Method::Wilson);
    }
    used.extend(report.first.change.map(|change| change.method));
    if !report.cross_tables.is_empty() {
        used.extend([Method::RaoScott, Method::Holm]);
    }
    let line = |method: Method| MethodLine {
        method,
        source: method.source().to_owned(),
    };
    used.into_iter().map(line).collect()
}
