//! The words of Linli, and how they are written on the wire.
//!
//! Every type that crosses a boundary (widget ↔ backend ↔ store ↔ file) is here,
//! once. serde's JSON of these types *is* wire v1: fields are only ever added, and
//! readers tolerate values that they do not know (`Other` variants).
//!
//! Left to others: decisions (`linli-rules`), what a person reads (`linli-texts`),
//! input and output, clocks and chance (callers pass them in).

pub mod ballot;
pub mod count;
pub mod credential;
pub mod desk;
pub mod grant;
pub mod id;
pub mod limits;
pub mod me;
pub mod place;
pub mod receipt;
pub mod refusal;
pub mod report;
pub mod result;
pub mod rule;
#[cfg(feature = "survey")]
pub mod survey;
pub mod topic;
pub mod tree;
pub mod upload;
pub mod verdict;
mod wire;
pub mod work;

pub use ballot::{CastBallot, Choice, Stance};
pub use count::{
    Citation, CountFault, MajorityCount, MajorityRule, OptionsCount, OwnerBallot, OwnerVote,
    OwnersCount, Unit,
};
pub use credential::Credential;
pub use grant::{Grant, IdentifyRequest, OtpRequest, Proof, Standing};
pub use id::{
    ApprovalId, BallotSecret, CommunityId, ConsentId, DeviceId, GrantToken, IdempotencyKey,
    InvalidId, OptionId, PlaceId, PollId, RequestId, StaffId, TopicId, UploadId,
};
pub use place::{CommunityRef, PlaceRef};
pub use receipt::{CastReply, Opening, Receipt, ReceiptKey, ReceiptKeys};
pub use refusal::{ChoiceFault, Refusal};
pub use result::{OptionCount, Outcome, PlaceTurnout, PollResult, ResultStep, Turnout};
pub use rule::{Base, Bound, FollowingRule, Limit, PollRule, RuleMethod, Silence};
pub use topic::{
    Changes, Electorate, Phase, Poll, PollKind, PollNature, PollOption, ResultsVisibility, Secrecy,
    Topic, TopicHead, TopicView,
};
pub use verdict::{
    Block, Figures, Following, Measure, Range, Ruling, Share, Step, Threshold, Total, Verdict,
};

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// Fields that hold one end in `_at_ms`.
pub type UtcMs = i64;
