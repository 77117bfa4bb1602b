//! Switches that make a backend in memory fail as real ones do.

use crate::PortError;
use linli_model::Refusal;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A way to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The question does not arrive.
    UnreachableBefore,
    /// The question arrives and has its effect; the answer is lost.
    UnreachableAfter,
    /// Refused for load, nothing is done.
    Busy {
        /// How long the asker is told to wait.
        retry_after_ms: i64,
    },
    /// The backend fails and says so, nothing is done.
    Broken,
}

/// What is going to go wrong, and how long answers take.
#[derive(Debug, Default)]
pub struct Faults {
    next: RefCell<VecDeque<Fault>>,
    always: RefCell<Option<Fault>>,
    latency_ms: Cell<u32>,
}

impl Faults {
    /// The next questions fail like this, one each, before any lasting fault.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.next.borrow_mut().extend(faults);
    }

    /// Every question fails like this, until told otherwise.
    pub fn always(&self, fault: Option<Fault>) {
        *self.always.borrow_mut() = fault;
    }

    /// Answers take this long, by the ambient's clock.
    pub fn set_latency_ms(&self, ms: u32) {
        self.latency_ms.set(ms);
    }

    pub(super) fn latency_ms(&self) -> u32 {
        self.latency_ms.get()
    }

    pub(super) fn take(&self) -> Option<Fault> {
        let next = self.next.borrow_mut().pop_front();
        next.or_else(|| self.always.borrow().clone())
    }
}

impl Fault {
    /// What the asker gets instead of `answer`, which is made only where the question
    /// arrives.
    pub(super) fn instead_of<T>(
        self,
        answer: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, PortError> {
        match self {
            Self::UnreachableBefore => Err(PortError::Unreachable),
            Self::UnreachableAfter => {
                let _ = answer();
                Err(PortError::Unreachable)
            }
            Self::Busy { retry_after_ms } => Err(Refusal::Busy { retry_after_ms }.into()),
            Self::Broken => Err(PortError::Fault {
                incident: "memory".to_owned(),
            }),
        }
    }
}

#[cfg(feature = "desk")]
impl Fault {
    /// The same for the desk.
    pub(super) fn instead_of_desk<T>(
        self,
        answer: impl FnOnce() -> Result<T, linli_model::desk::DeskRefusal>,
    ) -> Result<T, crate::desk::DeskError> {
        use crate::desk::DeskError;
        match self {
            Self::UnreachableBefore => Err(DeskError::Unreachable),
            Self::UnreachableAfter => {
                let _ = answer();
                Err(DeskError::Unreachable)
            }
            Self::Busy { retry_after_ms } => {
                let busy = Refusal::Busy { retry_after_ms };
                Err(DeskError::Refused(busy.into()))
            }
            Self::Broken => Err(DeskError::Fault {
                incident: "memory".to_owned(),
            }),
        }
    }
}
