// Accessibility: axe on every state, enlarged text, elder mode, dark mode.

import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { expect, test, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LOOKS = [
  { name: "normal", attributes: "" },
  { name: "elder", attributes: "elder" },
  { name: "dark", attributes: `theme="dark"` },
  { name: "elder-dark", attributes: `elder theme="dark"` },
];

const host = (topic: string, attributes: string) =>
  `<main><h1>通知</h1><linli-deliberation topic="${topic}" ${attributes}><a href="/x">备用</a></linli-deliberation></main>`;
const DARK = `<style>body:has([theme=dark]) { background: #111; color: #eee }</style>`;

async function expectClean(page: Page, state: string) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const told = violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
  expect(told, state).toEqual([]);
}

/** Width that spills out of the screen or out of any box inside the card. */
async function overflow(card: Card): Promise<string[]> {
  return card.root.evaluate((element) => {
    const told: string[] = [];
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) told.push(`page ${page.scrollWidth} > ${page.clientWidth}`);
    const edge = element.getBoundingClientRect();
    for (const part of element.shadowRoot!.querySelectorAll<HTMLElement>("*")) {
      if (part.closest(".visually-hidden") || part.closest("svg")) continue;
      const box = part.getBoundingClientRect();
      const hidden = getComputedStyle(part).overflow !== "visible" && part.scrollWidth > part.clientWidth + 1;
      const isInput = part.localName === "input";
      if (!isInput && (box.right > edge.right + 1 || box.left < edge.left - 1 || hidden)) told.push(`${part.localName} “${part.textContent?.slice(0, 20)}”`);
    }
    return told;
  });
}

/** What a finger must hit, with its size. A radio's target is its whole row. */
async function targets(card: Card): Promise<{ name: string; width: number; height: number }[]> {
  return card.root.evaluate((element) =>
    [...element.shadowRoot!.querySelectorAll<HTMLElement>("button, a[href], summary, label, input[type=text]")]
      .filter((part) => part.checkVisibility())
      .map((part) => {
        const { width, height } = part.getBoundingClientRect();
        return { name: (part.textContent || part.localName).trim().slice(0, 24), width, height };
      }),
  );
}

/** Brings the card through its states; `look` is called in each. */
async function tour(page: Page, world: World, attributes: string, look: (state: string, card: Card) => Promise<void>) {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  await page.goto(world.site.put("tour", { head: DARK, body: host(topic, attributes) }));
  await expect(card.radio("电动车充电棚")).toBeVisible();
  await look("open", card);
  await card.radio("电动车充电棚").check();
  await card.root.getByText(zh.say("who_sees")).click();
  await look("drafting", card);
  await card.button("vote_for", { choice: "电动车充电棚" }).click();
  await expect(card.code).toBeVisible();
  await look("identifying", card);
  await card.identify("电动车充电棚", "ABC");
  await expect(card.root.getByRole("alert")).toBeVisible();
  await look("identifying-problem", card);
  await card.identify("电动车充电棚", world.household("grid-2").short_code);
  await card.expectReceipt();
  await look("receipt", card);
  const closed = world.topic("waste-hours", {}, { opens_in_minutes: -60, closes_in_minutes: 60 });
  await world.voteElsewhere(closed, world.household("grid-1").short_code, { type: "motion", stance: "yes" });
  world.topic("waste-hours", { id: closed }, { opens_in_minutes: -60, closes_in_minutes: -1 });
  for (const [state, other] of [["many", "stair-watch"], ["upcoming", "garden-name"], ["formal", "lifts"], ["closed", closed], ["unknown", "nothing-here"]]) {
    const card = new Card(page, other);
    await page.goto(world.site.put("tour", { head: DARK, body: host(other, attributes) }));
    await expect(card.root.getByRole("heading").first()).toBeVisible();
    for (const summary of await card.root.locator("summary").all()) await summary.click();
    await look(state, card);
  }
}

for (const look of LOOKS) {
  test(`axe finds nothing, ${look.name}`, async ({ page, world }) => {
    test.setTimeout(180_000);
    await tour(page, world, look.attributes, (state) => expectClean(page, state));
  });
}

test("targets: at least 44 px, in elder mode 60 px, and text of at least 18 px", async ({ page, world }) => {
  test.setTimeout(120_000);
  for (const [attributes, least] of [["", 44], ["elder", 60]] as const) {
    await tour(page, world, attributes, async (state, card) => {
      const small = (await targets(card)).filter((target) => target.height < least - 0.5 || target.width < 44);
      expect(small, `${state} ${attributes}`).toEqual([]);
      if (attributes !== "elder") return;
      const tiny = await card.root.evaluate((element) =>
        [...element.shadowRoot!.querySelectorAll("*")]
          .filter((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim()) && part.checkVisibility() && !part.closest("style"))
          .filter((part) => parseFloat(getComputedStyle(part).fontSize) < 18 && !part.classList.contains("visually-hidden"))
          .map((part) => `${part.textContent!.slice(0, 20)}: ${getComputedStyle(part).fontSize}`),
      );
      expect(tiny, state).toEqual([]);
    });
  }
});

for (const width of [320, 390]) {
  test(`text at 200 % wraps on ${width} px: nothing spills, nothing is cut off`, async ({ page, world }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width, height: 800 });
    const enlarge = (state: string, card: Card) => check(state, card);
    const check = async (state: string, card: Card) => {
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      expect(await overflow(card), state).toEqual([]);
      await page.evaluate(() => (document.documentElement.style.fontSize = ""));
      expect(await overflow(card), `${state} at 100 %`).toEqual([]);
    };
    await tour(page, world, "", enlarge);
    await tour(page, world, "elder", enlarge);
  });
}

test("dark follows the device where the page says so, and is remembered by nothing else", async ({ page, world }) => {
  const card = new Card(page, "charging-shed");
  const paper = (part: Locator) => part.evaluate((element) => getComputedStyle(element).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(world.site.put("dark", { body: host("charging-shed", `theme="auto"`) }));
  await expect(card.radio("电动车充电棚")).toBeVisible();
  const section = card.root.locator("section").first();
  const dark = await paper(section);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(() => paper(section)).not.toBe(dark);
  await page.goto(world.site.put("light", { body: host("charging-shed", "") }));
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(card.radio("电动车充电棚")).toBeVisible();
  expect(await paper(section)).not.toBe(dark);
});

test("elder mode is the resident's own choice and stays after a reload", async ({ page, world }) => {
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("elder", { body: host("charging-shed", "") }));
  await card.button("elder_on").click();
  await expect(card.button("elder_off")).toBeVisible();
  await page.reload();
  await expect(card.button("elder_off")).toBeVisible();
});

test("motion is reduced where the device asks for it", async ({ page, world }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(world.site.put("calm", { body: host("charging-shed", "") }));
  const card = new Card(page, "charging-shed");
  await card.radio("电动车充电棚").check();
  const moving = await card.root.evaluate((element) =>
    element.shadowRoot!.getAnimations({ subtree: true }).filter((animation) => animation.playState === "running").length,
  );
  expect(moving).toBe(0);
});
