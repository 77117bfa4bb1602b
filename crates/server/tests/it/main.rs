//! The server from outside: through its service and over HTTP, on a database of its own
//! and by a clock that the test sets.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

mod config;
mod http_table;
mod lifecycle;
mod page;
mod pages_of_others;
mod postgres;
mod race;
mod results;
mod rough;
mod secret;
mod staff_page;
mod statics;
mod votes;
mod wire;
mod world;
