// Surveys at the desk, with its made-up community: from a chat's text to a survey that is
// asked, by keyboard; what another person wrote meanwhile; what a low score obliges to.

import fs from "node:fs";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { devPage } from "./support/paths.ts";
import { enDesk, DeskPage, expect, moderator, owner, test } from "./support/deskPage.ts";

/** What the widget's own buttons say. */
const survey = { begin: "开始填写", submit: "提交" };

const PASTED = `小区食堂，您怎么看？
只要两分钟。
1. 您多久去一次？
每天
很少
2. 您给食堂打几分？【打分】*
3. 还想说什么？【多行文本】`;

async function expectAccessible(page: Page, what: string) {
  // The frame's own page is the widget's affair.
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n  ")}`), what).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id ?? "");

async function paste(desk: DeskPage) {
  await desk.go("#/surveys/new", "new_survey");
  await desk.button("source_text").click();
  await desk.field("pasted").fill(PASTED);
  await desk.button("read").click();
  await expect(desk.heading("write_survey")).toBeFocused();
}

test.use({ viewport: { width: 390, height: 844 } });
test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: "reduce" }));

test("from a chat's text to a round that residents see", async ({ desk, page }) => {
  const { words } = desk;
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/surveys", "nav_surveys");
  await expectAccessible(page, "the list");
  await desk.link("new_survey").click();
  await expectAccessible(page, "ready-made ones");
  await paste(desk);
  // What was guessed is told by line, with what stands there.
  await expect(page.getByText(words.say("guess_single"))).toBeVisible();
  await expect(page.locator(".source-faults")).toContainText("您多久去一次？");
  await desk.button("save_survey").click();
  await expect(page.getByText(words.say("misfit_empty"))).toBeVisible();
  expect(await focused(page)).toBe("f-survey-place");
  await desk.field("place").selectOption({ label: "\u3000一网格" });
  await page.locator(".question-title").nth(2).click();
  await desk.field("when").selectOption({ label: words.say("when_answer", { title: "您多久去一次？" }) });
  await expect(page.getByText(words.say("only_when", { question: "您多久去一次？", op: words.say("op_is"), value: "每天" }))).toBeVisible();
  await expectAccessible(page, "writing");
  await expectNoSidewaysScroll(page);
  await desk.button("save_survey").click();
  await expect(page.getByText(words.say("said_survey_saved"))).toBeVisible();
  await expect(page.getByRole("heading", { name: "小区食堂，您怎么看？", level: 1 })).toBeFocused();
  await expectAccessible(page, "the survey");

  await desk.link("ask_first").click();
  await expect(desk.heading("ask_title")).toBeFocused();
  await desk.field("quota").fill("200");
  await desk.button("add_quota").click();
  await expectAccessible(page, "a round");
  await desk.button("save_draft").click();
  await expect(page.getByText(words.say("misfit_empty")).first()).toBeVisible();
  await desk.field("quota_place").selectOption({ label: "\u3000\u30001 栋" });
  await desk.field("quota_max").fill("60");
  await desk.button("save_draft").click();
  await expect(page.getByText(words.say("said_saved"))).toBeVisible();
  await desk.button("publish").click();
  await desk.button("publish_go").click();
  await expect(page.getByText(words.say("said_published"))).toBeVisible();
  await desk.link("posters").click();
  await expect(page.locator(".poster")).toHaveCount(3);
  await expectAccessible(page, "posters");
  await expectNoSidewaysScroll(page);
});

test("questions are added, moved and taken away by keyboard", async ({ desk, page }) => {
  const { words } = desk;
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/survey/property/edit", "edit_survey");
  const titles = page.locator(".question-title");
  const before = await titles.count();
  await page.locator("#q-down-0").focus();
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("q-down-1");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("q-up-0");
  await desk.field("adding").selectOption("checkbox");
  await desk.button("add_question").focus();
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe(`f-q-${before}-title`);
  await page.keyboard.type("您希望先办哪些？");
  const list = words.say("choices");
  await desk.field("item", { list, n: 1 }).fill("停车");
  await desk.field("item", { list, n: 2 }).fill("绿化");
  await desk.button("add_item", { list }).click();
  expect(await focused(page)).toBe(`f-q-${before}-choices-2`);
  await page.keyboard.type("电梯");
  await desk.button("item_up", { list, n: 3 }).click();
  expect(await focused(page)).toBe(`i-up-${before}-choices-1`);
  await expect(desk.field("item", { list, n: 2 })).toHaveValue("电梯");
  await desk.button("remove_item", { list, n: 3 }).click();
  await desk.button("save_survey").click();
  await expect(page.getByText(words.say("said_survey_saved"))).toBeVisible();
  await desk.go("#/survey/property/edit", "edit_survey");
  await expect(titles).toHaveCount(before + 1);
  await titles.nth(before).click();
  await desk.button("remove_question", { n: before + 1 }).click();
  await expect(titles).toHaveCount(before);
  // What is written asks before it is left.
  await page.keyboard.press("Escape");
  await desk.go("#/surveys");
  await expect(desk.heading("leave_title")).toBeVisible();
});

test("what does not run is listed part by part, from a file too", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/surveys/new", "new_survey");
  await desk.button("source_json").click();
  const definition = { pages: [{ elements: [{ type: "signaturepad", name: "s" }, { type: "text", name: "t", visibleIf: "{a} =" }] }] };
  await desk.field("json_file").setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(definition)) });
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(desk.words.say("fault_unsupported_type"));
  await expect(alert).toContainText("$.pages[0].elements[0]");
  await expectAccessible(page, "faults");
  await expectNoSidewaysScroll(page);
});

