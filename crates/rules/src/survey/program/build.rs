//! Makes a definition ready to run.

use super::{
    Child, Conditions, Container, FormulaNode, Item, Owner, Program, QuestionNode, TriggerNode,
};
use crate::survey::expression::{Expression, ExpressionFault};
use crate::survey::{braces, graph};
use linli_model::ecma::lower;
use linli_model::flat::Map;
use linli_model::survey::{
    Calculated, ClearInvisible, Course, Definition, DefinitionFault, Element, Ending, FaultReason,
    Formulas, LocalText, Logic, Nested, Order, Page, Paging, Panel, Question, QuestionKind, Shape,
    Shown, Trigger, TriggerKind, ValidatorKind,
};
use std::sync::Arc;

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
        builder.clear_invisible = definition.clear_invisible;
        let has_start = definition.course.has_start_page && definition.pages.len() > 1;
        let mut pages = definition.pages.into_iter().map(panel);
        if has_start {
            builder.start_page = pages.next().map(|page| builder.container(page, None));
        }
        if definition.course.paging == Paging::Whole {
            let whole = Panel {
                name: WHOLE.into(),
                logic: Logic {
                    is_visible: true,
                    ..Logic::default()
                },
                elements: pages.map(Element::Panel).collect(),
                order: Order::Written,
                shown: Shown::default(),
                path: String::new(),
            };
            let at = builder.container(whole, None);
            builder.pages.push(at);
        } else {
            for page in pages {
                let at = builder.container(page, None);
                builder.pages.push(at);
            }
        }
        for ending in definition.endings {
            let text = ending.expression.as_deref();
            let expression = builder.expression(text, &ending.path, "expression");
            builder.endings.push((ending, expression));
        }
        builder.course = definition.course;
        for trigger in definition.triggers {
            builder.trigger(trigger);
        }
        builder.finish(definition.shown)
    }

    /// What one row or panel of a question is.
    fn inside(
        nested: &Nested,
        path: &str,
        clear_invisible: ClearInvisible,
    ) -> Result<Self, Vec<DefinitionFault>> {
        let mut builder = Builder {
            clear_invisible,
            ..Builder::default()
        };
        let at = builder.container(panel(nested.page(path)), None);
        builder.pages.push(at);
        builder.finish(Shown::default())
    }
}

/// survey-core's name for all pages in one.
const WHOLE: &str = "all";

fn panel(page: Page) -> Panel {
    Panel {
        name: page.name,
        logic: page.logic,
        elements: page.elements,
        order: page.order,
        shown: page.shown,
        path: page.path,
    }
}

#[derive(Default)]
struct Builder {
    clear_invisible: ClearInvisible,
    course: Course,
    endings: Vec<(Ending, Option<Expression>)>,
    start_page: Option<usize>,
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

