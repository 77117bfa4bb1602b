//! Who a person is. To a poll: voting codes, contacts and the passwords sent to them,
//! tokens of host sites. To the desk: password and one-time code. And the limits on
//! guessing any of them, and the address that a request came from.

pub mod attempts;
pub mod client;
pub mod codes;
pub mod contact;
pub mod device;
pub mod host_token;
pub mod otp;
pub mod passwords;
pub(crate) mod rate;
pub mod secrets;
pub mod totp;
pub mod work;
