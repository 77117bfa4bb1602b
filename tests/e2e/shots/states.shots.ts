// Every state, in both languages, normal and elder, light and dark, at a phone's width;
// the host pages; and one sheet of everything: shots/contact.png.

import fs from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { Card } from "../support/card.ts";
import { root } from "../support/paths.ts";
import { en, zh, type Words } from "../support/words.ts";
import { expect, test, type World } from "../support/world.ts";

test.use({ shadow: "open" });

const OUT = path.join(root, "shots");
const LOOKS = [zh, en].flatMap((words) =>
  [false, true].flatMap((elder) => [false, true].map((dark) => ({ words, elder, dark, name: [words.tag, elder ? "elder" : "normal", dark ? "dark" : "light"].join("-") }))),
);

type Scene = { page: Page; world: World; words: Words; show: (topic: string) => Promise<Card> };

/** State → how to get there. Each starts with a page of its own. */
const SCENES: Record<string, (scene: Scene) => Promise<Card>> = {
  async loading({ page, show }) {
    await page.route("**/api/v1/topics/*", () => {});
    const card = await show("charging-shed");
    await expect(card.root.getByRole("status")).toBeAttached();
    return card;
  },
  async upcoming({ show }) {
    return ready(await show("garden-name"));
  },
  async open({ show }) {
    return ready(await show("charging-shed"));
  },
  async drafting({ show, words }) {
    const card = await ready(await show("charging-shed"));
    await card.radio("电动车充电棚").check();
    await card.root.getByText(words.say("who_sees")).click();
    return card;
  },
  async motion({ show, world }) {
    const topic = world.topic("night-parking");
    for (const stance of ["yes", "yes", "yes", "no", "abstain"]) await world.voteElsewhere(topic, world.household("grid-1").short_code, { type: "motion", stance });
    const card = await ready(await show(topic));
    await card.root.locator("summary").first().click();
    return card;
  },
  async "choosing several"({ show }) {
    const card = await ready(await show("stair-watch"));
    await card.box("周桂芳").check();
    await card.box("李晓梅").check();
    return card;
  },
  async identifying({ show, words }) {
    const card = await ready(await show("charging-shed"));
    await card.vote("电动车充电棚");
    await expect(card.code).toBeVisible();
    await card.root.getByText(words.say("no_code"), { exact: true }).click();
    return card;
  },
  async "wrong code"({ show }) {
    const card = await ready(await show("charging-shed"));
    await card.vote("电动车充电棚", "ZZZZ-ZZZZ-ZZZZ");
    await expect(card.root.getByRole("alert")).toBeVisible();
    return card;
  },
  async "kept, offline"({ page, world, show }) {
    await page.route("**/ballots", async (route) => {
      await page.context().setOffline(true);
      await route.abort("internetdisconnected");
    });
    const card = await ready(await show(world.topic("charging-shed")));
    await card.vote("电动车充电棚", world.household("grid-2").short_code);
    await expect(card.heading("waiting_title")).toBeVisible();
    await page.context().setOffline(false);
    return card;
  },
  async receipt({ world, show }) {
    const card = await ready(await show(world.topic("charging-shed")));
    await card.vote("电动车充电棚", world.household("grid-2").short_code);
    await card.expectReceipt();
    return card;
  },
  async changing({ world, show }) {
    const card = await ready(await show(world.topic("charging-shed")));
    await card.vote("电动车充电棚", world.household("grid-2").short_code);
    await card.expectReceipt();
    await card.button("change_vote").click();
    await card.radio("儿童沙坑").check();
    return card;
  },
  async confirming({ world, show }) {
    const topic = world.topic("charging-shed");
    const { short_code } = world.household("grid-2");
    await world.voteElsewhere(topic, short_code, { type: "options", options: ["shed"] });
    const card = await ready(await show(topic));
    await card.vote("保持原样", short_code);
    await expect(card.heading("confirm_title")).toBeVisible();
    return card;
  },
  async "already voted"({ page, world, show }) {
    const topic = world.topic("square-dance");
    const { short_code } = world.household("grid-1");
    const api = `${world.linli.origin}/api/v1/topics/${topic}`;
    const post = (at: string, data: object, headers = {}) => page.request.post(`${api}/${at}`, { data, headers });
    const grant = await (await post("grants", { proof: { type: "household_code", code: short_code } })).json();
    await post("ballots", { choice: { type: "motion", stance: "no" }, secret: "ab".repeat(8) + crypto.randomUUID().replaceAll("-", "").slice(16) }, { Authorization: `Bearer ${grant.token}`, "Idempotency-Key": crypto.randomUUID().replaceAll("-", "") });
    const card = await ready(await show(topic));
    await card.voteOn("yes", short_code);
    await expect(card.root.getByRole("alert")).toBeVisible();
    return card;
  },
  async formal({ show }) {
    return ready(await show("lifts"));
  },
  async closed({ world, show }) {
    const topic = world.topic("reading-room", {}, { secrecy: "recorded", opens_in_minutes: -60, closes_in_minutes: 60 });
    for (const option of ["afternoon", "afternoon", "afternoon", "evening", "morning"]) await world.voteElsewhere(topic, world.household("grid-3").short_code, { type: "options", options: [option] });
    world.topic("reading-room", { id: topic }, { secrecy: "recorded", opens_in_minutes: -60, closes_in_minutes: -1 });
    const card = await ready(await show(topic));
    await card.root.locator("summary").first().click();
    return card;
  },
  async "decided by a rule"({ show }) {
    return ready(await show("street-lamps"));
  },
  async "no connection"({ page, show }) {
    await page.route("**/api/v1/topics/*", (route) => route.abort("connectionrefused"));
    return ready(await show("charging-shed"));
  },
  async fault({ page, show, world }) {
    await page.route("**/grants", (route) => route.fulfill({ status: 500, json: { code: "fault", incident: "7F3A-22" }, headers: { "Access-Control-Allow-Origin": "*" } }));
    const card = await ready(await show("charging-shed"));
    await card.vote("电动车充电棚", world.household("grid-2").short_code);
    await expect(card.root.getByRole("alert")).toBeVisible();
    return card;
  },
  async unknown({ show }) {
    return ready(await show("nothing-here"));
  },
};

