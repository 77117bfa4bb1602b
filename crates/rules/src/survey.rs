//! Surveys: SurveyJS definitions, run.
//!
//! The same engine answers the widget and checks on the server. Time, chance and
//! regular expressions come in as arguments. The oracle is `survey-core` 3.1.1, see
//! `tests/peers/survey`. What differs, and why:
//!
//! | survey-core | here |
//! |---|---|
//! | stops a circle of conditions or triggers after eleven rounds, with what it has by then | refused: at reading where values are computed in a circle, else `SurveyRefusal::Restless` |
//! | a variable that a trigger sets takes the place of the answer of the same name | refused when read |
//! | a trigger that reads a result that is no number runs with every change | runs when the result changes |
//! | a default or `setValueExpression` whose result is no choice that is offered | given or not; may differ (1 % of random surveys that have such) |
//! | rows and panels come to be when they are first drawn, and what reads them then looks again | they are there from the start |
//! | `minRowCount` puts empty rows into the answer, depending on what was drawn and removed | always, except that as many rows as there are from the start put none |
//! | a hidden cell keeps its default or not, by its type and its matrix | kept in `matrixdynamic`, not in others |
//! | cells that are computed and hidden by a condition, under `clearInvisibleValues: "onHidden"` | they, or what else is shown, may differ; the cause is open (0.2 % of random surveys) |
//! | random orders come from its own generator | from [`Around::seed`] |
//! | `checkErrorsMode: "onValueChanging"`, `storeOthersAsComment: false`, row and panel counts by expression, totals, details, input masks, `choicesFromQuestion`, conditions on rows, columns and rates, navigation to addresses | refused when read |

mod around;
mod braces;
mod course;
pub mod date;
pub mod expression;
mod graph;
pub mod markup;
mod page;
mod pattern;
mod place;
mod program;
mod resume;
mod session;
mod shown;
mod validate;
pub mod value;
mod words;

pub use around::Around;
pub use course::Stage;
pub use date::Clock;
pub use expression::{Expression, ExpressionFault, Scope};
pub use pattern::Patterns;
pub use place::Place;
pub use program::Program;
pub use session::{Change, Role, Session, SurveyRefusal};
pub use shown::{Content, Progress, ShownChoice, ShownElement, ShownGroup, ShownQuestion, View};
pub use validate::{AnswerFault, FaultKind};
pub use value::Value;
pub use words::{Language, Word};

/// Bytes of JSON that the answers of one person take at most.
pub const ANSWERS_BYTES_MAX: usize = 1_000_000;
/// The same with what the survey computes from them and copies.
pub const VALUES_BYTES_MAX: usize = 2_000_000;
