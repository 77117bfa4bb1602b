// A poll and a survey on one page: two instances of wasm over one storage. Each keeps,
// sends and shows its own, and what happens to one does not touch the other.

import type { Page } from "@playwright/test";
import { Card } from "./support/card.ts";
import { service } from "./support/definitions.ts";
import { SurveyCard } from "./support/surveyCard.ts";
import { expect, test, type World } from "./support/world.ts";

test.use({ shadow: "open" });

const BALLOTS = "**/api/v1/topics/*/ballots";

async function open(page: Page, world: World) {
  const [poll, survey] = [world.topic("double-ninth"), world.survey(service, {}, { electorate: "devices", credential: "device" })];
  const body = `<main><linli-deliberation topic="${poll}"><a href="/poll">备用一</a></linli-deliberation>
    <linli-survey topic="${survey}"><a href="/survey">备用二</a></linli-survey></main>`;
  const url = world.site.put("two-widgets", { body });
  await page.goto(url);
  return { poll, survey, voting: new Card(page, poll), answering: new SurveyCard(page, survey) };
}

test("both are kept without network, through a reload, and each is delivered once", async ({ page, world }) => {
  const { poll, survey, voting, answering } = await open(page, world);
  // Grants come through; what is cast does not.
  await page.route(BALLOTS, (route) => route.abort("internetdisconnected"));
  await voting.box("戏曲专场").check();
  await voting.button("vote_for", { choice: "戏曲专场" }).click();
  await answering.start();
  await answering.radio("1，共 5 级，非常满意").check();
  await answering.button("send").click();
  const saved = async () => {
    for (const card of [voting, answering]) await expect(card.root.getByRole("heading", { name: /已保存/ })).toBeVisible();
  };
  await saved();
  await page.reload();
  await saved();
  expect([await world.cast(poll), await world.cast(survey)]).toEqual([0, 0]);

  const sent: string[] = [];
  page.on("request", (request) => {
    const topic = /topics\/([^/]+)\/ballots$/.exec(request.url())?.[1];
    if (topic && request.method() === "POST") sent.push(topic);
  });
  await page.unroute(BALLOTS);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await voting.expectReceipt();
  await answering.expectReceipt();
  expect([await world.cast(poll), await world.cast(survey)]).toEqual([1, 1]);
  // Nobody sends for another: one request for each, not two of which one is a repetition.
  expect(sent.sort()).toEqual([poll, survey].sort());
  await page.reload();
  await voting.expectReceipt();
  await answering.expectReceipt();
  expect([await world.cast(poll), await world.cast(survey)]).toEqual([1, 1]);
});

test("a survey whose files are missing leaves the poll alone, and comes back", async ({ page, world }) => {
  await page.route("**/survey.wasm", (route) => route.fulfill({ status: 404 }));
  const { poll, survey, voting, answering } = await open(page, world);
  await expect(page.getByRole("link", { name: "备用二" })).toBeVisible();
  await voting.box("戏曲专场").check();
  await voting.button("vote_for", { choice: "戏曲专场" }).click();
  await voting.expectReceipt();
  await page.unroute("**/survey.wasm");
  await page.evaluate(() => (window as never as { linli: { configure(c: object): void } }).linli.configure({}));
  await answering.start();
  await answering.radio("2，共 5 级，满意").check();
  await answering.button("send").click();
  await answering.expectReceipt();
  expect([await world.cast(poll), await world.cast(survey)]).toEqual([1, 1]);
});

test("the place of the poster that led here goes along with the answers", async ({ page, world }) => {
  const survey = world.survey(service, {}, { electorate: "devices", credential: "device" });
  const body = `<linli-survey topic="${survey}"><a href="/x">备用</a></linli-survey>`;
  const sent = page.waitForRequest((request) => request.url().endsWith("/ballots") && request.method() === "POST");
  await page.goto(world.site.put("poster", { body }) + "#at=grid-2");
  const answering = new SurveyCard(page, survey);
  await answering.start();
  await answering.radio("2，共 5 级，满意").check();
  await answering.button("send").click();
  expect((await sent).postDataJSON().choice.at).toBe("grid-2");
  await answering.expectReceipt();
});
