// The staff's desk with its made-up community: by keyboard alone, for screen readers,
// through bad answers. What needs a server is in desk-served.spec.ts.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, moderator, owner, supervisor, test, type DeskPage } from "./support/deskPage.ts";

/** Presses Tab until the element with that role and name has the focus. */
async function tabTo(desk: DeskPage, role: Parameters<Page["getByRole"]>[0], name: string) {
  const wanted = desk.page.getByRole(role, { name, exact: true }).first();
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await desk.page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${role} “${name}”`);
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id ?? "");

async function expectAccessible(page: Page, what: string) {
  // Nothing moves while it is measured.
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n  ")}`);
  expect(told, what).toEqual([]);
}

test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: "reduce" }));

test("a poll is written, seen, published and asked to be closed, by keyboard alone", async ({ desk, page }) => {
  const { words } = desk;
  const say = words.say.bind(words);
  await desk.open();
  await tabTo(desk, "textbox", say("login"));
  await page.keyboard.type(owner.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(owner.password);
  await page.keyboard.press("Tab");
  await page.keyboard.type(await owner.code());
  await page.keyboard.press("Enter");
  await expect(desk.heading("home_title")).toBeFocused();

  await page.keyboard.press("n");
  await expect(desk.heading("new_poll")).toBeFocused();
  await tabTo(desk, "textbox", say("title"));
  await page.keyboard.type("小区东门晚上几点关？");
  await tabTo(desk, "combobox", say("place"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await tabTo(desk, "textbox", say("option_text", { n: 1 }));
  await page.keyboard.type("23:00");
  await tabTo(desk, "button", say("add_option"));
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("f-poll-options-2-text");
  await page.keyboard.type("22:00");
  await page.keyboard.press("Alt+ArrowUp");
  expect(await focused(page)).toBe("up-1");
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("up-0");
  await expect(desk.field("option_text", { n: 1 })).toHaveValue("22:00");
  await expect(desk.field("option_text", { n: 2 })).toHaveValue("23:00");
  await desk.button("remove_option", { n: 3 }).focus();
  await page.keyboard.press("Enter");
  await tabTo(desk, "button", say("save_draft"));
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "小区东门晚上几点关？", level: 1 })).toBeFocused();
  await expect(page.getByRole("status").filter({ hasText: say("said_saved") })).toBeVisible();
  await tabTo(desk, "button", say("publish"));
  await page.keyboard.press("Enter");
  await expect(desk.dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(desk.dialog).toBeHidden();
  await expect(desk.button("publish")).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(desk, "button", say("publish_go"));
  await page.keyboard.press("Enter");
  await expect(page.getByText(say("said_published"))).toBeVisible();
  await expect(page.getByText(say("state_upcoming"), { exact: true }).first()).toBeVisible();

  await page.keyboard.press("p");
  await expect(desk.heading("nav_polls")).toBeFocused();
  await tabTo(desk, "link", "3 号楼前空地，改成什么？");
  await page.keyboard.press("Enter");
  await tabTo(desk, "button", say("close_early"));
  await page.keyboard.press("Enter");
  await tabTo(desk, "button", say("close_ask"));
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("reason");
  await page.keyboard.type("大家已经商量好了");
  await tabTo(desk, "button", say("close_ask"));
  await page.keyboard.press("Enter");
  await expect(page.getByText(say("said_asked"))).toBeVisible();
  await expect(page.getByText(say("own_request"))).toBeVisible();
});

test("the way past the navigation, the shortcuts and their list", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(owner);
  await desk.link("skip").focus();
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("desk-main");
  await page.keyboard.press("?");
  await expect(desk.dialog).toBeVisible();
  await page.keyboard.press("p");
  await expect(page).toHaveURL(/#?\/?$|lang=/);
  await expect(desk.heading("keys_title")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("e");
  await expect(desk.heading("nav_people")).toBeFocused();
  await desk.go("#/more", "nav_more");
  await desk.field("keys_on").uncheck();
  await page.keyboard.press("h");
  await expect(desk.heading("nav_more")).toBeVisible();
});

test("the second person finds the request first, decides, and cannot twice", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(supervisor);
  await expect(desk.heading("to_decide")).toBeVisible();
  await desk.button("approve").click();
  await desk.button("approve_go").click();
  await expect(page.getByText(desk.words.say("said_approved"))).toBeVisible();
  await expect(desk.heading("to_decide")).toBeHidden();
  await expect(desk.link("new_poll")).toBeHidden();
});

test("a moderator is not offered what only others may do", async ({ desk, page }) => {
  await desk.open();
  await desk.signIn(moderator);
  await expect(page.getByRole("navigation").getByRole("link", { name: desk.words.say("nav_audit") })).toHaveCount(0);
  await desk.go("#/audit");
  await expect(page.getByRole("alert")).toContainText(desk.words.say("refused_not_permitted"));
});

test("an invitation is a link to be handed on", async ({ desk, page }) => {
  const { words } = desk;
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/people", "nav_people");
  await desk.button("invite").click();
  await desk.dialog.getByRole("textbox", { name: words.say("name") }).fill("陈立");
  await desk.button("invite_go").click();
  const link = await desk.dialog.locator("code").innerText();
  expect(link).toContain("/desk/jiangpan/join#");
});

test("no answer, a failing server, and votes that come in meanwhile", async ({ desk, page }) => {
  const { words } = desk;
  const fail = (how: string) => page.evaluate((how) => (window as any).linliDesk.fail(how), how);
  await desk.open();
  await desk.signIn(owner);
  await desk.go("#/poll/empty-lot");
  const total = (cast: number, share: string) => page.getByText(words.say("cast_of", { cast, eligible: 440, share })).first();
  await expect(total(137, "31.1%")).toBeVisible();
  const before = await desk.heading("turnout").boundingBox();
  await page.evaluate(() => (window as any).linliDesk.cast(3));
  await expect(total(140, "31.8%")).toBeVisible();
  expect(await desk.heading("turnout").boundingBox()).toEqual(before);

  await fail("lost");
  await desk.button("close_early").click();
  await desk.dialog.getByRole("textbox").fill("已经定了");
  await desk.button("close_ask").click();
  await expect(desk.dialog.getByRole("alert")).toContainText(words.say("unknown_outcome"));
  await fail("");
  await desk.button("close_ask").click();
  await expect(page.getByText(words.say("said_asked"))).toBeVisible();
  await expect(page.getByText(words.say("own_request"))).toHaveCount(1);

  await fail("broken");
  await desk.go("#/people");
  await expect(page.getByRole("alert")).toContainText(words.say("fault"));
  await fail("");
  await desk.button("retry").click();
  await expect(desk.heading("staff")).toBeVisible();
});

test("every screen is free of what axe finds, light and dark", async ({ desk, page }) => {
  test.setTimeout(120_000);
  await desk.open();
  await expectAccessible(page, "sign in");
  await desk.signIn(owner);
  const screens = ["#/", "#/polls", "#/poll/empty-lot", "#/poll/waste-hours", "#/poll/sport-field", "#/new", "#/approvals", "#/rolls", "#/roll/households", "#/places", "#/codes", "#/people", "#/audit", "#/more"];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const hash of screens) {
      await desk.go(hash);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await expectAccessible(page, `${hash}, ${colorScheme}`);
    }
    await desk.go("#/poll/sport-field");
    await desk.button("publish").click();
    await expectAccessible(page, `dialog, ${colorScheme}`);
    await page.keyboard.press("Escape");
  }
});
