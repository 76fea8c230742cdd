import { describe, expect, it } from "vitest";
import type { LiveFrame, LonLat, Operation } from "../src/api.ts";
import { zonesIn } from "../src/zones.ts";

const frame = (footprint: LonLat[] | null, drawn: LiveFrame["drawn"] = []) =>
  ({
    width: 1000,
    height: 500,
    drawn,
    coverage: { footprint_lon_lat: footprint },
  }) as unknown as LiveFrame;
const operation = (polygon: LonLat[] | null) =>
  ({ zones: [{ id: "z", name: "Yard", polygon, drawn_on: null }] }) as unknown as Operation;

describe("zones in the picture", () => {
  it("lie where the footprint says", () => {
    // Looking straight down, north up: 0.001 degrees across.
    const footprint: LonLat[] = [
      [0, 0.001],
      [0.001, 0.001],
      [0.001, 0],
      [0, 0],
    ];
    const zone: LonLat[] = [
      [0.00025, 0.00075],
      [0.0005, 0.00075],
      [0.0005, 0.0005],
    ];
    const [outline] = zonesIn(frame(footprint), operation(zone));
    expect(outline?.name).toBe("Yard");
    const expected = [
      [250, 125],
      [500, 125],
      [500, 250],
    ];
    for (const [i, [x = 0, y = 0]] of expected.entries()) {
      expect(outline?.points[i]?.[0]).toBeCloseTo(x, 3);
      expect(outline?.points[i]?.[1]).toBeCloseTo(y, 3);
    }
  });

  it("follow the perspective of a slanted view, and stop at the horizon", () => {
    // The far side is four times as wide as the near one.
    const footprint: LonLat[] = [
      [-0.002, 0.003],
      [0.002, 0.003],
      [0.0005, 0],
      [-0.0005, 0],
    ];
    // The diagonals cross where the middle of the picture looks.
    const cross: LonLat = [0, 0.0006];
    const around = (d: number): LonLat[] => [
      [cross[0] - d, cross[1] - d],
      [cross[0] + d, cross[1] - d],
      [cross[0], cross[1] + d],
    ];
    const [outline] = zonesIn(frame(footprint), operation(around(1e-7)));
    expect(outline?.points[0]?.[0]).toBeCloseTo(500, 0);
    expect(outline?.points[0]?.[1]).toBeCloseTo(250, 0);
    // Reaches behind the camera: what is drawn of it is finite.
    const [large] = zonesIn(frame(footprint), operation(around(0.05)));
    expect(large?.points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  });

  it("are those carried along where the video has no position", () => {
    const drawn: LiveFrame["drawn"] = [{ zone: "z", outline: [[1, 2], [3, 4], [5, 6]] }];
    expect(zonesIn(frame(null, drawn), operation(null))).toEqual([
      { name: "Yard", points: [[1, 2], [3, 4], [5, 6]] },
    ]);
    expect(zonesIn(frame(null), operation(null))).toEqual([]);
  });
});
