//! Questions of several controls: choices, rates, rows, orders, and questions inside.

use super::control::{Frame, Sheet};
use super::display;
use super::field::{self, mark};
use crate::page::people::plain;
use linli_model::survey::{QuestionKind, Scale};
use linli_rules::survey::{Role, ShownChoice, ShownElement, ShownQuestion};
use linli_texts::{survey as s, survey_page as y};
use maud::{Markup, html};
use serde_json::Value;

/// Characters of a rate or column up to which several stand side by side.
const SHORT_CHARS_MAX: usize = 4;
impl Sheet<'_> {
    pub(super) fn group(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        frame: &Frame,
    ) -> Markup {
        let name = field::answer(self.path(element));
        let clears = !element.is_required && !question.value.is_null();
        match question.kind {
            QuestionKind::Rating(scale) => self.rating(element, question, scale, &name, frame),
            QuestionKind::Matrix { needs_each_row, .. } if !question.rows.is_empty() => html! {
                @for (at, row) in question.rows.iter().enumerate() {
                    @let line = field::line(self.path(element), &row.value);
                    @let value = question.value.get(field::key(&row.value));
                    @let id = if at == 0 { format!("{}-in", frame.id) } else { format!("{}-in-{at}", frame.id) };
                    fieldset class="line" role="radiogroup" {
                        legend { bdi { (plain(&row.text)) } }
                        (self.cells(&question.choices, &line, value, id, !needs_each_row))
                    }
                }
            },
            QuestionKind::Nested(_) => self.nested(element, question, frame),
            QuestionKind::Some(select) if select.is_ranked => self.order(element, question, frame),
            QuestionKind::Boolean {
                value_true,
                value_false,
            } => html! {
                @for (nth, (word, value)) in [(field::YES, value_true), (field::NO, value_false)].into_iter().enumerate() {
                    label class="choice" {
                        input type="radio" name=(name) value=(word) checked[question.value == *value]
                            id=[(nth == 0).then(|| format!("{}-in", frame.id))];
                        span { bdi { (display::boolean(self.reader, element, nth == 0)) } }
                    }
                }
                (self.blank(&name, clears, "choice"))
            },
            _ => html! {
                @let kind = if matches!(question.kind, QuestionKind::Some(_)) { "checkbox" } else { "radio" };
                @for (nth, choice) in question.choices.iter().enumerate() {
                    label class=(if choice.role == Role::Other { "choice is-other" } else { "choice" }) {
                        input type=(kind) name=(name) value=(mark(&choice.value)) checked[is_chosen(&question.value, &choice.value)]
                            id=[(nth == 0).then(|| format!("{}-in", frame.id))];
                        span { bdi { (plain(&choice.text)) } }
                    }
                }
                @if kind == "radio" { (self.blank(&name, clears, "choice")) }
            },
        }
    }

    /// The way back to no answer, which browsers' radio buttons do not have.
    fn blank(&self, name: &str, is_offered: bool, class: &str) -> Markup {
        html! {
            @if is_offered {
                label class=(format!("{class} blank")) {
                    input type="radio" name=(name) value="";
                    span { (self.reader.text(y::LEAVE_BLANK)) }
                }
            }
        }
    }

    fn rating(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        scale: &Scale,
        name: &str,
        frame: &Frame,
    ) -> Markup {
        let ends = [
            element.text("minRateDescription"),
            element.text("maxRateDescription"),
        ];
        let last = question.choices.len().saturating_sub(1);
        let all = question.choices.len().to_string();
        let is_row = question.choices.iter().all(|one| is_short(&one.text));
        // A scale that counts from one says so; any other names its rates alone.
        let counts =
            !scale.has_values() && question.choices.first().is_some_and(|one| one.value == 1);
        let spoken = |nth: usize, text: &str| {
            let end = match nth {
                0 => ends[0].as_deref(),
                nth if nth == last => ends[1].as_deref(),
                _ => None,
            };
            let (n, all) = (("n", text), ("all", all.as_str()));
            match (counts, end) {
                (true, Some(end)) => self
                    .reader
                    .texts
                    .fill(s::RATE_OF_NAMED, &[n, all, ("text", &plain(end))]),
                (true, None) => self.reader.texts.fill(s::RATE_OF, &[n, all]),
                (false, Some(end)) => format!("{text}, {}", plain(end)),
                (false, None) => text.to_owned(),
            }
        };
        let class = if is_row { "rate" } else { "choice" };
        html! {
            div class=[is_row.then_some("rates")] {
                @for (nth, choice) in question.choices.iter().enumerate() {
                    @let text = plain(&choice.text);
                    label class=(class) {
                        input type="radio" name=(name) value=(mark(&choice.value)) checked[question.value == choice.value]
                            aria-label=(spoken(nth, &text)) id=[(nth == 0).then(|| format!("{}-in", frame.id))];
                        span { bdi { (text) } }
                    }
                }
                (self.blank(name, !element.is_required && !question.value.is_null(), class))
            }
            @if ends.iter().any(Option::is_some) && is_row {
                p class="ends muted" aria-hidden="true" {
                    @for end in &ends { span { bdi { (plain(end.as_deref().unwrap_or_default())) } } }
                }
            }
        }
    }

    /// Questions inside: once, for each row, or as often as they are added.
    fn nested(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        frame: &Frame,
    ) -> Markup {
        let path = self.path(element);
        let stays = format!("{}#{}", self.action, frame.id);
        let is_list = question.can_add || question.can_remove || question.groups.len() > 1;
        html! {
            div class="groups" id=(format!("{}-in", frame.id)) tabindex="-1" {
                @for (nth, group) in question.groups.iter().enumerate() {
                    @let title = match group.title.is_empty() {
                        true => self.reader.texts.fill(y::NTH, &[("n", &(nth + 1).to_string())]),
                        false => plain(&group.title),
                    };
                    fieldset class=(if is_list { "line" } else { "once" }) {
                        @if is_list { legend { bdi { (title) } } }
                        @for child in &group.elements { (self.element(child)) }
                        @if question.can_remove {
                            button type="submit" class="outline small" name="press" value=(format!("remove/{}/{path}", group.index))
                                formaction=(stays) formnovalidate aria-label=(format!("{}: {title}", self.reader.text(s::REMOVE))) {
                                (self.reader.text(s::REMOVE))
                            }
                        }
                    }
                }
            }
            @if question.can_add {
                button type="submit" class="outline" name="press" value=(format!("add/{path}")) formaction=(stays) formnovalidate {
                    (element.text("addRowText").or_else(|| element.text("addPanelText")).unwrap_or_else(|| self.reader.text(s::ADD).to_owned()))
                }
            }
        }
    }

    /// An order, by a number for each choice.
    fn order(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        frame: &Frame,
    ) -> Markup {
        let path = self.path(element);
        let chosen = question.value.as_array().map_or(&[][..], Vec::as_slice);
        html! {
            @for (at, choice) in question.choices.iter().enumerate() {
                @let name = field::line(path, &choice.value);
                @let place = chosen.iter().position(|one| *one == choice.value).map(|place| place + 1);
                @let typed = self.typed.get(&name).and_then(|typed| typed.parse().ok());
                @let id = if at == 0 { format!("{}-in", frame.id) } else { format!("{}-in-{at}", frame.id) };
                div class="ranked" {
                    select id=(id) name=(name) {
                        option value="" { "–" }
                        @for nth in 1..=question.choices.len() {
                            option value=(nth) selected[typed.or(place) == Some(nth)] { (nth) }
                        }
                    }
                    label for=(id) { bdi { (plain(&choice.text)) } }
                }
            }
        }
    }

    /// The columns of one row.
    fn cells(
        &self,
        columns: &[ShownChoice<'_>],
        name: &str,
        value: Option<&Value>,
        id: String,
        may_clear: bool,
    ) -> Markup {
        html! {
            div class="cells" {
                @for (nth, column) in columns.iter().enumerate() {
                    label class="cell" {
                        input type="radio" name=(name) value=(mark(&column.value)) checked[value == Some(&column.value)]
                            id=[(nth == 0).then_some(&id)];
                        span { bdi { (plain(&column.text)) } }
                    }
                }
                (self.blank(name, may_clear && value.is_some(), "cell"))
            }
        }
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT_CHARS_MAX
}

fn is_chosen(answer: &Value, choice: &Value) -> bool {
    match answer {
        Value::Array(list) => list.contains(choice),
        answer => answer == choice,
    }
}
