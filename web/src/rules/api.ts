import { type Alert, type Author, call } from "../api.ts";

/** The watch document that is armed (`GET /api/v1/watch`). */
export interface WatchView {
  n: number | null;
  text: string;
  sha256: string | null;
  rules: number;
  author: Author | null;
  at_us: number | null;
  /** What `on` can name, and the fields that `where` can. */
  on: string[];
  fields: { name: string; kind: string; text: string }[];
}

/** A fault and its word. */
export interface Fault {
  line: number;
  column: number;
  length: number;
  what: string;
}

export interface CheckView {
  ok: boolean;
  rules: number;
  faults: Fault[];
}

export interface TrialRule {
  rule: string;
  per_day: number[];
  longest_quiet_s: number;
  raised: number;
  joined: number;
  held: number;
  learned: number;
  parked: number;
  unwatched: number;
  undecided: number;
  failed: number;
  failure: string | null;
}

/** What a document would have raised. */
export interface TrialView {
  events: number;
  cut: boolean;
  days: string[];
  rules: TrialRule[];
  count: number;
  alerts: { run: string | null; alert: Alert }[];
}

export const rulesApi = {
  armed: () => call<WatchView>("watch"),
  check: (text: string) => call<CheckView>("watch/check", { text }),
  backtest: (text: string, days: number) => call<TrialView>("watch/backtest", { text, days }),
  arm: (text: string) => call<WatchView>("watch", { text }),
};
