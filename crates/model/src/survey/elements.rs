//! Reading elements, for elements that have elements inside.

use super::definition::Element;
use super::object::Faults;
use crate::flat::Set;
use serde_json::Value;

/// Whoever reads elements: `read`, which knows how many there may be.
pub(super) trait ReadElements {
    /// Elements with their paths; their names are among these.
    fn elements(
        &mut self,
        from: Vec<(String, &Value)>,
        depth: usize,
        faults: &Faults,
        names: &mut Set<String>,
    ) -> Vec<Element>;

    /// Inside how many questions.
    fn nesting(&mut self) -> &mut usize;
}
