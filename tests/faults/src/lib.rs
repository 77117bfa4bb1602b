//! Faults: the real `linli serve` is killed again and again while clients vote, and
//! what is left in its database is compared with what the clients were told.
//!
//! [`campaign`] runs it, [`check`] judges it. The two share only files: the judge reads
//! the clients' journals and the database, and asks no server. Test code only; no
//! product crate uses this one.

pub mod campaign;
pub mod check;
mod client;
pub mod journal;
mod replay;
mod server;
mod world;
