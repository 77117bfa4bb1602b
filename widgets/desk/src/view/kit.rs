//! What the desk's screens are made of: headings, buttons, fields, notices, and what is
//! shown while an answer is awaited or did not come.

use super::el::{El, div, el, icon, list, nothing, says};
use super::ui::Ui;
use super::words;
use crate::route::Route;
use crate::state::{Action, Field, Pick};
use linli_port::desk::{DeskError, Question};
use linli_texts::{Key, desk as k};
use linli_ui::Block;
use yew::prelude::*;

impl Ui<'_> {
    /// The screen's heading.
    pub(crate) fn heading(&self, words: impl Into<AttrValue>) -> El {
        says("h1", words).attr("tabindex", "-1").node(&self.heading)
    }

    pub(crate) fn button(&self, class: &'static str, label: String, action: Action) -> El {
        let button = says("button", label).class(class).attr("type", "button");
        button.click(self.on(action))
    }

    pub(crate) fn primary(&self, label: Key, action: Action) -> El {
        self.button("btn btn-primary fit", self.t(label), action)
    }

    pub(crate) fn outline(&self, label: Key, action: Action) -> El {
        self.button("btn btn-outline fit", self.t(label), action)
    }

    pub(crate) fn quiet(&self, label: Key, action: Action) -> El {
        self.button("quiet", self.t(label), action)
    }

    pub(crate) fn link(&self, class: &'static str, label: Key, route: &Route) -> El {
        says("a", self.t(label))
            .class(class)
            .attr("href", route.hash())
    }

    /// Why something was not done, and what to do next. Announced at once.
    pub(crate) fn problem(&self, error: &DeskError) -> El {
        let (title, next) = words::error(self, error);
        div("problem")
            .attr("role", "alert")
            .put(says("strong", title))
            .put(says("span", next))
    }

    pub(crate) fn note(&self, words: impl Into<AttrValue>) -> El {
        says("p", words).class("note")
    }

    /// What a question's answer shows, the shape of it while there is none, or why there
    /// is none. An old answer stays, with a word about it.
    pub(crate) fn shown(&self, question: &Question, content: Option<El>) -> Html {
        let slot = self.state.slots.get(question);
        let problem = slot.and_then(|slot| slot.problem.as_ref());
        match (content, problem) {
            (Some(content), None) => content.into(),
            (Some(content), Some(_)) => list([self.stale().into(), content.into()]),
            (None, Some(error)) => div("card")
                .put(self.problem(error))
                .put(self.outline(k::RETRY, Action::RetryAsked))
                .into(),
            (None, None) => self.ghosts(),
        }
    }

    fn stale(&self) -> El {
        div("note row-note")
            .attr("role", "status")
            .put(says("span", self.t(k::STALE)))
            .put(self.quiet(k::RETRY, Action::RetryAsked))
    }

    fn ghosts(&self) -> Html {
        let ghosts = Block::Ghosts(self.t(k::LOADING));
        div("card")
            .tells("aria-busy", true)
            .all(linli_ui::block::render(&[ghosts]))
            .into()
    }

    pub(crate) fn empty(&self, title: Key, lead: Key) -> El {
        div("card empty")
            .put(icon("M5 12.5l4.5 4.5L19 7.5"))
            .put(says("p", self.t(title)).class("verdict"))
            .put(says("p", self.t(lead)).class("muted"))
    }

    /// A section with its own heading.
    pub(crate) fn section(&self, title: String) -> El {
        el("section").class("part").put(says("h2", title))
    }

    /// A name and what it is, as in a list of facts.
    pub(crate) fn fact(&self, name: Key, what: impl Into<AttrValue>) -> Html {
        div("fact")
            .put(says("dt", self.t(name)))
            .put(says("dd", what))
            .into()
    }

    pub(crate) fn facts(&self, facts: Vec<Html>) -> El {
        el("dl").class("facts").all(facts)
    }

    /// A field of one line.
    pub(crate) fn field(&self, input: Input<'_>) -> El {
        let typed = self.typed(input.field.clone());
        let mut line = el("input")
            .id(input.id.to_owned())
            .attr("type", input.kind)
            .value(input.value)
            .maybe("autocomplete", input.complete)
            .maybe("inputmode", input.mode)
            .maybe("maxlength", input.max.map(|max| max.to_string()))
            .typed(typed);
        if input.complete.is_none() {
            line = line.attr("autocomplete", "off");
        }
        self.around(&input, line.tells("required", input.required))
    }

    /// A field of several lines.
    pub(crate) fn area(&self, input: Input<'_>) -> El {
        let area = el("textarea")
            .id(input.id.to_owned())
            .attr("rows", "4")
            .value(input.value)
            .maybe("maxlength", input.max.map(|max| max.to_string()))
            .typed(self.typed(input.field.clone()));
        self.around(&input, area)
    }

    /// One of a list. `options`: value and name.
    pub(crate) fn choose(&self, input: Input<'_>, options: Vec<(String, String)>) -> El {
        let act = self.act.clone();
        let field = input.field.clone();
        let changed = Callback::from(move |event: Event| {
            let held = event.target().and_then(|target| super::el::held(&target));
            if let Some(value) = held {
                act.emit(Action::Typed(field.clone(), value));
            }
        });
        let options = options.into_iter().map(|(value, name)| {
            let on = value == input.value;
            says("option", name)
                .attr("value", value)
                .selected(on)
                .into()
        });
        let options: Vec<Html> = options.collect();
        let choice = el("select")
            .id(input.id.to_owned())
            .all(options)
            .changed(changed);
        self.around(&input, choice)
    }

    fn around(&self, input: &Input<'_>, control: El) -> El {
        let (hint_id, fault_id) = (format!("{}-hint", input.id), format!("{}-fault", input.id));
        let mut described = Vec::new();
        if input.fault.is_some() {
            described.push(fault_id.clone());
        }
        if !input.hint.is_empty() {
            described.push(hint_id.clone());
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let control = control
            .maybe("aria-describedby", described)
            .tells("aria-invalid", input.fault.is_some());
        let hint = (!input.hint.is_empty()).then(|| says("small", input.hint.clone()).id(hint_id));
        let fault = input.fault.clone();
        let fault = fault.map(|fault| says("small", fault).class("fault").id(fault_id));
        div("entry")
            .put(says("label", input.label.clone()).attr("for", input.id.to_owned()))
            .some(hint)
            .put(control)
            // Something is always there: a child that goes would move the field, and the
            // focus would be lost while typing.
            .put(fault.map_or_else(nothing, Into::into))
    }

    /// A group of radio buttons. Each: label, further words, whether it is on, what
    /// choosing it does.
    pub(crate) fn radios(
        &self,
        name: &'static str,
        legend: String,
        rows: Vec<(String, String, bool, Pick)>,
    ) -> El {
        let row = |(label, detail, on, pick)| Choice {
            label,
            detail,
            on,
            pick,
            off: false,
        };
        self.choices(name, legend, rows.into_iter().map(row).collect())
    }

    /// The same, where some of them may not be chosen.
    pub(crate) fn choices(&self, name: &'static str, legend: String, rows: Vec<Choice>) -> El {
        let row = |(index, one): (usize, Choice)| {
            let id = format!("{name}-{index}");
            let radio = el("input")
                .attr("type", "radio")
                .attr("name", name)
                .id(id.clone())
                .flag("disabled", one.off)
                .checked(one.on)
                .changed(self.picked(one.pick));
            self.choice("choice", radio, id, one.label, one.detail, one.on)
        };
        let rows: Vec<Html> = rows.into_iter().enumerate().map(row).collect();
        el("fieldset")
            .class("choices")
            .put(says("legend", legend))
            .all(rows)
    }

    /// A box to be ticked.
    pub(crate) fn tick(
        &self,
        id: &'static str,
        label: String,
        detail: String,
        on: bool,
        changed: Callback<Event>,
    ) -> Html {
        let tick = el("input")
            .attr("type", "checkbox")
            .id(id)
            .checked(on)
            .changed(changed);
        self.choice("choice tick-box", tick, id.to_owned(), label, detail, on)
    }

    pub(crate) fn choice(
        &self,
        class: &'static str,
        control: El,
        id: String,
        label: String,
        detail: String,
        on: bool,
    ) -> Html {
        let more = (!detail.is_empty()).then(|| format!("{id}-more"));
        let detail = more
            .clone()
            .map(|more| says("span", detail).class("muted").id(more));
        let words = div("choice-words")
            .put(says("label", label).attr("for", id))
            .some(detail);
        div(class)
            .flag("data-on", on)
            .put(control.maybe("aria-describedby", more))
            .put(words)
            .into()
    }
}

