//! What a database says about itself, for whoever looks after it.

/// Whichever store it is.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The engine and its version.
    pub engine: String,
    /// Number of its schema; 0 before the first start.
    pub schema: u64,
    /// Number of the schema that this version makes.
    pub schema_known: u64,
    /// The engine's clock, where it has one of its own.
    pub now_ms: Option<i64>,
    /// Settings that durability or reach depend on, by the engine's own names.
    pub settings: Vec<(String, String)>,
}

impl Inspection {
    /// The value of a setting, empty where it was not read.
    pub fn setting(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}
