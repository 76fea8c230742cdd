import { expect, test } from "vitest";
import { eventReason } from "../src/format.ts";
import { dictionaries } from "../src/i18n.ts";

const departure = { kind: "departure" as const, time: "2026-01-01T00:00:00.000Z", time_end: null };

test("a departure says whether it was seen to its end", () => {
  const unseen = { ...departure, about: { departure: { out_of_picture: true } } };
  for (const words of [dictionaries.en, dictionaries.es]) {
    expect(eventReason(departure, null, words)).toBe(words.why_departure);
    expect(eventReason(unseen, null, words)).toBe(words.why_departure_unseen);
  }
});

test("goods, returns and what nobody saw are said in both languages, with their figures", () => {
  const at = { time: "2026-01-01T05:20:00.000Z", time_end: "2026-01-01T05:31:00.000Z" };
  const reasons = [{ what: "slower_to_vehicle", value: -0.12, weight: -1.5 }];
  const said = {
    arrival: { arrival: { unseen: true } },
    departure: { departure: { out_of_picture: true, unseen: true } },
    unload: { handling: { persons: 3, walks_in: 8, walks_out: 9, lasted_s: 660, reasons } },
    return: { return: { earlier: "A7", left_at: "2026-01-01T04:00:00.000Z", reasons } },
    novelty: {
      routine: { kind: "arrival" as const, class: "truck", seen: 1, expected: 0.04, watched_h: 31.2, last: null },
    },
  };
  const { en, es } = dictionaries;
  for (const [kind, about] of Object.entries(said)) {
    const event = { kind: kind as keyof typeof said, about, ...at };
    const [a, b] = [eventReason(event, null, en), eventReason(event, null, es)];
    expect(a, kind).not.toBeNull();
    expect(a, kind).not.toBe(b);
    expect(a, kind).not.toMatch(/[{}]|undefined|NaN/);
  }
  const unload = eventReason({ kind: "unload", about: said.unload, ...at }, null, en);
  expect(unload).toContain("9 from it within 11 min");
  expect(unload).toContain("from it were 11 % slower");
  expect(eventReason({ kind: "departure", about: said.departure, ...at }, null, es)).toContain(
    "entre las 05:20:00Z y las 05:31:00Z",
  );
});
