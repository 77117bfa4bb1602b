//! Surveys: SurveyJS definitions as typed data, read from their JSON.
//!
//! The meaning of every property is survey-core 3.1.1's. What is not in this table is
//! refused with its JSON path, never dropped: [`read`] returns either the whole
//! definition or the list of everything that does not run here.
//!
//! | where | supported |
//! |---|---|
//! | survey | `pages`, `elements`/`questions`, `calculatedValues`, `triggers` (complete, setvalue, copyvalue, skip, runexpression), `clearInvisibleValues` (`none`, `onComplete`, `onHidden`), `storeOthersAsComment: true`, `firstPageIsStartPage`, `questionsOnPageMode` (all four), `questionOrder`, `showPreviewBeforeComplete`, `previewMode`, `checkErrorsMode` (`onNextPage`, `onValueChanged`, `onComplete`), `completedHtmlOnCondition`, texts and looks |
//! | page, panel | `name`, `elements`, `visible`, `visibleIf`, `enableIf`, `readOnly`, `isRequired`, `requiredIf`, `questionOrder`, texts and looks |
//! | question | `name`, `valueName`, `visible`, `visibleIf`, `enableIf`, `readOnly`, `isRequired`, `requiredIf`, `defaultValue`, `defaultValueExpression`, `setValueIf`, `setValueExpression`, `resetValueIf`, `validators` (all six), `showCommentArea`, texts and looks |
//! | text | `inputType` (all), `min`, `max`, `minValueExpression`, `maxValueExpression`, `step`, `maxLength` |
//! | radiogroup, dropdown | `choices` (with `visibleIf`), `choicesOrder`, other, none, refuse and don't-know items |
//! | checkbox, tagbox, ranking | the same, `showSelectAllItem`, `minSelectedChoices`, `maxSelectedChoices`, `selectToRankEnabled` |
//! | boolean | `valueTrue`, `valueFalse`, labels |
//! | rating | `rateMin`, `rateMax`, `rateStep`, `rateCount`, `rateValues`, descriptions |
//! | matrix | `columns`, `rows`, `rowOrder`, `eachRowRequired`, `eachRowUnique` |
//! | multipletext | `items`: lines with all that `text` checks |
//! | matrixdropdown, matrixdynamic | `columns` of nine cell types, `choices`, `rows`, `rowCount`, `minRowCount`, `maxRowCount`, `defaultRowValue`, `keyName`, `isUnique` |
//! | paneldynamic | `templateElements`, `panelCount`, `minPanelCount`, `maxPanelCount`, `defaultPanelValue`, `keyName`, `templateVisibleIf`, `templateTitle` |
//! | expression | `expression`, `precision` |
//! | comment, html, image | as they are |
//!
//! Left to others: expressions (`linli_rules::survey::expression`), answers and pages
//! (`linli_rules::survey::session`).

mod choice;
mod definition;
mod elements;
mod fault;
mod nested;
mod object;
mod question;
mod read;
mod shown;
mod trigger;

pub use definition::{
    Calculated, Checks, Choice, ClearInvisible, Course, Definition, Element, Ending, Formulas,
    List, Logic, Nested, Order, Page, Paging, Panel, Preview, Question, QuestionKind, Scale,
    Select, Shape, SpecialItem, TextInput, Trigger, TriggerKind, Validator, ValidatorKind,
};
pub use fault::{DefinitionFault, FaultReason};
pub use read::read;
pub use shown::{LocalText, Shown};

/// Elements (pages, panels, questions) of one definition.
pub const ELEMENTS_MAX: usize = 20_000;
/// How deep panels may be nested.
pub const PANEL_DEPTH_MAX: usize = 32;
/// Choices, rows or columns of one question.
pub const CHOICES_MAX: usize = 5_000;
/// Faults that one reading reports.
pub const FAULTS_MAX: usize = 200;
