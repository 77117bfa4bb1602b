// For widgets without a first view: the wasm's `fresh` card takes the place of the page's
// own content. A part of the widget's script, as `first.js` is of the deliberation's.
export function first(widget, root, given, tag, texts, dress) {
  return async (fresh) => {
    (await dress)();
    root.querySelectorAll("slot,button").forEach((node) => node.remove());
    root.append(fresh);
  };
}
