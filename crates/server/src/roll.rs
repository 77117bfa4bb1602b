//! Rolls: from the bytes of a spreadsheet to entries that could be adopted, each wrong
//! row told; what adopting would change; and the commitment to a roll.
//!
//! Pure: no store, no clock. Files are read row by row; nothing here panics on any
//! bytes, and memory is bounded whatever a file claims (see `xlsx` and the server's
//! README). Writing is the store's (`store/rolls`).

mod cell;
mod columns;
mod commitment;
mod fields;
mod guard;
mod parse;
mod places;
mod plan;
mod table;
mod text;
mod xlsx;

pub use columns::{Field, template};
pub use commitment::{canonical, commitment, sort, sort_with};
pub use parse::{Facts, ParsedContacts, ParsedRoll, read};
pub use places::{PlaceTree, check_tree};
pub use plan::{Plan, Put, Standing, plan};
