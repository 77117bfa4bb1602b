//! Draws what the engine shows as [`Card`]s.

use super::card::{
    Ask, Card, Group, Groups, Input, Item, Line, Look, Matrix, Node, Pick, Row, Scale, Words,
};
use super::words;
use linli_model::survey::{Nested, QuestionKind, Shape, TextInput};
use linli_rules::survey::{AnswerFault, Content, FaultKind, Place, Role, ShownElement, View};
use linli_rules::survey::{ShownChoice, ShownQuestion};
use linli_texts::{Catalog, survey as k};
use serde_json::Value as Json;
use std::rc::Rc;

/// Rows of a field for several lines, where the definition does not say.
const AREA_ROWS: u32 = 3;
/// More choices than this stand behind a list that opens, where the definition wants one.
const LIST_ROWS_MAX: usize = 6;
/// Rates with words stand one below the other when a word is longer than this.
const SHORT_CHARS_MAX: usize = 6;

/// Draws elements. What was drawn before is kept where nothing changed.
pub(super) struct Pen<'a> {
    pub(super) texts: &'a Catalog,
    pub(super) view: &'a View<'a>,
    pub(super) ids: &'a mut Vec<Place>,
    pub(super) before: &'a [Rc<Card>],
    pub(super) now: &'a mut Vec<Rc<Card>>,
    pub(super) faults: &'a [AnswerFault],
    pub(super) prefilled: &'a [Place],
}

