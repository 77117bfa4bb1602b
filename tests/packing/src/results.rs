//! Figures of many rows: sorted, filtered, as bars and as a table, to be saved.

use crate::card::{Looks, StandIn};
use crate::help::{amounts, figures, pages, parts, search};
use linli_model::{Choice, TopicView, from_tree, tree};
use linli_texts::{Catalog, deliberation as k, grouped};
use linli_ui::Block;
use linli_ui::block::{Bar, Field, Look, Tone, text};
use linli_ui::{device, kit};
use serde::Serialize;

const PAGE_ROWS: usize = 20;

#[derive(Clone)]
struct Entry {
    name: String,
    place: String,
    votes: u64,
    eligible: u64,
    cost_fen: i64,
    scores: Vec<i64>,
}

from_tree!(Entry { name, votes } or default { place, eligible, cost_fen, scores });

struct Sheet {
    entries: Vec<Entry>,
    budget_fen: i64,
    quorum_bp: u64,
}

from_tree!(Sheet { entries } or default { budget_fen, quorum_bp });

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Votes,
    Name,
    Cost,
    Turnout,
}

#[derive(Clone, Default, Serialize)]
struct Kept {
    order: u32,
    descending: bool,
    wanted: String,
    as_table: bool,
}

from_tree!(Kept {
    order,
    descending,
    wanted,
    as_table
});

const ORDERS: [Order; 4] = [Order::Votes, Order::Name, Order::Cost, Order::Turnout];

/// The sheet, and how it is looked at.
pub(crate) struct Results {
    sheet: Sheet,
    kept: Kept,
    page: usize,
}

/// What a person can do.
#[derive(Clone)]
pub(crate) enum Action {
    Sorted(Order),
    Wanted(String),
    TableToggled,
    Turned { forward: bool },
    Saved,
}

impl Results {
    fn order(&self) -> Order {
        ORDERS
            .get(self.kept.order as usize)
            .copied()
            .unwrap_or(Order::Votes)
    }

    fn shown(&self) -> Vec<&Entry> {
        let fits =
            |entry: &&Entry| search::matches(&self.kept.wanted, &[&entry.name, &entry.place]);
        let mut shown: Vec<&Entry> = self.sheet.entries.iter().filter(fits).collect();
        let order = self.order();
        shown.sort_by(|one, other| {
            let by = match order {
                Order::Votes => other.votes.cmp(&one.votes),
                Order::Name => one.name.cmp(&other.name),
                Order::Cost => one.cost_fen.cmp(&other.cost_fen),
                // Cross-multiplied: no rounding.
                Order::Turnout => (u128::from(other.votes) * u128::from(one.eligible))
                    .cmp(&(u128::from(one.votes) * u128::from(other.eligible))),
            };
            if self.kept.descending {
                by.reverse()
            } else {
                by
            }
        });
        shown
    }

    /// The dearest set by votes that the budget allows, as a greedy count would fund it.
    fn funded(&self) -> Vec<String> {
        let mut by_votes: Vec<&Entry> = self.sheet.entries.iter().collect();
        by_votes.sort_by(|one, other| {
            other
                .votes
                .cmp(&one.votes)
                .then(one.cost_fen.cmp(&other.cost_fen))
        });
        let mut left = self.sheet.budget_fen;
        let mut funded = Vec::new();
        for entry in by_votes {
            if entry.cost_fen <= left {
                left -= entry.cost_fen;
                funded.push(entry.name.clone());
            }
        }
        funded
    }

    fn bars(&self, shown: &[&Entry], looks: &Looks<'_, Action>) -> Block {
        let all: u64 = shown.iter().map(|entry| entry.votes).sum();
        let most = shown.iter().map(|entry| entry.votes).max().unwrap_or(0);
        let bars = shown.iter().map(|entry| Bar {
            name: entry.name.clone(),
            figure: looks.texts.count(k::VOTES, entry.votes, &[]),
            share_bp: kit::share_bp(entry.votes, all),
            leads: entry.votes == most,
            limit: None,
        });
        Block::Bars {
            bars: bars.collect(),
            lang: looks.view.topic.lang.clone().into(),
            figures: looks.texts.tag().to_owned().into(),
        }
    }

    fn cells(entry: &Entry) -> Vec<String> {
        let turnout = kit::share_bp(entry.votes, entry.eligible);
        let middle = figures::tenths(figures::median_tenths(&entry.scores));
        let mean = figures::tenths(figures::mean_tenths(&entry.scores));
        vec![
            entry.name.clone(),
            grouped(entry.votes),
            kit::percent(turnout),
            amounts::yuan(entry.cost_fen),
            format!("{middle} / {mean}"),
        ]
    }

