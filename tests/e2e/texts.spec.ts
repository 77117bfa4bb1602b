// Texts that try tricks: markup, bidirectional overrides, zero-width characters. Shown as
// harmless text everywhere: in the card, on the hosted page, in receipts and results.

import type { Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { bare } from "./support/demo.ts";
import { expect, test, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

const HIDDEN = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/;

/** A text that runs scripts, turns the line round and hides characters, where it can. */
const trick = (name: string) => `<script>evil("${name}")</script><img src=x onerror="evil('${name}')">\u202e${name}\u200b\u2066`;
/** What people must see of it. */
const shown = (name: string) => `<script>evil("${name}")</script><img src=x onerror="evil('${name}')">${name}`;

const TEXTS = {
  title: trick("题目"),
  summary: `</p><svg onload="evil('说明')"> {{7*7}} \${1+1}\u2066 & &lt;b&gt;`,
  question: trick("问题"),
  options: [
    { id: "a", text: `<b onclick="evil('选项')">同\u200b意</b>`, detail: `"><script>evil("细节")</script>\u202e` },
    { id: "b", text: "\u202e意同不\u202c" },
  ],
};
const OPTION = `<b onclick="evil('选项')">同意</b>`;
const DETAIL = `"><script>evil("细节")</script>`;
const SUMMARY = "{{7*7}} ${1+1} & &lt;b&gt;";

let made = 0;

/** A community in which every name is a trick, and a topic of it. */
function tricky(world: World, poll: { opens: number; closes: number } = { opens: -60, closes: 60 }) {
  const id = `tricks-${++made}`;
  const label = (index: number) => trick(`${index + 1}01 户`);
  const code = (index: number) => `T${String(made).padStart(2, "0")}${"ABCDEFGHJKMNPQRSTVWX"[index]}-7QX4-M2ZR`;
  const community = {
    id, name: trick("社区"), time_zone: "Asia/Shanghai", origins: [world.site.origin],
    places: [{ id: "all", name: trick("小区") }, { id: "east", name: trick("东苑"), parent: "all" }, { id: "west", name: trick("西苑"), parent: "all" }],
    households: Array.from({ length: 20 }, (_, index) => ({ label: label(index), place: index < 10 ? "east" : "west", short_code: code(index) })),
  };
  const topic = ({ opens, closes }: { opens: number; closes: number }) => ({
    id, community: id, place: "all", lang: "zh-Hans", title: TEXTS.title, summary: TEXTS.summary,
    poll: {
      id: `${id}-poll`, kind: { type: "single_choice", options: TEXTS.options },
      nature: "consultation", electorate: "households", credential: "household_code", secrecy: "recorded", changes: "until_closing", results: "after_closing",
      opens_at_ms: Date.now() + opens * 60_000, closes_at_ms: Date.now() + closes * 60_000,
    },
  });
  const put = (at: typeof poll) => world.linli.import({ communities: [...bare([world.site.origin]), community], topics: [topic(at)] });
  put(poll);
  return { id, code, close: () => put({ opens: -60, closes: -1 }) };
}

/** Collects what must never happen: a script of a text that runs, a dialog. */
async function watch(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const ran: string[] = [];
    Object.assign(window, { ran, evil: (name: string) => ran.push(name) });
  });
  page.on("dialog", (dialog) => void dialog.dismiss());
  return () => page.evaluate(() => (window as never as { ran: string[] }).ran);
}

/** Nothing in the card is an element that a text made, or a character that cannot be seen. */
async function expectHarmless(card: Card, state: string) {
  const { text, made } = await card.root.evaluate((element) => ({
    text: element.shadowRoot!.textContent!,
    made: [...element.shadowRoot!.querySelectorAll("script, img, b, svg[onload]")].map((made) => made.outerHTML),
  }));
  expect(made, state).toEqual([]);
  expect(text, state).not.toMatch(HIDDEN);
}

test("in the card: question, choice, identification, receipt, results", async ({ page, world }) => {
  const { id, code, close } = tricky(world);
  const ran = await watch(page);
  await page.goto(world.site.put("tricks", { body: `<linli-deliberation topic="${id}"></linli-deliberation>` }));
  const card = new Card(page, id);
  await expect(card.root.getByRole("heading", { level: 2 })).toHaveText(shown("题目"));
  await expect(card.root).toContainText(SUMMARY);
  await expect(card.root).toContainText(shown("社区"));
  await expect(card.root).toContainText(shown("小区"));
  await expect(card.root).toContainText(DETAIL);
  await expect(card.radio("意同不")).toBeVisible();
  await expectHarmless(card, "choosing");
  await card.radio("<b onclick=").check();
  await card.button("vote_for", { choice: OPTION }).click();
  await expect(card.code).toBeVisible();
  await expectHarmless(card, "identifying");
  await card.identify(OPTION, code(0));
  await card.expectReceipt();
  await expect(card.root).toContainText(`${OPTION} · ${shown("101 户")}`);
  await expectHarmless(card, "receipt");
  await page.reload();
  await expect(card.root).toContainText(shown("101 户"));
  await expectHarmless(card, "receipt of an earlier visit");
  close();
  await page.reload();
  await expect(card.root).toContainText(zh.say("outcome_leading", { choice: OPTION, votes: 1, share: "100.0%" }));
  for (const summary of await card.root.locator("summary").all()) await summary.click();
  await expect(card.root.getByRole("row", { name: shown("东苑") })).toBeVisible();
  await expect(card.root.getByRole("row", { name: shown("西苑") })).toBeVisible();
  await expectHarmless(card, "results");
  expect(await ran()).toEqual([]);
});

