// Manners on a page: events, several elements and loaders, moving, unmounting, caching.

import { expect, test } from "./support/world.ts";
import { Tree } from "./support/closed.ts";
import { zh } from "./support/words.ts";

const one = (topic: string) => `<linli-deliberation topic="${topic}"><a href="/x">备用</a></linli-deliberation>`;
const heard = `<script>window.heard = []; for (const name of ["ready", "submitted", "refused", "error"])
  document.addEventListener("linli-" + name, (e) => heard.push({ name, topic: e.target.topic, detail: e.detail, composed: e.composed, bubbles: e.bubbles }));</script>`;
type Heard = { name: string; topic: string; detail: Record<string, unknown> | null; composed: boolean; bubbles: boolean }[];

test("events bubble, are composed, and say neither who nor what", async ({ page, world }) => {
  const { short_code } = world.household("grid-1");
  await page.goto(world.site.put("events", { head: heard, body: `<div id="around">${one("square-dance")}</div>` }));
  const events = () => page.evaluate(() => (window as never as { heard: Heard }).heard);
  const tree = await Tree.of(page);
  const vote = async () => {
    await tree.click("radio", zh.say("stance_no"));
    await tree.click("button", zh.say("vote_stance", { choice: zh.say("stance_no") }));
    await tree.click("textbox", zh.say("code_label"));
    await page.keyboard.type(short_code);
    await page.keyboard.press("Enter");
  };
  await vote();
  await tree.expect("heading", zh.say("receipt_title"));
  expect((await events()).map((event) => event.name)).toEqual(["ready", "submitted"]);
  const submitted = (await events())[1];
  expect(submitted).toEqual({ name: "submitted", topic: "square-dance", composed: true, bubbles: true, detail: { subject: "square-dance", recorded: true } });
  // Another phone of the household: no second ballot, and the page hears why.
  await page.evaluate(() => indexedDB.databases().then((all) => Promise.all(all.map((d) => indexedDB.deleteDatabase(d.name!)))));
  await page.context().clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await vote();
  await expect.poll(async () => (await events()).at(-1)).toMatchObject({ name: "refused", detail: { code: "ballot_secret_lost" } });
  expect(JSON.stringify(await events())).not.toContain(short_code);
});

test("two loaders of different versions: the first serves both", async ({ page, world }) => {
  const loader = await (await fetch(`${world.linli.origin}/v1/loader.js`)).text();
  const version = /\d+\.\d+\.\d+/.exec(loader)![0];
  await page.route("**/old/v1/loader.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: loader.replaceAll(version, "0.0.9") }),
  );
  const warnings: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  const both = `<script defer src="__LINLI__/v1/loader.js"></script><script defer src="__LINLI__/old/v1/loader.js"></script>`;
  await page.goto(world.site.put("two-loaders", { loader: both, body: one("charging-shed") + one("night-parking") }));
  const tree = await Tree.of(page);
  await tree.expect("radio", "电动车充电棚");
  await tree.expect("radio", zh.say("stance_yes"));
  await expect.poll(() => warnings.some((text) => text.includes(version) && text.includes("0.0.9"))).toBe(true);
});

test("moving keeps what was ticked; removing and adding again works", async ({ page, world }) => {
  await page.goto(world.site.put("moving", { head: heard, body: `<main>${one("charging-shed")}</main><aside></aside>` }));
  const tree = await Tree.of(page);
  await tree.click("radio", "儿童沙坑");
  const ticked = async () => (await tree.find("radio", "儿童沙坑"))?.checked;
  await expect.poll(ticked).toBe(true);
  await page.evaluate(() => document.querySelector("aside")!.append(document.querySelector("linli-deliberation")!));
  await expect.poll(ticked).toBe(true);
  await page.evaluate(() => {
    const element = document.querySelector("linli-deliberation")!;
    Object.assign(window, { element });
    element.remove();
  });
  await expect.poll(() => tree.find("radio", "儿童沙坑")).toBeUndefined();
  await page.waitForTimeout(1500); // Longer than a move: the app is closed by now.
  await page.evaluate(() => document.querySelector("main")!.append((window as never as { element: Element }).element));
  await tree.expect("button", zh.say("vote_for", { choice: "儿童沙坑" }));
  await expect.poll(ticked).toBe(true);
});

test("attributes and properties take effect at once", async ({ page, world }) => {
  await page.goto(world.site.put("attributes", { body: one("charging-shed") }));
  const tree = await Tree.of(page);
  await tree.expect("radio", "电动车充电棚");
  await page.evaluate(() => document.querySelector("linli-deliberation")!.setAttribute("lang", "en"));
  await tree.expect("button", "Choose an option first");
  await page.evaluate(() => ((document.querySelector("linli-deliberation") as never as { topic: string }).topic = "garden-name"));
  await tree.expect("heading", "口袋公园");
  await page.evaluate(() => (window as never as { linli: { configure(c: object): void } }).linli.configure({ elder: true }));
  await tree.expect("button", "Standard text");
});

