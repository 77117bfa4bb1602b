//! Weights that bring answers to what a roll knows: how many people each part of the
//! topic's place has.

use super::areas::Cells;
use linli_model::PlaceId;
use linli_rules::statistics::suppress::SHOWN_MIN;
use linli_rules::statistics::weights::{Margin, Weights};

/// Post-stratification by place. Parts from which few answered are joined, so that nobody
/// speaks for a whole 网格. `None` where there are no two parts to weigh.
pub(super) fn by_place(
    cells: &Cells,
    respondents: &[u64],
    population: &[(PlaceId, u64)],
    total: u64,
) -> Option<Weights> {
    let part_of_cell: Vec<usize> = (0..cells.len())
        .map(|cell| {
            let part = cells.part(cell);
            let known = part.and_then(|part| population.iter().position(|(id, _)| id == part));
            known.map_or(0, |at| at + 1)
        })
        .collect();
    let mut parts = vec![Part::default(); population.len() + 1];
    for (cell, part) in part_of_cell.iter().enumerate() {
        parts[*part].respondents += respondents[cell];
    }
    for (part, (_, people)) in parts[1..].iter_mut().zip(population) {
        part.people = *people;
    }
    let elsewhere: u64 = population.iter().map(|(_, people)| people).sum();
    parts[0].people = total.saturating_sub(elsewhere);
    let joined = join(&parts);
    let levels = joined.iter().max().map_or(0, |last| last + 1);
    if levels < 2 {
        return None;
    }
    let mut people = vec![0.0; levels];
    for (part, level) in parts.iter().zip(&joined) {
        people[*level] += part.people as f64;
    }
    let margin = Margin {
        level_of_cell: part_of_cell.iter().map(|part| joined[*part]).collect(),
        population: people,
    };
    Weights::rake(respondents, &[margin], None).ok()
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    respondents: u64,
    people: u64,
}

/// Part → level of the margin. Those with few answers, or of which the roll knows nobody,
/// share the first level; where that has few itself, the part with the fewest joins it.
fn join(parts: &[Part]) -> Vec<usize> {
    let is_small = |part: &Part| part.respondents < SHOWN_MIN || part.people == 0;
    let mut is_joined: Vec<bool> = parts.iter().map(is_small).collect();
    loop {
        let sum = |of: fn(&Part) -> u64| -> u64 {
            let both = parts.iter().zip(&is_joined);
            both.filter(|(_, joined)| **joined)
                .map(|(part, _)| of(part))
                .sum()
        };
        let (respondents, people) = (sum(|part| part.respondents), sum(|part| part.people));
        let is_empty = respondents == 0 && people == 0;
        if is_empty || (respondents >= SHOWN_MIN && people > 0) {
            break;
        }
        let left = (0..parts.len()).filter(|at| !is_joined[*at]);
        let Some(least) = left.min_by_key(|at| parts[*at].respondents) else {
            break;
        };
        is_joined[least] = true;
    }
    let is_any_joined = parts
        .iter()
        .zip(&is_joined)
        .any(|(part, joined)| *joined && part.people > 0);
    let mut next = usize::from(is_any_joined);
    let mut level = |is_joined: &bool| {
        if *is_joined {
            return 0;
        }
        next += 1;
        next - 1
    };
    is_joined.iter().map(&mut level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: &[(u64, u64)]) -> Vec<usize> {
        let part = |(respondents, people): &(u64, u64)| Part {
            respondents: *respondents,
            people: *people,
        };
        join(&parts.iter().map(part).collect::<Vec<_>>())
    }

    #[test]
    fn parts_with_few_answers_share_a_level() {
        // Nobody outside of the parts: each has a level of its own.
        assert_eq!(joined(&[(0, 0), (40, 100), (20, 300)]), [0, 0, 1]);
        // Two small ones together carry enough.
        assert_eq!(joined(&[(0, 0), (40, 100), (6, 50), (7, 60)]), [0, 1, 0, 0]);
        // One small one takes the least of the others with it.
        assert_eq!(
            joined(&[(0, 0), (40, 100), (6, 50), (20, 60)]),
            [0, 1, 0, 0]
        );
        // Answers from where the roll knows nobody.
        assert_eq!(joined(&[(3, 0), (40, 100), (30, 60)]), [0, 1, 0]);
        // Nothing is left to weigh.
        assert_eq!(joined(&[(2, 0), (5, 100)]), [0, 0]);
    }
}
