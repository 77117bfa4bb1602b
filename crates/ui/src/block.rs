//! What a card is made of: blocks, and the one place that turns them into elements.
//!
//! A widget's view says *what* stands on its card, as values; every element is made
//! here. So all widgets look alike, a view can be tested as data, and a resident
//! downloads the code that builds elements once. No `style` attribute is ever set: a
//! strict CSP forbids it; lengths that depend on figures are SVG attributes.

use crate::kit;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, VNode, VTag};

/// One thing on a card, from top to bottom.
#[derive(Clone, PartialEq)]
pub enum Block {
    /// Small print above everything: a tag, and where this is.
    Kicker {
        /// The tag, in the person's language.
        tag: String,
        /// Where, in the author's language.
        text: String,
        /// The author's language.
        lang: AttrValue,
    },
    /// The card's heading. `node` lets it take the focus when the card changes.
    Heading {
        /// The words.
        text: String,
        /// Their language.
        lang: AttrValue,
        /// For focus.
        node: NodeRef,
    },
    /// A heading with a seal beside it: how something ended, or stands.
    Banner {
        /// The seal.
        seal: Seal,
        /// The words.
        title: String,
        /// A line below them; may be empty.
        sub: String,
        /// For focus.
        node: NodeRef,
    },
    /// A paragraph.
    Text {
        /// How loud.
        tone: Tone,
        /// The words; line feeds are kept in `Tone::Body`.
        text: String,
        /// Their language, where it is not the person's.
        lang: Option<AttrValue>,
    },
    /// Where sending stands. `reached` counts the steps that are done.
    Steps {
        /// One word each.
        labels: Vec<String>,
        /// How many are done.
        reached: usize,
    },
    /// Something worth knowing, without alarm. Announced politely.
    Note {
        /// In bold, on a line of its own; may be empty.
        strong: String,
        /// The words.
        text: String,
    },
    /// Why something was not done, and what to do next. Announced at once.
    Problem {
        /// What happened.
        title: String,
        /// What to do; may be empty.
        next: String,
    },
    /// A whole-width button. It says what will happen.
    Button {
        /// How it looks.
        look: Look,
        /// The words.
        label: String,
        /// Not yet possible: the label says why. It stays reachable for everyone.
        off: bool,
        /// What it does; `None` submits the form around it.
        tap: Option<Callback<MouseEvent>>,
    },
    /// A whole-width link to a page of ours, in a new tab.
    Link {
        /// How it looks.
        look: Look,
        /// The words.
        label: String,
        /// Where to.
        href: String,
    },
    /// Quiet things side by side.
    Foot(Vec<Block>),
    /// A quiet action, for `Foot`.
    Quiet {
        /// The words.
        label: String,
        /// What it does.
        tap: Callback<MouseEvent>,
    },
    /// A few words, for `Foot`.
    Small(String),
    /// More, one tap away.
    Fold {
        /// What it is about.
        summary: String,
        /// What it holds.
        blocks: Vec<Block>,
    },
    /// A group of choices, as native radio buttons or boxes.
    Options(Options),
    /// A plain list.
    Bullets {
        /// The items.
        items: Vec<String>,
        /// Their language.
        lang: AttrValue,
    },
    /// A code to be read out or copied.
    Code {
        /// What it is.
        label: String,
        /// The code.
        code: String,
    },
    /// A field for a code.
    Field(Field),
    /// Blocks that are submitted together, by Enter or by their button.
    Form {
        /// What it holds.
        blocks: Vec<Block>,
        /// An answer is awaited.
        busy: bool,
        /// Submits.
        submit: Callback<SubmitEvent>,
    },
    /// Shares of a whole.
    Bars {
        /// In the order shown.
        bars: Vec<Bar>,
        /// Language of their names.
        lang: AttrValue,
        /// Language of their figures.
        figures: AttrValue,
    },
    /// A table; the first column heads its row.
    Table {
        /// Heads of columns; may be empty.
        head: Vec<String>,
        /// Rows of as many cells.
        rows: Vec<Vec<String>>,
    },
    /// The shape of what is being loaded; the words are for those who cannot see it.
    Ghosts(String),
    /// Blocks whose changes are announced.
    Live {
        /// At once, or politely.
        urgent: bool,
        /// What it holds.
        blocks: Vec<Block>,
    },
}

