// The staff's desk on a real `linli serve`: from the first invitation to a poll that two
// persons close, with residents voting meanwhile.

import { expect } from "@playwright/test";
import { DeskPage, zhDesk } from "./support/deskPage.ts";
import { joinDesk } from "./support/joinDesk.ts";
import { adminCreate } from "./support/linli.ts";
import { test, type World } from "./support/world.ts";

async function fresh(world: World, browser: import("@playwright/test").Browser) {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  return { page, desk: new DeskPage(page, `${world.linli.origin}/desk/jiangpan`), close: () => context.close() };
}

test("from an invitation to a poll that two persons close", async ({ browser, world }) => {
  test.setTimeout(180_000);
  const owner = await fresh(world, browser);
  const faults: string[] = [];
  owner.page.on("console", (message) => {
    if (message.type() === "error" && /Content Security|Uncaught|panicked/.test(message.text())) faults.push(message.text());
  });
  await joinDesk(owner.page, adminCreate(world.linli, "jiangpan", "周敏"), "zhou");

  // Somebody who may approve.
  await owner.desk.go("#/people", "nav_people");
  await owner.desk.button("invite").click();
  await owner.desk.dialog.getByRole("textbox", { name: zhDesk.say("name") }).fill("王秀兰");
  await owner.desk.field("role_of_post", { n: 1 }).selectOption({ label: zhDesk.say("role_supervisor") });
  await owner.desk.button("invite_go").click();
  await expect(owner.desk.heading("invited_title")).toBeVisible();
  const link = await owner.desk.dialog.locator("code").innerText();
  await owner.desk.button("done").click();
  const second = await fresh(world, browser);
  const supervisor = await joinDesk(second.page, link, "wang");

  // A poll that opens at once.
  await owner.desk.go("#/new", "new_poll");
  await owner.desk.field("title").fill("小区东门晚上几点关？");
  await owner.desk.field("place").selectOption({ index: 1 });
  await owner.desk.field("option_text", { n: 1 }).fill("22:00");
  await owner.desk.field("option_text", { n: 2 }).fill("23:00");
  await owner.desk.field("topic_id").fill("east-gate");
  const opens = await owner.desk.field("opens").inputValue();
  await owner.desk.field("opens").fill(opens.replace(/^\d{4}/, (year) => String(Number(year) - 1)));
  await owner.desk.button("save_draft").click();
  await expect(owner.page.getByText(zhDesk.say("said_saved"))).toBeVisible();
  expect((await fetch(`${world.linli.origin}/api/v1/topics/east-gate`)).status).toBe(404);
  await owner.desk.button("publish").click();
  await owner.desk.button("publish_go").click();
  await expect(owner.page.getByText(zhDesk.say("said_published"))).toBeVisible();
  await expect(owner.desk.heading("turnout")).toBeVisible();

  // A resident votes; the open desk hears of it by itself.
  await world.voteElsewhere("east-gate", world.household("grid-1").short_code, { type: "options", options: ["o1"] });
  await expect(owner.page.locator(".total")).toContainText(/中 1 户已投/);

  // 代填: found, read back, recorded; the open desk counts it.
  await owner.desk.link("fill_in").click();
  await owner.desk.field("fill_search").fill("1");
  await owner.desk.button("fill_search_go").click();
  await owner.page.locator("button.hit").last().click();
  await owner.page.getByLabel("23:00", { exact: true }).check();
  await owner.desk.field("fill_consenter").fill("王桂兰");
  await owner.desk.button("fill_next").click();
  await owner.desk.button("fill_go").click();
  await expect(owner.desk.heading("fill_done")).toBeVisible();
  await expect(owner.page.locator(".receipt-code")).toHaveText(/-/);
  await owner.page.locator("a.back").click();
  await expect(owner.page.locator(".total")).toContainText(/中 2 户已投/);

  // One asks, and cannot decide; the other finds it first thing.
  await owner.desk.button("close_early").click();
  await owner.desk.dialog.getByRole("textbox").fill("大家已经商量好了");
  await owner.desk.button("close_ask").click();
  await expect(owner.page.getByText(zhDesk.say("own_request"))).toBeVisible();
  await expect(second.desk.heading("to_decide")).toBeVisible();
  await second.desk.button("approve").click();
  await second.desk.button("approve_go").click();
  await expect(second.page.getByText(zhDesk.say("said_approved"))).toBeVisible();
  await expect(owner.desk.heading("result")).toBeVisible();
  await expect(owner.desk.heading("notices")).toBeVisible();

  // A reload goes on; signing out ends it, also for the token.
  await owner.page.reload();
  await expect(owner.desk.heading("result")).toBeVisible();
  await second.desk.go("#/audit", "nav_audit");
  await expect(second.page.getByText(zhDesk.say("did_close_poll")).first()).toBeVisible();
  const token = await second.page.evaluate(() => sessionStorage.getItem("linli-desk-token-jiangpan"));
  await second.desk.go("#/more", "nav_more");
  await second.desk.button("sign_out").click();
  await expect(second.desk.heading("sign_in_title")).toBeVisible();
  const answer = await fetch(`${world.linli.origin}/api/v1/communities/jiangpan/desk/home`, { headers: { Authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(401);

  // And comes back with the next code.
  await second.desk.signIn(supervisor);
  await expect(second.desk.heading("home_title")).toBeVisible();
  expect(faults).toEqual([]);
  await owner.close();
  await second.close();
});

test("wrong tries are counted, and a pause is told in words", async ({ browser, world }) => {
  const { desk, page, close } = await fresh(world, browser);
  await desk.open();
  for (let tries = 0; tries < 8; tries++) {
    await desk.field("login").fill(`nobody-${test.info().workerIndex}`);
    await desk.field("password").fill("wrong wrong wrong");
    await desk.field("code").fill("000000");
    await desk.button("sign_in").click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.locator("form[aria-busy=true]")).toHaveCount(0);
    if (await page.getByText(zhDesk.say("too_many_attempts")).isVisible()) break;
  }
  await expect(page.getByRole("alert")).toContainText(zhDesk.say("too_many_attempts"));
  await close();
});

test("an invitation that is none says what to do", async ({ browser, world }) => {
  const { page, close } = await fresh(world, browser);
  await page.goto(`${world.linli.origin}/desk/jiangpan/join?lang=zh-Hans#${"0".repeat(64)}`);
  await expect(page.getByRole("alert")).toContainText(zhDesk.say("refused_invitation_invalid"));
  await close();
});
