//! The server from outside: through its service and over HTTP, on a database of its own
//! and by a clock that the test sets.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read ends the test"
)]

mod behalf;
mod bucket;
mod config;
mod desk_access;
mod desk_attachments;
mod desk_behalf;
mod desk_exports;
mod desk_flow;
mod desk_live;
mod desk_race;
mod desk_requests;
mod desk_rolls;
mod desk_takeover;
mod desk_world;
mod http_identity;
mod http_table;
mod identity;
mod lifecycle;
mod mine;
mod operations;
mod page;
mod page_identify;
mod pages_of_others;
mod persons;
mod postgres;
mod race;
mod results;
mod retention;
mod roll_files;
mod rolls;
mod rough;
mod secret;
mod senders;
mod sheet;
mod signing;
mod staff_page;
mod statics;
mod uploads;
mod votes;
mod wire;
mod work;
mod world;
