//! Cross-tables: the test, and counts as far as they may be shown beside the questions'
//! own tables, which have the same margins.

use super::Frame;
use crate::statistics::crosstab::{holm, rao_scott};
use crate::statistics::suppress::{Figure, Row, hide, is_small};
use crate::statistics::table::hidden_in;
use linli_model::report::CrossTable;

impl Frame<'_> {
    pub(super) fn cross_tables(&self) -> Vec<CrossTable> {
        let tables = self
            .input
            .cross
            .iter()
            .filter_map(|joint| self.cross_table(*joint));
        let mut tables: Vec<CrossTable> = tables.collect();
        let adjusted = holm(&tables.iter().map(|table| table.p).collect::<Vec<f64>>());
        tables
            .iter_mut()
            .zip(adjusted)
            .for_each(|(table, p)| table.p_holm = p);
        tables
    }

    fn cross_table(&self, joint: usize) -> Option<CrossTable> {
        let counts = self.input.counts;
        let group = counts.plan().joint.get(joint)?;
        let (down, across) = (*group.first()?, *group.get(1)?);
        let test = rao_scott(counts, self.weights(), joint)?;
        let sizes = (
            counts.plan().levels[down] + 1,
            counts.plan().levels[across] + 1,
        );
        let mut cells = vec![0; sizes.0 * sizes.1];
        for (_, levels, n) in counts.joint(joint) {
            let row = levels[0].unwrap_or(sizes.0 - 1);
            cells[row * sizes.1 + levels[1].unwrap_or(sizes.1 - 1)] += n;
        }
        let is_hidden = self.hidden_cells(&cells, (down, across), sizes);
        let shown = |at: usize| (!is_hidden[at]).then_some(cells[at]);
        let row = |row: usize| {
            (0..sizes.1)
                .map(|column| shown(row * sizes.1 + column))
                .collect()
        };
        let labels = |question: usize| {
            let levels = self.input.questions[question].levels.iter();
            levels
                .map(|(_, label)| label.clone())
                .chain([String::new()])
                .collect()
        };
        Some(CrossTable {
            rows: self.input.questions[down].full_name(),
            columns: self.input.questions[across].full_name(),
            row_labels: labels(down),
            column_labels: labels(across),
            counts: (0..sizes.0).map(row).collect(),
            n: test.n,
            f: test.f,
            df: (test.df1, test.df2),
            p: test.p,
            p_holm: test.p,
        })
    }

    /// Margins are settled by the questions' own tables; how many answered both is told.
    fn hidden_cells(
        &self,
        cells: &[u64],
        questions: (usize, usize),
        sizes: (usize, usize),
    ) -> Vec<bool> {
        let at = |row: usize, column: usize| row * sizes.1 + column;
        let count = |row: Row, is_hidden: bool, is_fixed: bool, cost: u64| Figure {
            row,
            is_hidden,
            is_fixed,
            cost,
        };
        let body = cells.iter().enumerate();
        let body = body.map(|(cell, n)| count(vec![(cell, 1)], is_small(*n), false, *n));
        let mut figures: Vec<Figure> = body.collect();
        let is_row_hidden = self.is_margin_hidden(questions.0, sizes.0);
        let is_column_hidden = self.is_margin_hidden(questions.1, sizes.1);
        for (row, is_hidden) in is_row_hidden.into_iter().enumerate() {
            let sum = (0..sizes.1).map(|column| (at(row, column), 1)).collect();
            figures.push(count(sum, is_hidden, true, u64::MAX));
        }
        for (column, is_hidden) in is_column_hidden.into_iter().enumerate() {
            let sum = (0..sizes.0).map(|row| (at(row, column), 1)).collect();
            figures.push(count(sum, is_hidden, true, u64::MAX));
        }
        let answered = |row| (0..sizes.1 - 1).map(move |column| (at(row, column), 1));
        let both = (0..sizes.0 - 1).flat_map(answered).collect();
        figures.push(count(both, false, true, u64::MAX));
        hide(cells, &figures, &[])[..cells.len()].to_vec()
    }

    /// The whole community's levels, and "no answer" last, which follows from how many
    /// answered.
    fn is_margin_hidden(&self, question: usize, size: usize) -> Vec<bool> {
        let hidden = hidden_in(&self.areas, &self.is_total_hidden, &self.table(question));
        let levels = hidden.counts[0].iter().copied().take(size - 1);
        levels.chain([hidden.derived[0][0]]).collect()
    }
}
