//! Reads an expression: a hand-written reader of survey-core's PEG, alternative by
//! alternative, because ordered choice is what decides the odd cases (`nullable`,
//! `truely`, a missing closing parenthesis).
//!
//! Left to others: what the parts mean (`run`).

use super::ast::{Expression, Node};
use super::name::{Function, Known};
use super::operator::{Operator, starts_with_word};
use super::{EXPRESSION_CHARS_MAX, EXPRESSION_DEPTH_MAX};
use crate::survey::value::Value;
use std::sync::Arc;

/// Why a text is no expression that runs here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpressionFault {
    /// It has more than [`EXPRESSION_CHARS_MAX`] characters.
    TooLong,
    /// It nests deeper than [`EXPRESSION_DEPTH_MAX`].
    TooDeep,
    /// It stops making sense at this byte, counted after the rewrites.
    Syntax {
        /// Where.
        at: usize,
    },
    /// It calls a function that is not among SurveyJS' own.
    UnknownFunction {
        /// Which.
        name: String,
    },
    /// It calls a function that answers later, which rules cannot wait for.
    AsyncFunction {
        /// Which.
        name: String,
    },
    /// `null` stands where survey-core would fail at run time.
    NullOperand,
}

impl Expression {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// When survey-core could not run it either, or it passes a limit.
    pub fn parse(text: &str) -> Result<Self, ExpressionFault> {
        if text.chars().nth(EXPRESSION_CHARS_MAX).is_some() {
            return Err(ExpressionFault::TooLong);
        }
        let text = rewritten(text);
        let mut reader = Reader {
            text: &text,
            at: 0,
            depth: 0,
        };
        let root = reader.expression()?;
        match root {
            Some(_) if reader.at < text.len() => Err(ExpressionFault::Syntax { at: reader.at }),
            None => Err(ExpressionFault::Syntax { at: reader.at }),
            Some(Node::Nothing) => Err(ExpressionFault::NullOperand),
            Some(root) => Ok(Self::new(root)),
        }
    }
}

/// survey-core rewrites everywhere, inside quotes too.
fn rewritten(text: &str) -> String {
    text.replace("=>", ">=")
        .replace("=<", "<=")
        .replace("<>", "!=")
        .replace("equals", "equal ")
}

/// `None`: not this alternative; an error ends the whole reading.
type Read = Result<Option<Node>, ExpressionFault>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Level<'a> = fn(&mut Reader<'a>) -> Read;

