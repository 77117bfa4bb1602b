//! The backend in memory as a host page's own object, the one of `host.d.ts`.
//!
//! Owns the boundary in JSON ([`answer`]) and, for the page that `trunk serve` shows, a
//! [`Town`] with rolls and ballots. Rules are those of [`linli_port::memory`]. Not part
//! of the product.

mod answer;
#[cfg(target_arch = "wasm32")]
mod js;
mod town;

pub use answer::answer;
pub use town::{Seed, SeedBallot, SeedHousehold, Town};
