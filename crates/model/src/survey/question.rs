//! Reads one question.

use super::choice::{ORDERS, choices, without_conditions};
use super::definition::{
    Formulas, Logic, Question, QuestionKind, Scale, Select, SpecialItem, TextInput, Validator,
    ValidatorKind,
};
use super::elements::ReadElements;
use super::fault::FaultReason;
use super::nested;
use super::object::Object;
use super::shown::{LocalText, Properties, Shown};
use crate::ecma;
use serde_json::{Value, json};

/// Texts of questions.
const TEXTS: Properties = &[
    &["title"],
    &["description"],
    &["requiredErrorText"],
    &["placeholder", "placeHolder", "optionsCaption"],
    &["addRowText"],
    &["removeRowText"],
    &["noRowsText", "emptyRowsText"],
    &["addPanelText", "panelAddText"],
    &["removePanelText", "panelRemoveText"],
    &["prevPanelText", "panelPrevText"],
    &["nextPanelText", "panelNextText"],
    &["noEntriesText"],
    &["confirmDeleteText"],
    &["keyDuplicationError"],
    &["cellHint"],
    &["minErrorText"],
    &["maxErrorText"],
    &["stepErrorText"],
    &["otherText"],
    &["otherPlaceholder", "otherPlaceHolder"],
    &["otherErrorText"],
    &["noneText"],
    &["refuseText"],
    &["dontKnowText"],
    &["selectAllText"],
    &["commentText"],
    &["commentPlaceholder", "commentPlaceHolder"],
    &["labelTrue"],
    &["labelFalse"],
    &["label"],
    &["minRateDescription", "mininumRateDescription"],
    &["maxRateDescription", "maximumRateDescription"],
    &["html"],
    &["altText", "text"],
    &["defaultDisplayValue"],
    &["selectToRankEmptyRankedAreaText"],
    &["selectToRankEmptyUnrankedAreaText"],
    &["createCustomChoiceText"],
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
    &["inputSize", "size", "itemSize"],
    &["confirmDelete"],
    &["addRowButtonLocation", "addRowLocation"],
    &["allowRowReorder", "allowRowsDragAndDrop"],
    &["hideColumnsIfEmpty"],
    &["cellErrorLocation"],
    &["horizontalScroll"],
    &["transposeData"],
    &["panelsState"],
    &["showProgressBar", "showRangeInProgress"],
    &["progressBarLocation"],
    &["tabAlign"],
    &["newPanelPosition"],
    &["showQuestionNumbers"],
    &["templateQuestionTitleLocation", "templateTitleLocation"],
    &["templateQuestionTitleWidth"],
    &["templateErrorLocation"],
    &["removePanelButtonLocation", "panelRemoveButtonLocation"],
    &["cellType"],
    &["columnColCount"],
    &["inputTextAlignment"],
    &["textUpdateMode"],
    &["dataList"],
    &["allowResize"],
    &["colSpan"],
    &["rateDescriptionLocation"],
    &["separateSpecialChoices"],
    &["textWrapEnabled"],
    &["searchMode"],
    &["hideSelectedItems"],
    &["closeOnSelect"],
    &["useTitleAsLabel"],
    &["selectToRankSwapAreas"],
    &["selectToRankAreasLayout"],
    &["itemErrorLocation"],
    &["itemTitleWidth"],
    &["itemComponent"],
    &["questionTitleWidth"],
    &["allowAdaptiveActions"],
    &["correctAnswer"],
    &["swapOrder"],
    &["renderAs"],
    &["displayMode"],
    &["rateType", "rateDisplayMode"],
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
    &["allowClear", "showClearButton", "showOptionsCaption"],
    &["searchEnabled"],
    &["acceptCarriageReturn"],
];

