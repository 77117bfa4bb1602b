//! A definition's own HTML, built node by node from what may be shown.

use crate::page::people::plain;
use linli_rules::survey::markup::{self, Node, Tag};
use maud::{Markup, html};

/// What of this HTML may be shown.
pub(super) fn show(text: &str) -> Markup {
    nodes(&markup::read(text))
}

fn nodes(all: &[Node]) -> Markup {
    html! { @for node in all { (one(node)) } }
}

fn one(node: &Node) -> Markup {
    match node {
        Node::Text(text) => html! { (plain(text)) },
        Node::Break => html! { br; },
        Node::Link { href, children } => html! {
            a href=(href) rel="nofollow noopener noreferrer" { (nodes(children)) }
        },
        Node::Element { tag, children } => {
            let inner = nodes(children);
            match tag {
                Tag::Paragraph => html! { p { (inner) } },
                Tag::Heading => html! { h3 { (inner) } },
                Tag::Strong => html! { strong { (inner) } },
                Tag::Emphasis => html! { em { (inner) } },
                Tag::List => html! { ul { (inner) } },
                Tag::NumberedList => html! { ol { (inner) } },
                Tag::Item => html! { li { (inner) } },
                Tag::Quote => html! { blockquote { (inner) } },
            }
        }
    }
}
