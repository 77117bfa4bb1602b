//! In which order elements, choices and rows are shown, where not as they are written.

use super::Session;
use crate::survey::program::Owner;
use crate::survey::value::Value;
use linli_model::survey::{Choice, Order, QuestionKind, Shape};

impl Session {
    /// Puts into order what is not shown as it is written.
    pub(super) fn put_in_order(&mut self) {
        let program = self.program.clone();
        for (at, container) in program.containers.iter().enumerate() {
            let texts = vec![String::new(); container.children.len()];
            self.put_one_in_order(Owner::Container(at), container.order, &texts);
        }
        for (at, node) in program.questions.iter().enumerate() {
            let (order, list) = match &node.question.kind {
                QuestionKind::One(select) | QuestionKind::Some(select) => {
                    (select.order, &select.choices)
                }
                QuestionKind::Matrix { rows, order, .. } => (*order, rows),
                QuestionKind::Nested(nested) => match &nested.shape {
                    Shape::Rows { rows, order } => (*order, rows),
                    _ => continue,
                },
                _ => continue,
            };
            let text = |one: &Choice| {
                let text = one.text.as_ref().and_then(|text| text.in_locale(""));
                text.map_or_else(|| Value::from(&one.value).to_text(), str::to_owned)
            };
            let texts: Vec<String> = list.iter().map(text).collect();
            self.put_one_in_order(Owner::Question(at), order, &texts);
        }
    }

    fn put_one_in_order(&mut self, owner: Owner, order: Order, texts: &[String]) {
        let mut places: Vec<usize> = (0..texts.len()).collect();
        match order {
            Order::Written => return,
            Order::Ascending => places.sort_by(|a, b| texts[*a].cmp(&texts[*b])),
            Order::Descending => places.sort_by(|a, b| texts[*b].cmp(&texts[*a])),
            Order::Random => {
                let salt = match owner {
                    Owner::Question(at) => at * 2,
                    Owner::Container(at) => at * 2 + 1,
                };
                shuffle(&mut places, self.around.seed ^ salt as u64);
            }
        }
        self.orders.insert(owner, places);
    }

    /// What is listed, in the order in which it is shown.
    pub(in crate::survey) fn in_order<'s, T>(&self, owner: Owner, all: &'s [T]) -> Vec<&'s T> {
        match self.orders.get(&owner) {
            Some(order) => order.iter().filter_map(|at| all.get(*at)).collect(),
            None => all.iter().collect(),
        }
    }
}

/// Fisher and Yates' shuffle with numbers from `SplitMix64`.
fn shuffle(places: &mut [usize], seed: u64) {
    let mut state = seed;
    for end in (1..places.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let below = usize::try_from(mixed % (end as u64 + 1)).unwrap_or(0);
        places.swap(end, below);
    }
}
