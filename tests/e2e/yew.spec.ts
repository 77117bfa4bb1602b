// A host page that is itself a Yew app: two Yew programs leave each other alone.

import type { Page } from "@playwright/test";
import { expect, test } from "./support/world.ts";
import { Tree } from "./support/closed.ts";
import { zh } from "./support/words.ts";

const seen = (page: Page) => page.getByRole("status", { name: "本页的点击数" });

test("the host's handlers see exactly what the browser shows them", async ({ page, world }) => {
  await page.goto(`${world.site.origin}/yew/`);
  const tree = await Tree.of(page);
  await tree.expect("radio", zh.say("stance_yes"));
  // Beside the host's Yew handler, a plain listener on the same element is the measure.
  await page.evaluate(() => {
    const log: string[] = [];
    Object.assign(window, { log });
    const around = document.querySelector("linli-deliberation")!.parentElement!;
    around.addEventListener("click", (event) => log.push((event.target as Element).localName));
  });
  const log = () => page.evaluate(() => (window as never as { log: string[] }).log);
  await tree.click("radio", zh.say("stance_yes"));
  await tree.expect("button", zh.say("vote_stance", { choice: zh.say("stance_yes") }));
  await tree.click("button", zh.say("vote_stance", { choice: zh.say("stance_yes") }));
  await tree.expect("textbox", zh.say("code_label"));
  await expect(seen(page)).toHaveText(String((await log()).length));
  // A closed root shows the element and nothing inside.
  expect(new Set(await log())).toEqual(new Set(["linli-deliberation"]));
  await page.getByText("这一栏被点了").click();
  await expect(seen(page)).toHaveText(String((await log()).length));
  // And the host's own controls still work, once each.
  await page.getByRole("button", { name: "报修" }).click();
  await expect(page.getByRole("heading", { name: "报修" })).toBeVisible();
});

test("the host moves the element and renders around it", async ({ page, world }) => {
  await page.goto(`${world.site.origin}/yew/`);
  const tree = await Tree.of(page);
  await tree.click("radio", zh.say("stance_no"));
  await page.getByRole("button", { name: "放到侧栏" }).click();
  await tree.expect("button", zh.say("vote_stance", { choice: zh.say("stance_no") }));
  await page.getByRole("button", { name: "报修" }).click();
  await page.getByRole("button", { name: "公告与商量" }).click();
  await tree.expect("button", zh.say("vote_stance", { choice: zh.say("stance_no") }));
});