impl<'a> Reader<'a> {
    fn expression(&mut self) -> Read {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err(ExpressionFault::TooDeep);
        }
        self.skip_space();
        let read = self.chain(Operator::read_or, Self::conjunction)?;
        if read.is_some() {
            self.skip_space();
        }
        self.depth -= 1;
        Ok(read)
    }

    fn conjunction(&mut self) -> Read {
        self.chain(Operator::read_and, Self::comparison)
    }

    fn comparison(&mut self) -> Read {
        self.chain(Operator::read_comparison, Self::sum)
    }

    fn sum(&mut self) -> Read {
        self.chain(Operator::read_sum, Self::product)
    }

    fn product(&mut self) -> Read {
        self.chain(Operator::read_product, Self::power)
    }

    fn power(&mut self) -> Read {
        self.chain(Operator::read_power, Self::membership)
    }

    /// `head (_ operator _ next)*`
    fn chain(&mut self, operator: fn(&str) -> Option<(Operator, usize)>, next: Level<'a>) -> Read {
        let Some(head) = next(self)? else {
            return Ok(None);
        };
        let mut tail = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            let Some((operator, used)) = operator(self.rest()) else {
                self.at = before;
                break;
            };
            self.at += used;
            self.skip_space();
            let Some(operand) = next(self)? else {
                self.at = before;
                break;
            };
            tail.push((operator, operand));
        }
        Ok(Some(chained(head, tail)))
    }

    /// Here alone the right side may be missing.
    fn membership(&mut self) -> Read {
        let Some(head) = self.factor()? else {
            return Ok(None);
        };
        let mut tail = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            let Some((operator, used)) = Operator::read_membership(self.rest()) else {
                self.at = before;
                break;
            };
            self.at += used;
            self.skip_space();
            tail.push((operator, self.factor()?.unwrap_or(Node::Nothing)));
        }
        Ok(Some(chained(head, tail)))
    }

    fn factor(&mut self) -> Read {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err(ExpressionFault::TooDeep);
        }
        let read = self.factor_inside()?;
        self.depth -= 1;
        Ok(read)
    }

    fn factor_inside(&mut self) -> Read {
        let start = self.at;
        if self.take("(") {
            self.skip_space();
            if let Some(inner) = self.expression()? {
                self.skip_space();
                self.take(")");
                return Ok(Some(inner));
            }
            self.at = start;
        }
        if let Some(call) = self.call()? {
            return Ok(Some(call));
        }
        self.at = start;
        if self.take("!") || self.take_word("negate") {
            self.skip_space();
            if let Some(inner) = self.factor()? {
                return operand(inner).map(|inner| Some(Node::Not(Box::new(inner))));
            }
            self.at = start;
        }
        if let Some(atom) = self.atom() {
            let after = self.at;
            self.skip_space();
            for (word, wanted) in [("empty", true), ("notempty", false)] {
                if self.take_word(word) {
                    let of = Box::new(operand(atom)?);
                    return Ok(Some(Node::IsEmpty { of, wanted }));
                }
            }
            self.at = after;
            return Ok(Some(atom));
        }
        self.at = start;
        if self.take("[") {
            let list = self.sequence()?;
            if self.take("]") {
                return Ok(Some(Node::List(list)));
            }
            self.at = start;
        }
        Ok(None)
    }

    fn call(&mut self) -> Read {
        let Some(name) = self.word() else {
            return Ok(None);
        };
        if !self.take("(") {
            return Ok(None);
        }
        let parameters = self.sequence()?;
        self.take(")");
        match Function::named(name) {
            Known::Function(function) => Ok(Some(Node::Call {
                function,
                parameters,
            })),
            Known::Async => Err(ExpressionFault::AsyncFunction { name: name.into() }),
            Known::No => Err(ExpressionFault::UnknownFunction { name: name.into() }),
        }
    }

    fn sequence(&mut self) -> Result<Vec<Node>, ExpressionFault> {
        let start = self.at;
        let first = self.expression()?;
        if first.is_none() {
            self.at = start;
        }
        let mut list = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            if !self.take(",") {
                self.at = before;
                break;
            }
            self.skip_space();
            let Some(next) = self.expression()? else {
                self.at = before;
                break;
            };
            list.push(next);
        }
        // Without a first operand survey-core forgets the others too.
        match first {
            None | Some(Node::Nothing) => Ok(Vec::new()),
            Some(first) => {
                list.insert(0, first);
                list.into_iter().map(operand).collect()
            }
        }
    }

    fn atom(&mut self) -> Option<Node> {
        self.skip_space();
        if self.take("undefined") || self.take("null") {
            return Some(Node::Nothing);
        }
        let start = self.at;
        if let Some(value) = self.constant() {
            return Some(Node::Constant(value));
        }
        self.at = start;
        if self.take("{") {
            let rest = self.rest();
            let used = rest.find(['{', '}']).unwrap_or(rest.len());
            let name = &rest[..used];
            self.at += used;
            if used > 0 && self.take("}") {
                return Some(variable(name));
            }
        }
        self.at = start;
        None
    }

    fn constant(&mut self) -> Option<Value> {
        if self.take_word("true") {
            return Some(Value::Bool(true));
        }
        if self.take_word("false") {
            return Some(Value::Bool(false));
        }
        if let Some(number) = self.number() {
            return Some(Value::Number(number));
        }
        if let Some(word) = self.word() {
            return Some(Value::text(word));
        }
        if self.take("''") || self.take("\"\"") {
            return Some(Value::text(""));
        }
        self.quoted("'").or_else(|| self.quoted("\""))
    }

    fn number(&mut self) -> Option<f64> {
        let start = self.at;
        if self.take("0x") {
            let digits = self.digits();
            if !digits.is_empty() {
                return Some(
                    digits
                        .bytes()
                        .fold(0.0, |sum, one| sum * 16.0 + f64::from(one - b'0')),
                );
            }
            self.at = start;
        }
        let sign = if self.take("-") { -1.0 } else { 1.0 };
        let unsigned = self.at;
        let whole = self.digits();
        if !whole.is_empty() && self.take(".") && !self.digits().is_empty() {
            return self.text[unsigned..self.at]
                .parse()
                .ok()
                .map(|number: f64| sign * number);
        }
        self.at = unsigned;
        if self
            .rest()
            .starts_with(|one: char| ('1'..='9').contains(&one))
        {
            return self.digits().parse().ok().map(|number: f64| sign * number);
        }
        if self.take("0") {
            return Some(sign * 0.0);
        }
        self.at = start;
        None
    }

    fn quoted(&mut self, quote: &str) -> Option<Value> {
        let start = self.at;
        if !self.take(quote) {
            return None;
        }
        let mut inside = String::new();
        loop {
            if self.take("\\'") {
                inside.push('\'');
            } else if self.take("\\\"") {
                inside.push('"');
            } else {
                match self.rest().chars().next() {
                    Some(one) if one != '\'' && one != '"' => {
                        inside.push(one);
                        self.at += one.len_utf8();
                    }
                    _ => break,
                }
            }
        }
        if !inside.is_empty() && self.take(quote) {
            return Some(Value::text(&inside));
        }
        self.at = start;
        None
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let is_letter = |one: char| one.is_ascii_alphabetic() || one == '_';
        if !rest.starts_with(is_letter) {
            return None;
        }
        let end = rest.find(|one: char| !is_letter(one) && !one.is_ascii_digit());
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        Some(word)
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|one: char| !one.is_ascii_digit())
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take(&mut self, wanted: &str) -> bool {
        let has = self.rest().starts_with(wanted);
        self.at += if has { wanted.len() } else { 0 };
        has
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let has = starts_with_word(self.rest(), wanted);
        self.at += if has { wanted.len() } else { 0 };
        has
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }
}

fn chained(head: Node, tail: Vec<(Operator, Node)>) -> Node {
    if tail.is_empty() {
        return head;
    }
    Node::Chain {
        head: Box::new(head),
        tail,
    }
}

fn operand(node: Node) -> Result<Node, ExpressionFault> {
    match node {
        Node::Nothing => Err(ExpressionFault::NullOperand),
        node => Ok(node),
    }
}

fn variable(name: &str) -> Node {
    match name.strip_prefix('#') {
        Some(raw) if !raw.is_empty() => Node::Variable {
            name: Arc::from(raw),
            is_raw: true,
        },
        _ => Node::Variable {
            name: Arc::from(name),
            is_raw: false,
        },
    }
}
