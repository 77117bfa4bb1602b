//! A pledge form: a goal, steps to choose from or an amount of one's own, a name or none.

use crate::card::{Looks, StandIn};
use crate::help::{amounts, parts, typed};
use linli_model::{Choice, TopicView, from_tree, tree};
use linli_texts::{Catalog, deliberation as k};
use linli_ui::Block;
use linli_ui::block::{Bar, Field, Look, Options, Row, Tone, text};
use linli_ui::kit;
use serde::Serialize;
use yew::Callback;

const WISH_CHARS_MAX: usize = 80;

struct Campaign {
    goal_fen: i64,
    raised_fen: i64,
    givers: u64,
    steps: Vec<Step>,
    uses: Vec<Use>,
    match_bp: Option<i64>,
}

from_tree!(Campaign { goal_fen, raised_fen, givers, steps } or default { uses, match_bp });

struct Step {
    fen: i64,
    buys: String,
}

from_tree!(Step { fen, buys });

struct Use {
    name: String,
    weight: i64,
}

from_tree!(Use { name, weight });

#[derive(Clone, Default, Serialize)]
struct Draft {
    step: Option<u32>,
    own: String,
    wish: String,
    unnamed: bool,
}

from_tree!(Draft {
    step,
    own,
    wish,
    unnamed
});

/// A campaign and what this person is about to promise.
pub(crate) struct Pledge {
    campaign: Campaign,
    draft: Draft,
    asked: bool,
}

/// What a person can do.
#[derive(Clone)]
pub(crate) enum Action {
    StepPicked(usize),
    OwnTyped(String),
    WishTyped(String),
    NameToggled,
    Sent,
}

impl Pledge {
    fn amount(&self) -> Option<i64> {
        match self.draft.step {
            Some(step) => Some(self.campaign.steps.get(step as usize)?.fen),
            None => amounts::parse(&self.draft.own),
        }
    }

    /// What a partner adds to `fen`.
    fn matched(&self, fen: i64) -> i64 {
        let share = self.campaign.match_bp.unwrap_or(0);
        i64::try_from(i128::from(fen) * i128::from(share) / 10_000).unwrap_or(0)
    }

    fn progress(&self, texts: &Catalog) -> Vec<Block> {
        let campaign = &self.campaign;
        let fen = |fen: i64| u64::try_from(fen).unwrap_or(0);
        let (raised, goal) = (fen(campaign.raised_fen), fen(campaign.goal_fen));
        let share_bp = kit::share_bp(raised.min(goal), goal);
        let bar = Bar {
            name: amounts::yuan(campaign.raised_fen),
            figure: format!(
                "{} · {}",
                kit::percent(share_bp),
                amounts::yuan(campaign.goal_fen)
            ),
            share_bp,
            leads: true,
            limit: None,
        };
        let tag: yew::AttrValue = texts.tag().to_owned().into();
        vec![
            Block::Bars {
                bars: vec![bar],
                lang: tag.clone(),
                figures: tag,
            },
            text(
                Tone::Muted,
                texts.count(k::TURNOUT_DEVICES, campaign.givers, &[]),
            ),
        ]
    }

    /// Where the money goes, in whole fen that sum to the amount.
    fn uses(&self, fen: i64, texts: &Catalog) -> Option<Block> {
        if self.campaign.uses.is_empty() {
            return None;
        }
        let weights: Vec<i64> = self.campaign.uses.iter().map(|u| u.weight).collect();
        let shares = amounts::apportion(fen, &weights);
        let rows = self.campaign.uses.iter().zip(shares);
        Some(Block::Fold {
            summary: texts.text(k::DETAILS).to_owned(),
            blocks: vec![Block::Table {
                head: [k::OPTION, k::SHARE]
                    .map(|key| texts.text(key).to_owned())
                    .into(),
                rows: rows
                    .map(|(u, share)| vec![u.name.clone(), amounts::yuan(share)])
                    .collect(),
            }],
        })
    }

