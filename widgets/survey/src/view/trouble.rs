//! What is shown when there is nothing to fill in: loading, failures, refusals, and
//! surveys that are answered elsewhere.

use super::{Looks, foot, head};
use crate::state::{Action, State, Trouble};
use linli_model::wave::SurveyView;
use linli_model::{Credential, Refusal};
use linli_texts::{deliberation as d, survey as k};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, text};

/// Waiting for the round: the shape of what comes.
pub(super) fn loading(looks: &Looks<'_>) -> Vec<Block> {
    vec![Block::Ghosts(looks.text(d::LOADING).to_owned())]
}

/// The round did not come.
pub(super) fn failed(trouble: &Trouble, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = vec![
        notice(trouble, looks),
        looks.button(Look::Primary, d::RETRY, || Action::RetryAsked),
    ];
    blocks.extend(page_link(Look::Quiet, looks));
    blocks
}

/// Identifying this device failed; the answers are kept.
pub(super) fn troubled(survey: &SurveyView, trouble: &Trouble, looks: &Looks<'_>) -> Vec<Block> {
    vec![
        head::kicker(survey, looks),
        notice(trouble, looks),
        looks.button(Look::Primary, d::RETRY, || Action::Submitted),
        Block::Foot(vec![looks.quiet(k::BACK, || Action::Back)]),
    ]
}

fn notice(trouble: &Trouble, looks: &Looks<'_>) -> Block {
    let (title, lead) = words(trouble, looks);
    care(title, lead, looks)
}

/// A trouble in words.
pub(super) fn words(trouble: &Trouble, looks: &Looks<'_>) -> (String, String) {
    let title = |key| looks.text(key).to_owned();
    match trouble {
        Trouble::Unreachable => (title(d::LOAD_FAILED), title(d::LOAD_FAILED_LEAD)),
        Trouble::Fault(incident) => (
            title(d::FAULT_TITLE),
            looks.texts.fill(k::FAULT_LEAD, &[("incident", incident)]),
        ),
    }
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

/// The backend refuses to show the round.
pub(super) fn topic_refused(refusal: &Refusal, looks: &Looks<'_>) -> Vec<Block> {
    let words = linli_texts::explain(looks.texts, refusal, &|_| String::new());
    let mut blocks = vec![
        care(words.title, words.next, looks),
        looks.button(Look::Outline, d::RETRY, || Action::RetryAsked),
    ];
    blocks.extend(page_link(Look::Quiet, looks));
    blocks
}

/// A command was refused; the answers are kept.
pub(super) fn refused(
    state: &State,
    survey: &SurveyView,
    refusal: &Refusal,
    looks: &Looks<'_>,
) -> Vec<Block> {
    let words = linli_texts::explain(looks.texts, refusal, &|at_ms| looks.time(survey, at_ms));
    let may_switch = survey.view.topic.poll.credential == Credential::HouseholdCode
        && matches!(refusal, Refusal::AlreadyVoted | Refusal::BallotSecretLost);
    let mut blocks = vec![
        head::kicker(survey, looks),
        care(words.title, words.next, looks),
    ];
    blocks.extend(looks.voter(state));
    // Once enough answers are in there is nothing to correct.
    if !matches!(refusal, Refusal::QuotaFull) {
        blocks.push(looks.button(Look::Outline, k::BACK, || Action::Back));
    }
    let mut quiet = Vec::new();
    if may_switch {
        quiet.push(looks.quiet(k::SWITCH_VOTER, || Action::SwitchAsked));
    }
    blocks.push(foot(looks, quiet));
    blocks
}

/// A survey that may not be answered on this page.
pub(super) fn elsewhere(state: &State, survey: &SurveyView, looks: &Looks<'_>) -> Vec<Block> {
    let mut blocks = head::head(survey, looks);
    blocks.push(head::terms(state, survey, looks));
    blocks.push(text(Tone::Plain, looks.text(k::ELSEWHERE_LEAD)));
    blocks.extend(page_link(Look::Primary, looks));
    let turnout = head::turnout(state, survey, looks);
    blocks.push(foot(looks, turnout.into_iter().collect()));
    blocks
}

/// A survey that this version of the widget cannot show.
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
