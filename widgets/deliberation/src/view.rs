//! What is on screen, as pure functions of the state. One card, one task, one primary
//! button.

mod choose;
mod delivery;
mod head;
mod identify;
mod number;
mod outcome;
mod receipt;
mod trouble;

#[cfg(test)]
mod tests;

use crate::Tap;
use crate::state::{Action, Stage, State, TopicState};
use linli_model::{Choice, OptionId, Phase, PollKind, Refusal, Stance, TopicView, UtcMs};
use linli_texts::{Catalog, Key, deliberation as k};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, render, text};
use yew::prelude::*;

/// What views need besides the state.
pub(crate) struct Looks<'a> {
    /// Texts.
    pub texts: &'a Catalog,
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
    /// Dispatches an action.
    pub act: Callback<Action>,
    /// Dispatches what concerns only the looks.
    pub tap: Callback<Tap>,
}

impl Looks<'_> {
    fn text(&self, key: Key) -> &str {
        self.texts.text(key)
    }

    fn on(&self, action: Action) -> Callback<MouseEvent> {
        let act = self.act.clone();
        Callback::from(move |_| act.emit(action.clone()))
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

    fn button(&self, look: Look, label: Key, action: Action) -> Block {
        let (label, tap) = (self.text(label).to_owned(), Some(self.on(action)));
        Block::Button {
            look,
            label,
            off: false,
            tap,
        }
    }

    fn quiet(&self, label: Key, action: Action) -> Block {
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
    fn problem(&self, view: Option<&TopicView>, refusal: &Refusal) -> Block {
        let time = |at_ms| view.map(|view| self.time(view, at_ms)).unwrap_or_default();
        let words = linli_texts::explain(self.texts, refusal, &time);
        Block::Problem {
            title: words.title,
            next: words.next,
        }
    }

    /// Which household this is, where it is one.
    fn voter(&self, state: &State) -> Option<Block> {
        let voter = state
            .voter
            .as_ref()
            .filter(|voter| !voter.label.is_empty())?;
        Some(text(Tone::Muted, voter.label.clone()))
    }

    fn time(&self, view: &TopicView, at_ms: UtcMs) -> String {
        linli_ui::time::format(at_ms, &view.topic.community.time_zone, self.texts.tag())
    }

    /// A choice in words: 「电动车充电棚」, or several joined.
    fn choice(&self, kind: &PollKind, choice: &Choice) -> String {
        match choice {
            Choice::Motion { stance } => self.text(stance_key(*stance)).to_owned(),
            Choice::Options { options } => {
                let names: Vec<String> = options.iter().map(|id| self.option(kind, id)).collect();
                names.join(self.text(k::AND))
            }
        }
    }

    fn option(&self, kind: &PollKind, id: &OptionId) -> String {
        option_name(kind, id, self.texts)
    }

    /// A button's words for casting `choice`: with the choice in them, while short.
    fn cast_label(&self, kind: &PollKind, choice: &Choice, words: CastWords) -> String {
        match choice {
            Choice::Options { options } if options.len() > 1 => {
                self.texts.count(words.many, options.len() as u64, &[])
            }
            Choice::Options { .. } => self
                .texts
                .fill(words.one, &[("choice", &self.choice(kind, choice))]),
            Choice::Motion { .. } => self
                .texts
                .fill(words.stance, &[("choice", &self.choice(kind, choice))]),
        }
    }
}

/// Keys of one button in its three forms.
#[derive(Clone, Copy)]
struct CastWords {
    one: Key,
    stance: Key,
    many: Key,
}

const VOTE: CastWords = CastWords {
    one: k::VOTE_FOR,
    stance: k::VOTE_STANCE,
    many: k::VOTE_FOR_MANY,
};
const CHANGE: CastWords = CastWords {
    one: k::CHANGE_TO,
    stance: k::CHANGE_TO,
    many: k::CHANGE_TO_MANY,
};
const VERIFY: CastWords = CastWords {
    one: k::VERIFY_AND_VOTE,
    stance: k::VERIFY_AND_VOTE,
    many: k::VERIFY_AND_VOTE_MANY,
};

fn option_name(kind: &PollKind, id: &OptionId, texts: &Catalog) -> String {
    if let PollKind::Motion = kind
        && let Some(stance) = Stance::ALL.into_iter().find(|s| s.as_str() == id.as_str())
    {
        return texts.text(stance_key(stance)).to_owned();
    }
    let option = kind.options().iter().find(|option| option.id == *id);
    option.map_or_else(|| id.to_string(), |option| option.text.clone())
}

fn stance_key(stance: Stance) -> Key {
    match stance {
        Stance::Yes => k::STANCE_YES,
        Stance::No => k::STANCE_NO,
        Stance::Abstain => k::STANCE_ABSTAIN,
    }
}

/// The card.
pub(crate) fn card(state: &State, looks: &Looks<'_>) -> Html {
    let busy = matches!(state.topic, TopicState::Loading).then_some("true");
    let (name, blocks) = content(state, looks);
    // Another question is another card: nothing of the old one is left standing, no
    // opened fold, no half-typed field.
    html! {
        <section key={name} class="card" part="card" aria-busy={busy}>
            { for render(&blocks) }
        </section>
    }
}

fn content(state: &State, looks: &Looks<'_>) -> (&'static str, Vec<Block>) {
    let view = match &state.topic {
        TopicState::Loaded { view, .. } => view,
        TopicState::Refused(refusal) => {
            return ("topic-refused", trouble::topic_refused(refusal, looks));
        }
        TopicState::Loading | TopicState::Failed(_) | TopicState::Newer { .. } => {
            return match (&state.stage, &state.topic) {
                // A command on its way is shown even where the topic cannot be.
                (Stage::Casting(progress), _) => {
                    ("casting", delivery::casting(None, progress, looks))
                }
                (_, TopicState::Failed(trouble)) => ("failed", trouble::failed(trouble, looks)),
                (_, TopicState::Newer { title, lang }) => {
                    ("newer", trouble::newer(title, lang, looks))
                }
                _ => ("loading", trouble::loading(looks)),
            };
        }
    };
    if state.is_elsewhere() && !matches!(view.phase, Phase::Closed) {
        return ("elsewhere", trouble::elsewhere(state, view, looks));
    }
    match (&state.stage, view.phase) {
        (Stage::Casting(progress), _) => {
            ("casting", delivery::casting(Some(view), progress, looks))
        }
        (Stage::Refused(refusal), _) => ("refused", trouble::refused(state, view, refusal, looks)),
        (Stage::Troubled(trouble), _) => ("troubled", trouble::troubled(view, trouble, looks)),
        (_, Phase::Closed) => ("closed", outcome::closed(state, view, looks)),
        (_, Phase::Upcoming) => ("upcoming", choose::upcoming(view, looks)),
        (Stage::Choosing { changing }, _) => {
            ("choosing", choose::choosing(state, view, *changing, looks))
        }
        (Stage::Identifying { busy, problem }, _) => (
            "identifying",
            identify::identifying(state, view, *busy, problem.as_ref(), looks),
        ),
        (Stage::Confirming, _) => ("confirming", receipt::confirming(state, view, looks)),
        (Stage::Receipt, _) => ("receipt", receipt::receipt(state, view, looks)),
        (Stage::Dispatched, _) => ("dispatched", receipt::dispatched(state, view, looks)),
    }
}

/// A line that says that what is shown is old.
fn stale_note(state: &State, looks: &Looks<'_>) -> Option<Block> {
    let is_stale = matches!(state.topic, TopicState::Loaded { stale: true, .. });
    is_stale.then(|| looks.note(k::STALE))
}

/// The quiet actions at the foot of every card.
fn foot(looks: &Looks<'_>, mut blocks: Vec<Block>) -> Block {
    let label = if looks.elder {
        k::ELDER_OFF
    } else {
        k::ELDER_ON
    };
    blocks.push(Block::Quiet {
        label: looks.text(label).to_owned(),
        tap: looks.tap(Tap::Elder),
    });
    Block::Foot(blocks)
}

/// The question and its options, for reading aloud.
pub(crate) fn spoken(view: &TopicView, texts: &Catalog) -> String {
    let kind = &view.topic.poll.kind;
    let mut lines = vec![head::question(view).to_owned()];
    for (index, id) in linli_rules::tally::option_ids(kind).iter().enumerate() {
        let name = option_name(kind, id, texts);
        lines.push(format!("{}. {name}", index + 1));
    }
    lines.join("\n")
}