test("in the card: the household asked before its vote is replaced", async ({ page, world }) => {
  const { id, code } = tricky(world);
  const ran = await watch(page);
  await world.voteElsewhere(id, code(11), { type: "options", options: ["b"] });
  await page.goto(world.site.put("tricks-again", { body: `<linli-deliberation topic="${id}"></linli-deliberation>` }));
  const card = new Card(page, id);
  await card.radio("<b onclick=").check();
  await card.button("vote_for", { choice: OPTION }).click();
  await card.identify(OPTION, code(11));
  await expect(card.heading("confirm_title")).toBeVisible();
  await expect(card.root).toContainText(shown("1201 户"));
  await expect(card.root).toContainText(zh.say("confirm_lead", { old: "意同不", new: OPTION }));
  await expectHarmless(card, "confirming");
  expect(await ran()).toEqual([]);
});

test("on the hosted page with scripts", async ({ page, world }) => {
  const { id } = tricky(world);
  const ran = await watch(page);
  await page.goto(`${world.linli.origin}/p/${id}`);
  const card = new Card(page, id);
  await expect(card.radio("<b onclick=")).toBeVisible();
  await expect(card.root).toContainText(shown("社区"));
  expect(await page.title()).toContain(shown("题目"));
  expect(await page.title()).not.toMatch(HIDDEN);
  expect(await page.locator("body").innerText()).not.toMatch(HIDDEN);
  expect(await page.locator("body").locator("img, b").count()).toBe(0);
  expect(await ran()).toEqual([]);
});

test("on the hosted page with scripts off: form, receipt, results", async ({ browser, world }) => {
  const { id, code, close } = tricky(world);
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "zh-CN" });
  const page = await context.newPage();
  const expectShown = async (names: string[], state: string) => {
    const text = await page.locator("body").innerText();
    for (const name of names) expect(text, state).toContain(name);
    // In the source, too: scripts that are off today are on elsewhere.
    expect(await page.locator("body").locator("img, b, svg[onload]").count(), state).toBe(0);
    const scripts = await page.locator("script:not([src])").allTextContents();
    expect(scripts.filter((script) => script.includes("evil(")), state).toEqual([]);
    expect(text, state).not.toMatch(HIDDEN);
    expect(await page.title(), state).not.toMatch(HIDDEN);
  };
  await page.goto(`${world.linli.origin}/p/${id}`);
  await expect(page.getByRole("radio", { name: "意同不" })).toBeVisible();
  await expectShown([shown("题目"), SUMMARY, shown("小区"), OPTION, DETAIL], "form");
  await page.getByRole("radio", { name: /<b onclick/ }).check();
  await page.getByRole("textbox", { name: zh.say("code_label") }).fill(code(1));
  await page.getByRole("button").first().click();
  await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
  await expectShown([OPTION, shown("201 户")], "receipt");
  close();
  await page.goto(`${world.linli.origin}/p/${id}`);
  await expect(page.getByText(zh.say("outcome_leading", { choice: OPTION, votes: 1, share: "100.0%" }))).toBeVisible();
  await expectShown([shown("题目"), OPTION, shown("东苑"), shown("西苑")], "results");
  await context.close();
});

test("a question of the poll's own, beside the topic's title", async ({ page, world }) => {
  const ran = await watch(page);
  const topic = world.topic("stair-watch", { title: TEXTS.title }, { question: TEXTS.question });
  await page.goto(world.site.put("tricks-question", { body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  const card = new Card(page, topic);
  await expect(card.root.getByRole("heading", { level: 2 })).toHaveText(shown("问题"));
  await expect(card.root).toContainText(shown("题目"));
  await expectHarmless(card, "choosing");
  expect(await ran()).toEqual([]);
});

test("a voting code full of tricks is only a wrong code", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  await page.goto(world.site.put("code-tricks", { body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  await card.vote("保持原样", `"><script>1</script>`);
  await expect(card.root.getByRole("alert")).toContainText(zh.say("code_malformed"));
  // Full-width letters and spaces, as Chinese input methods type them, are fine.
  const wide = [...world.household("grid-2").short_code].map((c) => (c === "-" ? "－" : String.fromCharCode(c.charCodeAt(0) + 0xfee0)));
  await card.identify("保持原样", ` ${wide.join("")}　`);
  await card.expectReceipt();
});
