// A survey from the first card to the receipt, on a page that is not ours: filled in,
// mended, interrupted, offline, changed.

import type { BrowserContext, Page, Route } from "@playwright/test";
import { matrix, nested, property, service } from "./support/definitions.ts";
import { SurveyCard } from "./support/surveyCard.ts";
import { expect, test, type World } from "./support/world.ts";

test.use({ shadow: "open" });

const BALLOTS = "**/api/v1/topics/*/ballots";
const DEVICES = { electorate: "devices", credential: "device" };
const body = (topic: string, more = "") => `<main><linli-survey topic="${topic}" ${more}><a href="/x">备用</a></linli-survey></main>`;

async function open(page: Page, world: World, topic: string, more = ""): Promise<SurveyCard> {
  const card = new SurveyCard(page, topic);
  await page.goto(world.site.put("survey", { body: body(topic, more) }));
  return card;
}

/** Through the pages of `property` to the look over it. */
async function fill(card: SurveyCard) {
  await card.radio("4，共 5 级，满意").check();
  await card.radio("8，共 10 级").check();
  await card.next();
  for (const row of ["楼道和院子的卫生", "门岗和巡逻", "报修处理得快不快"]) await card.row(row).getByRole("radio", { name: "满意", exact: true }).check();
  await card.root.getByRole("checkbox", { name: "停车" }).check();
  await card.next();
  await card.radio("60 岁以上").check();
  await card.root.getByRole("combobox", { name: /您住哪一栋/ }).selectOption("8 栋");
  await card.root.getByRole("textbox", { name: /住了几年/ }).fill("12");
  await card.button("look_over").click();
  await expect(card.heading("review_title")).toBeVisible();
}

/** Refuses connections to the backend's API, as a dead network does; pages still load. */
async function cut(context: BrowserContext, world: World) {
  const fail = (route: Route) => route.abort("internetdisconnected");
  await context.route(`${world.linli.origin}/api/**`, fail);
  return () => context.unroute(`${world.linli.origin}/api/**`, fail);
}

test("a household answers, looks it over, sends, and has a receipt", async ({ page, world }) => {
  const topic = world.survey(property);
  const card = await open(page, world, topic);
  await expect(card.root.getByRole("heading", { name: "物业服务满意度调查" })).toBeVisible();
  await expect(card.root).toContainText("评的是：江畔物业");
  await card.start();
  await expect(card.root).toContainText("第 1 页，共 3 页");
  await fill(card);
  // Each answer once more; one is changed, and the way back is short.
  await expect(card.root.getByRole("definition").filter({ hasText: /^满意$/ }).first()).toBeVisible();
  await card.root.getByRole("button", { name: "修改 您的年龄段" }).click();
  await expect(card.radio("60 岁以上")).toBeFocused();
  await card.radio("40–59 岁").check();
  await card.button("look_over").click();
  await expect(card.root).toContainText("40–59 岁");
  await card.button("send").click();
  await card.identify(world.household("grid-2").short_code);
  await card.expectReceipt();
  await expect(card.root).toContainText("结果两周内公布在公告栏");
  expect(await world.cast(topic)).toBe(1);
  await page.reload();
  await card.expectReceipt();
});

test("what is wrong is said beside it, the first has the focus, and it goes when mended", async ({ page, world }) => {
  const card = await open(page, world, world.survey(property));
  await card.start();
  await card.radio("2，共 5 级，不满意").check();
  const why = card.root.getByRole("textbox", { name: /主要哪里不满意/ });
  await expect(why).toBeVisible();
  await card.next();
  await expect(why).toBeFocused();
  await expect(why).toHaveAccessibleDescription(/请填写/);
  await expect(why).toHaveAttribute("aria-invalid", "true");
  await expect(card.root.getByRole("alert")).toHaveText("还有 1 题要看一看");
  await why.fill("电梯常坏");
  await why.blur();
  await expect(card.root.getByRole("alert")).toHaveCount(0);
  await card.next();
  // A page further on: rows without an answer.
  await card.row("门岗和巡逻").getByRole("radio", { name: "一般", exact: true }).check();
  await card.next();
  const first = card.row("楼道和院子的卫生").getByRole("radio").first();
  await expect(first).toBeFocused();
  await expect(card.question(/下面几项/)).toHaveAccessibleDescription(/每一行都请选一项/);
});

test("left half-way, even in the middle of a word: still there after a reload", async ({ page, world }) => {
  const card = await open(page, world, world.survey(property));
  await card.start();
  await card.radio("1，共 5 级，非常不满意").check();
  // Typed and never left.
  await card.root.getByRole("textbox", { name: /主要哪里不满意/ }).pressSequentially("电梯常坏");
  await page.reload();
  await expect(card.root).toContainText(card.words.say("draft_found"));
  await card.button("go_on").click();
  await expect(card.radio("1，共 5 级，非常不满意")).toBeChecked();
  await expect(card.root.getByRole("textbox", { name: /主要哪里不满意/ })).toHaveValue("电梯常坏");
  await card.next();
  await card.button("previous").click();
  await expect(card.radio("1，共 5 级，非常不满意")).toBeChecked();
  await card.button("to_intro").click();
  await card.button("start_anew").click();
  await expect(card.radio("1，共 5 级，非常不满意")).not.toBeChecked();
});

