//! Reads one question.

use super::definition::{
    Choice, Formulas, Logic, Question, QuestionKind, Scale, Select, SpecialItem, TextInput,
    Validator, ValidatorKind,
};
use super::fault::FaultReason;
use super::object::Object;
use super::shown::{LocalText, Properties, Shown};
use serde_json::{Value, json};

/// Texts of questions.
const TEXTS: Properties = &[
    &["title"],
    &["description"],
    &["requiredErrorText"],
    &["placeholder", "placeHolder"],
    &["minErrorText"],
    &["maxErrorText"],
    &["otherText"],
    &["otherPlaceholder", "otherPlaceHolder"],
    &["otherErrorText"],
    &["noneText"],
    &["refuseText"],
    &["dontKnowText"],
    &["selectAllText"],
    &["commentText"],
    &["commentPlaceholder"],
    &["labelTrue"],
    &["labelFalse"],
    &["label"],
    &["minRateDescription", "mininumRateDescription"],
    &["maxRateDescription", "maximumRateDescription"],
    &["html"],
    &["altText"],
    &["imageLink"],
    &["format"],
];

/// Looks of questions.
const LOOKS: Properties = &[
    &["titleLocation"],
    &["descriptionLocation"],
    &["startWithNewLine"],
    &["width"],
    &["minWidth"],
    &["maxWidth"],
    &["indent"],
    &["hideNumber"],
    &["showNumber"],
    &["colCount"],
    &["cols"],
    &["rows"],
    &["autoGrow"],
    &["autocomplete", "autoComplete"],
    &["step"],
    &["size"],
    &["swapOrder"],
    &["renderAs"],
    &["displayMode"],
    &["rateType"],
    &["rateDisplayMode"],
    &["rateColorMode"],
    &["scaleColorMode"],
    &["displayRateDescriptionsAsExtremeItems"],
    &["imageHeight"],
    &["imageWidth"],
    &["imageFit"],
    &["contentMode"],
    &["displayStyle"],
    &["currency"],
    &["maximumFractionDigits"],
    &["minimumFractionDigits"],
    &["useGrouping"],
    &["alternateRows"],
    &["verticalAlign"],
    &["showHeader"],
    &["rowTitleWidth"],
    &["columnMinWidth"],
    &["maxLength"],
    &["errorLocation"],
    &["state"],
    &["allowClear"],
    &["searchEnabled"],
    &["acceptCarriageReturn"],
    &["itemSize"],
];

/// Reads a question; nothing when its type or name is a fault.
pub(super) fn read(object: &Object<'_>, type_name: &str, path: String) -> Option<Question> {
    let kind = kind(object, type_name)?;
    let shown = Shown::read(object, TEXTS, LOOKS);
    let logic = logic(object);
    let name = object.text(&["name"]);
    let validators = validators(object);
    let default_value = object
        .take(&["defaultValue"])
        .map(|(_, value)| value.clone());
    let formulas = Formulas {
        default: object.text(&["defaultValueExpression"]),
        set_if: object.text(&["setValueIf"]),
        set: object.text(&["setValueExpression"]),
        reset_if: object.text(&["resetValueIf"]),
    };
    let Some(name) = name else {
        object.fault("name", FaultReason::Name);
        return None;
    };
    let value_name = object.text(&["valueName"]).unwrap_or_else(|| name.clone());
    Some(Question {
        name,
        value_name,
        kind,
        logic,
        default_value,
        formulas,
        validators,
        shown,
        path,
    })
}

/// What visibleIf and its like say.
pub(super) fn logic(object: &Object<'_>) -> Logic {
    Logic {
        is_visible: object.flag(&["visible"], true),
        is_read_only: object.flag(&["readOnly"], false),
        is_required: object.flag(&["isRequired"], false),
        visible_if: object.text(&["visibleIf"]),
        enable_if: object.text(&["enableIf"]),
        required_if: object.text(&["requiredIf"]),
    }
}

fn kind(object: &Object<'_>, type_name: &str) -> Option<QuestionKind> {
    Some(match type_name {
        "text" => text_input(object),
        "comment" => QuestionKind::Comment,
        "radiogroup" | "dropdown" => QuestionKind::One(select(object)),
        "checkbox" | "tagbox" => QuestionKind::Some(select(object)),
        "boolean" => QuestionKind::Boolean {
            value_true: object
                .take(&["valueTrue"])
                .map_or(json!(true), |(_, one)| one.clone()),
            value_false: object
                .take(&["valueFalse"])
                .map_or(json!(false), |(_, one)| one.clone()),
        },
        "rating" => {
            // The scale is offered, not checked.
            QuestionKind::Rating(rating(object))
        }
        "matrix" => QuestionKind::Matrix {
            columns: choices(object, &["columns"]),
            rows: choices(object, &["rows"]),
            needs_each_row: object.flag(&["eachRowRequired", "isAllRowRequired"], false),
            is_each_row_unique: object.flag(&["eachRowUnique"], false),
        },
        #[expect(
            clippy::cast_possible_truncation,
            reason = "decimals are few; the cast saturates"
        )]
        "expression" => QuestionKind::Expression {
            expression: object.text(&["expression"]),
            precision: precision(object) as i32,
        },
        "html" | "image" => QuestionKind::Shown,
        _ => {
            object.fault(
                "type",
                FaultReason::UnsupportedType {
                    name: type_name.into(),
                },
            );
            return None;
        }
    })
}

/// Decimals of a computed value.
const PRECISION_MAX: f64 = 100.0;

