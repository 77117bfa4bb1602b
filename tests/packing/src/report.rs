//! A report form in steps: what, where and since when, a photo (a placeholder here),
//! and a last look before sending.

use crate::card::{Looks, StandIn};
use crate::help::{days, parts, typed};
use linli_model::{Choice, TopicView, from_tree, tree};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Field, Look, Options, Row, Seal, Tone, text};
use serde::Serialize;
use yew::{Callback, NodeRef};

const WORDS_CHARS_MAX: usize = 1_000;
const WHERE_CHARS_MAX: usize = 60;
const PHOTOS_MAX: usize = 3;
/// How many days back a thing may have been seen.
const DAYS_BACK: i64 = 6;

struct Kind {
    id: String,
    name: String,
    help: Option<String>,
    urgent: bool,
}

from_tree!(Kind { id, name } or default { help, urgent });

struct Desk {
    kinds: Vec<Kind>,
    phone: Option<String>,
}

from_tree!(Desk { kinds } or default { phone });

#[derive(Clone, Default, Serialize)]
struct Draft {
    kind: Option<String>,
    words: String,
    place: String,
    day: Option<i64>,
    photos: Vec<String>,
}

from_tree!(Draft {
    kind,
    words,
    place,
    day,
    photos
});

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    What,
    Where,
    Photo,
    Look,
}

const STAGES: [Stage; 4] = [Stage::What, Stage::Where, Stage::Photo, Stage::Look];

/// The form, and what has been told so far.
pub(crate) struct Report {
    desk: Desk,
    draft: Draft,
    stage: Stage,
    pressed: bool,
}

/// What a person can do.
#[derive(Clone)]
pub(crate) enum Action {
    KindPicked(usize),
    Told(String),
    Placed(String),
    DayPicked(i64),
    PhotoAdded,
    PhotoRemoved(usize),
    Moved { forward: bool },
    Sent,
}

impl Report {
    fn kind(&self) -> Option<&Kind> {
        let id = self.draft.kind.as_ref()?;
        self.desk.kinds.iter().find(|kind| kind.id == *id)
    }

    fn fault(&self, stage: Stage) -> Option<typed::Fault> {
        let draft = &self.draft;
        match stage {
            Stage::What if draft.kind.is_none() => Some(typed::Fault::Empty),
            Stage::What => typed::check(&typed::tidy(&draft.words), WORDS_CHARS_MAX, true).err(),
            Stage::Where if draft.day.is_none() => Some(typed::Fault::Empty),
            Stage::Where => typed::check(&typed::tidy(&draft.place), WHERE_CHARS_MAX, true).err(),
            Stage::Photo => None,
            Stage::Look => [Stage::What, Stage::Where]
                .into_iter()
                .find_map(|s| self.fault(s)),
        }
    }

    fn shift(&mut self, forward: bool) {
        let here = STAGES
            .iter()
            .position(|stage| *stage == self.stage)
            .unwrap_or(0);
        let next = if forward {
            here + 1
        } else {
            here.saturating_sub(1)
        };
        self.stage = STAGES.get(next).copied().unwrap_or(Stage::Look);
    }

    fn what(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let rows = self.desk.kinds.iter().map(|kind| Row {
            value: kind.id.clone(),
            text: kind.name.clone(),
            detail: kind.help.clone().unwrap_or_default(),
            on: self.draft.kind.as_ref() == Some(&kind.id),
        });
        let mut blocks = vec![Block::Options(Options {
            legend: looks.texts.text(k::OPTION).to_owned(),
            hint: String::new(),
            many: false,
            lang: Some(looks.view.topic.lang.clone().into()),
            rows: rows.collect(),
            pick: looks.act.reform(Action::KindPicked),
        })];
        if let (Some(true), Some(phone)) = (self.kind().map(|kind| kind.urgent), &self.desk.phone) {
            blocks.push(Block::Link {
                look: Look::Soft,
                label: phone.clone(),
                href: ["tel:", phone].concat(),
            });
        }
        let words = &self.draft.words;
        blocks.push(self.field(
            looks.texts.text(k::DETAILS),
            words,
            WORDS_CHARS_MAX,
            looks.act.reform(Action::Told),
        ));
        blocks
    }

    fn field(&self, label: &str, value: &str, most: usize, typed: Callback<String>) -> Block {
        let length = value.chars().count();
        Block::Field(Field {
            label: label.to_owned(),
            hint: format!("{length} / {most}"),
            value: value.to_owned(),
            busy: false,
            invalid: self.pressed && (length == 0 || length > most),
            typed,
        })
    }

    fn place(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let today = days::day_of(looks.now_ms);
        let is_chinese = looks.texts.tag().starts_with("zh");
        let choices: Vec<i64> = (0..=DAYS_BACK).map(|back| today - back).collect();
        let rows = choices.iter().map(|day| {
            let (year, month, of_month) = days::civil(*day);
            Row {
                value: format!("{year}-{month:02}-{of_month:02}"),
                text: days::label(*day, is_chinese),
                detail: String::new(),
                on: self.draft.day == Some(*day),
            }
        });
        let rows = rows.collect();
        let act = looks.act.clone();
        vec![
            self.field(
                looks.texts.text(k::PLACE),
                &self.draft.place,
                WHERE_CHARS_MAX,
                looks.act.reform(Action::Placed),
            ),
            Block::Options(Options {
                legend: looks.texts.text(k::PLACE).to_owned(),
                hint: String::new(),
                many: false,
                lang: None,
                rows,
                pick: Callback::from(move |row: usize| {
                    act.emit(Action::DayPicked(
                        choices.get(row).copied().unwrap_or(today),
                    ));
                }),
            }),
        ]
    }

