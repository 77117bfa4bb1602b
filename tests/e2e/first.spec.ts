// The first view: the question before the wasm is there. It must be the wasm's own view
// at the pixel, keep what was chosen, and stay away wherever it could be wrong.

import AxeBuilder from "@axe-core/playwright";
import type { Page, Request } from "@playwright/test";
import { Card } from "./support/card.ts";
import { topics } from "./support/demo.ts";
import { expect, test, type World } from "./support/world.ts";
import { en, zh, type Words } from "./support/words.ts";

test.use({ shadow: "open" });

const element = (topic: string, attributes = "") =>
  `<main><h1>通知</h1><linli-deliberation topic="${topic}" ${attributes}><a href="/x">备用</a></linli-deliberation><p id="below">下文</p></main>`;
const link = (page: Page) => page.getByRole("link", { name: "备用" });

/** Holds the wasm back until it is released. */
async function hold(page: Page): Promise<() => void> {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/suite.wasm", async (route) => (await gate, route.continue()));
  return () => release();
}

/** What the host page hears of the element, taps included. */
async function listen(page: Page): Promise<() => Promise<Record<string, number>>> {
  await page.addInitScript(() => {
    const heard: Record<string, number> = {};
    Object.assign(window, { heard });
    for (const name of ["linli-ready", "linli-error", "linli-submitted", "click", "input", "change"]) {
      addEventListener(name, (event) => {
        if ((event.target as Element).localName === "linli-deliberation") heard[name] = (heard[name] ?? 0) + 1;
      });
    }
  });
  return () => page.evaluate(() => (window as never as { heard: Record<string, number> }).heard);
}

/** The first view is there: its controls are not the wasm's. */
const isFirst = (card: Card) => card.root.locator("input[name=first]").first();
/** The wasm has taken over, and nothing of the first view is left. */
async function taken(card: Card) {
  await expect(card.root.locator("[part=card] input[name=choice]").first()).toBeVisible();
  await expect(card.root.locator("input[name=first]")).toHaveCount(0);
}

/** Kind, class and place of everything down to the button, texts included. */
const places = (card: Card) =>
  card.root.evaluate((host) => {
    const section = [...host.shadowRoot!.querySelectorAll("section")].find((one) => one.checkVisibility())!;
    const all = [...section.querySelectorAll("*")];
    const upTo = all.findIndex((part) => part.getAttribute("part") === "primary");
    return all.slice(0, upTo + 1).map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      const attributes = [...part.attributes].filter(({ name }) => name !== "name").map(({ name, value }) => `${name}=${value}`);
      const text = part.children.length ? "" : part.textContent;
      // Reading aloud has its place, and waits for the wasm.
      if (part.classList.contains("btn-soft")) attributes.splice(0, attributes.length, "reads aloud");
      return { what: `${part.localName} ${attributes.sort().join(" ")} ${text}`, box: [x, y, width, height] };
    });
  });

/** The same things at the same places, to half a pixel. */
async function expectNoJump(page: Page, card: Card, release: () => void) {
  await expect(isFirst(card)).toBeAttached();
  const before = await places(card);
  release();
  await taken(card);
  const after = await places(card);
  expect(after.map((part) => part.what)).toEqual(before.map((part) => part.what));
  const moved = after.filter(({ box }, index) => box.some((length, side) => Math.abs(length - before[index].box[side]) > 0.5));
  expect(moved).toEqual([]);
  expect(before.length).toBeGreaterThan(12);
}

const LONG = { question: "整治晾晒区，你更赞成先做哪一处？请从下面选择，选好之后还可以修改。", summary: "第一段。\n\n第二段，比第一段长得多，会折到下一行去，也许还要再下一行。" };

for (const words of [zh, en]) {
  for (const elder of ["", "elder"]) {
    for (const [model, changes] of [
      ["charging-shed", {}],
      ["night-parking", {}],
      ["stair-watch", {}],
      ["double-ninth", {}],
      ["english-corner", {}],
      ["charging-shed", LONG],
    ] as const) {
      const name = `${model}${"question" in changes ? " with everything" : ""}, ${words.tag} ${elder}`;
      test(`nothing moves when the wasm takes over: ${name}`, async ({ page, world }) => {
        const { summary, ...poll } = changes as { summary?: string; question?: string };
        const topic = summary ? world.topic(model, { summary }, poll) : model;
        const card = new Card(page, topic, words);
        const release = await hold(page);
        await page.goto(world.site.put("first", { body: element(topic, `lang="${words.tag}" ${elder}`) }));
        await expectNoJump(page, card, release);
      });
    }
  }
}

