//! What the suite hands to a widget when it mounts it.

use linli_port::World;
use linli_texts::Catalog;
use std::rc::Rc;

/// A widget's surroundings: the world, its words, and a way to tell the host page.
#[derive(Clone)]
pub struct Shell {
    /// Backend, outbox, shelf, clock.
    pub world: World,
    /// Texts of the chosen locale.
    pub texts: Rc<Catalog>,
    /// Tells the host page; the suite turns it into a composed DOM event.
    pub emit: Rc<dyn Fn(WidgetEvent)>,
}

impl PartialEq for Shell {
    fn eq(&self, other: &Self) -> bool {
        self.world == other.world
            && Rc::ptr_eq(&self.texts, &other.texts)
            && Rc::ptr_eq(&self.emit, &other.emit)
    }
}

/// What a host page may learn. Never a choice, never a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WidgetEvent {
    /// `linli-ready`: the first usable content is on screen.
    Ready,
    /// `linli-submitted`: a command was settled well.
    Submitted {
        /// The topic, survey, … that it was for.
        subject: String,
        /// False where the backend gives no receipts (已送出, not 已入账).
        recorded: bool,
    },
    /// `linli-refused`: a command was refused.
    Refused {
        /// The refusal's stable code.
        code: String,
    },
    /// `linli-error`: something failed that is nobody's refusal.
    Error {
        /// For a log.
        incident: String,
    },
}
