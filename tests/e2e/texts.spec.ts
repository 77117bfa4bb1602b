// Texts that try tricks: markup, bidirectional overrides, zero-width characters. Shown as
// harmless text everywhere.

import { Card } from "./support/card.ts";
import { expect, test } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

const HIDDEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/;
const TITLE = `<script>window.evil=1</script><img src=x onerror="window.evil=2">停车\u202e吗？\u200b`;
const changes = { title: TITLE, summary: `</p><svg onload="window.evil=3"> {{7*7}} \${1+1}\u2066 & &lt;b&gt;` };
const kind = {
  type: "single_choice",
  options: [
    { id: "a", text: `<b onclick="window.evil=4">同\u200b意</b>`, detail: `"><script>window.evil=5</script>` },
    { id: "b", text: "\u202e意同不\u202c" },
  ],
};

test("in the card and on the hosted page", async ({ page, world }) => {
  const topic = world.topic("charging-shed", changes, { kind });
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const evil = () => page.evaluate(() => (window as never as { evil?: number }).evil);
  const visible = `<script>window.evil=1</script><img src=x onerror="window.evil=2">停车吗？`;

  await page.goto(world.site.put("tricks", { body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  const card = new Card(page, topic);
  await expect(card.root.getByRole("heading", { level: 2 })).toHaveText(visible);
  await expect(card.root).toContainText("{{7*7}} ${1+1} & &lt;b&gt;");
  await card.radio("<b onclick=").check();
  await expect(card.root.getByRole("button", { name: /投给/ })).toHaveText(zh.say("vote_for", { choice: `<b onclick="window.evil=4">同意</b>` }));
  const inner = await card.root.evaluate((element) => element.shadowRoot!.textContent!);
  expect(inner).not.toMatch(HIDDEN);
  expect(await card.root.evaluate((element) => element.shadowRoot!.querySelectorAll("script, img, b").length)).toBe(0);
  expect(await evil()).toBeUndefined();

  await page.goto(`${world.linli.origin}/p/${topic}`);
  await expect(page.getByRole("heading", { level: 1 }).or(page.getByRole("heading", { level: 2 })).first()).toContainText("<script>");
  expect(await evil()).toBeUndefined();
  expect(await page.title()).not.toMatch(HIDDEN);
  expect(dialogs).toEqual([]);
});

test("on the hosted page with scripts off", async ({ browser, world }) => {
  const topic = world.topic("charging-shed", changes, { kind });
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto(`${world.linli.origin}/p/${topic}`);
  await expect(page.getByRole("radio", { name: /同意/ }).first()).toBeVisible();
  const text = await page.locator("body").innerText();
  expect(text).toContain("<script>window.evil=1</script>");
  expect(text).not.toMatch(HIDDEN);
  await context.close();
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
