//! Reads questions that have questions of their own: several lines, matrices with cells of
//! any kind, panels that the person adds.
//!
//! Left to others: the questions inside (`read`, `question`).

use super::choice::{ORDERS, choices, without_conditions};
use super::definition::{Element, List, Logic, Nested, Order, QuestionKind, Shape};
use super::elements::ReadElements;
use super::fault::FaultReason;
use super::object::Object;
use super::shown::{Properties, Shown};
use crate::flat::Set;
use serde_json::{Map, Value, json};

/// Rows or panels that a definition may allow.
const ENTRIES_MAX: usize = 1_000;

/// Questions inside one question at the start, counted in all rows and panels.
const CELLS_MAX: usize = 20_000;

/// And when the person has added all rows and panels there may be.
const CELLS_GROWN_MAX: usize = 200_000;

/// Texts of one panel.
const PANEL_TEXTS: Properties = &[
    &["templateTitle"],
    &["templateDescription"],
    &["templateTabTitle"],
];

/// How deep questions may be inside one another.
const NESTING_MAX: usize = 4;

/// A kind with questions inside, if this type has any.
pub(super) fn kind(
    object: &Object<'_>,
    type_name: &str,
    reading: &mut dyn ReadElements,
    depth: usize,
) -> Option<QuestionKind> {
    if *reading.nesting() >= NESTING_MAX {
        let limit = NESTING_MAX;
        object.fault("type", FaultReason::TooMany { limit });
        return None;
    }
    *reading.nesting() += 1;
    let nested = match type_name {
        "multipletext" => Nested {
            shape: Shape::Once,
            elements: cells(object, "items", reading, depth, None),
            unique: Vec::new(),
            template_visible_if: None,
            shown: Shown::default(),
        },
        "matrixdropdown" => {
            let rows = without_conditions(object, choices(object, &["rows"]));
            let order = object.one_of(&["rowOrder", "rowsOrder"], ORDERS);
            matrix(object, Shape::Rows { rows, order }, reading, depth)
        }
        "matrixdynamic" => {
            let shape = Shape::List(rows(object));
            let mut nested = matrix(object, shape, reading, depth);
            nested.unique.extend(object.text(&["keyName"]));
            nested
        }
        _ => panels(object, reading, depth),
    };
    *reading.nesting() -= 1;
    let (start, most) = nested.entries();
    let each = weight(&nested.elements);
    let limits = [(start, CELLS_MAX), (most, CELLS_GROWN_MAX)];
    let broken = limits
        .iter()
        .find(|(entries, limit)| entries.saturating_mul(each) > *limit);
    if let Some((_, limit)) = broken {
        object.fault("type", FaultReason::TooMany { limit: *limit });
    }
    Some(QuestionKind::Nested(Box::new(nested)))
}

fn matrix(
    object: &Object<'_>,
    shape: Shape,
    reading: &mut dyn ReadElements,
    depth: usize,
) -> Nested {
    let cell_type = object
        .text(&["cellType"])
        .unwrap_or_else(|| "dropdown".into());
    let list = object.take(&["choices"]).map(|(_, list)| list.clone());
    let col_count = object.take(&["columnColCount"]).map(|(_, one)| one.clone());
    let defaults = Defaults {
        cell_type,
        list,
        col_count,
    };
    let unique = unique(object);
    Nested {
        shape,
        elements: cells(object, "columns", reading, depth, Some(&defaults)),
        unique,
        template_visible_if: None,
        shown: Shown::default(),
    }
}

/// What columns have from their matrix.
struct Defaults {
    cell_type: String,
    list: Option<Value>,
    col_count: Option<Value>,
}

/// Names of columns whose cells all differ.
fn unique(object: &Object<'_>) -> Vec<String> {
    let columns = object.list(&["columns"]).into_iter();
    let is_unique = |column: &Value| column.get("isUnique") == Some(&json!(true));
    let names = columns.filter(|(_, one)| is_unique(one));
    names
        .filter_map(|(_, one)| Some(one.get("name")?.as_str()?.to_owned()))
        .collect()
}

/// Cell types that choose from a list.
const SELECTS: [&str; 4] = ["dropdown", "checkbox", "radiogroup", "tagbox"];

/// Cell types there are.
const CELLS: [&str; 9] = [
    "dropdown",
    "checkbox",
    "radiogroup",
    "tagbox",
    "text",
    "comment",
    "boolean",
    "expression",
    "rating",
];

/// What one of several lines may have.
const LINE: [&str; 20] = [
    "name",
    "title",
    "isRequired",
    "requiredErrorText",
    "placeholder",
    "placeHolder",
    "inputType",
    "inputTextAlignment",
    "inputSize",
    "size",
    "maxLength",
    "defaultValueExpression",
    "minValueExpression",
    "maxValueExpression",
    "min",
    "max",
    "minErrorText",
    "maxErrorText",
    "step",
    "validators",
];

