//! Where an element is in a survey, for whoever shows it.

use super::program::Owner;

/// One element: a page, a panel, a question, or a question in a row or panel of another.
/// It stays the same as long as no row before it goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Inside which row of which question, from outside.
    pub(super) inside: Vec<(usize, usize)>,
    pub(super) element: Owner,
}

impl Place {
    pub(super) fn of(element: Owner) -> Self {
        Self {
            inside: Vec::new(),
            element,
        }
    }

    /// The same place, inside a row or panel of a question.
    pub(super) fn inside_of(mut self, question: usize, row: usize) -> Self {
        self.inside.insert(0, (question, row));
        self
    }

    /// The question whose row it is in, or the element itself: what is drawn as one.
    #[must_use]
    pub fn outermost(&self) -> Self {
        match self.inside.first() {
            Some((question, _)) => Self::of(Owner::Question(*question)),
            None => self.clone(),
        }
    }
}
