// Every state that a resident can meet, on a page that is not ours, by role and name.

import { Card } from "./support/card.ts";
import { expect, test } from "./support/world.ts";
import { en, zh } from "./support/words.ts";

test.use({ shadow: "open" });

const body = (topic: string, more = "") => `<linli-deliberation topic="${topic}" ${more}><a href="/x">备用</a></linli-deliberation>`;

test("loading: said to be, and nothing jumps in from before", async ({ page, world }) => {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/api/v1/topics/*", async (route) => (await gate, route.continue()));
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("slow", { body: body("charging-shed") }));
  await expect(card.root.getByText(zh.say("loading"))).toBeAttached();
  await expect(card.root.locator("[aria-busy=true]")).toBeVisible();
  release();
  await expect(card.radio("电动车充电棚")).toBeVisible();
  await expect(card.root.locator("[aria-busy=true]")).toHaveCount(0);
});

test("sending: said to be on its way, a second tap casts nothing more", async ({ page, world }) => {
  const topic = world.topic("double-ninth");
  const card = new Card(page, topic);
  let release = () => {};
  let sent = 0;
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/ballots", async (route) => (sent++, await gate, route.continue()));
  await page.goto(world.site.put("sending", { body: body(topic) }));
  await card.box("教用手机").check();
  await card.button("vote_for", { choice: "教用手机" }).dblclick();
  await expect(card.heading("sending_title")).toBeVisible();
  await expect(card.root.getByRole("button", { name: /投/ })).toHaveCount(0);
  release();
  await card.expectReceipt();
  expect(sent).toBe(1);
  expect(await world.cast(topic)).toBe(1);
});

test("a fault while identifying: its number, the choice kept, and a retry", async ({ page, world }) => {
  const fault = { status: 500, json: { code: "fault", incident: "7F3A-22" }, headers: { "Access-Control-Allow-Origin": "*" } };
  const topic = world.topic("double-ninth");
  const card = new Card(page, topic);
  await page.route("**/grants", (route) => route.fulfill(fault));
  await page.goto(world.site.put("fault", { body: body(topic) }));
  await card.box("教用手机").check();
  await card.button("vote_for", { choice: "教用手机" }).click();
  await expect(card.root.getByRole("alert")).toContainText(zh.say("fault_lead", { incident: "7F3A-22" }));
  await page.unroute("**/grants");
  await card.button("retry").click();
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("a fault instead of the topic: its number on the card and for the page", async ({ page, world }) => {
  const fault = { status: 500, json: { code: "fault", incident: "7F3A-23" }, headers: { "Access-Control-Allow-Origin": "*" } };
  const card = new Card(page, "charging-shed");
  await page.addInitScript(() => {
    const faults: object[] = [];
    Object.assign(window, { faults });
    addEventListener("linli-error", (event) => faults.push((event as CustomEvent).detail));
  });
  await page.route("**/api/v1/topics/*", (route) => route.fulfill(fault));
  await page.goto(world.site.put("topic-fault", { body: body("charging-shed") }));
  await expect(card.root.getByRole("alert")).toContainText("7F3A-23");
  expect(await page.evaluate(() => (window as never as { faults: object[] }).faults[0])).toEqual({ reason: "fault", incident: "7F3A-23" });
  await page.unroute("**/api/v1/topics/*");
  await card.button("retry").click();
  await expect(card.radio("电动车充电棚")).toBeVisible();
});

test("the browser's language, where neither element nor page has one", async ({ browser, world }) => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(world.site.put("no-lang", { lang: "", body: body("charging-shed") }));
  await expect(new Card(page, "charging-shed", en).button("choose_first")).toBeVisible();
  await context.close();
});

test("looks: a readable accent, radius and parts are the page's to set; an unreadable accent is not taken", async ({ page, world }) => {
  const style = (accent: string) => `<style>linli-deliberation { --linli-accent: ${accent}; --linli-radius: 3px }
    linli-deliberation::part(primary) { letter-spacing: 2px }</style>`;
  await page.emulateMedia({ reducedMotion: "reduce" });
  const card = new Card(page, "charging-shed");
  const look = async (accent: string) => {
    await page.goto(world.site.put("looks", { head: style(accent), body: body("charging-shed") }));
    await card.radio("电动车充电棚").check();
    const button = card.button("vote_for", { choice: "电动车充电棚" });
    return {
      colour: await button.evaluate((element) => getComputedStyle(element).borderTopColor),
      spacing: await button.evaluate((element) => getComputedStyle(element).letterSpacing),
      radius: await card.root.locator("section").evaluate((element) => getComputedStyle(element).borderRadius),
    };
  };
  expect(await look("#7a1fa2")).toEqual({ colour: "rgb(122, 31, 162)", spacing: "2px", radius: "3px" });
  expect((await look("#ffd54f")).colour).toBe("rgb(11, 107, 99)");
});

test("not open yet: the question, when it opens, nothing to press", async ({ page, world }) => {
  const card = new Card(page, "garden-name");
  await page.goto(world.site.put("upcoming", { body: body("garden-name") }));
  await expect(card.root).toContainText(zh.say("upcoming_title"));
  await expect(card.root).toContainText("望江园");
  await expect(card.root.getByRole("radio")).toHaveCount(0);
});

test("it opens while the page is looked at", async ({ page, world }) => {
  const topic = world.topic("night-parking", {}, { opens_in_minutes: 0.05, closes_in_minutes: 60 });
  const card = new Card(page, topic);
  await page.goto(world.site.put("opening", { body: body(topic) }));
  await expect(card.root.getByRole("radio")).toHaveCount(3);
});

test("closed with results: a sentence, figures, a table, turnout by grid", async ({ page, world }) => {
  const topic = world.topic("waste-hours", {}, { opens_in_minutes: -60, closes_in_minutes: 60 });
  for (const stance of ["yes", "yes", "no"]) {
    await world.voteElsewhere(topic, world.household("grid-1").short_code, { type: "motion", stance });
  }
  world.topic("waste-hours", { id: topic }, { opens_in_minutes: -60, closes_in_minutes: -1 });
  const card = new Card(page, topic);
  await page.goto(world.site.put("closed", { body: body(topic) }));
  await expect(card.root).toContainText(zh.say("outcome_carried", { yes: 2, no: 1 }));
  await expect(card.root).toContainText(zh.say("not_voted_closed"));
  await card.root.getByText(zh.say("as_table")).click();
  await expect(card.root.getByRole("row", { name: new RegExp(`^${zh.say("stance_yes")} 2`) })).toBeVisible();
});

test("closed and nobody voted", async ({ page, world }) => {
  const topic = world.topic("waste-hours", {}, { opens_in_minutes: -60, closes_in_minutes: -1 });
  await page.goto(world.site.put("nobody", { body: body(topic) }));
  await expect(new Card(page, topic).root).toContainText(zh.say("outcome_none"));
});

test("results stay hidden until closing, before and after voting", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  await world.voteElsewhere(topic, world.household("grid-2").short_code, { type: "options", options: ["shed"] });
  expect((await world.view(topic)).result).toBeUndefined();
  const card = new Card(page, topic);
  await page.goto(world.site.put("hidden", { body: body(topic) }));
  await card.vote("晾晒区和长椅", world.household("grid-2").short_code);
  await card.expectReceipt();
  await expect(card.root).toContainText(zh.say("results_hidden"));
  await expect(card.root).not.toContainText("%");
});

