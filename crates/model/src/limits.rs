//! Every size that the wire accepts. The person meets these where they type, the
//! server enforces them again.

/// Options that one poll may offer.
pub const POLL_OPTIONS_MAX: usize = 40;
/// Characters (Unicode scalar values) in a topic's title or a poll's question.
pub const TITLE_CHARS_MAX: usize = 120;
/// Characters in a topic's summary.
pub const SUMMARY_CHARS_MAX: usize = 4_000;
/// Characters in an option's text.
pub const OPTION_CHARS_MAX: usize = 80;
/// Characters in an option's further detail.
pub const OPTION_DETAIL_CHARS_MAX: usize = 400;
/// Bytes of a request body on routes that residents call.
pub const REQUEST_BYTES_MAX: usize = 16 * 1024;
/// Characters that a person may type for a voting code, separators included.
pub const VOTING_CODE_CHARS_MAX: usize = 64;
/// Characters of a phone number or e-mail address, separators included.
pub const CONTACT_CHARS_MAX: usize = 254;
/// Characters that a person may type for a one-time password, separators included.
pub const OTP_CHARS_MAX: usize = 16;
/// Bytes of a host site's signed token.
pub const HOST_TOKEN_BYTES_MAX: usize = 2_048;
/// Area of one exclusive part, in 0.01 m²: 1 km². A larger figure is a slip of the pen.
pub const UNIT_AREA_CSQM_MAX: u64 = 100_000_000;
/// Exclusive parts on one roll. With [`UNIT_AREA_CSQM_MAX`], every sum of areas stays an
/// integer that JavaScript can hold.
pub const ROLL_UNITS_MAX: usize = 1_000_000;
/// Fewest leading zero bits of the work that a poll may ask for.
pub const WORK_BITS_MIN: u32 = 8;
/// Most: the wait that stands beside it is a minute then.
pub const WORK_BITS_MAX: u32 = 22;
