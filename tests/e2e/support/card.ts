// The deliberation card with open shadow roots, by role and accessible name.

import { expect, type Locator, type Page } from "@playwright/test";
import { zh, type Words } from "./words.ts";

export class Card {
  readonly root: Locator;

  constructor(
    readonly page: Page,
    topic: string,
    readonly words: Words = zh,
  ) {
    this.root = page.locator(`linli-deliberation[topic="${topic}"]`);
  }

  button(key: string, values: Record<string, string | number> = {}): Locator {
    return this.root.getByRole("button", { name: this.words.say(key, values), exact: true });
  }

  heading(key: string): Locator {
    return this.root.getByRole("heading", { name: this.words.say(key), exact: true });
  }

  radio(name: string | RegExp): Locator {
    return this.root.getByRole("radio", { name });
  }

  box(name: string | RegExp): Locator {
    return this.root.getByRole("checkbox", { name });
  }

  get code(): Locator {
    return this.root.getByRole("textbox", { name: this.words.say("code_label") });
  }

  /** The hosted page has a plain form, whose fields have the same names, until the widget is there. */
  async takenOver() {
    await expect(this.root.locator("> article form")).toBeHidden();
  }

  /** Chooses a single option, presses the button, identifies. */
  async vote(option: string, code?: string) {
    await this.takenOver();
    await this.radio(option).check();
    await this.button("vote_for", { choice: option }).click();
    if (code !== undefined) await this.identify(option, code);
  }

  /** The same on a motion. */
  async voteOn(stance: "yes" | "no" | "abstain", code?: string) {
    await this.takenOver();
    const name = this.words.say(`stance_${stance}`);
    await this.root.getByRole("radio", { name, exact: true }).check();
    await this.button("vote_stance", { choice: name }).click();
    if (code !== undefined) await this.identify(name, code);
  }

  async identify(choice: string, code: string) {
    await this.code.fill(code);
    await this.button("verify_and_vote", { choice }).click();
  }

  async expectReceipt(title = "receipt_title") {
    await expect(this.heading(title)).toBeVisible();
    await expect(this.root).toContainText(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/);
  }
}
