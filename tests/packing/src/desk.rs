//! A desk-like list: cases by status, found by words, ticked, moved on together.

use crate::card::{Looks, StandIn};
use crate::help::{days, pages, parts, search};
use linli_model::{Choice, TopicView, from_tree, tree};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Field, Look, Options, Row, Tone, text};
use serde::Serialize;
use yew::Callback;

const PAGE_CASES: usize = 15;
/// After so many days without a move a case is late.
const LATE_DAYS: i64 = 3;

struct Case {
    id: String,
    title: String,
    place: String,
    status: String,
    since_ms: i64,
    who: Option<String>,
    notes: Vec<String>,
}

from_tree!(Case { id, title, place, status, since_ms } or default { who, notes });

struct Cases {
    cases: Vec<Case>,
    people: Vec<String>,
}

from_tree!(Cases { cases } or default { people });

/// In the order of work.
const STATUSES: [&str; 4] = ["new", "assigned", "waiting", "done"];

#[derive(Clone, Default, Serialize)]
struct Filters {
    status: Option<String>,
    who: Option<String>,
    wanted: String,
    late: bool,
}

from_tree!(Filters {
    status,
    who,
    wanted,
    late
});

/// The list, how it is narrowed down, and what is ticked.
pub(crate) struct Desk {
    cases: Vec<Case>,
    people: Vec<String>,
    filters: Filters,
    ticked: Vec<String>,
    open: Option<String>,
    page: usize,
}

/// What staff can do.
#[derive(Clone)]
pub(crate) enum Action {
    StatusWanted(Option<String>),
    WhoWanted(Option<String>),
    Wanted(String),
    LateToggled,
    Ticked(String),
    AllTicked,
    Turned { forward: bool },
    Opened(String),
    MovedOn,
}

impl Desk {
    fn fits(&self, case: &Case, now_ms: i64) -> bool {
        let filters = &self.filters;
        let status = filters
            .status
            .as_ref()
            .is_none_or(|wanted| case.status == *wanted);
        let who = filters.who.is_none() || case.who == filters.who;
        let late = !filters.late || is_late(case, now_ms);
        status
            && who
            && late
            && search::matches(&filters.wanted, &[&case.id, &case.title, &case.place])
    }

    fn shown(&self, now_ms: i64) -> Vec<&Case> {
        let mut shown: Vec<&Case> = self
            .cases
            .iter()
            .filter(|case| self.fits(case, now_ms))
            .collect();
        let rank = |case: &Case| STATUSES.iter().position(|status| *status == case.status);
        shown.sort_by_key(|case| (rank(case), case.since_ms));
        shown
    }

    fn narrow(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let of = |status: &str| {
            self.cases
                .iter()
                .filter(|case| case.status == status)
                .count()
        };
        let mut chips: Vec<Block> = STATUSES
            .iter()
            .map(|status| {
                let label = format!("{status} {}", of(status));
                looks.quiet(label, Action::StatusWanted(Some((*status).to_owned())))
            })
            .collect();
        chips.push(looks.quiet(
            looks.texts.text(k::BACK).to_owned(),
            Action::StatusWanted(None),
        ));
        let mut people: Vec<Block> = self
            .people
            .iter()
            .map(|name| looks.quiet(name.clone(), Action::WhoWanted(Some(name.clone()))))
            .collect();
        people.push(looks.quiet(looks.texts.text(k::AND).to_owned(), Action::WhoWanted(None)));
        let late = self
            .cases
            .iter()
            .filter(|case| is_late(case, looks.now_ms))
            .count();
        people.push(looks.quiet(format!("> {LATE_DAYS} d: {late}"), Action::LateToggled));
        vec![
            Block::Foot(chips),
            Block::Foot(people),
            Block::Field(Field {
                label: looks.texts.text(k::OPTION).to_owned(),
                hint: String::new(),
                value: self.filters.wanted.clone(),
                busy: false,
                invalid: false,
                typed: looks.act.reform(Action::Wanted),
            }),
        ]
    }

    fn list(&self, part: &[&Case], looks: &Looks<'_, Action>) -> Block {
        let is_chinese = looks.texts.tag().starts_with("zh");
        let rows = part.iter().map(|case| {
            let age = days::age(case.since_ms, looks.now_ms, is_chinese);
            let day = days::label(days::day_of(case.since_ms), is_chinese);
            let who = case.who.clone().unwrap_or_default();
            Row {
                value: case.id.clone(),
                text: format!("{} {}", case.id, case.title),
                detail: [case.place.as_str(), &age, &day, &who].join(" · "),
                on: self.ticked.contains(&case.id),
            }
        });
        let ids: Vec<String> = part.iter().map(|case| case.id.clone()).collect();
        let act = looks.act.clone();
        Block::Options(Options {
            legend: looks.texts.text(k::OPTION).to_owned(),
            hint: looks.texts.count(k::VOTES, self.ticked.len() as u64, &[]),
            many: true,
            lang: Some(looks.view.topic.lang.clone().into()),
            rows: rows.collect(),
            pick: Callback::from(move |row: usize| {
                if let Some(id) = ids.get(row) {
                    act.emit(Action::Ticked(id.clone()));
                }
            }),
        })
    }

