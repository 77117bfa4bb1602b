//! Questions as the browser's own controls, with names for those who cannot see them.
//!
//! Left to `group`: questions of several controls.

use super::field::{self, mark};
use super::words;
use super::{display, html};
use crate::page::people::{Reader, plain};
use linli_model::survey::{QuestionKind, Select, TextInput};
use linli_rules::survey::{Content, Place, Role, ShownElement, ShownQuestion};
use linli_texts::{survey as s, survey_page as y};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// Lines of a text's field where the definition does not say.
const TEXT_LINES: u64 = 4;

/// A page of a survey on its way to the reader.
pub(super) struct Sheet<'a> {
    pub(super) reader: &'a Reader,
    pub(super) locale: &'a str,
    /// The language that the topic is written in.
    pub(super) lang: &'a str,
    /// What is wrong, by place.
    pub(super) wrong: BTreeMap<Place, Vec<String>>,
    /// Each element's name in the page.
    pub(super) ids: BTreeMap<Place, String>,
    /// Each question's fields.
    pub(super) paths: BTreeMap<Place, String>,
    /// What was typed into fields, where it is no answer.
    pub(super) typed: &'a BTreeMap<String, String>,
    /// The page that takes the form.
    pub(super) action: String,
}

/// What surrounds a question's controls.
pub(super) struct Frame {
    pub(super) id: String,
    help: String,
    is_wrong: bool,
    /// Names of what describes it.
    described_by: Option<String>,
}

