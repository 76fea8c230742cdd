import { describe, expect, it } from "vitest";
import type { EventKind, EventView } from "../src/api.ts";
import { pieces } from "../src/rules/Editor.tsx";
import { lanes, rowsOf } from "../src/visits.ts";

const event = (kind: EventKind, s: number, who = "7", end?: number): EventView =>
  ({
    run: "r",
    event: {
      id: `${kind}-${who}-${s}`,
      kind,
      zone: "yard",
      subjects: who === "" ? [] : [who],
      time: new Date(s * 1000).toISOString(),
      time_end: end === undefined ? null : new Date(end * 1000).toISOString(),
    },
  }) as unknown as EventView;

describe("visits", () => {
  it("go from coming to leaving, and say what was not seen of it", () => {
    const { visits, marks, hidden } = rowsOf([
      event("delivery", 30),
      event("departure", 40),
      event("arrival", 10),
      event("appeared", 50),
      event("lost", 60),
      event("arrival", 60, "8"),
      event("coverage_gap", 5, "", 9),
      event("departure", 1, "5"),
    ]);
    const said = visits.map((v) => [v.who, v.from / 1e6, v.to === null ? null : v.to / 1e6, v.came, v.left]);
    expect(said).toEqual([
      ["7", 10, 40, true, true],
      ["7", 50, 60, false, false],
      ["8", 60, null, true, false],
    ]);
    expect(marks.map((m) => [m.kind, m.at])).toEqual([["delivery", 30e6]]);
    expect(hidden.map((h) => [h.from, h.to])).toEqual([[5e6, 9e6]]);
  });

  it("that overlap stand in lanes, at most so many", () => {
    const { visits } = rowsOf([
      event("arrival", 0, "a"),
      event("departure", 10, "a"),
      event("arrival", 5, "b"),
      event("arrival", 6, "c"),
      event("arrival", 12, "d"),
    ]);
    expect([...lanes(visits, 2).values()]).toEqual([0, 1, 1, 0]);
  });
});

describe("the editor", () => {
  it("marks the faulty words and nothing else", () => {
    const text = "a\nwhere = 'ñ😀 clas'\nid";
    const faults = [
      { line: 3, column: 1, length: 2, what: "" },
      { line: 2, column: 13, length: 4, what: "" },
      // Overlaps the one before: shown once.
      { line: 2, column: 14, length: 1, what: "" },
    ];
    const found = pieces(text, faults);
    expect(found.filter((p) => p.bad).map((p) => p.text)).toEqual(["clas", "id"]);
    expect(found.map((p) => p.text).join("")).toBe(text);
  });
});