for (const theme of ["dark", "auto", "light"]) {
  test(`the palette is the page's: ${theme}`, async ({ page, world }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    const card = new Card(page, "charging-shed");
    const release = await hold(page);
    const paper = () => card.root.locator("section:visible").evaluate((part) => getComputedStyle(part).backgroundColor);
    await page.goto(world.site.put("first", { body: element("charging-shed", `theme="${theme}"`) }));
    await expect(isFirst(card)).toBeAttached();
    const before = await paper();
    release();
    await taken(card);
    expect(await paper()).toBe(before);
  });
}

test("times are told as the platform tells them", async ({ page, world }) => {
  for (const [words, month] of [[zh, "long"], [en, "short"]] as const) {
    for (const minutes of [3, 60 * 24 * 11, 60 * 24 * 45, 60 * 24 * 200]) {
      const topic = world.topic("charging-shed", {}, { closes_in_minutes: minutes });
      const closes = ((await world.view(topic)) as never as { topic: { poll: { closes_at_ms: number } } }).topic.poll.closes_at_ms;
      const card = new Card(page, topic, words);
      await page.unrouteAll();
      const release = await hold(page);
      await page.goto(world.site.put("times", { body: element(topic, `lang="${words.tag}"`) }));
      await expect(isFirst(card)).toBeAttached();
      const told = await page.evaluate(
        ([lang, month, at]) =>
          new Intl.DateTimeFormat(lang as string, { timeZone: "Asia/Shanghai", month: month as "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at as number),
        [words.tag, month, closes] as const,
      );
      const line = words.say("closes_at", { time: told });
      await expect(card.root.getByText(line)).toBeVisible();
      release();
      await taken(card);
      await expect(card.root.getByText(line)).toBeVisible();
    }
  }
});

test("chosen before, cast afterwards with one tap; the host hears everything once", async ({ page, world }) => {
  const topic = world.topic("double-ninth");
  const card = new Card(page, topic);
  const heard = await listen(page);
  const release = await hold(page);
  const sent: string[] = [];
  page.on("request", (request: Request) => void (request.method() === "POST" && sent.push(request.url())));
  await page.goto(world.site.put("first", { body: element(topic) }));
  await card.box("教用手机").check();
  // Not yet possible, and says so.
  const button = card.root.locator("[part=primary]");
  await expect(button).toHaveAttribute("aria-disabled", "true");
  await expect(button).toHaveText(zh.say("loading"));
  await button.click({ force: true });
  await expect(isFirst(card)).toBeAttached();
  expect(sent).toEqual([]);
  const before = await heard();
  expect(before["linli-ready"]).toBeUndefined();
  release();
  await taken(card);
  await expect(card.box("教用手机")).toBeChecked();
  expect(await heard()).toEqual({ ...before, "linli-ready": 1 });
  await card.button("vote_for", { choice: "教用手机" }).click();
  await card.expectReceipt();
  expect(await world.cast(topic)).toBe(1);
  expect((await heard())["linli-ready"]).toBe(1);
});

test("the choice is a draft like any other: it survives a reload", async ({ page, world }) => {
  const topic = world.topic("charging-shed");
  const card = new Card(page, topic);
  const release = await hold(page);
  await page.goto(world.site.put("first", { body: element(topic) }));
  await card.radio("电动车充电棚").check();
  release();
  await taken(card);
  await card.button("vote_for", { choice: "电动车充电棚" }).waitFor();
  await page.unrouteAll();
  await page.reload();
  await expect(card.radio("电动车充电棚")).toBeChecked();
});

test("by keyboard: the focus stays where it is", async ({ page, world }) => {
  const card = new Card(page, "night-parking");
  const release = await hold(page);
  await page.goto(world.site.put("first", { body: element("night-parking") }));
  await expect(isFirst(card)).toBeAttached();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  const no = card.root.getByRole("radio", { name: zh.say("stance_no"), exact: true });
  await expect(no).toBeChecked();
  release();
  await taken(card);
  await expect(no).toBeChecked();
  await expect(no).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(card.root.getByRole("radio", { name: zh.say("stance_abstain"), exact: true })).toBeChecked();
  await page.keyboard.press("Tab");
  await expect(card.button("vote_stance", { choice: zh.say("stance_abstain") })).toBeFocused();
});

test("several choices and the hint come along; taking one back counts too", async ({ page, world }) => {
  const card = new Card(page, "double-ninth");
  const release = await hold(page);
  await page.goto(world.site.put("first", { body: element("double-ninth") }));
  await expect(isFirst(card)).toBeAttached();
  const boxes = card.root.locator("input:visible");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await boxes.nth(2).check();
  await boxes.nth(1).uncheck();
  const { max } = topics.find(({ id }) => id === "double-ninth")!.poll.kind as { max: number };
  const hint = card.root.getByText(zh.say("chosen_count", { n: 2, max }), { exact: true });
  await expect(hint).toBeVisible();
  release();
  await taken(card);
  await expect(hint).toBeVisible();
  for (const [index, on] of [true, false, true].entries()) await expect(boxes.nth(index)).toBeChecked({ checked: on });
  await expect(card.button("vote_for_many", { n: 2 })).toBeVisible();
});

test("a finger that is down when the wasm comes still chooses", async ({ page, world }) => {
  const card = new Card(page, "charging-shed");
  const heard = await listen(page);
  const release = await hold(page);
  await page.goto(world.site.put("first", { body: element("charging-shed") }));
  const box = (await card.root.locator("label", { hasText: "电动车充电棚" }).boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  release();
  await expect.poll(async () => (await heard())["linli-ready"]).toBe(1);
  await expect(isFirst(card)).toBeAttached();
  await page.mouse.up();
  await taken(card);
  await expect(card.radio("电动车充电棚")).toBeChecked();
});

/** Counts the moments that first views wait before they draw. */
async function moments(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const after = setTimeout;
    const passed = { moments: 0 };
    Object.assign(window, { passed });
    window.setTimeout = ((then: () => void, ms: number) =>
      after(() => {
        then();
        // What waited for it has drawn by then, or will not.
        if (ms === 30) after(() => passed.moments++);
      }, ms)) as never;
  });
  return () => page.evaluate(() => (window as never as { passed: { moments: number } }).passed.moments);
}

/** The moment for a first view passes, and the page's own content is still there. */
async function expectNone(page: Page, world: World, topic: string) {
  const card = new Card(page, topic);
  const passed = await moments(page);
  const release = await hold(page);
  await page.goto(world.site.put("none", { body: element(topic) }));
  await expect.poll(passed).toBe(1);
  await expect(link(page)).toBeVisible();
  await expect(isFirst(card)).toHaveCount(0);
  release();
  await expect(card.root.getByRole("heading").first()).toBeVisible();
}

test.describe("no first view", () => {
  for (const topic of ["garden-name", "waste-hours", "lifts"]) {
    test(`upcoming, closed, or formal on another's page: ${topic}`, async ({ page, world }) => expectNone(page, world, topic));
  }

  const harms: [string, (view: Record<string, never>) => void][] = [
    ["an unknown kind", (view) => void ((view as never as View).topic.poll.kind.type = "ranking")],
    ["an unknown electorate", (view) => void ((view as never as View).topic.poll.electorate = "owners")],
    ["an unknown rule for changes", (view) => void ((view as never as View).topic.poll.changes = "once")],
    ["an unknown rule for results", (view) => void ((view as never as View).topic.poll.results = "weekly")],
    ["an invisible trick in an option", (view) => void ((view as never as View).topic.poll.kind.options[0].text = "同意\u202e对反")],
    ["an invisible trick in the title", (view) => void ((view as never as View).topic.title = "标\u200b题")],
    ["a control character in a detail", (view) => void ((view as never as View).topic.poll.kind.options[0].detail = "a\tb")],
    ["another time zone", (view) => void ((view as never as View).topic.community.time_zone = "Asia/Tokyo")],
  ];
  type View = { topic: { title: string; community: { time_zone: string }; poll: { electorate: string; changes: string; results: string; kind: { type: string; options: { text: string; detail?: string }[] } } } };
  for (const [name, harm] of harms) {
    test(name, async ({ page, world }) => {
      const topic = world.topic("charging-shed");
      await page.route(`**/api/v1/topics/${topic}`, async (route) => {
        const response = await route.fetch();
        const view = await response.json();
        harm(view);
        await route.fulfill({ response, json: view });
      });
      await expectNone(page, world, topic);
    });
  }

  test("a topic that is refused", async ({ page, world }) => {
    await page.route("**/api/v1/topics/*", (route) => route.fulfill({ status: 404, json: { code: "topic_unknown" }, headers: { "Access-Control-Allow-Origin": "*" } }));
    await expectNone(page, world, "nothing-here");
  });

  test("this device has a draft here, or its own size of type", async ({ page, world }) => {
    const topic = world.topic("charging-shed");
    const card = new Card(page, topic);
    await page.goto(world.site.put("draft", { body: element(topic) }));
    await card.radio("电动车充电棚").check();
    await expect(card.button("vote_for", { choice: "电动车充电棚" })).toBeVisible();
    await expect.poll(() => page.evaluate((id) => Object.keys(localStorage).some((key) => key.endsWith(`/draft/${id}`)), topic)).toBe(true);
    await expectNone(page, world, topic);
    await expect(card.radio("电动车充电棚")).toBeChecked();
    await page.evaluate(() => localStorage.clear());
    await card.button("elder_on").click();
    await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.endsWith("/device/elder")).length)).toBe(1);
    await page.unrouteAll();
    await expectNone(page, world, "night-parking");
    await expect(new Card(page, "night-parking").button("elder_off")).toBeVisible();
  });

  test("this device has voted here", async ({ page, world }) => {
    const topic = world.topic("double-ninth");
    const card = new Card(page, topic);
    await page.goto(world.site.put("voted", { body: element(topic) }));
    await card.box("教用手机").check();
    await card.button("vote_for", { choice: "教用手机" }).click();
    await card.expectReceipt();
    await expectNone(page, world, topic);
    await card.expectReceipt();
  });

  test("the wasm is there already", async ({ page, world }) => {
    // Whatever is ever put into the element's root.
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (init) {
        const root = attach.call(this, init);
        new MutationObserver(() => root.querySelector("input[name=first]") && seen.push("first")).observe(root, { childList: true, subtree: true });
        return root;
      };
    });
    const card = new Card(page, "night-parking");
    let release = () => {};
    const gate = new Promise<void>((open) => (release = open));
    await page.route("**/api/v1/topics/*", async (route) => (await gate, route.continue()));
    await page.goto(world.site.put("warm", { body: element("night-parking") }));
    await expect(card.root.locator("[aria-busy=true]")).toBeVisible();
    release();
    await taken(card);
    expect(await page.evaluate(() => (window as never as { seen: string[] }).seen)).toEqual([]);
  });
});