    fn csv(&self) -> String {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut out = String::new();
        for entry in self.shown() {
            let cells: Vec<String> = Self::cells(entry).iter().map(|cell| quoted(cell)).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }

    fn verdict(&self, texts: &Catalog) -> Vec<Block> {
        let votes: u64 = self.sheet.entries.iter().map(|entry| entry.votes).sum();
        let eligible: u64 = self.sheet.entries.iter().map(|entry| entry.eligible).sum();
        let share = kit::share_bp(votes, eligible);
        let reached = share >= self.sheet.quorum_bp;
        let key = if reached {
            k::OUTCOME_CARRIED
        } else {
            k::OUTCOME_LOST
        };
        let (yes, no) = (grouped(votes), grouped(eligible.saturating_sub(votes)));
        let mut blocks = vec![text(
            Tone::Strong,
            texts.fill(key, &[("yes", &yes), ("no", &no)]),
        )];
        let funded = self.funded();
        if self.sheet.budget_fen > 0 {
            let costs: Vec<i64> = self
                .sheet
                .entries
                .iter()
                .map(|entry| entry.cost_fen)
                .collect();
            let shares = amounts::apportion(self.sheet.budget_fen, &costs);
            let least = shares.iter().min().copied().unwrap_or(0);
            let names = funded.join(texts.text(k::AND));
            let budget = amounts::yuan(self.sheet.budget_fen);
            blocks.push(Block::Note {
                strong: format!("{budget} · {}", amounts::yuan(least)),
                text: names,
            });
        }
        blocks
    }
}

impl StandIn for Results {
    type Action = Action;
    const NAME: &'static str = "results";

    fn read(view: &TopicView) -> Option<Self> {
        Some(Self {
            sheet: tree::read(&view.topic.summary)?,
            kept: Kept::default(),
            page: 0,
        })
    }

    fn restore(&mut self, draft: &str) {
        if let Some(kept) = tree::read(draft) {
            self.kept = kept;
        }
    }

    fn draft(&self) -> String {
        serde_json::to_string(&self.kept).unwrap_or_default()
    }

    fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Sorted(order) => {
                let place = ORDERS.iter().position(|known| *known == order).unwrap_or(0);
                let place = u32::try_from(place).unwrap_or(0);
                self.kept.descending = self.kept.order == place && !self.kept.descending;
                self.kept.order = place;
            }
            Action::Wanted(wanted) => {
                self.kept.wanted = wanted;
                self.page = 0;
            }
            Action::TableToggled => self.kept.as_table = !self.kept.as_table,
            Action::Turned { forward: true } => self.page += 1,
            Action::Turned { forward: false } => self.page = self.page.saturating_sub(1),
            Action::Saved => {
                let _ = device::save_file("results.csv", &self.csv());
            }
        }
        false
    }

    fn choice(&self) -> Choice {
        parts::options(self.funded())
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let texts = looks.texts;
        let shown = self.shown();
        let page = pages::page(shown.len(), PAGE_ROWS, self.page);
        let part = &shown[page.from..page.to];
        let mut blocks = self.verdict(texts);
        blocks.push(Block::Field(Field {
            label: texts.text(k::OPTION).to_owned(),
            hint: texts.count(k::VOTES, shown.len() as u64, &[]),
            value: self.kept.wanted.clone(),
            busy: false,
            invalid: shown.is_empty(),
            typed: looks.act.reform(Action::Wanted),
        }));
        let names = [k::VOTES_HEAD, k::OPTION, k::SHARE, k::PLACE];
        let sorts = ORDERS.into_iter().zip(names);
        let sorts = sorts
            .map(|(order, key)| looks.quiet(texts.text(key).to_owned(), Action::Sorted(order)));
        blocks.push(Block::Foot(sorts.collect()));
        blocks.push(if self.kept.as_table {
            let head = [k::OPTION, k::VOTES_HEAD, k::SHARE, k::PLACE, k::DETAILS];
            Block::Table {
                head: head.map(|key| texts.text(key).to_owned()).into(),
                rows: part.iter().map(|entry| Self::cells(entry)).collect(),
            }
        } else {
            self.bars(part, looks)
        });
        let mut foot = vec![
            looks.quiet(texts.text(k::AS_TABLE).to_owned(), Action::TableToggled),
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
        blocks.push(Block::Foot(foot));
        blocks.push(looks.button(
            Look::Outline,
            texts.text(k::RECEIPT_SAVE).to_owned(),
            false,
            Action::Saved,
        ));
        blocks
    }
}
