// Polls of devices that ask for work: the hosted page with scripts, which computes, and
// without, where a moment's wait does as well.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { bare, resolved, topics } from "./support/demo.ts";
import { Linli } from "./support/linli.ts";
import { dist, template } from "./support/paths.ts";
import { expect, test as base } from "./support/world.ts";
import { en, zh } from "./support/words.ts";

/** Short enough for a test, long enough to press the button before. */
const WAIT_MS = 3_000;

/** A server whose waits are short. */
const test = base.extend<object, { hasty: Linli }>({
  hasty: [
    async ({ shadow }, use) => {
      const linli = await Linli.start(dist[shadow], template, undefined, { LINLI_WORK_WAIT_MS: String(WAIT_MS) });
      await use(linli);
      await linli.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

test.use({ shadow: "open" });

let count = 0;

/** A poll of devices that asks for `bits` of work. */
function worked(linli: Linli, bits: number): string {
  const model = topics.find((topic) => topic.id === "charging-shed")!;
  const id = `worked-${++count}`;
  const poll = { ...model.poll, id, nature: "consultation", electorate: "devices", credential: "device", secrecy: "recorded", work_bits: bits };
  linli.import({ communities: bare([]), topics: [resolved({ ...model, id, poll })] });
  return id;
}

async function choose(page: Page, linli: Linli, topic: string, query = "") {
  await page.goto(`${linli.origin}/p/${topic}${query}`);
  await page.getByRole("radio", { name: "儿童沙坑" }).check();
  await page.locator("button[type=submit]").click();
}

/** Makes the work endless for this page: more bits than are looked at. */
async function endless(page: Page) {
  await page.route("**/p/*", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/data-bits="\d+"/, 'data-bits="33"');
    await route.fulfill({ response, body });
  });
}

async function expectClean(page: Page) {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  expect(violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target.join(" ")}`))).toEqual([]);
}

test("with scripts the page computes and casts by itself", async ({ page, world }) => {
  const topic = worked(world.linli, 14);
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await choose(page, world.linli, topic);
  await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
  await expect(page.locator("body")).toContainText("儿童沙坑");
  expect(await world.cast(topic)).toBe(1);
  expect(errors).toEqual([]);
});

test("work that takes longer than the wait ends with the wait", async ({ page, hasty }) => {
  const topic = worked(hasty, 8);
  await endless(page);
  await choose(page, hasty, topic, "?lang=en");
  await expect(page.getByRole("status")).toHaveText(en.say("work_busy"));
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByText(en.say("receipt_title"))).toBeVisible();
});

test("the page stays usable while it computes", async ({ page, world }) => {
  const topic = worked(world.linli, 22);
  await endless(page);
  await choose(page, world.linli, topic);
  const status = page.getByRole("status");
  await expect(status).toHaveText(zh.say("work_busy"));
  await expect(page.locator("#work button")).toBeHidden();
  await expectClean(page);
  // A link answers although the processor is busy.
  await page.locator("main a").click();
  await expect(page.getByRole("radio", { name: "儿童沙坑" })).toBeVisible();
});

for (const query of ["?lang=zh-Hans", "?lang=en&elder=1"])
  for (const colorScheme of ["light", "dark"] as const)
    test(`the wait is accessible: ${query} ${colorScheme}`, async ({ page, hasty }) => {
      // As without scripts, where axe could not look.
      await page.route("**/p-work.js", (route) => route.abort());
      await page.emulateMedia({ colorScheme });
      await choose(page, hasty, worked(hasty, 18), query);
      const button = page.locator("#work button");
      await expect(button).toBeVisible();
      await expectClean(page);
      await button.click();
      await expect(page.locator("#work button, .number").first()).toBeVisible();
      await expectClean(page);
    });

test("an embedded widget leads to the hosted page", async ({ page, world }) => {
  const topic = world.topic("charging-shed", {}, { nature: "consultation", electorate: "devices", credential: "device", secrecy: "recorded", work_bits: 18 });
  await page.goto(world.site.put(`work-${topic}`, { body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  const card = new Card(page, topic);
  const href = `${world.linli.origin}/p/${topic}`;
  await expect(card.root.getByRole("link", { name: zh.say("elsewhere_open") })).toHaveAttribute("href", href);
  await expect(card.root.getByRole("radio")).toHaveCount(0);
});

test.describe("scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("a moment's wait, pressed too early and again, keeps the choice and votes", async ({ page, hasty }) => {
    const topic = worked(hasty, 18);
    await choose(page, hasty, topic);
    await expect(page.getByRole("heading", { name: zh.say("work_title") })).toBeVisible();
    await expect(page.getByRole("status")).toHaveText(zh.say("work_wait", { n: WAIT_MS / 1_000 }));
    await expect(page.getByRole("progressbar")).toBeHidden();
    const button = page.getByRole("button", { name: zh.say("submit") });
    await button.click();
    await expect(page.getByRole("alert")).toContainText(zh.say("work_early_next"));
    // Sooner or later the wait is over; nothing is lost by asking.
    await expect(async () => {
      if (await button.isVisible()) await button.click();
      await expect(page.getByText(zh.say("receipt_title"))).toBeVisible({ timeout: 500 });
    }).toPass();
    await expect(page.locator("body")).toContainText("儿童沙坑");
  });
});