async function ready(card: Card): Promise<Card> {
  await expect(card.root.getByRole("heading").first()).toBeVisible();
  return card;
}

const file = (state: string, look: string) => path.join(OUT, `${state.replaceAll(/\W+/g, "-")}.${look}.png`);

for (const look of LOOKS) {
  for (const [state, act] of Object.entries(SCENES)) {
    test(`${state}, ${look.name}`, async ({ page, world }) => {
      const { words, elder, dark } = look;
      const ground = dark ? "#141817" : "#f4efe6";
      const show = async (topic: string) => {
        const body = `<linli-deliberation topic="${topic}" ${elder ? "elder" : ""} theme="${dark ? "dark" : "light"}"></linli-deliberation>`;
        await page.goto(world.site.put("shot", { lang: words.tag, head: `<style>body { margin: 16px; background: ${ground} }</style>`, body }));
        return new Card(page, topic, words);
      };
      const card = await act({ page, world, words, show });
      await page.mouse.move(0, 0);
      await card.root.screenshot({ path: file(state, look.name), animations: "disabled" });
    });
  }
}

for (const width of [390, 1180]) {
  for (const at of ["cms/", "hostile/", "weui/", "strict/", "yew/", "codes/", ""]) {
    test(`page /${at} at ${width} px`, async ({ page, world }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${world.site.origin}/${at}`);
      for (const card of await page.locator("linli-deliberation").all()) {
        await card.scrollIntoViewIfNeeded();
        await expect(card.getByRole("heading").first()).toBeVisible();
      }
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: path.join(OUT, `page-${at.replace("/", "") || "index"}-${width}.png`), fullPage: true });
    });
  }
  for (const scripts of [true, false]) {
    for (const topic of ["charging-shed", "waste-hours", "lifts"]) {
      test(`hosted /p/${topic} at ${width} px, scripts ${scripts}`, async ({ browser, world }) => {
        const context = await browser.newContext({ javaScriptEnabled: scripts, viewport: { width, height: 900 }, locale: "zh-CN" });
        const page = await context.newPage();
        await page.goto(`${world.linli.origin}/p/${topic}`);
        if (scripts) await expect(page.locator("linli-deliberation").getByRole("heading").first()).toBeVisible();
        await page.screenshot({ path: path.join(OUT, `hosted-${topic}-${scripts ? "widget" : "plain"}-${width}.png`), fullPage: true });
        await context.close();
      });
    }
  }
}

test("contact sheet", async ({ page }) => {
  const cell = (state: string, look: string) => {
    const at = file(state, look);
    const image = fs.existsSync(at) ? `<img src="data:image/png;base64,${fs.readFileSync(at).toString("base64")}">` : "";
    return `<figure><figcaption>${state} · ${look}</figcaption>${image}</figure>`;
  };
  const cells = Object.keys(SCENES).flatMap((state) => LOOKS.map((look) => cell(state, look.name)));
  await page.setViewportSize({ width: 2200, height: 1000 });
  await page.setContent(`<style>
    body { margin: 24px; background: #cfc7bb; font: 13px sans-serif; display: grid; grid-template-columns: repeat(8, 1fr); gap: 18px; align-items: start }
    figure { margin: 0 } figcaption { margin-bottom: 4px } img { width: 100%; display: block }
  </style>${cells.join("")}`);
  await page.screenshot({ path: path.join(OUT, "contact.png"), fullPage: true });
  fs.writeFileSync(path.join(OUT, "README.txt"), `${Object.keys(SCENES).length} states × ${LOOKS.length} looks; see contact.png\n`);
});
