//! Contacts that come with a roll: nothing but keyed hashes, from the file's preview on.

use super::PreparedVoter;
use crate::identity::contact::ContactKind;
use crate::roll;
use crate::seal;
use linli_model::desk::roll::RollEntry;
use serde::{Deserialize, Serialize};

/// What a roll file says of how its voters can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollContacts {
    /// Kinds that the file has a column for. Those are replaced on the whole roll; others
    /// stay as they are stored.
    pub kinds: Vec<ContactKind>,
    /// For each entry, in the entries' order.
    pub of: Vec<Vec<RollContact>>,
}

/// A contact of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollContact {
    /// Its kind.
    pub kind: ContactKind,
    /// Keyed hash, in hexadecimal.
    pub index: String,
}

impl RollContact {
    /// The hash.
    pub(super) fn bytes(&self) -> Result<[u8; 32], String> {
        seal::unhex(&self.index).ok_or_else(|| "a stored contact is no hash".to_owned())
    }
}

impl RollContacts {
    /// Puts entries into their order, and what belongs to them with them.
    pub(super) fn sort(
        contacts: Option<Self>,
        mut entries: Vec<RollEntry>,
    ) -> (Vec<RollEntry>, Option<Self>) {
        let Some(Self { kinds, of }) = contacts else {
            roll::sort(&mut entries);
            return (entries, None);
        };
        let (entries, of) = roll::sort_with(entries, of);
        (entries, Some(Self { kinds, of }))
    }

    /// Each contact with its voter's number. `voters` are those of the entries.
    pub(super) fn by_voter<'a>(
        &'a self,
        voters: &'a [i64],
    ) -> impl Iterator<Item = (i64, &'a RollContact)> {
        let each = voters.iter().zip(&self.of);
        each.flat_map(|(voter, contacts)| contacts.iter().map(|contact| (*voter, contact)))
    }
}

impl PreparedVoter {
    /// Told where an import names nobody, or several, on its roll.
    pub(super) fn not_one(&self) -> String {
        let Self {
            roll, place, label, ..
        } = self;
        format!(
            "contacts or links of {place} {label}: not exactly one voter on the roll of {}",
            roll.as_str()
        )
    }
}