/// One of a group of radio buttons, before it is drawn.
pub(crate) struct Choice {
    pub(crate) label: String,
    /// Further words; of one that is off, why.
    pub(crate) detail: String,
    pub(crate) on: bool,
    /// What choosing it does.
    pub(crate) pick: Pick,
    /// It cannot be chosen.
    pub(crate) off: bool,
}

/// A field, before it is drawn.
pub(crate) struct Input<'a> {
    pub(crate) id: &'a str,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) value: &'a str,
    pub(crate) field: Field,
    pub(crate) kind: &'static str,
    pub(crate) fault: Option<String>,
    pub(crate) complete: Option<&'static str>,
    pub(crate) mode: Option<&'static str>,
    pub(crate) max: Option<usize>,
    pub(crate) required: bool,
}

impl<'a> Input<'a> {
    pub(crate) fn new(id: &'a str, label: String, value: &'a str, field: Field) -> Self {
        Self {
            id,
            label,
            hint: String::new(),
            value,
            field,
            kind: "text",
            fault: None,
            complete: None,
            mode: None,
            max: None,
            required: false,
        }
    }
}

/// A table; the first cell heads its row. Wide ones scroll by themselves.
pub(crate) fn table(caption: String, head: Vec<String>, rows: Vec<Vec<String>>) -> El {
    let heads = head
        .into_iter()
        .map(|word| says("th", word).attr("scope", "col").into());
    let heads: Vec<Html> = heads.collect();
    let rows = rows.into_iter().map(|cells| {
        let cells = cells
            .into_iter()
            .enumerate()
            .map(|(index, word)| match index {
                0 => says("th", word).attr("scope", "row").into(),
                _ => says("td", word).into(),
            });
        let cells: Vec<Html> = cells.collect();
        el("tr").all(cells).into()
    });
    let rows: Vec<Html> = rows.collect();
    let head = (!heads.is_empty()).then(|| el("thead").put(el("tr").all(heads)));
    // Named and reachable, since it may scroll.
    let table = el("table")
        .put(says("caption", caption.clone()).class("visually-hidden"))
        .some(head)
        .put(el("tbody").all(rows));
    div("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", caption)
        .put(table)
}

/// A node only where the condition holds.
pub(crate) fn only(condition: bool, node: impl FnOnce() -> Html) -> Html {
    if condition { node() } else { nothing() }
}
