//! One question in every area, with what must stay hidden left out.

use super::{Frame, Kind};
use crate::statistics::distribution::{self, Scale};
use crate::statistics::estimate;
use crate::statistics::suppress::{SHOWN_MIN, is_small};
use crate::statistics::table::{Hidden, PlaceTable, hidden_in};
use crate::statistics::weights::Weights;
use linli_model::report::{AreaAnswers, Figure, Level, Met, Method, Pair, QuestionReport};

/// The column behind the levels: everybody who gave no answer, for whichever reason.
const OTHER_COLUMNS: usize = 1;
/// Derived figures in the order of [`derived`]; the dearest first.
const ANSWERED: usize = 0;
const SCORED: usize = 1;
const TOP2: usize = 2;
const BOTTOM2: usize = 3;
const PROMOTERS: usize = 4;
const DETRACTORS: usize = 5;
/// With so many answers a mean is told about, where some of its counts are hidden.
const ROUGH_MEAN_MIN: u64 = 100;

const SHARE: (Method, Method) = (Method::Wilson, Method::WilsonEffective);
const AVERAGE: (Method, Method) = (Method::Student, Method::Linearised);

impl Frame<'_> {
    pub(super) fn question(&self, question: usize) -> QuestionReport {
        let about = &self.input.questions[question];
        let is_levelled = matches!(about.kind, Kind::Single | Kind::Nps);
        let hidden = hidden_in(&self.areas, &self.is_total_hidden, &self.table(question));
        let answers = |area: usize| {
            let mut out = self.met(question, area, &hidden);
            if is_levelled {
                self.levels(question, area, &hidden, &mut out);
                self.scores(question, area, &hidden, &mut out);
            } else if area == 0 {
                self.whole(question, &mut out);
            }
            out
        };
        QuestionReport {
            name: about.name.clone(),
            row: about.row.clone(),
            title: about.title.clone(),
            areas: (0..self.areas.len()).map(answers).collect(),
        }
    }

    /// Levels of a question that has one each, or one column for "answered".
    fn columns(&self, question: usize) -> usize {
        match self.input.questions[question].kind {
            Kind::Single | Kind::Nps => self.input.counts.plan().levels[question],
            _ => 1,
        }
    }

    /// Respondents by place and column; the levels' columns first.
    pub(super) fn table(&self, question: usize) -> PlaceTable {
        let levels = self.columns(question);
        let about = &self.input.questions[question];
        let mut counts = vec![vec![0; levels + OTHER_COLUMNS]; self.places];
        for (cell, place) in self.place_of_cell.iter().enumerate() {
            let met = self.input.counts.met(cell, question);
            let row = &mut counts[*place];
            if matches!(about.kind, Kind::Single | Kind::Nps) {
                let values = self.input.counts.levels(cell, question);
                row.iter_mut().zip(values).for_each(|(sum, n)| *sum += n);
            } else {
                row[0] += met.answered;
            }
            row[levels] += met.dont_know + met.refused + met.missing + met.not_asked;
        }
        PlaceTable {
            counts,
            open: OTHER_COLUMNS,
            derived: derived(about.scale.as_ref(), about.kind, levels),
        }
    }

    fn met(&self, question: usize, area: usize, hidden: &Hidden) -> AreaAnswers {
        let met = self
            .input
            .counts
            .met_in(&self.input.areas[area].cells, question);
        let answered = (!hidden.derived[area][ANSWERED]).then_some(met.answered);
        let none = [met.dont_know, met.refused, met.missing, met.not_asked];
        // Reasons are told apart in the whole community alone.
        let is_told = area == 0 && !hidden.counts[area][self.columns(question)];
        let [dont_know, refused, missing, not_asked] =
            if is_told { parts(none) } else { [None; 4] };
        AreaAnswers {
            area: self.input.areas[area].id.clone(),
            met: Met {
                answered,
                dont_know,
                refused,
                missing,
                not_asked,
            },
            levels: Vec::new(),
            top2: Pair::default(),
            bottom2: Pair::default(),
            mean: Pair::default(),
            score100: Pair::default(),
            nps: Pair::default(),
            shows_words: answered.is_some_and(|n| n >= SHOWN_MIN),
        }
    }

    fn levels(&self, question: usize, area: usize, hidden: &Hidden, out: &mut AreaAnswers) {
        let counts = self.input.counts;
        let sums = counts.levels_in(&self.input.areas[area].cells, question);
        let is_in = self.is_in(area);
        for (level, (value, label)) in self.input.questions[question].levels.iter().enumerate() {
            let Some(count) = sums.get(level) else { break };
            let is_shown = !hidden.counts[area][level];
            let of = |weights: &Weights| {
                let chosen = |other| Some(other == level);
                estimate::share(counts, weights, question, &is_in, &chosen)
            };
            let mut share = Pair::default();
            // A share tells the count and how many answered.
            if is_shown && out.met.answered.is_some() {
                share.unweighted = of(&self.equal).map(|e| super::figure(&e, SHARE.0));
                if area == 0 {
                    share = self.pair(SHARE, of);
                }
            }
            out.levels.push(Level {
                value: value.clone(),
                label: label.clone(),
                count: is_shown.then_some(*count),
                share,
            });
        }
    }

    fn scores(&self, question: usize, area: usize, hidden: &Hidden, out: &mut AreaAnswers) {
        let about = &self.input.questions[question];
        let Some(scale) = &about.scale else { return };
        let (counts, is_in) = (self.input.counts, self.is_in(area));
        let derived = &hidden.derived[area];
        let is_shown = |at: usize| !derived[ANSWERED] && !derived[SCORED] && !derived[at];
        let is_any_hidden = hidden.counts[area][..self.columns(question)].contains(&true);
        let is_rough = is_any_hidden && out.met.answered.is_some_and(|n| n >= ROUGH_MEAN_MIN);
        let in_box = |is_best: bool| {
            let chosen = scale.box_of(2, is_best);
            let is_in = &is_in;
            move |weights: &Weights| {
                let of = |level: usize| {
                    scale
                        .scores
                        .get(level)
                        .copied()
                        .flatten()
                        .map(|_| chosen[level])
                };
                estimate::share(counts, weights, question, is_in, &of)
            }
        };
        if is_shown(TOP2) {
            out.top2 = self.pair(SHARE, in_box(true));
        }
        if is_shown(BOTTOM2) {
            out.bottom2 = self.pair(SHARE, in_box(false));
        }
        if is_shown(SCORED) && (!is_any_hidden || is_rough) {
            let mean = |weights: &Weights| {
                let score = |level: usize| scale.scores.get(level).copied().flatten();
                estimate::mean(counts, weights, question, &is_in, &score)
            };
            out.mean = self.pair(AVERAGE, mean);
            let to_100 = |figure: Figure| distribution::figure_to_100(scale, figure);
            out.score100 = Pair {
                unweighted: out.mean.unweighted.map(to_100),
                weighted: out.mean.weighted.map(to_100),
            };
            if is_rough {
                out.mean = rough(out.mean, 10.0);
                out.score100 = rough(out.score100, 1.0);
            }
        }
        if about.kind == Kind::Nps && is_shown(PROMOTERS) && is_shown(DETRACTORS) {
            let methods = (Method::AdjustedWald, Method::Linearised);
            let of = |weights: &Weights| distribution::nps(counts, weights, question, &is_in);
            out.nps = self.pair(methods, of);
        }
    }

    /// Questions with several choices, and numbers: in the whole community alone.
    fn whole(&self, question: usize, out: &mut AreaAnswers) {
        let about = &self.input.questions[question];
        let counts = self.input.counts;
        if out.met.answered.is_none_or(|n| n < SHOWN_MIN) {
            return;
        }
        if about.kind == Kind::Number {
            let mean = distribution::number(counts, question);
            out.mean.unweighted = mean.map(|mean| super::figure(&mean, Method::Student));
        }
        if about.kind != Kind::Multiple {
            return;
        }
        let is_in = self.is_in(0);
        let plain = distribution::choices(counts, &self.equal, question, &is_in);
        let weighted = distribution::choices(counts, self.weights(), question, &is_in);
        let sums = counts.levels_in(&self.input.areas[0].cells, question);
        for (level, (value, label)) in about.levels.iter().enumerate() {
            let count = sums.get(level).copied().filter(|n| !is_small(*n));
            let of = |all: &[Option<estimate::Estimate>], method| {
                let estimate = all
                    .get(level)
                    .copied()
                    .flatten()
                    .filter(|_| count.is_some());
                estimate.map(|estimate| super::figure(&estimate, method))
            };
            let has_weights = self.input.weights.is_some();
            out.levels.push(Level {
                value: value.clone(),
                label: label.clone(),
                count,
                share: Pair {
                    unweighted: of(&plain, SHARE.0),
                    weighted: of(&weighted, SHARE.1).filter(|_| has_weights),
                },
            });
        }
    }
}

