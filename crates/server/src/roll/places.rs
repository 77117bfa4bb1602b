//! The tree of places: what a row's words name, and whether a tree is one.

use linli_model::PlaceId;
use linli_model::desk::roll::{
    PLACE_LEVELS_MAX, PLACE_NAME_CHARS_MAX, PLACES_MAX, PlaceNode, RollRefusal, RowFault,
};
use std::collections::HashMap;

/// A community's places, ready to be looked up.
pub struct PlaceTree {
    parents: HashMap<PlaceId, Option<PlaceId>>,
    named: HashMap<String, Vec<PlaceId>>,
    roots: Vec<PlaceId>,
}

impl PlaceTree {
    /// From the places as stored.
    pub fn new(places: &[PlaceNode]) -> Self {
        let mut tree = Self {
            parents: HashMap::new(),
            named: HashMap::new(),
            roots: Vec::new(),
        };
        for place in places {
            tree.parents.insert(place.id.clone(), place.parent.clone());
            let named = tree.named.entry(place.name.trim().to_owned()).or_default();
            named.push(place.id.clone());
            if place.parent.is_none() {
                tree.roots.push(place.id.clone());
            }
        }
        tree
    }

    /// The place that `words` name, from above to below; each is a name or identifier,
    /// empty ones say nothing. Without any word: the only root.
    pub(super) fn find(&self, words: &[&str]) -> Result<PlaceId, RowFault> {
        let mut words = words.iter().rev().filter(|word| !word.is_empty());
        let Some(last) = words.next() else {
            return match &self.roots[..] {
                [only] => Ok(only.clone()),
                _ => Err(RowFault::Missing),
            };
        };
        let mut found = self.candidates(last);
        if found.is_empty() {
            return Err(RowFault::PlaceUnknown);
        }
        for above in words {
            let within = self.candidates(above);
            found.retain(|place| within.iter().any(|outer| self.is_within(place, outer)));
        }
        match &found[..] {
            [only] => Ok(only.clone()),
            [] => Err(RowFault::PlaceUnknown),
            _ => Err(RowFault::PlaceAmbiguous),
        }
    }

    /// An identifier names one place, whatever others are called.
    fn candidates(&self, word: &str) -> Vec<PlaceId> {
        match PlaceId::parse(word) {
            Ok(id) if self.parents.contains_key(&id) => vec![id],
            _ => self.named.get(word).cloned().unwrap_or_default(),
        }
    }

    fn is_within(&self, place: &PlaceId, outer: &PlaceId) -> bool {
        let mut at = Some(place);
        // A stored tree has no cycles; a bound all the same.
        for _ in 0..=PLACE_LEVELS_MAX.max(self.parents.len().min(64)) {
            match at {
                Some(id) if id == outer => return true,
                Some(id) => at = self.parents.get(id).and_then(Option::as_ref),
                None => return false,
            }
        }
        false
    }
}

/// Whether `places` are a tree (or several) that staff may set.
pub fn check_tree(places: &[PlaceNode]) -> Result<(), RollRefusal> {
    if places.is_empty() || places.len() > PLACES_MAX {
        let max = u32::try_from(PLACES_MAX).unwrap_or(u32::MAX);
        return Err(RollRefusal::PlaceCountInvalid { max });
    }
    let mut parents: HashMap<&PlaceId, Option<&PlaceId>> = HashMap::new();
    for PlaceNode { id, name, parent } in places {
        let place = id.clone();
        let chars = name.chars().count();
        if name.trim().is_empty() || chars > PLACE_NAME_CHARS_MAX || name.contains(char::is_control)
        {
            return Err(RollRefusal::PlaceNameInvalid { place });
        }
        if parents.insert(id, parent.as_ref()).is_some() {
            return Err(RollRefusal::PlaceRepeated { place });
        }
    }
    for place in places {
        let (mut at, mut levels) = (place.parent.as_ref(), 1);
        while let Some(parent) = at {
            let Some(next) = parents.get(parent) else {
                return Err(RollRefusal::PlaceMisplaced {
                    place: place.id.clone(),
                });
            };
            levels += 1;
            if levels > PLACE_LEVELS_MAX {
                let place = place.id.clone();
                return Err(if is_circle(&place, &parents) {
                    RollRefusal::PlaceMisplaced { place }
                } else {
                    let max = u32::try_from(PLACE_LEVELS_MAX).unwrap_or(u32::MAX);
                    RollRefusal::PlaceTooDeep { place, max }
                });
            }
            at = *next;
        }
    }
    Ok(())
}