test("a formal vote on its own page has one", async ({ page, world }) => {
  const release = await hold(page);
  const card = new Card(page, "lifts");
  await page.goto(`${world.linli.origin}/p/lifts`);
  await expectNoJump(page, card, release);
});

test("the wasm never comes: the page's own content returns, and says load", async ({ page, world }) => {
  const heard = await listen(page);
  let fail = () => {};
  const gate = new Promise<void>((open) => (fail = open));
  await page.route("**/suite.wasm", async (route) => (await gate, route.fulfill({ status: 404 })));
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("lost", { body: element("charging-shed") }));
  await card.radio("电动车充电棚").check();
  await expect(link(page)).toBeHidden();
  fail();
  await expect(link(page)).toBeVisible();
  await expect(isFirst(card)).toHaveCount(0);
  expect(await heard()).toMatchObject({ "linli-error": 1 });
});

test("the topic is changed before the wasm comes: no choice goes along", async ({ page, world }) => {
  const release = await hold(page);
  await page.goto(world.site.put("changed", { body: element("night-parking") }));
  const before = new Card(page, "night-parking");
  await before.root.getByRole("radio", { name: zh.say("stance_yes"), exact: true }).check();
  await before.root.evaluate((host) => host.setAttribute("topic", "square-dance"));
  release();
  const card = new Card(page, "square-dance");
  await taken(card);
  await expect(card.root.locator("h2:visible")).toHaveText(topics.find(({ id }) => id === "square-dance")!.title);
  await expect(card.root.getByRole("radio", { checked: true })).toHaveCount(0);
});

