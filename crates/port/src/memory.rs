//! In-memory versions of the ports: for tests, screenshots and hot reload.
//!
//! They follow the same rules as real backends and pass the same contract suite, with
//! one exception: receipts are not signed. Their `key_id` is [`UNSIGNED`] and their
//! signature is all zeros, so that nobody takes one for a promise.

mod ambient;
mod deliberations;
#[cfg(feature = "desk")]
mod desk;
mod fault;
mod receipt;
mod shelf;

pub use ambient::TestAmbient;
pub use deliberations::{Household, MemoryDeliberations};
#[cfg(feature = "desk")]
pub use desk::{CODE, MemoryDesk, MemoryPocket, PASSWORD};
pub use fault::{Fault, Faults};
pub use receipt::UNSIGNED;
pub use shelf::MemoryShelf;
