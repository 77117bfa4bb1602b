// The first view: the question and its options, drawn before the wasm is there.
//
// Why: on a slow phone everything else (texts, styles, the topic) has come half a second
// before the wasm has. A resident may read and choose meanwhile; the wasm takes over
// what is on screen, with the choice and the focus. Nothing is sent from here, and the
// one button waits for the wasm.
//
// Why JavaScript: it must be smaller than what it waits for. It is a part of `suite.js`
// (`cargo xtask dist` puts it there and turns `words.part.key` into places in the texts
// file); strict policies hold: text nodes only, no inline styles, no eval.
//
// What keeps it equal to the Rust views (`widgets/deliberation/src/view`,
// `crates/ui/src/block.rs`, `time.rs`): `tests/e2e/first.spec.ts` compares both, structure
// and places. It is drawn only where it is surely right; every doubt throws, and then the
// page's own content stays until the wasm is there.
export function first(widget, root, given, tag, texts, dress, stale) {
  // At least what `rules::text::displayable` takes out.
  const TRICKS = /[^\n\P{C}]|[\p{DI}\p{Zl}\p{Zp}]/u;
  // The words that decide what is shown.
  const KNOWN = /^open,(consultation|formal),(households|devices),(until_closing|never),(after_closing|live),(motion|single_choice|multiple_choice)$/;
  const isChinese = /^zh/.test(tag);
  let view;
  let isOver;
  // Heard from the start: the wasm may be ready before anybody waits for it.
  const ready = new Promise((done) => root.host.addEventListener("linli-ready", done, { once: true }));
  const moment = () => new Promise((done) => setTimeout(done, 30));

  const make = (name, attributes, ...inner) => {
    const node = document.createElementNS(`http://www.w3.org/${/svg|path/.test(name) ? "2000/svg" : "1999/xhtml"}`, name);
    for (const key in attributes) if (attributes[key] != null) node.setAttribute(key, attributes[key]);
    // Texts or elements, nothing else: `undefined` would be shown as a word.
    if (!inner.every((one) => one.trim || one.nodeType)) throw name;
    node.append(...inner);
    return node;
  };
  const counted = (text, n) => {
    const [one, other = one] = text.split("\x1f");
    return n === 1 ? one : other;
  };

  // The hosted page's plain form is content of the page, too: what was chosen there stays.
  const chosen = () => [...root.host.querySelectorAll("input:checked")].map((one) => one.value);
  const choose = (input) => {
    if (input.checked) return;
    // Not a click: the host page has heard that one.
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const draw = ({ topic, phase }, words, before) => {
    const { community, lang, place, poll, summary, title } = topic;
    const { kind, nature, electorate, changes, results } = poll;
    const isMotion = kind.type === "motion";
    const many = kind.type === "multiple_choice";
    if (!KNOWN.test([phase, nature, electorate, changes, results, kind.type])) throw nature;
    // Only on the API's own pages; or by its plain form alone.
    if ((nature === "formal" && given.api !== location.origin) || poll.credential === "otp" || poll.work_bits) throw nature;
    // Other time zones are told by the wasm.
    if (community.time_zone !== "Asia/Shanghai") throw community;
    // Whoever has something here sees that, and in their own size of type.
    const isKept = (key) => /^linli:/.test(key) && (key.endsWith("/" + topic.id) || key.endsWith("/elder"));
    if (Object.keys(localStorage).some(isKept)) throw topic;

    const rows = isMotion
      ? [
          { id: "yes", text: words.deliberation.stance_yes },
          { id: "no", text: words.deliberation.stance_no },
          { id: "abstain", text: words.deliberation.stance_abstain },
        ]
      : kind.options;

    const question = poll.question || title;
    // As `by_hand` in `crates/ui/src/time.rs`.
    const closes = new Date(poll.closes_at_ms + 288e5);
    const [month, day, clock] = closes.toISOString().slice(5, 16).split(/[-T]/);
    const time = isChinese ? `${+month}月${+day}日 ${clock}` : `${closes.toUTCString().slice(8, 11)} ${+day}, ${clock}`;
    const terms = [
      electorate === "devices" ? words.deliberation.one_per_device : words.deliberation.one_per_household,
      changes === "never" ? words.deliberation.not_changeable : words.deliberation.changeable,
      words.deliberation.closes_at.replace("{time}", time),
      results === "live" ? words.deliberation.results_live : words.deliberation.results_after_closing,
    ].join(isChinese ? "，" : ", ");
    const { elder, theme } = given;
    const isElder = elder === "" || (elder && elder !== "false");

    const hint = make("p", { class: "muted" });
    const button = make("button", { type: "button", class: "btn btn-primary", part: "primary", "aria-disabled": "true" });
    const options = rows.map(({ id, text, detail }) => {
      const tick = { d: "M5 12.8l4.6 4.6L19 8", fill: "none", stroke: "currentColor", "stroke-width": "2.4", "stroke-linecap": "round", "stroke-linejoin": "round" };
      const drawing = { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true", focusable: "false" };
      return make(
        "label",
        { part: "option", lang: isMotion ? null : lang },
        make("input", { type: many ? "checkbox" : "radio", name: "first", value: id, checked: before.includes(id) ? "" : null }),
        make("span", { class: "dot" }, make("svg", drawing, make("path", tick))),
        make("span", {}, text),
        ...(detail ? [make("span", { class: "detail" }, detail)] : [])
      );
    });
    const refresh = () => {
      const chosen = options.filter((row) => {
        const on = row.firstChild.checked;
        row.className = "row" + (many ? " many" : "") + (on ? " on" : "");
        return on;
      }).length;
      button.textContent = chosen ? words.deliberation.loading : words.deliberation.choose_first;
      const { min, max } = kind;
      hint.textContent = (
        chosen
          ? counted(words.deliberation.chosen_count, chosen)
          : min === max
            ? counted(words.deliberation.choose_exactly, min)
            : words.deliberation.choose_between
      )
        .replace("{n}", chosen || min)
        .replace("{min}", min)
        .replace("{max}", max);
    };
    refresh();
    let where = community.name === place.name ? community.name : community.name + " · " + place.name;
    if (poll.rule && poll.rule.article) where += " · " + poll.rule.article;
    const inner = [
      make(
        "p",
        { class: "kick" },
        make("span", { class: "tag" }, nature === "formal" ? words.deliberation.formal : words.deliberation.consultation),
        make("span", { lang }, where)
      ),
      make("h2", { tabindex: -1, lang }, question),
      make("p", { class: "muted" }, terms + (isChinese ? "。" : ".")),
    ];
    if (poll.question) inner.push(make("p", { class: "verdict", lang }, title));
    if (summary) inner.push(make("p", { class: "body-text", lang }, summary));
    if (isElder && window.speechSynthesis) {
      // Its place: reading aloud is the wasm's.
      inner.push(
        make("button", { type: "button", class: "btn btn-soft", "aria-disabled": "true" }, words.deliberation.read_aloud)
      );
    }
    inner.push(
      make("fieldset", {}, make("legend", { class: "visually-hidden" }, question), ...(many ? [hint] : []), ...options),
      button
    );
    const looks = {
      class: "ll",
      lang: tag,
      "data-theme": theme === "dark" ? theme : theme === "auto" ? "system" : "light",
      "data-elder": isElder ? "" : null,
    };
    const drawn = make("div", {}, make("div", looks, make("section", { class: "card", part: "card" }, ...inner)));
    if (TRICKS.test(drawn.textContent)) throw 0;
    drawn.onchange = refresh;
    return drawn;
  };

  const clear = () => root.querySelectorAll("slot,button").forEach((node) => node.remove());
  const begin = async () => {
    if (widget !== "LINLI_FIRST") return;
    // The wasm reads the answer too.
    const answer = await given.prefetched.then((answer) => answer.ok && answer.clone().json());
    const words = JSON.parse(await texts);
    const puton = await dress;
    // A wasm that is in the browser's cache is there by now, or nearly.
    await moment();
    if (isOver || stale()) return;
    const drawn = draw(answer, words, chosen());
    clear();
    puton();
    root.append((view = drawn));
  };
  begin().catch(() => {});

  // Puts the wasm's `fresh` card into its place, once it has something to show.
  return async (fresh) => {
    isOver = true;
    if (!view) {
      (await dress)();
      const before = chosen();
      clear();
      root.append(fresh);
      ready.then(() => fresh.querySelectorAll("input").forEach((input) => before.includes(input.value) && choose(input)));
      return;
    }
    fresh.hidden = true;
    root.append(fresh);
    await ready;
    // A finger that is down has not chosen yet.
    while (view.matches(":active")) await moment();
    fresh.hidden = false;
    const controls = (of) => [...of.querySelectorAll("input,button")];
    const theirs = controls(fresh);
    const focused = root.activeElement;
    controls(view).forEach((mine, index) => {
      const same = theirs[index];
      if (!same || same.value !== mine.value) return;
      if (mine.checked) choose(same);
      if (mine === focused) same.focus({ preventScroll: true });
    });
    view.remove();
  };
}
