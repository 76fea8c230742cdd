import { type EventRecord, type Handled, type Operation, parseTime } from "./api.ts";
import type { Lang, Words } from "./i18n.ts";
import { fill, wordOf } from "./i18n.ts";

const pad = (n: number) => String(n).padStart(2, "0");

/** `05:12:07` UTC. */
export function clockUtc(us: number): string {
  const d = new Date(us / 1000);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
}

/** The same in the browser's time zone. */
export function clockLocal(us: number): string {
  const d = new Date(us / 1000);
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

/** `2026-11-22 05:12Z`. */
export function dateUtc(us: number): string {
  const d = new Date(us / 1000);
  const day = `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
  return `${day} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}Z`;
}

/** How long ago: `40 s`, `12 min`, `3 h`, `2 d`. */
export function age(us: number, words: Words): string {
  const s = Math.max(0, Math.round(us / 1e6));
  if (s < 5) return words.now;
  const t =
    s < 120
      ? `${s} s`
      : s < 7200
        ? `${Math.floor(s / 60)} min`
        : s < 172_800
          ? `${Math.floor(s / 3600)} h`
          : `${Math.floor(s / 86_400)} d`;
  return fill(words.ago, { t });
}

/** A rule in words: "Vehicle in North yard for more than 30 s". An unknown rule keeps its id. */
export function ruleText(operation: Operation | null, id: string, words: Words): string {
  const rule = operation?.rules.find((r) => r.id === id);
  const family = rule && (`rule_${rule.kind}` as keyof Words);
  if (!rule || !family || !(family in words)) return id;
  return fill(words[family], {
    subject: wordOf(words, "subject", rule.subject),
    zone: zoneName(operation, rule.zone),
    s: rule.longer_than_s ?? 0,
    source: zoneName(operation, rule.source_zone ?? rule.zone),
    min: Math.round((rule.within_s ?? 0) / 60),
  });
}

export function zoneName(operation: Operation | null, id: string): string {
  // A rule may hold anywhere, and an emission or a cue lie in no zone.
  if (id === "*" || id === "") return "–";
  return operation?.zones.find((z) => z.id === id)?.name ?? id;
}

/** Numbers in the reader's language. */
export function number(value: number, lang: Lang, digits = 0): string {
  return value.toLocaleString(lang, { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/**
 * Why an event was recorded, in the reader's words. The record's own are English; kind and times say
 * all that they hold. Null where they don't.
 */
export function eventReason(
  e: Pick<EventRecord, "kind" | "time" | "time_end" | "about">,
  limit: number | null,
  words: Words,
): string | null {
  const at = parseTime(e.time);
  const phrase = `why_${e.kind}`;
  if (e.kind === "dwell") {
    if (limit === null) return null;
    return fill(words.why_dwell, { since: clockUtc(at - limit * 1e6), s: Math.round(limit) });
  }
  if (e.about?.emission) {
    const { gas, rate_kg_h, rate_lo90, rate_hi90 } = e.about.emission;
    const rate = (v: number) => v.toFixed(2);
    return fill(words.why_emission, {
      gas: gas.toUpperCase(),
      rate: rate(rate_kg_h),
      lo: rate(rate_lo90),
      hi: rate(rate_hi90),
    });
  }
  if (e.about?.cue) {
    const what = wordOf(words, "cued", e.about.cue.what);
    return fill(words.why_cue, { what, m: Math.max(1, Math.round(e.about.cue.sigma_m)) });
  }
  if (e.about?.departure?.unseen || e.about?.arrival?.unseen) {
    const phrase = e.about.arrival ? words.why_arrival_between : words.why_departure_between;
    return fill(phrase, { from: clockUtc(at), to: clockUtc(e.time_end ? parseTime(e.time_end) : at) });
  }
  if (e.about?.departure?.out_of_picture) return words.why_departure_unseen;
  if (e.about?.handling) return whyHandling(e.about.handling, words);
  if (e.about?.return) {
    const { earlier, left_at } = e.about.return;
    return fill(words.why_return, { earlier, left: clockUtc(parseTime(left_at)) });
  }
  if (e.about?.routine) {
    const { seen, expected, watched_h, last } = e.about.routine;
    const before = last
      ? fill(words.why_routine_last, { when: dateUtc(parseTime(last)) })
      : words.why_routine_first;
    return fill(words.why_routine, { seen, expected: expected.toFixed(2), hours: Math.round(watched_h), last: before });
  }
  if (e.about?.turn !== undefined) return fill(words.why_turn, { deg: Math.round(Math.abs(e.about.turn)) });
  if (e.about?.together && e.kind !== "enter_vehicle" && e.kind !== "exit_vehicle") {
    const { apart_m, lasted_s } = e.about.together;
    return fill(words.why_together, { m: apart_m, s: Math.round(lasted_s) });
  }
  if (e.kind === "coverage_gap") {
    if (e.time_end === null) return null;
    return fill(words.why_coverage_gap, { s: Math.round((parseTime(e.time_end) - at) / 1e6) });
  }
  return phrase in words ? words[phrase as keyof Words] : null;
}

function whyHandling(h: Handled, words: Words): string {
  const slower = h.reasons.find((r) => r.what === "slower_to_vehicle")?.value ?? 0;
  return fill(words.why_handling, {
    in: h.walks_in,
    out: h.walks_out,
    min: Math.max(1, Math.round(h.lasted_s / 60)),
    persons: h.persons,
    way: slower >= 0 ? words.why_way_to : words.why_way_from,
    pct: Math.round(100 * (1 - Math.exp(-Math.abs(slower)))),
  });
}
