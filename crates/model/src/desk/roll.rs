//! Rolls as staff meet them: what a file may hold, what was wrong with its rows, what
//! adopting it would change, and what stands on a roll now.

pub use super::place::PlaceNode;
use crate::UtcMs;
use crate::count::{OwnerBallot, OwnersCount, Unit};
use crate::id::{CommunityId, PlaceId};
use crate::topic::{Electorate, PollNature};
use serde::{Deserialize, Serialize};

/// Bytes of a roll file.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rows below the header of one file: more people than any community has.
pub const ROWS_MAX: u32 = 200_000;
/// Columns that are looked at.
pub const COLUMNS_MAX: usize = 64;
/// Characters in the name of a person, owner or household head.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters in a label: `8 栋 2 单元 301`.
pub const LABEL_CHARS_MAX: usize = crate::limits::TITLE_CHARS_MAX;
/// Characters of a cell that an error shows.
pub const EXCERPT_CHARS_MAX: usize = 40;
/// Errors that are told one by one; the rest are counted.
pub const ERRORS_TOLD_MAX: usize = 1_000;
/// Rows that a preview shows.
pub const PREVIEW_ROWS_MAX: usize = 20;
/// Entries on one page of a roll.
pub const PAGE_ENTRIES_MAX: u32 = 200;
/// How long a preview waits to be adopted.
pub const DRAFT_MS: i64 = 24 * 3_600_000;
/// Previews of one community that wait; the oldest give way.
pub const DRAFTS_MAX: u32 = 8;
/// Levels of the tree of places.
pub const PLACE_LEVELS_MAX: usize = 6;
/// Places of one community.
pub const PLACES_MAX: usize = 10_000;
/// Characters in a place's name.
pub const PLACE_NAME_CHARS_MAX: usize = 60;

/// Whose names a roll holds. A poll accepts exactly one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RollKind {
    /// 户
    Households,
    /// 年满 18 周岁的居民
    Persons,
    /// 业主: units, each held by an owner or group of co-owners, or by the developer.
    Owners,
    /// 承租人
    Tenants,
    /// 集体经济组织成员
    Members,
}

impl RollKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Households,
        Self::Persons,
        Self::Owners,
        Self::Tenants,
        Self::Members,
    ];

    /// The roll that an electorate votes by; devices have none.
    pub const fn of(electorate: Electorate) -> Option<Self> {
        Some(match electorate {
            Electorate::Households => Self::Households,
            Electorate::Persons => Self::Persons,
            Electorate::Owners => Self::Owners,
            Electorate::Tenants => Self::Tenants,
            Electorate::Members => Self::Members,
            Electorate::Devices => return None,
        })
    }

    /// Those who vote by this roll.
    pub const fn electorate(self) -> Electorate {
        match self {
            Self::Households => Electorate::Households,
            Self::Persons => Electorate::Persons,
            Self::Owners => Electorate::Owners,
            Self::Tenants => Electorate::Tenants,
            Self::Members => Electorate::Members,
        }
    }

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        self.electorate().as_str()
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        Electorate::parse(word).and_then(Self::of)
    }
}

/// One line of a roll. For owners it is a unit; else it is a voter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollEntry {
    /// Its place.
    pub place: PlaceId,
    /// The household or unit: `8 栋 2 单元 301`. May be empty for members.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The person, owner or owners, or the household's head (which may be empty).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Owners: the word that all units of one buyer or group of co-owners share. Empty
    /// for the developer's units and on other rolls.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Owners: not sold, or sold and not handed over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub developer: bool,
    /// Area in the property registry, 0.01 m²; a household's exclusive area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_csqm: Option<u64>,
    /// Owners: area by survey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surveyed_csqm: Option<u64>,
    /// Owners: area in the contract of sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_csqm: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What is wrong with a row of a file. The row's other cells may be wrong as well: each
/// fault is an error of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RowError {
    /// The row as a spreadsheet numbers it; in a CSV file the line on which it begins.
    pub row: u32,
    /// The column's header as it stands in the file, or the field where the file lacks
    /// the column.
    pub column: String,
    /// What is wrong.
    pub kind: RowFault,
    /// What the cell holds, shortened to [`EXCERPT_CHARS_MAX`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value_excerpt: String,
}

