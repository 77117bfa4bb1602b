// From an invitation's link to a signed-in desk, as somebody new goes.

import { expect, type Page } from "@playwright/test";
import { Authenticator } from "./authenticator.ts";
import { DeskPage, zhDesk, type Person } from "./deskPage.ts";

const PASSWORD = "江畔 的 晚风 很 凉快 呀";

/** Follows an invitation to its end; gives what the person signs in with from now on. */
export async function joinDesk(page: Page, link: string, login: string): Promise<Person> {
  const desk = new DeskPage(page, link, zhDesk);
  await page.goto(link.replace("#", "?lang=zh-Hans#"));
  await desk.field("login").fill(login);
  await desk.field("password").fill(PASSWORD);
  await desk.button("join_next").click();
  await expect(desk.heading("enrol_title")).toBeVisible();
  await expect(page.getByRole("img", { name: zhDesk.say("qr_label") })).toBeVisible();
  await page.getByText(zhDesk.say("secret_title")).click();
  const secret = await page.locator("code.secret").innerText();
  const authenticator = new Authenticator(secret);
  await desk.field("code").fill(await authenticator.code());
  await desk.button("enrol_confirm").click();
  await expect(desk.heading("recovery_title")).toBeVisible();
  await expect(page.locator(".recovery li")).toHaveCount(10);
  await desk.field("recovery_saved").check();
  await desk.button("recovery_go").click();
  await expect(desk.heading("home_title")).toBeVisible();
  // The token is neither in the address nor in what "back" leads to.
  expect(page.url()).not.toContain("join");
  return { login, password: PASSWORD, code: () => authenticator.code() };
}
