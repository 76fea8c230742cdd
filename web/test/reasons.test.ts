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