    fn container(&mut self, panel: Panel, parent: Option<usize>) -> usize {
        let conditions = self.conditions(panel.logic, &panel.path);
        let at = self.containers.len();
        self.containers.push(Container {
            name: panel.name,
            conditions,
            parent,
            children: Vec::new(),
            order: panel.order,
            shown: panel.shown,
        });
        self.content_places.push(0);
        for element in panel.elements {
            let child = match element {
                Element::Question(question) => Child::Question(self.question(*question, at)),
                Element::Panel(panel) => Child::Container(self.container(panel, Some(at))),
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
        let bounds = match &question.kind {
            QuestionKind::Text(input) => [
                self.expression(input.min_expression.as_deref(), &path, "minValueExpression"),
                self.expression(input.max_expression.as_deref(), &path, "maxValueExpression"),
            ],
            _ => [None, None],
        };
        let inner = match &question.kind {
            QuestionKind::Nested(nested) => {
                // survey-core leaves cells and lines alone at the end.
                let clears = match (&nested.shape, self.clear_invisible) {
                    (Shape::List(list), clears) if list.is_of_panels => clears,
                    (_, ClearInvisible::OnHidden) => ClearInvisible::OnHidden,
                    _ => ClearInvisible::Never,
                };
                match Program::inside(nested, &path, clears) {
                    Ok(program) => Some(Arc::new(program)),
                    Err(faults) => {
                        self.faults.extend(faults);
                        None
                    }
                }
            }
            _ => None,
        };
        let at = self.questions.len();
        self.questions.push(QuestionNode {
            question,
            conditions,
            parent,
            choice_visible_if,
            expression,
            bounds,
            inner,
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
        if self.questions[at].bounds.iter().any(Option::is_some) {
            self.items.push(Item::Bounds(at));
        }
        let inner = self.questions[at].inner.as_ref();
        if inner.is_some_and(|inner| inner.looks_around()) {
            self.items.push(Item::Inner(at));
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
        let by_name: Map<&str, usize> = all.map(|(at, (one, _))| (&*one.name, at)).collect();
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

    fn finish(self, shown: Shown) -> Result<Program, Vec<DefinitionFault>> {
        let mut program = Program {
            shown,
            text_readers: Map::new(),
            questions: self.questions,
            containers: self.containers,
            pages: self.pages,
            calculated: self.calculated,
            triggers: self.triggers,
            clear_invisible: self.clear_invisible,
            course: self.course,
            endings: self.endings,
            start_page: self.start_page,
            items: self.items,
            dependants: Map::new(),
            restless: Vec::new(),
            content_places: self.content_places,
            with_formulas: Vec::new(),
            with_inner_formulas: Vec::new(),
            by_value_name: Map::new(),
            by_name: Map::new(),
        };
        for (at, node) in program.questions.iter().enumerate() {
            let key = lower(&node.question.value_name);
            program.by_value_name.entry(key).or_default().push(at);
            program.by_name.insert(node.question.name.clone(), at);
        }
        program.find_text_readers();
        let mut faults = self.faults;
        faults.extend(
            program
                .triggers
                .iter()
                .filter_map(|one| shadow(&program, one)),
        );
        let all = 0..program.questions.len();
        program.with_formulas = all.filter(|at| program.has_formulas(*at)).collect();
        let has_formulas = |at: &usize| {
            let inner = program.questions[*at].inner.as_ref();
            inner.is_some_and(|one| {
                !one.with_formulas.is_empty() || !one.with_inner_formulas.is_empty()
            })
        };
        let all = 0..program.questions.len();
        program.with_inner_formulas = all.filter(has_formulas).collect();
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
    fn find_text_readers(&mut self) {
        let mut found: Vec<(String, Owner)> = Vec::new();
        let mut note = |owner: Owner, text: &LocalText| {
            let names = text.each().flat_map(braces::names).flat_map(roots);
            found.extend(names.map(|name| (name, owner)));
        };
        for (at, container) in self.containers.iter().enumerate() {
            let texts = container.shown.texts();
            texts.for_each(|text| note(Owner::Container(at), text));
        }
        for (at, node) in self.questions.iter().enumerate() {
            let choices = node.question.kind.lists().into_iter().flatten();
            let texts = choices.filter_map(|choice| choice.text.as_ref());
            let texts = node.question.shown.texts().chain(texts);
            texts.for_each(|text| note(Owner::Question(at), text));
        }
        for (name, owner) in found {
            let readers = self.text_readers.entry(name).or_default();
            if readers.last() != Some(&owner) {
                readers.push(owner);
            }
        }
    }

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
            Item::Default(at) | Item::Inner(at) => {
                Some(lower(&self.questions[at].question.value_name))
            }
            _ => None,
        };
        let names = names.chain(own);
        let is_restless = |one: &&Expression| one.is_restless() || one.variables().is_empty();
        if let Item::Inner(at) = item
            && let Some(inner) = &self.questions[at].inner
        {
            let inside = inner.names_read().flat_map(|name| roots(&name));
            let names: Vec<String> = names.chain(inside).collect();
            return (names, !inner.restless.is_empty());
        }
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
        name.push_str(&lower(part));
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
    let name = lower(name);
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
