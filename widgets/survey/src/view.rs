//! What is on screen, as pure functions of the state. One card, one task, one primary
//! button.

use crate::Tap;
use crate::state::{Action, State};
use linli_texts::{Catalog, Key, deliberation as d};
use linli_ui::Block;
use linli_ui::block::{Look, Seal, Tone, render, text};
use yew::prelude::*;

/// What views need besides the state.
pub(crate) struct Looks<'a> {
    /// Texts.
    pub texts: &'a Catalog,
    /// Larger type and targets.
    pub elder: bool,
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

    fn retry(&self) -> Block {
        Block::Button {
            look: Look::Primary,
            label: self.text(d::RETRY).to_owned(),
            off: false,
            tap: Some(self.on(Action::RetryAsked)),
        }
    }

    fn page_link(&self) -> Option<Block> {
        (!self.page.is_empty()).then(|| Block::Link {
            look: Look::Primary,
            label: self.text(d::ELSEWHERE_OPEN).to_owned(),
            href: self.page.to_owned(),
        })
    }
}

/// The card.
pub(crate) fn card(state: &State, looks: &Looks<'_>) -> Html {
    let busy = state.is_loading().then_some("true");
    let (name, mut blocks) = content(state, looks);
    let label = if looks.elder {
        d::ELDER_OFF
    } else {
        d::ELDER_ON
    };
    blocks.push(Block::Foot(vec![Block::Quiet {
        label: looks.text(label).to_owned(),
        tap: looks.tap.reform(|_| Tap::Elder),
    }]));
    html! {
        <section key={name} class="card" part="card" aria-busy={busy}>
            { for render(&blocks) }
        </section>
    }
}

fn content(state: &State, looks: &Looks<'_>) -> (&'static str, Vec<Block>) {
    match state {
        State::Loading => (
            "loading",
            vec![Block::Ghosts(looks.text(d::LOADING).to_owned())],
        ),
        State::Loaded { survey, stale } => {
            let topic = &survey.view.topic;
            let heading = Block::Heading {
                text: topic.title.clone(),
                lang: topic.lang.clone().into(),
                node: looks.heading.clone(),
            };
            let stale = stale.then(|| Block::Note {
                strong: String::new(),
                text: looks.text(d::STALE).to_owned(),
            });
            ("loaded", std::iter::once(heading).chain(stale).collect())
        }
        State::Refused(refusal) => {
            let words = linli_texts::explain(looks.texts, refusal, &|_| String::new());
            let blocks = vec![care(words.title, words.next, looks), looks.retry()];
            ("refused", blocks)
        }
        State::Failed(incident) => {
            let (title, lead) = match incident {
                None => (d::LOAD_FAILED, looks.text(d::LOAD_FAILED_LEAD).to_owned()),
                Some(incident) => (
                    d::FAULT_TITLE,
                    looks.texts.fill(d::FAULT_LEAD, &[("incident", incident)]),
                ),
            };
            let blocks = vec![
                care(looks.text(title).to_owned(), lead, looks),
                looks.retry(),
            ];
            ("failed", blocks)
        }
        State::Newer { title, lang } => {
            let mut blocks = vec![
                Block::Heading {
                    text: title.clone(),
                    lang: lang.clone().into(),
                    node: looks.heading.clone(),
                },
                text(Tone::Plain, looks.text(d::NEWER_LEAD)),
            ];
            blocks.extend(looks.page_link());
            ("newer", blocks)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, PartialEq, Properties)]
    struct Given {
        state: State,
        tag: &'static str,
    }

    #[component]
    fn Card(given: &Given) -> Html {
        let texts = Catalog::embedded(given.tag).expect("the locale exists");
        let looks = Looks {
            texts: &texts,
            elder: false,
            page: "",
            heading: NodeRef::default(),
            act: Callback::noop(),
            tap: Callback::noop(),
        };
        card(&given.state, &looks)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_failure_is_said_aloud_and_can_be_retried() {
        for tag in linli_texts::LOCALES {
            let texts = Catalog::embedded(tag).expect("the locale exists");
            let state = State::Failed(None);
            let card = yew::ServerRenderer::<Card>::with_props(move || Given { state, tag });
            let html = tokio::task::LocalSet::new().run_until(card.render()).await;
            assert!(html.contains(r#"role="alert""#), "{html}");
            assert!(html.contains(texts.text(d::RETRY)), "{html}");
        }
    }
}
