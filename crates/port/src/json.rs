//! Reading the JSON of the larger model types, in one place.
//!
//! serde's readers are generic: every crate that reads a type compiles them anew, and
//! the wasm would hold a copy for the adapters and one for each widget. Compiled here,
//! below them all, they are shared. A crate may still call `serde_json::from_str`: the
//! compiler finds these. (Sharing is on at the wasm's `opt-level = "z"`.)

use crate::Pending;
use linli_model::{CastReply, Grant, ReceiptKeys, Refusal, Standing, Topic, TopicView};

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(json: &str) -> Option<$type> {
                serde_json::from_str(json).ok()
            }
        )*
    };
}

readers! {
    /// A topic and where it stands.
    topic_view: TopicView;
    /// What staff wrote.
    topic: Topic;
    /// The answer to a cast.
    cast_reply: CastReply;
    /// A grant.
    grant: Grant;
    /// Where a voter stands.
    standing: Standing;
    /// Public keys of receipts.
    receipt_keys: ReceiptKeys;
    /// Why a command was not done.
    refusal: Refusal;
    /// A command that is not settled.
    pending: Pending;
}
