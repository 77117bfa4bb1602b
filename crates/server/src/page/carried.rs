//! What every form carries along from page to page.

use super::draft::Draft;
use maud::{Markup, html};

/// The fields that nobody sees.
pub(super) fn hidden(draft: &Draft) -> Markup {
    html! {
        input type="hidden" name="key" value=(draft.key.to_string());
        input type="hidden" name="check" value=(draft.check);
        @if !draft.work.is_empty() { input type="hidden" name="work" value=(draft.work); }
        @if let Some(way) = &draft.survey {
            input type="hidden" name="version" value=(way.round.version);
            input type="hidden" name="seed" value=(way.seed);
            input type="hidden" name="answers" value=(way.answers);
        }
    }
}
