//! What must stay hidden so that no small count can be worked out from what is shown.
//!
//! Everything published is a set of linear equations over *cells* (counts of the finest
//! table). A count from 1 to 9 (below [`SHOWN_MIN`]) is hidden; a zero picks nobody out and
//! is shown, unless it must cover for another count; then more is hidden, least loss first,
//! until no hidden count follows from the equations left, together with the knowledge
//! that counts are not negative. Proof for each hidden count: a direction that keeps every
//! equation, changes the count, and takes away only from cells that have something. In
//! tables whose equations are plain sums over rows, columns and a tree, such a direction
//! has steps of −1, 0 and 1, so that another table of whole numbers fits as well.
//!
//! Elimination is modulo the prime 2⁶¹ − 1. It may take two figures for dependent that are
//! not (then one more is hidden) with a probability of about 10⁻¹⁵, never the reverse
//! unless a minor of these small whole numbers is a multiple of that prime.

/// The smallest count that is shown, besides 0.
pub const SHOWN_MIN: u64 = 10;

/// Whether a count is hidden for its own sake.
pub fn is_small(count: u64) -> bool {
    (1..SHOWN_MIN).contains(&count)
}

const PRIME: u64 = (1 << 61) - 1;

/// (cell, factor) pairs: a linear figure.
pub type Row = Vec<(usize, i64)>;

/// Something that would be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it tells of the cells.
    pub row: Row,
    /// Hidden from the start.
    pub is_hidden: bool,
    /// Never hidden by others (a total that other tables already show).
    pub is_fixed: bool,
    /// What hiding it costs: greater is dearer, as a body cell against a total.
    pub cost: u64,
}

/// Which figures to hide. `identities` are equations that everybody knows.
pub fn hide(cells: &[u64], figures: &[Figure], identities: &[Row]) -> Vec<bool> {
    let mut is_hidden: Vec<bool> = figures.iter().map(|figure| figure.is_hidden).collect();
    if !is_hidden.contains(&true) {
        return is_hidden;
    }
    loop {
        let victims = System::new(cells, figures, identities, &is_hidden).victims();
        if victims.is_empty() {
            return is_hidden;
        }
        victims
            .into_iter()
            .for_each(|figure| is_hidden[figure] = true);
    }
}

/// The published equations over what is unknown: a line per cell, a column per equation.
struct System<'a> {
    figures: &'a [Figure],
    is_hidden: &'a [bool],
    /// Which figure tells a cell on its own.
    told_by: Vec<Option<usize>>,
    /// Column → cells of its equation that are told on their own.
    known_in: Vec<Vec<usize>>,
    /// Whose equation a column is; `None` for identities.
    columns: Vec<Option<usize>>,
    /// Hidden counts that are looked at, one extra column each.
    hidden: Vec<usize>,
    /// Lines of cells that hold something, in echelon form after [`System::eliminate`].
    lines: Vec<Vec<u64>>,
    /// Lines of empty cells.
    empty: Vec<(usize, Vec<u64>)>,
    /// (column, line) of each pivot.
    pivots: Vec<(usize, usize)>,
}

impl<'a> System<'a> {
    fn new(
        cells: &[u64],
        figures: &'a [Figure],
        identities: &[Row],
        is_hidden: &'a [bool],
    ) -> Self {
        let mut told_by = told_by(cells.len(), figures, is_hidden);
        let mut is_known: Vec<bool> = told_by.iter().map(Option::is_some).collect();
        // Cells below a settled total of nobody are empty for everybody to see.
        for figure in figures
            .iter()
            .filter(|figure| figure.is_fixed && !figure.is_hidden)
        {
            if figure.row.iter().all(|(cell, _)| cells[*cell] == 0) {
                for (cell, _) in &figure.row {
                    is_known[*cell] = true;
                    told_by[*cell] = None;
                }
            }
        }
        let is_open = |row: &Row| {
            row.iter()
                .any(|(cell, factor)| !is_known[*cell] && *factor != 0)
        };
        let mut shown: Vec<usize> = (0..figures.len()).filter(|f| !is_hidden[*f]).collect();
        // Cheap equations first, so that pivots, which are hidden next, are cheap.
        shown.sort_by_key(|f| (figures[*f].is_fixed, figures[*f].cost));
        let mut columns = Vec::new();
        let mut rows: Vec<&Row> = Vec::new();
        for figure in shown {
            if is_open(&figures[figure].row) {
                columns.push(Some(figure));
                rows.push(&figures[figure].row);
            }
        }
        for row in identities.iter().filter(|row| is_open(row)) {
            columns.push(None);
            rows.push(row);
        }
        let known = |row: &&Row| {
            row.iter()
                .map(|(c, _)| *c)
                .filter(|c| is_known[*c])
                .collect()
        };
        let known_in = rows.iter().map(known).collect();
        let hidden: Vec<usize> = (0..figures.len()).filter(|f| is_hidden[*f]).collect();
        rows.extend(hidden.iter().map(|f| &figures[*f].row));
        let mut all = vec![vec![0; rows.len()]; cells.len()];
        for (column, row) in rows.iter().enumerate() {
            for (cell, factor) in *row {
                all[*cell][column] = add(all[*cell][column], modulo(*factor));
            }
        }
        let unknown = all
            .into_iter()
            .enumerate()
            .filter(|(cell, _)| !is_known[*cell]);
        let (full, empty): (Vec<_>, Vec<_>) = unknown.partition(|(cell, _)| cells[*cell] > 0);
        Self {
            figures,
            is_hidden,
            told_by,
            known_in,
            columns,
            hidden,
            lines: full.into_iter().map(|(_, line)| line).collect(),
            empty,
            pivots: Vec::new(),
        }
    }

