// The survey's card with open shadow roots, by role and accessible name.

import { expect, type Locator, type Page } from "@playwright/test";
import { ofSurveys, type Words } from "./words.ts";

export class SurveyCard {
  readonly root: Locator;

  constructor(
    readonly page: Page,
    topic: string,
    readonly words: Words = ofSurveys("zh-Hans"),
  ) {
    this.root = page.locator(`linli-survey[topic="${topic}"]`);
  }

  button(key: string, values: Record<string, string | number> = {}): Locator {
    return this.root.getByRole("button", { name: this.words.say(key, values), exact: true });
  }

  heading(key: string): Locator {
    return this.root.getByRole("heading", { name: this.words.say(key), exact: true });
  }

  /** A question of several buttons, boxes or fields. */
  question(name: string | RegExp): Locator {
    return this.root.getByRole("group", { name });
  }

  /** A row of a matrix. */
  row(name: string): Locator {
    return this.root.getByRole("radiogroup", { name, exact: true });
  }

  radio(name: string | RegExp): Locator {
    return this.root.getByRole("radio", { name, exact: typeof name === "string" });
  }

  get code(): Locator {
    return this.root.getByRole("textbox", { name: this.words.say("code_label") });
  }

  async start() {
    await this.button("start").click();
    await expect(this.root.locator("form")).toBeVisible();
  }

  async next() {
    await this.button("next").click();
  }

  async identify(code: string) {
    await this.code.fill(code);
    await this.button("verify_and_send").click();
  }

  async expectReceipt(title = "receipt_title") {
    await expect(this.heading(title)).toBeVisible();
    await expect(this.root).toContainText(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/);
  }
}
