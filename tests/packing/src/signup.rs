//! A sign-up list: shifts by day, each with room for some; who comes late waits.

use crate::card::{Looks, StandIn};
use crate::help::{days, parts};
use linli_model::{Choice, TopicView, from_tree, tree};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Look, Options, Row, Tone, text};
use yew::Callback;

/// Most hours that one person may take in a week.
const WEEK_HOURS_MAX: i64 = 12;
const HOUR_MS: i64 = 3_600_000;

struct Shift {
    id: String,
    what: String,
    place: String,
    from_ms: i64,
    until_ms: i64,
    room: u32,
    taken: u32,
    waiting: u32,
    skill: Option<String>,
}

from_tree!(Shift { id, what, place, from_ms, until_ms, room } or default { taken, waiting, skill });

struct List {
    shifts: Vec<Shift>,
}

from_tree!(List { shifts });

/// What stands in the way of one more shift.
enum Obstacle<'a> {
    Overlaps(&'a Shift),
    TooManyHours,
}

/// The list, and what this person has ticked.
pub(crate) struct SignUp {
    shifts: Vec<Shift>,
    mine: Vec<String>,
    day: Option<i64>,
    refused: Option<String>,
}

/// What a person can do.
#[derive(Clone)]
pub(crate) enum Action {
    Ticked(String),
    DayChosen(Option<i64>),
    Sent,
}

impl Shift {
    fn left(&self) -> u32 {
        self.room.saturating_sub(self.taken)
    }

    fn hours(&self) -> i64 {
        (self.until_ms - self.from_ms + HOUR_MS - 1) / HOUR_MS
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.from_ms < other.until_ms && other.from_ms < self.until_ms
    }
}

impl SignUp {
    fn ticked(&self) -> impl Iterator<Item = &Shift> {
        self.shifts
            .iter()
            .filter(|shift| self.mine.contains(&shift.id))
    }

    fn obstacle(&self, wanted: &Shift) -> Option<Obstacle<'_>> {
        if let Some(other) = self.ticked().find(|mine| mine.overlaps(wanted)) {
            return Some(Obstacle::Overlaps(other));
        }
        let week = days::day_of(wanted.from_ms).div_euclid(7);
        let same_week = |mine: &&Shift| days::day_of(mine.from_ms).div_euclid(7) == week;
        let hours: i64 = self.ticked().filter(same_week).map(Shift::hours).sum();
        (hours + wanted.hours() > WEEK_HOURS_MAX).then_some(Obstacle::TooManyHours)
    }

    fn days(&self) -> Vec<i64> {
        let mut days: Vec<i64> = self
            .shifts
            .iter()
            .map(|s| days::day_of(s.from_ms))
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    fn day_blocks(&self, day: i64, looks: &Looks<'_, Action>) -> Vec<Block> {
        let is_chinese = looks.texts.tag().starts_with("zh");
        let of_day: Vec<&Shift> = self
            .shifts
            .iter()
            .filter(|shift| days::day_of(shift.from_ms) == day)
            .collect();
        let rows = of_day.iter().map(|shift| {
            let from = looks.time(shift.from_ms);
            let until = looks.time(shift.until_ms);
            let room = u64::from(shift.left());
            let state = if shift.left() > 0 {
                looks.texts.count(k::CHOOSE_MORE, room, &[])
            } else {
                let waiting = u64::from(shift.waiting);
                looks.texts.count(k::TURNOUT_DEVICES, waiting, &[])
            };
            let mut detail = format!("{from}–{until} · {} · {state}", shift.place);
            if let Some(skill) = &shift.skill {
                detail.push_str(" · ");
                detail.push_str(skill);
            }
            Row {
                value: shift.id.clone(),
                text: shift.what.clone(),
                detail,
                on: self.mine.contains(&shift.id),
            }
        });
        let ids: Vec<String> = of_day.iter().map(|shift| shift.id.clone()).collect();
        let act = looks.act.clone();
        let label = days::label(day, is_chinese);
        let options = Options {
            legend: label.clone(),
            hint: String::new(),
            many: true,
            lang: Some(looks.view.topic.lang.clone().into()),
            rows: rows.collect(),
            pick: Callback::from(move |row: usize| {
                if let Some(id) = ids.get(row) {
                    act.emit(Action::Ticked(id.clone()));
                }
            }),
        };
        vec![text(Tone::Title, label), Block::Options(options)]
    }
}

