//! A survey-like form: several kinds of questions, in pages, some asked only after
//! certain answers.

use crate::card::{Looks, StandIn};
use crate::help::{figures, pages, parts, typed};
use linli_model::tree;
use linli_model::{Choice, TopicView, from_tree};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Bar, Field, Look, Options, Row, Tone, text};
use serde::Serialize;
use yew::Callback;

const PAGE_QUESTIONS: usize = 3;
const SCALE_TOP: usize = 10;
const ANSWER_CHARS_MAX: usize = 500;

struct Question {
    name: String,
    title: String,
    kind: String,
    needed: bool,
    rows: Vec<String>,
    most: Option<u32>,
    /// Asked only where the named question has this answer.
    after: Option<(String, String)>,
    earlier: Vec<i64>,
}

from_tree!(Question { name, title, kind } or default { needed, rows, most, after, earlier });

#[derive(Clone, Default, Serialize)]
struct Answer {
    question: String,
    picked: Vec<u32>,
    words: String,
}

from_tree!(Answer {
    question,
    picked,
    words
});

/// The form and what has been answered.
pub(crate) struct Survey {
    questions: Vec<Question>,
    answers: Vec<Answer>,
    page: usize,
    complained: bool,
}

/// What a person can do.
#[derive(Clone)]
pub(crate) enum Action {
    Picked { question: usize, row: usize },
    Typed { question: usize, words: String },
    Turned { forward: bool },
    Sent,
}

struct Form {
    questions: Vec<Question>,
}

from_tree!(Form { questions });

impl Survey {
    fn answer(&self, name: &str) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == name)
    }

    fn answer_mut(&mut self, name: &str) -> &mut Answer {
        let place = self.answers.iter().position(|a| a.question == name);
        let place = place.unwrap_or_else(|| {
            self.answers.push(Answer {
                question: name.to_owned(),
                ..Answer::default()
            });
            self.answers.len() - 1
        });
        &mut self.answers[place]
    }

    /// The questions that are asked, given the answers so far.
    fn asked(&self) -> Vec<usize> {
        let is_asked = |question: &Question| match &question.after {
            None => true,
            Some((name, wanted)) => self.answer(name).is_some_and(|answer| {
                let earlier = self.questions.iter().find(|q| q.name == *name);
                let row = |index: &u32| earlier.and_then(|q| q.rows.get(*index as usize));
                answer.picked.iter().any(|index| row(index) == Some(wanted))
            }),
        };
        let all = self.questions.iter().enumerate();
        all.filter(|(_, question)| is_asked(question))
            .map(|(index, _)| index)
            .collect()
    }

    fn is_fine(&self, question: &Question) -> bool {
        let Some(answer) = self.answer(&question.name) else {
            return !question.needed;
        };
        match question.kind.as_str() {
            "words" => typed::check(&answer.words, ANSWER_CHARS_MAX, question.needed).is_ok(),
            "many" => {
                let most = question.most.unwrap_or(u32::MAX) as usize;
                answer.picked.len() <= most && (!question.needed || !answer.picked.is_empty())
            }
            _ => !question.needed || !answer.picked.is_empty(),
        }
    }

    fn page(&self) -> pages::Page {
        pages::page(self.asked().len(), PAGE_QUESTIONS, self.page)
    }

    fn first_wrong(&self) -> Option<usize> {
        let asked = self.asked();
        asked
            .iter()
            .position(|index| !self.is_fine(&self.questions[*index]))
    }

    fn question(&self, index: usize, looks: &Looks<'_, Action>) -> Vec<Block> {
        let question = &self.questions[index];
        let answer = self.answer(&question.name).cloned().unwrap_or_default();
        let mut blocks = vec![text(Tone::Title, question.title.clone())];
        if question.kind == "words" {
            let act = looks.act.clone();
            blocks.push(Block::Field(Field {
                label: question.title.clone(),
                hint: format!("{} / {ANSWER_CHARS_MAX}", answer.words.chars().count()),
                value: answer.words.clone(),
                busy: false,
                invalid: self.complained && !self.is_fine(question),
                typed: Callback::from(move |words| {
                    act.emit(Action::Typed {
                        question: index,
                        words,
                    });
                }),
            }));
        } else {
            let is_scale = question.kind == "scale";
            let scale = || (0..=SCALE_TOP).map(|n| n.to_string()).collect();
            let rows: Vec<String> = if is_scale {
                scale()
            } else {
                question.rows.clone()
            };
            let is_on = |row: usize| answer.picked.iter().any(|picked| *picked as usize == row);
            let act = looks.act.clone();
            let rows = rows.into_iter().enumerate().map(|(row, name)| Row {
                value: row.to_string(),
                text: name,
                detail: String::new(),
                on: is_on(row),
            });
            blocks.push(Block::Options(Options {
                legend: question.title.clone(),
                hint: match question.most {
                    Some(most) => looks.texts.count(k::CHOOSE_EXACTLY, u64::from(most), &[]),
                    None => String::new(),
                },
                many: question.kind == "many",
                lang: None,
                rows: rows.collect(),
                pick: Callback::from(move |row| {
                    act.emit(Action::Picked {
                        question: index,
                        row,
                    });
                }),
            }));
            if is_scale && !question.earlier.is_empty() {
                blocks.push(so_far(question, looks));
            }
        }
        if self.complained && !self.is_fine(question) {
            blocks.push(Block::Problem {
                title: looks.texts.text(k::CHOOSE_FIRST).to_owned(),
                next: question.title.clone(),
            });
        }
        blocks
    }
}

