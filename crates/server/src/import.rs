//! The import file: communities with their rolls, and topics with their polls. Read,
//! checked as a whole, and made ready for the store (codes hashed) before anything is
//! written. The form is documented in `crates/linli/README.md`.

mod identity;

pub use identity::IdentityKeys;

use crate::identity::codes::Code;
use crate::identity::secrets;
use crate::origin::Origin;
use crate::seal;
use crate::store::{
    PreparedCodes, PreparedCommunity, PreparedHousehold, PreparedPlace, TypedCodeRow,
};
use linli_model::desk::roll::RollKind;
use linli_model::{CommunityId, CommunityRef, PlaceId, PlaceRef, Poll, Topic, TopicId, limits};
use linli_rules::draft::{self, Fault};
use linli_rules::tally::decision;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// An import file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFile {
    /// Communities to add or update.
    #[serde(default)]
    pub communities: Vec<ImportCommunity>,
    /// Topics to add or update. Their communities are in the same file.
    #[serde(default)]
    pub topics: Vec<ImportTopic>,
}

/// A community and its roll.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportCommunity {
    /// Its identifier.
    pub id: CommunityId,
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Origins whose pages may embed its widgets; replaces the earlier list.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Its tree of places.
    pub places: Vec<ImportPlace>,
    /// Its roll.
    #[serde(default)]
    pub households: Vec<ImportHousehold>,
    /// Contacts and links of voters who stand on its rolls.
    #[serde(default)]
    pub voters: Vec<ImportVoter>,
    /// Keys of websites whose word about their visitors counts; replaces the earlier list
    /// where it is given.
    #[serde(default)]
    pub host_keys: Option<Vec<ImportHostKey>>,
}

/// A key that a host site signs tokens with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportHostKey {
    /// Names the key in tokens.
    pub id: String,
    /// The site, for links; the key's own name where it is absent.
    #[serde(default)]
    pub host: Option<String>,
    /// Ed25519, 64 lowercase hexadecimal digits.
    pub public_key: String,
    /// Pages that may bring its tokens.
    pub origins: Vec<String>,
}

/// A host's visitor who is a household.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportLink {
    /// The site.
    pub host: String,
    /// Its own name for the visitor.
    pub sub: String,
}

/// A place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportPlace {
    /// Its identifier.
    pub id: PlaceId,
    /// Its name.
    pub name: String,
    /// The place that it is in; absent for a root.
    #[serde(default)]
    pub parent: Option<PlaceId>,
}

/// A household, known by its place and label.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportHousehold {
    /// What it is called: `8 栋 2 单元 301`.
    pub label: String,
    /// Its place.
    pub place: PlaceId,
    /// Exclusive area in 0.01 m²; absent where it is not known.
    #[serde(default)]
    pub area_csqm: Option<i64>,
    /// A fixed typed code of 12 characters.
    #[serde(default)]
    pub short_code: Option<String>,
    /// A fixed scanned code of 26 characters.
    #[serde(default)]
    pub long_code: Option<String>,
    /// Phone numbers and e-mail addresses; replaces the earlier list where it is given.
    #[serde(default)]
    pub contacts: Option<Vec<String>>,
    /// Visitors of host sites who are this household; as the contacts.
    #[serde(default)]
    pub links: Option<Vec<ImportLink>>,
}

/// How a voter of a roll can be known without a code: of people by the name there too.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportVoter {
    /// Which roll.
    pub roll: RollKind,
    /// The label there; may be absent for members.
    #[serde(default)]
    pub label: String,
    /// The place there.
    pub place: PlaceId,
    /// The name there: of persons, tenants and members.
    #[serde(default)]
    pub name: Option<String>,
    /// Phone numbers and e-mail addresses; replaces the earlier list where it is given.
    #[serde(default)]
    pub contacts: Option<Vec<String>>,
    /// Visitors of host sites who are this voter; as the contacts.
    #[serde(default)]
    pub links: Option<Vec<ImportLink>>,
}

/// A topic with its poll.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportTopic {
    /// Its identifier, unique over all communities.
    pub id: TopicId,
    /// Its community.
    pub community: CommunityId,
    /// The place that it concerns: its households and those below may vote.
    pub place: PlaceId,
    /// Language of its texts.
    pub lang: String,
    /// One line.
    pub title: String,
    /// Paragraphs.
    #[serde(default)]
    pub summary: String,
    /// The vote.
    pub poll: Poll,
}

