//! Contacts, links and host keys of an import file: checked, then hashed and sealed.

use super::{ImportCommunity, ImportError, ImportHostKey, ImportHousehold, fail};
use crate::identity::contact::{self, Contact};
use crate::identity::host_token;
use crate::origin::Origin;
use crate::store::{HostKey, PreparedContact, PreparedIdentity, PreparedVoter};
use std::collections::{HashMap, HashSet};

/// Contacts, and links, of one household.
const PER_HOUSEHOLD_MAX: usize = 20;
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
    let mut contacts: HashMap<Contact, &str> = HashMap::new();
    let mut links = HashSet::new();
    for household in &community.households {
        check_contacts(household, &mut contacts)
            .and_then(|()| check_links(household, &mut links))
            .map_err(|what| {
                ImportError(format!("household {} in {id}: {what}", household.label))
            })?;
    }
    Ok(())
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
    household: &'a ImportHousehold,
    seen: &mut HashMap<Contact, &'a str>,
) -> Result<(), String> {
    let contacts = household.contacts.as_deref().unwrap_or_default();
    if contacts.len() > PER_HOUSEHOLD_MAX {
        return Err(format!("at most {PER_HOUSEHOLD_MAX} contacts"));
    }
    for text in contacts {
        // The text stays out of the message: it is somebody's.
        let contact = Contact::read(text)
            .ok_or("a contact is a phone number or an e-mail address, and one is neither")?;
        if let Some(other) = seen.insert(contact, &household.label) {
            return Err(format!("one of its contacts is household {other}'s too"));
        }
    }
    Ok(())
}

fn check_links<'a>(
    household: &'a ImportHousehold,
    seen: &mut HashSet<(&'a str, &'a str)>,
) -> Result<(), String> {
    let links = household.links.as_deref().unwrap_or_default();
    if links.len() > PER_HOUSEHOLD_MAX {
        return Err(format!("at most {PER_HOUSEHOLD_MAX} links"));
    }
    for link in links {
        if !is_name(&link.host) || !is_name(&link.sub) {
            return Err(format!(
                "host and sub have 1 to {NAME_CHARS_MAX} characters"
            ));
        }
        if !seen.insert((&link.host, &link.sub)) {
            return Err(format!(
                "a visitor of {} is another household too",
                link.host
            ));
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
    let household = |household: &ImportHousehold| {
        let contacts = household.contacts.as_ref();
        let links = household.links.as_ref();
        (contacts.is_some() || links.is_some()).then(|| PreparedVoter {
            place: household.place.to_string(),
            label: household.label.clone(),
            contacts: contacts.map(|given| given.iter().filter_map(sealed).collect()),
            links: links.map(|given| {
                let hash = |link: &super::ImportLink| {
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
        households: community.households.iter().filter_map(household).collect(),
    }
}
