// What every test stands in: a real `linli serve` and a host site on another origin.
// One of each per worker; tests differ by the households that they vote as and the
// topics that they add.

import { expect, test as base } from "@playwright/test";
import { bare, households, resolved, topics, type Household, type Topic } from "./demo.ts";
import { Linli } from "./linli.ts";
import { dist, template } from "./paths.ts";
import { Site } from "./site.ts";

export { expect };

export class World {
  #fresh = households.filter((household) => !household.printed);
  #count = 0;

  constructor(
    readonly linli: Linli,
    readonly site: Site,
  ) {}

  /** A household of that place that has not voted anywhere. */
  household(place: string): Household {
    const index = this.#fresh.findIndex((household) => household.place === place);
    if (index < 0) throw new Error(`no household is left in ${place}`);
    return this.#fresh.splice(index, 1)[0];
  }

  /** Adds a topic like one of the demo's, with changes. Gives its name. */
  topic(like: string, changes: Partial<Topic> = {}, poll: Record<string, unknown> = {}): string {
    const model = topics.find((topic) => topic.id === like)!;
    const id = changes.id ?? `${like}-${++this.#count}`;
    const topic = { ...model, ...changes, id, poll: { ...model.poll, id: `${id}-poll`, ...poll } };
    this.linli.import({ communities: bare([this.site.origin]), topics: [resolved(topic)] });
    return id;
  }

  /** How many ballots the backend counts. */
  async cast(topic: string): Promise<number> {
    return (await this.view(topic)).turnout.cast;
  }

  async view(topic: string): Promise<{ turnout: { cast: number }; phase: string; result?: object }> {
    const answer = await fetch(`${this.linli.origin}/api/v1/topics/${topic}`);
    expect(answer.status).toBe(200);
    return answer.json();
  }

  /** Votes through the API, as another phone would. */
  async voteElsewhere(topic: string, code: string, choice: object): Promise<void> {
    const api = `${this.linli.origin}/api/v1/topics/${topic}`;
    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${api}/${path}`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } });
      expect(answer.status, await answer.clone().text()).toBe(201);
      return answer.json();
    };
    const grant = await post("grants", { proof: { type: "household_code", code } });
    const key = crypto.randomUUID().replaceAll("-", "");
    await post("ballots", { choice }, { Authorization: `Bearer ${grant.token}`, "Idempotency-Key": key });
  }
}

type Options = { shadow: "closed" | "open" };

export const test = base.extend<object, Options & { world: World }>({
  shadow: ["closed", { option: true, scope: "worker" }],
  world: [
    async ({ shadow }, use) => {
      const site = await Site.start();
      const linli = await Linli.start(dist[shadow], template);
      site.use(linli.origin);
      linli.import({ communities: bare([site.origin]), topics: [] });
      await use(new World(linli, site));
      await site.stop();
      await linli.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});
