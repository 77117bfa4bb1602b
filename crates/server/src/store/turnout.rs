//! Turnout by place, from what a roll holds; alike for every store.

use linli_model::{PlaceId, PlaceRef, Turnout};
use std::collections::{BTreeMap, HashSet};

/// An entry of a roll below the topic's place.
pub(super) struct Seat {
    /// The place directly below the topic's that it counts for.
    pub(super) place: String,
    /// That place's name.
    pub(super) name: String,
    /// The voter's number.
    pub(super) voter: i64,
    /// Whether it stands on the roll now.
    pub(super) is_current: bool,
}

/// Each voter counts once, in the first place where they stand. Who was taken off the
/// roll counts only where a ballot of theirs does.
pub(super) fn by_place(
    mut seats: Vec<Seat>,
    has_voted: impl Fn(i64) -> bool,
) -> Result<Vec<(PlaceRef, Turnout)>, String> {
    seats.sort_unstable_by(|a, b| {
        let order = |seat: &Seat| (!seat.is_current, seat.voter);
        order(a).cmp(&order(b)).then_with(|| a.place.cmp(&b.place))
    });
    let mut counted = HashSet::with_capacity(seats.len());
    let mut places: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    for seat in seats {
        let entry = places.entry(seat.place).or_insert((seat.name, 0, 0));
        if !counted.insert(seat.voter) {
            continue;
        }
        let voted = has_voted(seat.voter);
        entry.1 += u64::from(voted);
        entry.2 += u64::from(voted || seat.is_current);
    }
    places
        .into_iter()
        .filter(|(_, (_, _, eligible))| *eligible > 0)
        .map(|(id, (name, cast, eligible))| {
            let id = PlaceId::parse(&id).map_err(|error| format!("{id}: {error}"))?;
            let eligible = Some(eligible);
            Ok((PlaceRef { id, name }, Turnout { cast, eligible }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_voter_counts_once_and_the_removed_only_where_they_voted() {
        let seat = |place: &str, voter, is_current| Seat {
            place: place.to_owned(),
            name: String::new(),
            voter,
            is_current,
        };
        let seats = vec![
            seat("b", 1, true), // holds units in both places
            seat("a", 1, true),
            seat("b", 2, true),
            seat("a", 3, false), // voted, then left
            seat("a", 4, false), // left without a vote
            seat("b", 2, false), // an earlier line of who is still there
        ];
        let told = by_place(seats, |voter| voter == 1 || voter == 3).unwrap();
        let figures: Vec<_> = told
            .iter()
            .map(|(place, t)| (place.id.as_str(), t.cast, t.eligible))
            .collect();
        assert_eq!(figures, [("a", 2, Some(2)), ("b", 0, Some(1))]);
    }
}
