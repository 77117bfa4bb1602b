//! A question while it is drawn: its names in the document and where its answers go.

use crate::state::{Action, COMMENT_FIELD, Card};
use linli_texts::Catalog;
use std::rc::Rc;
use yew::prelude::*;

/// A question being drawn.
pub(super) struct Asked<'a> {
    pub(super) card: &'a Rc<Card>,
    pub(super) texts: &'a Rc<Catalog>,
    pub(super) act: &'a Callback<Action>,
}

impl<'a> Asked<'a> {
    /// Its name in the document.
    pub(super) fn id(&self) -> String {
        format!("q{}", self.card.id)
    }

    /// Whether its fields are marked as wrong.
    pub(super) fn is_wrong(&self) -> bool {
        !self.card.faults.is_empty()
    }

    /// What describes it, for those who cannot see it: the errors first.
    pub(super) fn described(&self) -> Option<String> {
        let id = self.id();
        let wrong = self.is_wrong().then(|| format!("{id}-wrong"));
        let more = (!self.card.description.is_empty()).then(|| format!("{id}-more"));
        let parts: Vec<String> = [wrong, more].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Dispatches what `action` makes of a tapped item.
    pub(super) fn picks(&self, row: usize) -> Callback<usize> {
        let question = self.card.id;
        self.act.reform(move |item| Action::Picked {
            question,
            row,
            item,
        })
    }
}

/// Where a field's words go.
pub(super) fn writes(asked: &Asked<'_>, field: usize) -> [Callback<String>; 2] {
    let question = asked.card.id;
    let typed = asked.act.reform(move |text| Action::Typed {
        question,
        field,
        text,
    });
    let wrote = asked.act.reform(move |text| Action::Wrote {
        question,
        field,
        text,
    });
    [typed, wrote]
}

/// The name of a field in the document.
pub(super) fn field_id(asked: &Asked<'_>, field: usize) -> String {
    if field == COMMENT_FIELD {
        return format!("{}fc", asked.id());
    }
    format!("{}f{field}", asked.id())
}