/// Reads a question; nothing when its type or name is a fault.
pub(super) fn read(
    object: &Object<'_>,
    type_name: &str,
    path: String,
    reading: &mut dyn ReadElements,
    depth: usize,
) -> Option<Question> {
    let kind = match type_name {
        "multipletext" | "matrixdropdown" | "matrixdynamic" | "paneldynamic" => {
            nested::kind(object, type_name, reading, depth)?
        }
        _ => kind(object, type_name)?,
    };
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
        type_name: type_name.into(),
        kind,
        logic,
        default_value,
        has_comment: object.flag(&["showCommentArea", "hasComment"], false),
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
        "ranking" => QuestionKind::Some(Select {
            is_ranked: true,
            ranks_chosen: object.flag(&["selectToRankEnabled"], false),
            ..select(object)
        }),
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
            columns: without_conditions(object, choices(object, &["columns"])),
            rows: without_conditions(object, choices(object, &["rows"])),
            order: object.one_of(&["rowOrder", "rowsOrder"], ORDERS),
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
    let values = without_conditions(object, choices(object, &["rateValues"]));
    let is_generated = object.flag(&["autoGenerate"], values.is_empty());
    let min = object.number(&["rateMin"]);
    Scale {
        min: min.unwrap_or(1.0),
        has_min: min.is_some(),
        max: object.number(&["rateMax"]),
        step: object.number(&["rateStep"]).unwrap_or(1.0),
        count: object.number(&["rateCount"]),
        values,
        is_generated,
    }
}

const INPUT_TYPES: &[&str] = &[
    "text",
    "number",
    "email",
    "tel",
    "url",
    "password",
    "color",
    "search",
    "date",
    "datetime-local",
    "time",
    "month",
    "week",
    "range",
];

/// Types whose answers are bounded, all but the numbers as text.
const BOUNDED: &[&str] = &[
    "number",
    "range",
    "date",
    "datetime-local",
    "time",
    "month",
    "week",
];

fn text_input(object: &Object<'_>) -> QuestionKind {
    let input_type = object.text(&["inputType"]).unwrap_or_else(|| "text".into());
    let input_type = match ecma::lower(&input_type).as_str() {
        "datetime" | "datetime_local" => "datetime-local".to_owned(),
        other => other.to_owned(),
    };
    if !INPUT_TYPES.contains(&input_type.as_str()) {
        object.fault("inputType", FaultReason::UnsupportedValue);
    }
    let (min, min_expression) = bound(object, &input_type, "min", "minValueExpression");
    let (max, max_expression) = bound(object, &input_type, "max", "maxValueExpression");
    let step = object.take(&["step"]).and_then(|(_, one)| number(one));
    QuestionKind::Text(TextInput {
        min,
        max,
        min_expression,
        max_expression,
        step: step.filter(|_| input_type == "number"),
        input_type,
    })
}

/// A bound, or what computes it. survey-core drops bounds that its type has no use for.
fn bound(
    object: &Object<'_>,
    input_type: &str,
    plain: &str,
    computed: &str,
) -> (Option<Value>, Option<String>) {
    let expression = object.text(&[computed]);
    let Some((_, value)) = object.take(&[plain]) else {
        return (None, expression);
    };
    if !BOUNDED.contains(&input_type) {
        return (None, expression);
    }
    if let Some(text) = value.as_str().and_then(|text| text.strip_prefix('=')) {
        return (None, Some(text.to_owned()));
    }
    let is_number = number(value).is_some();
    let wants_number = matches!(input_type, "number" | "range");
    let value = Some(value.clone()).filter(|_| is_number == wants_number);
    (value, expression)
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<f64> {
    let text = || ecma::decimal(value.as_str()?.trim());
    value.as_f64().or_else(text)
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
    Select {
        choices: choices(object, &["choices"]),
        other,
        exclusive: exclusive.into_iter().flatten().collect(),
        offers_all: object.flag(&["showSelectAllItem", "hasSelectAll"], false),
        min_selected: object.number(&["minSelectedChoices"]).unwrap_or(0.0),
        max_selected: object.number(&["maxSelectedChoices"]).unwrap_or(0.0),
        order: object.one_of(&["choicesOrder"], ORDERS),
        is_ranked: false,
        ranks_chosen: false,
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
