//! How the model reads and writes itself where serde's derived code is too large.
//!
//! A resident downloads this code before seeing the question. serde's derive for
//! internally tagged enums buffers every value in a generic tree, and each enum of
//! words brings visitors of its own: over 30 KB of wasm, for the same JSON. So words
//! share one reader ([`words`]), and tagged enums are read as one flat struct whose
//! fields are the union of their variants'. The golden files in `tests/cases/wire/v1`
//! hold the JSON itself.

/// An enum of words: `as_str`, `parse`, and serde as that string. After `or`, the variant
/// that stands for words of a later version.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? } $(or $other:ident)?) => {
        impl $name {
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    $(Self::$other => "other",)?
                }
            }

            /// From the word on the wire.
            pub fn parse(word: &str) -> Option<Self> {
                let known = match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                };
                $(let known = known.or(Some(Self::$other));)?
                known
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                Self::parse(&word).ok_or_else($crate::wire::unknown_word)
            }
        }

        impl $crate::tree::FromTree for $name {
            fn from_tree(tree: $crate::tree::Tree, fit: &mut $crate::tree::Fit) -> Self {
                let word = String::from_tree(tree, fit);
                let [first, ..] = [$(Self::$variant),+];
                fit.or(Self::parse(&word), first)
            }
        }
    };
}

pub(crate) use words;

/// A word that the enum does not have, or a field that its variant lacks.
pub(crate) fn unknown_word<E: serde::de::Error>() -> E {
    E::custom("unknown word or missing field")
}

/// A tagged enum, read by both readers as the flat struct `$fields` and made from it by
/// `from_fields`. `$other` stands in for what cannot be read, until it is thrown away.
macro_rules! tagged {
    ($name:ident from $fields:ident { $($need:ident),* } or default { $($optional:ident),* $(,)? } else $other:expr) => {
        $crate::from_tree!($fields { $($need),* } or default { $($optional),* });

        impl $crate::tree::FromTree for $name {
            fn from_tree(tree: $crate::tree::Tree, fit: &mut $crate::tree::Fit) -> Self {
                let fields = $fields::from_tree(tree, fit);
                fit.or(Self::from_fields(fields), $other)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::from_fields($fields::deserialize(from)?).ok_or_else($crate::wire::unknown_word)
            }
        }
    };
}

pub(crate) use tagged;
