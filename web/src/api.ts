import type { AircraftView } from "./aircraft.ts";
import type { EmissionView } from "./emission.ts";

/**
 * The words that the server speaks: `/api/v1` (see /api/openapi.json) and the text messages of
 * the live relay, `live/1`. Times named `_us` are microseconds UTC.
 */

export type Severity = "info" | "warning" | "critical";
export type AlertState = "open" | "acknowledged" | "rejected" | "closed" | "expired";
export type ActKind = "acknowledge" | "reject" | "close" | "comment";
export type NoteKind = "observation" | "instruction" | "handover" | "fault";
export type TrackState = "seen" | "stopped" | "coasting" | "unobserved" | "ended";
export type ObjectClass = "unknown" | "person" | "car" | "pickup" | "truck" | "other";
export type EventKind = "arrival" | "departure" | "appeared" | "lost" | "dwell" | "coverage_gap" | "emission" | "cue"
  | "stop" | "start" | "turn_left" | "turn_right" | "u_turn" | "reverse" | "enter_vehicle" | "exit_vehicle" | "enter_structure" | "exit_structure" | "drop_off" | "pick_up" | "load" | "unload" | "delivery" | "shipment" | "meeting" | "convoy" | "handover" | "turned_away" | "return" | "novelty" | "change";
/** Longitude, latitude in degrees. */
export type LonLat = [number, number];

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface FrameRef {
  frame: number;
  t: string;
  box: Box | null;
}

export interface EvidenceRef {
  feed: string;
  segment: string | null;
  t0: string;
  t1: string;
  frames: FrameRef[];
  /** Of a feed that is not video: samples by their numbers. */
  samples?: { first: number; last: number };
}

export interface Alert {
  schema: string;
  id: string;
  rule: string;
  opened_at: string;
  zone: string;
  subjects: string[];
  events: string[];
  severity: Severity;
  reason: string;
  state: AlertState;
  lat: number | null;
  lon: number | null;
  evidence: EvidenceRef[];
  /** What has become of it, where its rule keeps count. */
  life?: AlertLife;
}

/** Duplicates that joined, escalation, expiry, and how often those like it were right. */
export interface AlertLife {
  updated_at: string;
  count: number;
  escalated_at?: string;
  expires_at?: string;
  p_right?: number;
}

export interface AlertView {
  key: string;
  run: string;
  alert: Alert;
}

export interface Author {
  name: string;
  verified: boolean;
}

export interface AlertAct {
  act: ActKind;
  text: string;
  author: Author;
  at: string;
}

/** Why something is said, and by how much: the natural logarithm of a likelihood ratio. */
export interface Reason {
  what: string;
  value: number;
  weight: number;
}

/** What was seen of goods being handled at a vehicle. */
export interface Handled {
  persons: number;
  walks_in: number;
  walks_out: number;
  lasted_s: number;
  reasons: Reason[];
  walks?: { from: string; to: string; to_vehicle: boolean; speed_m_s: number }[];
}

export interface EventRecord {
  schema: string;
  id: string;
  kind: EventKind;
  time: string;
  time_end: string | null;
  decided_at: string;
  zone: string;
  subjects: string[];
  p: number;
  lat: number | null;
  lon: number | null;
  reason: string;
  /** What belongs to one kind of event only. */
  about?: {
    emission?: { gas: string; rate_kg_h: number; rate_lo90: number; rate_hi90: number };
    cue?: { node: string; what: string; sigma_m: number };
    departure?: { out_of_picture: boolean; unseen?: boolean };
    arrival?: { unseen: boolean };
    turn?: number;
    together?: { apart_m: number; lasted_s: number };
    handling?: Handled;
    return?: { earlier: string; left_at: string; reasons: Reason[] };
    routine?: {
      kind: EventKind;
      class: string;
      seen: number;
      expected: number;
      watched_h: number;
      last: string | null;
    };
  };
  evidence: EvidenceRef[];
}

export interface EventView {
  run: string;
  event: EventRecord;
}

export interface AlertDetail extends AlertView {
  acts: AlertAct[];
  events: EventRecord[];
}

export interface Note {
  n: number;
  kind: NoteKind;
  t: string;
  run: string | null;
  feed: string | null;
  text: string;
  author: Author;
  written_at: string;
}

export interface Me {
  name: string | null;
  verified: boolean;
  login_needed: boolean;
  roles: string[];
  /** What these roles may do. */
  may: string[];
}

export interface Operation {
  schema: string;
  id: string;
  name: string;
  simulated: boolean;
  site: { id: string; name: string };
  zones: { id: string; name: string; polygon: LonLat[] | null; drawn_on: string | null }[];
  feeds: { id: string; index: number; sensor: string; unplaced: boolean }[];
  rules: {
    id: string;
    kind: string;
    zone: string;
    subject: string;
    longer_than_s: number | null;
    p_at_least: number | null;
    within_s: number | null;
    source_zone: string | null;
    severity: Severity;
  }[];
  authority: {
    issuer: string;
    legal_basis: string;
    reference: string;
    purpose: string;
    valid_from_us: number | null;
    valid_until_us: number | null;
    sensors: string[];
    objects: string[];
    area: LonLat[];
    no_look: { name: string; polygon: LonLat[] }[];
    bystander_hours: number;
    evidence_days: number;
  };
}

export interface Ground {
  lat: number;
  lon: number;
  /** East, north; row-major, m². */
  cov: [number, number, number, number];
  ve: number;
  vn: number;
}

export interface Point {
  track: string;
  t_us: number;
  frame: number;
  state: TrackState;
  box: Box;
  ground: Ground | null;
  class: ObjectClass;
  class_p: number;
  p: number;
}

