//! For all: cards that look alike whatever they are about.

use linli_model::{Choice, OptionId, TopicView};
use linli_port::{PortError, Settlement, Step};
use linli_texts::{Catalog, deliberation as k};
use linli_ui::Block;
use linli_ui::block::{Seal, Tone, text};
use yew::NodeRef;

pub(crate) fn head(texts: &Catalog, view: &TopicView) -> Vec<Block> {
    let topic = &view.topic;
    let lang: yew::AttrValue = topic.lang.clone().into();
    vec![
        Block::Kicker {
            tag: texts.text(k::CONSULTATION).to_owned(),
            text: topic.place.name.clone(),
            lang: lang.clone(),
        },
        Block::Heading {
            text: topic.title.clone(),
            lang,
            node: NodeRef::default(),
        },
    ]
}

pub(crate) fn failed(texts: &Catalog, error: &PortError) -> Vec<Block> {
    let problem = |title: &str, next: &str| Block::Problem {
        title: title.to_owned(),
        next: next.to_owned(),
    };
    vec![match error {
        PortError::Refused(refusal) => {
            let words = linli_texts::explain(texts, refusal, &|_| String::new());
            problem(&words.title, &words.next)
        }
        PortError::Unreachable | PortError::Newer { .. } => {
            problem(texts.text(k::LOAD_FAILED), texts.text(k::LOAD_FAILED_LEAD))
        }
        PortError::Fault { incident } => problem(
            texts.text(k::FAULT_TITLE),
            &texts.fill(k::FAULT_LEAD, &[("incident", incident)]),
        ),
    }]
}

pub(crate) fn sending(texts: &Catalog, step: &Step) -> Vec<Block> {
    let banner = |seal, title, sub: String| Block::Banner {
        seal,
        title: texts.text(title).to_owned(),
        sub,
        node: NodeRef::default(),
    };
    let labels = [k::STEP_KEPT, k::STEP_DELIVERED, k::STEP_RECORDED];
    let labels: Vec<String> = labels.map(|key| texts.text(key).to_owned()).into();
    let steps = |reached| Block::Steps { labels, reached };
    match step {
        Step::Kept { .. } | Step::Sending => {
            vec![
                banner(Seal::Wait, k::SENDING_TITLE, String::new()),
                steps(1),
            ]
        }
        Step::Waiting { offline, .. } => {
            let (title, lead) = if *offline {
                (k::WAITING_TITLE, k::WAITING_LEAD)
            } else {
                (k::WAITING_SERVER, k::WAITING_SERVER_LEAD)
            };
            vec![
                banner(Seal::Wait, title, String::new()),
                text(Tone::Muted, texts.text(lead)),
                steps(1),
            ]
        }
        Step::Settled(Settlement::Recorded(reply)) => vec![
            banner(Seal::Done, k::RECEIPT_TITLE, String::new()),
            Block::Code {
                label: texts.text(k::RECEIPT_CODE).to_owned(),
                code: reply.receipt.code.clone(),
            },
            steps(3),
        ],
        Step::Settled(Settlement::Dispatched) => vec![
            banner(Seal::Done, k::DISPATCHED_TITLE, String::new()),
            text(Tone::Plain, texts.text(k::DISPATCHED_LEAD)),
        ],
        Step::Settled(Settlement::Refused(refusal)) => {
            failed(texts, &PortError::Refused(refusal.clone()))
        }
    }
}

/// A command's content, as the wire of today has it.
pub(crate) fn options(words: impl IntoIterator<Item = String>) -> Choice {
    let ids = words
        .into_iter()
        .filter_map(|word| OptionId::parse(&word).ok());
    Choice::Options {
        options: ids.collect(),
    }
}