fn precision(object: &Object<'_>) -> f64 {
    let given = object.number(&["precision"]).unwrap_or(-1.0);
    if given > PRECISION_MAX {
        object.fault("precision", FaultReason::UnsupportedValue);
        return -1.0;
    }
    given
}

fn rating(object: &Object<'_>) -> Scale {
    Scale {
        min: object.number(&["rateMin"]).unwrap_or(1.0),
        max: object.number(&["rateMax"]),
        step: object.number(&["rateStep"]).unwrap_or(1.0),
        count: object.number(&["rateCount"]),
        values: choices(object, &["rateValues"]),
        is_generated: object.flag(&["autoGenerate"], true),
    }
}

const INPUT_TYPES: &[&str] = &[
    "text", "number", "email", "tel", "url", "password", "color", "search",
];

fn text_input(object: &Object<'_>) -> QuestionKind {
    let input_type = object.text(&["inputType"]).unwrap_or_else(|| "text".into());
    if !INPUT_TYPES.contains(&input_type.as_str()) {
        object.fault("inputType", FaultReason::UnsupportedValue);
    }
    let (mut min, mut max) = (None, None);
    if input_type == "number" {
        (min, max) = (object.number(&["min"]), object.number(&["max"]));
        if let Some((name, _)) = object.take(&["step"]) {
            object.fault(name, FaultReason::UnsupportedProperty);
        }
    }
    QuestionKind::Text(TextInput {
        input_type,
        min,
        max,
    })
}

fn select(object: &Object<'_>) -> Select {
    let special = |flags: &[&str], value: &str| {
        object.flag(flags, false).then(|| SpecialItem {
            value: json!(value),
        })
    };
    let other = special(&["showOtherItem", "hasOther"], "other").map(|one| one.value);
    let exclusive = [
        special(&["showNoneItem", "hasNone"], "none"),
        special(&["showRefuseItem"], "refused"),
        special(&["showDontKnowItem"], "dontknow"),
    ];
    if object
        .text(&["choicesOrder"])
        .is_some_and(|order| order != "none")
    {
        object.fault("choicesOrder", FaultReason::UnsupportedValue);
    }
    Select {
        choices: choices(object, &["choices"]),
        other,
        exclusive: exclusive.into_iter().flatten().collect(),
        offers_all: object.flag(&["showSelectAllItem", "hasSelectAll"], false),
        min_selected: object.number(&["minSelectedChoices"]).unwrap_or(0.0),
        max_selected: object.number(&["maxSelectedChoices"]).unwrap_or(0.0),
    }
}

/// `["a", 1, {"value": "b", "text": …}]`
fn choices(object: &Object<'_>, names: &[&str]) -> Vec<Choice> {
    let list = object.list(names).into_iter();
    list.filter_map(|(path, one)| choice(object, path, one))
        .collect()
}

fn choice(object: &Object<'_>, path: String, one: &Value) -> Option<Choice> {
    match one {
        Value::String(text) => {
            // `"value|text"` is the shorthand with a text of its own.
            let (value, text) = match text.split_once('|') {
                Some((value, text)) => (value, LocalText::read(&json!(text))),
                None => (text.as_str(), None),
            };
            Some(Choice {
                value: json!(value),
                text,
                visible_if: None,
                image: None,
                path,
            })
        }
        Value::Object(_) => {
            let choice = Object::new(one, path.clone(), object.faults())?;
            choice.ignore(&["color", "icon"]);
            let image = choice.text(&["imageLink"]);
            let text = choice.typed(&["text"], LocalText::read);
            let visible_if = choice.text(&["visibleIf"]);
            let value = choice.take(&["value"]).map(|(_, value)| value.clone());
            choice.finish();
            let Some(value) = value else {
                choice.fault("value", FaultReason::UnsupportedValue);
                return None;
            };
            Some(Choice {
                value,
                text,
                visible_if,
                image,
                path,
            })
        }
        value => Some(Choice {
            value: value.clone(),
            text: None,
            visible_if: None,
            image: None,
            path,
        }),
    }
}

fn validators(object: &Object<'_>) -> Vec<Validator> {
    let list = object.list(&["validators"]).into_iter();
    list.filter_map(|(path, one)| validator(object, path, one))
        .collect()
}

fn validator(question: &Object<'_>, path: String, from: &Value) -> Option<Validator> {
    let object = Object::new(from, path.clone(), question.faults())?;
    let text = object.typed(&["text"], LocalText::read);
    let name = object.text(&["type"]).unwrap_or_default();
    let count = |name: &str| object.number(&[name]).unwrap_or(0.0);
    let kind = match name.trim_end_matches("validator") {
        "numeric" => ValidatorKind::Numeric {
            min: object.number(&["minValue"]),
            max: object.number(&["maxValue"]),
        },
        "text" => ValidatorKind::Text {
            min_length: count("minLength"),
            max_length: count("maxLength"),
            allows_digits: object.flag(&["allowDigits"], true),
        },
        "answercount" => ValidatorKind::AnswerCount {
            min_count: count("minCount"),
            max_count: count("maxCount"),
        },
        "regex" => ValidatorKind::Regex {
            pattern: object.text(&["regex"]),
            is_case_insensitive: object.flag(&["caseInsensitive", "insensitive"], false),
        },
        "email" => ValidatorKind::Email,
        "expression" => ValidatorKind::Expression {
            expression: object.text(&["expression"]),
        },
        _ => {
            object.fault("type", FaultReason::UnsupportedType { name });
            return None;
        }
    };
    object.finish();
    Some(Validator { kind, text, path })
}
