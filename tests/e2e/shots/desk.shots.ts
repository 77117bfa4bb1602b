// The staff's desk with its made-up community: every screen, in both languages, light and
// dark, at a phone's and a desk's width, and large type on the phone.

import path from "node:path";
import { root } from "../support/paths.ts";
import { DeskPage, enDesk, expect, owner, supervisor, test, zhDesk, type DeskWords } from "../support/deskPage.ts";

const OUT = path.join(root, "shots", "desk");

type Look = { words: DeskWords; dark: boolean; width: number; elder: boolean };

const LOOKS: Look[] = [zhDesk, enDesk]
  .flatMap((words) => [false, true].flatMap((dark) => [390, 1280].map((width) => ({ words, dark, width, elder: false }))))
  .concat([{ words: zhDesk, dark: false, width: 390, elder: true }]);

const name = ({ words, dark, width, elder }: Look) => [words.tag, dark ? "dark" : "light", width, ...(elder ? ["elder"] : [])].join("-");

/** Screen → how to get there, signed in. */
const SCENES: Record<string, (desk: DeskPage) => Promise<void>> = {
  async home() {},
  async polls(desk) {
    await desk.go("#/polls", "nav_polls");
  },
  async poll(desk) {
    await desk.go("#/poll/empty-lot");
    await expect(desk.heading("turnout")).toBeVisible();
  },
  async attachments(desk) {
    await desk.go("#/poll/empty-lot");
    await desk.heading("attachments").scrollIntoViewIfNeeded();
  },
  async "poll closed"(desk) {
    await desk.go("#/poll/waste-hours");
    await expect(desk.heading("result")).toBeVisible();
  },
  async draft(desk) {
    await desk.go("#/poll/sport-field");
    await expect(desk.button("publish")).toBeVisible();
  },
  async publish(desk) {
    await desk.go("#/poll/sport-field");
    await desk.button("publish").click();
    await expect(desk.dialog).toBeVisible();
  },
  async extend(desk) {
    await desk.go("#/poll/empty-lot");
    await desk.button("extend").click();
    await expect(desk.dialog).toBeVisible();
  },
  async "close early"(desk) {
    await desk.go("#/poll/empty-lot");
    await desk.button("close_early").click();
    await desk.button("close_ask").click();
    await expect(desk.dialog.getByText(desk.words.say("reason_due"))).toBeVisible();
  },
  async editor(desk) {
    await desk.go("#/new", "new_poll");
    await desk.field("title").fill("小区东门晚上几点关？");
    await desk.field("option_text", { n: 1 }).fill("22:00");
    await desk.button("save_draft").click();
    await expect(desk.page.getByRole("alert")).toBeVisible();
  },
  async approvals(desk) {
    await desk.go("#/approvals", "nav_approvals");
  },
  async rolls(desk) {
    await desk.go("#/rolls", "nav_rolls");
  },
  async "roll preview"(desk) {
    await desk.go("#/rolls", "nav_rolls");
    await desk.field("roll_file").setInputFiles({ name: "户册.csv", mimeType: "text/csv", buffer: Buffer.from("楼栋,房号\n") });
    await expect(desk.button("ask_to_adopt")).toBeVisible();
  },
  async codes(desk) {
    await desk.go("#/codes", "nav_codes");
  },
  async "code sheet"(desk) {
    await desk.go("#/codes", "nav_codes");
    await desk.button("make_codes").click();
    await desk.dialog.getByRole("button", { name: desk.words.say("make_codes_go"), exact: true }).click();
    await expect(desk.button("put_away")).toBeVisible();
  },
  async people(desk) {
    await desk.go("#/people", "nav_people");
    await expect(desk.heading("sessions")).toBeVisible();
  },
  async invite(desk) {
    await desk.go("#/people", "nav_people");
    await desk.button("invite").click();
    await desk.dialog.getByRole("textbox", { name: desk.words.say("name") }).fill("陈立");
  },
  async invited(desk) {
    await desk.go("#/people", "nav_people");
    await desk.button("invite").click();
    await desk.dialog.getByRole("textbox", { name: desk.words.say("name") }).fill("陈立");
    await desk.button("invite_go").click();
    await expect(desk.heading("invited_title")).toBeVisible();
  },
  async places(desk) {
    await desk.go("#/places", "nav_places");
  },
  async "place renamed"(desk) {
    await desk.go("#/places", "nav_places");
    await desk.page.getByRole("button", { name: desk.words.say("place_edit_of", { place: "3 栋" }), exact: true }).click();
    await expect(desk.dialog).toBeVisible();
  },
  async roll(desk) {
    await desk.go("#/roll/households");
    await expect(desk.page.getByText("1 号", { exact: true }).first()).toBeVisible();
  },
  async "rule of owners"(desk) {
    await desk.go("#/new", "new_poll");
    await desk.field("kind_motion").check();
    await desk.field("electorate_owners").check();
    await desk.field("method_owners").check();
    await desk.field("matter").selectOption("7");
  },
  async requests(desk) {
    await desk.go("#/requests", "requests");
  },
  async "fill in"(desk) {
    await desk.go("#/poll/empty-lot/fill", "fill_title");
    await desk.field("fill_search").fill("栋 40");
    await desk.button("fill_search_go").click();
    await desk.page.getByRole("button", { name: "4 栋 · 404 室" }).click();
    await desk.button("fill_next").click();
    await expect(desk.page.getByText(desk.words.say("fill_choice_missing"))).toBeVisible();
  },
  async "fill in read back"(desk) {
    await desk.go("#/poll/empty-lot/fill", "fill_title");
    await desk.field("fill_search").fill("4 栋 404");
    await desk.button("fill_search_go").click();
    await desk.page.getByRole("button", { name: "4 栋 · 404 室" }).click();
    await desk.page.getByLabel("电动车充电棚", { exact: true }).check();
    await desk.field("fill_consenter").fill("王桂兰");
    await desk.button("fill_next").click();
    await expect(desk.heading("fill_read_back")).toBeVisible();
  },
  async audit(desk) {
    await desk.go("#/audit", "nav_audit");
    await desk.page.locator(".log summary").first().click();
  },
  async more(desk) {
    await desk.go("#/more", "nav_more");
  },
  async keys(desk) {
    await desk.page.keyboard.press("?");
    await expect(desk.dialog).toBeVisible();
  },
  async offline(desk) {
    await desk.page.evaluate(() => (window as any).linliDesk.fail("unreachable"));
    await desk.go("#/people");
    await expect(desk.page.getByRole("alert")).toBeVisible();
  },
};

