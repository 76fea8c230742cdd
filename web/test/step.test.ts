import { describe, expect, it } from "vitest";
import type { LiveFrame, Point } from "../src/api.ts";
import { PATIENCE_MS, Stepper } from "../src/step.ts";

const STEP = 6000;

const point = (track: string, x: number): Point => ({
  track,
  t_us: 0,
  frame: 0,
  state: "seen",
  box: { x, y: 0, w: 10, h: 10 },
  ground: null,
  class: "truck",
  class_p: 1,
  p: 1,
});

const frame = (n: number, tracks: Point[] = []): LiveFrame => ({
  type: "frame",
  run: "r",
  feed: "eo",
  frame: n,
  t_us: n,
  pts_90k: n * STEP,
  width: 10,
  height: 10,
  coverage: { frame: n, footprint: null, footprint_lon_lat: null, sensor: null, tracking: true },
  masked: null,
  drawn: [],
  tracks,
});

const picture = (n: number) => ({ pts: n * STEP, key: n % 15 === 0 });
const numbers = (list: { pts: number }[]) => list.map((p) => p.pts / STEP);

describe("pictures and their analyses", () => {
  it("wait for each other, and boxes are those of the very frame", () => {
    const s = new Stepper<{ pts: number; key: boolean }>();
    for (let n = 0; n < 4; n++) s.addPicture(picture(n), n * 66);
    expect(s.release(200)).toEqual([]);
    s.addAnalysis(frame(0, [point("A1", 5)]), 210);
    s.addAnalysis(frame(1, [point("A1", 7)]), 220);
    expect(numbers(s.release(220))).toEqual([0, 1]);
    expect(s.overlay(STEP)).toMatchObject({ kind: "exact", points: [{ box: { x: 7 } }] });
    expect(s.waits).toBe(2);
  });

  it("go on without boxes when the analysis is late, and say so", () => {
    const s = new Stepper<{ pts: number; key: boolean }>();
    s.addPicture(picture(0), 0);
    s.addPicture(picture(1), 66);
    expect(s.release(PATIENCE_MS - 1)).toEqual([]);
    expect(numbers(s.release(PATIENCE_MS + 66))).toEqual([0, 1]);
    expect(s.overlay(0)).toEqual({ kind: "late", points: [], frame: null });
    expect(s.isLate(PATIENCE_MS)).toBe(true);
    s.addAnalysis(frame(1), 2000);
    expect(s.isLate(2000)).toBe(false);
  });

  it("between two analysed frames boxes are between, for tracks that both have", () => {
    const s = new Stepper<{ pts: number; key: boolean }>();
    s.addAnalysis(frame(0, [point("A1", 0), point("A2", 0)]), 0);
    s.addAnalysis(frame(3, [point("A1", 30)]), 1);
    const o = s.overlay(STEP);
    expect(o.kind).toBe("between");
    expect(o.points.map((p) => [p.track, p.box.x])).toEqual([["A1", 10]]);
    // Not across a second and more without analysis: that would be guessing.
    s.addAnalysis(frame(100, [point("A1", 0)]), 2);
    expect(s.overlay(50 * STEP).kind).toBe("late");
  });

  it("decoding order is kept when pictures are presented in another one", () => {
    const s = new Stepper<{ pts: number; key: boolean }>();
    for (const n of [0, 3, 1, 2]) s.addPicture(picture(n), 0);
    s.addAnalysis(frame(2), 0);
    expect(numbers(s.release(1))).toEqual([0]);
    s.addAnalysis(frame(3), 0);
    expect(numbers(s.release(1))).toEqual([3, 1, 2]);
  });

  it("a new run with earlier times does not wait for the old one's", () => {
    const s = new Stepper<{ pts: number; key: boolean }>();
    s.addPicture(picture(1000), 0);
    s.addAnalysis(frame(1000, [point("A1", 1)]), 0);
    expect(numbers(s.release(0))).toEqual([1000]);
    s.addAnalysis(frame(0, [point("A1", 2)]), 1);
    s.addPicture(picture(0), 1);
    s.addPicture(picture(1), 1);
    expect(numbers(s.release(2))).toEqual([0]);
    expect(s.overlay(1000 * STEP).kind).toBe("late");
  });
});
