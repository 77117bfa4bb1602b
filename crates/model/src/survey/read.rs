//! Reads a definition: survey, pages, panels.
//!
//! Left to others: questions (`question`), the bookkeeping of properties (`object`).

use super::definition::{Calculated, ClearInvisible, Definition, Element, Logic, Page, Panel};
use super::fault::{DefinitionFault, FaultReason};
use super::object::{Faults, Object};
use super::shown::{Properties, Shown};
use super::{ELEMENTS_MAX, PANEL_DEPTH_MAX, question, trigger};
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads a SurveyJS definition.
///
/// # Errors
///
/// Every part that does not run here, with its path.
pub fn read(from: &Value) -> Result<Definition, Vec<DefinitionFault>> {
    let faults = Faults::default();
    let definition = survey(from, &faults);
    match (definition, faults.into_inner()) {
        (Some(definition), faults) if faults.is_empty() => Ok(definition),
        (_, faults) => Err(faults),
    }
}

/// Texts of a survey.
const SURVEY_TEXTS: Properties = &[
    &["title"],
    &["description"],
    &["completedHtml"],
    &["logo"],
    &["requiredMark"],
    &["requiredText"],
    &["startSurveyText"],
    &["pagePrevText"],
    &["pageNextText"],
    &["completeText"],
    &["previewText"],
    &["editText"],
    &["questionTitlePattern"],
];

/// Looks of a survey.
const SURVEY_LOOKS: Properties = &[
    &["locale"],
    &["logoPosition"],
    &["logoWidth"],
    &["logoHeight"],
    &["logoFit"],
    &["width"],
    &["widthMode"],
    &["showProgressBar"],
    &["progressBarType"],
    &["progressBarLocation"],
    &["showQuestionNumbers"],
    &["questionStartIndex"],
    &["showTitle"],
    &["showPageTitles"],
    &["showPageNumbers"],
    &["questionTitleLocation"],
    &["questionDescriptionLocation"],
    &["questionErrorLocation"],
    &["showCompletePage"],
    &["showCompletedPage"],
    &["showNavigationButtons"],
    &["showPrevButton"],
    &["headerView"],
    &["backgroundImage"],
    &["showTOC"],
    &["$schema"],
];

/// Texts of pages and panels.
const CONTAINER_TEXTS: Properties = &[
    &["requiredErrorText"],
    &["title"],
    &["description"],
    &["navigationTitle"],
    &["navigationDescription"],
];

/// Looks of pages and panels.
const CONTAINER_LOOKS: Properties = &[
    &["state"],
    &["innerIndent"],
    &["questionTitleLocation"],
    &["width"],
    &["minWidth"],
    &["maxWidth"],
    &["startWithNewLine"],
    &["showNumber"],
    &["showQuestionNumbers"],
    &["navigationButtonsVisibility"],
    &["questionErrorLocation"],
    &["titleLocation"],
    &["questionStartIndex"],
    &["indent"],
];

