//! The adapters without a browser: the outbox by a virtual clock, and what backends'
//! answers become.

mod backends;
mod bench;
#[cfg(feature = "desk")]
mod desk;
mod outbox;
