import { describe, expect, it } from "vitest";
import type {
  Alert,
  AlertAct,
  AlertDetail,
  AlertView,
  Coverage,
  EventRecord,
  EvidenceRef,
  FeedCounts,
  FrameRef,
  Ground,
  LiveFrame,
  LiveMessage,
  Note,
  Operation,
  Point,
} from "../src/api.ts";
import { parseTime } from "../src/api.ts";
import { parseMessage } from "../src/protocol.ts";
import samples from "./samples.json";

/** What not every record has. */
type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
/** The fields of a type that are always there: the compiler insists on all of them and no other. */
type Fields<T> = Record<Exclude<keyof T, Optional<T>>, true>;

const sameFields = <T>(sample: unknown, fields: Fields<T>, also: string[] = []) => {
  expect(Object.keys(sample as object).sort()).toEqual([...Object.keys(fields), ...also].sort());
};

const live = (type: string) => {
  const found = samples.live.find((m) => m.type === type);
  if (!found) throw new Error(`no sample of ${type}`);
  return found as Record<string, unknown>;
};

const alertFields: Fields<Alert> = {
  schema: true,
  id: true,
  rule: true,
  opened_at: true,
  zone: true,
  subjects: true,
  events: true,
  severity: true,
  reason: true,
  state: true,
  lat: true,
  lon: true,
  evidence: true,
};
const eventFields: Fields<EventRecord> = {
  schema: true,
  id: true,
  kind: true,
  time: true,
  time_end: true,
  decided_at: true,
  zone: true,
  subjects: true,
  p: true,
  lat: true,
  lon: true,
  reason: true,
  evidence: true,
};

describe("types are those of the server's samples", () => {
  it("of a frame", () => {
    const frame = live("frame") as unknown as LiveFrame;
    sameFields<LiveFrame>(
      frame,
      {
        type: true,
        run: true,
        feed: true,
        frame: true,
        t_us: true,
        pts_90k: true,
        width: true,
        height: true,
        coverage: true,
        masked: true,
        drawn: true,
        tracks: true,
      },
      ["schema"],
    );
    const counts = live("counts").counts;
    sameFields<FeedCounts>(counts, {
      frames: true,
      thinned: true,
      shed: true,
      analysed: true,
      late: true,
      early: true,
      datagrams_shed: true,
      damaged: true,
    });
    sameFields<Coverage>(frame.coverage, {
      frame: true,
      footprint: true,
      footprint_lon_lat: true,
      sensor: true,
      tracking: true,
    });
    sameFields<Point>(frame.tracks[0], {
      track: true,
      t_us: true,
      frame: true,
      state: true,
      box: true,
      ground: true,
      class: true,
      class_p: true,
      p: true,
    });
    sameFields<Ground>(frame.tracks[0]?.ground, { lat: true, lon: true, cov: true, ve: true, vn: true });
    expect(frame.tracks[0]?.ground?.cov).toEqual([4, 0, 0, 4]);
  });

  it("of alerts, events, evidence and acts", () => {
    const view: Fields<AlertView> = { key: true, run: true, alert: true };
    sameFields<AlertView>(live("alert"), view, ["schema", "type"]);
    sameFields<AlertDetail>(samples.alert, { ...view, acts: true, events: true });
    sameFields<Alert>(samples.alert.alert, alertFields);
    sameFields<EventRecord>(samples.alert.events[0], eventFields);
    sameFields<EventRecord>(live("event").event, eventFields);
    const evidence = samples.alert.alert.evidence[0];
    sameFields<EvidenceRef>(evidence, { feed: true, segment: true, t0: true, t1: true, frames: true });
    sameFields<FrameRef>(evidence?.frames[0], { frame: true, t: true, box: true });
    sameFields<AlertAct>(samples.alert.acts[0], { act: true, text: true, author: true, at: true });
  });

  it("of notes and the operation", () => {
    sameFields<Note>(live("note").note, {
      n: true,
      kind: true,
      t: true,
      run: true,
      feed: true,
      text: true,
      author: true,
      written_at: true,
    });
    sameFields<Operation>(samples.operation, {
      schema: true,
      id: true,
      name: true,
      simulated: true,
      site: true,
      zones: true,
      feeds: true,
      rules: true,
      authority: true,
    });
    sameFields<Operation["authority"]>(samples.operation.authority, {
      issuer: true,
      legal_basis: true,
      reference: true,
      purpose: true,
      valid_from_us: true,
      valid_until_us: true,
      sensors: true,
      objects: true,
      area: true,
      no_look: true,
      bystander_hours: true,
      evidence_days: true,
    });
  });

  it("every kind of message is known here", () => {
    const types: Record<LiveMessage["type"], true> = {
      hello: true,
      tick: true,
      status: true,
      counts: true,
      clocks: true,
      video: true,
      frame: true,
      emission: true,
      aircraft: true,
      event: true,
      alert: true,
      note: true,
      track_edit: true,
      purged: true,
      lost: true,
      refused: true,
    };
    expect([...new Set(samples.live.map((m) => m.type))].sort()).toEqual(Object.keys(types).sort());
    for (const m of samples.live) expect(parseMessage(JSON.stringify(m))).toEqual(m);
  });
});

describe("parseTime", () => {
  it("keeps microseconds", () => {
    expect(parseTime("1970-01-01T00:00:00.000Z")).toBe(0);
    expect(parseTime("1970-01-01T00:00:01.000002Z")).toBe(1_000_002);
    expect(parseTime("2026-11-22T05:12:00.123Z")).toBe(Date.UTC(2026, 10, 22, 5, 12, 0, 123) * 1000);
  });
});
