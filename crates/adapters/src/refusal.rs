//! Reads refusals out of answers that may come from anywhere: the backend, a gateway in
//! front of it, a library of the host page.

use linli_model::Refusal;
use linli_port::PortError;
use serde::Deserialize;

/// Reads `{"code": …}`. `trusts_unknown` says whether a code that this version does not
/// know still counts as a refusal; otherwise nothing is known.
pub(crate) fn read(json: &str, trusts_unknown: bool) -> PortError {
    match serde_json::from_str::<Refusal>(json) {
        Ok(Refusal::Other) => read_other(json, trusts_unknown),
        Ok(refusal) => PortError::Refused(refusal),
        Err(_) => PortError::Unreachable,
    }
}

fn read_other(json: &str, trusts_unknown: bool) -> PortError {
    match serde_json::from_str::<Fault>(json) {
        Ok(Fault { code, incident }) if code == "fault" => PortError::Fault { incident },
        _ if trusts_unknown => PortError::Refused(Refusal::Other),
        _ => PortError::Unreachable,
    }
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    #[serde(default)]
    incident: String,
}
