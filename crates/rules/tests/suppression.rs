//! Attacks on what a report shows: nobody may work out a hidden count.

use linli_rules::statistics::suppress::is_small;
use linli_rules::statistics::table::{Area, Hidden, PlaceTable, hidden_in, hidden_totals};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// 社区, two 网格, and their places (微网格).
fn areas(places: usize) -> Vec<Area> {
    let area = |places: std::ops::Range<usize>| Area {
        places: places.collect(),
    };
    let mut areas = vec![
        area(0..places),
        area(0..places / 2),
        area(places / 2..places),
    ];
    areas.extend((0..places).map(|place| area(place..place + 1)));
    areas
}

/// What the attacker reads: equations over the cells of all questions. Questions share
/// their respondents, so that places' totals are equal between them.
struct Published {
    cells: Vec<i128>,
    equations: Vec<BTreeMap<usize, i128>>,
    hidden: Vec<BTreeMap<usize, i128>>,
}

fn publish(areas: &[Area], tables: &[PlaceTable]) -> Published {
    let respondents: Vec<u64> = tables[0]
        .counts
        .iter()
        .map(|row| row.iter().sum())
        .collect();
    let is_total_hidden = hidden_totals(areas, &respondents);
    let mut out = Published {
        cells: vec![],
        equations: vec![],
        hidden: vec![],
    };
    let mut offsets = Vec::new();
    for table in tables {
        let Hidden { counts, derived } = hidden_in(areas, &is_total_hidden, table);
        let (offset, columns) = (out.cells.len(), table.counts[0].len());
        offsets.push(offset);
        out.cells
            .extend(table.counts.iter().flatten().map(|n| i128::from(*n)));
        let row = |area: &Area, factor: &dyn Fn(usize) -> i128| -> BTreeMap<usize, i128> {
            let pairs = area.places.iter().flat_map(|place| {
                (0..columns).map(move |column| (offset + place * columns + column, column))
            });
            pairs
                .map(|(cell, column)| (cell, factor(column)))
                .filter(|(_, f)| *f != 0)
                .collect()
        };
        for (index, area) in areas.iter().enumerate() {
            let mut add = |is_hidden: bool, row| {
                if is_hidden {
                    out.hidden.push(row)
                } else {
                    out.equations.push(row)
                }
            };
            add(is_total_hidden[index], row(area, &|_| 1));
            for (column, is_hidden) in counts[index].iter().enumerate() {
                let of = row(area, &|other| i128::from(other == column));
                add(*is_hidden, of);
            }
            for (sums, is_hidden) in table.derived.iter().zip(&derived[index]) {
                add(*is_hidden, row(area, &|column| i128::from(sums[column])));
            }
        }
    }
    let columns = |table: usize| tables[table].counts[0].len();
    for place in 0..respondents.len() {
        for table in 1..tables.len() {
            let cell = |table: usize, c: usize| offsets[table] + place * columns(table) + c;
            let first = (0..columns(0)).map(|c| (cell(0, c), 1));
            out.equations.push(
                first
                    .chain((0..columns(table)).map(|c| (cell(table, c), -1)))
                    .collect(),
            );
        }
    }
    out
}

/// Exact elimination by fractions without division; lines stay whole numbers.
fn determined(published: &Published) -> Vec<usize> {
    let mut basis: Vec<BTreeMap<usize, i128>> = Vec::new();
    for equation in &published.equations {
        let rest = reduced(equation.clone(), &basis);
        if !rest.is_empty() {
            basis.push(rest);
        }
    }
    let is_zero =
        |(_, row): &(usize, &BTreeMap<usize, i128>)| reduced((*row).clone(), &basis).is_empty();
    published
        .hidden
        .iter()
        .enumerate()
        .filter(is_zero)
        .map(|(index, _)| index)
        .collect()
}

fn reduced(
    mut row: BTreeMap<usize, i128>,
    basis: &[BTreeMap<usize, i128>],
) -> BTreeMap<usize, i128> {
    for known in basis {
        let (lead, by) = known
            .iter()
            .next()
            .map(|(cell, x)| (*cell, *x))
            .expect("not empty");
        let Some(factor) = row.get(&lead).copied() else {
            continue;
        };
        let mut next: BTreeMap<usize, i128> = row.iter().map(|(cell, x)| (*cell, x * by)).collect();
        for (cell, x) in known {
            *next.entry(*cell).or_default() -= factor * x;
        }
        next.retain(|_, x| *x != 0);
        let divisor = next.values().fold(0, |a, b| gcd(a, *b));
        next.values_mut().for_each(|x| *x /= divisor);
        row = next;
    }
    row
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 {
        a.abs().max(1)
    } else if a % b == 0 {
        b.abs()
    } else {
        gcd(b, a % b)
    }
}

