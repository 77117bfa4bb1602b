// When the suite cannot run, the page's own content is there instead.

import type { Page, Route } from "@playwright/test";
import { expect, test } from "./support/world.ts";
import { Tree } from "./support/closed.ts";
import { zh } from "./support/words.ts";

const TWO = `<linli-deliberation topic="charging-shed"><a href="/one">去投票一</a></linli-deliberation>
  <linli-deliberation topic="night-parking"><a href="/two">去投票二</a></linli-deliberation>`;
const link = (page: Page, name = "去投票一") => page.getByRole("link", { name });

/** Why elements gave up, also on pages whose policy forbids scripts of their own. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const lost: string[] = [];
    Object.assign(window, { lost });
    addEventListener("linli-error", (event) => lost.push((event as CustomEvent).detail.reason));
  });
  return () => page.evaluate(() => (window as never as { lost: string[] }).lost);
}

/** Still valid WebAssembly, with an empty section more: only the hash can tell. */
async function tamper(route: Route): Promise<void> {
  const response = await route.fetch({ headers: { ...route.request().headers(), "accept-encoding": "identity" } });
  await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from([0, 1, 0])]) });
}

test("while it loads, and then no longer", async ({ page, world }) => {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  // Without the script there is no first view either.
  await page.route("**/suite.js", async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto(world.site.put("loading", { body: TWO }));
  await expect(link(page)).toBeVisible();
  release();
  await expect(link(page)).toBeHidden();
  await (await Tree.of(page)).expect("radio", "电动车充电棚");
});

test("the wasm is missing", async ({ page, world }) => {
  const lost = await listen(page);
  await page.route("**/suite.wasm", (route) => route.fulfill({ status: 404 }));
  await page.goto(world.site.put("missing", { body: TWO }));
  await expect.poll(lost).toEqual(["load", "load"]);
  await expect(link(page)).toBeVisible();
  await expect(link(page, "去投票二")).toBeVisible();
});

test("the wasm was tampered with", async ({ page, world }) => {
  const lost = await listen(page);
  let tampered = 0;
  await page.route("**/suite.wasm", async (route) => {
    await tamper(route);
    tampered++;
  });
  await page.goto(world.site.put("tampered", { body: TWO }));
  await expect.poll(lost).toEqual(["load", "load"]);
  expect(tampered).toBeGreaterThan(0);
  await expect(link(page)).toBeVisible();
});

test("a piece is missing or tampered with, then comes back", async ({ page, world }) => {
  const lost = await listen(page);
  const thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  const loader = await (await fetch(`${world.linli.origin}/v1/loader.js`)).text();
  const version = /\d+\.\d+\.\d+/.exec(loader)![0];
  const manifest = await (await fetch(`${world.linli.origin}/v${version}/manifest.json`)).json();
  const pieces = Object.keys(manifest.files).filter((file) => file.endsWith(".wasm") && file !== "suite.wasm" && !file.startsWith("desk"));
  // Rare backends are always a piece of their own; widgets as soon as there are two.
  expect(pieces).toContain("split_backends.wasm");
  const widgets: string[] = manifest.widgets.deliberation.files;
  const topic = (await (await fetch(`${world.linli.origin}/api/v1/topics/double-ninth`)).json()).topic;
  const topics = JSON.stringify({ topics: { "double-ninth": topic } }).replaceAll("<", "\\u003c");
  const head = `<script>(window.linli = window.linli || []).push(${topics})</script>`;
  const body = `<linli-deliberation topic="charging-shed"><a href="/one">去投票一</a></linli-deliberation>
    <linli-deliberation topic="double-ninth" webhook="${world.site.origin}/box"><a href="/two">去投票二</a></linli-deliberation>`;
  const harms: [string, (route: Route) => Promise<void>][] = [
    ["missing", (route) => route.fulfill({ status: 404 })],
    ["unreachable", (route) => route.abort()],
    ["tampered", tamper],
  ];
  for (const piece of pieces) {
    // An element that does not need the piece works all the while.
    const harmed = widgets.includes(piece) ? ["load", "load"] : ["load"];
    for (const [name, harm] of harms) {
      await test.step(`${piece} is ${name}`, async () => {
        await page.route(`**/${piece}`, harm);
        await page.goto(world.site.put(`piece-${name}-${piece}`, { head, body }));
        await expect.poll(lost).toEqual(harmed);
        await expect(link(page, "去投票二")).toBeVisible();
        const tree = await Tree.of(page);
        if (harmed.length === 1) await tree.expect("radio", "电动车充电棚");
        await page.unroute(`**/${piece}`);
        // Nobody has reloaded the page: the next attempt asks for the piece again.
        await page.evaluate(() => (window as never as { linli: { configure(c: object): void } }).linli.configure({}));
        await tree.expect("radio", "电动车充电棚");
        await tree.expect("checkbox", "教用手机");
        expect(await lost()).toEqual(harmed);
      });
    }
  }
  expect(thrown).toEqual([]);
});

test("the script was tampered with", async ({ page, world }) => {
  const lost = await listen(page);
  await page.route("**/suite.js*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + ";window.evil=1" });
  });
  await page.goto(world.site.put("tampered-js", { body: TWO }));
  await expect.poll(lost).toEqual(["load", "load"]);
  await expect(link(page)).toBeVisible();
  expect(await page.evaluate(() => (window as never as { evil?: number }).evil)).toBeUndefined();
});

