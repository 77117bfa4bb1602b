//! Deliberate and vote: the element `<linli-deliberation topic="…">`.

use linli_model::TopicId;
use linli_ui::Shell;
use yew::prelude::*;

/// Properties, made by the suite from the element's attributes.
#[derive(Clone, PartialEq, Properties)]
pub struct DeliberationProps {
    /// The topic to show.
    pub topic: TopicId,
    /// Larger type and targets.
    #[prop_or_default]
    pub elder: bool,
    /// Backend, texts, events.
    pub shell: Shell,
}

/// The widget.
#[component]
pub fn Deliberation(props: &DeliberationProps) -> Html {
    html! { <p>{ props.topic.to_string() }</p> }
}
