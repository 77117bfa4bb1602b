//! What is on screen, as pure functions of the state. One card, one task, one primary
//! button.

mod asked;
mod groups;
mod head;
mod identify;
mod intro;
mod line;
mod markup;
mod matrix;
mod outcome;
mod page;
mod pick;
mod question;
mod rank;
mod rating;
mod review;
mod trouble;

#[cfg(test)]
mod tests;

use crate::Tap;
use crate::state::{Action, Ask, Form, Node, RoundState, Stage, State};
use linli_model::wave::SurveyView;
use linli_model::{Credential, Phase, Refusal, UtcMs};
use linli_texts::{Catalog, Key, deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, render, text};
use linli_ui::el::el;
use std::rc::Rc;
use yew::prelude::*;

/// What views need besides the state.
pub(crate) struct Looks<'a> {
    /// Texts.
    pub texts: &'a Rc<Catalog>,
    /// Larger type and targets.
    pub elder: bool,
    /// Whether this device can read aloud.
    pub can_speak: bool,
    /// Whether it is doing so.
    pub speaking: bool,
    /// Whether the receipt number has just been copied.
    pub copied: bool,
    /// Address of the same task on our own page; empty where there is none.
    pub page: &'a str,
    /// The heading, for focus.
    pub heading: NodeRef,
    /// Dispatches an action. The same callback each time: questions compare it.
    pub act: Callback<Action>,
    /// Dispatches what concerns only the looks.
    pub tap: Callback<Tap>,
}

impl Looks<'_> {
    fn text(&self, key: Key) -> &str {
        self.texts.text(key)
    }

    /// Made anew at each tap: to copy an action would be the copying of all that any
    /// action carries, to be downloaded.
    fn on(&self, action: fn() -> Action) -> Callback<MouseEvent> {
        let act = self.act.clone();
        Callback::from(move |_| act.emit(action()))
    }

    fn tap(&self, tap: Tap) -> Callback<MouseEvent> {
        self.tap.reform(move |_| tap)
    }

    fn heading(&self, key: Key) -> Block {
        Block::Heading {
            text: self.text(key).to_owned(),
            lang: self.texts.tag().to_owned().into(),
            node: self.heading.clone(),
        }
    }

    fn banner(&self, seal: Seal, title: Key, sub: String) -> Block {
        let (title, node) = (self.text(title).to_owned(), self.heading.clone());
        Block::Banner {
            seal,
            title,
            sub,
            node,
        }
    }

    fn button(&self, look: Look, label: Key, action: fn() -> Action) -> Block {
        let (label, tap) = (self.text(label).to_owned(), Some(self.on(action)));
        Block::Button {
            look,
            label,
            off: false,
            tap,
        }
    }

    fn quiet(&self, label: Key, action: fn() -> Action) -> Block {
        Block::Quiet {
            label: self.text(label).to_owned(),
            tap: self.on(action),
        }
    }

    fn note(&self, key: Key) -> Block {
        Block::Note {
            strong: String::new(),
            text: self.text(key).to_owned(),
        }
    }

    fn fold(&self, summary: Key, blocks: Vec<Block>) -> Block {
        Block::Fold {
            summary: self.text(summary).to_owned(),
            blocks,
        }
    }

    /// A refusal in words; times in it need the topic's time zone.
    fn problem(&self, survey: Option<&SurveyView>, refusal: &Refusal) -> Block {
        let time = |at_ms| survey.map(|one| self.time(one, at_ms)).unwrap_or_default();
        let words = linli_texts::explain(self.texts, refusal, &time);
        Block::Problem {
            title: words.title,
            next: words.next,
        }
    }

    /// Which household this is, where it is one.
    fn voter(&self, state: &State) -> Option<Block> {
        let voter = state.voter.as_ref()?;
        (!voter.label.is_empty()).then(|| text(Tone::Muted, voter.label.clone()))
    }

    fn time(&self, survey: &SurveyView, at_ms: UtcMs) -> String {
        let zone = &survey.view.topic.community.time_zone;
        linli_ui::time::format(at_ms, zone, self.texts.tag())
    }
}

/// The card.
pub(crate) fn card(state: &State, looks: &Looks<'_>) -> Html {
    let is_busy = matches!(state.round, RoundState::Loading);
    let (name, inner) = content(state, looks);
    // Another question is another card: nothing of the old one is left standing, no
    // opened fold, no half-typed field.
    el("section")
        .class("card")
        .attr("part", "card")
        .tells("aria-busy", is_busy)
        .key(name)
        .all(inner)
        .into()
}

