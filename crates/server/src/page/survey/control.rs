//! Questions as the browser's own controls, with names for those who cannot see them.

use super::field::{self, mark};
use super::words;
use super::{display, html};
use crate::page::people::{Reader, plain};
use linli_model::survey::{QuestionKind, Scale, Select, TextInput};
use linli_rules::survey::{Content, Place, Role, ShownChoice, ShownElement, ShownQuestion};
use linli_texts::{survey as s, survey_page as y};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// Characters of a rate or column up to which several stand side by side.
const SHORT_CHARS_MAX: usize = 4;
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
struct Frame {
    id: String,
    help: String,
    is_wrong: bool,
    /// Names of what describes it.
    described_by: Option<String>,
}

impl Sheet<'_> {
    pub(super) fn id(&self, place: &Place) -> String {
        self.ids.get(place).cloned().unwrap_or_default()
    }

    fn path(&self, element: &ShownElement<'_>) -> &str {
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

    fn group(
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
                    @let id = format!("{}-in-{at}", frame.id);
                    fieldset class="line" role="radiogroup" {
                        legend { bdi { (plain(&row.text)) } }
                        (self.cells(&question.choices, &line, value, (at == 0).then(|| format!("{}-in", frame.id)).unwrap_or(id), !needs_each_row))
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

fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT_CHARS_MAX
}

fn is_chosen(answer: &Value, choice: &Value) -> bool {
    match answer {
        Value::Array(list) => list.contains(choice),
        answer => answer == choice,
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
