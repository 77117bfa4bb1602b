// Before all tests: one data folder with rolls and topics. Hashing 336 voting codes
// takes seconds, copying the result none.

import fs from "node:fs";
import { whole } from "./demo.ts";
import { importInto } from "./linli.ts";
import { template } from "./paths.ts";

export default function prepare() {
  fs.rmSync(template, { recursive: true, force: true });
  fs.mkdirSync(template, { recursive: true, mode: 0o700 });
  importInto(template, whole());
}
