// A poll's life on both stores: a roll from a spreadsheet, agreed to by a second person;
// a poll of those on it; their votes; its end and its result. Staff work in the browser
// on the real desk, residents on the hosted page.

import { type Browser, expect, type Page, test as base } from "@playwright/test";
import { Authenticator } from "./support/authenticator.ts";
import { bare, whole } from "./support/demo.ts";
import { DeskPage, zhDesk } from "./support/deskPage.ts";
import { adminCreate, importInto, Linli } from "./support/linli.ts";
import { dist, template } from "./support/paths.ts";
import { zh } from "./support/words.ts";

const PASSWORD = "一江 春水 向东 流去 了";
const DATABASE = process.env.E2E_DATABASE_URL;

const STORES = [
  { name: "SQLite", database: undefined },
  { name: "PostgreSQL", database: DATABASE },
];

for (const { name, database } of STORES) {
  base(`from a roll to a result on ${name}`, async ({ browser }) => {
    base.skip(name === "PostgreSQL" && !database, "no PostgreSQL: E2E_DATABASE_URL is not set");
    base.setTimeout(240_000);
    const linli = await Linli.start(dist.closed, template, database);
    try {
      if (database) importInto(linli.data, whole(), database);
      linli.import({ communities: bare([]), topics: [] });
      await life(browser, linli);
    } finally {
      await linli.stop();
    }
  });
}

async function life(browser: Browser, linli: Linli) {
  const owner = await staff(browser, linli, adminCreate(linli, "jiangpan", "周敏"), "zhou");
  await owner.desk.go("#/people", "nav_people");
  await owner.desk.button("invite").click();
  await owner.desk.dialog.getByRole("textbox", { name: zhDesk.say("name") }).fill("王秀兰");
  await owner.desk.field("role_of_post", { n: 1 }).selectOption({ label: zhDesk.say("role_supervisor") });
  await owner.desk.button("invite_go").click();
  await expect(owner.desk.heading("invited_title")).toBeVisible();
  const link = await owner.desk.dialog.locator("code").innerText();
  await owner.desk.button("done").click();
  const second = await staff(browser, linli, link, "wang");

  // Two rows more than are right: one is wrong, and left out.
  const roll = "网格,房号,面积\n三网格,甲 1 号,80.5\n三网格,甲 2 号,\n三网格,甲 3 号,96\n没有的网格,1 号,1\n";
  await owner.desk.go("#/rolls", "nav_rolls");
  await owner.desk.field("roll_file").setInputFiles({ name: "三网格.csv", mimeType: "text/csv", buffer: Buffer.from(roll) });
  await expect(owner.page.getByText("三网格.csv").first()).toBeVisible();
  await expect(owner.page.getByText("没有的网格").first()).toBeVisible();
  await owner.desk.button("ask_to_adopt").click();
  await owner.desk.dialog.getByRole("checkbox").check();
  await owner.desk.button("adopt_go").click();
  await expect(owner.page.getByText(zhDesk.say("said_asked")).first()).toBeVisible();
  await agree(second);

  // The codes are shown this once.
  await owner.desk.go("#/codes", "nav_codes");
  await owner.desk.button("make_codes").click();
  await owner.desk.dialog.getByRole("button", { name: zhDesk.say("make_codes_go"), exact: true }).click();
  const code = await owner.page.locator("code").first().innerText();

  await owner.desk.go("#/new", "new_poll");
  await owner.desk.field("title").fill("甲区的路灯修不修？");
  await owner.desk.field("place").selectOption({ label: "三网格" });
  await owner.desk.field("option_text", { n: 1 }).fill("修");
  await owner.desk.field("option_text", { n: 2 }).fill("不修");
  await owner.desk.field("topic_id").fill("lamps-life");
  const opens = await owner.desk.field("opens").inputValue();
  await owner.desk.field("opens").fill(opens.replace(/^\d{4}/, (year) => String(Number(year) - 1)));
  await owner.desk.button("save_draft").click();
  await owner.desk.button("publish").click();
  await owner.desk.button("publish_go").click();
  await expect(owner.desk.heading("turnout")).toBeVisible();
  const before = await topic(linli);
  expect(before.turnout).toEqual({ cast: 0, eligible: 3 });

  // A resident, without scripts.
  const resident = await browser.newContext({ javaScriptEnabled: false, locale: "zh-CN" });
  const page = await resident.newPage();
  await page.goto(`${linli.origin}/p/lamps-life`);
  await page.getByRole("radio", { name: "修", exact: true }).check();
  await page.getByLabel(zh.say("code_label")).fill(code);
  await page.getByRole("button").first().click();
  await expect(page.getByText(zh.say("receipt_title")).first()).toBeVisible();
  await expect(owner.page.locator(".total")).toContainText(/1 户/);

  await owner.desk.button("close_early").click();
  await owner.desk.dialog.getByRole("textbox").fill("都投完了");
  await owner.desk.button("close_ask").click();
  await agree(second);
  await expect(owner.desk.heading("result")).toBeVisible();
  const after = await topic(linli);
  expect(after.phase).toBe("closed");
  expect(after.result?.outcome).toMatchObject({ type: "leading", option: "o1" });
  await page.goto(`${linli.origin}/p/lamps-life`);
  await expect(page.getByText("都投完了")).toBeVisible();
  await Promise.all([owner.close(), second.close(), resident.close()]);
}

type Staff = { page: Page; desk: DeskPage; close: () => Promise<void> };

async function agree({ page, desk }: Staff) {
  await desk.go("#/", "home_title");
  await expect(desk.heading("to_decide")).toBeVisible();
  await desk.button("approve").click();
  await desk.button("approve_go").click();
  await expect(page.getByText(zhDesk.say("said_approved"))).toBeVisible();
}

async function staff(browser: Browser, linli: Linli, link: string, login: string): Promise<Staff> {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 1100, height: 900 } });
  const page = await context.newPage();
  const desk = new DeskPage(page, `${linli.origin}/desk/jiangpan`);
  await page.goto(link.replace("#", "?lang=zh-Hans#"));
  await desk.field("login").fill(login);
  await desk.field("password").fill(PASSWORD);
  await desk.button("join_next").click();
  await page.getByText(zhDesk.say("secret_title")).click();
  const authenticator = new Authenticator(await page.locator("code.secret").innerText());
  await desk.field("code").fill(await authenticator.code());
  await desk.button("enrol_confirm").click();
  await desk.field("recovery_saved").check();
  await desk.button("recovery_go").click();
  await expect(desk.heading("home_title")).toBeVisible();
  return { page, desk, close: () => context.close() };
}

async function topic(linli: Linli) {
  const answer = await fetch(`${linli.origin}/api/v1/topics/lamps-life`);
  return answer.json() as Promise<{ phase: string; turnout: object; result?: { outcome: object } }>;
}
