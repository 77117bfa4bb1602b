//! Communities and their rolls as a store takes them in and gives them back. Codes are
//! hashes here: what a household types or scans never reaches a store.

use super::identity::PreparedIdentity;
use linli_model::{CommunityId, PlaceId, Topic};

/// Communities and topics to add or update, checked and with their codes hashed.
#[derive(Debug, Clone)]
pub struct PreparedImport {
    /// Keyed digest of the file; absent for imports that are no files.
    pub digest: Option<[u8; 32]>,
    /// The communities.
    pub communities: Vec<PreparedCommunity>,
    /// The topics.
    pub topics: Vec<Topic>,
}

/// A community and its roll.
#[derive(Debug, Clone)]
pub struct PreparedCommunity {
    /// Its identifier.
    pub id: CommunityId,
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Origins whose pages may embed its widgets; replaces the earlier list.
    pub origins: Vec<String>,
    /// Its tree of places.
    pub places: Vec<PreparedPlace>,
    /// Its roll.
    pub households: Vec<PreparedHousehold>,
    /// How its voters can be known without a code on paper.
    pub identity: PreparedIdentity,
}

/// A place.
#[derive(Debug, Clone)]
pub struct PreparedPlace {
    /// Its identifier.
    pub id: PlaceId,
    /// Its name.
    pub name: String,
    /// The place that it is in; absent for a root.
    pub parent: Option<PlaceId>,
}

/// A household, known by its place and label.
#[derive(Debug, Clone)]
pub struct PreparedHousehold {
    /// Its place.
    pub place: PlaceId,
    /// What it is called.
    pub label: String,
    /// Exclusive area in 0.01 m²; absent keeps what is stored.
    pub area_csqm: Option<i64>,
    /// The hashes to keep.
    pub codes: PreparedCodes,
}

/// The codes to set for a household.
#[derive(Debug, Clone, Default)]
pub struct PreparedCodes {
    /// Selector and PHC hash, when the typed code is new or another.
    pub typed: Option<(String, String)>,
    /// Hash of the scanned code.
    pub scanned: Option<[u8; 32]>,
}

/// A typed code of a household.
#[derive(Debug, Clone)]
pub struct TypedCodeRow {
    /// The household's place.
    pub place: String,
    /// The household's label.
    pub label: String,
    /// Finds the row.
    pub selector: String,
    /// Argon2id hash in PHC form.
    pub secret_phc: String,
}

/// A household, and whether it has codes.
#[derive(Debug, Clone)]
pub struct HouseholdRow {
    /// The household's place.
    pub place: String,
    /// The place's name.
    pub place_name: String,
    /// The household's label.
    pub label: String,
    /// Whether a typed or scanned code exists.
    pub has_code: bool,
}

/// New codes of a household.
#[derive(Debug, Clone)]
pub struct HouseholdCodes {
    /// The household's place.
    pub place: String,
    /// The household's label.
    pub label: String,
    /// The hashes to keep.
    pub codes: PreparedCodes,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// False when the same file was the last one imported: nothing was done.
    pub changed: bool,
    /// Communities in the file.
    pub communities: usize,
    /// Households in the file.
    pub households: usize,
    /// Households in the file that were not on the roll.
    pub households_added: usize,
    /// Codes that were set or replaced.
    pub codes_set: usize,
    /// Topics in the file.
    pub topics: usize,
}
