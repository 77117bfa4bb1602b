//! Turnout by place, from what a roll holds; alike for every store.

use super::rolls::voter_number;
use linli_model::desk::roll::RollKind;
use linli_model::{PlaceId, PlaceRef, Turnout};
use std::collections::HashMap;

/// Those who stand, or stood, on a roll below a topic's place. A roll has millions of
/// lines: each takes 16 bytes here.
#[derive(Default)]
pub(super) struct Seats {
    /// Identifiers and names of the places directly below the topic's.
    places: Vec<(String, String)>,
    numbers: HashMap<String, u32>,
    seats: Vec<Seat>,
}

#[derive(Clone, Copy)]
struct Seat {
    voter: i64,
    place: u32,
    is_current: bool,
}

impl Seats {
    /// A line: it counts for `place`, which is directly below the topic's; `is_current`
    /// where it stands on the roll now.
    pub(super) fn add(&mut self, place: &str, name: &str, voter: i64, is_current: bool) {
        // Lines of one place mostly come one after the other.
        let last = self.seats.last().map(|seat| seat.place);
        let is_same = |last: &u32| self.places[*last as usize].0 == place;
        let place = last
            .filter(is_same)
            .unwrap_or_else(|| self.number(place, name));
        self.seats.push(Seat {
            voter,
            place,
            is_current,
        });
    }

    fn number(&mut self, place: &str, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(place) {
            return *number;
        }
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push((place.to_owned(), name.to_owned()));
        self.numbers.insert(place.to_owned(), number);
        number
    }

    /// Nobody does.
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Turnout of each place. Each voter counts once, in the first place where they stand.
    /// Who was taken off the roll counts only where a ballot of theirs does.
    pub(super) fn turnout(
        mut self,
        has_voted: impl Fn(i64) -> bool,
    ) -> Result<Vec<(PlaceRef, Turnout)>, String> {
        let ranks = self.ranks();
        let rank = |seat: &Seat| ranks[seat.place as usize];
        self.seats
            .sort_unstable_by_key(|seat| (seat.voter, !seat.is_current, rank(seat)));
        self.seats.dedup_by_key(|seat| seat.voter);
        let mut counted = vec![(0, 0); self.places.len()];
        for seat in &self.seats {
            let (cast, eligible) = &mut counted[seat.place as usize];
            let voted = has_voted(seat.voter);
            *cast += u64::from(voted);
            *eligible += u64::from(voted || seat.is_current);
        }
        let mut told: Vec<_> = self.places.into_iter().zip(counted).collect();
        told.retain(|(_, (_, eligible))| *eligible > 0);
        told.sort_unstable();
        told.into_iter()
            .map(|((id, name), (cast, eligible))| place_turnout(&id, name, cast, eligible))
            .collect()
    }

    /// Where each place comes by its identifier.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.places.len()).collect();
        order.sort_unstable_by_key(|number| &self.places[*number as usize].0);
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0..).zip(order) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

/// A place's turnout as it is told.
pub(super) fn place_turnout(
    id: &str,
    name: String,
    cast: u64,
    eligible: u64,
) -> Result<(PlaceRef, Turnout), String> {
    let id = PlaceId::parse(id).map_err(|error| format!("{id}: {error}"))?;
    let eligible = Some(eligible);
    Ok((PlaceRef { id, name }, Turnout { cast, eligible }))
}

/// Numbers of the voters of a roll, in their order, who are among `words`.
pub(super) struct Numbers {
    kind: RollKind,
    numbers: Vec<i64>,
}

impl Numbers {
    pub(super) fn new(kind: RollKind) -> Self {
        Self {
            kind,
            numbers: Vec::new(),
        }
    }

    /// Takes a voter by the word that a ballot has; one of another roll is none.
    pub(super) fn add(&mut self, word: &str) {
        self.numbers.extend(voter_number(self.kind, word));
    }

    /// All of them, to be looked up.
    pub(super) fn sorted(mut self) -> Vec<i64> {
        self.numbers.sort_unstable();
        self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(seats: &[(&str, i64, bool)], voted: &[i64]) -> Vec<(String, u64, Option<u64>)> {
        let mut all = Seats::default();
        for (place, voter, is_current) in seats {
            all.add(place, "", *voter, *is_current);
        }
        let told = all.turnout(|voter| voted.contains(&voter)).unwrap();
        let figures = told.into_iter();
        figures
            .map(|(place, t)| (place.id.to_string(), t.cast, t.eligible))
            .collect()
    }

    #[test]
    fn each_voter_counts_once_and_the_removed_only_where_they_voted() {
        let seats = [
            ("b", 1, true), // holds units in both places
            ("a", 1, true),
            ("b", 2, true),
            ("a", 3, false), // voted, then left
            ("a", 4, false), // left without a vote
            ("b", 2, false), // an earlier line of who is still there
            ("a", 5, false), // moved: counts where they are now
            ("c", 5, true),
        ];
        let expected = [
            ("a".to_owned(), 2, Some(2)),
            ("b".to_owned(), 0, Some(1)),
            ("c".to_owned(), 0, Some(1)),
        ];
        assert_eq!(figures(&seats, &[1, 3]), expected);
        let mut backwards = seats;
        backwards.reverse();
        assert_eq!(figures(&backwards, &[1, 3]), expected);
        assert_eq!(figures(&[], &[]), []);
    }

    #[test]
    fn words_of_another_roll_are_nobody() {
        let mut numbers = Numbers::new(RollKind::Owners);
        for word in ["o30", "o4", "h5", "o", "o+6", "o07", "x"] {
            numbers.add(word);
        }
        assert_eq!(numbers.sorted(), [4, 30]);
    }
}
