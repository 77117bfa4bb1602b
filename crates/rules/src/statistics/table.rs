//! Answers by place, as a report shows them: which figures of which place are hidden.
//!
//! A table has one line per *area* (社区, 网格, 微网格 …), areas forming a tree over the
//! smallest places. Totals of areas are settled first, for all questions together; an area
//! whose total is hidden shows nothing at all.

use super::suppress::{Figure, Row, SHOWN_MIN, hide};

/// An area: the smallest places it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Indexes of places.
    pub places: Vec<usize>,
}

/// A question by place. Every respondent is in exactly one column; the last columns may
/// stand for no answer, don't know and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceTable {
    /// Place → column → respondents.
    pub counts: Vec<Vec<u64>>,
    /// Sums that are published as well, over columns: boxes (factors 0 and 1), and for a
    /// mean with its error the scores and their squares.
    pub derived: Vec<Vec<Vec<i64>>>,
}

/// What of a question stays hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Area → column.
    pub counts: Vec<Vec<bool>>,
    /// Area → derived figure.
    pub derived: Vec<Vec<bool>>,
}

/// Which areas' totals are hidden. They are the same for every question.
pub fn hidden_totals(areas: &[Area], respondents: &[u64]) -> Vec<bool> {
    let figure = |area: &Area| {
        let n: u64 = area.places.iter().map(|place| respondents[*place]).sum();
        Figure {
            rows: vec![area.places.iter().map(|place| (*place, 1)).collect()],
            is_hidden: n < SHOWN_MIN,
            is_count: true,
            is_fixed: false,
            cost: n,
        }
    };
    let figures: Vec<Figure> = areas.iter().map(figure).collect();
    hide(respondents, &figures, &[])
}

/// What of one question is hidden, given [`hidden_totals`].
pub fn hidden_in(areas: &[Area], is_total_hidden: &[bool], table: &PlaceTable) -> Hidden {
    let columns = table.counts.first().map_or(0, Vec::len);
    let cells: Vec<u64> = table.counts.iter().flatten().copied().collect();
    let row_of = |area: &Area, factors: &dyn Fn(usize) -> i64| -> Row {
        let cell = |place: usize| {
            let factor = move |column| (place * columns + column, factors(column));
            (0..columns).map(factor).filter(|(_, factor)| *factor != 0)
        };
        area.places.iter().flat_map(|place| cell(*place)).collect()
    };
    let n_of = |area: &Area| {
        row_of(area, &|_| 1)
            .iter()
            .map(|(cell, _)| cells[*cell])
            .sum::<u64>()
    };
    let mut figures = Vec::new();
    for (area, is_total_hidden) in areas.iter().zip(is_total_hidden) {
        for column in 0..columns {
            let row = row_of(area, &|other| i64::from(other == column));
            let count: u64 = row.iter().map(|(cell, _)| cells[*cell]).sum();
            figures.push(Figure {
                rows: vec![row],
                is_hidden: *is_total_hidden || count < SHOWN_MIN,
                is_count: true,
                is_fixed: false,
                cost: DERIVED_COST_MAX + count,
            });
        }
        for sums in &table.derived {
            figures.push(Figure {
                rows: sums
                    .iter()
                    .map(|sum| row_of(area, &|column| sum[column]))
                    .collect(),
                is_hidden: *is_total_hidden,
                is_count: false,
                is_fixed: false,
                cost: n_of(area).min(DERIVED_COST_MAX),
            });
        }
        figures.push(Figure {
            rows: vec![row_of(area, &|_| 1)],
            is_hidden: *is_total_hidden,
            is_count: true,
            is_fixed: true,
            cost: u64::MAX,
        });
    }
    let is_hidden = hide(&cells, &figures, &[]);
    let per_area = columns + table.derived.len() + 1;
    let pick = |from: usize, to: usize| -> Vec<Vec<bool>> {
        is_hidden
            .chunks(per_area)
            .map(|area| area[from..to].to_vec())
            .collect()
    };
    Hidden {
        counts: pick(0, columns),
        derived: pick(columns, per_area - 1),
    }
}

/// A derived figure is given up before a count: it can be read off the counts' shape.
const DERIVED_COST_MAX: u64 = 1 << 40;
