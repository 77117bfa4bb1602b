//! A definition made ready to run: expressions read, elements in one line, and for each
//! name what has to be looked at again when it changes.
//!
//! Left to others: making it (`build`), circles (`graph`), answers (`session`).

mod build;

use super::expression::Expression;
use linli_model::ecma::lower;
use linli_model::flat::Map;
use linli_model::survey::{
    Calculated, ClearInvisible, Course, Ending, Logic, Order, Question, Shown, Trigger,
};
use std::sync::Arc;

/// A definition that runs.
#[derive(Debug)]
pub struct Program {
    pub(super) shown: Shown,
    pub(super) questions: Vec<QuestionNode>,
    pub(super) containers: Vec<Container>,
    pub(super) pages: Vec<usize>,
    pub(super) calculated: Vec<(Calculated, Option<Expression>)>,
    pub(super) triggers: Vec<TriggerNode>,
    pub(super) clear_invisible: ClearInvisible,
    pub(super) course: Course,
    pub(super) endings: Vec<(Ending, Option<Expression>)>,
    /// The page before all others.
    pub(super) start_page: Option<usize>,
    /// What is evaluated, in survey-core's order.
    pub(super) items: Vec<Item>,
    /// Name in lower case → places in `items`.
    dependants: Map<String, Vec<usize>>,
    /// Places that are looked at whatever has changed.
    pub(super) restless: Vec<usize>,
    /// The place in `items` where a container's content is looked at, for each container.
    pub(super) content_places: Vec<usize>,
    /// Name in lower case → elements whose texts have its value in them.
    text_readers: Map<String, Vec<Owner>>,
    /// Questions with `setValueIf` and its like.
    pub(super) with_formulas: Vec<usize>,
    /// Questions with such questions inside.
    pub(super) with_inner_formulas: Vec<usize>,
    /// Value name in lower case → questions.
    by_value_name: Map<String, Vec<usize>>,
    by_name: Map<String, usize>,
}

/// A page, a panel or a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The bounds of a line.
    Bounds(usize),
    /// The questions inside a question.
    Inner(usize),
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
    /// What a line's bounds are computed from.
    pub(super) bounds: [Option<Expression>; 2],
    /// What one of its rows or panels is.
    pub(super) inner: Option<Arc<Program>>,
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
    pub(super) order: Order,
    pub(super) shown: Shown,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Child {
    Question(usize),
    Container(usize),
}

impl Program {
    /// Places in `items` to look at again when a name has changed.
    pub(super) fn dependants(&self, name: &str) -> &[usize] {
        self.dependants.get(&lower(name)).map_or(&[], Vec::as_slice)
    }

    /// Elements whose texts have the value of a name in them.
    pub(super) fn text_readers(&self, name: &str) -> &[Owner] {
        self.text_readers
            .get(&lower(name))
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
            Item::Bounds(at) => self.questions[at].bounds.iter().flatten().collect(),
            Item::Content(_) | Item::Inner(_) => Vec::new(),
        }
    }

    pub(super) fn questions_by_value_name(&self, name: &str) -> &[usize] {
        self.by_value_name
            .get(&lower(name))
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

    /// Whether questions inside one have to be looked at with what is around them.
    fn looks_around(&self) -> bool {
        let is_plain = |item: &Item| matches!(item, Item::Content(_));
        !self.items.iter().all(is_plain) || !self.with_formulas.is_empty()
    }

    /// Places that read what belongs to their own row or panel, or to those beside it.
    pub(super) fn places_within(&self) -> impl Iterator<Item = usize> {
        const WITHIN: [&str; 8] = [
            "row",
            "prevrow",
            "nextrow",
            "matrix",
            "panel",
            "prevpanel",
            "nextpanel",
            "parentpanel",
        ];
        let is_within = |name: &str| {
            let first = name.split('.').next().unwrap_or_default();
            WITHIN.contains(&first) || first.ends_with("index")
        };
        let all = self
            .dependants
            .iter()
            .filter(move |(name, _)| is_within(name));
        all.flat_map(|(_, places)| places.iter().copied())
    }

    /// Every name that it reads, in lower case.
    fn names_read(&self) -> impl Iterator<Item = String> {
        let formulas = self.questions.iter().flat_map(|node| {
            let all = &node.formulas;
            [&all.set_if, &all.set, &all.reset_if].into_iter().flatten()
        });
        let names = formulas.flat_map(|one| one.variables());
        let names: Vec<String> = names.map(|name| lower(name)).collect();
        self.dependants.keys().cloned().chain(names)
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
