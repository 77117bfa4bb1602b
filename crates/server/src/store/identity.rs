//! What a store keeps so that people can be told apart without a code on paper:
//! contacts and the passwords sent to them, keys of host sites and the links between
//! their visitors and the roll. All that could be read back is hashed by the callers.

use super::StoreFuture;
use linli_model::desk::roll::RollKind;
use linli_model::{CommunityId, TopicId, UtcMs};

/// Contacts, one-time passwords, and host sites.
pub trait IdentityStore: Send + Sync {
    /// Keeps a password for whoever a contact belongs to; an earlier one ends. False, and
    /// nothing is kept, when nobody who may vote there has this contact.
    fn put_password(&self, password: PutPassword) -> StoreFuture<'_, bool>;

    /// The same for one's own data, whichever roll the contact is on.
    fn put_my_password(&self, password: MyPassword) -> StoreFuture<'_, bool>;

    /// Whose data a password opens: it ends by being right, and a wrong one is counted.
    /// Voters of every roll whom the contact names, the people first; nobody where it was
    /// wrong.
    fn spend_my_password(&self, password: MyPassword) -> StoreFuture<'_, Vec<MyVoter>>;

    /// The key of a host site.
    fn host_key<'a>(
        &'a self,
        community: &'a CommunityId,
        key_id: &'a str,
    ) -> StoreFuture<'a, Option<HostKey>>;
}

/// Keeps a one-time password.
#[derive(Debug, Clone)]
pub struct PutPassword {
    /// The topic.
    pub topic: TopicId,
    /// Keyed hash of the contact.
    pub contact_index: [u8; 32],
    /// Keyed hash of the password.
    pub password_hash: [u8; 32],
}

/// A one-time password for one's own data.
#[derive(Debug, Clone)]
pub struct MyPassword {
    /// The community.
    pub community: CommunityId,
    /// Keyed hash of the contact.
    pub contact_index: [u8; 32],
    /// Keyed hash of the password.
    pub password_hash: [u8; 32],
}

/// Somebody whom a contact names on a roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyVoter {
    /// The word by which ballots know them.
    pub word: String,
    /// What they are called: the name on the roll, or the label where it has none.
    pub name: String,
}

/// A key that a host site signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// Names the key.
    pub key_id: String,
    /// The site, however many keys it has had.
    pub host: String,
    /// Ed25519.
    pub public_key: [u8; 32],
    /// Pages that may bring its tokens.
    pub origins: Vec<String>,
}

/// What an import says about identity in one community.
#[derive(Debug, Clone, Default)]
pub struct PreparedIdentity {
    /// Keys of host sites. Absent keeps those that are stored; a list replaces them.
    pub host_keys: Option<Vec<HostKey>>,
    /// Contacts and links of voters.
    pub voters: Vec<PreparedVoter>,
}

/// How a voter can be known.
#[derive(Debug, Clone)]
pub struct PreparedVoter {
    /// The roll that they stand on.
    pub roll: RollKind,
    /// The place there.
    pub place: String,
    /// The label there.
    pub label: String,
    /// The name there, where the roll is of people.
    pub name: Option<String>,
    /// Their contacts. Absent keeps those that are stored; a list replaces them. One that
    /// was another voter's of this roll moves to this one.
    pub contacts: Option<Vec<PreparedContact>>,
    /// Keyed hashes of host and subject; as the contacts.
    pub links: Option<Vec<[u8; 32]>>,
}

/// A contact to keep.
#[derive(Debug, Clone)]
pub struct PreparedContact {
    /// Keyed hash, by which it is found.
    pub index: [u8; 32],
    /// `phone` or `mail`.
    pub kind: &'static str,
}

/// A verified token of a host site.
#[derive(Debug, Clone)]
pub struct TokenBearer {
    /// Keyed hash of key and nonce.
    pub nonce_hash: [u8; 32],
    /// When the token ends, and its nonce may be forgotten.
    pub expires_at_ms: UtcMs,
    /// Whom it names.
    pub who: TokenVoter,
}

/// Whom a token names.
#[derive(Debug, Clone)]
pub enum TokenVoter {
    /// The voter who is linked to the host's visitor.
    Linked([u8; 32]),
    /// By what stands on the roll.
    Listed {
        /// The label.
        label: String,
        /// The place, where the token says it.
        place: Option<String>,
        /// The name, where the token says it. Of people it must.
        name: Option<String>,
    },
    /// Where devices vote: an account of the host, by its keyed hash for this poll.
    Account([u8; 32]),
}
