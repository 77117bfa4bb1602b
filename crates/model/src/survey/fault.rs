//! Why a definition is refused, part by part.

use serde::{Deserialize, Serialize};

/// One part that does not run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionFault {
    /// Where in the JSON: `pages[0].elements[2].choices`.
    pub path: String,
    /// Why.
    pub reason: FaultReason,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum FaultReason {
    /// A property that is not supported, or not known at all.
    UnsupportedProperty,
    /// A value that the property does not take here.
    UnsupportedValue,
    /// A type of question, validator or trigger that is not supported.
    UnsupportedType {
        /// Which.
        name: String,
    },
    /// A name is missing, or taken.
    Name,
    /// An expression that does not run; `detail` says how.
    Expression {
        /// In the reader's words.
        detail: String,
    },
    /// Values that are computed from one another in a circle.
    Circle,
    /// More than this many.
    TooMany {
        /// The limit.
        limit: usize,
    },
}
