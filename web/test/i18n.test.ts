import { describe, expect, it } from "vitest";
import type { Operation } from "../src/api.ts";
import { age, clockUtc, dateUtc, ruleText } from "../src/format.ts";
import { chooseLang, dictionaries, fill, wordOf } from "../src/i18n.ts";
import samples from "./samples.json";

const { en, es } = dictionaries;

describe("the dictionaries", () => {
  it("have the same words and the same places to fill", () => {
    expect(Object.keys(es).sort()).toEqual(Object.keys(en).sort());
    const places = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(es[key].trim(), key).not.toBe("");
      expect(places(es[key]), key).toEqual(places(en[key]));
    }
  });

  it("know every state, kind and class of the records", () => {
    const families: Record<string, string[]> = {
      state: ["open", "acknowledged", "rejected", "closed"],
      severity: ["info", "warning", "critical"],
      act: ["acknowledge", "reject", "close", "comment"],
      feed: ["live", "stopped", "ended", "failed", "waiting"],
      event: ["arrival", "departure", "appeared", "lost", "dwell", "coverage_gap"],
      class: ["unknown", "person", "car", "pickup", "truck", "other"],
      track: ["seen", "stopped", "coasting", "unobserved", "ended"],
      note: ["observation", "instruction", "handover", "fault"],
      rule: ["dwell", "arrival", "departure"],
      subject: ["vehicle", "truck", "person", "any"],
      edit: ["split", "merge"],
    };
    for (const [family, values] of Object.entries(families)) {
      for (const value of values) expect(wordOf(es, family, value), `${family}_${value}`).not.toBe(value);
    }
    expect(wordOf(en, "event", "convoy")).toBe("convoy");
  });
});

describe("the language", () => {
  it("is the user's choice, else the browser's, else English", () => {
    expect(chooseLang("es", ["en-GB"])).toBe("es");
    expect(chooseLang(null, ["fr-FR", "es-MX", "en"])).toBe("es");
    expect(chooseLang("xx", ["de"])).toBe("en");
  });
});

describe("phrases", () => {
  it("say rules in the reader's language", () => {
    const operation = samples.operation as unknown as Operation;
    expect(ruleText(operation, "long-stay", en)).toBe("Anything in yard for more than 30 s");
    expect(ruleText(operation, "long-stay", es)).toBe("Cualquiera en yard más de 30 s");
    expect(ruleText(operation, "other", en)).toBe("other");
    expect(fill("{a} {b} {c}", { a: 1, b: "x" })).toBe("1 x {c}");
  });

  it("say times and ages", () => {
    const t = Date.UTC(2026, 10, 22, 5, 7, 9) * 1000;
    expect(clockUtc(t)).toBe("05:07:09");
    expect(dateUtc(t)).toBe("2026-11-22 05:07Z");
    expect([2e6, 40e6, 200e6, 3 * 3600e6, 72 * 3600e6].map((us) => age(us, en))).toEqual([
      "now",
      "40 s ago",
      "3 min ago",
      "3 h ago",
      "3 d ago",
    ]);
    expect(age(40e6, es)).toBe("hace 40 s");
  });
});
