//! Finds circles and orders.
//!
//! Left to others: what leads where (`program`).

/// A place on the first circle, if there is one; `next` tells where a place leads.
pub(super) fn circle(places: usize, next: impl Fn(usize) -> Vec<usize>) -> Option<usize> {
    // 0: not met, 1: on the way, 2: done.
    let mut met = vec![0u8; places];
    for start in 0..places {
        let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
        if met[start] == 0 {
            met[start] = 1;
            way.push((start, next(start)));
        }
        while let Some((place, ahead)) = way.last_mut() {
            let Some(to) = ahead.pop() else {
                met[*place] = 2;
                way.pop();
                continue;
            };
            match met[to] {
                0 => {
                    met[to] = 1;
                    way.push((to, next(to)));
                }
                1 => return Some(to),
                _ => {}
            }
        }
    }
    None
}

/// All places, each after those that it needs; circles are cut somewhere.
pub(super) fn inside_first(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut is_met = vec![false; needs.len()];
    let mut order = Vec::with_capacity(needs.len());
    for start in 0..needs.len() {
        let mut way = vec![(start, 0)];
        while let Some((place, next)) = way.pop() {
            if next == 0 && std::mem::replace(&mut is_met[place], true) {
                continue;
            }
            match needs[place].get(next) {
                Some(need) => way.extend([(place, next + 1), (*need, 0)]),
                None => order.push(place),
            }
        }
    }
    order
}