export interface Track {
  run: string;
  name: string;
  made_of: string[];
  feed: string;
  points: Point[];
}

export interface Coverage {
  frame: number;
  footprint: LonLat[] | null;
  footprint_lon_lat: LonLat[] | null;
  sensor: [number, number, number] | null;
  tracking: boolean;
}

export interface TrackEdit {
  n: number;
  run: string;
  edit: "split" | "merge";
  track: string;
  at?: number;
  other?: string;
  author: Author;
  made_at: string;
  undone: boolean;
}

export interface LiveFrame {
  type: "frame";
  run: string;
  feed: string;
  frame: number;
  t_us: number;
  pts_90k: number;
  width: number;
  height: number;
  coverage: Coverage;
  /** Share of the picture that the authority hides, 0 to 1 (1: not shown at all); null where nothing is. */
  masked: number | null;
  /** Zones outlined on an earlier frame, where they lie in this one, display pixels. */
  drawn: { zone: string; outline: [number, number][] }[];
  tracks: Point[];
}

export interface FeedStatus {
  type: "status";
  run: string;
  feed: string;
  t_us: number;
  status: "live" | "stopped" | "refused" | "ended" | "failed";
  since?: number;
  why?: string;
}

/** What became of a feed's frames since its run began. */
export interface FeedCounts {
  frames: number;
  thinned: number;
  shed: number;
  analysed: number;
  late: number;
  early: number;
  datagrams_shed: number;
  damaged: number;
}

/** What a feed's clocks say against each other; microseconds. */
export type TimeFault =
  | { kind: "jump"; by_us: number }
  | { kind: "drift"; ppm: number; by_us: number; over_us: number }
  | { kind: "pictures" | "received"; ahead_us: number; scale?: "gps" | "tai" | "misp" | "gps_to_tai" }
  | { kind: "lag"; behind_us: number };

/** A text message of `live/1`. */
export type LiveMessage =
  | { type: "hello"; feeds: string[] }
  | { type: "tick"; server_us: number }
  | FeedStatus
  | { type: "counts"; run: string; feed: string; t_us: number; counts: FeedCounts }
  | { type: "clocks"; run: string; feed: string; t_us: number; faults: TimeFault[] }
  | { type: "video"; feed: string; codec: string }
  | LiveFrame
  | ({ type: "emission" } & EmissionView)
  | ({ type: "aircraft" } & AircraftView)
  | ({ type: "event" } & EventView)
  | ({ type: "alert" } & AlertView)
  | { type: "note"; note: Note }
  | { type: "track_edit"; edit: TrackEdit }
  | { type: "purged"; at_us: number; what: { rows: number; files: number; bytes: number } }
  | { type: "lost"; messages: number }
  | { type: "refused"; error: string };

/** A failed request, with the server's one line. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The name that goes with acts while there are no accounts. */
let typedName = "";

export function setTypedName(name: string): void {
  typedName = name;
  // Pictures and files are asked for without our headers: they are somebody's looks all the same.
  if (typeof document !== "undefined") {
    document.cookie = `atalaya_name=${encodeURIComponent(name)}; Path=/; SameSite=Strict`;
  }
}

/** One request; a body that is text or a file already goes as it is. */
export async function call<T>(path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (typedName) headers["x-atalaya-name"] = encodeURIComponent(typedName);
  const file = body instanceof Blob;
  if (body !== undefined) headers["content-type"] = file ? "application/octet-stream" : "application/json";
  const response = await fetch(`/api/v1/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers,
    body: body === undefined || typeof body === "string" || file ? body : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, errorLine(text, response.status));
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function errorLine(text: string, status: number): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "error" in parsed) {
      return String(parsed.error);
    }
  } catch {
    // Not JSON: the text itself is the line.
  }
  return text.trim() || `HTTP ${status}`;
}

const q = encodeURIComponent;

export const api = {
  me: () => call<Me>("me"),
  login: (name: string, password: string) => call<Me>("login", { name, password }),
  logout: () => call<void>("logout", {}),
  operation: () => call<Operation>("operation"),
  alerts: (after?: string) =>
    call<{ alerts: AlertView[]; next: string | null }>(
      `alerts?limit=200${after ? `&after=${q(after)}` : ""}`,
    ),
  alert: (key: string) => call<AlertDetail>(`alerts/${q(key)}`),
  act: (key: string, act: ActKind, text: string) => call<AlertView>(`alerts/${q(key)}/${act}`, { text }),
  events: () => call<EventView[]>("events?limit=200"),
  tracks: (from: number, to: number) => call<Track[]>(`tracks?from=${from}&to=${to}`),
  split: (track: string, run: string, at_us: number) =>
    call<TrackEdit>(`tracks/${q(track)}/split`, { run, at_us }),
  merge: (run: string, track: string, other: string) =>
    call<TrackEdit>("tracks/merge", { run, track, other }),
  edits: (run: string) => call<TrackEdit[]>(`track-edits?run=${q(run)}`),
  undo: (n: number) => call<TrackEdit>(`track-edits/${n}/undo`, {}),
  notes: () => call<Note[]>("notes?limit=100"),
  addNote: (note: { kind: NoteKind; t_us: number; run?: string; feed?: string; text: string }) =>
    call<Note>("notes", note),
  backgrounds: () => call<{ name: string; bytes: number }[]>("backgrounds"),
  stillUrl: (feed: string, t_us: number, width: number) =>
    `/api/v1/still?feed=${q(feed)}&t=${Math.round(t_us)}&width=${width}`,
};

/** RFC 3339 to microseconds UTC; whole microseconds survive. */
export function parseTime(text: string): number {
  const ms = Date.parse(text);
  const fraction = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? "";
  return ms * 1000 + Number(fraction.padEnd(3, "0") || 0);
}
