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
  /** Microseconds UTC; null where an import gives none. */
  from: number | null;
  until: number | null;
  /** Probability; of an import the weight that its file gives. */
  p: number;
  evidence: Evidence[];
}

export type NodeKind = "vehicle" | "place" | "organisation" | "person" | "thing";

export interface NetNode {
  id: string;
  name: string;
  kind: NodeKind;
  degree: number;
  betweenness: number;
  component: number;
  community: number;
  articulation: boolean;
  also: string[];
  /** Numbers of the imports that speak of it. */
  imports: number[];
}

export interface NetLink {
  a: number;
  b: number;
  /** `visit`, `route`, `meeting`; of an import what its file says. */
  kind: string;
  /** The import it is from: somebody's word, not seen here. */
  import: number | null;
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
  pairs: NamePair[];
  all_pairs: number;
}

/** Two names that may be one, which nobody has judged. */
export interface NamePair {
  left: string;
  right: string;
  left_name: string;
  right_name: string;
  score: number;
  suggestion: Verdict;
}

export interface NetImport {
  n: number;
  name: string;
  format: "csv" | "ftm";
  sha256: string;
  counts: {
    nodes: number;
    links: number;
    persons: number;
    like_persons: number;
    dropped: number;
    loops: number;
  };
  by: Author;
  at_us: number;
  undone: boolean;
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
  imports: NetImport[];
  /** How many persons the authority names. */
  persons: number;
}

export const net = {
  network: (until: number | null) =>
    call<NetworkAnswer>(until === null ? "network" : `network?to=${Math.round(until) + 1}`),
  judge: (left: string, right: string, verdict: Verdict, reason: string) =>
    call<{ n: number }>("network/judgements", { left, right, verdict, reason }),
  undo: (n: number) => call<{ n: number }>(`network/judgements/${n}/undo`, {}),
  take: (file: File) => call<NetImport>(`network/imports?name=${encodeURIComponent(file.name)}`, file),
  undoImport: (n: number) => call<NetImport[]>(`network/imports/${n}/undo`, {}),
  exportUrl: (format: "graphml" | "ftm" | "csv", until: number | null) =>
    `/api/v1/network/export?format=${format}${until === null ? "" : `&to=${Math.round(until) + 1}`}`,
};

/** How a link is shown: as one of those that grow from what was seen, or as somebody's word. */
export type Shown = "visit" | "route" | "meeting" | "imported";
export function shownAs(link: NetLink): Shown {
  if (link.import !== null) return "imported";
  return link.kind === "route" || link.kind === "meeting" ? link.kind : "visit";
}

/** Somebody brought it: it was not seen here. */
export function brought(node: NetNode): boolean {
  return node.id.startsWith("import/");
}

/** `truck A4` in the reader's language; places keep the name that the operation gives them. */
export function nameOf(node: NetNode | undefined, words: Words): string {
  if (node?.kind !== "vehicle" || brought(node)) return node?.name ?? "";
  const [kind = "", ...rest] = node.name.split(" ");
  return [wordOf(words, "class", kind), ...rest].join(" ");
}
