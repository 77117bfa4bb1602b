//! The backend in memory.

use linli_model::{Electorate, Receipt, UtcMs};
use linli_port::contract::{self, Fixture, HOUSEHOLDS};
use linli_port::memory::{Household, MemoryDeliberations, TestAmbient};
use linli_port::{Ambient, Deliberations};
use std::rc::Rc;

/// When these tests take place.
pub const NOW_MS: UtcMs = 1_790_000_000_000;

/// A backend in memory with the contract's topics.
pub struct Memory {
    /// The clock.
    pub ambient: Rc<TestAmbient>,
    /// The backend.
    pub deliberations: Rc<MemoryDeliberations>,
}

impl Memory {
    /// At [`NOW_MS`].
    pub fn new() -> Self {
        let ambient = Rc::new(TestAmbient::new(NOW_MS, 1));
        let deliberations = Rc::new(MemoryDeliberations::new(ambient.clone(), false));
        for topic in contract::topics(NOW_MS) {
            let roll = match topic.poll.electorate {
                Electorate::Households => (0..HOUSEHOLDS).map(household).collect(),
                _ => Vec::new(),
            };
            deliberations.add(topic, roll);
        }
        Self {
            ambient,
            deliberations,
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

fn household(nth: usize) -> Household {
    Household {
        code: code(nth),
        label: format!("8 栋 2 单元 {nth}01"),
    }
}

/// The code of household `nth`.
pub fn code(nth: usize) -> String {
    format!("7QX{nth}-M4KT-{nth}ZRW")
}

impl Fixture for Memory {
    fn deliberations(&self) -> &dyn Deliberations {
        &*self.deliberations
    }
    fn code(&self, nth: usize) -> String {
        code(nth)
    }
    fn now_ms(&self) -> UtcMs {
        self.ambient.now_ms()
    }
    fn advance(&self, ms: i64) -> bool {
        self.ambient.advance(ms);
        true
    }
    fn signature_holds(&self, _: &Receipt) -> Option<bool> {
        None
    }
}