/// Beside a banner's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// Done.
    Done,
    /// Waiting.
    Wait,
    /// Needs care.
    Care,
}

/// How loud a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// Second to others.
    Muted,
    /// The sentence that matters.
    Strong,
    /// Several paragraphs, as their author wrote them.
    Body,
    /// Heads what follows.
    Title,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do next.
    Primary,
    /// A second choice of equal standing.
    Outline,
    /// Help.
    Soft,
    /// Among quiet things.
    Quiet,
}

/// A group of choices.
#[derive(Clone, PartialEq)]
pub struct Options {
    /// Names the group for those who cannot see what stands above it.
    pub legend: String,
    /// How many may be chosen; empty where one.
    pub hint: String,
    /// Boxes instead of radio buttons.
    pub many: bool,
    /// Language of the rows, where it is not the person's.
    pub lang: Option<AttrValue>,
    /// In the order shown.
    pub rows: Vec<Row>,
    /// Called with the row's index.
    pub pick: Callback<usize>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its value in the form.
    pub value: String,
    /// Its name.
    pub text: String,
    /// More about it; may be empty.
    pub detail: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// A field for a code.
#[derive(Clone, PartialEq)]
pub struct Field {
    /// Its name for people.
    pub label: String,
    /// What may be typed.
    pub hint: String,
    /// What is typed.
    pub value: String,
    /// Not to be changed now.
    pub busy: bool,
    /// What is typed cannot be right.
    pub invalid: bool,
    /// Called with what is typed.
    pub typed: Callback<String>,
}

/// A share of a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Whose.
    pub name: String,
    /// In words.
    pub figure: String,
    /// In basis points.
    pub share_bp: u64,
    /// None is larger, or it reaches what is needed.
    pub leads: bool,
    /// What is needed, in basis points and in words.
    pub limit: Option<(u64, String)>,
}

/// A paragraph in the person's language.
pub fn text(tone: Tone, text: impl Into<String>) -> Block {
    Block::Text {
        tone,
        text: text.into(),
        lang: None,
    }
}

/// Blocks as elements.
pub fn render(blocks: &[Block]) -> Vec<VNode> {
    blocks.iter().map(element).collect()
}

