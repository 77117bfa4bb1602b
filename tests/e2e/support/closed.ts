// Closed shadow roots, through what a screen reader gets and what a keyboard does. No
// test reaches inside: the accessibility tree shows it, keys and clicks at a place act.

import { expect, type CDPSession, type Page } from "@playwright/test";

export type Node = {
  role: string;
  name: string;
  focused: boolean;
  checked: boolean;
  disabled: boolean;
  value: string;
  id: number;
};

type AxNode = {
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  value?: { value: unknown };
  backendDOMNodeId?: number;
  properties?: { name: string; value: { value: unknown } }[];
};

export class Tree {
  private constructor(
    private page: Page,
    private session: CDPSession,
  ) {}

  static async of(page: Page): Promise<Tree> {
    const session = await page.context().newCDPSession(page);
    await session.send("Accessibility.enable");
    await session.send("DOM.enable");
    return new Tree(page, session);
  }

  /** Everything that assistive technology is told, in document order. */
  async nodes(): Promise<Node[]> {
    const answer = await this.session.send("Accessibility.getFullAXTree");
    return (answer.nodes as AxNode[])
      .filter((node) => !node.ignored && node.backendDOMNodeId)
      .map((node) => {
        const property = (name: string) => node.properties?.find((p) => p.name === name)?.value.value;
        return {
          role: node.role?.value ?? "",
          name: (node.name?.value ?? "").trim(),
          focused: property("focused") === true,
          checked: property("checked") === "true",
          disabled: property("disabled") === true,
          value: String(node.value?.value ?? ""),
          id: node.backendDOMNodeId!,
        };
      });
  }

  async find(role: string, name: string | RegExp): Promise<Node | undefined> {
    const fits = (node: Node) =>
      node.role === role && (typeof name === "string" ? node.name.includes(name) : name.test(node.name));
    return (await this.nodes()).find(fits);
  }

  /** Waits until the tree has such a node. */
  async expect(role: string, name: string | RegExp): Promise<Node> {
    await expect.poll(async () => !!(await this.find(role, name)), { message: `${role} “${name}”` }).toBe(true);
    const node = await this.find(role, name);
    return node ?? this.expect(role, name);
  }

  /** Presses Tab until such a node has the focus. */
  async tabTo(role: string, name: string | RegExp, key = "Tab"): Promise<void> {
    await this.expect(role, name);
    for (let presses = 0; presses < 80; presses++) {
      if ((await this.find(role, name))?.focused) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`the keyboard does not reach ${role} “${name}”`);
  }

  /** Clicks in the middle of such a node, as a finger would. */
  async click(role: string, name: string | RegExp): Promise<void> {
    const node = await this.expect(role, name);
    await this.session.send("DOM.scrollIntoViewIfNeeded", { backendNodeId: node.id });
    const { model } = await this.session.send("DOM.getBoxModel", { backendNodeId: node.id });
    const [x1, y1, , , x2, y2] = model.border;
    await this.page.mouse.click((x1 + x2) / 2, (y1 + y2) / 2);
  }
}