test("live results are shown while voting goes on", async ({ page, world }) => {
  const topic = world.topic("night-parking");
  await world.voteElsewhere(topic, world.household("grid-3").short_code, { type: "motion", stance: "yes" });
  const card = new Card(page, topic);
  await page.goto(world.site.put("live", { body: body(topic) }));
  await card.root.getByText(zh.say("outcome_so_far")).click();
  await expect(card.root).toContainText(zh.say("outcome_carried", { yes: 1, no: 0 }));
});

test("a device votes with exactly two taps", async ({ page, world }) => {
  const topic = world.topic("double-ninth");
  const card = new Card(page, topic);
  await page.goto(world.site.put("two-taps", { body: body(topic) }));
  await card.box("教用手机").check();
  await card.button("vote_for", { choice: "教用手机" }).click();
  await card.expectReceipt();
});

test("multiple choice: fewest and most are said and kept", async ({ page, world }) => {
  const topic = world.topic("stair-watch");
  const card = new Card(page, topic);
  await page.goto(world.site.put("many", { body: body(topic) }));
  await expect(card.root).toContainText(zh.say("choose_exactly", { n: 3 }));
  await card.box("周桂芳").check();
  await expect(card.button("choose_more", { n: 2 })).toHaveAttribute("aria-disabled", "true");
  await card.box("李晓梅").check();
  await card.box("郑大有").check();
  await card.box("马文海").check();
  await card.button("vote_for_many", { n: 4 }).click();
  await expect(card.root.getByRole("alert")).toContainText(zh.say("choice_too_many", { n: 3 }));
  await card.box("马文海").uncheck();
  await expect(card.root.getByRole("alert")).toHaveCount(0);
  await card.button("vote_for_many", { n: 3 }).click();
  await card.code.fill(world.household("grid-3").short_code);
  await card.button("verify_and_vote_many", { n: 3 }).click();
  await card.expectReceipt();
});

