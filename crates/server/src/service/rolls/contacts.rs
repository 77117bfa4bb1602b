//! Contacts of a roll file: what staff are told of them, and the hashes that are kept.

use crate::identity::contact::{self, Contact, ContactKind};
use crate::roll::ParsedContacts;
use crate::seal;
use crate::store::{RollContact, RollContacts};
use linli_model::desk::roll::{ERRORS_TOLD_MAX, RollContactFigures, RowError, RowFault};
use std::collections::HashMap;

/// What staff see. `voters` are those of the entries: two units of one owner may well have
/// the same phone.
pub(super) fn figures(read: &ParsedContacts, voters: &[i64]) -> RollContactFigures {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let with = |kind: ContactKind| {
        let has_column = read.kinds.iter().any(|(known, _)| *known == kind);
        let has = |(_, contacts): &&(u32, Vec<Contact>)| contacts.iter().any(|c| c.kind == kind);
        has_column.then(|| count(read.of.iter().filter(has).count()))
    };
    let mut owners: HashMap<&Contact, Vec<(i64, u32)>> = HashMap::new();
    for ((row, contacts), voter) in read.of.iter().zip(voters) {
        for contact in contacts {
            let of = owners.entry(contact).or_default();
            // The first two voters tell the others apart from themselves.
            if of.len() < 2 && !of.iter().any(|(known, _)| known == voter) {
                of.push((*voter, *row));
            }
        }
    }
    let mut figures = RollContactFigures {
        with_phone: with(ContactKind::Phone),
        with_mail: with(ContactKind::Mail),
        ..RollContactFigures::default()
    };
    for ((row, contacts), voter) in read.of.iter().zip(voters) {
        let shared = contacts.iter().find_map(|contact| {
            let mut others = owners.get(contact)?.iter();
            let (_, of_row) = others.find(|(other, _)| other != voter)?;
            Some((contact.kind, *of_row))
        });
        let Some((kind, of_row)) = shared else {
            continue;
        };
        figures.shared += 1;
        if figures.warnings.len() < ERRORS_TOLD_MAX {
            let column = read.kinds.iter().find(|(known, _)| *known == kind);
            figures.warnings.push(RowError {
                row: *row,
                column: column.map(|(_, name)| name.clone()).unwrap_or_default(),
                kind: RowFault::ContactShared { of_row },
                value_excerpt: String::new(),
            });
        }
    }
    figures
}

/// What is kept.
pub(super) fn hashed(read: &ParsedContacts, key: &[u8; 32], community: &str) -> RollContacts {
    let hash = |one: &Contact| RollContact {
        kind: one.kind,
        index: seal::hex(&contact::index(key, community, one)),
    };
    let of = read.of.iter();
    RollContacts {
        kinds: read.kinds.iter().map(|(kind, _)| *kind).collect(),
        of: of
            .map(|(_, contacts)| contacts.iter().map(hash).collect())
            .collect(),
    }
}
