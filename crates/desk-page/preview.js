// The frame in which the desk shows a survey: the real widget, with a backend that is this
// page. It asks and sends nothing; what is answered goes to the desk around it, and only
// there. Messages: `crates/desk-page/README.md`.
(() => {
  "use strict";
  const desk = window.parent;
  // How long nothing may change before it is shown: somebody is typing.
  const QUIET_MS = 250;
  const tell = (message) => desk.postMessage(JSON.stringify(message), location.origin);
  const shown = document.getElementById("shown");
  let now;
  let last;
  let views = 0;
  let due;

  // The round that the widget believes in: of nobody, open, kept nowhere.
  const survey = ({ topic }) => {
    const wave = { survey: "preview", number: 1, version: now.version };
    const place = { id: "preview", name: "" };
    const at = Date.now();
    const poll = {
      id: topic,
      kind: { type: "survey", wave },
      nature: "consultation",
      electorate: "devices",
      credential: "device",
      secrecy: "recorded",
      changes: "until_closing",
      results: "after_closing",
      opens_at_ms: at - 1,
      closes_at_ms: at + 86_400_000,
    };
    const community = { id: "preview", name: "", time_zone: "Asia/Shanghai" };
    const title = now.title || "";
    const told = { id: topic, community, place, lang: now.lang, title, summary: "", poll };
    const view = { topic: told, phase: "open", turnout: { cast: 0 } };
    return { view, definition: now.definition, rated: now.rated || "" };
  };
  const host = {
    receipts: false,
    topic: async (asked) => survey(asked).view,
    survey: async (asked) => survey(asked),
    // Grants, as the widget expects one; nobody else ever sees it.
    identify: async ({ topic }) => ({
      token: "0".repeat(64),
      poll: topic,
      expires_at_ms: Date.now() + 86_400_000,
      standing: { voted: false },
    }),
    cast: async ({ ballot: { choice } }) => {
      if (now.mode === "fill") tell({ linli: "answers", version: choice.version, answers: choice.answers });
      return {};
    },
  };
  // Nothing of it stays on the device, least of all what a household answers: here the
  // widget finds no storage.
  for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
    Object.defineProperty(window, name, { get: () => undefined });
  }
  (window.linli = window.linli || []).push({ backend: "host", host });

  const draw = () => {
    const element = document.createElement("linli-survey");
    element.setAttribute("topic", `preview-${++views}`);
    element.setAttribute("lang", now.lang);
    if (now.theme !== "system") element.setAttribute("theme", now.theme);
    const words = document.createElement("p");
    words.className = "wait";
    words.textContent = document.body.dataset.words;
    element.append(words);
    shown.replaceChildren(element);
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== desk || origin !== location.origin || typeof data !== "string") return;
    const told = JSON.parse(data);
    if (told.linli !== "show") return;
    if (data === last) return;
    last = data;
    now = told;
    clearTimeout(due);
    if (now.mode === "wait") return shown.replaceChildren();
    due = setTimeout(draw, views ? QUIET_MS : 0);
  });
  new ResizeObserver(() => tell({ linli: "height", px: document.body.offsetHeight })).observe(document.body);
  if (desk !== window) tell({ linli: "ready" });
})();