/// What is wrong with an import file, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(pub String);

/// Checks a file as a whole and makes each topic what residents will see.
pub fn check(file: &ImportFile) -> Result<Vec<Topic>, ImportError> {
    let mut communities = HashMap::new();
    for community in &file.communities {
        check_community(community)?;
        if communities.insert(&community.id, community).is_some() {
            return fail(format!("community {} is there twice", community.id));
        }
    }
    let mut seen = HashSet::new();
    let mut polls = HashSet::new();
    let mut topics = Vec::with_capacity(file.topics.len());
    for topic in &file.topics {
        let about = |what: &str| ImportError(format!("topic {}: {what}", topic.id));
        let community = communities.get(&topic.community).ok_or_else(|| {
            about(&format!(
                "community {} is not in this file",
                topic.community
            ))
        })?;
        let place = community
            .places
            .iter()
            .find(|place| place.id == topic.place);
        let place = place.ok_or_else(|| about(&format!("place {} is unknown", topic.place)))?;
        if !seen.insert(&topic.id) {
            return Err(about("is there twice"));
        }
        if !polls.insert((&topic.community, &topic.poll.id)) {
            return Err(about(&format!(
                "poll {} belongs to another topic too",
                topic.poll.id
            )));
        }
        draft::check_texts(&topic.lang, &topic.title, &topic.summary)
            .and_then(|()| draft::check_poll(&topic.poll))
            .map_err(|fault| about(&in_words(&fault)))?;
        topics.push(Topic {
            id: topic.id.clone(),
            community: CommunityRef {
                id: community.id.clone(),
                name: community.name.clone(),
                time_zone: community.time_zone.clone(),
            },
            place: PlaceRef {
                id: place.id.clone(),
                name: place.name.clone(),
            },
            lang: topic.lang.clone(),
            title: topic.title.clone(),
            summary: topic.summary.clone(),
            poll: cited(topic.poll.clone()),
        });
    }
    Ok(topics)
}

/// With the article that residents are shown.
fn cited(mut poll: Poll) -> Poll {
    if let Some(rule) = &mut poll.rule {
        rule.article = decision::article(rule);
    }
    poll
}

fn fail<T>(what: String) -> Result<T, ImportError> {
    Err(ImportError(what))
}

fn check_community(community: &ImportCommunity) -> Result<(), ImportError> {
    let id = &community.id;
    if jiff::tz::TimeZone::get(&community.time_zone).is_err() {
        return fail(format!(
            "community {id}: {} is not an IANA time zone",
            community.time_zone
        ));
    }
    if let Some(bad) = community
        .origins
        .iter()
        .find(|o| Origin::parse(o).is_none())
    {
        return fail(format!(
            "community {id}: {bad} is not an origin like https://example.org"
        ));
    }
    check_places(community)?;
    identity::check(community)?;
    let mut households = HashSet::new();
    let mut codes = HashSet::new();
    for household in &community.households {
        let about =
            |what: &str| ImportError(format!("household {} in {id}: {what}", household.label));
        if !community
            .places
            .iter()
            .any(|place| place.id == household.place)
        {
            return Err(about(&format!("place {} is unknown", household.place)));
        }
        if household.label.trim().is_empty()
            || household.label.chars().count() > limits::TITLE_CHARS_MAX
        {
            return Err(about("a label has 1 to 120 characters"));
        }
        if !households.insert((&household.place, &household.label)) {
            return Err(about("is there twice"));
        }
        if household.area_csqm.is_some_and(|area| area <= 0) {
            return Err(about("an area is more than 0"));
        }
        for (code, is_typed) in [(&household.short_code, true), (&household.long_code, false)] {
            let Some(text) = code else { continue };
            match Code::read(text) {
                Some(Code::Typed { selector, .. }) if is_typed => {
                    if !codes.insert(selector) {
                        return Err(about(
                            "another short code begins with the same 4 characters",
                        ));
                    }
                }
                Some(Code::Scanned(_)) if !is_typed => {}
                _ => {
                    return Err(about(
                        "a short code has 12 letters or digits, a long one 26",
                    ));
                }
            }
        }
    }
    Ok(())
}

