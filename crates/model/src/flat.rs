//! Ordered maps and sets of surveys.
//!
//! In a browser they are sorted lists: the standard library's trees are compiled anew for
//! every type, and those of a survey weighed 30 KB after compression. Elsewhere they are
//! those trees: the server reads definitions of strangers, and lists take time that grows
//! with the square of what is put in.

#[cfg(not(target_arch = "wasm32"))]
pub use std::collections::{BTreeMap as Map, BTreeSet as Set};

#[cfg(target_arch = "wasm32")]
pub use lists::{Map, Set};

#[cfg(any(target_arch = "wasm32", test))]
mod lists {
    use std::borrow::Borrow;
    use std::cmp::Ordering;

    /// As `BTreeMap`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Map<K, V>(Vec<(K, V)>);

    type Shown<'a, K, V> =
        std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

    impl<K, V> Default for Map<K, V> {
        fn default() -> Self {
            Self(Vec::new())
        }
    }

    impl<K, V> Map<K, V> {
        /// Empty.
        pub fn new() -> Self {
            Self::default()
        }

        /// How many.
        pub fn len(&self) -> usize {
            self.0.len()
        }

        /// Whether there are none.
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        /// All, in order.
        pub fn iter(&self) -> Shown<'_, K, V> {
            self.0.iter().map(|(key, value)| (key, value))
        }

