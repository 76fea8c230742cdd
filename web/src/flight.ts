import type * as maplibre from "maplibre-gl";
import { call, type LonLat } from "./api.ts";

/** A planned flight (`GET /api/v1/flights`). */
export interface FlightView {
  aircraft: string;
  plan: string;
  plan_sha256: string;
  certified: boolean;
  refusal: string | null;
  route: LonLat[];
  orbit: { centre: LonLat; radius_m: number; height_m: number; clockwise: boolean } | null;
  fence: LonLat[][];
  line_of_sight: Record<string, number>;
  fence_margin_m: number | null;
  terrain_margin_m: number | null;
}

export const flights = () => call<FlightView[]>("flights");

/** A circle of so many metres about a place, closed. */
export function circle([lon, lat]: LonLat, radius_m: number): LonLat[] {
  const north = 1 / 111_320;
  const east = north / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  return Array.from({ length: 73 }, (_, i): LonLat => {
    const a = (i * Math.PI) / 36;
    return [lon + Math.sin(a) * radius_m * east, lat + Math.cos(a) * radius_m * north];
  });
}

/** Routes, orbits and fences as lines; what is not certified is marked. */
export function flightFeatures(all: FlightView[]): GeoJSON.Feature[] {
  return all.flatMap((f) => {
    const line = (what: string, coordinates: LonLat[]): GeoJSON.Feature => ({
      type: "Feature",
      properties: { what, certified: f.certified },
      geometry: { type: "LineString", coordinates },
    });
    const closed = (ring: LonLat[]) => (ring[0] ? [...ring, ring[0]] : ring);
    return [
      ...f.fence.map((ring) => line("fence", closed(ring))),
      line("route", f.route),
      ...(f.orbit ? [line("orbit", circle(f.orbit.centre, f.orbit.radius_m))] : []),
    ];
  });
}

/** Planned flights on the map, under the aircraft. */
export class FlightLayer {
  private ready = false;
  private all: FlightView[] = [];
  /** Flights drawn: for tests. */
  drawn = 0;

  constructor(private readonly map: maplibre.Map) {
    map.on("load", () => {
      this.ready = true;
      map.addSource("flight", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      const colour: maplibre.ExpressionSpecification = ["case", ["get", "certified"], "#ffe066", "#ff6b6b"];
      map.addLayer({
        id: "flight",
        type: "line",
        source: "flight",
        filter: ["!=", ["get", "what"], "fence"],
        paint: { "line-color": colour, "line-width": 1.6, "line-opacity": 0.8, "line-dasharray": [3, 2] },
      });
      map.addLayer({
        id: "flight-fence",
        type: "line",
        source: "flight",
        filter: ["==", ["get", "what"], "fence"],
        paint: { "line-color": "#ff9aa6", "line-width": 1.2, "line-opacity": 0.7, "line-dasharray": [1, 2] },
      });
      this.draw();
    });
  }

  show(all: FlightView[]): void {
    if (all === this.all) return;
    this.all = all;
    this.draw();
  }

  private draw(): void {
    if (!this.ready) return;
    this.drawn = this.all.length;
    (this.map.getSource("flight") as maplibre.GeoJSONSource | undefined)?.setData({
      type: "FeatureCollection",
      features: flightFeatures(this.all),
    });
  }
}
