// Screenshots of every state, for looking at: `cargo xtask shots`.

import { defineConfig } from "@playwright/test";
import { browserUse } from "./support/browser.ts";

export default defineConfig({
  testDir: "./shots",
  testMatch: "*.shots.ts",
  outputDir: "../../test-results",
  globalSetup: "./support/template.ts",
  workers: 1,
  reporter: [["list"]],
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: { ...browserUse, deviceScaleFactor: 2 },
});
