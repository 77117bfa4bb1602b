//! Who a person is to a poll: voting codes, the limits on guessing them, and the
//! address that a request came from.

pub mod attempts;
pub mod client;
pub mod codes;
pub(crate) mod rate;
pub mod secrets;
