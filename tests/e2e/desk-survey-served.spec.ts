// Surveys on a real `linli serve`: from a chat's text to a round that residents answer, that
// two persons close, and whose low score leads to 整改 that everybody sees.

import { expect } from "@playwright/test";
import { DeskPage, zhDesk } from "./support/deskPage.ts";
import { joinDesk } from "./support/joinDesk.ts";
import { adminCreate } from "./support/linli.ts";
import { test, type World } from "./support/world.ts";

const PASTED = `保洁怎么样？
只要一分钟。
1. 您对保洁满意吗？【打分】*
2. 哪里最需要打扫？【单选】
楼道
院子
3. 还想说什么？【多行文本】`;

/** Fewer answers than this carry no conclusion. */
const ANSWERS_MIN = 30;

async function fresh(world: World, browser: import("@playwright/test").Browser) {
  const context = await browser.newContext({ locale: "zh-CN", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  return { page, desk: new DeskPage(page, `${world.linli.origin}/desk/jiangpan`), close: () => context.close() };
}

test("from a chat's text to what is mended", async ({ browser, world }) => {
  test.setTimeout(240_000);
  const owner = await fresh(world, browser);
  const { desk, page } = owner;
  const say = zhDesk.say.bind(zhDesk);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security|Uncaught|panicked/.test(message.text())) faults.push(message.text());
  });
  await joinDesk(page, adminCreate(world.linli, "jiangpan", "周敏"), "zhou-s");
  await desk.go("#/people", "nav_people");
  await desk.button("invite").click();
  await desk.dialog.getByRole("textbox", { name: say("name") }).fill("王秀兰");
  await desk.field("role_of_post", { n: 1 }).selectOption({ label: say("role_supervisor") });
  await desk.button("invite_go").click();
  const link = await desk.dialog.locator("code").innerText();
  await desk.button("done").click();
  const second = await fresh(world, browser);
  await joinDesk(second.page, link, "wang-s");

  // From text to a survey: what needs it is loaded now.
  await desk.go("#/surveys/new", "new_survey");
  await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
  await desk.button("source_text").click();
  await desk.field("pasted").fill(PASTED);
  await desk.button("read").click();
  await expect(desk.heading("write_survey")).toBeVisible();
  await desk.field("rated").fill("江畔物业公司");
  await desk.field("place").selectOption({ index: 1 });
  await desk.button("save_survey").click();
  await expect(page.getByText(say("said_survey_saved"))).toBeVisible();

  // A round that is open at once.
  await desk.link("ask_first").click();
  await desk.field("topic_id").fill("cleaning-1");
  const opens = await desk.field("opens").inputValue();
  await desk.field("opens").fill(opens.replace(/^\d{4}/, (year) => String(Number(year) - 1)));
  await desk.button("save_draft").click();
  await expect(page.getByText(say("said_saved"))).toBeVisible();
  await desk.button("publish").click();
  await desk.button("publish_go").click();
  await expect(page.getByText(say("said_published"))).toBeVisible();
  await desk.link("posters").click();
  await expect(page.locator(".poster .slip-qr").first()).toBeVisible();
  await page.locator("a.back").click();
  await expect(desk.heading("turnout")).toBeVisible();

  // Residents answer.
  const round = await (await fetch(`${world.linli.origin}/api/v1/surveys/cleaning-1`)).json();
  const { version } = round.view.topic.poll.kind.wave;
  const question = JSON.parse(round.definition);
  const name = (question.pages?.[0]?.elements ?? question.elements)[0].name;
  for (let n = 0; n < ANSWERS_MIN; n++) {
    const answers = JSON.stringify({ [name]: 1 });
    await world.voteElsewhere("cleaning-1", world.household("grid-1").short_code, { type: "answers", version, answers });
  }
  await expect(page.locator(".total")).toContainText(/中 30 户已投/);

  // 代填: what the frame gives is read back and recorded.
  await desk.link("fill_in").click();
  await desk.field("fill_search").fill("1");
  await desk.button("fill_search_go").click();
  await page.locator("button.hit").last().click();
  await desk.field("fill_consenter").fill("王桂兰");
  const inFrame = () => page.frames().find((one) => one.url().includes("/desk-preview/"));
  await expect.poll(() => inFrame() !== undefined).toBe(true);
  await inFrame()!.evaluate((told) => window.parent.postMessage(JSON.stringify(told), location.origin), { linli: "answers", version, answers: JSON.stringify({ [name]: 1 }) });
  await expect(page.getByText(say("fill_answers_taken", { n: 1 }))).toBeVisible();
  await desk.button("fill_next").click();
  await expect(page.locator(".facts")).toContainText("您对保洁满意吗？");
  await desk.button("fill_go").click();
  await expect(desk.heading("fill_done")).toBeVisible();
  await page.locator("a.back").click();
  await expect(page.locator(".total")).toContainText(/中 31 户已投/);

  // Two persons close it; the low score obliges.
  await desk.button("close_early").click();
  await desk.dialog.getByRole("textbox").fill("大家都说过了");
  await desk.button("close_ask").click();
  await expect(page.getByText(say("own_request"))).toBeVisible();
  await second.desk.button("approve").click();
  await second.desk.button("approve_go").click();
  await expect(second.page.getByText(say("said_approved"))).toBeVisible();
  await expect(desk.link("mend")).toBeVisible();
  await desk.link("mend").click();
  await expect(page.getByRole("checkbox", { checked: true }).first()).toBeVisible();
  await desk.field("mend_what").fill("楼道每天清扫两次。");
  await expect(desk.field("mend_who")).toHaveValue("江畔物业公司");
  await desk.button("mend_go").click();
  await expect(page.getByText(say("said_action_published"))).toBeVisible();
  const told = await (await fetch(`${world.linli.origin}/api/v1/surveys/cleaning-1/report`)).json();
  expect(told.actions[0].action.what).toBe("楼道每天清扫两次。");
  expect(told.obligation.is_met).toBe(true);
  expect(faults).toEqual([]);
  await owner.close();
  await second.close();
});
