// The hosted page's one script. A scanned code stands in the address's fragment
// (`#c=…`), which is not sent to anybody: it goes into the field of the plain form. The
// form then stays the page; the widget, which cannot be told the code, does not take
// over. Without this script the code is typed.
(() => {
  const code = /^#c=([0-9A-Za-z]{26})$/.exec(location.hash);
  const field = code && document.getElementById("code");
  if (!field) return;
  field.value = code[1];
  // Not for the next person who looks at this browser's history.
  history.replaceState(history.state, "", location.pathname + location.search);
  const folded = field.closest("details");
  if (folded) folded.open = true;
  const widget = field.closest("linli-deliberation");
  if (widget) widget.replaceWith(...widget.childNodes);
})();