    fn opened(&self, looks: &Looks<'_, Action>) -> Option<Vec<Block>> {
        let id = self.open.as_ref()?;
        let case = self.cases.iter().find(|case| case.id == *id)?;
        Some(vec![
            text(Tone::Title, case.title.clone()),
            text(Tone::Muted, looks.time(case.since_ms)),
            Block::Bullets {
                items: case.notes.clone(),
                lang: looks.view.topic.lang.clone().into(),
            },
        ])
    }
}

fn is_late(case: &Case, now_ms: i64) -> bool {
    case.status != "done" && days::day_of(now_ms) - days::day_of(case.since_ms) > LATE_DAYS
}

impl StandIn for Desk {
    type Action = Action;
    const NAME: &'static str = "desk";

    fn read(view: &TopicView) -> Option<Self> {
        let Cases { cases, people } = tree::read(&view.topic.summary)?;
        Some(Self {
            cases,
            people,
            filters: Filters::default(),
            ticked: Vec::new(),
            open: None,
            page: 0,
        })
    }

    fn restore(&mut self, draft: &str) {
        if let Some(filters) = tree::read(draft) {
            self.filters = filters;
        }
    }

    fn draft(&self) -> String {
        serde_json::to_string(&self.filters).unwrap_or_default()
    }

    fn act(&mut self, action: Action) -> bool {
        match action {
            Action::StatusWanted(status) => self.filters.status = status,
            Action::WhoWanted(who) => self.filters.who = who,
            Action::Wanted(wanted) => self.filters.wanted = wanted,
            Action::LateToggled => self.filters.late = !self.filters.late,
            Action::Ticked(id) => match self.ticked.iter().position(|known| *known == id) {
                Some(place) => drop(self.ticked.swap_remove(place)),
                None => self.ticked.push(id),
            },
            Action::AllTicked => {
                let all = self.cases.iter().map(|case| case.id.clone());
                self.ticked = if self.ticked.is_empty() {
                    all.collect()
                } else {
                    Vec::new()
                };
            }
            Action::Turned { forward } => {
                let back = self.page.saturating_sub(1);
                self.page = if forward { self.page + 1 } else { back };
                return false;
            }
            Action::Opened(id) => self.open = Some(id),
            Action::MovedOn => return !self.ticked.is_empty(),
        }
        self.page = 0;
        false
    }

    fn choice(&self) -> Choice {
        let moved = self
            .cases
            .iter()
            .filter(|case| self.ticked.contains(&case.id));
        parts::options(moved.map(|case| {
            let place = STATUSES.iter().position(|status| *status == case.status);
            let next = place
                .and_then(|place| STATUSES.get(place + 1))
                .unwrap_or(&"done");
            [case.id.as_str(), "-", next].concat()
        }))
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let texts = looks.texts;
        let shown = self.shown(looks.now_ms);
        let page = pages::page(shown.len(), PAGE_CASES, self.page);
        let part = &shown[page.from..page.to];
        let mut blocks = self.narrow(looks);
        blocks.push(self.list(part, looks));
        let mut foot = vec![
            looks.quiet(texts.text(k::CHOOSE_FIRST).to_owned(), Action::AllTicked),
            Block::Small(page.label()),
        ];
        if page.has_next() {
            foot.push(looks.quiet(
                texts.text(k::DETAILS).to_owned(),
                Action::Turned { forward: true },
            ));
        }
        if page.number > 0 {
            foot.push(looks.quiet(
                texts.text(k::BACK).to_owned(),
                Action::Turned { forward: false },
            ));
        }
        if let Some(case) = part.first() {
            foot.push(looks.quiet(case.title.clone(), Action::Opened(case.id.clone())));
        }
        blocks.push(Block::Foot(foot));
        blocks.extend(self.opened(looks).unwrap_or_default());
        let label = texts.count(k::VOTE_FOR_MANY, self.ticked.len() as u64, &[]);
        blocks.push(looks.button(
            Look::Primary,
            label,
            self.ticked.is_empty(),
            Action::MovedOn,
        ));
        blocks
    }
}
