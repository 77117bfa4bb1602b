//! What the page's form holds between two requests, and how it can ask who is voting.

use linli_model::IdempotencyKey;

/// The form as it stands.
pub(super) struct Draft {
    pub(super) key: IdempotencyKey,
    pub(super) check: String,
    pub(super) chosen: Vec<String>,
    pub(super) code: String,
    pub(super) contact: String,
    pub(super) password: String,
    pub(super) voter: String,
    pub(super) relation: Option<String>,
    /// The challenge that is being solved or waited out; empty where there is none.
    pub(super) work: String,
    /// Whether a one-time password is on its way.
    pub(super) sent: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            key: IdempotencyKey::from_bytes([0; 16]),
            check: String::new(),
            chosen: Vec::new(),
            code: String::new(),
            contact: String::new(),
            password: String::new(),
            voter: String::new(),
            relation: None,
            work: String::new(),
            sent: false,
        }
    }
}

/// How people can say who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// The browser is the voter.
    Device,
    /// By the code on the household's paper.
    Code,
    /// By a password that is sent to them, or by the code.
    PasswordOrCode,
    /// By a password that is sent to them: people have no code.
    Password,
    /// On the website where they are signed in; not here.
    Elsewhere,
    /// As one of the people on a roll, where this server sends no passwords: on a website
    /// that knows them, or with the office.
    Helped,
}
