// Where the browser keeps nothing, or less than it should: IndexedDB, else localStorage,
// else this page's memory, and then the person is told.

import type { Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { expect, test, type World } from "./support/world.ts";
import { en, zh } from "./support/words.ts";

test.use({ shadow: "open" });

const BALLOTS = "**/api/v1/topics/*/ballots";
const body = (topic: string) => `<linli-deliberation topic="${topic}"><a href="/x">备用</a></linli-deliberation>`;

/** Ways in which browsers do not give IndexedDB. Each runs before any script of the page. */
const NO_DATABASE: Record<string, () => void> = {
  "is absent": () => Object.defineProperty(window, "indexedDB", { value: undefined }),
  "throws when touched": () =>
    Object.defineProperty(window, "indexedDB", {
      get() {
        throw new DOMException("refused", "SecurityError");
      },
    }),
  "does not open": () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "InvalidStateError");
    };
  },
  "opens with an error": () => {
    const open = IDBFactory.prototype.open;
    // A lower version than the one that is there is an error that comes as an event.
    IDBFactory.prototype.open = function (name) {
      open.call(this, name, 7);
      return open.call(this, name, 1);
    };
  },
  "never answers": () => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest;
  },
};

/** Ways in which nothing can be kept at all. */
const NO_STORAGE: Record<string, () => void> = {
  "both absent": () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
    Object.defineProperty(window, "localStorage", { value: null });
  },
  "both throw when touched": () => {
    for (const name of ["indexedDB", "localStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("refused", "SecurityError");
        },
      });
    }
  },
  "both full": () => {
    IDBObjectStore.prototype.put = Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  },
};

const local = (page: Page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("linli:")));

/** Votes with the ballots refused by the network. Gives what mends it. */
async function voteCutOff(page: Page, world: World, topic: string): Promise<() => Promise<void>> {
  await page.route(BALLOTS, (route) => route.abort("internetdisconnected"));
  await page.goto(world.site.put("storage", { body: body(topic) }));
  await new Card(page, topic).vote("儿童沙坑", world.household("grid-2").short_code);
  return () => page.unroute(BALLOTS);
}

for (const [name, spoil] of Object.entries(NO_DATABASE)) {
  test(`IndexedDB ${name}: localStorage keeps an unsent ballot over a reload`, async ({ page, world }) => {
    await page.addInitScript(spoil);
    const topic = world.topic("charging-shed");
    const card = new Card(page, topic);
    const mend = await voteCutOff(page, world, topic);
    await expect(card.heading("waiting_server")).toBeVisible();
    await expect(card.root).toContainText(zh.say("waiting_server_lead"));
    expect((await local(page)).filter((key) => key.includes("outbox/")).length).toBe(1);
    await page.reload();
    await expect(card.heading("waiting_server")).toBeVisible();
    expect(await world.cast(topic)).toBe(0);
    await mend();
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await card.expectReceipt();
    await expect.poll(async () => (await local(page)).filter((key) => key.includes("outbox/"))).toEqual([]);
    await page.reload();
    await card.expectReceipt();
    expect(await world.cast(topic)).toBe(1);
  });
}

test("with IndexedDB nothing lies in localStorage but empty marks for the first view", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const mend = await voteCutOff(page, world, topic);
  await expect(new Card(page, topic).heading("waiting_server")).toBeVisible();
  const marks = await local(page);
  expect(marks.filter((key) => !/^linli:kept:.*\/(vote|draft|device)\/[^/]+$/.test(key))).toEqual([]);
  expect(marks.filter((key) => key.endsWith(`/vote/${topic}`)).length).toBe(1);
  expect(await page.evaluate((keys) => keys.map((key) => localStorage.getItem(key)).join(""), marks)).toBe("");
  await mend();
});

for (const [name, spoil] of Object.entries(NO_STORAGE)) {
  test(`nothing can be kept (${name}): the person is told to stay, and it is sent`, async ({ page, world }) => {
    await page.addInitScript(spoil);
    const topic = world.topic("charging-shed");
    const card = new Card(page, topic);
    const mend = await voteCutOff(page, world, topic);
    await expect(card.root.getByText(zh.say("waiting_lead_page"))).toBeVisible();
    await expect(card.root).not.toContainText(zh.say("waiting_server_lead"));
    await mend();
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await card.expectReceipt();
    expect(await world.cast(topic)).toBe(1);
  });
}

test("nothing can be kept, and the page is left: the ballot is gone, and nothing says otherwise", async ({ page, world }) => {
  await page.addInitScript(NO_STORAGE["both absent"]);
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  const mend = await voteCutOff(page, world, topic);
  await expect(card.root.getByText(zh.say("waiting_lead_page"))).toBeVisible();
  await page.reload();
  await expect(card.radio("儿童沙坑")).toBeVisible();
  await expect(card.root).not.toContainText(/已保存|已入账/);
  await mend();
  expect(await world.cast(topic)).toBe(0);
});

test("nothing can be kept, in English", async ({ page, world }) => {
  await page.addInitScript(NO_STORAGE["both absent"]);
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic, en);
  await page.route(BALLOTS, (route) => route.abort("internetdisconnected"));
  await page.goto(world.site.put("storage-en", { lang: "en", body: body(topic) }));
  await card.vote("儿童沙坑", world.household("grid-2").short_code);
  await expect(card.root.getByText(en.say("waiting_lead_page"))).toBeVisible();
});
