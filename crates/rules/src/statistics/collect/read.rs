//! The answers of one response, read from their JSON without building a tree.

use super::super::counts::Answer;
use super::super::report::Kind;
use super::Unreadable;
use super::shape::{Item, Place, Shape, Slot};
use super::words::Texts;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// Fills `answers`. Tells whether an item has a value that it does not offer.
pub(super) fn answers(
    shape: &Shape,
    json: &str,
    answers: &mut [Answer],
    texts: &mut Option<Texts>,
) -> Result<bool, Unreadable> {
    let mut from = serde_json::Deserializer::from_str(json);
    let row = Row {
        shape,
        answers,
        texts,
    };
    let has_unknown = row.deserialize(&mut from).map_err(|_| Unreadable)?;
    from.end().map_err(|_| Unreadable)?;
    Ok(has_unknown)
}

struct Row<'a> {
    shape: &'a Shape,
    answers: &'a mut [Answer],
    texts: &'a mut Option<Texts>,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut has_unknown = false;
        while let Some(slot) = map.next_key_seed(In(&self.shape.slots))? {
            match slot {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(Slot::Item(index)) => {
                    let item = &self.shape.items[*index];
                    let texts = self.texts.as_mut().filter(|_| item.kind == Kind::Words);
                    let told = map.next_value_seed(One {
                        item,
                        texts: texts.map(|texts| (texts, *index)),
                    })?;
                    has_unknown |= told.is_unknown;
                    self.answers[*index] = told.answer;
                }
                Some(Slot::Rows(rows)) => {
                    has_unknown |= map.next_value_seed(Rows {
                        shape: self.shape,
                        rows,
                        answers: self.answers,
                    })?;
                }
                Some(Slot::Comment(index)) => match self.texts.as_mut() {
                    None => drop(map.next_value::<IgnoredAny>()?),
                    Some(texts) => {
                        let text = map.next_value_seed(Value)?;
                        if let Seen::Text(text) = text {
                            texts.add(*index, &text);
                        }
                    }
                },
            }
        }
        Ok(has_unknown)
    }
}

/// A key, looked up.
struct In<'a, T>(&'a HashMap<String, T>);

impl<'de, 'a, T> DeserializeSeed<'de> for In<'a, T> {
    type Value = Option<&'a T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'a, T> Visitor<'_> for In<'a, T> {
    type Value = Option<&'a T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(key))
    }
}

/// A matrix's answer.
struct Rows<'a> {
    shape: &'a Shape,
    rows: &'a HashMap<String, usize>,
    answers: &'a mut [Answer],
}

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut has_unknown = false;
        while let Some(row) = map.next_key_seed(In(self.rows))? {
            match row {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(index) => {
                    let item = &self.shape.items[*index];
                    let told = map.next_value_seed(One { item, texts: None })?;
                    has_unknown |= told.is_unknown;
                    self.answers[*index] = told.answer;
                }
            }
        }
        Ok(has_unknown)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(true)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

struct Told {
    answer: Answer,
    is_unknown: bool,
}

/// An item's value.
struct One<'a> {
    item: &'a Item,
    texts: Option<(&'a mut Texts, usize)>,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Told;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Told, D::Error> {
        let seen = Value.deserialize(from)?;
        if let (Some((texts, index)), Seen::Text(text)) = (self.texts, &seen) {
            texts.add(index, text);
        }
        Ok(told(self.item, seen))
    }
}

fn told(item: &Item, seen: Seen<'_>) -> Told {
    let known = |answer| Told {
        answer,
        is_unknown: false,
    };
    let unknown = Told {
        answer: Answer::Missing,
        is_unknown: true,
    };
    let is_blank = match &seen {
        Seen::Nothing => true,
        Seen::Text(text) => text.trim().is_empty(),
        Seen::List(list) => list.is_empty(),
        _ => false,
    };
    if is_blank {
        return known(Answer::Missing);
    }
    match item.kind {
        Kind::Words => known(Answer::Words),
        Kind::Number => match number(&seen) {
            Some(number) => known(Answer::Number(number)),
            None => unknown,
        },
        Kind::Multiple => several(item, seen),
        Kind::Single | Kind::Nps => match place(item, &seen) {
            Place::Level(level) => known(Answer::Level(level)),
            Place::DontKnow => known(Answer::DontKnow),
            Place::Refused => known(Answer::Refused),
            Place::Unknown => unknown,
        },
    }
}

fn several(item: &Item, seen: Seen<'_>) -> Told {
    let list = match seen {
        Seen::List(list) => list,
        one => vec![one],
    };
    let (mut bits, mut alone, mut is_unknown) = (0_u64, Answer::Missing, false);
    for one in &list {
        match place(item, one) {
            Place::Level(level) => bits |= 1 << level,
            Place::DontKnow => alone = Answer::DontKnow,
            Place::Refused => alone = Answer::Refused,
            Place::Unknown => is_unknown = true,
        }
    }
    Told {
        answer: if bits > 0 {
            Answer::Levels(bits)
        } else {
            alone
        },
        is_unknown,
    }
}

fn place(item: &Item, seen: &Seen<'_>) -> Place {
    match seen {
        Seen::Whole(number) => item.of_number(*number),
        Seen::Fraction(number) => item.of_text(&number.to_string()),
        Seen::Text(text) => item.of_text(text),
        Seen::Flag(flag) => item.of_text(if *flag { "true" } else { "false" }),
        Seen::Nothing | Seen::List(_) | Seen::Object => Place::Unknown,
    }
}

fn number(seen: &Seen<'_>) -> Option<f64> {
    match seen {
        // Beyond 2^53 a number of a survey is no measurement.
        Seen::Whole(number) => Some(*number as f64),
        Seen::Fraction(number) => Some(*number),
        Seen::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// Any JSON value, as far as it can be counted.
enum Seen<'de> {
    Nothing,
    Flag(bool),
    Whole(i64),
    Fraction(f64),
    Text(Cow<'de, str>),
    List(Vec<Seen<'de>>),
    Object,
}

struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Seen<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Seen<'de>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Seen<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Seen<'de>, E> {
        Ok(Seen::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Seen<'de>, E> {
        Ok(Seen::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Seen<'de>, E> {
        Ok(Seen::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Seen<'de>, E> {
        let whole = i64::try_from(number).map(Seen::Whole);
        Ok(whole.unwrap_or(Seen::Fraction(number as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Seen<'de>, E> {
        // 4.0 is 4; such scores are far below where the cast saturates.
        Ok(match number.fract() == 0.0 && number.abs() < 1e15 {
            true => Seen::Whole(number as i64),
            false => Seen::Fraction(number),
        })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Seen<'de>, E> {
        Ok(Seen::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seen<'de>, E> {
        Ok(Seen::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Seen<'de>, A::Error> {
        let mut out = Vec::new();
        while let Some(one) = list.next_element_seed(Value)? {
            out.push(one);
        }
        Ok(Seen::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Seen::Object)
    }
}
