//! The chain of the audit log: how an entry is bound to the one before, and how the
//! whole is checked. Stores write entries; none decides what is in one.

use super::staff::{DeskHead, Written};
use linli_model::UtcMs;
use linli_model::desk::AuditEntry;
use sha2::{Digest, Sha256};

/// What the first entry is bound to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Default for DeskHead {
    fn default() -> Self {
        Self {
            audit_number: 0,
            audit_hash: GENESIS.to_owned(),
            event_number: 0,
        }
    }
}

impl DeskHead {
    /// The next entry. The head then stands at it.
    pub(super) fn append(&mut self, written: &Written, at_ms: UtcMs) -> AuditEntry {
        let mut entry = AuditEntry {
            number: self.audit_number + 1,
            at_ms,
            actor: written.actor.clone(),
            action: written.action.clone(),
            subject: written.subject.clone(),
            detail: written.detail.clone(),
            previous: self.audit_hash.clone(),
            hash: String::new(),
        };
        entry.hash = hash_of(&entry);
        self.audit_number = entry.number;
        self.audit_hash.clone_from(&entry.hash);
        entry
    }
}

/// SHA-256 in hexadecimal over the RFC 8785 JSON of the entry without `hash`.
pub fn hash_of(entry: &AuditEntry) -> String {
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("hash");
    }
    // An object of strings and integers: the canonical form cannot fail.
    let text = serde_json_canonicalizer::to_string(&value).unwrap_or_default();
    crate::seal::hex(&Sha256::digest(text))
}

/// Walks a chain from its first entry.
#[derive(Debug, Default)]
pub struct Walk {
    head: DeskHead,
}

impl Walk {
    /// The next entry, or what is wrong with it.
    pub fn step(&mut self, entry: &AuditEntry) -> Result<(), String> {
        let number = entry.number;
        if number != self.head.audit_number + 1 {
            let missing = self.head.audit_number + 1;
            return Err(format!("entry {missing} is missing: {number} follows"));
        }
        if entry.previous != self.head.audit_hash {
            return Err(format!(
                "entry {number} does not follow from the one before"
            ));
        }
        if hash_of(entry) != entry.hash {
            return Err(format!("entry {number} was changed"));
        }
        self.head.audit_number = number;
        self.head.audit_hash.clone_from(&entry.hash);
        Ok(())
    }

    /// How far it came: number and hash of the last entry.
    pub fn at(&self) -> (u64, &str) {
        (self.head.audit_number, &self.head.audit_hash)
    }

    /// Whether that is where the log says that it ends.
    pub fn end(&self, head: &DeskHead) -> Result<(), String> {
        if (self.head.audit_number, &self.head.audit_hash) == (head.audit_number, &head.audit_hash)
        {
            return Ok(());
        }
        Err(format!(
            "the log ends at entry {}, and should end at {}",
            self.head.audit_number, head.audit_number
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::desk::Actor;

    fn chain() -> (Vec<AuditEntry>, DeskHead) {
        let mut head = DeskHead::default();
        let written = |subject: &str| Written {
            actor: Actor::Server,
            action: "signed_in".to_owned(),
            subject: subject.to_owned(),
            detail: String::new(),
        };
        let entries = ["a", "b", "c"]
            .iter()
            .map(|subject| head.append(&written(subject), 5))
            .collect();
        (entries, head)
    }

    fn walk(entries: &[AuditEntry], head: &DeskHead) -> Result<(), String> {
        let mut walk = Walk::default();
        entries.iter().try_for_each(|entry| walk.step(entry))?;
        walk.end(head)
    }

    #[test]
    fn whatever_is_changed_is_found() {
        type Change = fn(&mut Vec<AuditEntry>);
        let cases: [(Change, &str); 6] = [
            (|e| e[1].subject = "x".into(), "entry 2 was changed"),
            (|e| e[1].at_ms += 1, "entry 2 was changed"),
            (
                |e| {
                    e[1].subject = "x".into();
                    e[1].hash = hash_of(&e[1]);
                },
                "entry 3 does not follow from the one before",
            ),
            (|e| drop(e.remove(1)), "entry 2 is missing: 3 follows"),
            (
                |e| drop(e.pop()),
                "the log ends at entry 2, and should end at 3",
            ),
            (|e| e.swap(0, 1), "entry 1 is missing: 2 follows"),
        ];
        let (entries, head) = chain();
        assert_eq!(walk(&entries, &head), Ok(()));
        for (change, found) in cases {
            let mut changed = entries.clone();
            change(&mut changed);
            assert_eq!(walk(&changed, &head), Err(found.to_owned()));
        }
    }

    /// The form of an entry is a promise: logs of earlier versions must verify.
    #[test]
    fn the_hash_is_that_of_the_documented_form() {
        let (entries, _) = chain();
        let text = format!(
            r#"{{"action":"signed_in","actor":{{"type":"server"}},"at_ms":5,"number":1,"previous":"{GENESIS}","subject":"a"}}"#
        );
        assert_eq!(entries[0].hash, crate::seal::hex(&Sha256::digest(text)));
    }
}
