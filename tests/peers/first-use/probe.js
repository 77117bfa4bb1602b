// Runs in the measured page before anything else of it. Owns the moment at which a
// resident could answer; leaves what is loaded, and from where, to the page.
//
// The same test for every peer: a radio button that is in the document, enabled and
// visible, seen by one frame and painted by the next. Shadow roots stay as closed as
// they were made; the probe only remembers them in order to look inside.
(() => {
  const roots = [document];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(init) {
    const root = attach.call(this, init);
    roots.push(root);
    return root;
  };

  // Kits hide the native circle and draw their own beside it: the label is what shows.
  const target = (input) => input.closest("label") ?? input;
  const isUsable = (input) => {
    if (input.disabled || !input.isConnected) return false;
    const shown = target(input);
    const { width, height } = shown.getBoundingClientRect();
    const see = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
    return width > 0 && height > 0 && shown.checkVisibility(see);
  };
  const radios = () => roots.flatMap((root) => [...root.querySelectorAll("input[type=radio]")]);

  const found = { usable_ms: null, ready_ms: null, taken_ms: null };
  const nextFrame = (then) => requestAnimationFrame(() => then(performance.now()));
  // Ours is replaced once, when it has said that it is ready; or it was the wasm's own.
  const watch = (usable) => {
    if (found.ready_ms === null || (usable.name === "first" && usable.isConnected)) {
      return requestAnimationFrame(() => watch(usable));
    }
    nextFrame((now) => (found.taken_ms = now));
  };
  const look = () => {
    const usable = radios().find(isUsable);
    if (!usable) return requestAnimationFrame(look);
    nextFrame((now) => (found.usable_ms = now));
    watch(usable);
  };
  requestAnimationFrame(look);
  // Ours also says so itself.
  document.addEventListener("linli-ready", () => nextFrame((now) => (found.ready_ms ??= now)));

  window.firstUse = {
    found,
    // Where a finger would go, in CSS pixels of the viewport.
    where() {
      const input = radios().find(isUsable);
      const shown = target(input);
      shown.scrollIntoView({ block: "center" });
      const { x, y, width, height } = shown.getBoundingClientRect();
      return { x: x + Math.min(width, 80) / 2, y: y + height / 2 };
    },
    isChosen: () => radios().some((input) => isUsable(input) && input.checked),
    questions: () => new Set(radios().filter(isUsable).map((input) => input.name)).size,
    options: () => radios().filter(isUsable).length,
  };
})();