for (const file of ["deliberation.css", "texts/zh-Hans/deliberation.json"]) {
  test(`${file} was tampered with`, async ({ page, world }) => {
    const lost = await listen(page);
    await page.route(`**/${file}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()) + " " });
    });
    await page.goto(world.site.put("tampered-file", { body: TWO }));
    await expect.poll(lost).toEqual(["load", "load"]);
    await expect(link(page)).toBeVisible();
    await expect(link(page, "去投票二")).toBeVisible();
  });
}

test("the page's policy does not allow WebAssembly", async ({ page, world }) => {
  const lost = await listen(page);
  const policy = "default-src 'none'; script-src __LINLI__; connect-src __LINLI__";
  await page.goto(world.site.put("no-wasm", { body: TWO, headers: { "Content-Security-Policy": policy } }));
  await expect.poll(lost).toEqual(["load", "load"]);
  await expect(link(page)).toBeVisible();
  await expect(link(page, "去投票二")).toBeVisible();
});

test("the page's policy does not allow the script at all", async ({ page, world }) => {
  const policy = "default-src 'none'; script-src 'none'";
  await page.goto(world.site.put("no-script", { body: TWO, headers: { "Content-Security-Policy": policy } }));
  expect(await page.evaluate(() => customElements.get("linli-deliberation"))).toBeUndefined();
  await expect(link(page)).toBeVisible();
});

test("the browser has no WebAssembly", async ({ page, world }) => {
  const lost = await listen(page);
  await page.addInitScript(() => delete (window as never as { WebAssembly?: unknown }).WebAssembly);
  await page.goto(world.site.put("lockdown", { body: TWO }));
  await expect.poll(lost).toEqual(["load", "load"]);
  await expect(link(page)).toBeVisible();
});

test("a panic gives both elements their content back, and a button starts afresh", async ({ page, world }) => {
  const lost = await listen(page);
  await page.goto(world.site.put("panic", { body: TWO }));
  const tree = await Tree.of(page);
  await tree.click("radio", "电动车充电棚");
  await tree.expect("button", zh.say("vote_for", { choice: "电动车充电棚" }));
  await tree.expect("radio", zh.say("stance_yes"));
  // The DOM refuses what the suite relies on: it panics, as it would on a bug.
  await page.evaluate(() => {
    const kept = Node.prototype.insertBefore;
    Object.assign(window, { mend: () => (Node.prototype.insertBefore = kept) });
    Node.prototype.insertBefore = () => {
      throw new Error("refused");
    };
  });
  await tree.click("button", zh.say("vote_for", { choice: "电动车充电棚" }));
  await expect.poll(lost).toEqual(["panic", "panic"]);
  await expect(link(page)).toBeVisible();
  await expect(link(page, "去投票二")).toBeVisible();
  await page.evaluate(() => (window as never as { mend: () => void }).mend());
  await tree.click("button", zh.say("reload"));
  await tree.expect("radio", zh.say("stance_yes"));
  // What was ticked before the panic is still ticked.
  await expect.poll(async () => (await tree.find("radio", "电动车充电棚"))?.checked).toBe(true);
  await expect(link(page)).toBeHidden();
});
