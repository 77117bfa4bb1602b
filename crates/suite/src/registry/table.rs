//! Every widget of the suite, one line each. Adding a widget is adding its line here, the
//! cargo feature of its name, its `props` function in `props.rs` and its dependency.
//!
//! The build reads this file too (`cargo xtask dist`), with a `widgets!` of its own:
//! it makes the loader's table from it, so that nothing is said twice.
//!
//! `name: component, tag, attribute and more in collection, text parts;` – the name is also
//! the folder under `widgets/` whose `style.css` it wears, and the name of its files.
//! `attribute` says what an element is about; `more` are attributes that only this widget
//! has. `collection` is where the HTTP API keeps what the attribute names: the loader asks
//! for it while the wasm is still on its way.

widgets! {
    #[cfg(feature = "deliberation")]
    deliberation: linli_deliberation::Deliberation, "linli-deliberation", "topic" in "topics", ["deliberation", "refusal"];
    #[cfg(feature = "survey")]
    survey: linli_survey::Survey, "linli-survey", "topic" and "place" in "surveys", ["survey", "deliberation", "refusal"];
}
