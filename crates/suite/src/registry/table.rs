//! Every widget of the suite, one line each. Adding a widget is adding its line here,
//! its `props` function in `props.rs` and its dependency.
//!
//! The build reads this file too (`cargo xtask dist`), with a `widgets!` of its own:
//! it makes the loader's table from it, so that nothing is said twice.
//!
//! `name: component, tag, attribute in collection, text parts;` – the name is also the
//! folder under `widgets/` whose `style.css` it wears, and the name of its wasm piece.
//! `collection` is where the HTTP API keeps what the attribute names: the loader asks
//! for it while the wasm is still on its way.

widgets! {
    deliberation: linli_deliberation::Deliberation, "linli-deliberation", "topic" in "topics", ["deliberation", "refusal"];
}
