//! The head of a card: what kind of vote, where, and the question.

use super::Looks;
use crate::state::State;
use linli_model::{
    Changes, Electorate, PollNature, ResultsVisibility, Secrecy, TopicView, Turnout,
};
use linli_texts::{Key, deliberation as k};
use linli_ui::Block;
use linli_ui::block::{Tone, text};

/// Kind, community, place, and the question as heading.
pub(super) fn head(view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let heading = Block::Heading {
        text: question(view).to_owned(),
        lang: lang(view),
        node: looks.heading.clone(),
    };
    vec![kicker(view, looks), heading]
}

/// Kind, community and place.
pub(super) fn kicker(view: &TopicView, looks: &Looks<'_>) -> Block {
    let nature = match view.topic.poll.nature {
        PollNature::Consultation => k::CONSULTATION,
        PollNature::Formal => k::FORMAL,
    };
    let rule = view.topic.poll.rule.as_ref().map(|rule| &*rule.article);
    let (community, place) = (&view.topic.community.name, &view.topic.place.name);
    let mut where_it_is = community.clone();
    if place != community {
        where_it_is.push_str(" · ");
        where_it_is.push_str(place);
    }
    if let Some(article) = rule.filter(|article| !article.is_empty()) {
        where_it_is.push_str(" · ");
        where_it_is.push_str(article);
    }
    Block::Kicker {
        tag: looks.text(nature).to_owned(),
        text: where_it_is,
        lang: lang(view),
    }
}

/// The author's language.
pub(super) fn lang(view: &TopicView) -> yew::AttrValue {
    view.topic.lang.clone().into()
}

/// The poll's question; the topic's title where it has none of its own.
pub(super) fn question(view: &TopicView) -> &str {
    let question = &view.topic.poll.question;
    if question.is_empty() {
        &view.topic.title
    } else {
        question
    }
}

/// Who votes, until when, whether it can be changed: the consequence, beside the act.
pub(super) fn terms(view: &TopicView, looks: &Looks<'_>) -> Block {
    let poll = &view.topic.poll;
    let key = |key: Key| looks.text(key).to_owned();
    let parts = [
        key(match poll.electorate {
            Electorate::Households => k::ONE_PER_HOUSEHOLD,
            Electorate::Devices => k::ONE_PER_DEVICE,
            _ => k::ONE_PER_VOTER,
        }),
        key(match poll.changes {
            Changes::UntilClosing => k::CHANGEABLE,
            Changes::Never => k::NOT_CHANGEABLE,
        }),
        looks.texts.fill(
            k::CLOSES_AT,
            &[("time", &looks.time(view, poll.closes_at_ms))],
        ),
        key(match poll.results {
            ResultsVisibility::AfterClosing => k::RESULTS_AFTER_CLOSING,
            ResultsVisibility::Live => k::RESULTS_LIVE,
        }),
    ];
    let is_chinese = looks.texts.tag().starts_with("zh");
    let (joint, end) = if is_chinese {
        ("，", "。")
    } else {
        (", ", ".")
    };
    let mut sentence = parts.join(joint);
    sentence.push_str(end);
    text(Tone::Muted, sentence)
}

/// What the topic is about, below the question.
pub(super) fn summary(view: &TopicView) -> Vec<Block> {
    let mut blocks = Vec::new();
    let theirs = |tone, text: &str| Block::Text {
        tone,
        text: text.to_owned(),
        lang: Some(lang(view)),
    };
    if !view.topic.poll.question.is_empty() {
        blocks.push(theirs(Tone::Strong, &view.topic.title));
    }
    if !view.topic.summary.is_empty() {
        blocks.push(theirs(Tone::Body, &view.topic.summary));
    }
    blocks
}

/// How many have voted, where that is known.
pub(super) fn turnout(state: &State, view: &TopicView, looks: &Looks<'_>) -> Option<String> {
    let Turnout { cast, eligible } = state.turnout()?;
    Some(match (view.topic.poll.electorate, eligible) {
        (Electorate::Households, None) => looks.texts.count(k::TURNOUT_HOUSEHOLDS, cast, &[]),
        (Electorate::Devices, _) | (_, None) => looks.texts.count(k::TURNOUT_DEVICES, cast, &[]),
        (electorate, Some(eligible)) => {
            let of = match electorate {
                Electorate::Households => k::TURNOUT_OF,
                _ => k::TURNOUT_OF_VOTERS,
            };
            let eligible = linli_texts::grouped(eligible);
            looks.texts.count(of, cast, &[("eligible", &eligible)])
        }
    })
}

/// Who can see the choice, and what the kind of vote means.
pub(super) fn who_sees(view: &TopicView, looks: &Looks<'_>) -> Block {
    let poll = &view.topic.poll;
    let who = match (poll.electorate, poll.secrecy) {
        (_, Secrecy::Secret) => k::WHO_SEES_SECRET,
        (Electorate::Households, Secrecy::Recorded) => k::WHO_SEES_RECORDED,
        (Electorate::Devices, Secrecy::Recorded) => k::WHO_SEES_DEVICE,
        (_, Secrecy::Recorded) => k::WHO_SEES_RECORDED_VOTER,
    };
    let nature = match poll.nature {
        PollNature::Consultation => k::CONSULTATION_NOTE,
        PollNature::Formal => k::FORMAL_NOTE,
    };
    let lines = [who, nature].map(|key| text(Tone::Plain, looks.text(key)));
    looks.fold(k::WHO_SEES, lines.into())
}