test("changing the vote until closing counts once", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  await page.goto(world.site.put("changing", { body: body(topic) }));
  await card.vote("保持原样", world.household("grid-2").short_code);
  await card.expectReceipt();
  await card.button("change_vote").click();
  await card.radio("儿童沙坑").check();
  await card.button("change_to", { choice: "儿童沙坑" }).click();
  await card.expectReceipt("receipt_changed");
  await expect(card.root).toContainText("儿童沙坑");
  expect(await world.cast(topic)).toBe(1);
  await page.reload();
  await expect(card.root).toContainText("儿童沙坑");
});

test("the household voted on another phone: asked before replacing", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const { short_code, label } = world.household("grid-2");
  await world.voteElsewhere(topic, short_code, { type: "options", options: ["shed"] });
  const card = new Card(page, topic);
  await page.goto(world.site.put("confirming", { body: body(topic) }));
  await card.vote("保持原样", short_code);
  await expect(card.heading("confirm_title")).toBeVisible();
  await expect(card.root).toContainText(zh.say("confirm_lead", { old: "电动车充电棚", new: "保持原样" }));
  await expect(card.root).toContainText(label);
  await card.button("change_to", { choice: "保持原样" }).click();
  await card.expectReceipt("receipt_changed");
  expect(await world.cast(topic)).toBe(1);
});

test("already voted where changes are not allowed: why, and what next", async ({ page, world }) => {
  const topic = world.topic("night-parking", {}, { changes: "never" });
  const { short_code } = world.household("grid-3");
  await world.voteElsewhere(topic, short_code, { type: "motion", stance: "no" });
  const card = new Card(page, topic);
  await page.goto(world.site.put("already", { body: body(topic) }));
  await card.voteOn("yes", short_code);
  await expect(card.root.getByRole("heading", { name: zh.say("already_voted") })).toBeVisible();
  await expect(card.root).toContainText(zh.say("already_voted_next"));
  await expect(card.button("switch_voter")).toBeVisible();
  expect(await world.cast(topic)).toBe(1);
});

