//! After the end: every acknowledged command is sent once more, and must be answered
//! with the same receipt, byte for byte.

use crate::client::Connection;
use crate::journal::Line;
use crate::server::Door;
use anyhow::{Context, Result};
use linli_adapters::http::codec;
use linli_port::CastCommand;
use std::collections::HashMap;
use std::thread;

/// Sends what `journals` say was acknowledged. Answers how many there were, and which
/// of them were answered otherwise.
pub(crate) fn replay(journals: &[Vec<Line>], door: &Door) -> Result<(u64, Vec<String>)> {
    let parts: Vec<Result<_>> = thread::scope(|scope| {
        let workers: Vec<_> = journals
            .iter()
            .map(|journal| scope.spawn(move || replay_one(journal, door)))
            .collect();
        let ended = |worker: thread::ScopedJoinHandle<'_, Result<_>>| {
            worker
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a replaying client panicked")))
        };
        workers.into_iter().map(ended).collect()
    });
    let mut replayed = 0;
    let mut faults = Vec::new();
    for part in parts {
        let (more, differ) = part?;
        replayed += more;
        faults.extend(differ);
    }
    Ok((replayed, faults))
}

fn replay_one(journal: &[Line], door: &Door) -> Result<(u64, Vec<String>)> {
    let mut connection = Connection::new(door);
    let mut sent: HashMap<_, &CastCommand> = HashMap::new();
    let (mut replayed, mut faults) = (0, Vec::new());
    for line in journal {
        match line {
            Line::Intent { command, .. } => {
                sent.insert(&command.key, command);
            }
            Line::Acknowledged { key, body } => {
                let command = sent.get(key).context("acknowledged before it was sent")?;
                let response = connection.send(&codec::cast(command), None)?;
                replayed += 1;
                match response {
                    Some(answer) if answer.status == 200 && answer.body == *body => {}
                    other => faults.push(format!(
                        "{}, command {key}: sent again, it was answered with {other:?} instead of {body}",
                        command.topic
                    )),
                }
            }
            Line::Keys { .. } | Line::Refused { .. } => {}
        }
    }
    Ok((replayed, faults))
}