    fn steps(&self, looks: &Looks<'_, Action>) -> Block {
        let rows = self
            .campaign
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| Row {
                value: index.to_string(),
                text: amounts::yuan(step.fen),
                detail: step.buys.clone(),
                on: self.draft.step == u32::try_from(index).ok(),
            });
        Block::Options(Options {
            legend: looks.view.topic.title.clone(),
            hint: looks.texts.count(k::CHOOSE_EXACTLY, 1, &[]),
            many: false,
            lang: Some(looks.view.topic.lang.clone().into()),
            rows: rows.collect(),
            pick: looks.act.reform(Action::StepPicked),
        })
    }

    fn wish_fault(&self) -> Option<typed::Fault> {
        typed::check(&typed::tidy(&self.draft.wish), WISH_CHARS_MAX, false).err()
    }

    fn fields(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let texts = looks.texts;
        let is_own_wrong =
            self.draft.step.is_none() && !self.draft.own.is_empty() && self.amount().is_none();
        let field = |label, hint, value: &str, invalid, typed| {
            Block::Field(Field {
                label,
                hint,
                value: value.to_owned(),
                busy: false,
                invalid,
                typed,
            })
        };
        let own: Callback<String> = looks.act.reform(Action::OwnTyped);
        let wish: Callback<String> = looks.act.reform(Action::WishTyped);
        let most = amounts::yuan(amounts::FEN_MAX);
        vec![
            field(
                texts.text(k::OPTION).to_owned(),
                format!("≤ {most}"),
                &self.draft.own,
                is_own_wrong,
                own,
            ),
            field(
                texts.text(k::DETAILS).to_owned(),
                format!("≤ {WISH_CHARS_MAX}"),
                &self.draft.wish,
                self.wish_fault().is_some(),
                wish,
            ),
        ]
    }
}

impl StandIn for Pledge {
    type Action = Action;
    const NAME: &'static str = "pledge";

    fn read(view: &TopicView) -> Option<Self> {
        Some(Self {
            campaign: tree::read(&view.topic.summary)?,
            draft: Draft::default(),
            asked: false,
        })
    }

    fn restore(&mut self, draft: &str) {
        if let Some(draft) = tree::read(draft) {
            self.draft = draft;
        }
    }

    fn draft(&self) -> String {
        serde_json::to_string(&self.draft).unwrap_or_default()
    }

    fn act(&mut self, action: Action) -> bool {
        match action {
            Action::StepPicked(step) => {
                self.draft.step = u32::try_from(step).ok();
                self.draft.own.clear();
            }
            Action::OwnTyped(own) => {
                self.draft.own = own;
                self.draft.step = None;
            }
            Action::WishTyped(wish) => self.draft.wish = wish,
            Action::NameToggled => self.draft.unnamed = !self.draft.unnamed,
            Action::Sent => {
                self.asked = true;
                return self.amount().is_some() && self.wish_fault().is_none();
            }
        }
        false
    }

    fn choice(&self) -> Choice {
        let fen = self.amount().unwrap_or(0).to_string();
        let name = if self.draft.unnamed {
            "unnamed"
        } else {
            "named"
        };
        let wish = typed::slug(&typed::tidy(&self.draft.wish));
        parts::options([fen, name.to_owned(), wish])
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let texts = looks.texts;
        let mut blocks = self.progress(texts);
        blocks.push(self.steps(looks));
        blocks.extend(self.fields(looks));
        if let Some(fen) = self.amount() {
            let matched = self.matched(fen);
            if matched > 0 {
                blocks.push(Block::Note {
                    strong: amounts::yuan(fen + matched),
                    text: format!("{} + {}", amounts::yuan(fen), amounts::yuan(matched)),
                });
            }
            blocks.extend(self.uses(fen, texts));
        } else if self.asked {
            blocks.push(Block::Problem {
                title: texts.text(k::CHOOSE_FIRST).to_owned(),
                next: String::new(),
            });
        }
        let name = if self.draft.unnamed {
            k::STANCE_NO
        } else {
            k::STANCE_YES
        };
        blocks.push(Block::Foot(vec![
            looks.quiet(texts.text(name).to_owned(), Action::NameToggled),
        ]));
        let label = match self.amount() {
            Some(fen) => texts.fill(k::VOTE_FOR, &[("choice", &amounts::yuan(fen))]),
            None => texts.text(k::CHOOSE_FIRST).to_owned(),
        };
        blocks.push(looks.button(Look::Primary, label, self.amount().is_none(), Action::Sent));
        blocks
    }
}
