//! For survey, results and desk: long things in pages.

/// Where a page begins and ends, and how many there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) number: usize,
    pub(crate) of: usize,
}

/// The page that was asked for, or the nearest that there is.
pub(crate) fn page(items: usize, size: usize, wanted: usize) -> Page {
    let of = items.div_ceil(size.max(1)).max(1);
    let number = wanted.min(of - 1);
    let from = (number * size).min(items);
    let to = (from + size).min(items);
    Page {
        from,
        to,
        number,
        of,
    }
}

impl Page {
    /// `2 / 7`
    pub(crate) fn label(self) -> String {
        format!("{} / {}", self.number + 1, self.of)
    }

    pub(crate) fn has_next(self) -> bool {
        self.number + 1 < self.of
    }
}
