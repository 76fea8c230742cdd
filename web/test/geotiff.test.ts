import { fromArrayBuffer, writeArrayBuffer } from "geotiff";
import { describe, expect, it } from "vitest";
import type { LonLat } from "../src/api.ts";
import { onTheMap, UnfitGeoTiff } from "../src/geotiff.ts";
import { fromMercator, mercator, projectionOf } from "../src/projection.ts";

/** A picture of 64 x 64 whose left half is red and whose right half is blue, `size` units wide. */
async function tiff(metadata: Record<string, unknown>) {
  const values = new Uint8Array(64 * 64 * 3);
  for (let i = 0; i < 64 * 64; i++) values[i * 3 + (i % 64 < 32 ? 0 : 2)] = 200;
  const bytes = writeArrayBuffer(values, {
    height: 64,
    width: 64,
    SamplesPerPixel: 3,
    PhotometricInterpretation: 2,
    ...metadata,
  });
  return await fromArrayBuffer((await bytes) as ArrayBuffer);
}

describe("projections", () => {
  it("know UTM", () => {
    // On the central meridian: the meridian's arc to 40 N is 4 429 529.030 m, times 0.9996.
    const utm = projectionOf(32630);
    const [e, n] = utm?.to([-3, 40]) ?? [0, 0];
    expect(e).toBeCloseTo(500_000, 3);
    expect(n).toBeCloseTo(4_429_529.03 * 0.9996, 1);
    // There and back, both hemispheres, out to the zone's edge.
    for (const [code, place] of [
      [32630, [-5.9, 43.1]],
      [32719, [-70.2, -33.4]],
    ] as [number, LonLat][]) {
      const p = projectionOf(code);
      const back = p?.from(p.to(place)) ?? [0, 0];
      expect(back[0]).toBeCloseTo(place[0], 8);
      expect(back[1]).toBeCloseTo(place[1], 8);
    }
  });

  it("know Web Mercator, and that they don't know others", () => {
    expect(mercator([180, 0])[0]).toBeCloseTo(20_037_508.34, 1);
    expect(fromMercator(mercator([-3.5, 40]))[1]).toBeCloseTo(40, 9);
    for (const code of [0, 25830, 32600, 32661, 4258]) expect(projectionOf(code)).toBeNull();
  });
});

describe("a GeoTIFF", () => {
  it("in UTM lies where it says", async () => {
    const utm = projectionOf(32630);
    const [e, n] = utm?.to([-3.5, 40]) ?? [0, 0];
    const picture = await onTheMap(
      await tiff({
        ProjectedCSTypeGeoKey: 32630,
        GTModelTypeGeoKey: 1,
        ModelPixelScale: [10, 10, 0],
        ModelTiepoint: [0, 0, 0, e, n, 0],
      }),
    );
    const [nw, , se] = picture.corners;
    // The upper left corner, but for the meridian's tilt over 640 m.
    expect(Math.abs(nw[0] + 3.5) * 85_000).toBeLessThan(6);
    expect(Math.abs(nw[1] - 40) * 111_000).toBeLessThan(6);
    expect((nw[1] - se[1]) * 111_000).toBeGreaterThan(635);
    const colour = (x: number, y: number) => [...picture.rgba.subarray((y * 64 + x) * 4, (y * 64 + x) * 4 + 4)];
    expect(colour(16, 32)).toEqual([200, 0, 0, 255]);
    expect(colour(48, 32)).toEqual([0, 0, 200, 255]);
  });

  it("in degrees too", async () => {
    const picture = await onTheMap(
      await tiff({
        GeographicTypeGeoKey: 4326,
        GTModelTypeGeoKey: 2,
        ModelPixelScale: [0.001, 0.001, 0],
        ModelTiepoint: [0, 0, 0, -3.5, 40, 0],
      }),
    );
    expect(picture.corners[0][0]).toBeCloseTo(-3.5, 9);
    expect(picture.corners[2][1]).toBeCloseTo(40 - 0.064, 9);
  });

  it("of another kind is refused with its reason", async () => {
    const other = tiff({
      ProjectedCSTypeGeoKey: 25830,
      GTModelTypeGeoKey: 1,
      ModelPixelScale: [10, 10, 0],
      ModelTiepoint: [0, 0, 0, 0, 0, 0],
    });
    await expect(onTheMap(await other)).rejects.toThrow(/EPSG:25830/);
    await expect(onTheMap(await other)).rejects.toBeInstanceOf(UnfitGeoTiff);
  });
});
