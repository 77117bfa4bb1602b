//! The journals, put together: every command and how it ended for its client.

use crate::journal::Line;
use anyhow::{Context, Result, bail, ensure};
use linli_model::{CastReply, IdempotencyKey, ReceiptKeys, Refusal};
use linli_port::CastCommand;
use std::collections::{BTreeMap, HashMap};

/// How a command ended for its client.
pub(super) enum Fate {
    Unsettled,
    /// With this answer.
    Acknowledged(String),
    Refused(Refusal),
}

pub(super) struct Command {
    pub(super) household: String,
    pub(super) command: CastCommand,
    pub(super) fate: Fate,
    /// The last revision of the household's ballot that its client had been told of
    /// before it sent this: what is recorded later has a higher one.
    pub(super) after_revision: u32,
}

impl Command {
    pub(super) fn topic(&self) -> &str {
        self.command.topic.as_str()
    }
}

pub(super) struct Commands {
    pub(super) keys: ReceiptKeys,
    /// In the order of keys, so that findings come in the same order again.
    pub(super) by_key: BTreeMap<IdempotencyKey, Command>,
}

impl Commands {
    pub(super) fn read(journals: &[Vec<Line>]) -> Result<Self> {
        let mut all = Self {
            keys: ReceiptKeys { keys: Vec::new() },
            by_key: BTreeMap::new(),
        };
        for journal in journals {
            all.read_one(journal)?;
        }
        ensure!(!all.keys.keys.is_empty(), "no journal holds receipt keys");
        Ok(all)
    }

    fn read_one(&mut self, journal: &[Line]) -> Result<()> {
        let mut told: HashMap<(String, String), u32> = HashMap::new();
        for line in journal {
            match line {
                Line::Keys { keys } => {
                    let is_first = self.keys.keys.is_empty();
                    ensure!(is_first || self.keys == *keys, "the receipt keys changed");
                    self.keys = keys.clone();
                }
                Line::Intent { household, command } => {
                    let seat = (command.topic.to_string(), household.clone());
                    let before = self.by_key.insert(
                        command.key.clone(),
                        Command {
                            household: household.clone(),
                            command: (**command).clone(),
                            fate: Fate::Unsettled,
                            after_revision: told.get(&seat).copied().unwrap_or(0),
                        },
                    );
                    ensure!(before.is_none(), "two commands with key {}", command.key);
                }
                Line::Acknowledged { key, body } => {
                    let command = self.settle(key, Fate::Acknowledged(body.clone()))?;
                    let seat = (command.topic().to_owned(), command.household.clone());
                    // A body that is no reply is the judge's to find.
                    if let Ok(reply) = serde_json::from_str::<CastReply>(body) {
                        told.insert(seat, reply.receipt.revision);
                    }
                }
                Line::Refused { key, refusal } => {
                    self.settle(key, Fate::Refused(refusal.clone()))?;
                }
            }
        }
        Ok(())
    }

    fn settle(&mut self, key: &IdempotencyKey, fate: Fate) -> Result<&Command> {
        let command = self.by_key.get_mut(key);
        let command = command.with_context(|| format!("{key} was answered and never sent"))?;
        if !matches!(command.fate, Fate::Unsettled) {
            bail!("{key} was settled twice");
        }
        command.fate = fate;
        Ok(command)
    }
}
