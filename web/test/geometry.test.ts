import { describe, expect, it } from "vitest";
import type { LonLat } from "../src/api.ts";
import { boundsOf, course, ellipse90, ellipseOutline, metresPerDegree, middle } from "../src/geometry.ts";

describe("ellipses", () => {
  it("hold 90 %: 2.146 sigma, along the axes of the covariance", () => {
    const e = ellipse90([9, 0, 0, 1]);
    expect(e.a).toBeCloseTo(3 * 2.146, 6);
    expect(e.b).toBeCloseTo(2.146, 6);
    expect(e.angle).toBeCloseTo(0, 9);
    const turned = ellipse90([5, 4, 4, 5]);
    expect(turned.angle).toBeCloseTo(Math.PI / 4, 9);
    expect(turned.a).toBeCloseTo(3 * 2.146, 6);
    // Rounding may make a flat one a little negative: it stays a number.
    expect(ellipse90([1, 1, 1, 1 - 1e-12]).b).toBeGreaterThanOrEqual(0);
  });

  it("are outlined in metres on the ground", () => {
    const g = { lat: 40, lon: -3.5, cov: [4, 0, 0, 4] as [number, number, number, number], ve: 0, vn: 0 };
    const outline = ellipseOutline(g, 36);
    expect(outline).toHaveLength(37);
    expect(outline[0]).toEqual(outline[36]);
    const scale = metresPerDegree(40);
    for (const [lon, lat] of outline) {
      const r = Math.hypot((lon + 3.5) * scale.lon, (lat - 40) * scale.lat);
      expect(r).toBeCloseTo(2 * 2.146, 6);
    }
  });
});

describe("the earth", () => {
  it("has the radii of curvature of WGS84", () => {
    // NGA.STND.0036: a degree of latitude is 110.574 km at the equator and 111.694 km at the pole.
    expect(metresPerDegree(0).lat).toBeCloseTo(110_574.28, 0);
    expect(metresPerDegree(90).lat).toBeCloseTo(111_693.98, 0);
    expect(metresPerDegree(0).lon).toBeCloseTo(111_319.49, 0);
  });

  it("course, bounds and middle", () => {
    expect(course([0, 0], [0, 1])).toBeCloseTo(0);
    expect(course([0, 0], [1, 0])).toBeCloseTo(Math.PI / 2);
    expect(course([0, 0], [0, 0])).toBeNull();
    const ring: LonLat[] = [
      [1, 2],
      [3, 2],
      [3, 6],
      [1, 6],
    ];
    expect(boundsOf(ring)).toEqual([
      [1, 2],
      [3, 6],
    ]);
    expect(boundsOf([])).toBeNull();
    expect(middle(ring)).toEqual([2, 4]);
  });
});