    /// Figures to hide next; none when every hidden count is safe.
    fn victims(mut self) -> Vec<usize> {
        self.eliminate();
        let mut victims = Vec::new();
        for at in 0..self.hidden.len() {
            if let Some(columns) = self.recovery(at) {
                let candidates = self.candidates(at, &columns);
                // One of these hidden in this round already may be enough.
                if candidates.iter().any(|f| victims.contains(f)) {
                    continue;
                }
                victims.extend(candidates.into_iter().min_by_key(|f| self.figures[*f].cost));
            }
        }
        victims.retain(|f| !self.is_hidden[*f]);
        victims
    }

    /// Figures that make these equations what they are: the equations themselves, and
    /// what tells the known cells in them.
    fn candidates(&self, at: usize, columns: &[usize]) -> Vec<usize> {
        let known = columns.iter().flat_map(|column| &self.known_in[*column]);
        let row = &self.figures[self.hidden[at]].row;
        let told = known.chain(row.iter().map(|(cell, _)| cell));
        let told = told.filter_map(|cell| self.told_by[*cell]);
        let own = columns.iter().filter_map(|column| self.columns[*column]);
        own.chain(told)
            .filter(|figure| !self.figures[*figure].is_fixed)
            .collect()
    }

    fn eliminate(&mut self) {
        let mut next = 0;
        for column in 0..self.columns.len() {
            let Some(found) = (next..self.lines.len()).find(|l| self.lines[*l][column] != 0) else {
                continue;
            };
            self.lines.swap(next, found);
            let factor = inverse(self.lines[next][column]);
            self.lines[next]
                .iter_mut()
                .for_each(|x| *x = times(*x, factor));
            let pivot = self.lines[next].clone();
            for (line, values) in self.lines.iter_mut().enumerate() {
                if line != next {
                    reduce(values, &pivot, column);
                }
            }
            for (_, values) in &mut self.empty {
                reduce(values, &pivot, column);
            }
            self.pivots.push((column, next));
            next += 1;
        }
    }

    /// The equations that give the hidden count away; `None` when it is safe.
    fn recovery(&self, at: usize) -> Option<Vec<usize>> {
        let extra = self.columns.len() + at;
        let row = &self.figures[self.hidden[at]].row;
        let is_left = |line: &Vec<u64>| line[extra] != 0;
        if self.lines[self.pivots.len()..].iter().any(is_left) {
            return None;
        }
        let is_blank = |line: &[u64]| line[..self.columns.len()].iter().all(|x| *x == 0);
        // An empty cell may grow where cells that hold something can make up for it.
        let may_grow = |(_, line): &(usize, Vec<u64>)| is_blank(line) && line[extra] != 0;
        if self.empty.iter().any(may_grow) {
            return None;
        }
        let used = self
            .pivots
            .iter()
            .filter(|(_, line)| self.lines[*line][extra] != 0);
        let mut columns: Vec<usize> = used.map(|(column, _)| *column).collect();
        if columns.is_empty() {
            let own = |(cell, _): &&(usize, Vec<u64>)| row.iter().any(|(own, _)| own == cell);
            columns = self.dependency(&self.empty.iter().filter(own).collect::<Vec<_>>());
        }
        Some(columns)
    }

    /// Equations that together leave an empty cell no room: a column that elimination left
    /// over, and the pivots that it leans on.
    fn dependency(&self, empty: &[&(usize, Vec<u64>)]) -> Vec<usize> {
        let is_left = |column: &usize| empty.iter().any(|(_, line)| line[*column] != 0);
        let left: Vec<usize> = (0..self.columns.len()).filter(is_left).collect();
        let leans = |(_, line): &&(usize, usize)| left.iter().any(|c| self.lines[*line][*c] != 0);
        let pivots = self.pivots.iter().filter(leans).map(|(column, _)| *column);
        left.iter().copied().chain(pivots).collect()
    }
}

/// Cells that are published on their own, and by which figure.
fn told_by(cells: usize, figures: &[Figure], is_hidden: &[bool]) -> Vec<Option<usize>> {
    let mut told_by = vec![None; cells];
    for (index, figure) in figures
        .iter()
        .enumerate()
        .filter(|(index, _)| !is_hidden[*index])
    {
        if let [(cell, factor)] = figure.row[..]
            && factor != 0
        {
            told_by[cell] = Some(index);
        }
    }
    told_by
}

fn reduce(values: &mut [u64], pivot: &[u64], column: usize) {
    let factor = values[column];
    if factor != 0 {
        let minus = PRIME - factor;
        for (x, y) in values.iter_mut().zip(pivot).filter(|(_, y)| **y != 0) {
            *x = add(*x, times(*y, minus));
        }
    }
}

fn modulo(x: i64) -> u64 {
    let rest = x.unsigned_abs() % PRIME;
    if x < 0 && rest > 0 {
        PRIME - rest
    } else {
        rest
    }
}

fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    add((product & u128::from(PRIME)) as u64, (product >> 61) as u64)
}

/// By Fermat: x^(p−2).
fn inverse(x: u64) -> u64 {
    let (mut power, mut square, mut exponent) = (1, x, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = times(power, square);
        }
        square = times(square, square);
        exponent >>= 1;
    }
    power
}
