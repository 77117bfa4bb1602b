// The moment before a vote in a poll that asks for work, with and without scripts.

import { test } from "../support/world.ts";
import path from "node:path";
import { root } from "../support/paths.ts";

for (const lang of ["zh-Hans", "en"])
  for (const scheme of ["light", "dark"] as const)
    for (const elder of ["", "1"])
      for (const scripts of [true, false])
        test.describe(`${lang} ${scheme} ${elder} ${scripts}`, () => {
          test.use({ javaScriptEnabled: scripts, colorScheme: scheme });
          test("wait", async ({ page, world }) => {
            const topic = world.topic("charging-shed", {}, { nature: "consultation", electorate: "devices", credential: "device", secrecy: "recorded", work_bits: 22 });
            const name = ["work", lang, scheme, elder && "elder", scripts ? "busy" : "wait"].filter(Boolean).join("-");
            const shot = (suffix: string) => page.screenshot({ path: path.join(root, "shots", `${name}${suffix}.png`), fullPage: true });
            await page.goto(`${world.linli.origin}/p/${topic}?lang=${lang}${elder && "&elder=1"}`);
            await page.getByRole("radio").first().check();
            await page.locator("button[type=submit]").click();
            await page.locator("#work").waitFor();
            await shot("");
            if (scripts) return;
            await page.locator("button[type=submit]").click();
            await page.getByRole("alert").waitFor();
            await shot("-early");
          });
        });