fn content(state: &State, looks: &Looks<'_>) -> (String, Vec<Html>) {
    let blocks = |name: &str, blocks: Vec<Block>| (name.to_owned(), render(&blocks));
    let survey = match &state.round {
        RoundState::Loaded { survey, .. } => survey,
        RoundState::Refused(refusal) => {
            return blocks("topic-refused", trouble::topic_refused(refusal, looks));
        }
        // A command on its way is shown even where the round cannot be.
        _ if matches!(state.stage, Stage::Casting(_)) => {
            return blocks("casting", outcome::casting(state, None, looks));
        }
        RoundState::Failed(trouble) => return blocks("failed", trouble::failed(trouble, looks)),
        RoundState::Newer { title, lang } => {
            return blocks("newer", trouble::newer(title, lang, looks));
        }
        RoundState::Loading => return blocks("loading", trouble::loading(looks)),
    };
    if state.is_elsewhere() && !matches!(survey.view.phase, Phase::Closed) {
        return blocks("elsewhere", trouble::elsewhere(state, survey, looks));
    }
    let needs_no_code = matches!(
        survey.view.topic.poll.credential,
        Credential::Device | Credential::HostToken
    );
    match (&state.stage, survey.view.phase, &state.form) {
        (Stage::Identifying { busy: true, .. }, ..) if needs_no_code => {
            blocks("casting", outcome::casting(state, Some(survey), looks))
        }
        (Stage::Casting(_), ..) => blocks("casting", outcome::casting(state, Some(survey), looks)),
        (Stage::Refused(refusal), ..) => {
            blocks("refused", trouble::refused(state, survey, refusal, looks))
        }
        (Stage::Troubled(trouble), ..) => {
            blocks("troubled", trouble::troubled(survey, trouble, looks))
        }
        (_, Phase::Closed, _) => blocks("closed", outcome::closed(state, survey, looks)),
        (_, Phase::Upcoming, _) => blocks("upcoming", intro::upcoming(survey, looks)),
        (Stage::Filling, _, Some(form)) => {
            let name = format!("page-{}", form.progress.page);
            (name, page::page(state, form, survey, looks))
        }
        (Stage::Review, _, Some(form)) => (
            "review".to_owned(),
            review::review(state, form, survey, looks),
        ),
        (Stage::Identifying { busy, problem }, ..) => blocks(
            "identifying",
            identify::identifying(state, survey, *busy, problem.as_ref(), looks),
        ),
        (Stage::Confirming, ..) => blocks("confirming", identify::confirming(state, survey, looks)),
        (Stage::Receipt, ..) => ("receipt".to_owned(), outcome::receipt(state, survey, looks)),
        (Stage::Dispatched, ..) => (
            "dispatched".to_owned(),
            outcome::dispatched(state, survey, looks),
        ),
        (Stage::Intro | Stage::Filling | Stage::Review, ..) => {
            blocks("intro", intro::intro(state, survey, looks))
        }
    }
}

/// A line that says that what is shown is old.
fn stale_note(state: &State, looks: &Looks<'_>) -> Option<Block> {
    let is_stale = matches!(state.round, RoundState::Loaded { stale: true, .. });
    is_stale.then(|| looks.note(d::STALE))
}

/// The quiet actions at the foot of every card.
fn foot(looks: &Looks<'_>, mut blocks: Vec<Block>) -> Block {
    let label = if looks.elder {
        d::ELDER_OFF
    } else {
        d::ELDER_ON
    };
    blocks.push(Block::Quiet {
        label: looks.text(label).to_owned(),
        tap: looks.tap(Tap::Elder),
    });
    Block::Foot(blocks)
}

/// Reading aloud: offered in elder mode, where the device can.
fn speak_button(looks: &Looks<'_>) -> Option<Block> {
    let label = if looks.speaking {
        d::STOP_READING
    } else {
        d::READ_ALOUD
    };
    (looks.elder && looks.can_speak).then(|| Block::Button {
        look: Look::Soft,
        label: looks.text(label).to_owned(),
        off: false,
        tap: Some(looks.tap(Tap::Speak)),
    })
}

/// The page's questions and what can be chosen, for reading aloud.
pub(crate) fn spoken(form: &Form) -> String {
    let mut lines: Vec<String> = form.heading.to_vec();
    speak(&form.nodes, &mut lines);
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn speak(nodes: &[Node], lines: &mut Vec<String>) {
    for node in nodes {
        match node {
            Node::Panel { title, nodes, .. } => {
                lines.push(title.clone());
                speak(nodes, lines);
            }
            Node::Question(card) => {
                lines.push(card.title.clone());
                lines.extend(card.items().iter().map(|item| item.text.clone()));
                if let Ask::Matrix(matrix) = &card.ask {
                    lines.extend(matrix.rows.iter().map(|row| row.text.clone()));
                }
            }
        }
    }
}

/// The person's language, for what is theirs and not the definition's.
fn kind(looks: &Looks<'_>) -> String {
    looks.text(k::KIND).to_owned()
}
