// Measures how long a phone needs until a resident can answer: our widget and SurveyJS,
// alternating, each with an empty cache. Owns the browser and the clock; leaves medians
// and the verdict to `cargo xtask bench first-use`, which starts it.
//
//   node measure.mjs --linli http://127.0.0.1:PORT --topic ID --host-port PORT
//     --question '{"title":"…","options":[["id","text"],…]}' [--pairs 9]
//
// Pages of the host's port must be allowed to embed the topic, whose texts are those of
// the question.
//
// Progress goes to standard error, one JSON document to standard output.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { html, load, ours, serve, surveyjs, surveyjsFiles } from "./pages.mjs";

// The phone profile.
const VIEWPORT = { width: 390, height: 844 };
const CPU_SLOWDOWN = 4;
const BYTES_PER_S = 1_600_000 / 8;
const LATENCY_MS = 150;
// Longer than this is not slow but broken.
const PATIENCE_MS = 60_000;

const { values: given } = parseArgs({
  options: {
    linli: { type: "string" },
    topic: { type: "string" },
    question: { type: "string" },
    "host-port": { type: "string" },
    pairs: { type: "string", default: "9" },
  },
});
const probe = readFileSync(fileURLToPath(new URL("probe.js", import.meta.url)), "utf8");

const content = load(surveyjsFiles);
content["/200000"] = { type: "application/octet-stream", body: Buffer.alloc(BYTES_PER_S), plain: true };
const assets = await serve(content);
const question = JSON.parse(given.question);
const host = await serve(
  {
    "/ours": html(ours(given.linli, given.topic)),
    "/surveyjs": html(surveyjs(assets.origin, question)),
    "/empty": html("<!doctype html><title>Empty</title>"),
  },
  Number(given["host-port"])
);
const executablePath = [process.env.LINLI_CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));
const browser = await chromium.launch({ executablePath });

try {
  const report = {
    chromium: browser.version(),
    throttle_ms: await throttleCheck(),
    works: { ours: await works("/ours"), surveyjs: await works("/surveyjs") },
    pairs: [],
  };
  for (let pair = 0; pair < Number(given.pairs); pair++) {
    const order = pair % 2 ? ["surveyjs", "ours"] : ["ours", "surveyjs"];
    const result = { first: order[0] };
    for (const name of order) result[name] = await firstUse(`/${name}`);
    report.pairs.push(result);
    const shown = (name) => `${name} ${result[name].usable_ms.toFixed(0)} ms`;
    console.error(`  pair ${pair + 1}: ${shown("ours")}, ${shown("surveyjs")}`);
  }
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
  assets.close();
  host.close();
}

/** A new profile: nothing in its cache, no connection open. */
async function fresh(isThrottled) {
  const context = await browser.newContext({
    viewport: VIEWPORT,
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
    locale: "en",
  });
  const page = await context.newPage();
  await page.addInitScript(probe);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  if (isThrottled) {
    await cdp.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_S,
      uploadThroughput: BYTES_PER_S,
    });
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  }
  return { context, page, cdp };
}

/** The slow network is a request to the browser, so see that it was heard. */
async function throttleCheck() {
  const { context, page } = await fresh(true);
  await page.goto(`${host.origin}/empty`);
  const took = await page.evaluate(async (url) => {
    const start = performance.now();
    await (await fetch(url)).arrayBuffer();
    return performance.now() - start;
  }, `${assets.origin}/200000`);
  await context.close();
  if (took < 1000 || took > 2000) {
    throw new Error(`200,000 bytes took ${took.toFixed(0)} ms on a line of ${BYTES_PER_S} bytes/s`);
  }
  return took;
}

/**
 * That the probe's find is a control that works: one tap chooses. Not timed. Ours is
 * drawn before its wasm is there: the choice must still be there afterwards.
 */
async function works(path) {
  const { context, page } = await fresh(false);
  await page.goto(host.origin + path);
  await page.waitForFunction(() => window.firstUse.found.usable_ms !== null, null, { timeout: PATIENCE_MS });
  const { questions, options } = await page.evaluate(() => ({
    questions: window.firstUse.questions(),
    options: window.firstUse.options(),
  }));
  if (questions !== 1 || options !== question.options.length) {
    throw new Error(`${path} shows ${questions} questions with ${options} options, not one with ${question.options.length}`);
  }
  const { x, y } = await page.evaluate(() => window.firstUse.where());
  await page.touchscreen.tap(x, y);
  await page.waitForFunction(() => window.firstUse.isChosen(), null, { timeout: PATIENCE_MS });
  await context.close();
  if (path === "/ours") await survives(path);
  return true;
}

/** A choice that is made before the wasm is there is kept when it takes over. */
async function survives(path) {
  const { context, page } = await fresh(false);
  let release;
  const gate = new Promise((open) => (release = open));
  await page.route("**/suite.wasm", async (route) => (await gate, route.continue()));
  await page.goto(host.origin + path);
  await page.waitForFunction(() => window.firstUse.found.usable_ms !== null, null, { timeout: PATIENCE_MS });
  const { x, y } = await page.evaluate(() => window.firstUse.where());
  await page.touchscreen.tap(x, y);
  await page.waitForFunction(() => window.firstUse.isChosen(), null, { timeout: PATIENCE_MS });
  release();
  await page.waitForFunction(() => window.firstUse.found.taken_ms !== null, null, { timeout: PATIENCE_MS });
  if (!(await page.evaluate(() => window.firstUse.isChosen()))) throw new Error("the choice is lost when the wasm takes over");
  await context.close();
}

/** One cold load: when it was usable, and every request that had begun by then. */
async function firstUse(path) {
  const { context, page, cdp } = await fresh(true);
  const requests = record(cdp);
  await page.goto(host.origin + path, { waitUntil: "commit" });
  await page.waitForFunction(() => window.firstUse.found.usable_ms !== null, null, {
    timeout: PATIENCE_MS,
    polling: 100,
  });
  if (path === "/ours") {
    await page.waitForFunction(() => window.firstUse.found.taken_ms !== null, null, { timeout: PATIENCE_MS });
  }
  const found = await page.evaluate(() => window.firstUse.found);
  await context.close();
  const all = [...requests.values()];
  const start = Math.min(...all.map((request) => request.at));
  const rows = all
    .map(({ url, by, at, answered, done, bytes }) => ({
      url: url.replace(host.origin, "host").replace(assets.origin, "assets").replace(given.linli, "linli"),
      by,
      start_ms: ms(at - start),
      first_byte_ms: ms(answered - start),
      end_ms: ms(done - start),
      bytes,
    }))
    .filter((row) => row.start_ms <= found.usable_ms && !row.url.startsWith("data:"));
  return { ...found, requests: rows };
}

function ms(seconds) {
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : null;
}

function record(cdp) {
  const requests = new Map();
  const at = (event, change) => {
    const request = requests.get(event.requestId);
    if (request) Object.assign(request, change);
  };
  cdp.on("Network.requestWillBeSent", (event) => {
    requests.set(event.requestId, {
      url: event.request.url,
      by: event.initiator.type,
      at: event.timestamp,
      bytes: 0,
    });
  });
  cdp.on("Network.responseReceived", (event) => at(event, { answered: event.timestamp }));
  // Header and body, as they travelled.
  cdp.on("Network.loadingFinished", (event) =>
    at(event, { done: event.timestamp, bytes: event.encodedDataLength })
  );
  return requests;
}
