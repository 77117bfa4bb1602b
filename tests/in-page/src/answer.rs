//! Methods of `host.d.ts`, answered by any backend: JSON in, JSON out.

use linli_model::{BallotSecret, GrantToken, Proof, TopicId};
use linli_port::{CastCommand, CastOutcome, Deliberations, PortError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What `method` resolves with, or (`Err`) rejects with, as a page's author would write
/// it. An argument of another form than documented rejects with a text.
pub async fn answer(
    backend: &dyn Deliberations,
    method: &str,
    argument: &str,
) -> Result<Value, Value> {
    let argument: Value = serde_json::from_str(argument).map_err(|e| json!(e.to_string()))?;
    let topic: TopicId = part(&argument, "topic")?;
    match method {
        "topic" => settle(backend.topic(&topic).await.map(|answer| answer.view)),
        "identify" => {
            let proof: Proof = part(&argument, "proof")?;
            settle(backend.identify(&topic, &proof).await)
        }
        "cast" => {
            let command: CastCommand = read(argument)?;
            settle(backend.cast(&command).await.map(|outcome| match outcome {
                CastOutcome::Recorded(reply) => json!(reply),
                CastOutcome::Dispatched => Value::Null,
            }))
        }
        "standing" => {
            let grant: GrantToken = part(&argument, "grant")?;
            let secret: Option<BallotSecret> = part(&argument, "secret")?;
            settle(backend.standing(&topic, &grant, secret.as_ref()).await)
        }
        _ => Err(json!(format!("no method {method}"))),
    }
}

/// An absent part reads as `null`.
fn part<T: DeserializeOwned>(argument: &Value, name: &str) -> Result<T, Value> {
    read(argument.get(name).cloned().unwrap_or_default())
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Value> {
    serde_json::from_value(value).map_err(|error| json!(error.to_string()))
}

/// Resolves with the value, rejects with the refusal.
fn settle<T: Serialize>(answer: Result<T, PortError>) -> Result<Value, Value> {
    match answer {
        Ok(value) => Ok(json!(value)),
        Err(PortError::Refused(refusal)) => Err(json!(refusal)),
        // A page has no word for what is newer: it hands over what its backend says.
        Err(PortError::Unreachable | PortError::Newer { .. }) => Err(json!({})),
        Err(PortError::Fault { incident }) => Err(json!({ "code": "fault", "incident": incident })),
    }
}
