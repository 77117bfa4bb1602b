// An address that only takes, on another origin: handed over, never said to be recorded.

import { Backend } from "./support/backend.ts";
import { Card } from "./support/card.ts";
import { expect, test as base, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

base.use({ shadow: "open" });

const test = base.extend<{ hook: Backend }>({
  hook: async ({ world }, use) => {
    const hook = await Backend.start(world.site.origin);
    await use(hook);
    await hook.stop();
  },
});

type Posted = { topic: string; poll: string; choice: object; key: string };
type View = { topic: { id: string; poll: { id: string } }; turnout: object };

/** A topic as a page gives it: like one of ours, about which nobody else knows. */
async function given(world: World, like: string, poll: Record<string, unknown> = {}): Promise<View["topic"]> {
  const id = world.topic(like, {}, poll);
  const view = (await (await fetch(`${world.linli.origin}/api/v1/topics/${id}`)).json()) as View;
  return view.topic;
}

function put(world: World, hook: Backend, topic: View["topic"]): string {
  const settings = JSON.stringify({ webhook: `${hook.origin}/box`, topics: { [topic.id]: topic } }).replaceAll("<", "\\u003c");
  const head = `<script>window.heard = [];
    for (const name of ["submitted", "refused", "error"]) addEventListener("linli-" + name, (e) => heard.push({ name, ...e.detail }));
    (window.linli = window.linli || []).push(${settings})</script>`;
  return world.site.put("hook", { head, body: `<linli-deliberation topic="${topic.id}"><a href="/x">备用</a></linli-deliberation>` });
}

async function expectHandedOver(card: Card) {
  await expect(card.heading("dispatched_title")).toBeVisible();
  await expect(card.root).toContainText(zh.say("dispatched_lead"));
  await expect(card.root.getByText(zh.say("step_recorded"), { exact: true })).toHaveCount(0);
  await expect(card.root).not.toContainText(zh.say("receipt_title"));
  await expect(card.root).not.toContainText(zh.say("receipt_code"));
}

test("taken: said to be handed over, also after a reload; the body is the documented one", async ({ page, context, world, hook }) => {
  await context.addCookies([{ name: "session", value: "secret", url: hook.origin }]);
  const topic = await given(world, "double-ninth", { changes: "never" });
  const ours: string[] = [];
  page.on("request", (request) => request.url().startsWith(`${world.linli.origin}/api/`) && ours.push(request.url()));
  await page.goto(put(world, hook, topic));
  const card = new Card(page, topic.id);
  await card.box("教用手机").check();
  // Nobody counts: no figure is shown, least of all a nought.
  await expect(card.root).not.toContainText("人参与");
  await expect(card.root).not.toContainText(/已有 \d/);
  await card.button("vote_for", { choice: "教用手机" }).click();
  await expectHandedOver(card);
  const [posted] = hook.posted<Posted>("/box");
  expect(posted).toEqual({
    topic: topic.id, poll: topic.poll.id, key: expect.stringMatching(/^[0-9a-f]{32}$/),
    choice: { type: "options", options: [expect.any(String)] },
  });
  expect(hook.preflights).toBeGreaterThan(0);
  expect(hook.asked[0].headers.cookie).toBeUndefined();
  expect(hook.asked[0].headers["content-type"]).toBe("application/json");
  expect(await page.evaluate(() => (window as never as { heard: object[] }).heard)).toEqual([{ name: "submitted", subject: topic.id, recorded: false }]);
  await page.reload();
  await expectHandedOver(card);
  await expect(card.root).toContainText("教用手机");
  await expect(card.button("change_vote")).toHaveCount(0);
  expect(hook.asked.length).toBe(1);
  expect(ours).toEqual([]);
});

test("500, then 200: kept, said so, and sent again with the same key", async ({ page, world, hook }) => {
  const topic = await given(world, "double-ninth");
  hook.answer = () => ({ status: 500 });
  await page.goto(put(world, hook, topic));
  const card = new Card(page, topic.id);
  await card.box("戏曲专场").check();
  await card.button("vote_for", { choice: "戏曲专场" }).click();
  await expect(card.heading("waiting_server")).toBeVisible();
  await expect(card.root).not.toContainText(zh.say("dispatched_title"));
  await page.reload();
  await expect(card.heading("waiting_server")).toBeVisible();
  hook.answer = () => ({ status: 202 });
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expectHandedOver(card);
  const keys = hook.posted<Posted>("/box").map(({ key }) => key);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
});

test("an address that does not allow this page: kept, not handed over", async ({ page, world, hook }) => {
  const topic = await given(world, "double-ninth");
  await page.goto(put(world, hook, topic).replace("localhost", "127.0.0.1"));
  const card = new Card(page, topic.id);
  await card.box("戏曲专场").check();
  await card.button("vote_for", { choice: "戏曲专场" }).click();
  await expect(card.heading("waiting_server")).toBeVisible();
  expect(hook.preflights).toBeGreaterThan(0);
  expect(hook.asked).toEqual([]);
});

test("a formal poll is refused, and nothing leaves the page", async ({ page, world, hook }) => {
  const topic = await given(world, "double-ninth", { nature: "formal", rule: { article: "", basis: "章程第三条" }, electorate: "households", credential: "household_code", secrecy: "recorded" });
  await page.goto(put(world, hook, topic));
  const card = new Card(page, topic.id);
  await expect(card.root).toContainText(zh.say("elsewhere_lead"));
  await expect(card.root.getByRole("checkbox")).toHaveCount(0);
  await expect(card.root).not.toContainText("户参与");
  expect(hook.asked).toEqual([]);
});

test("household codes are not taken by an address that cannot check them", async ({ page, world, hook }) => {
  const topic = await given(world, "charging-shed");
  await page.goto(put(world, hook, topic));
  const card = new Card(page, topic.id);
  await card.vote("保持原样", world.household("grid-2").short_code);
  await expect(card.root.getByRole("alert")).toContainText(zh.say("unsupported"));
  expect(hook.asked).toEqual([]);
});
