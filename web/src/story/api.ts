/** The demonstration's story, as the server speaks of it (/api/openapi.json). */
import { call } from "../api.ts";

export type Order = "play" | "pause" | "next" | "again";
export type Fact = string | number | boolean | null | string[];

export interface Step {
  id: string;
  state: "waits" | "now" | "done" | "failed";
  by: "story" | "hand" | null;
  at_us: number | null;
  facts: Record<string, Fact>;
  why: string | null;
  /** Seconds to read before it goes on by itself; 0: it waits for the world. */
  reading_s: number;
  read_s: number;
}

export interface Story {
  schema: string;
  playing: boolean;
  at: number;
  partner_url: string;
  steps: Step[];
}

export const story = {
  now: () => call<Story | null>("story"),
  order: (order: Order) => call<Story>("story", { order }),
};

/** Where a step is to be looked at. */
export interface Place {
  /** Of its view. */
  hash: string;
  /** That is to be open. */
  alert: string | null;
  /** What the map is to show whole. */
  fit: "site" | "flight" | null;
}

/** Where the step whose turn it is is to be looked at. */
export function placeOf(story: Story): Place {
  const fact = (id: string, name: string) => {
    const value = story.steps.find((s) => s.id === id)?.facts[name];
    return typeof value === "string" ? value : null;
  };
  const alert = fact("alert", "key");
  const release = fact("release", "id");
  const id = story.steps[story.at]?.id ?? "audit";
  const at = (hash: string, fit: Place["fit"] = null): Place => ({ hash, alert, fit });
  if (id === "network") return at("#/network");
  if (id === "audit") return at("#/audit");
  if (["partner", "acting", "outcome"].includes(id) && release)
    return at(`#/releases/${encodeURIComponent(release)}`);
  // The flight is seen whole until the site is what counts again.
  return at("#/watch", id === "flight" || id === "watch" ? "flight" : id === "alert" ? "site" : null);
}
