//! Every question: its chart, what the chart shows as a table, and each area's answers.

use super::super::people::plain;
use super::chart::{self, Part};
use super::{Shown, figures};
use linli_model::report::{AreaAnswers, CodeBookLine, Figure, Level, Pair, QuestionReport};
use linli_texts::{Key, grouped, report as k};
use maud::{Markup, html};

/// More levels than this are bars of their own.
const STACKED_MAX: usize = 7;

pub(super) fn card(shown: &Shown<'_>) -> Markup {
    let report = &shown.told.report;
    html! {
        section class="card" aria-labelledby="questions" {
            h2 id="questions" { (shown.text(k::QUESTIONS_HEAD)) }
            @for (index, one) in report.questions.iter().enumerate() {
                (question(shown, one, report.code_book.get(index), index))
            }
            @if shown.told.left_out > 0 {
                p { (shown.reader.texts.count(k::LEFT_OUT, shown.told.left_out, &[])) }
            }
        }
        (index(shown))
        (cross(shown))
    }
}

/// A level with its score, and its colour.
struct Row<'a> {
    level: &'a Level,
    colour: &'static str,
}

/// Levels as they are shown: best first where they are scored.
fn rows<'a>(whole: &'a AreaAnswers, codes: Option<&CodeBookLine>) -> (Vec<Row<'a>>, bool) {
    let score = |level: &Level| {
        let codes = codes?.codes.iter();
        let mut own = codes.filter(|(value, ..)| *value == level.value);
        own.next()?.2
    };
    let mut levels: Vec<(Option<f64>, &Level)> = whole
        .levels
        .iter()
        .map(|level| (score(level), level))
        .collect();
    let scored = levels.iter().filter(|(score, _)| score.is_some()).count();
    if scored > 0 {
        levels.sort_by(|(a, _), (b, _)| b.unwrap_or(f64::MIN).total_cmp(&a.unwrap_or(f64::MIN)));
    }
    let colour = |(index, (score, _)): (usize, &(Option<f64>, &Level))| match score {
        Some(_) => chart::scale_colour(index, scored),
        None => "none",
    };
    let colours: Vec<&'static str> = levels.iter().enumerate().map(colour).collect();
    let rows = levels.into_iter().zip(colours);
    let rows = rows
        .map(|((_, level), colour)| Row { level, colour })
        .collect();
    (rows, scored > 0)
}

fn question(
    shown: &Shown<'_>,
    question: &QuestionReport,
    codes: Option<&CodeBookLine>,
    index: usize,
) -> Markup {
    let Some(whole) = question.areas.first() else {
        return html! {};
    };
    let (rows, is_scored) = rows(whole, codes);
    let id = format!("q{index}");
    let min = grouped(shown.told.report.shown_min);
    html! {
        article class="question" aria-labelledby=(id) {
            h3 id=(id) lang=(shown.topic.lang) { bdi { (plain(&question.title)) } }
            @if whole.met.answered.is_none() {
                p class="muted" { (shown.fill(k::FEW, &[("n", &min)])) }
            } @else {
                p class="muted" { (met(shown, whole)) }
                @if is_scored && rows.len() <= STACKED_MAX { (stacked(shown, &rows, question)) }
                @else { (bars(shown, &rows)) }
                (scores(shown, whole))
                @if !rows.is_empty() { (table(shown, &rows, &question.title)) }
                @if rows.is_empty() && whole.mean.unweighted.is_none() && whole.shows_words {
                    p { (shown.reader.texts.count(k::WORDS_ONLY, whole.met.answered.unwrap_or(0), &[])) }
                }
                (by_area(shown, question))
            }
        }
    }
}

/// How the question was met.
fn met(shown: &Shown<'_>, whole: &AreaAnswers) -> String {
    let met = whole.met;
    let mut parts = Vec::new();
    if let Some(answered) = met.answered {
        parts.push(shown.reader.texts.count(k::ANSWERED, answered, &[]));
    }
    let others: [(Key, Option<u64>); 4] = [
        (k::DONT_KNOW, met.dont_know),
        (k::REFUSED, met.refused),
        (k::MISSING, met.missing),
        (k::NOT_ASKED, met.not_asked),
    ];
    for (key, count) in others {
        if let Some(count) = count.filter(|count| *count > 0) {
            parts.push(shown.fill(key, &[("n", &grouped(count))]));
        }
    }
    parts.join(" · ")
}