fn element(block: &Block) -> VNode {
    match block {
        Block::Kicker { tag, text, lang } => {
            let tag = node("span", "tag", vec![words(tag)]);
            let place = with("span", &["lang"], [Some(lang.clone())], vec![words(text)]);
            node("p", "kick", vec![tag, place])
        }
        Block::Heading { text, lang, node } => heading(text, Some(lang), node),
        Block::Banner {
            seal,
            title,
            sub,
            node,
        } => banner(*seal, title, sub, node),
        Block::Text { tone, text, lang } => paragraph(*tone, text, lang.as_ref()),
        Block::Steps { labels, reached } => steps(labels, *reached),
        Block::Note { strong, text } => {
            let mut inner = vec![words(text)];
            if !strong.is_empty() {
                inner.insert(0, node("strong", "", vec![words(strong)]));
            }
            with(
                "p",
                &["class", "role"],
                [fixed("note"), fixed("status")],
                inner,
            )
        }
        Block::Problem { title, next } => {
            let mut inner = vec![node("strong", "", vec![words(title)])];
            if !next.is_empty() {
                inner.push(node("span", "", vec![words(next)]));
            }
            with(
                "div",
                &["class", "role"],
                [fixed("problem"), fixed("alert")],
                inner,
            )
        }
        Block::Button {
            look,
            label,
            off,
            tap,
        } => button(*look, label, *off, tap.as_ref()),
        Block::Link { look, label, href } => link(*look, label, href),
        Block::Foot(blocks) => node("div", "foot", render(blocks)),
        Block::Quiet { label, tap } => button(Look::Quiet, label, false, Some(tap)),
        Block::Small(text) => node("span", "", vec![words(text)]),
        Block::Fold { summary, blocks } => {
            let summary = node("summary", "", vec![words(summary)]);
            node(
                "details",
                "more",
                vec![summary, node("div", "more-body", render(blocks))],
            )
        }
        Block::Options(options) => choices(options),
        Block::Bullets { items, lang } => {
            let items = items
                .iter()
                .map(|item| node("li", "", vec![words(item)]))
                .collect();
            with(
                "ul",
                &["class", "lang"],
                [fixed("plain"), Some(lang.clone())],
                items,
            )
        }
        Block::Code { label, code } => {
            let code = node("code", "receipt-code", vec![words(code)]);
            node("p", "muted", vec![words(label), code])
        }
        Block::Field(field) => text_field(field),
        Block::Form {
            blocks,
            busy,
            submit,
        } => {
            let busy = busy.then_some("true");
            html! { <form onsubmit={submit} novalidate=true aria-busy={busy}>{ render(blocks) }</form> }
        }
        Block::Bars {
            bars,
            lang,
            figures,
        } => {
            let items = bars.iter().map(|bar| share(bar, figures)).collect();
            with(
                "ul",
                &["class", "lang"],
                [fixed("result"), Some(lang.clone())],
                items,
            )
        }
        Block::Table { head, rows } => table(head, rows),
        Block::Ghosts(label) => ghosts(label),
        Block::Live { urgent, blocks } => {
            let role = if *urgent { "alert" } else { "status" };
            with("div", &["role"], [fixed(role)], render(blocks))
        }
    }
}

fn heading(text: &str, lang: Option<&AttrValue>, reference: &NodeRef) -> VNode {
    let values = [fixed("-1"), lang.cloned()];
    let mut tag = tag("h2", &["tabindex", "lang"], values, vec![words(text)]);
    tag.node_ref = reference.clone();
    tag.into()
}

fn banner(seal: Seal, title: &str, sub: &str, reference: &NodeRef) -> VNode {
    let (class, path) = match seal {
        Seal::Done => ("seal", "M5 12.8l4.6 4.6L19 8"),
        Seal::Wait => (
            "seal wait",
            "M7 3h10M7 21h10M8 3v3.5l4 4.5 4-4.5V3M8 21v-3.5l4-4.5 4 4.5V21",
        ),
        Seal::Care => ("seal care", "M12 5v9M12 18.5v.5"),
    };
    let mut inner = vec![heading(title, None, reference)];
    if !sub.is_empty() {
        inner.push(node("span", "muted", vec![words(sub)]));
    }
    let seal = node("span", class, vec![drawing("26", path)]);
    node("div", "big", vec![seal, node("div", "", inner)])
}

fn paragraph(tone: Tone, text: &str, lang: Option<&AttrValue>) -> VNode {
    let (name, class) = match tone {
        Tone::Plain => ("p", ""),
        Tone::Muted => ("p", "muted"),
        Tone::Strong => ("p", "verdict"),
        Tone::Body => ("p", "body-text"),
        Tone::Title => ("h3", ""),
    };
    with(
        name,
        &["class", "lang"],
        [fixed(class), lang.cloned()],
        vec![words(text)],
    )
}

fn steps(labels: &[String], reached: usize) -> VNode {
    let step = |(index, label): (usize, &String)| {
        let done = (index < reached).then_some("done").and_then(fixed);
        let current = (index + 1 == reached).then_some("step").and_then(fixed);
        with(
            "li",
            &["class", "aria-current"],
            [done, current],
            vec![words(label)],
        )
    };
    node("ol", "steps", labels.iter().enumerate().map(step).collect())
}

