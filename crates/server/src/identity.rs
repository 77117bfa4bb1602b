//! Who a person is: to a poll by voting codes, to the desk by password and one-time
//! code; the limits on guessing these, and the address that a request came from.

pub mod attempts;
pub mod client;
pub mod codes;
pub mod device;
pub mod fields;
pub mod passwords;
pub mod secrets;
pub mod totp;