/// What is wrong with a cell or row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RowFault {
    /// The cell is empty and must not be.
    Missing,
    /// More characters than fit.
    TooLong {
        /// Most characters.
        max: u32,
    },
    /// Control characters, or bytes that are no text in the file's encoding.
    NotText,
    /// The community has no such place.
    PlaceUnknown,
    /// The community has several places of this name; name the one above as well, or
    /// use its identifier.
    PlaceAmbiguous,
    /// Not an area in m² with at most two decimals, more than 0 and at most 1 km².
    AreaInvalid,
    /// Not a date.
    DateInvalid,
    /// Neither yes nor no.
    FlagInvalid,
    /// Younger than 18 on the day of the import.
    UnderAge,
    /// Not a phone number, or not an e-mail address. What it is instead is not told.
    ContactInvalid,
    /// Another voter of the file has the same contact, so that it names neither.
    ContactShared {
        /// A row of theirs.
        of_row: u32,
    },
    /// A word for a group of voters that is not known.
    GroupUnknown,
    /// The row says that it belongs on another roll.
    GroupOther {
        /// Which one.
        group: RollKind,
    },
    /// The same line as an earlier row.
    Duplicate {
        /// The earlier row.
        of_row: u32,
    },
    /// A formula whose value the file does not hold: open and save it in the
    /// spreadsheet program.
    FormulaWithoutValue,
    /// The spreadsheet's own error, such as `#REF!`.
    CellError,
}

/// Why a file cannot be read as a roll at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FileFault {
    /// Nothing in it.
    Empty,
    /// Neither CSV nor XLSX: an old `.xls`, a PDF, a picture, a file with a password.
    FormatUnknown,
    /// Text in none of the encodings that are read.
    EncodingUnknown,
    /// It claims to be XLSX and cannot be read.
    Damaged,
    /// Unpacked, it is larger than any roll: see the server's README.
    UnpacksTooLarge,
    /// The file itself is too large.
    TooLarge {
        /// Most bytes.
        limit_bytes: u64,
    },
    /// More rows than a roll can have.
    TooManyRows {
        /// Most rows.
        max: u32,
    },
    /// More columns than are looked at.
    TooManyColumns {
        /// Most columns.
        max: u32,
    },
    /// No row near the top names the columns that this kind needs.
    HeaderMissing {
        /// The needed fields, by their first Chinese name.
        columns: Vec<String>,
    },
    /// Two columns name the same field.
    HeaderRepeated {
        /// The second column's header.
        column: String,
    },
}

/// Why the desk did not do something with a roll. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RollRefusal {
    /// There is no such community.
    CommunityUnknown,
    /// The file cannot be read.
    File {
        /// Why.
        fault: FileFault,
    },
    /// No such preview; it may have expired or been adopted.
    DraftUnknown,
    /// The roll has changed since the preview was made: look at it again.
    VersionMoved {
        /// The version that the preview was made against.
        seen: u32,
        /// The version now.
        current: u32,
    },
    /// Rows have errors, and staff did not say to leave them out.
    DraftHasErrors {
        /// How many errors.
        errors: u32,
    },
    /// Adopting would leave nobody on the roll.
    RollEmpty,
    /// A place of the preview is gone.
    PlaceGone {
        /// Which.
        place: PlaceId,
    },
    /// There is no such version.
    VersionUnknown,
    /// A place is its own ancestor, or its parent is not in the list.
    PlaceMisplaced {
        /// Which.
        place: PlaceId,
    },
    /// A place is in the list twice.
    PlaceRepeated {
        /// Which.
        place: PlaceId,
    },
    /// A place is too far down the tree.
    PlaceTooDeep {
        /// Which.
        place: PlaceId,
        /// Most levels.
        max: u32,
    },
    /// A place's name is empty or too long.
    PlaceNameInvalid {
        /// Which.
        place: PlaceId,
    },
    /// More places than a community can have, or none.
    PlaceCountInvalid {
        /// Most places.
        max: u32,
    },
    /// A place is left out that entries, households or topics belong to.
    PlaceInUse {
        /// Which.
        place: PlaceId,
    },
}

/// What adopting changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollDiff {
    /// Entries that were not on the roll.
    pub added: u32,
    /// Entries of the same key with other data.
    pub changed: u32,
    /// Entries that are no longer on it.
    pub removed: u32,
    /// Entries that stay as they are.
    pub unchanged: u32,
}