test("a property set before the script is there counts; an attribute that makes no sense is told", async ({ page, world }) => {
  const early = `<linli-deliberation><a href="/x">备用</a></linli-deliberation><script>document.querySelector("linli-deliberation").topic = "charging-shed"</script>`;
  await page.goto(world.site.put("early", { head: heard, body: early, loader: `<script defer src="__LINLI__/v1/loader.js"></script>` }));
  const tree = await Tree.of(page);
  await tree.expect("radio", "电动车充电棚");
  await page.evaluate(() => document.querySelector("linli-deliberation")!.setAttribute("topic", "No such name!"));
  const errors = async () => (await page.evaluate(() => (window as never as { heard: Heard }).heard)).filter((event) => event.name === "error");
  await expect.poll(errors).toMatchObject([{ detail: { reason: "attribute" }, composed: true, bubbles: true }]);
  await tree.expect("radio", "电动车充电棚");
});

test("several elements share one suite", async ({ page, world }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const topics = ["charging-shed", "night-parking", "square-dance"];
  await page.goto(world.site.put("shared", { head: heard, body: topics.map(one).join("") }));
  const ready = () => page.evaluate(() => (window as never as { heard: Heard }).heard.filter((event) => event.name === "ready").length);
  await page.mouse.wheel(0, 4000);
  await expect.poll(ready).toBe(3);
  const often = asked.filter((path, index) => !path.endsWith("suite.js") && asked.indexOf(path) !== index);
  expect(often, "asked for more than once").toEqual([]);
  expect(asked.filter((path) => path.endsWith("suite.wasm")).length).toBe(1);
});

test("elements below the fold load when they come near", async ({ page, world }) => {
  await page.goto(world.site.put("fold", { head: `<style>p { height: 4000px }</style>`, body: `${one("charging-shed")}<p></p>${one("night-parking")}` }));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const tree = await Tree.of(page);
  await tree.expect("radio", "电动车充电棚");
  expect(asked.some((url) => url.includes("night-parking"))).toBe(false);
  await page.mouse.wheel(0, 4000);
  await tree.expect("radio", zh.say("stance_yes"));
});

test("a second visit transfers data only", async ({ page, world }) => {
  await page.goto(world.site.put("second", { body: one("charging-shed") }));
  const tree = await Tree.of(page);
  await tree.expect("radio", "电动车充电棚");
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const urls = new Map<string, string>();
  const transferred: Record<string, number> = {};
  session.on("Network.requestWillBeSent", (event) => urls.set(event.requestId, event.request.url));
  session.on("Network.loadingFinished", (event) => {
    const url = urls.get(event.requestId);
    if (url?.startsWith(world.linli.origin)) transferred[new URL(url).pathname] = event.encodedDataLength;
  });
  await page.goto(world.site.put("second-visit", { body: one("charging-shed") }));
  await tree.expect("radio", "电动车充电棚");
  const bytes = Object.entries(transferred).filter(([path, length]) => length > 0 && !path.startsWith("/api/"));
  console.log("second visit:", JSON.stringify(transferred));
  expect(bytes).toEqual([]);
  expect(Object.keys(transferred).some((path) => path.startsWith("/api/v1/topics/"))).toBe(true);
});

test("1,000 mounts and unmounts: nodes and listeners return to the start", async ({ page, world }) => {
  test.setTimeout(300_000);
  await page.goto(world.site.put("thousand", { head: heard, body: `<main>${one("charging-shed")}</main>` }));
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  const cycle = (times: number) =>
    page.evaluate(async (times) => {
      const main = document.querySelector("main")!;
      for (let left = times; left > 0; ) {
        const batch = Math.min(100, left);
        left -= batch;
        const ready = new Promise<void>((done) => {
          let waiting = batch;
          main.addEventListener("linli-ready", function count() {
            if (--waiting === 0) {
              main.removeEventListener("linli-ready", count);
              done();
            }
          });
        });
        main.replaceChildren(...Array.from({ length: batch }, () => Object.assign(document.createElement("linli-deliberation"), { topic: "charging-shed" })));
        await ready;
        main.replaceChildren();
        // Longer than a move counts as one: the apps are closed by now, and the next
        // elements take over what can be taken over.
        await new Promise((done) => setTimeout(done, 1200));
      }
    }, times);
  const settle = async () => {
    for (let round = 0; round < 3; round++) await session.send("HeapProfiler.collectGarbage");
    const dom = await session.send("Memory.getDOMCounters");
    const heap = await session.send("Runtime.getHeapUsage");
    return { nodes: dom.nodes, listeners: dom.jsEventListeners, heap: heap.usedSize };
  };
  // One batch first: what is loaded once is not growth.
  await cycle(200);
  const before = await settle();
  await cycle(1000);
  const after = await settle();
  const kib = (bytes: number) => Math.round(bytes / 1024);
  const growth = { nodes: after.nodes - before.nodes, listeners: after.listeners - before.listeners, kib: kib(after.heap - before.heap) };
  console.log(
    `1,000 mounts: nodes ${before.nodes} → ${after.nodes}, listeners ${before.listeners} → ${after.listeners}, ` +
      `JS heap ${kib(before.heap)} → ${kib(after.heap)} KiB (${growth.kib >= 0 ? "+" : ""}${growth.kib})`,
  );
  expect(growth.nodes).toBeLessThanOrEqual(20);
  expect(growth.listeners).toBeLessThanOrEqual(5);
  expect(growth.kib).toBeLessThan(2048);
});
