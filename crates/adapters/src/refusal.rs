//! Reads refusals out of answers that may come from anywhere: the backend, a gateway in
//! front of it, a library of the host page.

use linli_model::{Refusal, tree};
use linli_port::PortError;

/// Reads `{"code": …}`. `trusts_unknown` says whether a code that this version does not
/// know still counts as a refusal; otherwise nothing is known.
pub(crate) fn read(json: &str, trusts_unknown: bool) -> PortError {
    match tree::read::<Refusal>(json) {
        Some(Refusal::Other) => read_other(json, trusts_unknown),
        Some(refusal) => PortError::Refused(refusal),
        None => PortError::Unreachable,
    }
}

fn read_other(json: &str, trusts_unknown: bool) -> PortError {
    match tree::read::<Fault>(json) {
        Some(Fault { code, incident }) if code == "fault" => PortError::Fault { incident },
        _ if trusts_unknown => PortError::Refused(Refusal::Other),
        _ => PortError::Unreachable,
    }
}

struct Fault {
    code: String,
    incident: String,
}

linli_model::from_tree!(Fault { code } or default { incident });