    fn photo(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (index, photo) in self.draft.photos.iter().enumerate() {
            blocks.push(Block::Banner {
                seal: Seal::Wait,
                title: photo.clone(),
                sub: format!("{} / {PHOTOS_MAX}", index + 1),
                node: NodeRef::default(),
            });
            let label = looks.texts.text(k::BACK).to_owned();
            blocks.push(Block::Foot(vec![
                looks.quiet(label, Action::PhotoRemoved(index)),
            ]));
        }
        if self.draft.photos.len() < PHOTOS_MAX {
            let label = looks.texts.text(k::RECEIPT_SAVE).to_owned();
            blocks.push(looks.button(Look::Outline, label, false, Action::PhotoAdded));
        }
        blocks
    }

    fn look(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let is_chinese = looks.texts.tag().starts_with("zh");
        let row = |key, value: String| vec![looks.texts.text(key).to_owned(), value];
        let kind = self
            .kind()
            .map(|kind| kind.name.clone())
            .unwrap_or_default();
        let day = self
            .draft
            .day
            .map(|day| days::label(day, is_chinese))
            .unwrap_or_default();
        let rows = vec![
            row(k::OPTION, kind),
            row(
                k::PLACE,
                format!("{} · {day}", typed::tidy(&self.draft.place)),
            ),
            row(k::DETAILS, self.draft.photos.len().to_string()),
        ];
        vec![
            Block::Table {
                head: Vec::new(),
                rows,
            },
            text(Tone::Body, typed::tidy(&self.draft.words)),
        ]
    }
}

impl StandIn for Report {
    type Action = Action;
    const NAME: &'static str = "report";

    fn read(view: &TopicView) -> Option<Self> {
        Some(Self {
            desk: tree::read(&view.topic.summary)?,
            draft: Draft::default(),
            stage: Stage::What,
            pressed: false,
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
            Action::KindPicked(index) => {
                self.draft.kind = self.desk.kinds.get(index).map(|kind| kind.id.clone());
            }
            Action::Told(words) => self.draft.words = words,
            Action::Placed(place) => self.draft.place = place,
            Action::DayPicked(day) => self.draft.day = Some(day),
            Action::PhotoAdded => {
                let number = self.draft.photos.len() + 1;
                self.draft.photos.push(format!("photo-{number}.jpg"));
            }
            Action::PhotoRemoved(index) => {
                if index < self.draft.photos.len() {
                    self.draft.photos.remove(index);
                }
            }
            Action::Moved { forward: false } => self.shift(false),
            Action::Moved { forward: true } => {
                self.pressed = true;
                if self.fault(self.stage).is_none() {
                    self.pressed = false;
                    self.shift(true);
                }
            }
            Action::Sent => return self.fault(Stage::Look).is_none(),
        }
        false
    }

    fn choice(&self) -> Choice {
        let draft = &self.draft;
        let day = draft.day.unwrap_or(0).to_string();
        let kind = draft.kind.clone().unwrap_or_default();
        let (words, place) = (typed::slug(&draft.words), typed::slug(&draft.place));
        parts::options([kind, day, words, place])
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let texts = looks.texts;
        let labels = [k::OPTION, k::PLACE, k::RECEIPT_SAVE, k::DETAILS];
        let reached = STAGES
            .iter()
            .position(|stage| *stage == self.stage)
            .unwrap_or(0);
        let mut blocks = vec![Block::Steps {
            labels: labels.map(|key| texts.text(key).to_owned()).into(),
            reached: reached + 1,
        }];
        blocks.extend(match self.stage {
            Stage::What => self.what(looks),
            Stage::Where => self.place(looks),
            Stage::Photo => self.photo(looks),
            Stage::Look => self.look(looks),
        });
        if let Some(fault) = self.fault(self.stage).filter(|_| self.pressed) {
            let key = match fault {
                typed::Fault::Empty => k::CHOOSE_FIRST,
                typed::Fault::TooLong => k::CODE_MALFORMED,
                typed::Fault::Invisible => k::FAULT_TITLE,
            };
            blocks.push(Block::Problem {
                title: texts.text(key).to_owned(),
                next: String::new(),
            });
        }
        blocks.push(match self.stage {
            Stage::Look => {
                let off = self.fault(Stage::Look).is_some();
                looks.button(
                    Look::Primary,
                    texts.text(k::TRY_NOW).to_owned(),
                    off,
                    Action::Sent,
                )
            }
            _ => {
                let label = texts.text(k::DETAILS).to_owned();
                looks.button(Look::Primary, label, false, Action::Moved { forward: true })
            }
        });
        if self.stage != Stage::What {
            let label = texts.text(k::BACK).to_owned();
            blocks.push(Block::Foot(vec![
                looks.quiet(label, Action::Moved { forward: false }),
            ]));
        }
        blocks
    }
}
