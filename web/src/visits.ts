import { type EventKind, type EventView, parseTime } from "./api.ts";
import { everyday } from "./event/kinds.ts";

/** A stay of somebody in a zone, from what events say. Times in microseconds UTC. */
export interface Visit {
  key: string;
  zone: string;
  who: string;
  from: number;
  /** When it ended, or was last seen; null while it goes on. */
  to: number | null;
  /** Its coming was seen. */
  came: boolean;
  /** Its leaving was seen; false for what was lost. */
  left: boolean;
}

/** Something that happened at one moment, on its zone's row. */
export interface Mark {
  key: string;
  zone: string;
  kind: EventKind;
  at: number;
  /** When it ended, of what lasts. */
  to: number | null;
  title: string[];
}

/** An event's name on the page. */
export const eventKey = (e: EventView): string => `${e.run} ${e.event.id}`;

/** A stretch in which a zone was not observed. */
export interface Hidden {
  key: string;
  zone: string;
  from: number;
  to: number;
}

export interface Rows {
  visits: Visit[];
  marks: Mark[];
  hidden: Hidden[];
}

const COMES: readonly EventKind[] = ["arrival", "appeared"];
const GOES: readonly EventKind[] = ["departure", "lost"];

/** Events, in any order, as what a row of a zone shows. */
export function rowsOf(events: readonly EventView[]): Rows {
  const rows: Rows = { visits: [], marks: [], hidden: [] };
  const ordered = events
    .map((e) => ({ ...e, at: parseTime(e.event.time) }))
    // What goes at the moment at which another comes goes first.
    .sort((a, b) => a.at - b.at || Number(COMES.includes(a.event.kind)) - Number(COMES.includes(b.event.kind)));
  const open = new Map<string, Visit>();
  for (const { run, event, at } of ordered) {
    const who = event.subjects[0] ?? "";
    const place = `${run} ${event.zone} ${who}`;
    const key = `${run} ${event.id}`;
    if (event.kind === "coverage_gap") {
      if (event.time_end) rows.hidden.push({ key, zone: event.zone, from: at, to: parseTime(event.time_end) });
    } else if (COMES.includes(event.kind)) {
      // Who came unseen is also first seen inside: one visit.
      if (event.kind === "appeared" && open.has(place)) continue;
      const visit = { key, zone: event.zone, who, from: at, to: null, came: event.kind === "arrival", left: false };
      open.set(place, visit);
      rows.visits.push(visit);
    } else if (GOES.includes(event.kind)) {
      const visit = open.get(place);
      if (visit) {
        visit.to = at;
        visit.left = event.kind === "departure";
        open.delete(place);
      }
    } else if (!everyday(event.kind)) {
      const to = event.time_end ? parseTime(event.time_end) : null;
      rows.marks.push({ key, zone: event.zone, kind: event.kind, at, to, title: event.subjects });
    }
  }
  return rows;
}

/**
 * Lanes of a row: visits that overlap stand below each other, each in the first lane that is free.
 * Beyond the last lane they share it.
 */
export function lanes(visits: readonly Visit[], most: number): Map<string, number> {
  const free: number[] = [];
  const lane = new Map<string, number>();
  for (const v of [...visits].sort((a, b) => a.from - b.from)) {
    let n = free.findIndex((until) => until <= v.from);
    if (n < 0) n = Math.min(free.length, most - 1);
    free[n] = Math.max(free[n] ?? 0, v.to ?? Number.POSITIVE_INFINITY);
    lane.set(v.key, n);
  }
  return lane;
}
