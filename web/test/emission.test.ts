import { describe, expect, it } from "vitest";
import type { EventRecord } from "../src/api.ts";
import { type EmissionView, emissionText, heatColour, heatPixels, recentCues, regionFeatures } from "../src/emission.ts";
import { dictionaries as words } from "../src/i18n.ts";
import samples from "./samples.json";

const view = samples.live.find((m) => m.type === "emission") as unknown as EmissionView;

describe("an estimate of the server", () => {
  it("becomes pixels, north-west first", () => {
    const pixels = heatPixels(view);
    expect(pixels?.length).toBe(4 * 4);
    expect([...(pixels?.slice(4, 8) ?? [])]).toEqual(heatColour(1));
    expect(pixels?.[3]).toBeLessThan(pixels?.[7] ?? 0);
  });

  it("that does not fit its size is not drawn", () => {
    expect(heatPixels({ ...view, columns: 3 })).toBeNull();
    expect(heatPixels({ ...view, heat: "?" })).toBeNull();
    expect(heatPixels({ ...view, columns: 0, heat: "" })).toBeNull();
  });

  it("is said in both languages", () => {
    expect(emissionText(view, words.en, "en")).toBe("CH4: source 97 %, 2 kg/h (1–3)");
    expect(emissionText(view, words.es, "es")).toBe("CH4: fuente 97 %, 2 kg/h (1–3)");
    expect(emissionText({ ...view, lon_lat: null, p: 0.1 }, words.en, "en")).toBe("CH4: source 10 %");
    expect(emissionText({ ...view, declined: "why" }, words.en, "en")).toContain("learning");
  });

  it("has its regions as features", () => {
    expect(regionFeatures(view).map((f) => f.properties?.share)).toEqual([90, 50]);
    expect(regionFeatures({ ...view, region50: [], region90: [] })).toEqual([]);
  });
});

it("cues leave the map after two minutes", () => {
  const cue = { id: "c", kind: "cue", time: "2026-01-01T00:00:00Z", lat: 40, lon: -3 } as EventRecord;
  const at = Date.parse(cue.time) * 1000;
  expect(recentCues([cue, { ...cue, kind: "arrival" }], at + 1e6).map((c) => c.at)).toEqual([[-3, 40]]);
  expect(recentCues([cue], at + 121e6)).toEqual([]);
});