/// A file as it was read, waiting to be adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollPreview {
    /// Names the preview when it is adopted; good until `expires_at_ms`.
    pub draft: String,
    /// When it is thrown away.
    pub expires_at_ms: UtcMs,
    /// The community.
    pub community: CommunityId,
    /// The roll.
    pub kind: RollKind,
    /// The file's name as it was given.
    pub file_name: String,
    /// `xlsx`, or the encoding of a CSV file: `utf-8`, `utf-16le`, `utf-16be`, `gb18030`.
    pub encoding: String,
    /// The sheet that was read; empty for CSV.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// Rows that the workbook hides. They are read like the others.
    pub hidden_rows: u32,
    /// Headers of columns that are not used. What they hold is not kept.
    pub columns_ignored: Vec<String>,
    /// Rows with content below the header.
    pub rows: u32,
    /// Rows that can be adopted.
    pub entries: u32,
    /// Voters in them: fewer than entries where owners hold several units.
    pub voters: u32,
    /// Owners who hold several units: each is one head. Two owners of the same name
    /// need a 业主编号 each.
    pub owners_of_several: u32,
    /// Entries with an area from no source.
    pub without_area: u32,
    /// How many errors there are.
    pub errors_total: u32,
    /// The first of them, at most [`ERRORS_TOLD_MAX`].
    pub errors: Vec<RowError>,
    /// Contacts in the file; absent where it has no column of them. Stored ones stay then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<RollContactFigures>,
    /// The first rows, at most [`PREVIEW_ROWS_MAX`].
    pub first: Vec<RollEntry>,
    /// The version that `diff` compares with; 0 where there is none yet.
    pub base_version: u32,
    /// What adopting changes.
    pub diff: RollDiff,
}

/// Contacts in a file, in figures. The contacts themselves are shown to nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollContactFigures {
    /// Entries with a phone number; absent where the file has no such column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_phone: Option<u32>,
    /// Entries with an e-mail address, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_mail: Option<u32>,
    /// Entries with a contact that another voter has too: it identifies nobody.
    pub shared: u32,
    /// The first of them, at most [`ERRORS_TOLD_MAX`]. These rows can be adopted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RowError>,
}

/// A version of a roll, without its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollVersion {
    /// The roll.
    pub kind: RollKind,
    /// Counts from 1.
    pub version: u32,
    /// When it was adopted.
    pub adopted_at_ms: UtcMs,
    /// By whom, as the caller named them.
    pub adopted_by: String,
    /// The file.
    pub file_name: String,
    /// How many entries it has.
    pub entries: u32,
    /// How many voters.
    pub voters: u32,
    /// What it changed.
    pub diff: RollDiff,
    /// SHA-256 of the roll's record, in hexadecimal. Reveals nobody.
    pub commitment: String,
}

/// An entry on a page of a roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollLine {
    /// Its number on the roll; stays through imports.
    pub entry: i64,
    /// The voter's number: shared by the units of one owner.
    pub voter: i64,
    /// The name of its place.
    pub place_name: String,
    /// What stands there.
    #[serde(flatten)]
    pub content: RollEntry,
}

/// Body of `POST …/desk/rolls/{kind}/entries`. In a body, since names in an address would
/// stand in the logs of every proxy on the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntriesAsked {
    /// This place and those below; absent for the whole community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    /// Part of a label or name; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// Entries of higher numbers; 0 for the first page.
    #[serde(default)]
    pub after: i64,
}

/// A page of a roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RollPage {
    /// Ordered by number.
    pub lines: Vec<RollLine>,
    /// Give this as `after` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Everything that a version's commitment is made of. Its RFC 8785 form is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RollRecord {
    /// The community.
    pub community: CommunityId,
    /// The roll.
    pub kind: RollKind,
    /// The version.
    pub version: u32,
    /// 256 bits of chance in hexadecimal, another for each version: without it nobody
    /// can try names against the commitment.
    pub salt: String,
    /// Ordered by place, label and name, byte by byte.
    pub entries: Vec<RollEntry>,
}

/// A version's record, and the hash that was published for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RollProof {
    /// What was hashed.
    pub record: RollRecord,
    /// SHA-256 of the record's RFC 8785 form, in hexadecimal.
    pub commitment: String,
}

/// What an owners' count by area is made of: the units that the topic concerns, by the
/// roll as it is now, and what their owners answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnersMaterial {
    /// The version of the roll; 0 where there is none.
    pub roll_version: u32,
    /// Every unit, whether its owner answered or not.
    pub units: Vec<Unit>,
    /// One per owner who answered and holds a unit now.
    pub ballots: Vec<OwnerBallot>,
    /// Ballots of owners who hold no unit here any more. They are not in `ballots`: the
    /// unit is counted for its owner of now.
    pub left_out: u64,
}

impl OwnersMaterial {
    /// A count without 从众 and without a limit of mandates; add them where local rules
    /// have them.
    pub fn count(self, matter: u32, nature: PollNature, basis: String) -> OwnersCount {
        OwnersCount {
            matter,
            nature,
            basis,
            following: None,
            proxy_max: None,
            missing_area_max_csqm: None,
            units: self.units,
            ballots: self.ballots,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_its_electorate() {
        for kind in RollKind::ALL {
            assert_eq!(RollKind::of(kind.electorate()), Some(kind));
            assert_eq!(RollKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(RollKind::of(Electorate::Devices), None);
        assert_eq!(RollKind::parse("devices"), None);
    }
}
