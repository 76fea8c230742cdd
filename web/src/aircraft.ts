import type * as maplibre from "maplibre-gl";
import type { LonLat } from "./api.ts";

/** An aircraft's own word about where it is (`aircraft` of `live/1`). */
export interface AircraftView {
  id: string;
  system: number;
  t_us: number;
  lon_lat: LonLat;
  height_m: number | null;
  heading_deg: number | null;
  battery: number | null;
  armed: boolean | null;
  item: number | null;
}

/** A word this much older than the newest is drawn faintly, microseconds. */
const STALE_US = 10_000_000;

/** Name, height and battery on one line. */
export function aircraftText(a: AircraftView, lang: string): string {
  const parts = [a.id];
  if (a.height_m !== null) parts.push(`${Math.round(a.height_m).toLocaleString(lang)} m`);
  if (a.battery !== null) parts.push(`${Math.round(a.battery * 100)} %`);
  return parts.join(" · ");
}

/** A dart that points where the aircraft heads: corners in metres about it, nose first. */
const DART: [number, number][] = [
  [0, 34],
  [20, -22],
  [0, -10],
  [-20, -22],
];

/** Darts as features; stale ones are marked. */
export function aircraftFeatures(all: AircraftView[]): GeoJSON.Feature[] {
  const newest = Math.max(0, ...all.map((a) => a.t_us));
  return all.map((a) => {
    const heading = ((a.heading_deg ?? 0) * Math.PI) / 180;
    const [lon, lat] = a.lon_lat;
    const north = 1 / 111_320;
    const east = north / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
    const ring = [...DART, DART[0] ?? [0, 0]].map(([x, y]): LonLat => {
      const e = x * Math.cos(heading) + y * Math.sin(heading);
      const n = y * Math.cos(heading) - x * Math.sin(heading);
      return [lon + e * east, lat + n * north];
    });
    return {
      type: "Feature",
      properties: { id: a.id, stale: newest - a.t_us > STALE_US },
      geometry: { type: "Polygon", coordinates: [ring] },
    };
  });
}

/** Aircraft on the map. */
export class AircraftLayer {
  private ready = false;
  private all: AircraftView[] = [];
  /** Aircraft drawn: for tests. */
  drawn = 0;

  constructor(private readonly map: maplibre.Map) {
    map.on("load", () => {
      this.ready = true;
      map.addSource("aircraft", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      map.addLayer({
        id: "aircraft",
        type: "fill",
        source: "aircraft",
        paint: {
          "fill-color": "#ffe066",
          "fill-outline-color": "#201a00",
          "fill-opacity": ["case", ["get", "stale"], 0.35, 0.95],
        },
      });
      this.draw();
    });
  }

  show(all: AircraftView[]): void {
    const same = all.length === this.all.length && all.every((a, i) => a === this.all[i]);
    this.all = all;
    if (!same) this.draw();
  }

  private draw(): void {
    if (!this.ready) return;
    this.drawn = this.all.length;
    (this.map.getSource("aircraft") as maplibre.GeoJSONSource | undefined)?.setData({
      type: "FeatureCollection",
      features: aircraftFeatures(this.all),
    });
  }
}
