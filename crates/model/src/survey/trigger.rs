//! Reads triggers.

use super::definition::{Trigger, TriggerKind};
use super::fault::FaultReason;
use super::object::Object;
use serde_json::Value;

/// The survey's triggers.
pub(super) fn read(survey: &Object<'_>) -> Vec<Trigger> {
    let list = survey.list(&["triggers"]).into_iter();
    list.filter_map(|(path, one)| trigger(survey, path, one))
        .collect()
}

fn trigger(survey: &Object<'_>, path: String, from: &Value) -> Option<Trigger> {
    let object = Object::new(from, path.clone(), survey.faults())?;
    let name = object.text(&["type"]).unwrap_or_default();
    let kind = match name.strip_suffix("trigger").unwrap_or(&name) {
        "complete" => TriggerKind::Complete,
        "setvalue" => TriggerKind::SetValue {
            to: target(&object, "setToName")?,
            value: object.take(&["setValue"]).map(|(_, value)| value.clone()),
            is_variable: object.flag(&["isVariable"], false),
        },
        "copyvalue" => TriggerKind::CopyValue {
            to: target(&object, "setToName")?,
            from: target(&object, "fromName")?,
        },
        "skip" => TriggerKind::Skip {
            to: target(&object, "gotoName")?,
        },
        "runexpression" => TriggerKind::RunExpression {
            to: object.text(&["setToName"]),
            expression: object.text(&["runExpression"]),
        },
        _ => {
            object.fault("type", FaultReason::UnsupportedType { name });
            return None;
        }
    };
    let expression = object.text(&["expression"]);
    object.finish();
    Some(Trigger {
        kind,
        expression,
        path,
    })
}

fn target(object: &Object<'_>, property: &str) -> Option<String> {
    let name = object.text(&[property]);
    if name.is_none() {
        object.fault(property, FaultReason::Name);
    }
    name
}