test("a low score leads to what is mended, and that to what came of it", async ({ desk, page }) => {
  const { words } = desk;
  await desk.open();
  await desk.signIn(owner);
  await expect(desk.heading("survey_work")).toBeVisible();
  await expect(page.locator(".overdue").first()).toBeVisible();
  await expectAccessible(page, "today");
  await desk.link("mend").click();
  await expect(desk.heading("mend")).toBeFocused();
  await expect(page.getByRole("checkbox", { checked: true }).first()).toBeVisible();
  await expectAccessible(page, "what is mended");
  await expectNoSidewaysScroll(page);
  await desk.button("mend_go").click();
  expect(await focused(page)).toBe("f-mend-what");
  await desk.field("mend_what").fill("楼道每天清扫两次。");
  await desk.button("mend_go").click();
  await expect(page.getByText(words.say("said_action_published"))).toBeVisible();
  await expect(page.getByText("楼道每天清扫两次。")).toBeVisible();
  await expect(page.getByText(words.say("obliged_met"))).toBeVisible();
  // One that is late stands first.
  await expect(page.locator(".cards .tag").first()).toHaveText(words.say("action_overdue"));
  await page.getByRole("button", { name: new RegExp(words.say("report_on")) }).first().click();
  expect(await focused(page)).toBe("f-outcome");
  await page.keyboard.type("已经办好。");
  await desk.button("outcome_go").click();
  await expect(page.getByText(words.say("said_action_reported"))).toBeVisible();
  await expect(page.getByText("已经办好。")).toBeVisible();
});

test("a survey is filled in at the door, and read back", async ({ desk, page }) => {
  const { words } = desk;
  await desk.open();
  await desk.signIn(moderator);
  await desk.go("#/poll/property-2026/fill", "fill_title");
  await desk.field("fill_search").fill("4 栋 404");
  await desk.button("fill_search_go").click();
  await page.getByRole("button", { name: "4 栋 · 404 室" }).click();
  await expect(desk.heading("fill_answers")).toBeVisible();
  await desk.field("fill_consenter").fill("王桂兰");
  await desk.button("fill_next").click();
  await expect(page.getByText(words.say("fill_answers_missing"))).toBeVisible();
  await expectAccessible(page, "before answers");
  // As the frame gives them.
  const frame = page.frames().find((one) => one.url().includes("/desk-preview/"))!;
  const told = { linli: "answers", version: "a".repeat(64), answers: JSON.stringify({ overall: 2 }) };
  // A stranger is not listened to.
  await page.evaluate((told) => window.postMessage(JSON.stringify(told), location.origin), told);
  await frame.evaluate((told) => window.parent.postMessage(JSON.stringify(told), location.origin), told);
  await expect(page.getByText(words.say("fill_answers_taken", { n: 1 }))).toBeVisible();
  await desk.button("fill_next").click();
  await expect(desk.heading("fill_read_back")).toBeFocused();
  await expect(page.locator(".facts")).toContainText("不满意");
  await expectAccessible(page, "read back");
  await desk.button("fill_go").click();
  await expect(desk.heading("fill_done")).toBeFocused();
});

test("the real widget in the frame gives its answers to the desk and keeps nothing", async ({ desk, page }) => {
  test.skip(!fs.existsSync(path.join(devPage, "v1/loader.js")), "needs `cargo xtask dev-page` without `--only desk`");
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/poll/property-2026/fill", "fill_title");
  await desk.field("fill_search").fill("4 栋 404");
  await desk.button("fill_search_go").click();
  await page.getByRole("button", { name: "4 栋 · 404 室" }).click();
  const frame = page.frameLocator("#survey-frame");
  await frame.getByRole("button", { name: survey.begin }).click();
  await expect(frame.getByRole("radio").first()).toBeVisible();
  // Choosing one may show or hide others: whatever is there now.
  for (const group of await frame.locator("fieldset, [role=radiogroup]").all()) {
    const first = group.getByRole("radio").first();
    if (await first.count()) await first.check({ force: true });
  }
  await frame.getByRole("button", { name: survey.submit }).click();
  await expect(page.getByText(/记下了 \d+ 项回答/)).toBeVisible();
  await desk.field("fill_consenter").fill("王桂兰");
  await desk.button("fill_next").click();
  await expect(desk.heading("fill_read_back")).toBeFocused();
  await expect(page.locator(".facts")).toContainText("非常满意");
  const kept = await page.evaluate(async () => ({ keys: Object.keys(localStorage).filter((key) => !key.startsWith("linli-desk-")), bases: await indexedDB.databases() }));
  expect(kept).toEqual({ keys: [], bases: [] });
});

test("every screen about surveys is accessible in both palettes and languages", async ({ desk, page }) => {
  test.setTimeout(120_000);
  for (const [words, colorScheme, width] of [[desk.words, "dark", 1200], [enDesk, "light", 1200], [enDesk, "dark", 390]] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const one = new DeskPage(page, desk.address, words);
    await one.open();
    await one.signIn(owner);
    const screens = [
      ["#/surveys", "nav_surveys"],
      ["#/surveys/new", "new_survey"],
      ["#/survey/property", "rounds"],
      ["#/poll/property-2026", "turnout"],
      ["#/poll/property-2025", "turnout"],
      ["#/poll/property-2025/mend", "mend"],
      ["#/poll/property-2026/posters", "posters_title"],
      ["#/survey/property/ask", "ask_title"],
      ["#/survey/property/edit", "edit_survey"],
    ];
    for (const [hash, heading] of screens) {
      await one.go(hash, heading);
      if (hash.endsWith("/edit")) await page.locator(".question-title").nth(1).click();
      await expectAccessible(page, `${hash} ${words.tag} ${colorScheme}`);
      await expectNoSidewaysScroll(page);
    }
  }
});
