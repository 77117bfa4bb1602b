//! What the browser offers: storage, clock, chance, connectivity. wasm only.
//!
//! Everything here may be absent: sandboxed frames have no storage, Lockdown Mode has no
//! IndexedDB. Absence is an answer, never an exception.

mod ambient;
#[cfg(feature = "desk")]
mod pocket;
mod shelf;

pub use ambient::{BrowserAmbient, sleep};
#[cfg(feature = "desk")]
pub use pocket::BrowserPocket;
pub use shelf::IndexedShelf;