fn check_places(community: &ImportCommunity) -> Result<(), ImportError> {
    let id = &community.id;
    let mut parents: HashMap<&PlaceId, Option<&PlaceId>> = HashMap::new();
    for place in &community.places {
        if parents.insert(&place.id, place.parent.as_ref()).is_some() {
            return fail(format!("place {} in {id} is there twice", place.id));
        }
    }
    for place in &community.places {
        let mut at = place.parent.as_ref();
        let mut steps = 0;
        while let Some(parent) = at {
            steps += 1;
            if steps > community.places.len() {
                return fail(format!("place {} in {id} is inside itself", place.id));
            }
            match parents.get(parent) {
                Some(next) => at = *next,
                None => {
                    return fail(format!(
                        "place {} in {id}: parent {parent} is unknown",
                        place.id
                    ));
                }
            }
        }
    }
    Ok(())
}

/// A fault of the shared check as the writer of a file reads it.
fn in_words(fault: &Fault) -> String {
    let what = match fault.fault {
        "empty" => "is empty",
        "too_long" => "has too many characters",
        "too_few" => "is too few, or less than the least",
        "too_many" => "is too many",
        "duplicate" => "is there twice",
        "not_later" => "is not after the opening",
        "unsupported" => {
            "does not fit: devices vote with device or host_token and decide nothing formally; \
             persons and members vote with otp or host_token, others with household_code too; \
             a rule with thresholds decides a motion of those whom it counts, areas by name"
        }
        "unknown" => "is unknown",
        _ => "is not of the documented form",
    };
    format!("{} {what}", fault.path)
}

/// Makes a checked community ready for the store: hashes its codes, on every core. Codes
/// that are stored already stay as they are. Blocks.
pub fn prepare(
    community: ImportCommunity,
    known: &[TypedCodeRow],
    keys: &IdentityKeys,
) -> Result<PreparedCommunity, ImportError> {
    let households = prepare_households(&community.households, known)?;
    let identity = identity::prepare(&community, keys);
    let places = community.places.into_iter().map(|place| PreparedPlace {
        id: place.id,
        name: place.name,
        parent: place.parent,
    });
    Ok(PreparedCommunity {
        id: community.id,
        name: community.name,
        time_zone: community.time_zone,
        origins: community.origins,
        places: places.collect(),
        households,
        identity,
    })
}

fn prepare_households(
    households: &[ImportHousehold],
    known: &[TypedCodeRow],
) -> Result<Vec<PreparedHousehold>, ImportError> {
    let known: HashMap<(&str, &str), &TypedCodeRow> = known
        .iter()
        .map(|row| ((row.place.as_str(), row.label.as_str()), row))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = households.len().div_ceil(cores).max(1);
    let known = &known;
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> = households
            .chunks(share)
            .map(|part| {
                scope.spawn(move || part.iter().map(|h| prepare_household(h, known)).collect())
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join())
            .collect::<Vec<_>>()
    });
    let mut prepared = Vec::with_capacity(households.len());
    for part in parts {
        let part: Result<Vec<PreparedHousehold>, ImportError> =
            part.unwrap_or_else(|_| fail("hashing the codes failed".to_owned()));
        prepared.extend(part?);
    }
    Ok(prepared)
}

fn prepare_household(
    household: &ImportHousehold,
    known: &HashMap<(&str, &str), &TypedCodeRow>,
) -> Result<PreparedHousehold, ImportError> {
    let mut codes = PreparedCodes::default();
    if let Some(Code::Typed { selector, secret }) =
        household.short_code.as_deref().and_then(Code::read)
    {
        let row = known.get(&(household.place.as_str(), household.label.as_str()));
        let same = row.is_some_and(|row| {
            row.selector == selector && secrets::matches(&secret, &row.secret_phc)
        });
        if !same {
            let phc = secrets::hash(&secret);
            let phc =
                phc.ok_or_else(|| ImportError("not enough memory to hash codes".to_owned()))?;
            codes.typed = Some((selector, phc));
        }
    }
    if let Some(Code::Scanned(bytes)) = household.long_code.as_deref().and_then(Code::read) {
        codes.scanned = Some(seal::scanned_code_hash(&bytes));
    }
    Ok(PreparedHousehold {
        place: household.place.clone(),
        label: household.label.clone(),
        area_csqm: household.area_csqm,
        codes,
    })
}
