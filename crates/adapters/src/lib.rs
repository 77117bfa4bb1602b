//! Implementations of the ports.
//!
//! | module | implements | speaks to |
//! |---|---|---|
//! | [`http`] | `Deliberations` | the HTTP API, wire v1 |
//! | [`host`] | `Deliberations` | an object of the host page |
//! | [`webhook`] | `Deliberations` | an address that only takes |
//! | [`outbox`] | `Delivery` | any shelf and any backend |
//! | [`browser`] | `Shelf`, `Ambient` | the browser (wasm only) |
//! | [`scoped`] | `Shelf` | another shelf |
//!
//! Which of them an element uses is the suite's decision; what a backend must promise
//! is the contract suite's in `linli-port`.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod host;
pub mod http;
pub mod outbox;
pub mod scoped;
pub mod webhook;

mod given;
mod refusal;
mod served;
mod wait;
