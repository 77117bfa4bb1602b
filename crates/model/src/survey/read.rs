//! Reads a definition: survey, pages, panels.
//!
//! Left to others: questions (`question`), the bookkeeping of properties (`object`).

use super::definition::{
    Calculated, Checks, ClearInvisible, Course, Definition, Element, Ending, Logic, Order, Page,
    Paging, Panel, Preview,
};
use super::elements::ReadElements;
use super::fault::{DefinitionFault, FaultReason};
use super::object::{Faults, Object};
use super::shown::{LocalText, Properties, Shown};
use super::{ELEMENTS_MAX, PANEL_DEPTH_MAX, question, trigger};
use crate::flat::Set;
use serde_json::Value;

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
    &["completedBeforeHtml"],
    &["loadingHtml"],
    &["logo"],
    &["requiredMark", "requiredText"],
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
    &["showCompletePage", "showCompletedPage"],
    &["autoFocusFirstQuestion", "focusFirstQuestionAutomatic"],
    &["autoFocusFirstError", "focusOnFirstError"],
    &["autoAdvanceEnabled", "goNextPageAutomatic"],
    &["autoAdvanceAllowComplete", "allowCompleteSurveyAutomatic"],
    &["maxTextLength"],
    &["maxCommentLength", "maxOthersLength"],
    &["textUpdateMode"],
    &["autoGrowComment"],
    &["allowResizeComment"],
    &["commentAreaRows"],
    &["navigationButtonsLocation"],
    &["progressBarShowNavigationText", "progressBarShowPageTitles"],
    &["progressBarShowPageNumbers"],
    &["progressBarNavigationTextLocation"],
    &["progressBarInheritWidthFrom"],
    &["tocLocation"],
    &["fitToContainer"],
    &["gridLayoutEnabled"],
    &["backgroundImageFit"],
    &["backgroundImageAttachment"],
    &["backgroundOpacity"],
    &["showBrandInfo"],
    &["regionalFormat"],
    &["sjsVersion"],
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
    &["showNavigationButtons", "navigationButtonsVisibility"],
    &["questionTitleWidth"],
    &["gridLayoutColumns"],
    &["colSpan"],
    &["allowAdaptiveActions"],
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
        order: element_order(&survey).unwrap_or_default(),
        nesting: 0,
    };
    let mut names = Set::new();
    let mut pages = Vec::new();
    let listed = survey.list(&["pages"]);
    for (index, (path, page)) in listed.into_iter().enumerate() {
        pages.extend(reading.page(index, page, path, faults, &mut names));
    }
    let loose = survey.list(&["elements", "questions"]);
    if !loose.is_empty() {
        let name = format!("page{}", pages.len() + 1);
        let elements = reading.elements(loose, 0, faults, &mut names);
        let logic = Logic {
            is_visible: true,
            ..Logic::default()
        };
        pages.push(Page {
            name,
            logic,
            elements,
            order: reading.order,
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
    let endings = survey.list(&["completedHtmlOnCondition"]);
    let endings = endings
        .into_iter()
        .filter_map(|(path, one)| ending(one, path, faults))
        .collect();
    let course = course(&survey);
    survey.finish();
    Some(Definition {
        pages,
        calculated,
        triggers,
        clear_invisible,
        course,
        endings,
        shown,
    })
}

fn course(survey: &Object<'_>) -> Course {
    let paging = survey.one_of(
        &["questionsOnPageMode"],
        &[
            ("standard", Paging::Page),
            ("singlePage", Paging::Whole),
            ("questionPerPage", Paging::Element),
            ("inputPerPage", Paging::Question),
        ],
    );
    let only_answered = survey.one_of(
        &["previewMode"],
        &[("allQuestions", false), ("answeredQuestions", true)],
    );
    let preview = match survey.take(&["showPreviewBeforeComplete"]) {
        None => Preview::No,
        Some((name, value)) => match (value, value.as_str()) {
            (Value::Bool(false), _) | (_, Some("noPreview")) => Preview::No,
            (_, Some("showAnsweredQuestions")) => Preview::Answered,
            (_, Some("showAllQuestions")) => Preview::All,
            (Value::Bool(true), _) if only_answered => Preview::Answered,
            (Value::Bool(true), _) => Preview::All,
            _ => {
                survey.fault(name, FaultReason::UnsupportedValue);
                Preview::No
            }
        },
    };
    let checks = survey.one_of(
        &["checkErrorsMode"],
        &[
            ("onNextPage", Checks::NextPage),
            ("onValueChanged", Checks::Answer),
            ("onComplete", Checks::End),
        ],
    );
    Course {
        paging,
        has_start_page: survey.flag(&["firstPageIsStartPage", "firstPageIsStarted"], false),
        preview,
        checks,
    }
}

fn ending(from: &Value, path: String, faults: &Faults) -> Option<Ending> {
    let object = Object::new(from, path.clone(), faults)?;
    let expression = object.text(&["expression"]);
    let html = object.typed(&["html"], LocalText::read).unwrap_or_default();
    object.finish();
    Some(Ending {
        expression,
        html,
        path,
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

/// In which order a survey, page or panel shows its elements, where it says so.
fn element_order(object: &Object<'_>) -> Option<Order> {
    object.one_of(
        &["questionOrder", "questionsOrder"],
        &[
            ("default", None),
            ("initial", Some(Order::Written)),
            ("random", Some(Order::Random)),
        ],
    )
}

/// Reads elements, of pages and of questions that have questions of their own.
struct Reading {
    left: usize,
    order: Order,
    /// Inside how many questions.
    nesting: usize,
}

impl Reading {
    fn page(
        &mut self,
        index: usize,
        from: &Value,
        path: String,
        faults: &Faults,
        names: &mut Set<String>,
    ) -> Option<Page> {
        let object = Object::new(from, path.clone(), faults)?;
        let shown = Shown::read(&object, CONTAINER_TEXTS, CONTAINER_LOOKS);
        let name = object
            .text(&["name"])
            .unwrap_or_else(|| format!("page{}", index + 1));
        let logic = question::logic(&object);
        let order = element_order(&object).unwrap_or(self.order);
        let elements = self.elements(object.list(&["elements", "questions"]), 0, faults, names);
        object.finish();
        Some(Page {
            name,
            logic,
            elements,
            order,
            shown,
            path,
        })
    }

    fn element(
        &mut self,
        from: &Value,
        path: String,
        depth: usize,
        faults: &Faults,
        names: &mut Set<String>,
    ) -> Option<Element> {
        let object = Object::new(from, path.clone(), faults)?;
        let type_name = object.text(&["type"]).unwrap_or_else(|| "text".into());
        if type_name != "panel" {
            let question = question::read(&object, &type_name, path, self, depth)?;
            object.finish();
            // Names meet in any case inside expressions.
            if !names.insert(crate::ecma::lower(&question.name)) {
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
        let order = element_order(&object).unwrap_or(self.order);
        let inside = object.list(&["elements", "questions"]);
        let elements = self.elements(inside, depth + 1, faults, names);
        object.finish();
        Some(Element::Panel(Panel {
            name,
            logic,
            elements,
            order,
            shown,
            path,
        }))
    }
}

impl ReadElements for Reading {
    fn elements(
        &mut self,
        from: Vec<(String, &Value)>,
        depth: usize,
        faults: &Faults,
        names: &mut Set<String>,
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
            elements.extend(self.element(one, path, depth, faults, names));
        }
        elements
    }

    fn nesting(&mut self) -> &mut usize {
        &mut self.nesting
    }
}
