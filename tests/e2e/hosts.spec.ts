// On every page that is not ours, with the suite as residents get it (closed roots): a
// vote by taps, a vote by keyboard alone, and the page left as it was.

import { expect, test } from "./support/world.ts";
import { Tree } from "./support/closed.ts";
import { zh } from "./support/words.ts";

const option = "电动车充电棚";
const yes = zh.say("stance_yes");

const HOSTS = [
  { page: "cms", topic: "charging-shed", place: "grid-2", choice: option, button: zh.say("vote_for", { choice: option }) },
  { page: "hostile", topic: "square-dance", place: "grid-1", choice: yes, button: zh.say("vote_stance", { choice: yes }) },
  { page: "weui", topic: "hill-road", place: "shangzhai", choice: "上寨到学校", button: zh.say("vote_for", { choice: "上寨到学校" }) },
  { page: "strict", topic: "night-parking", place: "grid-3", choice: yes, button: zh.say("vote_stance", { choice: yes }) },
  { page: "yew", topic: "night-parking", place: "grid-3", choice: yes, button: zh.say("vote_stance", { choice: yes }) },
];

for (const host of HOSTS) {
  const verify = zh.say("verify_and_vote", { choice: host.choice });
  const receipt = zh.say("receipt_title");

  test.describe(host.page, () => {
    test("a vote by two taps, identification aside, and still there after a reload", async ({ page, world }) => {
      const before = await world.cast(host.topic);
      const failed: string[] = [];
      page.on("console", (message) => message.type() === "error" && failed.push(message.text()));
      await page.goto(`${world.site.origin}/${host.page}/`);
      const tree = await Tree.of(page);
      await tree.click("radio", host.choice);
      await tree.click("button", host.button);
      await tree.click("textbox", zh.say("code_label"));
      await page.keyboard.type(world.household(host.place).short_code);
      await tree.click("button", verify);
      await tree.expect("heading", receipt);
      await page.reload();
      await tree.expect("heading", receipt);
      expect(await world.cast(host.topic)).toBe(before + 1);
      expect(failed).toEqual([]);
    });

    test("the same by keyboard alone", async ({ page, world }) => {
      const before = await world.cast(host.topic);
      await page.goto(`${world.site.origin}/${host.page}/`);
      const tree = await Tree.of(page);
      await tree.expect("radio", host.choice);
      await tree.tabTo("radio", /.*/);
      while (!(await tree.find("radio", host.choice))?.focused) await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Space");
      await tree.tabTo("button", host.button);
      await page.keyboard.press("Enter");
      await tree.tabTo("textbox", zh.say("code_label"));
      await page.keyboard.type(world.household(host.place).short_code.toLowerCase().replaceAll("-", " "));
      await page.keyboard.press("Enter");
      const heading = await tree.expect("heading", receipt);
      expect(heading.focused, "the focus follows to the receipt").toBe(true);
      expect(await world.cast(host.topic)).toBe(before + 1);
    });
  });
}