test("taken out and put in again before the wasm comes: it starts afresh", async ({ page, world }) => {
  const release = await hold(page);
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("moved", { body: element("charging-shed") }));
  await expect(isFirst(card)).toBeAttached();
  const gone = page.evaluate(() => {
    const host = document.querySelector("linli-deliberation")!;
    host.remove();
    return new Promise<void>((done) => setTimeout(() => (document.querySelector("main")!.append(host), done()), 1500));
  });
  await gone;
  await expect(isFirst(card)).toBeAttached();
  release();
  await taken(card);
  await expect(card.root.locator("section")).toHaveCount(1);
});

test("under a strict policy", async ({ page, world }) => {
  const told: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && told.push(message.text())));
  const policy = "default-src 'none'; script-src __LINLI__ 'wasm-unsafe-eval'; connect-src __LINLI__";
  const release = await hold(page);
  const card = new Card(page, "charging-shed");
  await page.goto(world.site.put("strict-first", { body: element("charging-shed"), headers: { "Content-Security-Policy": policy } }));
  await expectNoJump(page, card, release);
  expect(told.filter((text) => !text.includes("favicon"))).toEqual([]);
});

for (const attributes of ["", "elder", `theme="dark"`]) {
  test(`axe finds nothing on it, ${attributes || "normal"}`, async ({ page, world }) => {
    await hold(page);
    const card = new Card(page, "double-ninth");
    await page.goto(world.site.put("axe", { body: element("double-ninth", attributes), head: "<style>body:has([theme=dark]) { background: #111; color: #eee }</style>" }));
    const look = async () => {
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
      expect(violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target.join(" ")}: ${node.failureSummary}`))).toEqual([]);
    };
    await expect(isFirst(card)).toBeAttached();
    await look();
    await card.box("教用手机").check();
    await look();
  });
}
