/** The network behind the sites, as the server speaks of it (/api/openapi.json). */
import { type Author, call, type FrameRef } from "../api.ts";
import { type Words, wordOf } from "../i18n.ts";

export interface Evidence {
  feed: string;
  t0: string;
  t1: string;
  frames: FrameRef[];
}

export interface Sighting {
  /** Microseconds UTC. */
  from: number;
  until: number;
  p: number;
  evidence: Evidence[];
}

export interface NetNode {
  id: string;
  name: string;
  kind: "vehicle" | "place";
  degree: number;
  betweenness: number;
  component: number;
  community: number;
  articulation: boolean;
  also: string[];
}

export interface NetLink {
  a: number;
  b: number;
  kind: "visit" | "route" | "meeting";
  count: number;
  sightings: Sighting[];
}

export interface Network {
  extent: [number, number] | null;
  nodes: NetNode[];
  links: NetLink[];
  removal: number[];
  largest: number[];
  area: number;
  conflicts: [string, string][];
  anonymous: number;
}

export type Verdict = "same" | "distinct" | "undecided";

export interface Judgement {
  n: number;
  left: string;
  right: string;
  verdict: Verdict;
  reason: string;
  by: Author;
  at_us: number;
  undone: boolean;
}

export interface NetworkAnswer {
  network: Network;
  cut: boolean;
  judgements: Judgement[];
}

export const net = {
  network: (until: number | null) =>
    call<NetworkAnswer>(until === null ? "network" : `network?to=${Math.round(until) + 1}`),
  judge: (left: string, right: string, verdict: Verdict, reason: string) =>
    call<{ n: number }>("network/judgements", { left, right, verdict, reason }),
  undo: (n: number) => call<{ n: number }>(`network/judgements/${n}/undo`, {}),
};

/** `truck A4` in the reader's language; places keep the name that the operation gives them. */
export function nameOf(node: NetNode | undefined, words: Words): string {
  if (node?.kind !== "vehicle") return node?.name ?? "";
  const [kind = "", ...rest] = node.name.split(" ");
  return [wordOf(words, "class", kind), ...rest].join(" ");
}