        /// Keys, in order.
        pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
            self.0.iter().map(|(key, _)| key)
        }

        /// Values, in the order of their keys.
        pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
            self.0.iter().map(|(_, value)| value)
        }

        /// Values, to be changed.
        pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
            self.0.iter_mut().map(|(_, value)| value)
        }

        /// Takes all out.
        pub fn clear(&mut self) {
            self.0.clear();
        }

        /// Keeps what `is_kept`.
        pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &mut V) -> bool) {
            self.0.retain_mut(|(key, value)| is_kept(key, value));
        }
    }

    impl<K: Ord, V> Map<K, V> {
        fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
        where
            K: Borrow<Q>,
        {
            self.0
                .binary_search_by(|(known, _)| known.borrow().cmp(key))
        }

        /// The value of `key`.
        pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
        where
            K: Borrow<Q>,
        {
            let place = self.place(key).ok()?;
            Some(&self.0[place].1)
        }

        /// The value of `key`, to be changed.
        pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
        where
            K: Borrow<Q>,
        {
            let place = self.place(key).ok()?;
            Some(&mut self.0[place].1)
        }

        /// Whether `key` has a value.
        pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
        where
            K: Borrow<Q>,
        {
            self.place(key).is_ok()
        }

        /// Gives `key` a value, and the one before.
        pub fn insert(&mut self, key: K, value: V) -> Option<V> {
            match self.place(&key) {
                Ok(place) => Some(std::mem::replace(&mut self.0[place].1, value)),
                Err(place) => {
                    self.0.insert(place, (key, value));
                    None
                }
            }
        }

        /// Takes `key` out.
        pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
        where
            K: Borrow<Q>,
        {
            let place = self.place(key).ok()?;
            Some(self.0.remove(place).1)
        }

        /// The place of `key`, whether it has a value or not.
        pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
            Entry { map: self, key }
        }
    }

    /// The place of a key.
    pub struct Entry<'a, K, V> {
        map: &'a mut Map<K, V>,
        key: K,
    }

    impl<'a, K: Ord, V> Entry<'a, K, V> {
        /// Its value; made where there is none.
        pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
            let place = match self.map.place(&self.key) {
                Ok(place) => place,
                Err(place) => {
                    self.map.0.insert(place, (self.key, make()));
                    place
                }
            };
            &mut self.map.0[place].1
        }

        /// Its value; `value` where there is none.
        pub fn or_insert(self, value: V) -> &'a mut V {
            self.or_insert_with(|| value)
        }

        /// Its value; the default where there is none.
        pub fn or_default(self) -> &'a mut V
        where
            V: Default,
        {
            self.or_insert_with(V::default)
        }
    }

    impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
        fn from_iter<I: IntoIterator<Item = (K, V)>>(from: I) -> Self {
            let all: Vec<(K, V)> = from.into_iter().collect();
            let is_before = |one: usize, other: usize| all[one].0.cmp(&all[other].0);
            let order = sorted(all.len(), &is_before);
            let mut map = Self(Vec::with_capacity(all.len()));
            for (key, value) in in_order(all, order) {
                match map.0.last_mut() {
                    Some(last) if last.0 == key => last.1 = value,
                    _ => map.0.push((key, value)),
                }
            }
            map
        }
    }

    impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Map<K, V> {
        fn from(from: [(K, V); N]) -> Self {
            from.into_iter().collect()
        }
    }

    impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
        fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, from: I) {
            for (key, value) in from {
                self.insert(key, value);
            }
        }
    }

    impl<K: Ord, V> std::ops::Index<&K> for Map<K, V> {
        type Output = V;
        fn index(&self, key: &K) -> &V {
            self.get(key).expect("no entry found for key")
        }
    }

    impl<K, V> IntoIterator for Map<K, V> {
        type Item = (K, V);
        type IntoIter = std::vec::IntoIter<(K, V)>;
        fn into_iter(self) -> Self::IntoIter {
            self.0.into_iter()
        }
    }

    impl<'a, K, V> IntoIterator for &'a Map<K, V> {
        type Item = (&'a K, &'a V);
        type IntoIter = Shown<'a, K, V>;
        fn into_iter(self) -> Self::IntoIter {
            self.iter()
        }
    }

    /// As `BTreeSet`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Set<K>(Vec<K>);

    impl<K> Default for Set<K> {
        fn default() -> Self {
            Self(Vec::new())
        }
    }

    impl<K> Set<K> {
        /// Empty.
        pub fn new() -> Self {
            Self::default()
        }

        /// How many.
        pub fn len(&self) -> usize {
            self.0.len()
        }

        /// Whether there are none.
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        /// All, in order.
        pub fn iter(&self) -> std::slice::Iter<'_, K> {
            self.0.iter()
        }

        /// The least.
        pub fn first(&self) -> Option<&K> {
            self.0.first()
        }

        /// Takes the least out.
        pub fn pop_first(&mut self) -> Option<K> {
            (!self.0.is_empty()).then(|| self.0.remove(0))
        }

        /// Takes all out.
        pub fn clear(&mut self) {
            self.0.clear();
        }

        /// Keeps what `is_kept`.
        pub fn retain(&mut self, is_kept: impl FnMut(&K) -> bool) {
            self.0.retain(is_kept);
        }
    }

    impl<K: Ord> Set<K> {
        fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
        where
            K: Borrow<Q>,
        {
            self.0.binary_search_by(|known| known.borrow().cmp(key))
        }

        /// Whether it is one of them.
        pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
        where
            K: Borrow<Q>,
        {
            self.place(key).is_ok()
        }

        /// Puts it in; false where it is there.
        pub fn insert(&mut self, key: K) -> bool {
            match self.place(&key) {
                Ok(_) => false,
                Err(place) => {
                    self.0.insert(place, key);
                    true
                }
            }
        }

        /// Takes it out; false where it is not there.
        pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
        where
            K: Borrow<Q>,
        {
            let place = self.place(key);
            if let Ok(place) = place {
                self.0.remove(place);
            }
            place.is_ok()
        }
    }

    impl<K: Ord> Set<K> {
        /// From this one on.
        pub fn range(&self, from: std::ops::RangeFrom<K>) -> std::slice::Iter<'_, K> {
            let (Ok(place) | Err(place)) = self.place(&from.start);
            self.0[place..].iter()
        }
    }

    impl<K: Ord> FromIterator<K> for Set<K> {
        fn from_iter<I: IntoIterator<Item = K>>(from: I) -> Self {
            let all: Vec<K> = from.into_iter().collect();
            let is_before = |one: usize, other: usize| all[one].cmp(&all[other]);
            let order = sorted(all.len(), &is_before);
            let mut set: Vec<K> = in_order(all, order).collect();
            set.dedup();
            Self(set)
        }
    }

    impl<K: Ord> Extend<K> for Set<K> {
        fn extend<I: IntoIterator<Item = K>>(&mut self, from: I) {
            for key in from {
                self.insert(key);
            }
        }
    }

    impl<'a, K: Ord + Copy + 'a> Extend<&'a K> for Set<K> {
        fn extend<I: IntoIterator<Item = &'a K>>(&mut self, from: I) {
            for key in from {
                self.insert(*key);
            }
        }
    }

    impl<K> IntoIterator for Set<K> {
        type Item = K;
        type IntoIter = std::vec::IntoIter<K>;
        fn into_iter(self) -> Self::IntoIter {
            self.0.into_iter()
        }
    }

    impl<'a, K> IntoIterator for &'a Set<K> {
        type Item = &'a K;
        type IntoIter = std::slice::Iter<'a, K>;
        fn into_iter(self) -> Self::IntoIter {
            self.0.iter()
        }
    }

    /// Places in order, equal ones as they were: one sort for all types.
    #[inline(never)]
    fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|one, other| compare(*one, *other));
        order
    }

    fn in_order<T>(all: Vec<T>, order: Vec<usize>) -> impl Iterator<Item = T> {
        let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
        order.into_iter().filter_map(move |place| all[place].take())
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::collections::{BTreeMap, BTreeSet};

        /// Numbers that repeat and jump: a linear congruence.
        fn numbers(count: usize, below: usize) -> Vec<usize> {
            let next = |last: &usize| Some((last * 1_103 + 12_345) % 65_536);
            let all = std::iter::successors(Some(1), next);
            all.take(count).map(|one| one % below).collect()
        }

        #[test]
        fn a_map_does_what_a_tree_does() {
            let pairs = || numbers(300, 40).into_iter().zip(0..);
            let (mut map, mut tree): (Map<_, _>, BTreeMap<_, _>) =
                (pairs().collect(), pairs().collect());
            for key in numbers(300, 60) {
                match key % 4 {
                    0 => assert_eq!(map.insert(key, key), tree.insert(key, key)),
                    1 => assert_eq!(map.remove(&key), tree.remove(&key)),
                    2 => *map.entry(key).or_default() += *tree.entry(key).or_insert(3) - 3,
                    _ => assert_eq!(map.get(&key), tree.get(&key)),
                }
                assert_eq!(map.contains_key(&key), tree.contains_key(&key));
                if key % 4 == 2 {
                    tree.insert(key, map.get(&key).copied().unwrap_or_default());
                }
            }
            assert_eq!(map.len(), tree.len());
            assert!(map.iter().eq(tree.iter()));
            assert!(map.keys().eq(tree.keys()) && map.values().eq(tree.values()));
            assert!(map.into_iter().eq(tree));
        }

        #[test]
        fn a_set_does_what_a_tree_does() {
            let (mut set, mut tree): (Set<_>, BTreeSet<_>) = (
                numbers(200, 50).into_iter().collect(),
                numbers(200, 50).into_iter().collect(),
            );
            for key in numbers(200, 70) {
                match key % 3 {
                    0 => assert_eq!(set.insert(key), tree.insert(key)),
                    1 => assert_eq!(set.remove(&key), tree.remove(&key)),
                    _ => assert_eq!(set.contains(&key), tree.contains(&key)),
                }
            }
            assert!(set.range(20..).eq(tree.range(20..)));
            assert_eq!(set.pop_first(), tree.pop_first());
            assert_eq!(set.first(), tree.first());
            assert!(set.into_iter().eq(tree));
        }
    }
}
