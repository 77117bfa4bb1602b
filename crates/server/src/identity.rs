//! Who a person is to a poll: voting codes, contacts and the passwords sent to them,
//! tokens of host sites, the limits on guessing any of them, and the address that a
//! request came from.

pub mod attempts;
pub mod client;
pub mod codes;
pub mod consent;
pub mod contact;
pub mod host_token;
pub mod otp;
pub mod secrets;