impl StandIn for SignUp {
    type Action = Action;
    const NAME: &'static str = "signup";

    fn read(view: &TopicView) -> Option<Self> {
        let list: List = tree::read(&view.topic.summary)?;
        let mut shifts = list.shifts;
        shifts.sort_by_key(|shift| (shift.from_ms, shift.until_ms));
        Some(Self {
            shifts,
            mine: Vec::new(),
            day: None,
            refused: None,
        })
    }

    fn restore(&mut self, draft: &str) {
        if let Some(mine) = tree::read::<Vec<String>>(draft) {
            let is_known = |id: &String| self.shifts.iter().any(|shift| shift.id == *id);
            self.mine = mine.into_iter().filter(is_known).collect();
        }
    }

    fn draft(&self) -> String {
        serde_json::to_string(&self.mine).unwrap_or_default()
    }

    fn act(&mut self, action: Action) -> bool {
        self.refused = None;
        match action {
            Action::Ticked(id) => {
                if let Some(place) = self.mine.iter().position(|mine| *mine == id) {
                    self.mine.remove(place);
                    return false;
                }
                let Some(wanted) = self.shifts.iter().find(|shift| shift.id == id) else {
                    return false;
                };
                match self.obstacle(wanted) {
                    None => self.mine.push(id),
                    Some(Obstacle::Overlaps(other)) => self.refused = Some(other.what.clone()),
                    Some(Obstacle::TooManyHours) => {
                        self.refused = Some(format!("> {WEEK_HOURS_MAX} h"));
                    }
                }
            }
            Action::DayChosen(day) => self.day = day,
            Action::Sent => return !self.mine.is_empty(),
        }
        false
    }

    fn choice(&self) -> Choice {
        parts::options(self.mine.iter().cloned())
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let (texts, is_chinese) = (looks.texts, looks.texts.tag().starts_with("zh"));
        let mut blocks = Vec::new();
        let mut chips: Vec<Block> = self
            .days()
            .into_iter()
            .map(|day| looks.quiet(days::label(day, is_chinese), Action::DayChosen(Some(day))))
            .collect();
        chips.push(looks.quiet(texts.text(k::AS_TABLE).to_owned(), Action::DayChosen(None)));
        blocks.push(Block::Foot(chips));
        for day in self.days() {
            if self.day.is_none_or(|wanted| wanted == day) {
                blocks.extend(self.day_blocks(day, looks));
            }
        }
        if let Some(reason) = &self.refused {
            blocks.push(Block::Problem {
                title: texts.text(k::CHOOSE_FIRST).to_owned(),
                next: reason.clone(),
            });
        }
        let hours: i64 = self.ticked().map(Shift::hours).sum();
        let waits = self.ticked().filter(|shift| shift.left() == 0).count();
        if waits > 0 {
            blocks.push(Block::Note {
                strong: texts.text(k::RESULTS_PENDING).to_owned(),
                text: texts.count(k::CHOOSE_MORE, waits as u64, &[]),
            });
        }
        let label = match self.mine.len() {
            0 => texts.text(k::CHOOSE_FIRST).to_owned(),
            n => {
                let many = texts.count(k::VOTE_FOR_MANY, n as u64, &[]);
                format!("{many} · {hours} h")
            }
        };
        blocks.push(looks.button(Look::Primary, label, self.mine.is_empty(), Action::Sent));
        blocks
    }
}
