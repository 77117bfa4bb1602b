//! Answers by place, as a report shows them: which figures of which place are hidden.
//!
//! A table has one line per *area* (社区, 网格, 微网格 …), areas forming a tree over the
//! smallest places. Totals of areas are settled first, for all questions together; an area
//! whose total is hidden shows nothing at all.

use super::suppress::{Figure, Row, hide, is_small};

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
    /// How many of the last columns are no answers (left it, was not asked): that few
    /// people gave none is hidden only where it would give an answer away.
    pub open: usize,
    /// Sums over columns that are published as well: who answered first, then boxes.
    /// Dearest first, as what is kept longest.
    pub derived: Vec<Vec<bool>>,
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
            row: area.places.iter().map(|place| (*place, 1)).collect(),
            is_hidden: is_small(n),
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
    let row_of = |area: &Area, is_in: &dyn Fn(usize) -> bool| -> Row {
        let chosen: Vec<usize> = (0..columns).filter(|column| is_in(*column)).collect();
        let of_place = |place: &usize| {
            let cell = |column: &usize| (place * columns + column, 1);
            chosen.iter().map(cell).collect::<Row>()
        };
        area.places.iter().flat_map(of_place).collect()
    };
    let mut figures = Vec::new();
    for (area, is_total_hidden) in areas.iter().zip(is_total_hidden) {
        let count_of = |row: &Row| row.iter().map(|(cell, _)| cells[*cell]).sum::<u64>();
        let answered = |sum: &Vec<bool>| count_of(&row_of(area, &|column| sum[column]));
        let is_closed =
            *is_total_hidden || table.derived.first().map(answered).is_some_and(is_small);
        let dearest = DERIVED_COST * (table.derived.len() as u64 + 1);
        let of_area = count_of(&row_of(area, &|_| true)).saturating_mul(AREA_COST);
        let mut add = |row: Row, dearness: u64, is_fixed: bool| {
            let count = count_of(&row);
            let is_own = is_closed || (is_small(count) && dearness < dearest);
            figures.push(Figure {
                row,
                is_hidden: if is_fixed { *is_total_hidden } else { is_own },
                is_fixed,
                // A small area's figures are given up before a large one's.
                cost: of_area.saturating_add(dearness).saturating_add(count),
            });
        };
        for column in 0..columns {
            let dearness = if column + table.open < columns {
                0
            } else {
                dearest
            };
            add(row_of(area, &|other| other == column), dearness, false);
        }
        for (rank, sum) in table.derived.iter().enumerate() {
            let dearness = DERIVED_COST * (table.derived.len() - rank) as u64;
            add(row_of(area, &|column| sum[column]), dearness, false);
        }
        add(row_of(area, &|_| true), u64::MAX, true);
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

/// More than any count: counts are given up before the sums that people look for.
const DERIVED_COST: u64 = 1 << 28;
/// More than all figures of an area.
const AREA_COST: u64 = 1 << 32;
