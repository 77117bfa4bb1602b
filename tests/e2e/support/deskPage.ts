// The staff's desk with a made-up community inside the page (`cargo xtask dev-page`), on
// a small server of its own; and the words that staff read.

import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, test as base, type Locator, type Page } from "@playwright/test";
import { devPage, root } from "./paths.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

type Entry = string | { one?: string; other: string };
type Values = Record<string, string | number>;

/** The desk's texts in one language. */
export class DeskWords {
  #table: Record<string, Entry>;

  constructor(readonly tag: string) {
    const file = (part: string) => path.join(root, "crates/texts/locales", tag, `${part}.json`);
    const read = (part: string) => JSON.parse(fs.readFileSync(file(part), "utf8"));
    this.#table = { ...read("refusal"), ...read("deliberation"), ...read("desk") };
  }

  say(key: string, values: Values = {}): string {
    const entry = this.#table[key];
    if (entry === undefined) throw new Error(`no text ${key} in ${this.tag}`);
    const form = typeof entry === "string" ? entry : (values.n === 1 && entry.one) || entry.other;
    return form.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }
}

export const zhDesk = new DeskWords("zh-Hans");
export const enDesk = new DeskWords("en");

/** What of a person is needed to sign in. */
export type Person = { login: string; password: string; code: () => string | Promise<string> };

const inMemory = (login: string): Person => ({ login, password: "linli-in-memory", code: () => "246810" });
export const owner = inMemory("zhou");
export const moderator = inMemory("li");
export const supervisor = inMemory("wang");

/** The desk as somebody uses it: by role and accessible name. */
export class DeskPage {
  constructor(
    readonly page: Page,
    readonly address: string,
    readonly words: DeskWords = zhDesk,
  ) {}

  async open(hash = "") {
    await this.page.goto(`${this.address}/?lang=${this.words.tag}${hash}`);
  }

  button(key: string, values: Values = {}): Locator {
    return this.page.getByRole("button", { name: this.words.say(key, values), exact: true });
  }

  link(key: string): Locator {
    return this.page.getByRole("link", { name: this.words.say(key), exact: true });
  }

  heading(key: string): Locator {
    return this.page.getByRole("heading", { name: this.words.say(key), exact: true });
  }

  field(key: string, values: Values = {}): Locator {
    return this.page.getByLabel(this.words.say(key, values), { exact: true });
  }

  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  async signIn(person: Person) {
    await this.field("login").fill(person.login);
    await this.field("password").fill(person.password);
    await this.field("code").fill(await person.code());
    await this.button("sign_in").click();
    await expect(this.page.getByRole("navigation")).toBeVisible();
  }

  async go(hash: string, heading?: string) {
    await this.page.evaluate((hash) => void (location.hash = hash), hash);
    if (heading) await expect(this.heading(heading)).toBeVisible();
  }
}

async function serve(): Promise<{ origin: string; stop: () => Promise<void> }> {
  const server = http.createServer((request, response) => {
    const at = decodeURIComponent(new URL(request.url!, "http://desk").pathname);
    let file = path.join(devPage, at);
    if (fs.existsSync(file) && fs.statSync(file).isDirectory()) file = path.join(file, "index.html");
    if (!file.startsWith(devPage) || !fs.existsSync(file)) {
      response.statusCode = 404;
      return void response.end();
    }
    response.setHeader("Content-Type", TYPES[path.extname(file)] ?? "application/octet-stream");
    response.end(fs.readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export const test = base.extend<{ desk: DeskPage }, { origin: string }>({
  origin: [
    async ({}, use) => {
      const site = await serve();
      await use(site.origin);
      await site.stop();
    },
    { scope: "worker" },
  ],
  async desk({ page, origin }, use) {
    await use(new DeskPage(page, `${origin}/desk/jiangpan`));
  },
});

export { expect };
