//! The server from outside: through its service and over HTTP, on a database of its own
//! and by a clock that the test sets.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

mod bucket;
mod config;
mod http_table;
mod lifecycle;
mod mine;
mod page;
mod pages_of_others;
mod postgres;
mod race;
mod results;
mod retention;
mod rough;
mod secret;
mod statics;
mod uploads;
mod votes;
mod wire;
mod world;
