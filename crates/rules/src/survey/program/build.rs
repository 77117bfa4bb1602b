//! Makes a definition ready to run.

use super::{
    Child, Conditions, Container, FormulaNode, Item, Owner, Program, QuestionNode, TriggerNode,
};
use crate::survey::expression::{Expression, ExpressionFault};
use crate::survey::graph;
use linli_model::survey::{
    Calculated, ClearInvisible, Definition, DefinitionFault, Element, FaultReason, Formulas, Logic,
    Question, QuestionKind, Trigger, TriggerKind, ValidatorKind,
};
use std::collections::HashMap;

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
            builder.calculated.push((one, expression));
        }
        builder.calculated_items();
        for page in definition.pages {
            let at = builder.container(page.name, page.logic, page.elements, None, &page.path);
            builder.pages.push(at);
        }
        for trigger in definition.triggers {
            builder.trigger(trigger);
        }
        builder.finish(definition.clear_invisible)
    }
}

#[derive(Default)]
struct Builder {
    questions: Vec<QuestionNode>,
    containers: Vec<Container>,
    pages: Vec<usize>,
    calculated: Vec<(Calculated, Option<Expression>)>,
    items: Vec<Item>,
    triggers: Vec<TriggerNode>,
    content_places: Vec<usize>,
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

    fn trigger(&mut self, trigger: Trigger) {
        let path = trigger.path.clone();
        let expression = self.expression(trigger.expression.as_deref(), &path, "expression");
        let result = match &trigger.kind {
            TriggerKind::RunExpression { expression, .. } => {
                self.expression(expression.as_deref(), &path, "runExpression")
            }
            _ => None,
        };
        self.triggers.push(TriggerNode {
            trigger,
            expression,
            result,
        });
    }

    fn formulas(&mut self, from: &Formulas, path: &str) -> FormulaNode {
        FormulaNode {
            default: self.expression(from.default.as_deref(), path, "defaultValueExpression"),
            default_place: None,
            set_if: self.expression(from.set_if.as_deref(), path, "setValueIf"),
            set: self.expression(from.set.as_deref(), path, "setValueExpression"),
            reset_if: self.expression(from.reset_if.as_deref(), path, "resetValueIf"),
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
        self.content_places.push(0);
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
        self.condition_items(Owner::Container(at));
        self.content_places[at] = self.items.len();
        self.items.push(Item::Content(at));
        at
    }

    fn question(&mut self, question: Question, parent: usize) -> usize {
        let path = question.path.clone();
        let conditions = self.conditions(question.logic.clone(), &path);
        let mut choice_visible_if = Vec::new();
        if let QuestionKind::One(select) | QuestionKind::Some(select) = &question.kind {
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
        let formulas = self.formulas(&question.formulas, &path);
        let at = self.questions.len();
        self.questions.push(QuestionNode {
            question,
            conditions,
            parent,
            choice_visible_if,
            expression,
            expression_place: None,
            formulas,
            validator_expressions,
        });
        self.condition_items(Owner::Question(at));
        if self.questions[at].expression.is_some() {
            self.questions[at].expression_place = Some(self.items.len());
            self.items.push(Item::Expression(at));
        }
        if !self.questions[at].choice_visible_if.is_empty() {
            self.items.push(Item::Choices(at));
        }
        if self.questions[at].formulas.default.is_some() {
            self.questions[at].formulas.default_place = Some(self.items.len());
            self.items.push(Item::Default(at));
        }
        at
    }

    fn condition_items(&mut self, owner: Owner) {
        let conditions = match owner {
            Owner::Question(at) => &self.questions[at].conditions,
            Owner::Container(at) => &self.containers[at].conditions,
        };
        let items = [
            (&conditions.visible_if, Item::Visible(owner)),
            (&conditions.enable_if, Item::Enabled(owner)),
            (&conditions.required_if, Item::Required(owner)),
        ];
        let given = items.iter().filter(|(expression, _)| expression.is_some());
        self.items.extend(given.map(|(_, item)| *item));
    }

    /// Computed variables in the order in which they need one another.
    fn calculated_items(&mut self) {
        let all = self.calculated.iter().enumerate();
        let by_name: HashMap<&str, usize> = all.map(|(at, (one, _))| (&*one.name, at)).collect();
        let needs: Vec<Vec<usize>> = self
            .calculated
            .iter()
            .map(|(_, expression)| {
                let names = expression.iter().flat_map(|one| one.variables());
                names
                    .filter_map(|name| by_name.get(&**name).copied())
                    .collect()
            })
            .collect();
        let order = graph::inside_first(&needs);
        self.items.extend(order.into_iter().map(Item::Calculated));
    }

    fn finish(self, clear_invisible: ClearInvisible) -> Result<Program, Vec<DefinitionFault>> {
        let mut program = Program {
            questions: self.questions,
            containers: self.containers,
            pages: self.pages,
            calculated: self.calculated,
            triggers: self.triggers,
            clear_invisible,
            items: self.items,
            dependants: HashMap::new(),
            restless: Vec::new(),
            content_places: self.content_places,
            with_formulas: Vec::new(),
            by_value_name: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (at, node) in program.questions.iter().enumerate() {
            let key = node.question.value_name.to_lowercase();
            program.by_value_name.entry(key).or_default().push(at);
            program.by_name.insert(node.question.name.clone(), at);
        }
        let mut faults = self.faults;
        faults.extend(
            program
                .triggers
                .iter()
                .filter_map(|one| shadow(&program, one)),
        );
        let all = 0..program.questions.len();
        program.with_formulas = all.filter(|at| program.has_formulas(*at)).collect();
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
    /// The names that an item reads, in lower case, and whether it has to be looked at
    /// whatever has changed: what reads no name may have been emptied.
    fn reads(&self, item: Item) -> (Vec<String>, bool) {
        let all = self.expressions(item);
        let names = all
            .iter()
            .flat_map(|one| one.variables())
            .flat_map(|name| roots(name));
        // A default is given again when its answer was taken away.
        let own = match item {
            Item::Default(at) => Some(self.questions[at].question.value_name.to_lowercase()),
            _ => None,
        };
        let names = names.chain(own);
        let is_restless = |one: &&Expression| one.is_restless() || one.variables().is_empty();
        (names.collect(), all.iter().any(is_restless))
    }
}

/// Every name that a path may begin with: `a.b[0].c` reads `a`, `a.b` or `a.b.c`.
fn roots(path: &str) -> Vec<String> {
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

/// In survey-core a variable would take the place of the answer of the same name.
fn shadow(program: &Program, node: &TriggerNode) -> Option<DefinitionFault> {
    match &node.trigger.kind {
        TriggerKind::SetValue {
            to,
            is_variable: true,
            ..
        } if !program.questions_by_value_name(to).is_empty() => Some(DefinitionFault {
            path: format!("{}.setToName", node.trigger.path),
            reason: FaultReason::Name,
        }),
        _ => None,
    }
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
        Item::Expression(at) => program.questions[at].expression.as_ref(),
        _ => None,
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
        Item::Expression(at) => Some(&program.questions[at].question.value_name),
        _ => None,
    }
}

fn fault(program: &Program, place: usize) -> DefinitionFault {
    let path = match program.items[place] {
        Item::Calculated(at) => &program.calculated[at].0.path,
        Item::Expression(at) => &program.questions[at].question.path,
        _ => "",
    };
    DefinitionFault {
        path: format!("{path}.expression"),
        reason: FaultReason::Circle,
    }
}