fn share_of(level: &Level) -> Option<Figure> {
    figures::best(&level.share)
}

fn stacked(shown: &Shown<'_>, rows: &[Row<'_>], question: &QuestionReport) -> Markup {
    let parts: Vec<Part> = rows
        .iter()
        .filter_map(|row| {
            Some(Part {
                colour: row.colour,
                share: share_of(row.level)?.value,
            })
        })
        .collect();
    let told = rows.iter().filter_map(|row| {
        let share = figures::share(&share_of(row.level)?);
        let values = [("label", &*row.level.label), ("value", &*share)];
        Some(shown.fill(k::CHART_SHARE, &values))
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let about = format!("{}. {told}", question.title);
    html! {
        @if !parts.is_empty() { (chart::stacked(&parts, &about)) }
        ul class="legend" { @for row in rows { li {
            (chart::swatch(if share_of(row.level).is_some() { row.colour } else { "none" }))
            span lang=(shown.topic.lang) { (plain(&row.level.label)) }
            " " strong { @match share_of(row.level) {
                Some(figure) => (figures::share(&figure)),
                None => (shown.text(k::HIDDEN_CELL)),
            } }
        } } }
    }
}

fn bars(shown: &Shown<'_>, rows: &[Row<'_>]) -> Markup {
    html! {
        div class="rows" { @for row in rows {
            @let label = plain(&row.level.label);
            div class="row" {
                span class="name" lang=(shown.topic.lang) { (label) }
                @match share_of(row.level) {
                    Some(figure) => {
                        @let value = format!("{} ({})", figures::share(&figure), figures::share_range(&figure));
                        span class="value" { (figures::share(&figure)) }
                        (chart::share(&figure, &shown.fill(k::CHART_SHARE, &[("label", &label), ("value", &value)])))
                    }
                    None => span class="value" { (shown.count(None)) },
                }
            }
        } }
    }
}

/// Boxes, mean and scores, each with its interval.
fn scores(shown: &Shown<'_>, whole: &AreaAnswers) -> Markup {
    let line = |key: Key, pair: &Pair, is_share: bool| {
        let figure = figures::best(pair)?;
        let (value, range) = match is_share {
            true => (figures::share(&figure), figures::share_range(&figure)),
            false => (figures::tenths(figure.value), figures::score_range(&figure)),
        };
        Some((shown.text(key).to_owned(), value, range))
    };
    let lines = [
        line(k::TOP2, &whole.top2, true),
        line(k::BOTTOM2, &whole.bottom2, true),
        line(k::MEAN, &whole.mean, false),
        line(k::SCORE100, &whole.score100, false),
        line(k::NPS, &whole.nps, false),
    ];
    html! {
        @if lines.iter().any(Option::is_some) {
            ul class="scores" { @for (name, value, range) in lines.into_iter().flatten() {
                li { (name) " " strong { (value) } " " small { (range) } }
            } }
        }
    }
}

fn table(shown: &Shown<'_>, rows: &[Row<'_>], title: &str) -> Markup {
    let has_weights = rows.iter().any(|row| row.level.share.weighted.is_some());
    html! {
        details {
            summary { (shown.text(k::TABLE)) }
            div class="wide" tabindex="0" role="region" aria-label=(shown.region(title, k::TABLE)) { table {
                thead { tr {
                    th scope="col" { (shown.text(k::LEVEL_HEAD)) }
                    th scope="col" { (shown.text(k::COUNT_HEAD)) }
                    th scope="col" { (shown.text(k::SHARE_HEAD)) }
                    th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    @if has_weights {
                        th scope="col" { (shown.text(k::WEIGHTED_HEAD)) }
                        th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" lang=(shown.topic.lang) { (plain(&row.level.label)) }
                    td { (shown.count(row.level.count)) }
                    (share_cells(row.level.share.unweighted))
                    @if has_weights { (share_cells(row.level.share.weighted)) }
                } } }
            } }
        }
    }
}

fn share_cells(figure: Option<Figure>) -> Markup {
    html! {
        @match figure {
            Some(figure) => { td { (figures::share(&figure)) } td { (figures::share_range(&figure)) } }
            None => { td { } td { } }
        }
    }
}

