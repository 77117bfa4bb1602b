// Rarer work at the desk on a real `linli serve`: places, a rule with what it takes to
// pass, reading a roll, the tables of one poll.

import { expect } from "@playwright/test";
import { DeskPage, zhDesk } from "./support/deskPage.ts";
import { joinDesk } from "./support/joinDesk.ts";
import { adminCreate } from "./support/linli.ts";
import { test } from "./support/world.ts";

test("an owner changes places, chooses a rule, takes a table and reads a roll", async ({ browser, world }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const desk = new DeskPage(page, `${world.linli.origin}/desk/jiangpan`);
  await joinDesk(page, adminCreate(world.linli, "jiangpan", "孙立"), "sun");

  // A building below the first place; then another name for it.
  await desk.go("#/places", "nav_places");
  await desk.button("place_add").last().click();
  await desk.dialog.getByLabel(zhDesk.say("place_name"), { exact: true }).fill("九十九栋");
  await desk.dialog.getByLabel(zhDesk.say("place_parent"), { exact: true }).selectOption({ index: 1 });
  await desk.button("place_save").click();
  await expect(page.getByText(zhDesk.say("said_place_put"))).toBeVisible();
  await desk.button("place_edit_of", { place: "九十九栋" }).click();
  await desk.dialog.getByLabel(zhDesk.say("place_name"), { exact: true }).fill("99 栋");
  await desk.button("place_save").click();
  await desk.button("place_close_of", { place: "99 栋" }).click();
  await desk.button("place_close").last().click();
  await expect(page.getByText(zhDesk.say("said_place_closed"))).toBeVisible();

  // What does not go with the rest cannot be chosen, and says why.
  await desk.go("#/new", "new_poll");
  await expect(desk.field("method_owners")).toBeDisabled();
  await expect(page.getByText(zhDesk.say("why_motion")).first()).toBeVisible();
  await desk.field("kind_motion").check();
  await desk.field("electorate_owners").check();
  await desk.field("method_owners").check();
  await desk.field("matter").selectOption("7");
  await expect(page.getByText("同意 · 面积须达 3/4", { exact: false })).toBeVisible();

  // A poll of households; its turnout can be taken.
  await desk.field("electorate_households").check();
  await desk.field("method_motion").check();
  await desk.field("title").fill("楼道照明换不换？");
  await desk.field("place").selectOption({ index: 1 });
  await desk.field("topic_id").fill("stair-light");
  const opens = await desk.field("opens").inputValue();
  await desk.field("opens").fill(opens.replace(/^\d{4}/, (year) => String(Number(year) - 1)));
  await desk.button("save_draft").click();
  await desk.button("publish").click();
  await desk.button("publish_go").click();
  await expect(desk.heading("exports_of_poll")).toBeVisible();
  const taking = page.waitForEvent("download");
  await page.getByRole("button", { name: `${zhDesk.say("export_turnout")} · ${zhDesk.say("as_csv")}` }).click();
  expect((await taking).suggestedFilename()).toBe("turnout.csv");

  // The poll is offered for the slips' QR codes; other tests vote with the codes that exist.
  await desk.go("#/codes", "nav_codes");
  await desk.button("make_codes").click();
  await desk.field("codes_topic").selectOption("stair-light");
  await desk.button("cancel").click();

  await desk.go("#/roll/households", "roll_households");
  await expect(page.getByRole("row")).not.toHaveCount(0);
  await context.close();
});
