// Accessibility of surveys: axe in every state and look, sizes of targets and text, text
// that is enlarged.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { nested, property } from "./support/definitions.ts";
import { SurveyCard } from "./support/surveyCard.ts";
import { expect, test, type World } from "./support/world.ts";
import { ofSurveys } from "./support/words.ts";

test.use({ shadow: "open" });

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LOOKS = ["zh-Hans", "en"].flatMap((lang) =>
  [
    { name: "normal", attributes: "" },
    { name: "elder", attributes: "elder" },
    { name: "dark", attributes: `theme="dark"` },
    { name: "elder-dark", attributes: `elder theme="dark"` },
  ].map((look) => ({ ...look, lang })),
);
const DARK = `<style>body:has([theme=dark]) { background: #111; color: #eee }</style>`;

/** Brings the card through its states; `look` is called in each. */
async function tour(page: Page, world: World, lang: string, attributes: string, look: (state: string, card: SurveyCard) => Promise<void>) {
  const words = ofSurveys(lang);
  const open = async (topic: string) => {
    const body = `<main><h1>${lang === "en" ? "Notice" : "通知"}</h1><linli-survey topic="${topic}" lang="${lang}" ${attributes}><a href="/x">备用</a></linli-survey></main>`;
    await page.goto(world.site.put("tour", { lang, head: DARK, body }));
    return new SurveyCard(page, topic, words);
  };
  const card = await open(world.survey(property));
  await expect(card.button("start")).toBeVisible();
  await card.root.locator("summary").click();
  await look("intro", card);
  await card.start();
  await look("page 1", card);
  await card.next();
  await expect(card.root.getByRole("alert")).toBeVisible();
  await look("page 1 with an error", card);
  await card.root.getByRole("radio").nth(1).check();
  await card.root.getByRole("textbox").fill("电梯");
  await card.next();
  await expect(card.root.getByRole("radiogroup").first()).toBeVisible();
  await card.next();
  await look("page 2 with errors", card);
  for (const row of await card.root.getByRole("radiogroup").all()) await row.getByRole("radio").first().check();
  await card.root.getByRole("checkbox").last().check();
  await card.root.getByRole("textbox").fill("花坛");
  await look("page 2", card);
  await card.next();
  await expect(card.root.getByRole("combobox")).toBeVisible();
  await look("page 3", card);
  await card.button("look_over").click();
  await expect(card.heading("review_title")).toBeVisible();
  await look("review", card);
  await card.button("send").click();
  await expect(card.code).toBeVisible();
  await look("identifying", card);
  await card.identify(world.household("grid-2").short_code);
  await card.expectReceipt();
  await look("receipt", card);
  const inside = await open(world.survey(nested));
  await inside.start();
  await inside.root.getByRole("button", { name: "再加一位" }).click();
  await look("inside", inside);
  const late = await open(world.survey(property, {}, { opens_in_minutes: -120, closes_in_minutes: -60 }));
  await expect(late.root).toContainText(words.say("closed_title"));
  await look("closed", late);
}

for (const { name, lang, attributes } of LOOKS) {
  test(`axe finds nothing, ${lang}, ${name}`, async ({ page, world }) => {
    test.setTimeout(180_000);
    await tour(page, world, lang, attributes, async (state) => {
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      const told = violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
      expect(told, state).toEqual([]);
    });
  });
}

test("axe finds nothing in a wide container", async ({ page, world }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 1000, height: 900 });
  await tour(page, world, "zh-Hans", "", async (state) => {
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), state).toEqual([]);
  });
});

/** What a finger must hit. A radio's target is its whole row. */
async function small(card: SurveyCard, least: number) {
  const all = await card.root.evaluate((element) =>
    [...element.shadowRoot!.querySelectorAll<HTMLElement>("button, summary, .row, .rate, .cell, select, textarea, input[type=text], input[type=email]")]
      .filter((part) => part.checkVisibility())
      .map((part) => {
        const { width, height } = part.getBoundingClientRect();
        return { name: (part.textContent || part.localName).trim().slice(0, 24), width, height };
      }),
  );
  // Rates and cells of a scale stand side by side: as tall as others, a little narrower.
  return all.filter(({ width, height }) => height < least - 0.5 || width < 40);
}

test("targets: at least 44 px, in elder mode 60 px, and text of at least 18 px", async ({ page, world }) => {
  test.setTimeout(120_000);
  for (const [attributes, least] of [["", 44], ["elder", 60]] as const) {
    await tour(page, world, "zh-Hans", attributes, async (state, card) => {
      expect(await small(card, least), `${state} ${attributes}`).toEqual([]);
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
  test(`text at 200 % wraps on ${width} px: nothing spills`, async ({ page, world }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width, height: 800 });
    await tour(page, world, "zh-Hans", "", async (state, card) => {
      for (const size of ["200%", ""]) {
        await page.evaluate((size) => (document.documentElement.style.fontSize = size), size);
        const spilled = await card.root.evaluate((element) => {
          const page = document.documentElement;
          const edge = element.getBoundingClientRect();
          const parts = [...element.shadowRoot!.querySelectorAll<HTMLElement>("*")].filter((part) => !part.closest(".visually-hidden, svg"));
          const out = parts.filter((part) => part.getBoundingClientRect().right > edge.right + 1);
          const told = out.map((part) => `${part.localName} “${part.textContent?.slice(0, 20)}”`);
          return page.scrollWidth > page.clientWidth ? ["the page", ...told] : told;
        });
        expect(spilled, `${state} at ${size || "100%"}`).toEqual([]);
      }
    });
  });
}

test("motion is reduced where the device asks for it", async ({ page, world }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const topic = world.survey(property);
  await page.goto(world.site.put("calm", { body: `<linli-survey topic="${topic}"></linli-survey>` }));
  const card = new SurveyCard(page, topic);
  await card.start();
  await card.radio("4，共 5 级，满意").check();
  const moving = await card.root.evaluate((element) => element.shadowRoot!.getAnimations({ subtree: true }).filter((one) => one.playState === "running").length);
  expect(moving).toBe(0);
});

test("without colours of its own, what is chosen is still seen", async ({ page, world }) => {
  await page.emulateMedia({ forcedColors: "active" });
  const topic = world.survey(property);
  await page.goto(world.site.put("forced", { body: `<linli-survey topic="${topic}"></linli-survey>` }));
  const card = new SurveyCard(page, topic);
  await card.start();
  await card.radio("4，共 5 级，满意").check();
  const ground = (part: Element) => getComputedStyle(part).backgroundColor;
  const on = await card.root.locator(".rate.on").first().evaluate(ground);
  const off = await card.root.locator(".rate:not(.on)").first().evaluate(ground);
  expect(on).not.toBe(off);
});
