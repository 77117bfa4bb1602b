//! A second, small way to read the wire: any JSON as one tree, then the tree as types.
//!
//! serde's derived readers are compiled for every type and weigh over 60 KB of wasm
//! that a resident would download before seeing the question; this weighs a tenth. It
//! only reads; writing is serde's. Both readers must agree: every golden file in
//! `tests/cases/wire/v1` is read by both, and a field that [`from_tree`] forgets does
//! not compile.

#[cfg(target_arch = "wasm32")]
use js_sys::{Array, Number, Object};
#[cfg(not(target_arch = "wasm32"))]
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::{JsCast, JsValue};

/// Deeper JSON is refused: reading it would overflow the stack.
#[cfg(target_arch = "wasm32")]
const DEPTH_MAX: u32 = 64;

/// Any JSON. Numbers are integers: the wire has no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// `null`, and numbers that are no integers of 64 bits.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Tree>),
    /// An object, its members in order.
    Object(Fields),
}

/// Members of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<(String, Tree)>);

/// What can be read from a tree.
///
/// Reading never stops half-way: what does not fit is noted in [`Fit`], and the value
/// made up in its place is thrown away with the rest. Early returns would have to drop
/// what was read before, at every field of every type: half the code of the reader.
pub trait FromTree: Sized {
    /// Reads it; any value where the tree does not fit.
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self;
}

/// Whether everything has fitted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit(bool);

impl Fit {
    /// Something does not.
    pub fn fail(&mut self) {
        self.0 = false;
    }

    /// `value`, or where there is none, a failure and `other`.
    pub fn or<T>(&mut self, value: Option<T>, other: T) -> T {
        value.unwrap_or_else(|| {
            self.fail();
            other
        })
    }
}

/// Reads a type from JSON text; `None` where the text is no JSON or does not fit.
pub fn read<T: FromTree>(json: &str) -> Option<T> {
    let mut fit = Fit(true);
    let value = T::from_tree(Tree::parse(json)?, &mut fit);
    fit.0.then_some(value)
}

impl Tree {
    /// Any JSON of reasonable depth.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// Any JSON of reasonable depth. The browser has a parser; another one would have to
    /// be downloaded. It reads `1e3` as an integer, which the wire never writes.
    #[cfg(target_arch = "wasm32")]
    pub fn parse(json: &str) -> Option<Self> {
        Self::of(&js_sys::JSON::parse(json).ok()?, DEPTH_MAX)
    }

    #[cfg(target_arch = "wasm32")]
    fn of(value: &JsValue, depth: u32) -> Option<Self> {
        let deeper = depth.checked_sub(1)?;
        Some(if let Some(text) = value.as_string() {
            Self::Text(text)
        } else if let Some(truth) = value.as_bool() {
            Self::Bool(truth)
        } else if let Some(number) = value.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "checked to be an integer")]
            if Number::is_safe_integer(value) {
                Self::Int(number as i64)
            } else {
                Self::Null
            }
        } else if let Some(array) = value.dyn_ref::<Array>() {
            let items = array.iter().map(|item| Self::of(&item, deeper));
            Self::List(items.collect::<Option<_>>()?)
        } else if let Some(object) = value.dyn_ref::<Object>() {
            let member = |pair: JsValue| {
                let pair: Array = pair.unchecked_into();
                Some((pair.get(0).as_string()?, Self::of(&pair.get(1), deeper)?))
            };
            let members = Object::entries(object);
            Self::Object(Fields(members.iter().map(member).collect::<Option<_>>()?))
        } else {
            Self::Null
        })
    }

    /// The members; none where this is no object.
    pub fn fields(self, fit: &mut Fit) -> Fields {
        match self {
            Self::Object(fields) => fields,
            _ => {
                fit.fail();
                Fields(Vec::new())
            }
        }
    }
}

