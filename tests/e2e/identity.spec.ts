// Who may vote: a page's signed word in place of a code, polls that lead to the hosted
// page, and a code that was scanned off paper.

import crypto from "node:crypto";
import type { Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { bare, type Household } from "./support/demo.ts";
import { expect, test, type World } from "./support/world.ts";
import { zh } from "./support/words.ts";

test.use({ shadow: "open" });

const pair = crypto.generateKeyPairSync("ed25519");
const publicKey = Buffer.from(pair.publicKey.export({ format: "der", type: "spki" })).subarray(-32).toString("hex");

/** Registers the site's key, and its visitor as a household. */
function link(world: World, household: Household, sub: string) {
  const communities = bare([world.site.origin]).map((community) => {
    if (community.id !== "jiangpan") return community;
    const { printed: _, ...row } = household;
    return {
      ...community,
      host_keys: [{ id: "club", public_key: publicKey, origins: [world.site.origin] }],
      households: [{ ...row, links: [{ host: "club", sub }] }],
    };
  });
  world.linli.import({ communities, topics: [] });
}

function token(topic: string, sub: string): string {
  const now = Math.floor(Date.now() / 1000);
  const nonce = crypto.randomBytes(16).toString("hex");
  const payload = { community: "jiangpan", exp: now + 300, iat: now, iss: "club", nonce, sub, topic };
  const signed = "v1." + Buffer.from(JSON.stringify(payload)).toString("base64url");
  return signed + "." + crypto.sign(null, Buffer.from(signed), pair.privateKey).toString("base64url");
}

/** A page that says `word` of whoever looks at it. */
async function open(page: Page, world: World, topic: string, word: (topic: string) => string) {
  await page.exposeFunction("whoIsThis", word);
  const head = `<script>(window.linli = window.linli || []).push({ token: (topic) => whoIsThis(topic) })</script>`;
  await page.goto(world.site.put(`club-${topic}`, { head, body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  return new Card(page, topic);
}

test("who is signed in to the page votes without a code", async ({ page, world }) => {
  const household = world.household("grid-2");
  link(world, household, "user-7");
  const topic = world.topic("lifts", {}, { nature: "consultation", credential: "host_token" });
  const asked: string[] = [];
  const card = await open(page, world, topic, (named) => (asked.push(named), token(named, "user-7")));
  await card.voteOn("yes");
  await card.expectReceipt();
  await expect(card.root).toContainText(household.label);
  expect(asked).toEqual([topic]);
  expect(await world.cast(topic)).toBe(1);
});

test("a page that knows nobody, or the wrong one: the code does as well", async ({ page, world }) => {
  const household = world.household("grid-2");
  link(world, household, "user-8");
  const topic = world.topic("lifts", {}, { nature: "consultation", credential: "host_token" });
  const card = await open(page, world, topic, (named) => token(named, "a stranger"));
  await card.voteOn("yes");
  await expect(card.root.getByRole("alert")).toContainText(zh.say("token_invalid"));
  await card.identify(zh.say("stance_yes"), household.short_code);
  await card.expectReceipt();
});

test("where a password is sent, the widget leads to our own page", async ({ page, world }) => {
  const topic = world.topic("lifts", {}, { nature: "consultation", credential: "otp" });
  await page.goto(world.site.put(`otp-${topic}`, { body: `<linli-deliberation topic="${topic}"></linli-deliberation>` }));
  const card = new Card(page, topic);
  const href = `${world.linli.origin}/p/${topic}`;
  await expect(card.root.getByRole("link", { name: zh.say("elsewhere_open") })).toHaveAttribute("href", href);
  await expect(card.root.getByRole("radio")).toHaveCount(0);
});

test("a scanned code is in its field, not in the address, and votes", async ({ page, world }) => {
  const topic = world.topic("lifts");
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url()));
  const code = "0123456789ABCDEFGHJKMNPQRS";
  await page.goto(`${world.linli.origin}/p/${topic}#c=${code}`);
  const field = page.getByRole("textbox", { name: zh.say("code_label") });
  await expect(field).toHaveValue(code);
  expect(page.url()).toBe(`${world.linli.origin}/p/${topic}`);
  expect(sent.join(" ")).not.toContain(code);
  // The plain form stays the page: it has the code.
  await expect(page.locator("linli-deliberation")).toHaveCount(0);
  await field.fill(world.household("grid-2").short_code);
  await page.getByRole("radio", { name: zh.say("stance_yes"), exact: true }).check();
  await page.getByRole("button").first().click();
  await expect(page.getByText(zh.say("receipt_title"))).toBeVisible();
});