/// Columns and lines are questions, with their type under another name or understood.
fn cells(
    object: &Object<'_>,
    property: &str,
    reading: &mut dyn ReadElements,
    depth: usize,
    defaults: Option<&Defaults>,
) -> Vec<Element> {
    let mut names = Set::new();
    let mut elements = Vec::new();
    for (path, one) in object.list(&[property]) {
        let mut map = match one {
            Value::Object(map) => map.clone(),
            Value::String(name) => Map::from_iter([("name".to_owned(), json!(name))]),
            _ => {
                object.faults().add(path, FaultReason::UnsupportedValue);
                continue;
            }
        };
        if map.contains_key("type") {
            let at = format!("{path}.type");
            object.faults().add(at, FaultReason::UnsupportedProperty);
        }
        if defaults.is_none() {
            let strange = map.keys().filter(|key| !LINE.contains(&key.as_str()));
            for key in strange {
                let at = format!("{path}.{key}");
                object.faults().add(at, FaultReason::UnsupportedProperty);
            }
        }
        let cell_type = column(&mut map, defaults);
        if !CELLS.contains(&cell_type.as_str()) {
            let at = format!("{path}.cellType");
            let reason = FaultReason::UnsupportedType { name: cell_type };
            object.faults().add(at, reason);
            continue;
        }
        map.insert("type".into(), json!(cell_type));
        let cell = Value::Object(map);
        let one = vec![(path, &cell)];
        elements.extend(reading.elements(one, depth + 1, object.faults(), &mut names));
    }
    elements
}

/// Makes a column a question; tells of which type.
fn column(map: &mut Map<String, Value>, defaults: Option<&Defaults>) -> String {
    let Some(defaults) = defaults else {
        return "text".into();
    };
    map.remove("isUnique");
    let own = map.remove("cellType");
    let own = own.as_ref().and_then(Value::as_str);
    let cell_type = own
        .filter(|one| *one != "default")
        .unwrap_or(&defaults.cell_type);
    if let Some(list) = &defaults.list
        && SELECTS.contains(&cell_type)
    {
        map.entry("choices").or_insert_with(|| list.clone());
    }
    if let Some(count) = &defaults.col_count
        && matches!(cell_type, "checkbox" | "radiogroup")
    {
        map.entry("colCount").or_insert_with(|| count.clone());
    }
    cell_type.to_owned()
}

fn count(object: &Object<'_>, names: &[&str], default: usize) -> usize {
    let count = object.count(names).unwrap_or(default);
    if count > ENTRIES_MAX {
        let limit = ENTRIES_MAX;
        object.fault(names[0], FaultReason::TooMany { limit });
    }
    count.min(ENTRIES_MAX)
}

/// survey-core's rows at the start.
const ROWS: usize = 2;

/// survey-core's panels at most.
const PANELS_MAX: usize = 100;

fn rows(object: &Object<'_>) -> List {
    List {
        is_of_panels: false,
        count: count(object, &["rowCount"], ROWS),
        min_count: count(object, &["minRowCount"], 0),
        max_count: count(object, &["maxRowCount"], ENTRIES_MAX),
        default: object
            .take(&["defaultRowValue"])
            .map(|(_, one)| one.clone()),
        copies_last: object.flag(
            &["copyDefaultValueFromLastEntry", "defaultValueFromLastRow"],
            false,
        ),
        can_add: object.flag(&["allowAddRows"], true),
        can_remove: object.flag(&["allowRemoveRows"], true),
    }
}

fn panels(object: &Object<'_>, reading: &mut dyn ReadElements, depth: usize) -> Nested {
    let list = List {
        is_of_panels: true,
        count: count(object, &["panelCount"], 0),
        min_count: count(object, &["minPanelCount"], 0),
        max_count: count(object, &["maxPanelCount"], PANELS_MAX),
        default: object
            .take(&["defaultPanelValue"])
            .map(|(_, one)| one.clone()),
        copies_last: object.flag(
            &["copyDefaultValueFromLastEntry", "defaultValueFromLastPanel"],
            false,
        ),
        can_add: object.flag(&["allowAddPanel"], true),
        can_remove: object.flag(&["allowRemovePanel"], true),
    };
    let inside = object.list(&["templateElements", "questions"]);
    let mut names = Set::new();
    Nested {
        shape: Shape::List(list),
        elements: reading.elements(inside, depth + 1, object.faults(), &mut names),
        unique: object.text(&["keyName"]).into_iter().collect(),
        template_visible_if: object.text(&["templateVisibleIf"]),
        shown: Shown::read(object, PANEL_TEXTS, &[]),
    }
}

/// How many questions elements are at the start, with all inside of them.
fn weight(elements: &[Element]) -> usize {
    let of = |element: &Element| match element {
        Element::Panel(panel) => weight(&panel.elements),
        Element::Question(question) => match &question.kind {
            QuestionKind::Nested(nested) => {
                let inside = nested.entries().0.saturating_mul(weight(&nested.elements));
                inside.saturating_add(1)
            }
            _ => 1,
        },
    };
    elements
        .iter()
        .map(of)
        .fold(0, |sum, one| sum.saturating_add(one))
}

impl Nested {
    /// Rows or panels at the start, and at most.
    fn entries(&self) -> (usize, usize) {
        match &self.shape {
            Shape::Once => (1, 1),
            Shape::Rows { rows, .. } => (rows.len(), rows.len()),
            Shape::List(list) => (list.count.max(list.min_count), list.max_count),
        }
    }

    /// What one row or panel is, as a page of its own.
    pub fn page(&self, path: &str) -> super::Page {
        super::Page {
            name: String::new(),
            logic: Logic {
                is_visible: true,
                visible_if: self.template_visible_if.clone(),
                ..Logic::default()
            },
            elements: self.elements.clone(),
            order: Order::Written,
            shown: self.shown.clone(),
            path: path.into(),
        }
    }
}
