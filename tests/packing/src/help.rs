//! Helpers of the stand-ins. `parts` serves all of them, each other file two or three.

pub(crate) mod amounts;
pub(crate) mod days;
pub(crate) mod figures;
pub(crate) mod pages;
pub(crate) mod parts;
pub(crate) mod search;
pub(crate) mod typed;