/// A second table of whole numbers ≥ 0 that fits everything shown and differs in `hidden`.
fn is_ambiguous(published: &Published, hidden: &BTreeMap<usize, i128>) -> bool {
    let value = |row: &BTreeMap<usize, i128>, steps: &[i128]| -> i128 {
        row.iter().map(|(cell, factor)| factor * steps[*cell]).sum()
    };
    let singles = published.equations.iter().filter(|row| row.len() == 1);
    let known: Vec<usize> = singles.flat_map(|row| row.keys().copied()).collect();
    let cells = 0..published.cells.len();
    let free: Vec<usize> = cells.filter(|cell| !known.contains(cell)).collect();
    let mut steps = vec![0; published.cells.len()];
    for mut code in 0..3_u64.pow(u32::try_from(free.len()).expect("few cells")) {
        for cell in &free {
            steps[*cell] = i128::from(code % 3) - 1;
            code /= 3;
        }
        if value(hidden, &steps) != 0
            && published
                .cells
                .iter()
                .zip(&steps)
                .all(|(n, step)| n + step >= 0)
            && published
                .equations
                .iter()
                .all(|row| value(row, &steps) == 0)
        {
            return true;
        }
    }
    false
}

fn counts(places: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<u64>>> {
    let count = prop_oneof![2 => 0_u64..4, 3 => 0_u64..14, 4 => 10_u64..60];
    prop::collection::vec(prop::collection::vec(count, columns), places)
}

/// A second question to the same respondents: everybody's column drawn anew.
fn second(first: &[Vec<u64>], columns: usize, seed: u64) -> Vec<Vec<u64>> {
    let mut state = seed | 1;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 40).expect("24 bits")
    };
    let place = |row: &Vec<u64>| {
        let mut out = vec![0; columns];
        (0..row.iter().sum()).for_each(|_| out[next() % columns] += 1);
        out
    };
    first.iter().map(place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn elimination_over_two_questions_and_the_tree_finds_no_hidden_count(
        first in counts(6, 5),
        seed in any::<u64>(),
    ) {
        let sum = |columns: &[usize]| (0..5).map(|column| columns.contains(&column)).collect();
        let derived = vec![sum(&[0, 1, 2, 3]), sum(&[2, 3]), sum(&[0, 1])];
        let other = second(&first, 4, seed);
        let tables = [
            PlaceTable { counts: first, open: 1, derived },
            PlaceTable { counts: other, open: 0, derived: vec![] },
        ];
        let published = publish(&areas(6), &tables);
        prop_assert_eq!(determined(&published), Vec::<usize>::new());
    }

    #[test]
    fn another_table_of_whole_numbers_fits_everything_shown(
        counts in counts(3, 3),
        has_sum in any::<bool>(),
    ) {
        let areas: Vec<Area> = areas(3).into_iter().filter(|area| !area.places.is_empty()).collect();
        let table = PlaceTable { counts, open: usize::from(has_sum), derived: if has_sum { vec![vec![true, true, false]] } else { vec![] } };
        let published = publish(&areas, &[table]);
        for hidden in &published.hidden {
            prop_assert!(is_ambiguous(&published, hidden), "{:?} is given away", hidden);
        }
    }

    #[test]
    fn small_counts_are_hidden_and_large_tables_are_shown(counts in counts(4, 3)) {
        let areas = areas(4);
        let respondents: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
        let totals = hidden_totals(&areas, &respondents);
        let table = PlaceTable { counts: counts.clone(), open: 0, derived: vec![] };
        let hidden = hidden_in(&areas, &totals, &table);
        let mut is_any_small = false;
        for (area, hidden) in areas.iter().zip(&hidden.counts) {
            for (column, is_hidden) in hidden.iter().enumerate() {
                let n: u64 = area.places.iter().map(|place| counts[*place][column]).sum();
                is_any_small |= is_small(n);
                prop_assert!(*is_hidden || !is_small(n));
            }
        }
        let is_any_hidden = totals.contains(&true) || hidden.counts.iter().flatten().any(|x| *x);
        prop_assert!(is_any_small || !is_any_hidden);
    }
}

/// The negative control: with small counts hidden and nothing else, the attack succeeds.
#[test]
fn the_attack_recovers_what_only_primary_suppression_hides() {
    let row = |cells: &[usize]| cells.iter().map(|cell| (*cell, 1)).collect();
    let published = Published {
        cells: vec![3, 20, 40],
        equations: vec![row(&[1]), row(&[2]), row(&[0, 1, 2])],
        hidden: vec![row(&[0])],
    };
    assert_eq!(determined(&published), [0]);
    assert!(!is_ambiguous(&published, &published.hidden[0]));
}
