// The page's own object as backend: real calls of the page's scripts to a server that is
// not ours.

import type { Page } from "@playwright/test";
import { Backend } from "./support/backend.ts";
import { Card } from "./support/card.ts";
import { expect, test, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

type Command = { key: string; topic: string; poll: string; grant: string; ballot: { choice: object } };

const CODE = "7QXA-M4KT-9ZRW";
const LABEL = "8 栋 2 单元 301";

/** What a site of its own does: ballots by key, grants, receipts. */
class Club {
  readonly recorded = new Map<string, object>();
  constructor(
    readonly backend: Backend,
    readonly view: { topic: { id: string; poll: { id: string } }; turnout: object },
  ) {
    backend.answer = ({ path, body }) => this.answer(path, body as never);
  }

  answer(path: string, body: never): { status: number; body?: unknown } {
    if (path === "/topic") return { status: 200, body: this.view };
    if (path === "/identify") return this.identify(body);
    if (path === "/cast") return { status: 200, body: this.cast(body) };
    if (path === "/standing") return { status: 200, body: { voted: this.recorded.size > 0, reply: [...this.recorded.values()].at(-1) } };
    return { status: 404 };
  }

  identify({ proof }: { proof: { code: string } }) {
    if (proof.code !== CODE) return { status: 403, body: { code: "code_unknown", attempts_left: 4 } };
    const standing = { voted: false };
    return { status: 200, body: { token: "club-grant", poll: this.view.topic.poll.id, voter: LABEL, expires_at_ms: Date.now() + 3_600_000, standing } };
  }

  cast(command: Command): object {
    const { key, topic, poll, ballot } = command;
    const receipt = {
      version: 1, code: "7Q4M-KX2P-9TDA", community: "jiangpan", topic, poll, secrecy: "recorded", revision: 1,
      commitment: "0".repeat(64), cast_at_ms: Date.now(), key_id: "club", signature: "none",
    };
    const reply = this.recorded.get(key) ?? { receipt, opening: { choice: ballot.choice, nonce: "0".repeat(64) } };
    this.recorded.set(key, reply);
    return reply;
  }
}

/** Starts a club whose topic is like one of ours, and ends it after the test. */
const withClub = test.extend<{ club: Club }>({
  club: async ({ world }, use) => {
    const backend = await Backend.start(world.site.origin);
    const topic = world.topic("night-parking");
    const view = await (await fetch(`${world.linli.origin}/api/v1/topics/${topic}`)).json();
    await use(new Club(backend, view));
    await backend.stop();
  },
});

const CONFIGURE = "(window.linli = window.linli || []).push({ host })";

/** A page whose scripts answer for themselves. `more` may replace methods of `host`. */
function put(world: World, { backend, view }: Club, more = "", configure = CONFIGURE): string {
  const head = `<script>
    window.heard = [];
    for (const name of ["submitted", "refused", "error"]) addEventListener("linli-" + name, (e) => heard.push({ name, ...e.detail }));
    window.calls = [];
    async function post(path, body) {
      calls.push(path);
      const response = await fetch("${backend.origin}" + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const value = await response.json();
      if (response.ok) return value;
      throw value;
    }
    window.host = {
      topic: (argument) => post("/topic", argument),
      identify: (argument) => post("/identify", argument),
      cast: (command) => post("/cast", command),
      standing: (argument) => post("/standing", argument),
    };
    ${more};
    ${configure};
  </script>`;
  return world.site.put("club", { head, body: `<linli-deliberation topic="${view.topic.id}"><a href="/x">备用</a></linli-deliberation>` });
}

const heard = (page: Page) => page.evaluate(() => (window as never as { heard: object[] }).heard);
const calls = (page: Page, path: string) => page.evaluate((path) => (window as never as { calls: string[] }).calls.filter((call) => call === path).length, path);

withClub("topic, identification, ballot, standing: recorded, and nothing asked of us", async ({ page, world, club }) => {
  const { id, poll } = club.view.topic;
  const ours: string[] = [];
  page.on("request", (request) => request.url().startsWith(`${world.linli.origin}/api/`) && ours.push(request.url()));
  await page.goto(put(world, club));
  const card = new Card(page, id);
  await card.voteOn("yes", CODE);
  await card.expectReceipt();
  await expect(card.root).toContainText(LABEL);
  const choice = { type: "motion", stance: "yes" };
  expect(club.backend.posted("/identify")).toEqual([{ topic: id, proof: { type: "household_code", code: CODE } }]);
  expect(club.backend.posted("/cast")).toEqual([
    { key: expect.stringMatching(/^[0-9a-f]{32}$/), topic: id, poll: poll.id, grant: "club-grant", ballot: { choice } },
  ]);
  expect(await heard(page)).toEqual([{ name: "submitted", subject: id, recorded: true }]);
  await page.reload();
  await card.expectReceipt();
  await expect.poll(() => club.backend.posted("/standing")).toEqual([{ topic: id, grant: "club-grant" }]);
  expect(ours).toEqual([]);
});

withClub("the page refuses: a wrong code beside its field, a ballot with its reason", async ({ page, world, club }) => {
  await page.goto(put(world, club, `host.cast = () => { throw { code: "closed", closed_at_ms: ${Date.UTC(2026, 9, 31, 12)} } }`));
  const card = new Card(page, club.view.topic.id);
  await card.voteOn("no", "ZZZZ-ZZZZ-ZZZZ");
  await expect(card.root.getByRole("alert")).toContainText(zh.say("code_unknown"));
  await card.identify(zh.say("stance_no"), CODE);
  await expect(card.root.getByRole("heading", { name: zh.pattern("closed") })).toBeVisible();
  await expect(card.root.getByRole("button", { name: zh.say("back_to_topic") })).toBeVisible();
  await expect(card.root).not.toContainText(zh.say("receipt_title"));
  expect(await heard(page)).toContainEqual({ name: "refused", code: "closed" });
});

withClub("it throws, fails, answers nonsense: kept, and the same command again until it is recorded", async ({ page, world, club }) => {
  const more = `const cast = host.cast; window.commands = [];
    const bad = [() => { throw new TypeError("a bug") }, () => Promise.reject(new Error("network")), () => ({ ok: true })];
    host.cast = (command) => { commands.push(command); return bad.length ? bad.shift()() : cast(command) }`;
  await page.goto(put(world, club, more));
  const card = new Card(page, club.view.topic.id);
  await card.voteOn("abstain", CODE);
  await expect(card.heading("waiting_server")).toBeVisible();
  await card.expectReceipt();
  const commands = await page.evaluate(() => (window as never as { commands: Command[] }).commands);
  expect(commands.length).toBe(4);
  expect(commands.every((command) => JSON.stringify(command) === JSON.stringify(commands[0]))).toBe(true);
  expect(club.recorded.size).toBe(1);
});

withClub("promises that never settle are given up and asked again", async ({ page, world, club }) => {
  const more = `for (const name of ["topic", "identify", "cast"]) {
      const real = host[name];
      let asked = 0;
      host[name] = (argument) => asked++ ? real(argument) : (calls.push("hung " + name), new Promise(() => {}));
    }`;
  await page.clock.install();
  await page.goto(put(world, club, more));
  const card = new Card(page, club.view.topic.id);
  const hung = async (name: string) => {
    await expect.poll(() => calls(page, `hung ${name}`)).toBe(1);
    await page.clock.fastForward(21_000);
  };
  await hung("topic");
  // It is asked again by itself, soon.
  await expect(card.root.getByRole("radio")).toHaveCount(3);
  await card.voteOn("yes", CODE);
  await hung("identify");
  await expect(card.root.getByRole("alert")).toContainText(zh.say("load_failed"));
  await card.identify(zh.say("stance_yes"), CODE);
  await expect(card.heading("sending_title")).toBeVisible();
  await hung("cast");
  await card.expectReceipt();
  expect(club.recorded.size).toBe(1);
});

withClub("no receipts: handed over, never recorded, also after a reload, and can be changed", async ({ page, world, club }) => {
  await page.goto(put(world, club, "host.receipts = false; delete host.standing"));
  const card = new Card(page, club.view.topic.id);
  await card.voteOn("yes", CODE);
  await expect(card.heading("dispatched_title")).toBeVisible();
  expect(await heard(page)).toEqual([{ name: "submitted", subject: club.view.topic.id, recorded: false }]);
  const told = async () => {
    await expect(card.heading("dispatched_title")).toBeVisible();
    await expect(card.root.getByRole("listitem").filter({ hasText: zh.say("step_dispatched") })).toBeVisible();
    await expect(card.root.getByText(zh.say("step_recorded"), { exact: true })).toHaveCount(0);
    await expect(card.root).not.toContainText(zh.say("receipt_code"));
  };
  await told();
  await page.reload();
  await told();
  await expect(card.root).toContainText(zh.say("stance_yes"));
  await card.button("change_vote").click();
  await card.root.getByRole("radio", { name: zh.say("stance_no"), exact: true }).check();
  await card.button("change_to", { choice: zh.say("stance_no") }).click();
  await told();
  const stances = club.backend.posted<Command>("/cast").map((command) => (command.ballot.choice as { stance: string }).stance);
  expect(stances).toEqual(["yes", "no"]);
  // Another household on the same phone starts afresh.
  await card.button("switch_voter").click();
  await expect(card.root.getByRole("radio", { checked: true })).toHaveCount(0);
});

withClub("a formal poll is never held by the page's object", async ({ page, world, club }) => {
  Object.assign(club.view.topic.poll, { nature: "formal" });
  await page.goto(put(world, club, `addEventListener("DOMContentLoaded", () => document.querySelector("linli-deliberation").setAttribute("page", "https://club.example/vote"))`));
  const card = new Card(page, club.view.topic.id);
  await expect(card.root).toContainText(zh.say("elsewhere_lead"));
  await expect(card.root.getByRole("link", { name: zh.say("elsewhere_open") })).toHaveAttribute("href", "https://club.example/vote");
  await expect(card.root.getByRole("radio")).toHaveCount(0);
});

withClub("configured after the elements are there", async ({ page, world, club }) => {
  const topic = club.view.topic.id;
  await page.goto(put(world, club, "host.topic = undefined", ""));
  const card = new Card(page, topic);
  // Our own server knows the topic, too: its counts are shown.
  await expect(card.root.getByRole("radio")).toHaveCount(3);
  await expect(card.root).toContainText("户参与");
  await page.evaluate((given) => {
    const { linli, host } = window as never as { linli: { configure(c: object): void }; host: object };
    linli.configure({ host, topics: { [given.id]: given } });
  }, club.view.topic);
  // The page's topic, which nobody counts.
  await expect(card.root).not.toContainText("户参与");
  await card.voteOn("yes", CODE);
  await card.expectReceipt();
  expect(club.recorded.size).toBe(1);
  expect(await world.cast(topic)).toBe(0);
});