impl Fields {
    fn take(&mut self, name: &str) -> Option<Tree> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }

    /// A member that must be there.
    pub fn need<T: FromTree>(&mut self, name: &str, fit: &mut Fit) -> T {
        let tree = self.take(name);
        T::from_tree(fit.or(tree, Tree::Null), fit)
    }

    /// A member that may be absent.
    pub fn or_default<T: FromTree + Default>(&mut self, name: &str, fit: &mut Fit) -> T {
        match self.take(name) {
            None => T::default(),
            Some(tree) => T::from_tree(tree, fit),
        }
    }
}

/// Reads a struct field by field. Fields after `or default` may be absent; `kind_word`
/// is written `type`.
#[macro_export]
macro_rules! from_tree {
    ($name:ident { $($field:ident),* $(,)? } $(or default { $($optional:ident),* $(,)? })?) => {
        impl $crate::tree::FromTree for $name {
            fn from_tree(tree: $crate::tree::Tree, fit: &mut $crate::tree::Fit) -> Self {
                let mut fields = tree.fields(fit);
                Self {
                    $($field: fields.need($crate::tree::wire_name(stringify!($field)), fit),)*
                    $($($optional: fields.or_default(stringify!($optional), fit),)*)?
                }
            }
        }
    };
}

/// The member's name of a field.
#[doc(hidden)]
pub const fn wire_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        b"kind_word" => "type",
        _ => field,
    }
}

impl FromTree for bool {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        match tree {
            Tree::Bool(value) => value,
            _ => {
                fit.fail();
                false
            }
        }
    }
}

impl FromTree for i64 {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        match tree {
            Tree::Int(value) => value,
            _ => {
                fit.fail();
                0
            }
        }
    }
}

impl FromTree for u64 {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        let value = i64::from_tree(tree, fit);
        fit.or(value.try_into().ok(), 0)
    }
}

impl FromTree for u32 {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        let value = i64::from_tree(tree, fit);
        fit.or(value.try_into().ok(), 0)
    }
}

impl FromTree for String {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        match tree {
            Tree::Text(value) => value,
            _ => {
                fit.fail();
                Self::new()
            }
        }
    }
}

impl<T: FromTree> FromTree for Option<T> {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        match tree {
            Tree::Null => None,
            tree => Some(T::from_tree(tree, fit)),
        }
    }
}

impl<T: FromTree> FromTree for Vec<T> {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        list(tree, fit)
            .into_iter()
            .map(|item| T::from_tree(item, fit))
            .collect()
    }
}

impl<A: FromTree, B: FromTree> FromTree for (A, B) {
    fn from_tree(tree: Tree, fit: &mut Fit) -> Self {
        let items = <[Tree; 2]>::try_from(list(tree, fit)).ok();
        let [first, second] = fit.or(items, [Tree::Null, Tree::Null]);
        (A::from_tree(first, fit), B::from_tree(second, fit))
    }
}

fn list(tree: Tree, fit: &mut Fit) -> Vec<Tree> {
    match tree {
        Tree::List(items) => items,
        _ => {
            fit.fail();
            Vec::new()
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod grow {
    //! Trees out of serde.

    use super::{Deserialize, Deserializer, Fields, MapAccess, SeqAccess, Tree, Visitor};
    use std::fmt;

    impl<'de> Deserialize<'de> for Tree {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_any(Grow)
        }
    }

    struct Grow;

    impl<'de> Visitor<'de> for Grow {
        type Value = Tree;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_unit<E>(self) -> Result<Tree, E> {
            Ok(Tree::Null)
        }

        fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
            Ok(Tree::Bool(value))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
            Ok(Tree::Int(value))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
            Ok(i64::try_from(value).map_or(Tree::Null, Tree::Int))
        }

        fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
            Ok(Tree::Null)
        }

        fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
            Ok(Tree::Text(value.to_owned()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = from.next_element()? {
                items.push(item);
            }
            Ok(Tree::List(items))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = from.next_entry()? {
                members.push(member);
            }
            Ok(Tree::Object(Fields(members)))
        }
    }
}
