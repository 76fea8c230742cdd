/** Decisions, releases and the log of acts, as the server speaks of them (/api/openapi.json). */
import { type Author, call } from "../api.ts";

export const CHOICES = [
  "continue",
  "change_tasking",
  "refer_to_partner",
  "seek_order",
  "recommend_entry",
] as const;
export type Choice = (typeof CHOICES)[number];
export type ReleaseState = "draft" | "turned_down" | "approved" | "sealed" | "recalled";
export const STATIONS = ["delivered", "receipt", "decision", "acting", "outcome"] as const;
export type Station = (typeof STATIONS)[number];
export type MessageKind =
  | "delivered"
  | "receipt"
  | "accepted"
  | "refused"
  | "acting"
  | "outcome"
  | "recall"
  | "purged";

export interface Done {
  by: Author;
  at: string;
}

export interface Decision {
  schema: string;
  n: number;
  run: string;
  alert: string;
  assessment: string;
  options: Choice[];
  choice: Choice;
  reason: string;
  partner: string | null;
  target: string | null;
  by: Author;
  at: string;
}

export interface TargetMatch {
  n: number;
  target: string;
  state: "proposed" | "confirmed" | "denied";
  reason: string;
  proposed: Done;
  answer: string | null;
  answered: Done | null;
}

export interface Decisions {
  decisions: Decision[];
  matches: TargetMatch[];
  targets: { name: string; kind: "vehicle" | "place" | "person"; description: string }[];
  partners: string[];
}

export interface Release {
  id: string;
  direction: "sent" | "received";
  state: ReleaseState;
  from: string;
  to: string;
  operation: string;
  alert: string;
  decision: number;
  language: "en" | "es";
  title: string;
  summary: string;
  /** Title, summary and assessment are a machine's translation. */
  machine?: { from: "en" | "es"; engine: string; flags: string[] };
  reply_within_h: number;
  removed: { what: string; count: number; why: string }[];
  manifest_sha256: string;
  drafted: Done;
  approved: Done | null;
  sealed: Done | null;
  recalled: (Done & { reason: string }) | null;
}

export type Clock = { [S in Station as `${S}_us`]: number | null } & {
  sealed_us: number | null;
  recalled_us: number | null;
  purged_us: number | null;
  overdue_us: number | null;
};

export interface Message {
  n: number;
  ours: boolean;
  posted: boolean;
  message: Done & { kind: MessageKind; text: string };
}

export interface ReleaseView {
  release: Release;
  clock: Clock;
  has_content: boolean;
  messages: Message[];
}

export interface Side {
  under_way: number;
  overdue: number;
  times: { station: Station; n: number; median_s: number | null; p90_s: number | null }[];
}

export interface Board {
  now_us: number;
  sent: Side;
  received: Side;
  releases: ReleaseView[];
}

export interface Partners {
  name: string | null;
  fingerprint: string | null;
  card: string | null;
  partners: { name: string; fingerprint: string | null; authorised: boolean }[];
}

export interface Act {
  n: number;
  at: string | null;
  who: Author;
  what: string;
  subject: string;
  detail: string;
  purged: boolean;
}

export interface Verified {
  sound: boolean;
  acts: number;
  purged: number;
  root: string;
  findings: string[];
}

const q = encodeURIComponent;

export const desk = {
  decisions: (key: string) => call<Decisions>(`alerts/${q(key)}/decisions`),
  decide: (
    key: string,
    body: { assessment: string; options: Choice[]; choice: Choice; reason: string; partner: string | null },
  ) => call<Decision>(`alerts/${q(key)}/decisions`, body),
  propose: (key: string, target: string, reason: string) =>
    call<TargetMatch>(`alerts/${q(key)}/matches`, { target, reason }),
  answer: (n: number, answer: "confirm" | "deny", reason: string) =>
    call<TargetMatch>(`matches/${n}/${answer}`, { reason }),
  board: () => call<Board>("releases"),
  partners: () => call<Partners>("partners"),
  addPartner: (card: string) => call<unknown>("partners", { card }),
  makeIdentity: (name: string) => call<Partners>("identity", { name }),
  draft: (body: {
    alert: string;
    partner: string;
    language: "en" | "es";
    title: string;
    summary: string;
    reply_within_h: number;
    translate?: boolean;
  }) => call<ReleaseView>("releases", body),
  judge: (id: string, how: "approve" | "turn-down", reason: string) =>
    call<ReleaseView>(`releases/${q(id)}/${how}`, { reason }),
  seal: (id: string, portal: string | null) =>
    call<ReleaseView & { link: string | null }>(`releases/${q(id)}/seal`, { portal }),
  recall: (id: string, reason: string) => call<ReleaseView>(`releases/${q(id)}/recall`, { reason }),
  say: (id: string, kind: MessageKind, text: string) =>
    call<ReleaseView>(`releases/${q(id)}/say/${kind}`, { text }),
  check: (id: string) => call<ReleaseView>(`releases/${q(id)}/check`, {}),
  fetch: (link: string) => call<ReleaseView>("releases/fetch", { link }),
  /** The text of a sealed file as it was received. */
  takeIn: (sealed: string) => call<ReleaseView>("releases/inbox", sealed),
  reportUrl: (id: string) => `/api/v1/releases/${q(id)}/report`,
  sealedUrl: (id: string) => `/api/v1/releases/${q(id)}/sealed`,
  messageUrl: (n: number) => `/api/v1/messages/${n}`,
  acts: (before: number | null, what: string, text: string) =>
    call<{ acts: Act[]; total: number; refused: number }>(
      `audit?limit=200&what=${q(what)}&text=${q(text)}${before === null ? "" : `&before=${before}`}`,
    ),
  verify: () => call<Verified>("audit/verify", {}),
  checkpointUrl: "/api/v1/audit/checkpoint",
};
