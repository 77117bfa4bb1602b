//! An expression once it is read.
//!
//! Left to others: reading (`parse`), running (`run`).

use super::name::Function;
use super::operator::Operator;
use crate::survey::value::Value;
use std::sync::Arc;

/// A well-formed expression.
#[derive(Debug, Clone)]
pub struct Expression {
    pub(super) root: Node,
    variables: Vec<Arc<str>>,
    is_restless: bool,
}

impl Expression {
    pub(super) fn new(root: Node) -> Self {
        let mut variables = Vec::new();
        let mut is_restless = false;
        collect(&root, &mut variables, &mut is_restless);
        Self {
            root,
            variables,
            is_restless,
        }
    }

    /// The names between braces, in the order they are written.
    pub fn variables(&self) -> &[Arc<str>] {
        &self.variables
    }

    /// Whether the value may change though none of the names does.
    pub fn is_restless(&self) -> bool {
        self.is_restless
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

fn collect(node: &Node, into: &mut Vec<Arc<str>>, is_restless: &mut bool) {
    match node {
        Node::Nothing | Node::Constant(_) => {}
        Node::Variable { name, .. } => into.push(name.clone()),
        Node::Not(inner) | Node::IsEmpty { of: inner, .. } => collect(inner, into, is_restless),
        Node::Chain { head, tail } => {
            collect(head, into, is_restless);
            tail.iter()
                .for_each(|(_, one)| collect(one, into, is_restless));
        }
        Node::List(list) => list.iter().for_each(|one| collect(one, into, is_restless)),
        Node::Call {
            function,
            parameters,
        } => {
            let before = into.len();
            parameters
                .iter()
                .for_each(|one| collect(one, into, is_restless));
            // survey-core runs a function of no names whatever has changed.
            *is_restless |= function.is_restless() || into.len() == before;
        }
    }
}
