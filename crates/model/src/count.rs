//! What is counted where more than one figure decides: the rule as data, the roll, the
//! ballots. This is what a counter is given (a file for `linli count`, a closed poll);
//! the answer is a [`crate::verdict::Verdict`]. Areas are integers of 0.01 m² (`_csqm`).

use crate::ballot::Choice;
use crate::refusal::ChoiceFault;
use crate::rule::{Base, FollowingRule, Limit};
use crate::topic::{PollKind, PollNature};
use crate::wire::{tagged, words};
use serde::{Deserialize, Serialize};

/// A single or multiple choice, or a motion, as it was cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OptionsCount {
    /// What an answer looks like.
    pub kind: PollKind,
    /// Each choice with how many ballots made it.
    pub ballots: Vec<(Choice, u64)>,
    /// Voters on the roll; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<u64>,
}

/// A motion that needs enough people to take part and enough of them to agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MajorityCount {
    /// How it is decided.
    pub rule: MajorityRule,
    /// Whether it binds.
    pub nature: PollNature,
    /// Formal polls: the local rule that lets this vote be held this way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// Voters on the roll.
    pub eligible: u64,
    /// Ballots in favour.
    pub yes: u64,
    /// Ballots against.
    pub no: u64,
    /// Ballots on neither side; they took part.
    pub abstain: u64,
}

/// A majority with quorum, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MajorityRule {
    /// Share of all voters that must take part; absent where none is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<Limit>,
    /// Share of `approval_base` that must be in favour.
    pub approval: Limit,
    /// What `approval` is a share of.
    pub approval_base: Base,
    /// Where the figures are written. Without it this is a template, not a statute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<Citation>,
}

/// A law or adopted rule, as staff entered and confirmed it from the current text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The article: 《农村集体经济组织法》第二十七条.
    pub article: String,
    /// Day from which this text is in force, as `2025-05-01`.
    pub in_force_from: String,
}

/// A joint decision of owners under Civil Code article 278.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnersCount {
    /// Item of the article's first paragraph, 1–9.
    pub matter: u32,
    /// Whether it binds.
    pub nature: PollNature,
    /// Formal polls: the local rule that lets this vote be held this way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// 从众, where the owners' adopted rules have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub following: Option<FollowingRule>,
    /// Most mandates that one proxy may hold; absent where no local rule limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_max: Option<u32>,
    /// What a unit without any figure has at most. Absent: the largest unit on the roll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_area_max_csqm: Option<u64>,
    /// Every exclusive part, whether its owner answered or not.
    pub units: Vec<Unit>,
    /// One per owner who answered.
    pub ballots: Vec<OwnerBallot>,
}

/// One exclusive part (专有部分) and its area by source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its name: 1 栋 301.
    pub unit: String,
    /// Its owner or group of co-owners; the same word for every unit of the same buyer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Not yet sold, or sold and not yet handed over: the developer's, whoever bought it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub developer: bool,
    /// Area in the property registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_csqm: Option<u64>,
    /// Area by survey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surveyed_csqm: Option<u64>,
    /// Area in the contract of sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_csqm: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What one owner answered, for all of that owner's units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnerBallot {
    /// The owner, as in [`Unit::owner`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// The developer's ballot, instead of an owner's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub developer: bool,
    /// The answer.
    pub vote: OwnerVote,
    /// Who held the owner's written mandate, where somebody did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proxy: String,
}

/// An owner's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum OwnerVote {
    /// 同意
    Yes,
    /// 不同意
    No,
    /// 弃权: it participates.
    Abstain,
    /// 从众: it participates; it takes a side only where the owners' rules have that.
    Follow,
}

words!(OwnerVote { Yes = "yes", No = "no", Abstain = "abstain", Follow = "follow" });

