// The demo's communities as the tests import them: rolls and topics of `demo-site/data`.

import fs from "node:fs";
import path from "node:path";
import { demoSite } from "./paths.ts";

export type Household = { label: string; place: string; short_code: string; printed?: true };
export type Community = { id: string; name: string; time_zone: string; places: object[]; households: Household[] };
export type Topic = { id: string; community: string; place: string; lang: string; title: string; summary?: string; poll: Record<string, unknown>; seed?: unknown };

const files = ["jiangpan", "yunping"].map(
  (name) => JSON.parse(fs.readFileSync(path.join(demoSite, "data", `${name}.json`), "utf8")) as { communities: Community[]; topics: Topic[] },
);

export const communities = files.flatMap((file) => file.communities);
export const topics = files.flatMap((file) => file.topics);
export const households = communities.flatMap((community) => community.households);

/** Minutes from now become instants; what only the demo reads is left out. */
export function resolved({ seed: _, ...topic }: Topic, now = Date.now()): object {
  const { opens_in_minutes: opens, closes_in_minutes: closes, ...poll } = topic.poll;
  const at = (minutes: unknown) => now + Number(minutes) * 60_000;
  return { ...topic, poll: { ...poll, opens_at_ms: at(opens), closes_at_ms: at(closes) } };
}

/** Communities without their rolls (an import removes nothing), for pages of `origins`. */
export const bare = (origins: string[]) => communities.map((community) => ({ ...community, origins, households: [] }));

/** Everything, for a new database. */
export const whole = () => ({
  communities: communities.map((community) => ({
    ...community,
    origins: [],
    households: community.households.map(({ printed: _, ...household }) => household),
  })),
  topics: topics.map((topic) => resolved(topic)),
});
