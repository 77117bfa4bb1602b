//! How strongly a voter is known.

use crate::wire::words;

/// How a voter is known, weakest first. A poll names the least that it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum Credential {
    /// A random name kept on the device. Tells devices apart, not persons.
    Device,
    /// A password for one use, sent to a phone number or address that is on the roll.
    Otp,
    /// The word of a website that the community trusts about who has signed in there.
    HostToken,
    /// A code from the sheet of paper that the household received.
    HouseholdCode,
}

words!(Credential {
    Device = "device", Otp = "otp", HostToken = "host_token", HouseholdCode = "household_code",
});