fn survey(from: &Value, faults: &Faults) -> Option<Definition> {
    let survey = Object::new(from, String::new(), faults)?;
    let shown = Shown::read(&survey, SURVEY_TEXTS, SURVEY_LOOKS);
    let mut reading = Reading {
        left: ELEMENTS_MAX,
        names: BTreeSet::new(),
    };
    let mut pages = Vec::new();
    let listed = survey.list(&["pages"]);
    for (index, (path, page)) in listed.into_iter().enumerate() {
        pages.extend(reading.page(index, page, path, faults));
    }
    let loose = survey.list(&["elements", "questions"]);
    if !loose.is_empty() {
        let name = format!("page{}", pages.len() + 1);
        let elements = reading.elements(loose, 0, faults);
        let logic = Logic {
            is_visible: true,
            ..Logic::default()
        };
        pages.push(Page {
            name,
            logic,
            elements,
            shown: Shown::default(),
            path: String::new(),
        });
    }
    let calculated = survey.list(&["calculatedValues"]);
    let calculated = calculated
        .into_iter()
        .filter_map(|(path, one)| self::calculated(one, path, faults))
        .collect();
    let clear_invisible = match survey.text(&["clearInvisibleValues"]).as_deref() {
        None | Some("onComplete") => ClearInvisible::OnComplete,
        Some("none") => ClearInvisible::Never,
        Some("onHidden") => ClearInvisible::OnHidden,
        Some(_) => {
            survey.fault("clearInvisibleValues", FaultReason::UnsupportedValue);
            ClearInvisible::Never
        }
    };
    if !survey.flag(&["storeOthersAsComment"], true) {
        survey.fault("storeOthersAsComment", FaultReason::UnsupportedValue);
    }
    let triggers = trigger::read(&survey);
    survey.finish();
    Some(Definition {
        pages,
        calculated,
        triggers,
        clear_invisible,
        shown,
    })
}

fn calculated(from: &Value, path: String, faults: &Faults) -> Option<Calculated> {
    let object = Object::new(from, path.clone(), faults)?;
    let name = object.text(&["name"]);
    if name.is_none() {
        object.fault("name", FaultReason::Name);
    }
    let expression = object.text(&["expression"]);
    let is_included = object.flag(&["includeIntoResult"], false);
    object.finish();
    Some(Calculated {
        name: name?,
        expression,
        is_included,
        path,
    })
}

struct Reading {
    left: usize,
    names: BTreeSet<String>,
}

impl Reading {
    fn page(&mut self, index: usize, from: &Value, path: String, faults: &Faults) -> Option<Page> {
        let object = Object::new(from, path.clone(), faults)?;
        let shown = Shown::read(&object, CONTAINER_TEXTS, CONTAINER_LOOKS);
        let name = object
            .text(&["name"])
            .unwrap_or_else(|| format!("page{}", index + 1));
        let logic = question::logic(&object);
        let elements = self.elements(object.list(&["elements", "questions"]), 0, faults);
        object.finish();
        Some(Page {
            name,
            logic,
            elements,
            shown,
            path,
        })
    }

    fn elements(
        &mut self,
        from: Vec<(String, &Value)>,
        depth: usize,
        faults: &Faults,
    ) -> Vec<Element> {
        let mut elements = Vec::new();
        for (path, one) in from {
            if self.left == 0 {
                faults.add(
                    path,
                    FaultReason::TooMany {
                        limit: ELEMENTS_MAX,
                    },
                );
                break;
            }
            self.left -= 1;
            elements.extend(self.element(one, path, depth, faults));
        }
        elements
    }

    fn element(
        &mut self,
        from: &Value,
        path: String,
        depth: usize,
        faults: &Faults,
    ) -> Option<Element> {
        let object = Object::new(from, path.clone(), faults)?;
        let type_name = object.text(&["type"]).unwrap_or_else(|| "text".into());
        if type_name != "panel" {
            let question = question::read(&object, &type_name, path)?;
            object.finish();
            // Names meet in any case inside expressions.
            if !self.names.insert(question.name.to_lowercase()) {
                object.fault("name", FaultReason::Name);
            }
            return Some(Element::Question(Box::new(question)));
        }
        if depth >= PANEL_DEPTH_MAX {
            faults.add(
                path,
                FaultReason::TooMany {
                    limit: PANEL_DEPTH_MAX,
                },
            );
            return None;
        }
        let shown = Shown::read(&object, CONTAINER_TEXTS, CONTAINER_LOOKS);
        let name = object.text(&["name"]).unwrap_or_default();
        let logic = question::logic(&object);
        let elements = self.elements(object.list(&["elements", "questions"]), depth + 1, faults);
        object.finish();
        Some(Element::Panel(Panel {
            name,
            logic,
            elements,
            shown,
            path,
        }))
    }
}