/// The two best answers, or how many answered, in each area.
fn by_area(shown: &Shown<'_>, question: &QuestionReport) -> Markup {
    let areas = &shown.told.report.areas;
    let told = question.areas.iter().zip(areas).skip(1);
    let told: Vec<_> = told
        .filter(|(answers, _)| answers.met.answered.is_some())
        .collect();
    let is_scored = question
        .areas
        .iter()
        .any(|answers| figures::best(&answers.top2).is_some());
    if told.is_empty() || !is_scored {
        return html! {};
    }
    html! {
        details {
            summary { (shown.text(k::BY_AREA)) }
            div class="wide" tabindex="0" role="region" aria-label=(shown.region(&question.title, k::BY_AREA)) { table {
                thead { tr {
                    th scope="col" { (shown.text(k::AREA)) }
                    th scope="col" { (shown.text(k::N_HEAD)) }
                    th scope="col" { (shown.text(k::TOP2)) }
                    th scope="col" { (shown.text(k::INTERVAL_HEAD)) }
                    th scope="col" { (shown.text(k::SCORE100)) }
                } }
                tbody { @for (answers, area) in told { tr {
                    th scope="row" { bdi { (plain(&area.name)) } }
                    td { (shown.count(answers.met.answered)) }
                    @match figures::best(&answers.top2) {
                        Some(figure) => { td { (figures::share(&figure)) } td { (figures::share_range(&figure)) } }
                        None => { td { (shown.count(None)) } td { } }
                    }
                    td { @match figures::best(&answers.score100) {
                        Some(figure) => (figures::tenths(figure.value)),
                        None => (shown.count(None)),
                    } }
                } } }
            } }
        }
    }
}

/// The index, from 0 to 100.
fn index(shown: &Shown<'_>) -> Markup {
    let Some(index) = &shown.told.index else {
        return html! {};
    };
    let Some(figure) = figures::best(&index.figure) else {
        return html! {};
    };
    let of_one = Figure {
        value: figure.value / 100.0,
        low: figure.low.map(|low| low / 100.0),
        high: figure.high.map(|high| high / 100.0),
        ..figure
    };
    let value = figures::tenths(figure.value);
    html! {
        section class="card" aria-labelledby="index" {
            h2 id="index" { (shown.text(k::INDEX_HEAD)) }
            p class="big" { strong { (value) } " " small { (figures::score_range(&figure)) " · n = " (grouped(figure.n)) } }
            (chart::dot(&of_one, &format!("{value} ({})", figures::score_range(&figure))))
            div class="ends" aria-hidden="true" { span { "0" } span { "50" } span { "100" } }
            p class="muted" { (shown.fill(k::INDEX_FORMULA, &[("formula", &plain(&index.formula))])) }
        }
    }
}

/// Questions together.
fn cross(shown: &Shown<'_>) -> Markup {
    let report = &shown.told.report;
    if report.cross_tables.is_empty() {
        return html! {};
    }
    let title = |name: &str| {
        let mut found = report.code_book.iter().filter(|line| line.name == name);
        found
            .next()
            .map_or_else(|| name.to_owned(), |line| plain(&line.title))
    };
    let label = |label: &str| match label {
        "" => shown.text(k::NO_ANSWER).to_owned(),
        _ => plain(label),
    };
    html! {
        section class="card" aria-labelledby="cross" {
            h2 id="cross" { (shown.text(k::CROSS_HEAD)) }
            @for table in &report.cross_tables {
                @let name = shown.fill(k::CROSS_TITLE, &[("rows", &title(&table.rows)), ("columns", &title(&table.columns))]);
                details {
                    summary { (name) }
                    div class="wide" tabindex="0" role="region" aria-label=(name) { table {
                        thead { tr {
                            td { }
                            @for column in &table.column_labels { th scope="col" { (label(column)) } }
                        } }
                        tbody { @for (row, counts) in table.row_labels.iter().zip(&table.counts) { tr {
                            th scope="row" { (label(row)) }
                            @for count in counts { td { (shown.count(*count)) } }
                        } } }
                    } }
                    p class="muted" { (shown.fill(k::CROSS_TEST, &[
                        ("df1", &format!("{:.2}", table.df.0)), ("df2", &format!("{:.1}", table.df.1)),
                        ("f", &format!("{:.2}", table.f)), ("p", &figures::p_value(table.p)),
                        ("holm", &figures::p_value(table.p_holm)), ("n", &grouped(table.n)),
                    ]).replace("= <", "<")) }
                }
            }
        }
    }
}
