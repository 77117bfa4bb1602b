// What people read, from the product's own locale files: tests find controls by these.

import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.ts";

type Entry = string | { one?: string; other: string };
type Table = Record<string, Entry>;
type Values = Record<string, string | number>;

const read = (tag: string, part: string): Table =>
  JSON.parse(fs.readFileSync(path.join(root, "crates/texts/locales", tag, `${part}.json`), "utf8"));

export class Words {
  #tables: Table[];
  constructor(readonly tag: string) {
    this.#tables = ["deliberation", "refusal", "suite", "page"].map((part) => read(tag, part));
  }

  /** The text of `key`; `{n}` decides between singular and plural. */
  say(key: string, values: Values = {}): string {
    const entry = this.#tables.map((table) => table[key]).find((found) => found !== undefined);
    if (entry === undefined) throw new Error(`no text ${key} in ${this.tag}`);
    const form = typeof entry === "string" ? entry : (values.n === 1 && entry.one) || entry.other;
    return form.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }

  /** The text of `key` with its placeholders standing for anything. */
  pattern(key: string, values: Values = {}): RegExp {
    const escaped = this.say(key, values).replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    return new RegExp(escaped.replace(/\{\w+\}/g, ".+"));
  }
}

export const zh = new Words("zh-Hans");
export const en = new Words("en");
