//! Finds circles.
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
