//! What the desk keeps in this browser: its session's token for as long as the tab is
//! open, and how a person likes it to look. Where storage is forbidden, this page's
//! memory.

use linli_model::GrantToken;
use linli_port::desk::Pocket;
use std::cell::RefCell;
use web_sys::Storage;

const TOKEN: &str = "linli-desk-token";
const TASTE: &str = "linli-desk-";

/// Implements [`Pocket`] for one community.
pub struct BrowserPocket {
    community: String,
    here: RefCell<Option<GrantToken>>,
}

impl BrowserPocket {
    /// Tokens of other communities' desks stay apart.
    pub fn new(community: &str) -> Self {
        Self {
            community: community.to_owned(),
            here: RefCell::default(),
        }
    }

    fn key(&self) -> String {
        [TOKEN, "-", &self.community].concat()
    }
}

impl Pocket for BrowserPocket {
    fn token(&self) -> Option<GrantToken> {
        let kept = session().and_then(|storage| storage.get_item(&self.key()).ok().flatten());
        let kept = kept.and_then(|text| GrantToken::parse(&text).ok());
        kept.or_else(|| self.here.borrow().clone())
    }

    fn keep_token(&self, token: Option<&GrantToken>) {
        *self.here.borrow_mut() = token.cloned();
        let Some(storage) = session() else { return };
        // Full or forbidden: this page remembers it all the same.
        let _ = match token {
            Some(token) => storage.set_item(&self.key(), token.as_str()),
            None => storage.remove_item(&self.key()),
        };
    }

    fn taste(&self, name: &str) -> Option<String> {
        let key = [TASTE, name].concat();
        lasting()?.get_item(&key).ok().flatten()
    }

    fn keep_taste(&self, name: &str, word: &str) {
        if let Some(storage) = lasting() {
            let _ = storage.set_item(&[TASTE, name].concat(), word);
        }
    }
}

fn session() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn lasting() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