/// Why something cannot be counted. A count answers with all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CountFault {
    /// A limit is no share that can be reached and missed.
    LimitInvalid,
    /// The article has no such item.
    MatterUnknown {
        /// As given.
        matter: u32,
    },
    /// Elections and recalls of committees have their own procedure.
    ElectionElsewhere,
    /// There are more ballots than voters.
    TooManyBallots {
        /// Ballots.
        ballots: u64,
        /// Voters.
        eligible: u64,
    },
    /// A ballot does not fit the poll.
    ChoiceInvalid {
        /// In what.
        fault: ChoiceFault,
    },
    /// Figures are too large to add up.
    TooLarge,
    /// 从众 without the article of the owners' rules that has it.
    FollowingBasisMissing,
    /// The roll is empty.
    NoUnits,
    /// No unit has any figure of area, so there is not even a range.
    NoAreas,
    /// A unit is on the roll twice.
    UnitRepeated {
        /// The unit.
        unit: String,
    },
    /// A unit has neither owner nor developer.
    OwnerMissing {
        /// The unit.
        unit: String,
    },
    /// A unit's area cannot be right: see [`crate::limits::UNIT_AREA_CSQM_MAX`].
    AreaTooLarge {
        /// The unit.
        unit: String,
    },
    /// A ballot's owner holds nothing on the roll.
    OwnerUnknown {
        /// As on the ballot.
        owner: String,
    },
    /// The developer voted, and holds nothing on the roll.
    DeveloperHoldsNothing,
    /// A ballot names an owner and the developer.
    VoterAmbiguous {
        /// As on the ballot.
        owner: String,
    },
    /// An owner answered twice.
    BallotRepeated {
        /// The owner.
        owner: String,
    },
    /// The developer answered twice.
    DeveloperBallotRepeated,
    /// A proxy holds more mandates than the local rule allows.
    TooManyMandates {
        /// The proxy.
        proxy: String,
        /// How many.
        mandates: u64,
        /// How many are allowed.
        max: u32,
    },
    /// A fault that this version does not know.
    Other,
}

#[derive(Deserialize)]
struct CountFaultFields {
    #[serde(rename = "type")]
    kind_word: String,
    matter: Option<u32>,
    ballots: Option<u64>,
    eligible: Option<u64>,
    fault: Option<ChoiceFault>,
    unit: Option<String>,
    owner: Option<String>,
    proxy: Option<String>,
    mandates: Option<u64>,
    max: Option<u32>,
}

tagged!(CountFault from CountFaultFields { kind_word } or default {
    matter, ballots, eligible, fault, unit, owner, proxy, mandates, max,
} else Self::Other);

impl CountFault {
    fn from_fields(fields: CountFaultFields) -> Option<Self> {
        let CountFaultFields { unit, owner, .. } = fields;
        Some(match fields.kind_word.as_str() {
            "limit_invalid" => Self::LimitInvalid,
            "matter_unknown" => Self::MatterUnknown {
                matter: fields.matter?,
            },
            "election_elsewhere" => Self::ElectionElsewhere,
            "too_many_ballots" => Self::TooManyBallots {
                ballots: fields.ballots?,
                eligible: fields.eligible?,
            },
            "choice_invalid" => Self::ChoiceInvalid {
                fault: fields.fault?,
            },
            "too_large" => Self::TooLarge,
            "following_basis_missing" => Self::FollowingBasisMissing,
            "no_units" => Self::NoUnits,
            "no_areas" => Self::NoAreas,
            "unit_repeated" => Self::UnitRepeated { unit: unit? },
            "owner_missing" => Self::OwnerMissing { unit: unit? },
            "area_too_large" => Self::AreaTooLarge { unit: unit? },
            "owner_unknown" => Self::OwnerUnknown { owner: owner? },
            "developer_holds_nothing" => Self::DeveloperHoldsNothing,
            "voter_ambiguous" => Self::VoterAmbiguous { owner: owner? },
            "ballot_repeated" => Self::BallotRepeated { owner: owner? },
            "developer_ballot_repeated" => Self::DeveloperBallotRepeated,
            "too_many_mandates" => Self::TooManyMandates {
                proxy: fields.proxy?,
                mandates: fields.mandates?,
                max: fields.max?,
            },
            _ => Self::Other,
        })
    }
}
