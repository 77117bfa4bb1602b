//! The head of a card: what kind of question, where, and what it is about.

use super::{Looks, kind};
use crate::state::State;
use linli_model::wave::SurveyView;
use linli_model::{Changes, Electorate, PollKind, PollNature, Secrecy, Turnout};
use linli_texts::{deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Tone, text};

/// Kind, community, place, and the title as heading.
pub(super) fn head(survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let heading = Block::Heading {
        text: survey.view.topic.title.clone(),
        lang: lang(survey),
        node: looks.heading.clone(),
    };
    vec![kicker(survey, looks), heading]
}

/// Kind, community and place.
pub(super) fn kicker(survey: &SurveyView, looks: &Looks<'_>) -> Block {
    let topic = &survey.view.topic;
    let (community, place) = (&topic.community.name, &topic.place.name);
    let mut where_it_is = community.clone();
    if place != community {
        where_it_is.push_str(" · ");
        where_it_is.push_str(place);
    }
    Block::Kicker {
        tag: kind(looks),
        text: where_it_is,
        lang: lang(survey),
    }
}

/// The author's language.
pub(super) fn lang(survey: &SurveyView) -> yew::AttrValue {
    survey.view.topic.lang.clone().into()
}

/// How much it is, who answers, until when, whether it can be changed.
pub(super) fn terms(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Block {
    /// Questions that somebody answers in a minute.
    const PER_MINUTE: u64 = 5;
    let poll = &survey.view.topic.poll;
    let questions = state.size[1] as u64;
    let minutes = questions.div_ceil(PER_MINUTE).max(1);
    let key = |key| looks.text(key).to_owned();
    let parts = [
        looks.texts.count(k::SIZE, questions, &[]),
        looks.texts.count(k::MINUTES, minutes, &[]),
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
            d::CLOSES_AT,
            &[("time", &looks.time(survey, poll.closes_at_ms))],
        ),
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

/// Who is rated, in which round, and what it is about.
pub(super) fn summary(survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let topic = &survey.view.topic;
    let mut blocks = Vec::new();
    if !survey.rated.is_empty() {
        let rated = looks.texts.fill(k::RATED, &[("rated", &survey.rated)]);
        blocks.push(text(Tone::Strong, rated));
    }
    if !topic.summary.is_empty() {
        blocks.push(Block::Text {
            tone: Tone::Body,
            text: topic.summary.clone(),
            lang: Some(lang(survey)),
        });
    }
    blocks
}

/// `第 2 次调查`, from the second on.
pub(super) fn round(survey: &SurveyView, looks: &Looks<'_>) -> Option<Block> {
    let PollKind::Survey { wave } = &survey.view.topic.poll.kind else {
        return None;
    };
    let number = wave.number.to_string();
    let said = || looks.texts.fill(k::ROUND, &[("n", &number)]);
    (wave.number > 1).then(|| Block::Small(said()))
}

/// How many have answered, where that is known.
pub(super) fn turnout(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Option<Block> {
    let Turnout { cast, eligible } = state.turnout()?;
    let count = |key, of: &[(&str, &str)]| looks.texts.count(key, cast, of);
    let words = match (survey.view.topic.poll.electorate, eligible) {
        (Electorate::Households, None) => count(k::TURNOUT_HOUSEHOLDS, &[]),
        (Electorate::Devices, _) | (_, None) => count(k::TURNOUT_DEVICES, &[]),
        (electorate, Some(eligible)) => {
            let of = match electorate {
                Electorate::Households => k::TURNOUT_OF,
                _ => k::TURNOUT_OF_VOTERS,
            };
            count(of, &[("eligible", &linli_texts::grouped(eligible))])
        }
    };
    Some(Block::Small(words))
}

/// Who can see the answers, and where they are meanwhile.
pub(super) fn who_sees(survey: &SurveyView, looks: &Looks<'_>) -> Block {
    let poll = &survey.view.topic.poll;
    let who = match (poll.electorate, poll.secrecy) {
        (_, Secrecy::Secret) => k::WHO_SEES_SECRET,
        (Electorate::Households, Secrecy::Recorded) => k::WHO_SEES_RECORDED,
        (Electorate::Devices, Secrecy::Recorded) => k::WHO_SEES_DEVICE,
        (_, Secrecy::Recorded) => k::WHO_SEES_RECORDED_VOTER,
    };
    let mut keys = vec![who, k::KEPT_HERE];
    if poll.nature == PollNature::Formal {
        keys.push(d::FORMAL_NOTE);
    }
    let lines = keys
        .into_iter()
        .map(|key| text(Tone::Plain, looks.text(key)));
    looks.fold(k::WHO_SEES, lines.collect())
}
