//! A definition made ready to run: expressions read, elements in one line, and for each
//! name what has to be looked at again when it changes.
//!
//! Left to others: circles (`graph`), answers (`session`).

use super::expression::{Expression, ExpressionFault};
use super::graph;
use linli_model::survey::{
    Calculated, ClearInvisible, Definition, DefinitionFault, Element, FaultReason, Logic, Question,
    QuestionKind, ValidatorKind,
};
use std::collections::HashMap;

/// A definition that runs.
#[derive(Debug)]
pub struct Program {
    pub(super) questions: Vec<QuestionNode>,
    pub(super) containers: Vec<Container>,
    pub(super) pages: Vec<usize>,
    pub(super) calculated: Vec<(Calculated, Option<Expression>)>,
    pub(super) clear_invisible: ClearInvisible,
    /// What is evaluated, in survey-core's order.
    pub(super) items: Vec<Item>,
    /// Name in lower case → places in `items`.
    dependants: HashMap<String, Vec<usize>>,
    /// Places that depend on more than names.
    pub(super) restless: Vec<usize>,
    /// Value name in lower case → questions.
    by_value_name: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, usize>,
}

/// Something that is evaluated as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Calculated(usize),
    Question(usize),
    Container(usize),
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
    /// One for each validator.
    pub(super) validator_expressions: Vec<Option<Expression>>,
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
    /// Makes a definition ready.
    ///
    /// # Errors
    ///
    /// Expressions that do not run, and values computed in a circle.
    pub fn new(definition: Definition) -> Result<Self, Vec<DefinitionFault>> {
        let mut builder = Builder::default();
        for one in definition.calculated {
            let expression = builder.expression(one.expression.as_deref(), &one.path, "expression");
            builder
                .items
                .push(Item::Calculated(builder.calculated.len()));
            builder.calculated.push((one, expression));
        }
        for page in definition.pages {
            let at = builder.container(page.name, page.logic, page.elements, None, &page.path);
            builder.pages.push(at);
        }
        builder.finish(definition.clear_invisible)
    }

    /// Places in `items` to look at again when a name has changed.
    pub(super) fn dependants(&self, name: &str) -> &[usize] {
        self.dependants
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn questions_by_value_name(&self, name: &str) -> &[usize] {
        self.by_value_name
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn question_by_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
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

#[derive(Default)]
struct Builder {
    questions: Vec<QuestionNode>,
    containers: Vec<Container>,
    pages: Vec<usize>,
    calculated: Vec<(Calculated, Option<Expression>)>,
    items: Vec<Item>,
    faults: Vec<DefinitionFault>,
}

impl Builder {
    fn expression(&mut self, text: Option<&str>, path: &str, property: &str) -> Option<Expression> {
        match Expression::parse(text?) {
            Ok(expression) => Some(expression),
            Err(fault) => {
                let at = if path.is_empty() {
                    property.into()
                } else {
                    format!("{path}.{property}")
                };
                let reason = FaultReason::Expression {
                    detail: told(&fault),
                };
                self.faults.push(DefinitionFault { path: at, reason });
                None
            }
        }
    }

    fn conditions(&mut self, flags: Logic, path: &str) -> Conditions {
        Conditions {
            visible_if: self.expression(flags.visible_if.as_deref(), path, "visibleIf"),
            enable_if: self.expression(flags.enable_if.as_deref(), path, "enableIf"),
            required_if: self.expression(flags.required_if.as_deref(), path, "requiredIf"),
            flags,
        }
    }

    fn container(
        &mut self,
        name: String,
        logic: Logic,
        elements: Vec<Element>,
        parent: Option<usize>,
        path: &str,
    ) -> usize {
        let conditions = self.conditions(logic, path);
        let at = self.containers.len();
        self.containers.push(Container {
            name,
            conditions,
            parent,
            children: Vec::new(),
        });
        for element in elements {
            let child = match element {
                Element::Question(question) => Child::Question(self.question(*question, at)),
                Element::Panel(panel) => {
                    let path = panel.path.clone();
                    let inner = (panel.name, panel.logic, panel.elements);
                    Child::Container(self.container(inner.0, inner.1, inner.2, Some(at), &path))
                }
            };
            self.containers[at].children.push(child);
        }
        // survey-core runs what is inside first.
        self.items.push(Item::Container(at));
        at
    }

    fn question(&mut self, question: Question, parent: usize) -> usize {
        let path = question.path.clone();
        let conditions = self.conditions(question.logic.clone(), &path);
        let mut choice_visible_if = Vec::new();
        if let QuestionKind::One(select) = &question.kind {
            for (index, choice) in select.choices.iter().enumerate() {
                let read = self.expression(choice.visible_if.as_deref(), &choice.path, "visibleIf");
                choice_visible_if.extend(read.map(|one| (index, one)));
            }
        }
        let expression = match &question.kind {
            QuestionKind::Expression { expression, .. } => {
                self.expression(expression.as_deref(), &path, "expression")
            }
            _ => None,
        };
        let validator_expressions = question
            .validators
            .iter()
            .map(|one| match &one.kind {
                ValidatorKind::Expression { expression } => {
                    self.expression(expression.as_deref(), &one.path, "expression")
                }
                _ => None,
            })
            .collect();
        let at = self.questions.len();
        self.items.push(Item::Question(at));
        self.questions.push(QuestionNode {
            question,
            conditions,
            parent,
            choice_visible_if,
            expression,
            validator_expressions,
        });
        at
    }

    fn finish(self, clear_invisible: ClearInvisible) -> Result<Program, Vec<DefinitionFault>> {
        let mut program = Program {
            questions: self.questions,
            containers: self.containers,
            pages: self.pages,
            calculated: self.calculated,
            clear_invisible,
            items: self.items,
            dependants: HashMap::new(),
            restless: Vec::new(),
            by_value_name: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (at, node) in program.questions.iter().enumerate() {
            let key = node.question.value_name.to_lowercase();
            program.by_value_name.entry(key).or_default().push(at);
            program.by_name.insert(node.question.name.clone(), at);
        }
        for place in 0..program.items.len() {
            let (names, is_restless) = program.reads(program.items[place]);
            for name in names {
                let places = program.dependants.entry(name).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
            if is_restless {
                program.restless.push(place);
            }
        }
        let mut faults = self.faults;
        let circle = graph::circle(program.items.len(), |place| next(&program, place));
        faults.extend(circle.map(|place| fault(&program, place)));
        if faults.is_empty() {
            Ok(program)
        } else {
            Err(faults)
        }
    }
}

impl Program {
    fn expressions(&self, item: Item) -> Vec<&Expression> {
        match item {
            Item::Calculated(at) => self.calculated[at].1.iter().collect(),
            Item::Container(at) => self.containers[at].conditions.all(),
            Item::Question(at) => {
                let node = &self.questions[at];
                let mut all = node.conditions.all();
                all.extend(node.expression.iter());
                all.extend(node.choice_visible_if.iter().map(|(_, one)| one));
                all
            }
        }
    }

    /// The names that an item reads, in lower case, and whether it reads more than that.
    fn reads(&self, item: Item) -> (Vec<String>, bool) {
        let all = self.expressions(item);
        let names = all
            .iter()
            .flat_map(|one| one.variables())
            .flat_map(|name| roots(name));
        (names.collect(), all.iter().any(|one| one.is_restless()))
    }
}

impl Conditions {
    fn all(&self) -> Vec<&Expression> {
        [&self.visible_if, &self.enable_if, &self.required_if]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Every name that a path may begin with: `a.b[0].c` reads `a`, `a.b` or `a.b.c`.
pub(super) fn roots(path: &str) -> Vec<String> {
    let mut name = String::new();
    let mut roots = Vec::new();
    for part in path.split('.') {
        if !name.is_empty() {
            name.push('.');
        }
        let part = part.split_once('[').map_or(part, |(name, _)| name);
        name.push_str(&part.to_lowercase());
        roots.push(name.clone());
    }
    roots
}

fn told(fault: &ExpressionFault) -> String {
    match fault {
        ExpressionFault::TooLong => "too long".into(),
        ExpressionFault::TooDeep => "nested too deep".into(),
        ExpressionFault::Syntax { at } => format!("not understood at {at}"),
        ExpressionFault::UnknownFunction { name } => format!("no function {name}"),
        ExpressionFault::AsyncFunction { name } => format!("{name} answers later"),
        ExpressionFault::NullOperand => "null where a value is needed".into(),
    }
}

// survey-core stops a circle after ten rounds, with whatever it has by then; here such a
// definition is refused.
fn next(program: &Program, place: usize) -> Vec<usize> {
    let Some(name) = written(program, place) else {
        return Vec::new();
    };
    let readers = program.dependants(name).iter().copied();
    readers
        .filter(|reader| reads_into_value(program, *reader, name))
        .collect()
}

/// Only what goes into a value closes a circle; a condition may read its own answer.
fn reads_into_value(program: &Program, place: usize, name: &str) -> bool {
    let expression = match program.items[place] {
        Item::Calculated(at) => program.calculated[at].1.as_ref(),
        Item::Question(at) => program.questions[at].expression.as_ref(),
        Item::Container(_) => None,
    };
    let name = name.to_lowercase();
    expression.is_some_and(|one| {
        one.variables()
            .iter()
            .any(|path| roots(path).contains(&name))
    })
}

fn written(program: &Program, place: usize) -> Option<&str> {
    match program.items[place] {
        Item::Calculated(at) => Some(&program.calculated[at].0.name),
        Item::Question(at) if program.questions[at].expression.is_some() => {
            Some(&program.questions[at].question.value_name)
        }
        _ => None,
    }
}

fn fault(program: &Program, place: usize) -> DefinitionFault {
    let path = match program.items[place] {
        Item::Calculated(at) => &program.calculated[at].0.path,
        Item::Question(at) => &program.questions[at].question.path,
        Item::Container(_) => "",
    };
    DefinitionFault {
        path: format!("{path}.expression"),
        reason: FaultReason::Circle,
    }
}
