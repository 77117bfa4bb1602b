//! A survey's report in words: what people see first, and the labels of its figures.

use crate::{Catalog, Key, grouped, report as k};
use linli_model::report::{
    Change, Figure, FirstScreen, NextStep, Sampling, SurveyReport, WeightsReport, Worst,
};

/// What people see first, a line each: satisfaction, the worst area, the change, the next
/// step, and how far the figures reach.
pub fn report_lines(catalog: &Catalog, report: &SurveyReport) -> Vec<String> {
    let FirstScreen {
        satisfaction,
        worst,
        change,
        next,
    } = &report.first;
    let mut lines = vec![match satisfaction {
        Some(figure) => share_line(catalog, k::SATISFACTION, "", figure),
        None => catalog.text(k::SATISFACTION_HIDDEN).to_owned(),
    }];
    match worst {
        Worst::Area {
            name, satisfaction, ..
        } => lines.push(share_line(catalog, k::WORST_AREA, name, satisfaction)),
        Worst::TooFewToSay => lines.push(catalog.text(k::WORST_TOO_FEW).to_owned()),
        Worst::NoAreas => {}
    }
    lines.extend(change.as_ref().map(|change| change_line(catalog, change)));
    lines.push(catalog.text(next_step(*next)).to_owned());
    lines.push(catalog.text(sampling(report.sampling)).to_owned());
    lines
}

/// How weights were made, in a line or two.
pub fn weights_lines(catalog: &Catalog, weights: &WeightsReport) -> Vec<String> {
    let (deff, n_eff) = (
        format!("{:.2}", weights.deff),
        format!("{:.0}", weights.n_eff),
    );
    let mut lines = vec![catalog.fill(k::DEFF, &[("deff", &deff), ("n_eff", &n_eff)])];
    if !weights.is_converged {
        let gap = percent(weights.margin_gap);
        lines.push(catalog.fill(k::RAKING_OPEN, &[("gap", &gap)]));
    }
    lines
}

/// 0.8214 → "82.1%".
pub fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

fn share_line(catalog: &Catalog, key: Key, name: &str, figure: &Figure) -> String {
    // "75.9–87.0%": one sign for both ends, as the sentence has it.
    let low = figure
        .low
        .map_or_else(|| "?".to_owned(), |low| format!("{:.1}", low * 100.0));
    let high = figure.high.map_or_else(|| "?".to_owned(), percent);
    let (value, n) = (percent(figure.value), grouped(figure.n));
    let values = [
        ("name", name),
        ("value", &value),
        ("low", &low),
        ("high", &high),
        ("n", &n),
    ];
    catalog.fill(key, &values)
}

fn change_line(catalog: &Catalog, change: &Change) -> String {
    let points = |share: f64| format!("{:.1}", share * 100.0);
    let p = match change.p < 0.001 {
        true => "< 0.001".to_owned(),
        false => format!("{:.3}", change.p),
    };
    let (key, low, high) = match (change.low > 0.0, change.high < 0.0) {
        (true, _) => (k::CHANGE_UP, change.low, change.high),
        // "Less by 14.0, from 8.7 to 19.4": the amount, so ends trade places.
        (_, true) => (k::CHANGE_DOWN, -change.high, -change.low),
        _ => (k::CHANGE_UNCLEAR, change.low, change.high),
    };
    let value = match key == k::CHANGE_UNCLEAR {
        true => points(change.value),
        false => points(change.value.abs()),
    };
    let (low, high) = (points(low), points(high));
    let values = [
        ("value", &*value),
        ("low", &*low),
        ("high", &*high),
        ("p", &*p),
    ];
    catalog.fill(key, &values).replace("= <", "<")
}

fn next_step(next: NextStep) -> Key {
    match next {
        NextStep::Mend => k::NEXT_MEND,
        NextStep::AskWhy => k::NEXT_ASK_WHY,
        NextStep::AskMore => k::NEXT_ASK_MORE,
        NextStep::KeepOn => k::NEXT_KEEP_ON,
    }
}

fn sampling(sampling: Sampling) -> Key {
    match sampling {
        Sampling::OpenLink => k::OPEN_LINK,
        Sampling::Roll => k::SAMPLE_ROLL,
        Sampling::Random => k::SAMPLE_RANDOM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::report::Method;

    fn share(value: f64, low: f64, high: f64) -> Figure {
        Figure {
            value,
            se: None,
            low: Some(low),
            high: Some(high),
            n: 187,
            n_eff: None,
            method: Method::Wilson,
        }
    }

    fn report() -> SurveyReport {
        SurveyReport {
            source: String::new(),
            as_of_ms: 0,
            sampling: Sampling::OpenLink,
            responses: Some(187),
            shown_min: 10,
            first: FirstScreen {
                satisfaction: Some(share(0.8209, 0.7593, 0.8696)),
                worst: Worst::TooFewToSay,
                change: Some(Change {
                    value: -0.14,
                    low: -0.194,
                    high: -0.087,
                    p: 3e-7,
                    method: Method::Welch,
                }),
                next: NextStep::AskWhy,
            },
            areas: vec![],
            questions: vec![],
            cross_tables: vec![],
            weights: None,
            code_book: vec![],
            methods: vec![],
        }
    }

    #[test]
    fn the_first_screen_is_said_in_words() {
        let zh = report_lines(&Catalog::embedded("zh-Hans").unwrap(), &report());
        assert_eq!(zh[0], "满意率 82.1%（95% 区间 75.9–87.0%），共 187 份回答");
        assert_eq!(zh[1], "各处回答太少，还说不出哪里更差");
        assert_eq!(
            zh[2],
            "比上一期低 14.0 个百分点（95% 区间 8.7–19.4，p < 0.001）"
        );
        assert!(zh[4].starts_with("非概率样本"));
        let en = report_lines(&Catalog::embedded("en").unwrap(), &report());
        assert_eq!(
            en[0],
            "82.1% are satisfied (95% interval 75.9–87.0%), from 187 answers"
        );
        assert_eq!(en.len(), 5);
    }

    #[test]
    fn an_unclear_change_is_no_rise() {
        let mut report = report();
        report.first.change = Some(Change {
            value: 0.02,
            low: -0.05,
            high: 0.09,
            p: 0.574,
            method: Method::Welch,
        });
        report.first.satisfaction = None;
        let en = report_lines(&Catalog::embedded("en").unwrap(), &report);
        assert_eq!(en[0], "Too few answers to publish a share");
        assert!(en[2].starts_with("No clear change since last time (by 2.0 points"));
    }
}