/// Parts of a known sum: small ones are hidden, and never one alone.
fn parts(counts: [u64; 4]) -> [Option<u64>; 4] {
    let mut shown = counts.map(|n| Some(n).filter(|n| !is_small(*n)));
    if shown.iter().filter(|part| part.is_none()).count() == 1
        && let Some(least) = shown.iter().flatten().min().copied()
        && let Some(part) = shown.iter_mut().find(|part| **part == Some(least))
    {
        *part = None;
    }
    shown
}

/// A mean and its error are two equations over the levels' counts. Rounded, they are none:
/// a person more or less in a hidden level moves them by less than the rounding.
fn rough(pair: Pair, per_unit: f64) -> Pair {
    let round = |x: f64| (x * per_unit).round() / per_unit;
    let of = |figure: Figure| Figure {
        value: round(figure.value),
        se: None,
        low: figure.low.map(round),
        high: figure.high.map(round),
        n_eff: figure.n_eff.map(f64::round),
        ..figure
    };
    Pair {
        unweighted: pair.unweighted.map(of),
        weighted: pair.weighted.map(of),
    }
}

/// Sums that figures tell: how many answered and were scored, boxes, promoters and
/// detractors.
fn derived(scale: Option<&Scale>, kind: Kind, levels: usize) -> Vec<Vec<bool>> {
    let over = |is_in: &dyn Fn(usize) -> bool| -> Vec<bool> {
        (0..levels + OTHER_COLUMNS)
            .map(|column| column < levels && is_in(column))
            .collect()
    };
    let mut out = vec![over(&|_| true)];
    let Some(scale) = scale else { return out };
    out.push(over(&|level| {
        scale.scores.get(level).copied().flatten().is_some()
    }));
    for is_best in [true, false] {
        let chosen = scale.box_of(2, is_best);
        out.push(over(&|level| chosen.get(level).copied().unwrap_or(false)));
    }
    if kind == Kind::Nps {
        out.push(over(&|level| level >= 9));
        out.push(over(&|level| level <= 6));
    }
    out
}
