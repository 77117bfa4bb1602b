//! What a widget may ask of the world.
//!
//! Widgets hold a [`World`] and never see HTTP, storage, clocks or chance. Each trait
//! here has an in-memory version beside it (feature `memory`), and every real
//! implementation passes the same contract suite (feature `contract`).
//!
//! Futures are boxed and local: browser futures are not `Send`.

pub mod ambient;
#[cfg(feature = "contract")]
pub mod contract;
pub mod deliberations;
pub mod delivery;
#[cfg(feature = "desk")]
pub mod desk;
#[cfg(feature = "memory")]
pub mod memory;
pub mod shelf;

pub use ambient::{Ambient, Guard};
pub use deliberations::{Capabilities, CastCommand, CastOutcome, Deliberations, TopicAnswer};
pub use delivery::{Delivery, Pending, Settlement, Step, Watcher};
pub use shelf::{Keeping, Shelf};

use linli_model::Refusal;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// A boxed future of one thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Why a question got no answer, or a command no receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortError {
    /// Understood and not done. No effect.
    Refused(Refusal),
    /// No answer came: offline, cut, timed out, or an answer that makes no sense.
    /// **Whether the command had an effect is not known**; send it again with the same
    /// key.
    Unreachable,
    /// The backend failed and says so. Whether the command had an effect is not known.
    Fault {
        /// For the backend's log; shown small, so that a person can quote it.
        incident: String,
    },
    /// The topic is there, and says something that this version does not know: a new
    /// kind of vote, a new way to identify. Only a newer widget, or the topic's own
    /// page, can show it.
    Newer {
        /// The topic's title.
        title: String,
        /// BCP 47 tag of its language.
        lang: String,
    },
}

impl From<Refusal> for PortError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Everything that a widget may use, put together by the suite.
#[derive(Clone)]
pub struct World {
    /// Topics, grants, ballots.
    pub deliberations: Rc<dyn Deliberations>,
    /// Keeps commands until they are settled, and sends them.
    pub delivery: Rc<dyn Delivery>,
    /// Small things kept on this device.
    pub shelf: Rc<dyn Shelf>,
    /// Clock, chance and connectivity.
    pub ambient: Rc<dyn Ambient>,
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.deliberations, &other.deliberations)
            && Rc::ptr_eq(&self.delivery, &other.delivery)
            && Rc::ptr_eq(&self.shelf, &other.shelf)
            && Rc::ptr_eq(&self.ambient, &other.ambient)
    }
}
