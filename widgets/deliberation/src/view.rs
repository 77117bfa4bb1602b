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
use linli_model::{Choice, OptionId, Phase, PollKind, Stance, TopicView, UtcMs};
use linli_texts::{Catalog, Key, deliberation as k};
use linli_ui::kit;
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
    html! {
        <section class="card" part="card" aria-busy={busy}>
            { content(state, looks) }
        </section>
    }
}

fn content(state: &State, looks: &Looks<'_>) -> Html {
    let view = match &state.topic {
        // A command on its way is shown even where the topic cannot be.
        TopicState::Loading | TopicState::Failed(_) if is_under_way(state) => {
            return delivery::without_topic(state, looks);
        }
        TopicState::Loading => return trouble::loading(looks),
        TopicState::Failed(trouble) => return trouble::failed(trouble, looks),
        TopicState::Refused(refusal) => return trouble::topic_refused(refusal, looks),
        TopicState::Loaded { view, .. } => view,
    };
    if state.is_elsewhere() && !matches!(view.phase, Phase::Closed) {
        return trouble::elsewhere(view, looks);
    }
    let closed = view.phase == Phase::Closed;
    match &state.stage {
        Stage::Casting(progress) => delivery::casting(view, progress, looks),
        Stage::Refused(refusal) => trouble::refused(state, view, refusal, looks),
        Stage::Troubled(trouble) => trouble::troubled(view, trouble, looks),
        _ if closed => outcome::closed(state, view, looks),
        _ if view.phase == Phase::Upcoming => choose::upcoming(view, looks),
        Stage::Choosing { changing } => choose::choosing(state, view, *changing, looks),
        Stage::Identifying { busy, problem } => {
            identify::identifying(state, view, *busy, problem.as_ref(), looks)
        }
        Stage::Confirming => receipt::confirming(state, view, looks),
        Stage::Receipt => receipt::receipt(state, view, looks),
        Stage::Dispatched => delivery::dispatched(state, view, looks),
    }
}

fn is_under_way(state: &State) -> bool {
    matches!(state.stage, Stage::Casting(_))
}

/// A line that says that what is shown is old.
fn stale_note(state: &State, looks: &Looks<'_>) -> Html {
    match state.topic {
        TopicState::Loaded { stale: true, .. } => kit::note(looks.text(k::STALE)),
        _ => Html::default(),
    }
}

/// The quiet actions at the foot of every card.
fn foot(looks: &Looks<'_>, first: Html) -> Html {
    let elder = looks.text(if looks.elder {
        k::ELDER_OFF
    } else {
        k::ELDER_ON
    });
    html! {
        <div class="foot">
            { first }
            { kit::quiet_button(elder, looks.tap(Tap::Elder)) }
        </div>
    }
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