impl Sheet<'_> {
    pub(super) fn id(&self, place: &Place) -> String {
        self.ids.get(place).cloned().unwrap_or_default()
    }

    pub(super) fn path(&self, element: &ShownElement<'_>) -> &str {
        self.paths.get(&element.place).map_or("", String::as_str)
    }

    /// An element with all that is in it.
    pub(super) fn element(&self, element: &ShownElement<'_>) -> Markup {
        match &element.content {
            Content::Panel(children) => self.panel(element, children),
            Content::Question(question) => self.question(element, question),
        }
    }

    fn panel(&self, element: &ShownElement<'_>, children: &[ShownElement<'_>]) -> Markup {
        let id = self.id(&element.place);
        let wrong = self.wrong.get(&element.place);
        html! {
            section class="panel" id=(id) tabindex=[wrong.map(|_| "-1")] {
                @if !element.title.is_empty() { h3 lang=[self.lang_of(element)] { bdi { (plain(&element.title)) } } }
                @if !element.description.is_empty() { p class="muted" { bdi { (plain(&element.description)) } } }
                (self.faults(&id, wrong))
                @for child in children { (self.element(child)) }
            }
        }
    }

    fn lang_of<'s>(&'s self, element: &ShownElement<'_>) -> Option<&'s str> {
        words::lang(element.shown, self.locale, self.lang)
    }

    fn faults(&self, id: &str, wrong: Option<&Vec<String>>) -> Markup {
        html! {
            @if let Some(wrong) = wrong {
                p class="fault" id=(format!("{id}-fault")) { @for one in wrong { span { bdi { (plain(one)) } } " " } }
            }
        }
    }

    fn question(&self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Markup {
        if matches!(question.kind, QuestionKind::Shown) {
            return self.shown(element, question);
        }
        let id = self.id(&element.place);
        let wrong = self.wrong.get(&element.place);
        let help = self.hint(element, question);
        let names = [
            (!help.is_empty()).then(|| format!("{id}-help")),
            wrong.map(|_| format!("{id}-fault")),
        ];
        let names: Vec<String> = names.into_iter().flatten().collect();
        let frame = Frame {
            id,
            help,
            is_wrong: wrong.is_some(),
            described_by: (!names.is_empty()).then(|| names.join(" ")),
        };
        let is_group = !matches!(
            question.kind,
            QuestionKind::Text(_) | QuestionKind::Comment | QuestionKind::Expression { .. }
        ) && question.type_name != "dropdown";
        let around = html! {
            @if !frame.help.is_empty() { p class="muted" id=(format!("{}-help", frame.id)) { bdi { (frame.help) } } }
            (self.faults(&frame.id, wrong))
        };
        let class = if frame.is_wrong {
            "question wrong"
        } else {
            "question"
        };
        html! {
            div class=(class) id=(frame.id) lang=[self.lang_of(element)] {
                @if element.is_read_only || matches!(question.kind, QuestionKind::Expression { .. }) {
                    p class="asked" { (self.title(element)) }
                    (around)
                    p { (display::answer(self.reader, element, question).unwrap_or_else(|| html! { "–" })) }
                } @else if is_group {
                    @let is_one = !matches!(question.kind, QuestionKind::Some(_) | QuestionKind::Matrix { .. } | QuestionKind::Nested(_));
                    fieldset role=[is_one.then_some("radiogroup")] aria-describedby=[&frame.described_by]
                        aria-required=[(is_one && element.is_required).then_some("true")]
                        aria-invalid=[(is_one && frame.is_wrong).then_some("true")] {
                        legend { (self.title(element)) }
                        (around)
                        (self.group(element, question, &frame))
                        (self.words(element, question, &frame))
                    }
                } @else {
                    label class="asked" for=(format!("{}-in", frame.id)) { (self.title(element)) }
                    (around)
                    (self.single(element, question, &frame))
                    (self.words(element, question, &frame))
                }
            }
        }
    }

    /// Number, title, and whether an answer is needed.
    fn title(&self, element: &ShownElement<'_>) -> Markup {
        html! {
            @if let Some(number) = element.number { span class="nth" { (number) ". " } }
            bdi { (plain(&element.title)) }
            @if element.is_required { " " span class="must" { (self.reader.text(s::REQUIRED)) } }
        }
    }

    /// The description, and how many may be chosen.
    fn hint(&self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> String {
        let many = match question.kind {
            QuestionKind::Some(select) if select.is_ranked => {
                Some(self.reader.text(y::RANK_HINT).to_owned())
            }
            QuestionKind::Some(select) => self.how_many(select),
            _ => None,
        };
        let parts = [Some(plain(&element.description)), many];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    }

    fn how_many(&self, select: &Select) -> Option<String> {
        let text =
            |bound: f64| (bound > 0.0).then(|| linli_rules::survey::value::number_to_text(bound));
        let texts = &self.reader.texts;
        match (text(select.min_selected), text(select.max_selected)) {
            (Some(min), Some(max)) => {
                Some(texts.fill(s::CHOOSE_BETWEEN, &[("min", &min), ("max", &max)]))
            }
            (Some(min), None) => Some(texts.fill(s::CHOOSE_AT_LEAST, &[("min", &min)])),
            (None, Some(max)) => Some(texts.fill(s::CHOOSE_UP_TO, &[("max", &max)])),
            (None, None) => None,
        }
    }

    fn single(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        frame: &Frame,
    ) -> Markup {
        let name = field::answer(self.path(element));
        let id = format!("{}-in", frame.id);
        let text = match &question.value {
            // What was no answer is there to be mended.
            Value::Null => self.typed.get(&name).cloned().unwrap_or_default(),
            value => mark(value),
        };
        let required = element.is_required.then_some("true");
        let invalid = frame.is_wrong.then_some("true");
        let place_holder = element.text("placeholder");
        let length = element
            .look("maxLength")
            .and_then(Value::as_u64)
            .filter(|one| *one > 0);
        match question.kind {
            QuestionKind::Comment => html! {
                textarea id=(id) name=(name) rows=(element.look("rows").and_then(Value::as_u64).unwrap_or(TEXT_LINES).clamp(2, 20))
                    placeholder=[place_holder] maxlength=[length] aria-describedby=[&frame.described_by]
                    aria-required=[required] aria-invalid=[invalid] {
                    // A browser drops the first line's end.
                    "\n" (text)
                }
            },
            QuestionKind::Text(input) => {
                let (kind, mode) = input_kind(input);
                // Our own check says in the reader's words what is between the steps.
                let step = (kind == "number").then_some("any");
                let complete = element.look("autocomplete").and_then(Value::as_str);
                html! {
                    input id=(id) name=(name) type=(kind) class="plain" value=(text) inputmode=[mode] step=[step]
                        placeholder=[place_holder] maxlength=[length] autocomplete=[complete]
                        aria-describedby=[&frame.described_by] aria-required=[required] aria-invalid=[invalid];
                }
            }
            _ => html! {
                select id=(id) name=(name) aria-describedby=[&frame.described_by] aria-required=[required] aria-invalid=[invalid] {
                    option value="" { (place_holder.unwrap_or_else(|| self.reader.text(s::CHOOSE).to_owned())) }
                    @for choice in &question.choices {
                        option value=(mark(&choice.value)) class=[(choice.role == Role::Other).then_some("is-other")]
                            selected[question.value == choice.value] { (plain(&choice.text)) }
                    }
                }
            },
        }
    }

    /// The place for words beside the answer.
    fn words(
        &self,
        element: &ShownElement<'_>,
        question: &ShownQuestion<'_>,
        frame: &Frame,
    ) -> Markup {
        let other = question.choices.iter().find(|one| one.role == Role::Other);
        if other.is_none() && !question.asks_comment {
            return html! {};
        }
        let (label, place_holder) = match other {
            Some(other) => (Some(other.text.clone()), element.text("otherPlaceholder")),
            None => (
                element.text("commentText"),
                element.text("commentPlaceholder"),
            ),
        };
        let label = label.unwrap_or_else(|| self.reader.text(s::COMMENT_LABEL).to_owned());
        let id = format!("{}-words", frame.id);
        html! {
            div class=(if other.is_some() { "words other" } else { "words" }) {
                label class="asked" for=(id) { bdi { (plain(&label)) } }
                textarea id=(id) name=(field::comment(self.path(element))) rows="2" placeholder=[place_holder] {
                    "\n" (question.comment)
                }
            }
        }
    }

    /// Text or a picture.
    fn shown(&self, element: &ShownElement<'_>, question: &ShownQuestion<'_>) -> Markup {
        if question.type_name != "image" {
            let text = element.text("html").unwrap_or_default();
            return html! { div class="shown" { (html::show(&text)) } };
        }
        let alt = plain(
            &element
                .text("altText")
                .unwrap_or_else(|| element.title.clone()),
        );
        let link = element.text("imageLink").unwrap_or_default();
        // Of other servers' pictures nobody is told who reads what here.
        let is_ours = link.starts_with("/u/") || link.starts_with("data:image/");
        html! {
            div class="shown" {
                @if is_ours { img src=(link) alt=(alt) loading="lazy"; }
                @else { p class="muted" { bdi { (alt) } } }
            }
        }
    }
}

/// The browser's type and keyboard. Whatever it would refuse in words of its own is left
/// to our check; what cannot be left empty is a line of text.
fn input_kind(input: &TextInput) -> (&'static str, Option<&'static str>) {
    match input.input_type.as_str() {
        "number" | "range" => ("number", Some("decimal")),
        "tel" => ("tel", None),
        "password" => ("password", None),
        "date" => ("date", None),
        "datetime-local" | "datetime" => ("datetime-local", None),
        "month" => ("month", None),
        "week" => ("week", None),
        "time" => ("time", None),
        "email" => ("text", Some("email")),
        "url" => ("text", Some("url")),
        "search" => ("search", None),
        _ => ("text", None),
    }
}
