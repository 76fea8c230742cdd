import { expect, it as test } from "vitest";
import { type AircraftView, aircraftFeatures, aircraftText } from "../src/aircraft.ts";

const eagle: AircraftView = {
  id: "eagle",
  system: 3,
  t_us: 20_000_000,
  lon_lat: [-3.5, 40],
  height_m: 1234.4,
  heading_deg: 90,
  battery: 0.806,
  armed: true,
  item: 4,
};

test("an aircraft is a dart that points where it heads", () => {
  const [f] = aircraftFeatures([eagle]);
  const ring = (f?.geometry as GeoJSON.Polygon).coordinates[0] ?? [];
  const [nose] = ring;
  // East, at the same latitude.
  expect(nose?.[0]).toBeGreaterThan(-3.5);
  expect(nose?.[1]).toBeCloseTo(40, 7);
  expect(ring[0]).toEqual(ring[ring.length - 1]);
});

test("one that has long said nothing is marked", () => {
  const old = { ...eagle, id: "heron", t_us: 1_000_000 };
  expect(aircraftFeatures([eagle, old]).map((f) => f.properties?.stale)).toEqual([false, true]);
});

test("its line names what is known", () => {
  expect(aircraftText(eagle, "en")).toBe("eagle · 1,234 m · 81 %");
  expect(aircraftText({ ...eagle, height_m: null, battery: null }, "es")).toBe("eagle");
});
