//! Finds values that are computed from one another in a circle.
//!
//! survey-core stops after ten rounds there, with whatever it has by then; here such a
//! definition is refused.

use super::program::{Item, Program};
use linli_model::survey::{DefinitionFault, FaultReason};

/// A place on the first circle, if there is one.
pub(super) fn circle(program: &Program) -> Option<DefinitionFault> {
    // A place leads to those that read what it writes; 0: not met, 1: on the way, 2: done.
    let mut met = vec![0u8; program.items.len()];
    for start in 0..program.items.len() {
        let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
        if met[start] == 0 {
            met[start] = 1;
            way.push((start, next(program, start)));
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
                    way.push((to, next(program, to)));
                }
                1 => return Some(fault(program, to)),
                _ => {}
            }
        }
    }
    None
}

fn next(program: &Program, place: usize) -> Vec<usize> {
    let Some(name) = written(program, place) else {
        return Vec::new();
    };
    let readers = program.dependants(name).iter().copied();
    readers
        .filter(|reader| reads_into_value(program, *reader, name))
        .collect()
}

/// Only what goes into a value closes a circle; a condition may read its own answer.
fn reads_into_value(program: &Program, place: usize, name: &str) -> bool {
    let expression = match program.items[place] {
        Item::Calculated(at) => program.calculated[at].1.as_ref(),
        Item::Question(at) => program.questions[at].expression.as_ref(),
        Item::Container(_) => None,
    };
    let name = name.to_lowercase();
    expression.is_some_and(|one| {
        one.variables()
            .iter()
            .any(|path| super::program::roots(path).contains(&name))
    })
}

fn written(program: &Program, place: usize) -> Option<&str> {
    match program.items[place] {
        Item::Calculated(at) => Some(&program.calculated[at].0.name),
        Item::Question(at) if program.questions[at].expression.is_some() => {
            Some(&program.questions[at].question.value_name)
        }
        _ => None,
    }
}

fn fault(program: &Program, place: usize) -> DefinitionFault {
    let path = match program.items[place] {
        Item::Calculated(at) => &program.calculated[at].0.path,
        Item::Question(at) => &program.questions[at].question.path,
        Item::Container(_) => "",
    };
    DefinitionFault {
        path: format!("{path}.expression"),
        reason: FaultReason::Circle,
    }
}
