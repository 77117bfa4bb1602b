// 代填 and residents' requests at the desk, with its made-up community: a thumb at a door
// on a phone, without a network for a while.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, moderator, owner, test } from "./support/deskPage.ts";

async function expectAccessible(page: Page, what: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n  ")}`), what).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}

test.use({ viewport: { width: 390, height: 844 } });
test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: "reduce" }));

test("a grid worker fills in for a household that asks for it", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(moderator);
  await desk.go("#/poll/empty-lot", "turnout");
  await desk.link("fill_in").click();
  await expect(desk.heading("fill_title")).toBeFocused();
  await desk.field("fill_search").fill("4 栋 404");
  await desk.button("fill_search_go").click();
  await expect(page.getByRole("button", { name: "4 栋 · 404 室" })).toBeVisible();
  await expectAccessible(page, "hits");
  await page.getByRole("button", { name: "4 栋 · 404 室" }).click();
  await desk.button("fill_next").click();
  await expect(page.getByText(desk.words.say("fill_choice_missing"))).toBeVisible();
  await page.getByLabel("电动车充电棚", { exact: true }).check();
  await desk.field("fill_consenter").fill("王桂兰");
  await desk.field("fill_by_phone").check();
  await expectAccessible(page, "choice and consent");
  await expectNoSidewaysScroll(page);
  await desk.button("fill_next").click();
  await expect(desk.heading("fill_read_back")).toBeFocused();
  await expect(page.getByText(/404 室.*电动车充电棚/)).toBeVisible();
  await expectAccessible(page, "reading back");
  await desk.button("fill_go").click();
  await expect(desk.heading("fill_done")).toBeFocused();
  await expect(page.locator(".receipt-code")).toHaveText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await expect(page.getByText("王桂兰")).toHaveCount(0);
  await desk.button("fill_again").click();
  await desk.field("fill_search").fill("3 栋 101");
  await desk.button("fill_search_go").click();
  await expect(page.getByText(desk.words.say("fill_themselves")).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "3 栋 · 101 室" })).toHaveCount(0);
});

test("a resident's request is answered with words", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(owner);
  await desk.link("requests_open_screen").click();
  await expect(desk.heading("requests_open")).toBeVisible();
  await expectAccessible(page, "requests");
  await desk.button("request_done").click();
  await desk.button("answer_go").click();
  await expect(page.getByText(desk.words.say("reason_due"))).toBeVisible();
  await desk.dialog.getByRole("textbox").fill("户主已改为王桂兰。");
  await desk.button("answer_go").click();
  await expect(page.getByText(desk.words.say("said_answered"))).toBeVisible();
  await expect(desk.heading("requests_open")).toHaveCount(0);
  await expect(page.getByText("户主已改为王桂兰。")).toBeVisible();
});