/// Whether the way up from `place` never ends.
fn is_circle(place: &PlaceId, parents: &HashMap<&PlaceId, Option<&PlaceId>>) -> bool {
    let mut at = Some(place);
    for _ in 0..=parents.len() {
        match at {
            Some(id) => at = parents.get(id).copied().flatten(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> PlaceId {
        PlaceId::parse(text).unwrap()
    }

    fn node(place: &str, name: &str, parent: Option<&str>) -> PlaceNode {
        PlaceNode {
            id: id(place),
            name: name.to_owned(),
            parent: parent.map(id),
        }
    }

    fn town() -> Vec<PlaceNode> {
        vec![
            node("jiangpan", "江畔社区", None),
            node("grid-1", "一网格", Some("jiangpan")),
            node("grid-2", "二网格", Some("jiangpan")),
            node("g1-b1", "1 栋", Some("grid-1")),
            node("g2-b1", "1 栋", Some("grid-2")),
        ]
    }

    #[test]
    fn places_are_found_by_name_identifier_and_way() {
        let tree = PlaceTree::new(&town());
        let cases: [(&[&str], Result<&str, RowFault>, &str); 8] = [
            (&["一网格"], Ok("grid-1"), "by name"),
            (&["grid-2"], Ok("grid-2"), "by identifier"),
            (&["一网格", "1 栋"], Ok("g1-b1"), "the way tells them apart"),
            (
                &["", "1 栋"],
                Err(RowFault::PlaceAmbiguous),
                "two of that name",
            ),
            (
                &["江畔社区", "1 栋"],
                Err(RowFault::PlaceAmbiguous),
                "both are in it",
            ),
            (&["三网格"], Err(RowFault::PlaceUnknown), "no such place"),
            (
                &["一网格", "g2-b1"],
                Err(RowFault::PlaceUnknown),
                "not in there",
            ),
            (&["", ""], Ok("jiangpan"), "nothing said: the only root"),
        ];
        for (words, expected, reason) in cases {
            assert_eq!(tree.find(words), expected.map(id), "{reason}");
        }
        let two = PlaceTree::new(&[node("a", "甲", None), node("b", "乙", None)]);
        assert_eq!(two.find(&[""]), Err(RowFault::Missing));
    }

    #[test]
    fn only_trees_are_taken() {
        assert_eq!(check_tree(&town()), Ok(()));
        let deep: Vec<PlaceNode> = (0..7)
            .map(|n| {
                node(
                    &format!("p{n}"),
                    "某处",
                    (n > 0).then(|| format!("p{}", n - 1)).as_deref(),
                )
            })
            .collect();
        assert_eq!(check_tree(&deep[..6]), Ok(()));
        let cases = [
            (
                deep,
                RollRefusal::PlaceTooDeep {
                    place: id("p6"),
                    max: 6,
                },
            ),
            (vec![], RollRefusal::PlaceCountInvalid { max: 10_000 }),
            (
                vec![node("a", "甲", Some("b")), node("b", "乙", Some("a"))],
                RollRefusal::PlaceMisplaced { place: id("a") },
            ),
            (
                vec![node("a", "甲", Some("a"))],
                RollRefusal::PlaceMisplaced { place: id("a") },
            ),
            (
                vec![node("a", "甲", Some("gone"))],
                RollRefusal::PlaceMisplaced { place: id("a") },
            ),
            (
                vec![node("a", "甲", None), node("a", "乙", None)],
                RollRefusal::PlaceRepeated { place: id("a") },
            ),
            (
                vec![node("a", " ", None)],
                RollRefusal::PlaceNameInvalid { place: id("a") },
            ),
        ];
        for (places, expected) in cases {
            assert_eq!(check_tree(&places), Err(expected));
        }
    }
}
