//! An expression once it is read.
//!
//! Left to others: reading (`parse`), running (`run`).

use super::function::Function;
use super::operator::Operator;
use crate::survey::value::Value;
use std::sync::Arc;

/// A well-formed expression.
#[derive(Debug, Clone)]
pub struct Expression {
    pub(super) root: Node,
    variables: Vec<Arc<str>>,
    has_function: bool,
}

impl Expression {
    pub(super) fn new(root: Node) -> Self {
        let mut variables = Vec::new();
        let mut has_function = false;
        collect(&root, &mut variables, &mut has_function);
        Self {
            root,
            variables,
            has_function,
        }
    }

    /// The names between braces, in the order they are written.
    pub fn variables(&self) -> &[Arc<str>] {
        &self.variables
    }

    /// Whether a function is called, whose result may depend on more than the names.
    pub fn has_function(&self) -> bool {
        self.has_function
    }
}

/// A part of an expression. Operators of one level make a flat chain, so that a
/// thousand `or` are no deeper than one.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// The word `null` or `undefined`, or nothing where an operand was optional.
    Nothing,
    Constant(Value),
    Variable {
        name: Arc<str>,
        is_raw: bool,
    },
    Not(Box<Node>),
    IsEmpty {
        of: Box<Node>,
        wanted: bool,
    },
    Chain {
        head: Box<Node>,
        tail: Vec<(Operator, Node)>,
    },
    List(Vec<Node>),
    Call {
        function: Function,
        parameters: Vec<Node>,
    },
}

fn collect(node: &Node, into: &mut Vec<Arc<str>>, has_function: &mut bool) {
    match node {
        Node::Nothing | Node::Constant(_) => {}
        Node::Variable { name, .. } => into.push(name.clone()),
        Node::Not(inner) | Node::IsEmpty { of: inner, .. } => collect(inner, into, has_function),
        Node::Chain { head, tail } => {
            collect(head, into, has_function);
            tail.iter()
                .for_each(|(_, one)| collect(one, into, has_function));
        }
        Node::List(list) => list.iter().for_each(|one| collect(one, into, has_function)),
        Node::Call { parameters, .. } => {
            *has_function = true;
            parameters
                .iter()
                .for_each(|one| collect(one, into, has_function));
        }
    }
}
