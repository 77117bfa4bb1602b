//! What is voted on and by whom: one community, its households by number, and a poll of
//! each combination of secrecy and changes.

use linli_conformance::lossy::Chance;
use linli_model::{Choice, OptionId, Stance};
use serde_json::{Value, json};

/// A poll. Its topic has the same name.
pub(crate) struct Poll {
    pub(crate) name: &'static str,
    pub(crate) is_secret: bool,
    pub(crate) may_change: bool,
    /// Fewest and most options; a motion has none.
    options: Option<(u32, u32)>,
}

/// One of each.
pub(crate) const POLLS: [Poll; 4] = [
    Poll {
        name: "recorded-changes",
        is_secret: false,
        may_change: true,
        options: Some((1, 3)),
    },
    Poll {
        name: "recorded-never",
        is_secret: false,
        may_change: false,
        options: None,
    },
    Poll {
        name: "secret-changes",
        is_secret: true,
        may_change: true,
        options: Some((1, 1)),
    },
    Poll {
        name: "secret-never",
        is_secret: true,
        may_change: false,
        options: None,
    },
];

const OPTIONS: [&str; 5] = ["a", "b", "c", "d", "e"];
/// Open for longer than any of this runs: the years 2020 and 2100.
const OPENS_AT_MS: i64 = 1_577_836_800_000;
const CLOSES_AT_MS: i64 = 4_102_444_800_000;

/// The household's label.
pub(crate) fn label(household: u32) -> String {
    format!("No. {household}")
}

/// What stands on the household's paper.
pub(crate) fn code(household: u32) -> String {
    format!("{household:026}")
}

/// The file for `linli import`.
pub(crate) fn import_text(households: u32) -> String {
    let roll = (0..households).map(|household| {
        json!({
            "label": label(household), "place": "all", "long_code": code(household),
        })
    });
    let topics = POLLS.iter().map(|poll| {
        json!({
            "id": poll.name, "community": "faults", "place": "all", "lang": "en",
            "title": poll.name,
            "poll": {
                "id": poll.name,
                "kind": kind(poll),
                "nature": "consultation",
                "electorate": "households",
                "credential": "household_code",
                "secrecy": if poll.is_secret { "secret" } else { "recorded" },
                "changes": if poll.may_change { "until_closing" } else { "never" },
                "results": "live",
                "opens_at_ms": OPENS_AT_MS,
                "closes_at_ms": CLOSES_AT_MS,
            },
        })
    });
    json!({
        "communities": [{
            "id": "faults", "name": "Faults", "time_zone": "Asia/Shanghai",
            "places": [{ "id": "all", "name": "All" }],
            "households": roll.collect::<Vec<Value>>(),
        }],
        "topics": topics.collect::<Vec<Value>>(),
    })
    .to_string()
}

fn kind(poll: &Poll) -> Value {
    let options = OPTIONS.map(|id| json!({ "id": id, "text": id }));
    match poll.options {
        None => json!({ "type": "motion" }),
        Some((1, 1)) => json!({ "type": "single_choice", "options": options }),
        Some((min, max)) => {
            json!({ "type": "multiple_choice", "options": options, "min": min, "max": max })
        }
    }
}

/// A choice that the poll allows; options in any order.
pub(crate) fn choice(poll: &Poll, chance: &mut Chance) -> Choice {
    let Some((min, max)) = poll.options else {
        let stance = pick(chance, &Stance::ALL);
        return Choice::Motion { stance };
    };
    let count = u64::from(min) + chance.below(u64::from(max - min + 1));
    let mut left = OPTIONS.to_vec();
    let mut options = Vec::new();
    for _ in 0..count {
        let id = left.swap_remove(below(chance, left.len()));
        options.push(OptionId::parse(id).expect("the options above are slugs"));
    }
    Choice::Options { options }
}

/// One of `from`, which is not empty.
pub(crate) fn pick<T: Copy>(chance: &mut Chance, from: &[T]) -> T {
    from[below(chance, from.len())]
}

fn below(chance: &mut Chance, end: usize) -> usize {
    usize::try_from(chance.below(end as u64)).unwrap_or(0)
}

/// 16 bytes, for a key or a secret.
pub(crate) fn bytes(chance: &mut Chance) -> [u8; 16] {
    let half = |chance: &mut Chance| chance.below(u64::MAX).to_be_bytes();
    let mut out = [0; 16];
    out[..8].copy_from_slice(&half(chance));
    out[8..].copy_from_slice(&half(chance));
    out
}