/// What others said on a scale.
fn so_far(question: &Question, looks: &Looks<'_, Action>) -> Block {
    let counts = figures::histogram(&question.earlier, SCALE_TOP);
    let all: u64 = counts.iter().sum();
    let most = counts.iter().max().copied().unwrap_or(0);
    let bars = counts.iter().enumerate().map(|(value, count)| Bar {
        name: value.to_string(),
        figure: looks.texts.count(k::VOTES, *count, &[]),
        share_bp: linli_ui::kit::share_bp(*count, all),
        leads: *count == most,
        limit: None,
    });
    let middle = figures::tenths(figures::median_tenths(&question.earlier));
    let mean = figures::tenths(figures::mean_tenths(&question.earlier));
    Block::Fold {
        summary: format!("{} {middle} · {mean}", looks.texts.text(k::OUTCOME_SO_FAR)),
        blocks: vec![Block::Bars {
            bars: bars.collect(),
            lang: looks.view.topic.lang.clone().into(),
            figures: looks.texts.tag().to_owned().into(),
        }],
    }
}

impl StandIn for Survey {
    type Action = Action;
    const NAME: &'static str = "survey";

    fn read(view: &TopicView) -> Option<Self> {
        let form: Form = tree::read(&view.topic.summary)?;
        Some(Self {
            questions: form.questions,
            answers: Vec::new(),
            page: 0,
            complained: false,
        })
    }

    fn restore(&mut self, draft: &str) {
        if let Some(answers) = tree::read::<Vec<Answer>>(draft) {
            self.answers = answers;
        }
    }

    fn draft(&self) -> String {
        serde_json::to_string(&self.answers).unwrap_or_default()
    }

    fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Picked { question, row } => {
                let Some(asked) = self.questions.get(question) else {
                    return false;
                };
                let (name, many) = (asked.name.clone(), asked.kind == "many");
                let row = u32::try_from(row).unwrap_or(0);
                let picked = &mut self.answer_mut(&name).picked;
                match picked.iter().position(|known| *known == row) {
                    Some(place) if many => drop(picked.swap_remove(place)),
                    Some(_) => {}
                    None if many => picked.push(row),
                    None => *picked = vec![row],
                }
            }
            Action::Typed { question, words } => {
                if let Some(asked) = self.questions.get(question) {
                    let name = asked.name.clone();
                    self.answer_mut(&name).words = words;
                }
            }
            Action::Turned { forward: true } => self.page = self.page().number + 1,
            Action::Turned { forward: false } => self.page = self.page().number.saturating_sub(1),
            Action::Sent => {
                for answer in &mut self.answers {
                    answer.words = typed::tidy(&answer.words);
                }
                self.complained = true;
                if let Some(place) = self.first_wrong() {
                    self.page = place / PAGE_QUESTIONS;
                    return false;
                }
                return true;
            }
        }
        false
    }

    fn choice(&self) -> Choice {
        let asked = self.asked();
        let given = asked.iter().filter_map(|index| {
            let answer = self.answer(&self.questions[*index].name)?;
            let picked: Vec<String> = answer.picked.iter().map(u32::to_string).collect();
            let said = [picked.join("-"), answer.words.clone()].concat();
            Some(typed::slug(&[&answer.question, "-", &said].concat()))
        });
        parts::options(given)
    }

    fn blocks(&self, looks: &Looks<'_, Action>) -> Vec<Block> {
        let (asked, page) = (self.asked(), self.page());
        let mut blocks = vec![text(Tone::Muted, page.label())];
        for index in asked.iter().take(page.to).skip(page.from) {
            blocks.extend(self.question(*index, looks));
        }
        let texts = looks.texts;
        blocks.push(if page.has_next() {
            let label = texts.text(k::DETAILS).to_owned();
            looks.button(
                Look::Outline,
                label,
                false,
                Action::Turned { forward: true },
            )
        } else {
            let left = asked.len()
                - asked
                    .iter()
                    .filter(|i| self.is_fine(&self.questions[**i]))
                    .count();
            let label = match left {
                0 => texts.count(k::VOTE_FOR_MANY, asked.len() as u64, &[]),
                left => texts.count(k::CHOOSE_MORE, left as u64, &[]),
            };
            looks.button(Look::Primary, label, left > 0, Action::Sent)
        });
        if page.number > 0 {
            let label = texts.text(k::BACK).to_owned();
            blocks.push(Block::Foot(vec![
                looks.quiet(label, Action::Turned { forward: false }),
            ]));
        }
        blocks
    }
}
