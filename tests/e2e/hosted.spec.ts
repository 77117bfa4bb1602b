// The hosted page /p/<topic>: the widget, and the same task as a plain form without scripts.

import { Card } from "./support/card.ts";
import { expect, test } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

test.describe("scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("a household votes with a plain form and gets its receipt", async ({ page, world }) => {
    const topic = world.topic("charging-shed");
    const { short_code } = world.household("grid-2");
    await page.goto(`${world.linli.origin}/p/${topic}`);
    await page.getByRole("radio", { name: "儿童沙坑" }).check();
    await page.getByRole("textbox", { name: zh.say("code_label") }).fill(short_code);
    await page.getByRole("button").first().click();
    await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
    await expect(page.locator("body")).toContainText(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/);
    expect(await world.cast(topic)).toBe(1);
  });

  test("a wrong code is said, and the choice is kept", async ({ page, world }) => {
    const topic = world.topic("charging-shed");
    await page.goto(`${world.linli.origin}/p/${topic}`);
    await page.getByRole("radio", { name: "儿童沙坑" }).check();
    await page.getByRole("textbox", { name: zh.say("code_label") }).fill("ZZZZ-ZZZZ-ZZZZ");
    await page.getByRole("button").first().click();
    await expect(page.getByText(zh.say("code_unknown"))).toBeVisible();
    await expect(page.getByRole("radio", { name: "儿童沙坑" })).toBeChecked();
    expect(await world.cast(topic)).toBe(0);
  });

  test("multiple choice, and a formal poll, which is allowed here", async ({ page, world }) => {
    const many = world.topic("stair-watch", {}, { secrecy: "recorded" });
    await page.goto(`${world.linli.origin}/p/${many}`);
    for (const name of ["周桂芳", "李晓梅", "郑大有"]) await page.getByRole("checkbox", { name }).check();
    await page.getByRole("textbox", { name: zh.say("code_label") }).fill(world.household("grid-3").short_code);
    await page.getByRole("button").first().click();
    await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
    const formal = world.topic("lifts");
    await page.goto(`${world.linli.origin}/p/${formal}`);
    await page.getByRole("radio", { name: zh.say("stance_yes"), exact: true }).check();
    await page.getByRole("textbox", { name: zh.say("code_label") }).fill(world.household("grid-2").short_code);
    await page.getByRole("button").first().click();
    await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
    expect(await world.cast(formal)).toBe(1);
  });

  test("closed polls show their result without scripts", async ({ page, world }) => {
    const topic = world.topic("waste-hours", {}, { opens_in_minutes: -60, closes_in_minutes: 60 });
    await world.voteElsewhere(topic, world.household("grid-1").short_code, { type: "motion", stance: "yes" });
    world.topic("waste-hours", { id: topic }, { opens_in_minutes: -60, closes_in_minutes: -1 });
    await page.goto(`${world.linli.origin}/p/${topic}`);
    await expect(page.getByText(zh.say("outcome_carried", { yes: 1, no: 0 }))).toBeVisible();
    await expect(page.getByRole("radio")).toHaveCount(0);
  });
});

test("with scripts the widget takes over, also for formal polls", async ({ page, world }) => {
  const topic = world.topic("lifts");
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${world.linli.origin}/p/${topic}`);
  const card = new Card(page, topic);
  await card.voteOn("yes", world.household("grid-2").short_code);
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
  expect(errors).toEqual([]);
});

test("what was chosen in the plain form before the widget takes over stays chosen", async ({ page, world }) => {
  const topic = world.topic("lifts");
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/suite.js*", async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto(`${world.linli.origin}/p/${topic}`);
  await page.locator("form").getByRole("radio", { name: zh.say("stance_yes"), exact: true }).check();
  release();
  const card = new Card(page, topic);
  await card.button("vote_stance", { choice: zh.say("stance_yes") }).click();
  await card.identify(zh.say("stance_yes"), world.household("grid-2").short_code);
  await card.expectReceipt();
});

test("an address that is no topic is said to be none", async ({ page, world }) => {
  const answer = await page.goto(`${world.linli.origin}/p/nothing-here`);
  expect(answer!.status()).toBe(404);
  await expect(page.locator("body")).toContainText(zh.say("topic_unknown"));
});
