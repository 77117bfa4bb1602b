//! How the moment before a device's vote looks: a form whose button works after the wait,
//! and whose script spares the wait.

use super::draft::Draft;
use super::people::Reader;
use linli_model::{Choice, Topic};
use linli_rules::work::asked;
use linli_texts::{RefusalText, page as p};
use maud::{Markup, html};

/// A challenge on its page.
pub(super) struct Wait {
    pub(super) draft: Draft,
    pub(super) choice: Choice,
    pub(super) bits: u32,
    /// How long it is until the button works.
    pub(super) left_ms: i64,
    /// What went wrong, if anything did.
    pub(super) notice: Option<RefusalText>,
    /// Whether it can be solved: not where others have to be waited for.
    pub(super) is_solvable: bool,
}

/// The page's card. Without its script it is a form whose button works after the wait.
/// `choice` is the kept choice in words, `hidden` the form's own fields.
pub(super) fn card(
    reader: &Reader,
    topic: &Topic,
    wait: &Wait,
    choice: &str,
    hidden: &Markup,
) -> Markup {
    let page = format!("/p/{}{}", topic.id, reader.query(reader.elder, None));
    let seconds = seconds(wait.left_ms);
    html! {
        @if let Some(text) = &wait.notice {
            div class="notice calm" role="alert" { h2 { (text.title) } p { (text.next) } }
        }
        h1 { (reader.text(p::WORK_TITLE)) }
        p { (reader.texts.fill(p::WORK_LEAD, &[("choice", choice)])) }
        form method="post" action=(page) id="work" data-bits=(wait.bits) data-left-ms=(wait.left_ms)
            data-solvable[wait.is_solvable]
            data-busy=(reader.text(p::WORK_BUSY)) data-done=(reader.text(p::WORK_DONE)) {
            (hidden)
            input type="hidden" name="counter" value="";
            @for value in &wait.draft.chosen { input type="hidden" name="choice" value=(value); }
            p id="work-status" role="status" { (reader.texts.count(p::WORK_WAIT, seconds, &[])) }
            progress id="work-progress" max="1" value="0" aria-label=(reader.text(p::WORK_PROGRESS)) hidden {}
            button type="submit" { (reader.text(p::SUBMIT)) }
        }
        p { a href=(page) { (reader.text(p::BACK)) } }
    }
}

/// Told before the form is sent: what will happen then.
pub(super) fn hint(reader: &Reader, topic: &Topic) -> Markup {
    html! {
        @if asked(&topic.poll).is_some() { p class="muted" { (reader.text(p::WORK_HINT)) } }
    }
}

/// Whole seconds, none too few.
pub(super) fn seconds(left_ms: i64) -> u64 {
    u64::try_from(left_ms).unwrap_or(0).div_ceil(1_000)
}
