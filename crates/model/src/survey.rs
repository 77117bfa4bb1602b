//! Surveys: SurveyJS definitions as typed data, read from their JSON.
//!
//! The meaning of every property is survey-core 3.1.1's. What is not in this table is
//! refused with its JSON path, never dropped: [`read`] returns either the whole
//! definition or the list of everything that does not run here.
//!
//! | where | supported |
//! |---|---|
//! | survey | `pages`, `elements`/`questions`, `calculatedValues`, `triggers` (complete, setvalue, copyvalue, skip, runexpression), `clearInvisibleValues` (`none`, `onComplete`, `onHidden`), `storeOthersAsComment: true`, texts and looks |
//! | page, panel | `name`, `elements`, `visible`, `visibleIf`, `enableIf`, `readOnly`, `isRequired`, `requiredIf`, texts and looks |
//! | question | `name`, `valueName`, `visible`, `visibleIf`, `enableIf`, `readOnly`, `isRequired`, `requiredIf`, `defaultValue`, `defaultValueExpression`, `setValueIf`, `setValueExpression`, `resetValueIf`, `validators` (all six), texts and looks |
//! | text | `inputType` (text, number, email, tel, url, password, color, search), `min`, `max`, `maxLength` |
//! | radiogroup, dropdown | `choices` (with `visibleIf`), other, none, refuse and don't-know items |
//! | checkbox, tagbox | `choices` (with `visibleIf`), the same items, `minSelectedChoices`, `maxSelectedChoices` |
//! | boolean | `valueTrue`, `valueFalse`, labels |
//! | rating | `rateMin`, `rateMax`, `rateStep`, `rateCount`, `rateValues`, descriptions |
//! | matrix | `columns`, `rows`, `eachRowRequired`, `eachRowUnique` |
//! | expression | `expression`, `precision` |
//! | comment, html, image | as they are |
//!
//! Left to others: expressions (`linli_rules::survey::expression`), answers and pages
//! (`linli_rules::survey::session`).

mod definition;
mod fault;
mod object;
mod question;
mod read;
mod shown;
mod trigger;

pub use definition::{
    Calculated, Choice, ClearInvisible, Definition, Element, Formulas, Logic, Page, Panel,
    Question, QuestionKind, Scale, Select, SpecialItem, TextInput, Trigger, TriggerKind, Validator,
    ValidatorKind,
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
