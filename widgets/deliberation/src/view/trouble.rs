//! What is shown when there is nothing to choose: loading, failures, refusals, and
//! votes that take place elsewhere.

use super::{Looks, foot, head};
use crate::state::{Action, State, Trouble};
use linli_model::{Credential, Refusal, TopicView};
use linli_texts::deliberation as k;
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, text};

/// Waiting for the topic: the shape of what comes.
pub(super) fn loading(looks: &Looks<'_>) -> Vec<Block> {
    vec![Block::Ghosts(looks.text(k::LOADING).to_owned())]
}

/// The topic did not come.
pub(super) fn failed(trouble: &Trouble, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = vec![
        notice(trouble, looks),
        looks.button(Look::Primary, k::RETRY, Action::RetryAsked),
    ];
    blocks.extend(page_link(Look::Quiet, looks));
    blocks
}

/// Identifying this device failed; the choice is kept.
pub(super) fn troubled(view: &TopicView, trouble: &Trouble, looks: &Looks<'_>) -> Vec<Block> {
    vec![
        head::kicker(view, looks),
        notice(trouble, looks),
        looks.button(Look::Primary, k::RETRY, Action::Submitted),
        Block::Foot(vec![looks.quiet(k::BACK, Action::Back)]),
    ]
}

fn notice(trouble: &Trouble, looks: &Looks<'_>) -> Block {
    let (title, lead) = match trouble {
        Trouble::Unreachable => (k::LOAD_FAILED, looks.text(k::LOAD_FAILED_LEAD).to_owned()),
        Trouble::Fault(incident) => (
            k::FAULT_TITLE,
            looks.texts.fill(k::FAULT_LEAD, &[("incident", incident)]),
        ),
    };
    care(looks.text(title).to_owned(), lead, looks)
}

fn care(title: String, lead: String, looks: &Looks<'_>) -> Block {
    let banner = Block::Banner {
        seal: Seal::Care,
        title,
        sub: String::new(),
        node: looks.heading.clone(),
    };
    Block::Live {
        urgent: true,
        blocks: vec![banner, text(Tone::Plain, lead)],
    }
}

/// The backend refuses to show the topic.
pub(super) fn topic_refused(refusal: &Refusal, looks: &Looks<'_>) -> Vec<Block> {
    let words = linli_texts::explain(looks.texts, refusal, &|_| String::new());
    let mut blocks = vec![
        care(words.title, words.next, looks),
        looks.button(Look::Outline, k::RETRY, Action::RetryAsked),
    ];
    blocks.extend(page_link(Look::Quiet, looks));
    blocks
}

/// A command was refused; the draft is kept.
pub(super) fn refused(
    state: &State,
    view: &TopicView,
    refusal: &Refusal,
    looks: &Looks<'_>,
) -> Vec<Block> {
    let words = linli_texts::explain(looks.texts, refusal, &|at_ms| looks.time(view, at_ms));
    let may_switch = view.topic.poll.credential == Credential::HouseholdCode
        && matches!(refusal, Refusal::AlreadyVoted | Refusal::BallotSecretLost);
    let mut blocks = vec![
        head::kicker(view, looks),
        care(words.title, words.next, looks),
    ];
    blocks.extend(looks.voter(state));
    blocks.push(looks.button(Look::Outline, k::BACK_TO_TOPIC, Action::Back));
    if may_switch {
        blocks.push(Block::Foot(vec![
            looks.quiet(k::SWITCH_VOTER, Action::SwitchAsked),
        ]));
    }
    blocks
}

/// A formal poll on a page that is not ours, or one for which people say their number.
pub(super) fn elsewhere(state: &State, view: &TopicView, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = head::head(view, looks);
    blocks.push(head::terms(view, looks));
    blocks.push(text(Tone::Plain, looks.text(k::ELSEWHERE_LEAD)));
    blocks.extend(page_link(Look::Primary, looks));
    let turnout = head::turnout(state, view, looks);
    blocks.push(foot(looks, turnout.map(Block::Small).into_iter().collect()));
    blocks
}

/// A topic that this version of the widget cannot show.
pub(super) fn newer(title: &str, lang: &str, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading {
            text: title.to_owned(),
            lang: lang.to_owned().into(),
            node: looks.heading.clone(),
        },
        text(Tone::Plain, looks.text(k::NEWER_LEAD)),
    ];
    blocks.extend(page_link(Look::Primary, looks));
    blocks.push(foot(looks, Vec::new()));
    blocks
}

fn page_link(look: Look, looks: &Looks<'_>) -> Option<Block> {
    let link = || Block::Link {
        look,
        label: looks.text(k::ELSEWHERE_OPEN).to_owned(),
        href: looks.page.to_owned(),
    };
    (!looks.page.is_empty()).then(link)
}
