//! Where responses come from: cells of the counts, and the areas that a report shows.

use crate::store::Counts;
use linli_model::desk::PlaceNode;
use linli_model::{PlaceId, Topic};
use linli_rules::statistics::report::ReportArea;
use std::collections::HashMap;

/// Levels of places below the topic's that a report tells apart: 网格, 微网格.
const DEPTH_MAX: usize = 2;
/// Areas of one report.
const AREAS_MAX: usize = 250;
/// Items times cells that are counted at once: some hundred bytes each.
const TABLE_MAX: usize = 1_000_000;
/// Fewest people on a roll of whom it is told how many were asked.
const INVITED_MIN: u64 = 10;

/// Cells of the counts. The first one is the topic's place itself, for whoever is in no
/// part of it.
pub(super) struct Cells {
    places: Vec<CellPlace>,
    of_place: HashMap<PlaceId, usize>,
}

struct CellPlace {
    id: PlaceId,
    name: String,
    /// The cell that it is a part of; the first one is in none.
    parent: Option<usize>,
}

impl Cells {
    /// Cells for the places below a topic's, as deep as `items` leave room for.
    pub(super) fn new(topic: &Topic, places: &[PlaceNode], items: usize) -> Self {
        let mut children: HashMap<&PlaceId, Vec<&PlaceNode>> = HashMap::new();
        for place in places {
            if let Some(parent) = &place.parent {
                children.entry(parent).or_default().push(place);
            }
        }
        let mut cells = Self {
            of_place: HashMap::from([(topic.place.id.clone(), 0)]),
            places: vec![CellPlace {
                id: topic.place.id.clone(),
                name: topic.place.name.clone(),
                parent: None,
            }],
        };
        let mut level = vec![0];
        for _ in 0..DEPTH_MAX {
            let below = |cell: &usize| {
                let parts = children.get(&cells.places[*cell].id);
                let parts = parts.map(Vec::as_slice).unwrap_or_default();
                parts.iter().map(|part| (*cell, *part)).collect::<Vec<_>>()
            };
            let parts: Vec<(usize, &PlaceNode)> = level.iter().flat_map(below).collect();
            let all = cells.places.len() + parts.len();
            if all > AREAS_MAX || all * items.max(1) > TABLE_MAX {
                break;
            }
            level.clear();
            for (parent, part) in parts {
                level.push(cells.places.len());
                cells.of_place.insert(part.id.clone(), cells.places.len());
                cells.places.push(CellPlace {
                    id: part.id.clone(),
                    name: part.name.clone(),
                    parent: Some(parent),
                });
            }
        }
        cells.adopt(&children);
        cells
    }

    /// Places deeper down count for the cell that they are in.
    fn adopt(&mut self, children: &HashMap<&PlaceId, Vec<&PlaceNode>>) {
        let mut open: Vec<(PlaceId, usize)> = self
            .of_place
            .iter()
            .map(|(id, cell)| (id.clone(), *cell))
            .collect();
        while let Some((place, cell)) = open.pop() {
            for part in children.get(&place).into_iter().flatten() {
                if !self.of_place.contains_key(&part.id) {
                    self.of_place.insert(part.id.clone(), cell);
                    open.push((part.id.clone(), cell));
                }
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The cell of a response.
    pub(super) fn of(&self, area: Option<&PlaceId>) -> usize {
        area.and_then(|area| self.of_place.get(area).copied())
            .unwrap_or(0)
    }

    /// The part of the topic's place that a cell lies in; `None` for the place itself.
    pub(super) fn part(&self, cell: usize) -> Option<&PlaceId> {
        let mut cell = cell;
        loop {
            match self.places[cell].parent {
                None => return None,
                Some(0) => return Some(&self.places[cell].id),
                Some(parent) => cell = parent,
            }
        }
    }

    /// Cells that lie in this one, itself among them.
    fn within(&self, cell: usize) -> Vec<usize> {
        let is_in = |of: &usize| {
            let mut at = Some(*of);
            while let Some(one) = at {
                if one == cell {
                    return true;
                }
                at = self.places[one].parent;
            }
            false
        };
        (0..self.len()).filter(is_in).collect()
    }
}

/// The areas of a report, the whole first: those that somebody answered from or was asked
/// in. A single part that is all of the whole is none.
pub(super) fn shown(
    cells: &Cells,
    topic: &Topic,
    respondents: &[u64],
    counts: &Counts,
) -> Vec<ReportArea> {
    let eligible = |id: &PlaceId| {
        let places = counts.places.iter();
        let mut eligible = places.filter(|(place, _)| place.id == *id);
        eligible
            .next()
            .and_then(|(_, turnout)| turnout.eligible)
            .filter(|n| *n >= INVITED_MIN)
    };
    let area = |cell: usize| {
        let place = &cells.places[cell];
        let own = cells.within(cell);
        let answered: u64 = own.iter().map(|cell| respondents[*cell]).sum();
        let invited = match cell {
            0 => counts.turnout.eligible,
            _ => eligible(&place.id),
        };
        let is_shown = cell == 0 || answered > 0 || invited.is_some();
        is_shown.then(|| ReportArea {
            id: place.id.to_string(),
            name: place.name.clone(),
            cells: own,
            invited: invited.filter(|_| topic.poll.electorate != linli_model::Electorate::Devices),
        })
    };
    let mut areas: Vec<ReportArea> = (0..cells.len()).filter_map(area).collect();
    if areas.len() == 2 {
        areas.truncate(1);
    }
    areas
}
