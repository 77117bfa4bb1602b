// Surveys on the hosted page without scripts, from the first page to the receipt.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import fs from "node:fs";
import path from "node:path";
import { bare } from "./support/demo.ts";
import { root } from "./support/paths.ts";
import { expect, test, type World } from "./support/world.ts";
import { Words } from "./support/words.ts";

const zh = new Words("zh-Hans", ["survey", "survey_page", "page", "refusal"]);

test.use({ javaScriptEnabled: false });

const instrument = (name: string) => JSON.parse(fs.readFileSync(path.join(root, `crates/rules/instruments/${name}.json`), "utf8"));

/** A short survey with a condition on its first page and another page. */
const short = {
  completedHtml: { "zh-cn": "<p>谢谢您，{nick}</p>", default: "<p>Thank you, {nick}</p>" },
  pages: [
    {
      name: "p1",
      elements: [
        { type: "rating", name: "overall", title: "总的来说，您满意吗？", isRequired: true, minRateDescription: "很不满意", maxRateDescription: "很满意" },
        { type: "checkbox", name: "why", title: "哪里不满意？", visibleIf: "{overall} <= 2", isRequired: true, showOtherItem: true, choices: ["太慢", "太贵"] },
      ],
    },
    {
      name: "p2",
      title: "再问几句",
      elements: [
        { type: "matrix", name: "parts", title: "各项怎么样？", columns: ["好", "差"], rows: ["电梯", "门岗"] },
        { type: "text", name: "nick", title: "怎么称呼您？" },
        { type: "ranking", name: "order", title: "最该先办的？", choices: ["电梯", "停车"] },
      ],
    },
  ],
};

let count = 0;

/** Adds a survey with one open round. */
function survey(world: World, definition: object, poll: object = {}): string {
  const id = `hosted-${++count}`;
  const now = Date.now();
  const kind = { type: "survey", wave: { survey: id, number: 1, version: "" } };
  world.linli.import({
    communities: bare([world.site.origin]),
    surveys: [{ id, community: "jiangpan", place: "jiangpan", title: "物业满意度", rated: "江畔物业", definition }],
    topics: [
      {
        id, community: "jiangpan", place: "jiangpan", lang: "zh-Hans", title: "物业做得怎么样",
        poll: {
          id: `${id}-poll`, kind, nature: "consultation", electorate: "households", credential: "household_code",
          secrecy: "recorded", changes: "until_closing", results: "after_closing",
          opens_at_ms: now - 60_000, closes_at_ms: now + 3_600_000, ...poll,
        },
      },
    ],
  });
  return id;
}

const next = (page: Page) => page.getByRole("button", { name: zh.say("next"), exact: true }).last();
const lookOver = (page: Page) => page.getByRole("button", { name: zh.say("look_over"), exact: true }).last();
const send = (page: Page) => page.getByRole("button", { name: zh.say("send"), exact: true }).last();

test("a household answers, is asked why, looks it over and gets its receipt", async ({ page, world }) => {
  const topic = survey(world, short);
  await page.goto(`${world.linli.origin}/p/${topic}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("物业做得怎么样");
  // Nothing chosen: the summary leads to the question.
  await next(page).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(zh.say("faults", { n: 1 }));
  await alert.getByRole("link").click();
  const low = page.getByRole("radio", { name: zh.say("rate_of_named", { n: 1, all: 5, text: "很不满意" }) });
  await expect(low).toBeFocused();
  await expect(page.getByRole("radiogroup", { name: "总的来说，您满意吗？" })).toHaveAttribute("aria-invalid", "true");
  await low.check();
  await next(page).click();
  // A low score asks why, on the same page.
  await expect(page.getByRole("status")).toContainText(zh.say("more_came"));
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: zh.say("other") })).toBeHidden();
  await page.getByRole("checkbox", { name: zh.say("other") }).check();
  await page.getByRole("textbox", { name: zh.say("other") }).fill("太吵");
  await next(page).click();
  await expect(page.getByText(zh.say("page_of", { n: 2, all: 2 }))).toBeVisible();
  const gate = page.getByRole("radiogroup", { name: "门岗" });
  await gate.getByRole("radio", { name: "差" }).check();
  await page.getByRole("textbox", { name: "怎么称呼您？" }).fill("老张");
  await page.getByRole("combobox", { name: "停车" }).selectOption("1");
  await page.getByRole("combobox", { name: "电梯" }).selectOption("2");
  // Back, without losing what is on this page.
  await page.getByRole("button", { name: zh.say("previous"), exact: true }).click();
  await expect(low).toBeChecked();
  await next(page).click();
  await expect(gate.getByRole("radio", { name: "差" })).toBeChecked();
  await lookOver(page).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(zh.say("review_title"));
  await expect(page.getByRole("main")).toContainText("太吵");
  await page.getByRole("textbox", { name: zh.say("code_label") }).fill("ZZZZ-ZZZZ-ZZZZ");
  await send(page).click();
  await expect(page.getByText(zh.say("code_unknown"))).toBeVisible();
  await expect(page.getByRole("main")).toContainText("太吵");
  await page.getByRole("textbox", { name: zh.say("code_label") }).fill(world.household("grid-2").short_code);
  await send(page).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(zh.say("receipt_title"));
  await expect(page.getByText("谢谢您，老张")).toBeVisible();
  expect(await world.cast(topic)).toBe(1);
});

test("language and size of type change without losing anything", async ({ page, world }) => {
  const topic = survey(world, short);
  await page.goto(`${world.linli.origin}/p/${topic}`);
  await page.getByRole("radio", { name: zh.say("rate_of", { n: 4, all: 5 }) }).check();
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("radio", { name: "4 of 5" })).toBeChecked();
  await page.getByRole("button", { name: "Larger text" }).click();
  await expect(page.locator("html.elder")).toHaveCount(1);
  await expect(page.getByRole("radio", { name: "4 of 5" })).toBeChecked();
});

for (const [name, query, scheme] of [
  ["中文", "?lang=zh-Hans", "light"],
  ["English, larger, dark", "?lang=en&elder=1", "dark"],
] as const) {
  test.describe(name, () => {
    test.use({ colorScheme: scheme });

    test("axe finds nothing, and targets are large", async ({ page, world }) => {
      const clean = async () => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      const topic = survey(world, instrument("property"));
      await page.goto(`${world.linli.origin}/p/${topic}${query}`);
      await clean();
      for (const control of await page.locator("label.choice, label.cell, label.rate, button:visible").all()) {
        expect((await control.boundingBox())!.height).toBeGreaterThanOrEqual(44);
      }
      await page.getByRole("button").last().scrollIntoViewIfNeeded();
      await page.locator(".moves button").first().click();
      await expect(page.getByRole("alert")).toBeVisible();
      await clean();
      const whole = survey(world, short);
      await page.goto(`${world.linli.origin}/p/${whole}${query}`);
      await page.getByRole("radio").nth(4).check();
      await page.locator(".moves button").first().click();
      await clean();
      await page.locator(".moves button").first().click();
      await clean();
      // Nothing is wider than the phone.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    });
  });
}
