//! What a client writes down: each command before its first send, and what it was told.
//!
//! One file per client, one JSON object per line, each line handed to the system in one
//! piece. Clients are not killed, so that is as durable as the judge needs it.

use anyhow::{Context, Result, ensure};
use linli_model::{IdempotencyKey, ReceiptKeys, Refusal};
use linli_port::CastCommand;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// The public keys that receipts will be signed with.
    Keys {
        /// As the server told them.
        keys: ReceiptKeys,
    },
    /// About to be sent for the first time.
    Intent {
        /// The household's label.
        household: String,
        /// The command, which stays the same however often it is sent.
        command: Box<CastCommand>,
    },
    /// The server says that it is recorded.
    Acknowledged {
        /// Of which command.
        key: IdempotencyKey,
        /// The answer's body, byte for byte.
        body: String,
    },
    /// The server says that it was not done.
    Refused {
        /// Of which command.
        key: IdempotencyKey,
        /// Why.
        refusal: Refusal,
    },
}

/// A journal being written.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// A new one in `folder`.
    pub(crate) fn create(folder: &Path, client: u32) -> Result<Self> {
        let path = folder.join(format!("client-{client:03}.jsonl"));
        let file = File::create_new(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, file })
    }

    pub(crate) fn write(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let written = self.file.write_all(&text);
        written.with_context(|| self.path.display().to_string())
    }
}

/// Every journal of `folder`, in the order of names.
pub fn read(folder: &Path) -> Result<Vec<Vec<Line>>> {
    let told = || folder.display().to_string();
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(told)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            paths.push(path);
        }
    }
    ensure!(!paths.is_empty(), "{}: no journal", told());
    paths.sort();
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Vec<Line>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let read = |(nth, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("{}:{}", path.display(), nth + 1))
    };
    text.lines().enumerate().map(read).collect()
}