test("offline: kept on the phone, still there after a reload, sent by itself, once", async ({ page, context, world }) => {
  const topic = world.survey(service, {}, DEVICES);
  const card = await open(page, world, topic);
  await card.start();
  await card.radio("1，共 5 级，非常满意").check();
  let mend = async () => {};
  await page.route(BALLOTS, async (route) => {
    mend = await cut(context, world);
    await route.abort("internetdisconnected");
  });
  await card.button("send").click();
  await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  await page.unroute(BALLOTS);
  await page.reload();
  await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  expect(await world.cast(topic)).toBe(0);
  await mend();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("a phone answers without a code, changes its mind, and counts once", async ({ page, world }) => {
  const topic = world.survey(service, {}, DEVICES);
  const card = await open(page, world, topic);
  await card.start();
  await card.radio("3，共 5 级，基本满意").check();
  await card.button("send").click();
  await card.expectReceipt();
  await card.button("change_answers").click();
  await expect(card.radio("3，共 5 级，基本满意")).toBeChecked();
  await card.radio("4，共 5 级，不满意").check();
  await card.root.getByRole("textbox", { name: /请说说原因/ }).fill("等了两个小时");
  await card.button("send_changes").click();
  await card.expectReceipt("receipt_changed");
  expect(await world.cast(topic)).toBe(1);
});

test("a member of a household that has answered is asked before replacing it", async ({ browser, page, world }) => {
  const topic = world.survey(service);
  const { short_code } = world.household("grid-2");
  const answer = async (card: SurveyCard, rate: string) => {
    await card.start();
    await card.radio(rate).check();
    await card.button("send").click();
    await card.identify(short_code);
  };
  await answer(await open(page, world, topic), "2，共 5 级，满意");
  await new SurveyCard(page, topic).expectReceipt();
  const other = await browser.newContext({ locale: "zh-CN" });
  const card = await open(await other.newPage(), world, topic);
  await answer(card, "1，共 5 级，非常满意");
  await expect(card.heading("confirm_title")).toBeVisible();
  await card.button("confirm_replace").click();
  await card.expectReceipt("receipt_changed");
  expect(await world.cast(topic)).toBe(1);
  await other.close();
});

test("once enough have answered, it is said kindly and nothing is counted", async ({ browser, page, world }) => {
  const topic = world.survey(service, {}, DEVICES, [{ max: 1 }]);
  const answer = async (page: Page) => {
    const card = await open(page, world, topic);
    await card.start();
    await card.radio("2，共 5 级，满意").check();
    await card.button("send").click();
    return card;
  };
  await (await answer(page)).expectReceipt();
  const other = await browser.newContext({ locale: "zh-CN" });
  const card = await answer(await other.newPage());
  await expect(card.root.getByRole("alert")).toContainText(card.words.say("quota_full"));
  expect(await world.cast(topic)).toBe(1);
  await other.close();
});

test("before opening and after closing there is nothing to press", async ({ page, world }) => {
  const early = world.survey(service, {}, { opens_in_minutes: 60, closes_in_minutes: 120 });
  const card = await open(page, world, early);
  await expect(card.root).toContainText(card.words.say("upcoming_title"));
  await expect(card.button("start")).toHaveCount(0);
  const late = world.survey(service, {}, { opens_in_minutes: -120, closes_in_minutes: -60 });
  const closed = await open(page, world, late);
  await expect(closed.root).toContainText(closed.words.say("closed_title"));
  await expect(closed.button("start")).toHaveCount(0);
});

test("facts that the person lets the phone keep are filled in next time, and forgotten on request", async ({ page, world }) => {
  const about = { elements: [{ type: "radiogroup", name: "age_group", title: "您的年龄段", choices: ["18–59", "60+"] }] };
  const first = await open(page, world, world.survey(about, {}, DEVICES));
  await first.start();
  await first.radio("60+").check();
  await first.button("send").click();
  await first.expectReceipt();
  await expect(first.root).toContainText("年龄段记在这台手机里");
  await first.button("keep_yes").click();
  const second = await open(page, world, world.survey(about, {}, DEVICES));
  await second.start();
  await expect(second.radio("60+")).toBeChecked();
  await expect(second.root).toContainText(second.words.say("prefilled"));
  await second.button("forget").click();
  await expect(second.radio("60+")).not.toBeChecked();
  await page.reload();
  const third = await open(page, world, world.survey(about, {}, DEVICES));
  await third.start();
  await expect(third.radio("60+")).not.toBeChecked();
});

test("an order by arrows, and people added and taken away", async ({ page, world }) => {
  const topic = world.survey(nested, {}, DEVICES);
  const card = await open(page, world, topic);
  await card.start();
  await card.root.getByRole("button", { name: "「停车位」往前移" }).click();
  const first = card.root.getByRole("listitem").first();
  await expect(first).toContainText("停车位");
  await expect(card.root.getByRole("status")).toContainText(card.words.say("rank_done"));
  for (const age of ["82", "79"]) {
    await card.root.getByRole("button", { name: "再加一位" }).click();
    await card.root.getByRole("textbox", { name: "年龄" }).last().fill(age);
  }
  await card.root.getByRole("button", { name: /去掉这一项/ }).first().click();
  await expect(card.root.getByRole("textbox", { name: "年龄" })).toHaveValue("79");
  await card.button("send").click();
  await card.expectReceipt();
});

test("by finger: a row is dragged to its place", async ({ page, world }) => {
  const card = await open(page, world, world.survey(nested, {}, DEVICES));
  await card.start();
  const rows = card.root.getByRole("listitem");
  const from = (await rows.nth(2).locator(".grip").boundingBox())!;
  const to = (await rows.nth(0).boundingBox())!;
  await page.mouse.move(from.x + 10, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + 20, { steps: 6 });
  await page.mouse.up();
  await expect(rows.first()).toContainText("儿童乐园");
});

test("keyboard alone: Tab, Space, arrows and Enter", async ({ page, world }) => {
  const topic = world.survey(service, {}, DEVICES);
  const card = await open(page, world, topic);
  await expect(card.button("start")).toBeVisible();
  await card.button("start").focus();
  await page.keyboard.press("Enter");
  await expect(card.root.getByRole("heading").first()).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(card.radio("1，共 5 级，非常满意")).toBeChecked();
  for (let at = 0; at < 4; at++) await page.keyboard.press("ArrowDown");
  await expect(card.radio("5，共 5 级，非常不满意")).toBeChecked();
  await page.keyboard.press("Tab");
  await page.keyboard.type("等得太久");
  await expect(card.root.getByRole("textbox", { name: /请说说原因/ })).toHaveValue("等得太久");
  await card.button("send").focus();
  await page.keyboard.press("Enter");
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("a matrix is cards where there is little room and a table where there is much", async ({ page, world }) => {
  const card = await open(page, world, world.survey(property));
  await card.start();
  await card.radio("4，共 5 级，满意").check();
  await card.next();
  const cell = card.row("门岗和巡逻").getByText("一般", { exact: true });
  const heads = card.root.locator(".heads");
  await expect(heads).toBeHidden();
  expect((await cell.boundingBox())!.width).toBeGreaterThan(8);
  await page.setViewportSize({ width: 900, height: 844 });
  await expect(heads).toBeVisible();
  expect((await cell.boundingBox())!.width).toBeLessThan(4);
  // The same answer, whichever way it looks.
  await card.row("门岗和巡逻").getByRole("radio", { name: "一般", exact: true }).check();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(card.row("门岗和巡逻").getByRole("radio", { name: "一般", exact: true })).toBeChecked();
});

test("in a narrow box of a wide page it is cards too", async ({ page, world }) => {
  await page.setViewportSize({ width: 1180, height: 844 });
  const topic = world.survey(matrix(3, 4), {}, DEVICES);
  const card = new SurveyCard(page, topic);
  await page.goto(world.site.put("narrow", { head: "<style>main { width: 360px }</style>", body: body(topic) }));
  await card.start();
  await expect(card.root.locator(".heads")).toBeHidden();
});

test("a tap in a matrix of 40 × 20 draws its row alone", async ({ page, world }) => {
  const card = await open(page, world, world.survey(matrix(40, 20), {}, DEVICES));
  await card.start();
  const touched = await card.root.evaluate(async (element) => {
    const root = element.shadowRoot!;
    const seen = new Set<string>();
    const watch = new MutationObserver((changes) => {
      for (const change of changes) seen.add((change.target as Element).closest?.("[role=radiogroup]")?.getAttribute("aria-labelledby") ?? "elsewhere");
    });
    watch.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    root.querySelectorAll<HTMLElement>("[role=radiogroup]")[17].querySelectorAll<HTMLElement>("input")[3].click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
    return [...seen].filter((name) => name.includes("r") && name !== "elsewhere");
  });
  expect(touched).toHaveLength(1);
});

test("nobody's identity is in the draft, whatever is kept", async ({ page, world }) => {
  const topic = world.survey(service);
  const { short_code } = world.household("grid-2");
  const card = await open(page, world, topic);
  await card.start();
  await card.radio("2，共 5 级，满意").check();
  await card.button("send").click();
  await card.code.fill(short_code);
  const kept = await page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name!);
    const all: unknown[] = [];
    for (const name of names) {
      const db = await new Promise<IDBDatabase>((done) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => done(opening.result);
      });
      for (const store of db.objectStoreNames) {
        const asked = db.transaction(store).objectStore(store).getAll();
        all.push(await new Promise((done) => (asked.onsuccess = () => done(asked.result))));
      }
      db.close();
    }
    return JSON.stringify([all, { ...localStorage }]);
  });
  expect(kept).toContain("service");
  expect(kept).not.toContain(short_code);
  expect(kept).not.toContain(short_code.replaceAll("-", ""));
});