impl Pen<'_> {
    /// What is in a page or panel.
    pub(super) fn nodes(&mut self, element: &ShownElement<'_>) -> Vec<Node> {
        match &element.content {
            Content::Panel(children) => children.iter().map(|child| self.node(child)).collect(),
            Content::Question(_) => vec![self.node(element)],
        }
    }

    fn node(&mut self, element: &ShownElement<'_>) -> Node {
        let id = self.id(&element.place);
        match &element.content {
            Content::Panel(_) => Node::Panel {
                id,
                title: element.title.clone(),
                description: element.description.clone(),
                faults: self.faults(&element.place, None),
                nodes: self.nodes(element),
            },
            Content::Question(question) => {
                let before = self.before.iter().find(|card| card.id == id);
                let card = self.card(id, element, question).kept(before);
                self.now.push(card.clone());
                Node::Question(card)
            }
        }
    }

    fn id(&mut self, place: &Place) -> u32 {
        let known = self.ids.iter().position(|known| known == place);
        let at = known.unwrap_or_else(|| {
            self.ids.push(place.clone());
            self.ids.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    pub(super) fn faults(&self, place: &Place, kind: Option<&QuestionKind>) -> Vec<String> {
        let faults = self.faults.iter().filter(|fault| fault.place == *place);
        let told = faults.map(|fault| {
            let general = || words::fault(self.texts, fault.kind, kind, self.view.validator(fault));
            self.view.fault(fault).unwrap_or_else(general)
        });
        told.collect()
    }

    fn card(&mut self, id: u32, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Card {
        let is_hidden = element.look("titleLocation") == Some(&Json::from("hidden"));
        let is_words = matches!(question.kind, QuestionKind::Shown);
        let title = if is_words || (is_hidden && question.type_name == "html") {
            String::new()
        } else {
            element.title.clone()
        };
        let ask = self.ask(element, question);
        Card {
            id,
            place: element.place.clone(),
            key: question.value_name.to_owned(),
            number: element.number,
            title,
            description: element.description.clone(),
            is_required: element.is_required,
            is_read_only: element.is_read_only,
            is_prefilled: self.prefilled.contains(&element.place),
            is_answered: !question.value.is_null(),
            ask,
            comment: question
                .asks_comment
                .then(|| self.comment(element, question)),
            faults: self.faults(&element.place, Some(question.kind)),
        }
    }

    fn comment(&self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Line {
        let words = |property| element.text(property).unwrap_or_default();
        let label = element.text("commentText");
        Line {
            label: label.unwrap_or_else(|| self.texts.text(k::COMMENT_LABEL).to_owned()),
            text: question.comment.clone(),
            input: Input {
                kind: "text".into(),
                placeholder: words("otherPlaceholder"),
                ..Input::default()
            },
            rows: 2,
        }
    }

    fn ask(&mut self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Ask {
        let is_type = |name: &str| question.type_name == name;
        match question.kind {
            QuestionKind::Text(input) => Ask::Line(line(element, question, Some(input))),
            QuestionKind::Comment => Ask::Area(line(element, question, None)),
            QuestionKind::One(_) => {
                let mut pick = pick(element, question);
                let is_long = pick.items.len() > LIST_ROWS_MAX;
                if is_type("dropdown") && is_long {
                    pick.look = Look::List;
                }
                Ask::One(pick)
            }
            QuestionKind::Nested(nested) => self.groups(element, question, nested),
            QuestionKind::Some(select) if select.is_ranked && !select.ranks_chosen => {
                Ask::Rank(ranked(pick(element, question), &question.value))
            }
            QuestionKind::Some(select) => {
                let mut pick = pick(element, question);
                if is_type("tagbox") && pick.items.len() > LIST_ROWS_MAX {
                    pick.look = Look::List;
                }
                pick.min = count(select.min_selected);
                pick.max = count(select.max_selected);
                Ask::Many(pick)
            }
            QuestionKind::Boolean {
                value_true,
                value_false,
            } => self.yes_no(element, question, [value_true, value_false]),
            QuestionKind::Rating(_) => Ask::Rating(scale(element, question)),
            QuestionKind::Matrix { .. } => Ask::Matrix(self.matrix(element, question)),
            QuestionKind::Expression { .. } => Ask::Computed(computed(element, &question.value)),
            QuestionKind::Shown if is_type("image") => Ask::Picture {
                source: element.text("imageLink").unwrap_or_default(),
                alt: element.text("altText").unwrap_or_default(),
            },
            QuestionKind::Shown => Ask::Words(element.text("html").unwrap_or_default()),
        }
    }

    fn groups(
        &mut self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        nested: &Nested,
    ) -> Ask {
        let groups = question.groups.iter().map(|group| Group {
            key: group.key,
            index: group.index,
            title: group.title.clone(),
            nodes: group.elements.iter().map(|one| self.node(one)).collect(),
        });
        let groups = groups.collect();
        let is_of_panels = matches!(&nested.shape, Shape::List(list) if list.is_of_panels);
        let [add, remove, none] = if is_of_panels {
            ["addPanelText", "removePanelText", "noEntriesText"]
        } else {
            ["addRowText", "removeRowText", "noRowsText"]
        };
        let own = |may: bool, property, key| {
            let word = || self.texts.text(key).to_owned();
            let said = || element.text(property).unwrap_or_else(word);
            if may { said() } else { String::new() }
        };
        Ask::Groups(Groups {
            groups,
            are_lines: matches!(nested.shape, Shape::Once),
            add: own(question.can_add, add, k::ADD),
            remove: own(question.can_remove, remove, k::REMOVE),
            none: element.text(none).unwrap_or_default(),
        })
    }

    fn yes_no(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        values: [&Json; 2],
    ) -> Ask {
        let words = [("labelTrue", k::YES), ("labelFalse", k::NO)];
        let items = values
            .into_iter()
            .zip(words)
            .map(|(value, (own, word))| Item {
                value: value.clone(),
                text: element
                    .text(own)
                    .unwrap_or_else(|| self.texts.text(word).to_owned()),
                is_plain: true,
                is_all: false,
                is_on: question.value == *value,
            });
        Ask::One(Pick {
            items: items.collect(),
            look: Look::Pair,
            columns: 2,
            placeholder: String::new(),
            max: 0,
            min: 0,
        })
    }

    fn matrix(&self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Matrix {
        let is_told = self.faults.iter().any(|fault| {
            let lacks = matches!(fault.kind, FaultKind::RowRequired | FaultKind::Required);
            lacks && fault.place == element.place
        });
        let columns: Vec<Item> = question
            .choices
            .iter()
            .map(|one| item(one, false))
            .collect();
        let rows = question.rows.iter().map(|row| {
            let key = plain(&row.value);
            let answer = question.value.get(&key).unwrap_or(&Json::Null);
            let chosen = columns.iter().position(|one| is_same(&one.value, answer));
            Row {
                is_missing: is_told && chosen.is_none(),
                chosen,
                text: row.text.clone(),
                key,
            }
        });
        Matrix {
            rows: rows.collect(),
            columns: Rc::new(columns),
        }
    }
}

fn line(
    element: &ShownElement<'_>,
    question: &ShownQuestion<'_>,
    input: Option<&TextInput>,
) -> Line {
    let look = |name| element.look(name).map(plain).unwrap_or_default();
    let bound = |bound: Option<&Json>| bound.map(plain).unwrap_or_default();
    // In definitions, -1 is no bound.
    let max_length = Some(look("maxLength")).filter(|length| !length.starts_with('-'));
    Line {
        label: String::new(),
        text: plain(&question.value),
        input: Input {
            kind: input.map(|one| one.input_type.clone()).unwrap_or_default(),
            placeholder: element.text("placeholder").unwrap_or_default(),
            max_length: max_length.unwrap_or_default(),
            min: bound(input.and_then(|one| one.min.as_ref())),
            max: bound(input.and_then(|one| one.max.as_ref())),
            step: input
                .and_then(|one| one.step)
                .map(linli_rules::survey::value::number_to_text)
                .unwrap_or_default(),
            autocomplete: look("autocomplete"),
        },
        rows: element
            .look("rows")
            .and_then(Json::as_u64)
            .and_then(|rows| u32::try_from(rows).ok())
            .unwrap_or(AREA_ROWS),
    }
}

fn pick(element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Pick {
    let chosen = chosen(&question.value);
    let is_on = |one: &ShownChoice<'_>| chosen.iter().any(|value| is_same(value, &one.value));
    let mut items: Vec<Item> = question
        .choices
        .iter()
        .map(|one| item(one, is_on(one)))
        .collect();
    let is_all = items
        .iter()
        .zip(&question.choices)
        .all(|(item, one)| one.role != Role::Plain || item.is_on);
    for item in items.iter_mut().filter(|item| item.is_all) {
        item.is_on = is_all;
    }
    let columns = element.look("colCount").and_then(Json::as_u64).unwrap_or(1);
    Pick {
        items,
        look: Look::Rows,
        columns: u8::try_from(columns).unwrap_or(1),
        placeholder: element.text("placeholder").unwrap_or_default(),
        max: 0,
        min: 0,
    }
}

/// In the person's order, what they have not placed after it.
fn ranked(mut pick: Pick, value: &Json) -> Pick {
    let mut rest = std::mem::take(&mut pick.items);
    for one in chosen(value) {
        let place = rest.iter().position(|item| is_same(one, &item.value));
        pick.items.extend(place.map(|place| rest.remove(place)));
    }
    pick.items.append(&mut rest);
    pick
}

fn chosen(value: &Json) -> &[Json] {
    match value {
        Json::Null => &[],
        Json::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

fn item(one: &ShownChoice<'_>, is_on: bool) -> Item {
    Item {
        value: one.value.clone(),
        text: one.text.clone(),
        is_plain: one.role == Role::Plain,
        is_all: one.role == Role::All,
        is_on,
    }
}

fn scale(element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Scale {
    let choices = question.choices.iter();
    let items: Vec<Item> = choices
        .map(|one| item(one, is_same(&one.value, &question.value)))
        .collect();
    let look = element.look("rateType").and_then(Json::as_str);
    let is_long = |item: &Item| item.text.chars().count() > SHORT_CHARS_MAX;
    let words = match look {
        Some("stars") => Words::Stars,
        Some("smileys") => Words::Faces,
        _ if items.iter().any(is_long) => Words::Long,
        _ => Words::Short,
    };
    Scale {
        items,
        least: element.text("minRateDescription").unwrap_or_default(),
        most: element.text("maxRateDescription").unwrap_or_default(),
        words,
    }
}

fn computed(element: &ShownElement<'_>, value: &Json) -> String {
    let text = plain(value);
    match element.text("format") {
        Some(format) => format.replace("{0}", &text),
        None => text,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of choices; the cast saturates"
)]
fn count(of: f64) -> usize {
    of as usize
}

/// A value as text, nothing for none.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        value => linli_rules::survey::Value::from(value).to_text(),
    }
}

/// `1` and `"1"` are one choice.
pub(super) fn is_same(choice: &Json, value: &Json) -> bool {
    choice == value || (!value.is_null() && plain(choice) == plain(value))
}
