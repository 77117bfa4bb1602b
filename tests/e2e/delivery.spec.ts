// Bad networks: one ballot, and the person always told truly where it stands.

import type { BrowserContext, Route } from "@playwright/test";
import { Card } from "./support/card.ts";
import { expect, test, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

const BALLOTS = "**/api/v1/topics/*/ballots";
const body = (topic: string) => `<linli-deliberation topic="${topic}"><a href="/x">备用</a></linli-deliberation>`;

/** Refuses connections to the backend's API, as a dead network does; pages still load. */
async function cut(context: BrowserContext, world: World) {
  const fail = (route: Route) => route.abort("internetdisconnected");
  await context.route(`${world.linli.origin}/api/**`, fail);
  return () => context.unroute(`${world.linli.origin}/api/**`, fail);
}

test("offline: kept, still there after a reload, sent by itself once online, one ballot", async ({ page, context, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  const { short_code } = world.household("grid-2");
  await page.goto(world.site.put("offline", { body: body(topic) }));
  // The network dies between identification and the ballot.
  const restore = cut;
  let mend = async () => {};
  await page.route(BALLOTS, async (route) => {
    mend = await restore(context, world);
    await route.abort("internetdisconnected");
  });
  await card.vote("儿童沙坑", short_code);
  await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  await expect(card.root).not.toContainText(zh.say("receipt_title"));
  await page.unroute(BALLOTS);
  await page.reload();
  await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  expect(await world.cast(topic)).toBe(0);
  await mend();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
  await page.reload();
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("the browser itself goes offline and comes back", async ({ page, context, world }) => {
  const topic = world.topic("double-ninth");
  const card = new Card(page, topic);
  await page.goto(world.site.put("airplane", { body: body(topic) }));
  await card.box("戏曲专场").check();
  // A grant first, so that only the ballot is left to send.
  await page.route(BALLOTS, async (route) => {
    await context.setOffline(true);
    await route.abort("internetdisconnected");
  });
  await card.button("vote_for", { choice: "戏曲专场" }).click();
  await expect(card.heading("waiting_title")).toBeVisible();
  await expect(card.root).toContainText(zh.say("waiting_lead"));
  await page.unroute(BALLOTS);
  await context.setOffline(false);
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("answers are lost: the ballot is sent again with the same key and counted once", async ({ page, world }) => {
  const topic = world.topic("night-parking");
  const card = new Card(page, topic);
  const { short_code } = world.household("grid-3");
  const keys: string[] = [];
  await page.route(BALLOTS, async (route) => {
    keys.push(await route.request().headerValue("idempotency-key") ?? "");
    const response = await route.fetch();
    if (keys.length < 3) return route.abort("connectionreset");
    await route.fulfill({ response });
  });
  await page.goto(world.site.put("lost", { body: body(topic) }));
  await card.voteOn("yes", short_code);
  await card.expectReceipt();
  expect(keys.length).toBe(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(await world.cast(topic)).toBe(1);
});

test("a ballot that the network delivers twice is one", async ({ page, world }) => {
  const topic = world.topic("night-parking");
  const card = new Card(page, topic);
  const statuses: number[] = [];
  await page.route(BALLOTS, async (route) => {
    const both = await Promise.all([route.fetch(), route.fetch()]);
    statuses.push(...both.map((response) => response.status()));
    await route.fulfill({ response: both[1] });
  });
  await page.goto(world.site.put("twice", { body: body(topic) }));
  await card.voteOn("yes", world.household("grid-3").short_code);
  await card.expectReceipt();
  expect(statuses.length).toBe(2);
  expect(await world.cast(topic)).toBe(1);
});

test("an answer cut in the middle is no receipt", async ({ page, world }) => {
  const topic = world.topic("night-parking");
  const card = new Card(page, topic);
  const { short_code } = world.household("grid-3");
  let sent = 0;
  await page.route(BALLOTS, async (route) => {
    const response = await route.fetch();
    const whole = await response.text();
    sent++;
    await route.fulfill({ response, body: sent === 1 ? whole.slice(0, whole.length / 2) : whole });
  });
  await page.goto(world.site.put("cut", { body: body(topic) }));
  await card.voteOn("no", short_code);
  await card.expectReceipt();
  expect(sent).toBeGreaterThan(1);
  expect(await world.cast(topic)).toBe(1);
});

test("the server answers with a fault: kept, and sent again", async ({ page, world }) => {
  const topic = world.topic("night-parking");
  const card = new Card(page, topic);
  const { short_code } = world.household("grid-3");
  let broken = true;
  await page.route(BALLOTS, (route) =>
    broken
      ? route.fulfill({ status: 500, json: { code: "fault", incident: "7F3A" }, headers: { "Access-Control-Allow-Origin": "*" } })
      : route.continue(),
  );
  await page.goto(world.site.put("fault", { body: body(topic) }));
  await card.voteOn("abstain", short_code);
  await expect(card.heading("waiting_server")).toBeVisible();
  broken = false;
  await card.button("try_now").click();
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});

test("two tabs take up the same kept ballot: one ballot", async ({ page, context, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  const { short_code } = world.household("grid-2");
  const at = world.site.put("tabs", { body: body(topic) });
  await context.route(BALLOTS, (route) => route.abort("connectionrefused"));
  await page.goto(at);
  await card.vote("保持原样", short_code);
  await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  const second = await context.newPage();
  await second.goto(at);
  const other = new Card(second, topic);
  await expect(other.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  await context.unroute(BALLOTS);
  for (const tab of [page, second]) await tab.evaluate(() => dispatchEvent(new Event("online")));
  await card.expectReceipt();
  await other.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
});
