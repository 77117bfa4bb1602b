// Every state of a survey, in both languages, normal and elder, light and dark, at a
// phone's width, and two at a desktop's: shots/survey-*.png.

import path from "node:path";
import type { Page } from "@playwright/test";
import { matrix, nested, property } from "../support/definitions.ts";
import { SurveyCard } from "../support/surveyCard.ts";
import { root } from "../support/paths.ts";
import { ofSurveys } from "../support/words.ts";
import { expect, test, type World } from "../support/world.ts";

test.use({ shadow: "open" });

const LOOKS = ["zh-Hans", "en"].flatMap((lang) =>
  [false, true].flatMap((elder) => [false, true].map((dark) => ({ lang, elder, dark, name: [lang, elder ? "elder" : "normal", dark ? "dark" : "light"].join("-") }))),
);

type Scene = { page: Page; world: World; show: (topic: string) => Promise<SurveyCard> };

const begun = async ({ world, show }: Scene) => {
  const card = await show(world.survey(property));
  await card.start();
  return card;
};
const onPageTwo = async (scene: Scene) => {
  const card = await begun(scene);
  await card.root.getByRole("radio").nth(1).check();
  await card.root.getByRole("textbox").fill("电梯常坏");
  await card.next();
  await expect(card.root.getByRole("radiogroup").first()).toBeVisible();
  return card;
};
const onPageThree = async (scene: Scene) => {
  const card = await onPageTwo(scene);
  for (const row of await card.root.getByRole("radiogroup").all()) await row.getByRole("radio").nth(1).check();
  await card.next();
  await expect(card.root.getByRole("combobox")).toBeVisible();
  return card;
};

/** State → how to get there. Each starts with a page of its own. */
const SCENES: Record<string, (scene: Scene) => Promise<SurveyCard>> = {
  async intro({ world, show }) {
    const card = await show(world.survey(property));
    await expect(card.button("start")).toBeVisible();
    return card;
  },
  "page one": begun,
  async "page one wrong"(scene) {
    const card = await begun(scene);
    await card.next();
    await expect(card.root.getByRole("alert")).toBeVisible();
    return card;
  },
  "page two": onPageTwo,
  "page three": onPageThree,
  async review(scene) {
    const card = await onPageThree(scene);
    await card.button("look_over").click();
    await expect(card.heading("review_title")).toBeVisible();
    return card;
  },
  async receipt(scene) {
    const card = await SCENES.review(scene);
    await card.button("send").click();
    await card.identify(scene.world.household("grid-2").short_code);
    await card.expectReceipt();
    return card;
  },
  async inside({ world, show }) {
    const card = await show(world.survey(nested));
    await card.start();
    await card.root.getByRole("button", { name: "再加一位" }).click();
    return card;
  },
};

const ground = (dark: boolean) => `<style>body { margin: 16px; background: ${dark ? "#141817" : "#f4efe6"} }</style>`;
const file = (state: string, look: string) => path.join(root, "shots", `survey-${state.replaceAll(" ", "-")}-${look}.png`);

for (const { lang, elder, dark, name } of LOOKS) {
  for (const [state, act] of Object.entries(SCENES)) {
    test(`survey ${state}, ${name}`, async ({ page, world }) => {
      const show = async (topic: string) => {
        const body = `<linli-survey topic="${topic}" lang="${lang}" ${elder ? "elder" : ""} theme="${dark ? "dark" : "light"}"></linli-survey>`;
        await page.goto(world.site.put("shot", { lang, head: ground(dark), body }));
        return new SurveyCard(page, topic, ofSurveys(lang));
      };
      const card = await act({ page, world, show });
      await page.mouse.move(0, 0);
      await card.root.screenshot({ path: file(state, name), animations: "disabled" });
    });
  }
}

for (const [name, definition] of Object.entries({ matrix: matrix(12, 10), property })) {
  test(`survey ${name}, wide`, async ({ page, world }) => {
    await page.setViewportSize({ width: 980, height: 900 });
    const topic = world.survey(definition);
    await page.goto(world.site.put("wide", { head: ground(false), body: `<linli-survey topic="${topic}"></linli-survey>` }));
    const card = new SurveyCard(page, topic);
    await card.start();
    if (name === "property") {
      await card.root.getByRole("radio").nth(3).check();
      await card.next();
      await expect(card.root.getByRole("radiogroup").first()).toBeVisible();
    }
    await card.root.screenshot({ path: file(name, "wide"), animations: "disabled" });
  });
}