fn button(look: Look, label: &str, off: bool, tap: Option<&Callback<MouseEvent>>) -> VNode {
    let kind = if tap.is_some() { "button" } else { "submit" };
    html! {
        <button
            type={kind}
            class={look.class()}
            part={(look == Look::Primary).then_some("primary")}
            aria-disabled={off.then_some("true")}
            onclick={tap.cloned()}
        >
            { words(label) }
        </button>
    }
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Outline => "btn btn-outline",
            Self::Soft => "btn btn-soft",
            Self::Quiet => "quiet",
        }
    }
}

fn link(look: Look, label: &str, href: &str) -> VNode {
    let values = [
        fixed(look.class()),
        Some(AttrValue::from(href.to_owned())),
        fixed("_blank"),
        fixed("noopener"),
    ];
    with(
        "a",
        &["class", "href", "target", "rel"],
        values,
        vec![words(label)],
    )
}

fn choices(options: &Options) -> VNode {
    let mut inner = vec![node(
        "legend",
        "visually-hidden",
        vec![words(&options.legend)],
    )];
    if !options.hint.is_empty() {
        inner.push(node("p", "muted", vec![words(&options.hint)]));
    }
    let rows = options.rows.iter().enumerate();
    inner.extend(rows.map(|(index, row)| choice(options, index, row)));
    node("fieldset", "", inner)
}

fn choice(options: &Options, index: usize, row: &Row) -> VNode {
    let (many, on) = (options.many, row.on);
    let pick = options.pick.clone();
    let onchange = Callback::from(move |event: Event| {
        // The state decides what is ticked: a box is put back until it has.
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input.filter(|_| many) {
            input.set_checked(on);
        }
        pick.emit(index);
    });
    let input = html! {
        <input
            type={if many { "checkbox" } else { "radio" }}
            name="choice"
            value={row.value.clone()}
            checked={on}
            {onchange}
        />
    };
    let mut inner = vec![
        input,
        node("span", "dot", vec![drawing("18", "M5 12.8l4.6 4.6L19 8")]),
        node("span", "", vec![words(&row.text)]),
    ];
    if !row.detail.is_empty() {
        inner.push(node("span", "detail", vec![words(&row.detail)]));
    }
    let class = match (many, on) {
        (false, false) => "row",
        (false, true) => "row on",
        (true, false) => "row many",
        (true, true) => "row many on",
    };
    let values = [fixed(class), fixed("option"), options.lang.clone()];
    with("label", &["class", "part", "lang"], values, inner)
}

fn text_field(field: &Field) -> VNode {
    let typed = field.typed.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        typed.emit(input.map(|input| input.value()).unwrap_or_default());
    });
    let input = html! {
        <input
            type="text"
            name="code"
            value={field.value.clone()}
            {oninput}
            maxlength="64"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
            enterkeyhint="go"
            readonly={field.busy}
            aria-invalid={field.invalid.then_some("true")}
        />
    };
    let label = node("span", "", vec![words(&field.label)]);
    let hint = node("small", "", vec![words(&field.hint)]);
    node("label", "field", vec![label, hint, input])
}