test("wrong codes: malformed at once, unknown with the tries that are left", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  await page.goto(world.site.put("codes", { body: body(topic) }));
  await card.vote("保持原样", "ABC");
  await expect(card.root.getByRole("alert")).toContainText(zh.say("code_malformed"));
  await card.identify("保持原样", "ZZZZ-ZZZZ-ZZZZ");
  await expect(card.root.getByRole("alert")).toContainText(zh.say("code_unknown"));
  await expect(card.code).toHaveAttribute("aria-invalid", "true");
  await card.identify("保持原样", world.household("grid-2").short_code);
  await card.expectReceipt();
});

test("a household of another grid has no vote here", async ({ page, world }) => {
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("elsewhere-grid", { body: body("charging-shed") }));
  await card.vote("保持原样", world.household("grid-1").short_code);
  await expect(card.root.getByRole("alert")).toBeVisible();
});

test("it closes between the choice and the ballot: refused, with the result to come", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  await page.route("**/ballots", async (route) => {
    world.topic("charging-shed", { id: topic }, { closes_in_minutes: -0.01 });
    await route.continue();
  });
  await page.goto(world.site.put("closing", { body: body(topic) }));
  await card.vote("保持原样", world.household("grid-2").short_code);
  await expect(card.root.getByRole("heading", { name: zh.pattern("closed") })).toBeVisible();
  await expect(card.root).toContainText(zh.say("closed_next"));
  expect(await world.cast(topic)).toBe(0);
});

test("a formal poll sends people to its own page", async ({ page, world }) => {
  const card = new Card(page, "lifts");
  await page.goto(world.site.put("formal", { body: body("lifts") }));
  const link = card.root.getByRole("link", { name: zh.say("elsewhere_open") });
  await expect(link).toHaveAttribute("href", `${world.linli.origin}/p/lifts`);
  await expect(card.root.getByRole("radio")).toHaveCount(0);
});

test("an unknown topic, and a site that is not on the community's list", async ({ page, world }) => {
  await page.goto(world.site.put("unknown", { body: body("nothing-here") }));
  await expect(page.getByText(zh.say("topic_unknown"))).toBeVisible();
  const foreign = world.site.put("foreign", { body: body("charging-shed") }).replace("localhost", "127.0.0.1");
  await page.goto(foreign);
  await expect(page.getByText(zh.say("origin_not_allowed"))).toBeVisible();
});

test("a vote of a kind that is newer than the widget is named, and found on its own page", async ({ page, world }) => {
  await page.route("**/api/v1/topics/*", async (route) => {
    const answer = await route.fetch();
    const view = await answer.json();
    view.topic.poll.kind = { type: "ranked_choice", options: [] };
    await route.fulfill({ response: answer, json: view });
  });
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("newer", { body: body("charging-shed") }));
  await expect(card.root.getByText(zh.say("newer_lead"))).toBeVisible();
  const link = card.root.getByRole("link", { name: zh.say("elsewhere_open") });
  await expect(link).toHaveAttribute("href", `${world.linli.origin}/p/charging-shed`);
});

test("the backend cannot be reached: said, and retried", async ({ page, world }) => {
  await page.route("**/api/v1/topics/*", (route) => route.abort("connectionrefused"));
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("unreachable", { body: body("charging-shed") }));
  await expect(card.heading("load_failed")).toBeVisible();
  await page.unroute("**/api/v1/topics/*");
  await card.button("retry").click();
  await expect(card.radio("电动车充电棚")).toBeVisible();
});

test("English where the page is English; the author's words stay as written", async ({ page, world }) => {
  const card = new Card(page, "charging-shed", en);
  await page.goto(world.site.put("english", { lang: "en-GB", body: body("charging-shed") }));
  await card.radio("电动车充电棚").check();
  await expect(card.button("vote_for", { choice: "电动车充电棚" })).toBeVisible();
  const corner = new Card(page, "english-corner", zh);
  await page.goto(world.site.put("corner", { body: body("english-corner") }));
  await expect(corner.root.getByRole("heading", { name: "When should the English corner meet?" })).toHaveAttribute("lang", "en");
});
