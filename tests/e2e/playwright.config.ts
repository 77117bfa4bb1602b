// Browser tests of the whole: real Chromium, real `linli serve`, pages that are not ours.
// `cargo xtask test --only browser` builds everything and runs this.

import { defineConfig } from "@playwright/test";
import { browserUse } from "./support/browser.ts";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../../test-results",
  globalSetup: "./support/template.ts",
  fullyParallel: false,
  workers: Number(process.env.LINLI_WORKERS ?? 2),
  retries: 0,
  forbidOnly: true,
  reporter: [["list"]],
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: browserUse,
});