fn share(bar: &Bar, figures: &AttrValue) -> VNode {
    let figure = with(
        "span",
        &["class", "lang"],
        [fixed("figure"), Some(figures.clone())],
        vec![words(&bar.figure)],
    );
    let class = if bar.leads { "line lead" } else { "line" };
    let line = node(
        "div",
        class,
        vec![node("span", "", vec![words(&bar.name)]), figure],
    );
    let rect = |class: &'static str, width: AttrValue| {
        let values = [fixed(class), Some(width), fixed("12"), fixed("6")];
        with(
            "rect",
            &["class", "width", "height", "rx"],
            values,
            Vec::new(),
        )
    };
    let class = if bar.leads { "bar first" } else { "bar" };
    let values = [
        fixed(class),
        fixed("100%"),
        fixed("12"),
        fixed("true"),
        fixed("false"),
    ];
    let mut rects = vec![
        rect("bar-all", AttrValue::Static("100%")),
        rect("bar-part", kit::width(bar.share_bp).into()),
    ];
    let mut note = Vec::new();
    if let Some((limit_bp, words_of_it)) = &bar.limit {
        let values = [
            fixed("bar-limit"),
            Some(kit::width(*limit_bp).into()),
            fixed("2"),
            fixed("12"),
        ];
        rects.push(with(
            "rect",
            &["class", "x", "width", "height"],
            values,
            Vec::new(),
        ));
        note.push(node("p", "muted", vec![words(words_of_it)]));
    }
    let keys = &["class", "width", "height", "aria-hidden", "focusable"];
    let mut parts = vec![line, with("svg", keys, values, rects)];
    parts.append(&mut note);
    node("li", "", parts)
}

fn table(head: &[String], rows: &[Vec<String>]) -> VNode {
    let cell = |(index, text): (usize, &String)| match index {
        0 => with("th", &["scope"], [fixed("row")], vec![words(text)]),
        _ => node("td", "", vec![words(text)]),
    };
    let row = |cells: &Vec<String>| node("tr", "", cells.iter().enumerate().map(cell).collect());
    let heads = head
        .iter()
        .map(|text| with("th", &["scope"], [fixed("col")], vec![words(text)]));
    let heads: Vec<VNode> = heads.collect();
    let mut inner = Vec::new();
    if !heads.is_empty() {
        inner.push(node("thead", "", vec![node("tr", "", heads)]));
    }
    inner.push(node("tbody", "", rows.iter().map(row).collect()));
    node("table", "", inner)
}

fn ghosts(label: &str) -> VNode {
    let status = [fixed("visually-hidden"), fixed("status")];
    let mut inner = vec![with("p", &["class", "role"], status, vec![words(label)])];
    for class in [
        "ghost title",
        "ghost",
        "ghost option",
        "ghost option",
        "ghost option",
    ] {
        inner.push(node("span", class, Vec::new()));
    }
    node("div", "", inner)
}

/// A line drawing of 24 × 24; no font has it alike.
fn drawing(size: &'static str, path: &'static str) -> VNode {
    let keys = &[
        "d",
        "fill",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
    ];
    let values = [path, "none", "currentColor", "2.4", "round", "round"].map(fixed);
    let path = with("path", keys, values, Vec::new());
    let values = ["0 0 24 24", size, size, "true", "false"].map(fixed);
    with(
        "svg",
        &["viewBox", "width", "height", "aria-hidden", "focusable"],
        values,
        vec![path],
    )
}

fn words(text: &str) -> VNode {
    VNode::from(text)
}

fn fixed(value: &'static str) -> Option<AttrValue> {
    (!value.is_empty()).then_some(AttrValue::Static(value))
}

fn node(name: &'static str, class: &'static str, inner: Vec<VNode>) -> VNode {
    tag(name, &["class"], [fixed(class)], inner).into()
}

fn with<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    values: [Option<AttrValue>; N],
    inner: Vec<VNode>,
) -> VNode {
    tag(name, keys, values, inner).into()
}

fn tag<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    values: [Option<AttrValue>; N],
    inner: Vec<VNode>,
) -> VTag {
    bare(name, keys, Box::new(values), inner)
}

// One copy for every number of attributes.
fn bare(
    name: &'static str,
    keys: &'static [&'static str],
    values: Box<[Option<AttrValue>]>,
    inner: Vec<VNode>,
) -> VTag {
    let mut tag = VTag::new(name);
    let values = values.into_vec().into_iter();
    let values = values
        .map(|value| value.map(AttributeOrProperty::Attribute))
        .collect();
    tag.set_attributes(Attributes::Dynamic { keys, values });
    tag.add_children(inner);
    tag
}