async function dress(desk: DeskPage, { words, dark, width, elder }: Look) {
  await desk.page.setViewportSize({ width, height: width < 900 ? 844 : 860 });
  await desk.page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
  await desk.page.addInitScript((elder) => localStorage.setItem("linli-desk-elder", elder ? "yes" : "no"), elder);
  return new DeskPage(desk.page, desk.address, words);
}

const shoot = (desk: DeskPage, scene: string, look: Look) =>
  desk.page.screenshot({ path: path.join(OUT, `${scene.replaceAll(" ", "-")}.${name(look)}.png`), fullPage: !["publish", "extend", "close early", "invite", "invited", "keys", "place renamed"].includes(scene), animations: "disabled" });

for (const look of LOOKS) {
  for (const [scene, act] of Object.entries(SCENES)) {
    test(`${scene}, ${name(look)}`, async ({ desk: bare }) => {
      const desk = await dress(bare, look);
      await desk.open();
      await desk.signIn(owner);
      await expect(desk.heading("home_title")).toBeVisible();
      await expect(desk.heading("to_decide")).toBeVisible();
      await act(desk);
      await shoot(desk, scene, look);
    });
  }

  test(`gate, ${name(look)}`, async ({ desk: bare }) => {
    const desk = await dress(bare, look);
    await desk.open();
    await expect(desk.heading("sign_in_title")).toBeVisible();
    await shoot(desk, "sign in", look);
    await desk.field("login").fill(owner.login);
    await desk.field("password").fill("wrong");
    await desk.field("code").fill("000000");
    await desk.button("sign_in").click();
    await expect(desk.page.getByRole("alert")).toBeVisible();
    await shoot(desk, "sign in failed", look);
  });

  test(`supervisor, ${name(look)}`, async ({ desk: bare }) => {
    const desk = await dress(bare, look);
    await desk.open();
    await desk.signIn(supervisor);
    await expect(desk.heading("to_decide")).toBeVisible();
    await shoot(desk, "supervisor", look);
  });
}
