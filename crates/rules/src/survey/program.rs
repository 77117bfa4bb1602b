//! A definition made ready to run: expressions read, elements in one line, and for each
//! name what has to be looked at again when it changes.
//!
//! Left to others: making it (`build`), circles (`graph`), answers (`session`).

mod build;

use super::expression::Expression;
use linli_model::survey::{Calculated, ClearInvisible, Logic, Question, Trigger};
use std::collections::HashMap;

/// A definition that runs.
#[derive(Debug)]
pub struct Program {
    pub(super) questions: Vec<QuestionNode>,
    pub(super) containers: Vec<Container>,
    pub(super) pages: Vec<usize>,
    pub(super) calculated: Vec<(Calculated, Option<Expression>)>,
    pub(super) triggers: Vec<TriggerNode>,
    pub(super) clear_invisible: ClearInvisible,
    /// What is evaluated, in survey-core's order.
    pub(super) items: Vec<Item>,
    /// Name in lower case → places in `items`.
    dependants: HashMap<String, Vec<usize>>,
    /// Places that are looked at whatever has changed.
    pub(super) restless: Vec<usize>,
    /// The place in `items` where a container's content is looked at, for each container.
    pub(super) content_places: Vec<usize>,
    /// Questions with `setValueIf` and its like.
    pub(super) with_formulas: Vec<usize>,
    /// Value name in lower case → questions.
    by_value_name: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, usize>,
}

/// A page, a panel or a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Question(usize),
    Container(usize),
}

/// Something that is evaluated as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Calculated(usize),
    /// `visibleIf`.
    Visible(Owner),
    /// `enableIf`.
    Enabled(Owner),
    /// `requiredIf`.
    Required(Owner),
    /// The value of an expression question.
    Expression(usize),
    /// `visibleIf` of choices.
    Choices(usize),
    /// `defaultValueExpression`.
    Default(usize),
    /// Whether anything in a container shows.
    Content(usize),
}

impl Item {
    /// Whether it is looked at in each round, even when a name changed unnoticed.
    pub(super) fn is_eager(self) -> bool {
        matches!(
            self,
            Self::Calculated(_) | Self::Choices(_) | Self::Default(_)
        )
    }
}

/// When something is seen and answered.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) flags: Logic,
    pub(super) visible_if: Option<Expression>,
    pub(super) enable_if: Option<Expression>,
    pub(super) required_if: Option<Expression>,
}

#[derive(Debug)]
pub(super) struct QuestionNode {
    pub(super) question: Question,
    pub(super) conditions: Conditions,
    pub(super) parent: usize,
    /// One for each choice that has a condition.
    pub(super) choice_visible_if: Vec<(usize, Expression)>,
    pub(super) expression: Option<Expression>,
    /// Its place in `items`.
    pub(super) expression_place: Option<usize>,
    pub(super) formulas: FormulaNode,
    /// One for each validator.
    pub(super) validator_expressions: Vec<Option<Expression>>,
}

/// Where a question's values come from.
#[derive(Debug, Default)]
pub(super) struct FormulaNode {
    pub(super) default: Option<Expression>,
    /// The place of `default` in `items`.
    pub(super) default_place: Option<usize>,
    pub(super) set_if: Option<Expression>,
    pub(super) set: Option<Expression>,
    pub(super) reset_if: Option<Expression>,
}

#[derive(Debug)]
pub(super) struct TriggerNode {
    pub(super) trigger: Trigger,
    pub(super) expression: Option<Expression>,
    /// Of `runexpression`.
    pub(super) result: Option<Expression>,
}

/// A page or a panel.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) conditions: Conditions,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<Child>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Child {
    Question(usize),
    Container(usize),
}

impl Program {
    /// Places in `items` to look at again when a name has changed.
    pub(super) fn dependants(&self, name: &str) -> &[usize] {
        self.dependants
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn conditions(&self, owner: Owner) -> &Conditions {
        match owner {
            Owner::Question(at) => &self.questions[at].conditions,
            Owner::Container(at) => &self.containers[at].conditions,
        }
    }

    /// The expressions of one item; choices have many.
    fn expressions(&self, item: Item) -> Vec<&Expression> {
        match item {
            Item::Calculated(at) => self.calculated[at].1.iter().collect(),
            Item::Visible(owner) => self.conditions(owner).visible_if.iter().collect(),
            Item::Enabled(owner) => self.conditions(owner).enable_if.iter().collect(),
            Item::Required(owner) => self.conditions(owner).required_if.iter().collect(),
            Item::Expression(at) => self.questions[at].expression.iter().collect(),
            Item::Choices(at) => {
                let choices = self.questions[at].choice_visible_if.iter();
                choices.map(|(_, one)| one).collect()
            }
            Item::Default(at) => self.questions[at].formulas.default.iter().collect(),
            Item::Content(_) => Vec::new(),
        }
    }

    pub(super) fn questions_by_value_name(&self, name: &str) -> &[usize] {
        self.by_value_name
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// Questions that an answer may give a value to, besides by conditions.
    pub(super) fn has_formulas(&self, at: usize) -> bool {
        let formulas = &self.questions[at].formulas;
        formulas.set_if.is_some() || formulas.set.is_some() || formulas.reset_if.is_some()
    }

    pub(super) fn question_by_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn question_by_any_case(&self, name: &str) -> Option<usize> {
        let is_named = |node: &QuestionNode| node.question.name.eq_ignore_ascii_case(name);
        self.question_by_name(name)
            .or_else(|| self.questions.iter().position(is_named))
    }

    /// How many elements, pages included.
    pub fn len(&self) -> usize {
        self.questions.len() + self.containers.len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }
}
