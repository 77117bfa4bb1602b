//! Contacts, links and host keys of an import file: checked, then hashed and sealed.

use super::{ImportCommunity, ImportError, ImportHostKey, ImportLink, fail};
use crate::identity::contact::{self, Contact};
use crate::identity::host_token;
use crate::origin::Origin;
use crate::store::{HostKey, PreparedContact, PreparedIdentity, PreparedVoter};
use linli_model::PlaceId;
use linli_model::desk::roll::RollKind;
use std::collections::{HashMap, HashSet};

/// Contacts, and links, of one voter.
const PER_VOTER_MAX: usize = 20;
/// Keys of one community.
const HOST_KEYS_MAX: usize = 50;
const NAME_CHARS_MAX: usize = 128;

/// Keys of the hashes under which contacts and links are found.
#[derive(Clone)]
pub struct IdentityKeys {
    /// For contacts.
    pub contact: [u8; 32],
    /// For links.
    pub link: [u8; 32],
}

/// Whether contacts, links and keys are what they should be, and nobody's twice.
pub(super) fn check(community: &ImportCommunity) -> Result<(), ImportError> {
    let id = &community.id;
    let keys = community.host_keys.as_deref().unwrap_or_default();
    let mut names = HashSet::new();
    for key in keys {
        check_key(key)
            .map_err(|what| ImportError(format!("host key {} in {id}: {what}", key.id)))?;
        if !names.insert(&key.id) {
            return fail(format!("host key {} in {id} is there twice", key.id));
        }
    }
    if keys.len() > HOST_KEYS_MAX {
        return fail(format!(
            "community {id} has at most {HOST_KEYS_MAX} host keys"
        ));
    }
    let mut contacts = HashMap::new();
    let mut links = HashSet::new();
    for voter in named(community) {
        check_name(&voter)
            .and_then(|()| check_contacts(&voter, &mut contacts))
            .and_then(|()| check_links(&voter, &mut links))
            .map_err(|what| {
                let (roll, label) = (voter.roll.as_str(), voter.label);
                ImportError(format!("{label} of {roll} in {id}: {what}"))
            })?;
    }
    Ok(())
}

/// A voter of whom the file says how they can be known.
struct Named<'a> {
    roll: RollKind,
    place: &'a PlaceId,
    label: &'a str,
    name: Option<&'a str>,
    contacts: Option<&'a Vec<String>>,
    links: Option<&'a Vec<ImportLink>>,
}

/// Households stand in a list of their own, with their codes.
fn named(community: &ImportCommunity) -> impl Iterator<Item = Named<'_>> {
    let households = community.households.iter().map(|household| Named {
        roll: RollKind::Households,
        place: &household.place,
        label: &household.label,
        name: None,
        contacts: household.contacts.as_ref(),
        links: household.links.as_ref(),
    });
    let voters = community.voters.iter().map(|voter| Named {
        roll: voter.roll,
        place: &voter.place,
        label: &voter.label,
        name: voter.name.as_deref(),
        contacts: voter.contacts.as_ref(),
        links: voter.links.as_ref(),
    });
    households.chain(voters)
}

fn check_name(voter: &Named<'_>) -> Result<(), String> {
    match (voter.roll, voter.name) {
        (RollKind::Persons | RollKind::Members | RollKind::Tenants, None) => {
            Err("people are named, by name".to_owned())
        }
        (RollKind::Households | RollKind::Owners, Some(_)) => {
            Err("place and label name a household or unit, without a name".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_key(key: &ImportHostKey) -> Result<(), String> {
    let host = key.host.as_deref().unwrap_or(&key.id);
    if !is_name(&key.id) || !is_name(host) {
        return Err(format!("names have 1 to {NAME_CHARS_MAX} characters"));
    }
    if host_token::read_public_key(&key.public_key).is_none() {
        return Err("public_key is not an Ed25519 key of 64 hexadecimal digits".to_owned());
    }
    match key.origins.iter().find(|o| Origin::parse(o).is_none()) {
        Some(bad) => Err(format!("{bad} is not an origin like https://example.org")),
        None if key.origins.is_empty() => Err("origins are the pages that bring tokens".to_owned()),
        None => Ok(()),
    }
}

fn check_contacts<'a>(
    voter: &Named<'a>,
    seen: &mut HashMap<(RollKind, Contact), &'a str>,
) -> Result<(), String> {
    let contacts = voter.contacts.map(Vec::as_slice).unwrap_or_default();
    if contacts.len() > PER_VOTER_MAX {
        return Err(format!("at most {PER_VOTER_MAX} contacts"));
    }
    for text in contacts {
        // The text stays out of the message: it is somebody's.
        let contact = Contact::read(text)
            .ok_or("a contact is a phone number or an e-mail address, and one is neither")?;
        if let Some(other) = seen.insert((voter.roll, contact), voter.label) {
            return Err(format!("one of its contacts is {other}'s too"));
        }
    }
    Ok(())
}

fn check_links<'a>(
    voter: &Named<'a>,
    seen: &mut HashSet<(RollKind, &'a str, &'a str)>,
) -> Result<(), String> {
    let links = voter.links.map(Vec::as_slice).unwrap_or_default();
    if links.len() > PER_VOTER_MAX {
        return Err(format!("at most {PER_VOTER_MAX} links"));
    }
    for link in links {
        if !is_name(&link.host) || !is_name(&link.sub) {
            return Err(format!(
                "host and sub have 1 to {NAME_CHARS_MAX} characters"
            ));
        }
        if !seen.insert((voter.roll, &link.host, &link.sub)) {
            return Err(format!("a visitor of {} is somebody else too", link.host));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.chars().count())
}

/// Hashes and seals a checked community's contacts and links.
pub(super) fn prepare(community: &ImportCommunity, keys: &IdentityKeys) -> PreparedIdentity {
    let name = community.id.as_str();
    let host_key = |key: &ImportHostKey| {
        Some(HostKey {
            key_id: key.id.clone(),
            host: key.host.clone().unwrap_or_else(|| key.id.clone()),
            public_key: host_token::read_public_key(&key.public_key)?,
            origins: key.origins.iter().map(|o| o.to_lowercase()).collect(),
        })
    };
    let sealed = |text: &String| {
        let contact = Contact::read(text)?;
        Some(PreparedContact {
            index: contact::index(&keys.contact, name, &contact),
            kind: contact.kind.as_str(),
        })
    };
    let voter = |voter: Named<'_>| {
        let (contacts, links) = (voter.contacts, voter.links);
        (contacts.is_some() || links.is_some()).then(|| PreparedVoter {
            roll: voter.roll,
            place: voter.place.to_string(),
            label: voter.label.to_owned(),
            name: voter.name.map(str::to_owned),
            contacts: contacts.map(|given| given.iter().filter_map(sealed).collect()),
            links: links.map(|given| {
                let hash = |link: &ImportLink| {
                    host_token::link_hash(&keys.link, name, &link.host, &link.sub)
                };
                given.iter().map(hash).collect()
            }),
        })
    };
    PreparedIdentity {
        host_keys: community
            .host_keys
            .as_ref()
            .map(|given| given.iter().filter_map(host_key).collect()),
        voters: named(community).filter_map(voter).collect(),
    }
}
