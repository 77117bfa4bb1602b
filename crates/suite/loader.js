// The one script that a host page includes, as `<script async src="…/loader.js">`.
//
// Owns the custom elements, their closed shadow roots, fetching (every file with its
// hash), the page's own content as fallback, and `window.linli`. Leaves everything a
// person sees to the wasm. Classic script, no eval, no inline styles, no blobs: it runs
// under `script-src https://our.host 'wasm-unsafe-eval'; connect-src https://our.host`.
(() => {
  "use strict";
  // Filled in by `cargo xtask dist`: v version, s shadow mode, h file → hash,
  // w tag → [widget, attribute, collection, wasm pieces], r locale → "reload".
  const table = "LINLI_TABLE";
  const early = window.linli;
  if (early && early.version) {
    // Two loaders on one page: custom elements can be defined once, so the first serves
    // both.
    if (early.version !== table.v) {
      console.warn(`linli ${early.version} serves this page; ${table.v} stands back`);
    }
    return;
  }

  const base = new URL(`../v${table.v}/`, document.currentScript.src).href;
  const config = { api: new URL(base).origin };
  const SHARED = ["lang", "elder", "theme", "backend", "api", "webhook", "page"];
  // How long an element may be out of the page and still count as moved.
  const MOVE_MS = 1000;
  const NEAR = "600px";

  // Fetching. `ahead` holds answers that were asked for before their turn.
  const ahead = {};
  const texts = {};
  const get = (file) =>
    fetch(base + file, { integrity: table.h[file] }).then((answer) => {
      if (!answer.ok) throw Error(`${file}: ${answer.status}`);
      return answer;
    });
  const prefetch = (file) => {
    // Whoever takes it sees the failure.
    (ahead[file] = get(file)).catch(() => {});
  };
  const take = (file) => {
    const answer = ahead[file] || get(file);
    delete ahead[file];
    return answer;
  };
  const text = (file) =>
    (texts[file] =
      texts[file] ||
      get(file)
        .then((answer) => answer.text())
        .catch((error) => {
          delete texts[file];
          throw error;
        }));

  // One instance of the wasm for the page. `life` counts instances: a panic ends one,
  // and a fresh address makes the browser evaluate the script again.
  let life = 0;
  let suite;
  let warm = {};
  const start = () => {
    const mine = life;
    prefetch("suite.wasm");
    const url = base + "suite.js" + (mine ? "?r=" + mine : "");
    return new Promise((resolve, reject) => {
      // The script element checks the hash; the import below gets the same module.
      const script = document.createElement("script");
      script.type = "module";
      script.crossOrigin = "anonymous";
      script.integrity = table.h["suite.js"];
      // Removed only once it has loaded: before, nothing else keeps its events alive.
      const settle = (how, value) => () => (script.remove(), how(value));
      script.onload = settle(resolve);
      script.onerror = settle(reject, Error("suite.js was not loaded"));
      script.src = url;
      document.head.append(script);
    })
      .then(() => import(url))
      .then((glue) => {
        glue.pieces(take);
        const run = glue
          .default({ module_or_path: take("suite.wasm") })
          // The panic is still on the stack: the wasm must not be entered from there.
          .then(() => glue.start((message) => queueMicrotask(() => end(mine, "panic", message))));
        run.catch(() => end(mine));
        // The script can do something before the wasm is there.
        return [glue, run];
      })
      .catch((error) => {
        end(mine);
        throw error;
      });
  };
  const end = (mine, reason, message) => {
    if (mine !== life) return;
    life++;
    suite = undefined;
    warm = {};
    if (reason) live.forEach((el) => states.get(el).life === mine && lose(el, reason, message));
  };

  // Elements.
  const states = new WeakMap();
  const live = new Set();
  const near = new IntersectionObserver(
    (entries) =>
      entries.forEach(({ isIntersecting, target }) => {
        if (!isIntersecting) return;
        near.unobserve(target);
        states.get(target).near = true;
        begin(target);
      }),
    { rootMargin: NEAR }
  );

  const emit = (el, name, detail) =>
    el.dispatchEvent(new CustomEvent("linli-" + name, { bubbles: true, composed: true, detail }));

  // Attributes over configuration, as the wasm reads them.
  const settings = (el) => {
    const given = Object.assign({}, config);
    el.constructor.observedAttributes.forEach((name) => {
      const value = el.getAttribute(name);
      if (value !== null) given[name] = value;
    });
    const around = el.closest("[lang]") || document.documentElement;
    given.lang = [given.lang, around.lang, ...(navigator.languages || [])].filter(Boolean);
    return given;
  };

  // The wasm decides the locale by the same rule; this only guesses early.
  const locale = (wanted) => {
    const known = Object.keys(table.r);
    for (const tag of wanted) {
      const lower = tag.trim().toLowerCase();
      const language = lower.split(/[-_]/)[0];
      const found =
        known.find((k) => k.toLowerCase() === lower) ||
        known.find((k) => k.toLowerCase().split("-")[0] === language);
      if (found) return found;
    }
    return "zh-Hans";
  };

  // Resolves to what puts the styles on: they reset the element, so only once it is
  // about to show.
  const sheets = {};
  const style = (root, file) => {
    if ("adoptedStyleSheets" in root) {
      return text(file).then((css) => {
        if (!sheets[file]) (sheets[file] = new CSSStyleSheet()).replaceSync(css);
        return () => (root.adoptedStyleSheets = [sheets[file]]);
      });
    }
    // Before iOS 16.4.
    return new Promise((resolve, reject) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.integrity = table.h[file];
      link.crossOrigin = "anonymous";
      link.onload = () => resolve(() => {});
      link.onerror = () => reject(Error(`${file} was not loaded`));
      link.href = base + file;
      root.append(link);
    });
  };

  const begin = async (el) => {
    const state = states.get(el);
    const [name, attribute, collection, pieces] = table.w[el.localName];
    if (state.turn || !el.getAttribute(attribute)) return;
    const turn = (state.turn = {});
    const stale = () => state.turn !== turn;
    const { root } = state;
    try {
      if (typeof WebAssembly !== "object") throw Error("WebAssembly is missing");
      const given = settings(el);
      suite = suite || start();
      state.life = life;
      if (!warm[name]) {
        warm[name] = true;
        pieces.forEach(prefetch);
      }
      const dress = style(root, name + ".css");
      const tag = locale(given.lang);
      const words = text(`texts/${tag}/${name}.json`);
      if (given.backend ? given.backend === "http" : !given.host && !given.webhook) {
        const api = given.api.replace(/\/+$/, "");
        const subject = encodeURIComponent(given[attribute].trim());
        given.prefetched = fetch(`${api}/api/v1/${collection}/${subject}`);
        given.prefetched.catch(() => {});
      }
      // Awaited one after the other below; a failure in between must not go unheard.
      dress.catch(() => {});
      words.catch(() => {});
      const [glue, run] = await suite;
      const over = glue.first(name, root, given, tag, words, dress, stale);
      await dress;
      await run;
      if (stale()) return;
      const app = await glue.open(name, document.createElement("div"), given, text, (type, detail) => emit(el, type, detail));
      if (stale()) return app.close();
      await over(app.root);
      if (stale()) return app.close();
      state.app = app;
      if (state.changed) refresh(el);
    } catch (error) {
      if (!stale()) lose(el, "load", String(error));
    }
  };

  // Shows the page's own content, and after a panic a button that starts afresh.
  const fall = (state) => {
    state.turn = state.app = undefined;
    if ("adoptedStyleSheets" in state.root) state.root.adoptedStyleSheets = [];
    state.root.replaceChildren(document.createElement("slot"));
  };
  const lose = (el, reason, message) => {
    const state = states.get(el);
    fall(state);
    if (reason === "panic") {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("part", "reload");
      button.textContent = el.getAttribute("reload") || table.r[locale(settings(el).lang)];
      button.onclick = () => live.forEach(begin);
      state.root.append(button);
    }
    emit(el, "error", { reason, message });
  };

  const refresh = (el) => {
    const state = states.get(el);
    if (!state || state.due) return;
    state.due = true;
    queueMicrotask(() => {
      state.due = false;
      state.changed = !!state.turn && !state.app;
      if (state.app) {
        state.app
          .update(settings(el))
          .catch((error) => emit(el, "error", { reason: "attribute", message: String(error) }));
      } else if (state.near) begin(el);
    });
  };

  class Element extends HTMLElement {
    connectedCallback() {
      this.constructor.observedAttributes.forEach((name) => {
        // Set before the element was defined.
        if (Object.prototype.hasOwnProperty.call(this, name)) {
          const value = this[name];
          delete this[name];
          this[name] = value;
        }
      });
      let state = states.get(this);
      if (!state) {
        states.set(this, (state = { root: this.attachShadow({ mode: table.s }) }));
        fall(state);
      }
      clearTimeout(state.timer);
      live.add(this);
      if (!state.turn) near.observe(this);
    }
    disconnectedCallback() {
      const state = states.get(this);
      near.unobserve(this);
      state.timer = setTimeout(() => {
        const { app } = state;
        live.delete(this);
        state.near = false;
        fall(state);
        if (app) app.close();
      }, MOVE_MS);
    }
    attributeChangedCallback() {
      refresh(this);
    }
  }

  for (const tag in table.w) {
    // Somebody else's element of that name stays theirs.
    if (customElements.get(tag)) continue;
    const names = [table.w[tag][1], ...SHARED];
    const Widget = class extends Element {
      static get observedAttributes() {
        return names;
      }
    };
    names.forEach((name) => {
      if (name === "lang") return;
      Object.defineProperty(Widget.prototype, name, {
        get() {
          const value = this.getAttribute(name);
          return name === "elder" ? value !== null && value !== "false" : value;
        },
        set(value) {
          if (value == null || value === false) this.removeAttribute(name);
          else this.setAttribute(name, value === true ? "" : value);
        },
      });
    });
    customElements.define(tag, Widget);
  }

  const configure = (more) => {
    Object.assign(config, more);
    live.forEach(refresh);
  };
  window.linli = { version: table.v, configure, push: configure };
  // `(window.linli = window.linli || []).push({…})` works before and after.
  if (Array.isArray(early)) early.forEach(configure);
})();
