//! What residents are told beside the topic: on what a formal poll rests, and what was
//! changed after publishing. It stands outside of the widget, which does not know it.

use super::people::{Reader, plain};
use crate::store::StoredTopic;
use linli_model::desk::Notice;
use linli_texts::page as p;
use maud::{Markup, html};

pub(super) fn section(reader: &Reader, stored: &StoredTopic) -> Markup {
    let rule = stored.topic.poll.rule.as_ref();
    let basis = rule.map_or("", |rule| rule.basis.as_str());
    if stored.notices.is_empty() && basis.is_empty() {
        return html! {};
    }
    html! {
        section class="told" {
            @if !basis.is_empty() {
                p lang=(stored.topic.lang) {
                    bdi { (reader.texts.fill(p::BASIS, &[("basis", &plain(basis))])) }
                }
            }
            @for notice in &stored.notices {
                p class="notice" { bdi { (sentence(reader, stored, notice)) } }
            }
        }
    }
}

fn sentence(reader: &Reader, stored: &StoredTopic, notice: &Notice) -> String {
    let time = |at_ms| reader.time(&stored.topic, at_ms);
    match notice {
        Notice::Extended {
            at_ms,
            from_ms,
            to_ms,
            reason,
        } => reader.texts.fill(
            p::NOTICE_EXTENDED,
            &[
                ("time", &time(*at_ms)),
                ("from", &time(*from_ms)),
                ("to", &time(*to_ms)),
                ("reason", &plain(reason)),
            ],
        ),
        Notice::ClosedEarly {
            at_ms,
            announced_ms,
            reason,
        } => reader.texts.fill(
            p::NOTICE_CLOSED,
            &[
                ("time", &time(*at_ms)),
                ("announced", &time(*announced_ms)),
                ("reason", &plain(reason)),
            ],
        ),
    }
}
