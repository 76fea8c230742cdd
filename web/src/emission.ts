import type * as maplibre from "maplibre-gl";
import type { EventRecord, LonLat } from "./api.ts";
import { parseTime } from "./api.ts";
import type { Lang, Words } from "./i18n.ts";
import { fill } from "./i18n.ts";

/** The latest estimate of a gas feed (`emission` of `live/1`, `GET /api/v1/emission`). */
export interface EmissionView {
  run: string;
  feed: string;
  t_us: number;
  since_us: number;
  gas: string;
  samples: number;
  declined: string | null;
  /** Probability that there is a source. */
  p: number;
  lon_lat: LonLat | null;
  /** kg/h: 5 %, 50 %, 95 %. */
  rate_kg_h: [number, number, number];
  /** North-west, north-east, south-east, south-west. */
  corners: [LonLat, LonLat, LonLat, LonLat];
  columns: number;
  rows: number;
  /** A byte for each square in base 64, north-west first. */
  heat: string;
  region50: LonLat[][][];
  region90: LonLat[][][];
}

/** Nothing over yellow and red to dark: red, green, blue, opacity. */
type Rgba = [number, number, number, number];
const CLEAR: Rgba = [255, 237, 160, 0];
const RAMP: Rgba[] = [
  CLEAR,
  [254, 217, 118, 110],
  [253, 141, 60, 170],
  [227, 26, 28, 205],
  [128, 0, 38, 230],
];

/** The colour of a square whose probability is `share` (0 to 1) of the likeliest's. */
export function heatColour(share: number): Rgba {
  const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const i = Math.min(Math.floor(at), RAMP.length - 2);
  const [a, b] = [RAMP[i] ?? CLEAR, RAMP[i + 1] ?? CLEAR];
  const mix = (k: 0 | 1 | 2 | 3) => Math.round(a[k] + (b[k] - a[k]) * (at - i));
  return [mix(0), mix(1), mix(2), mix(3)];
}

/** The heat as pixels, one a square, north-west first; null when it does not fit its own size. */
export function heatPixels(view: EmissionView): Uint8ClampedArray<ArrayBuffer> | null {
  let bytes: string;
  try {
    bytes = atob(view.heat);
  } catch {
    return null;
  }
  const n = view.columns * view.rows;
  if (n === 0 || bytes.length !== n) return null;
  const pixels = new Uint8ClampedArray(4 * n);
  for (let i = 0; i < n; i++) pixels.set(heatColour(bytes.charCodeAt(i) / 255), 4 * i);
  return pixels;
}

/** The regions as features; `share` is 50 or 90. */
export function regionFeatures(view: EmissionView): GeoJSON.Feature[] {
  const of = (coordinates: LonLat[][][], share: number): GeoJSON.Feature[] =>
    coordinates.length === 0
      ? []
      : [{ type: "Feature", properties: { share }, geometry: { type: "MultiPolygon", coordinates } }];
  return [...of(view.region90, 90), ...of(view.region50, 50)];
}

/** One line for the legend: gas, probability, rate with its interval. */
export function emissionText(view: EmissionView, words: Words, lang: Lang): string {
  const gas = view.gas.toUpperCase();
  if (view.declined !== null) return fill(words.gasLearning, { gas });
  const number = (v: number) => v.toLocaleString(lang, { maximumSignificantDigits: 2 });
  const p = Math.round(view.p * 100);
  if (view.lon_lat === null) return fill(words.gasNone, { gas, p });
  const [lo, mid, hi] = view.rate_kg_h;
  return fill(words.gasSource, { gas, p, rate: number(mid), lo: number(lo), hi: number(hi) });
}

/** How long a ground sensor's cue stays on the map, microseconds of event time. */
const CUE_US = 120_000_000;

/** Where ground sensors have lately asked for a look, newest first. */
export function recentCues(events: EventRecord[], now: number): { id: string; at: LonLat; age_us: number }[] {
  return events.flatMap((e) => {
    const age_us = now - parseTime(e.time);
    const fresh = e.kind === "cue" && e.lat !== null && e.lon !== null && age_us < CUE_US;
    return fresh && e.lat !== null && e.lon !== null ? [{ id: e.id, at: [e.lon, e.lat], age_us }] : [];
  });
}

/** Heat, regions and cues on the map. */
export class EmissionLayer {
  private visible = true;
  private view: EmissionView | null = null;
  private cues: ReturnType<typeof recentCues> = [];
  private ready = false;
  private readonly canvas = document.createElement("canvas");
  /** Estimates drawn: for tests. */
  drawn = 0;

  constructor(private readonly map: maplibre.Map) {
    map.on("load", () => {
      this.ready = true;
      this.addLayers();
      this.draw();
    });
  }

  show(view: EmissionView | null, visible: boolean): void {
    if (view === this.view && visible === this.visible) return;
    this.view = view;
    this.visible = visible;
    this.draw();
  }

  showCues(cues: ReturnType<typeof recentCues>): void {
    const same = cues.length === this.cues.length && cues.every((c, i) => c.id === this.cues[i]?.id);
    this.cues = cues;
    if (!same) this.drawCues();
  }

  private addLayers(): void {
    const empty: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
    this.map.addSource("emission-regions", { type: "geojson", data: empty });
    this.map.addSource("cues", { type: "geojson", data: empty });
    this.map.addLayer({
      id: "emission-regions",
      type: "line",
      source: "emission-regions",
      paint: {
        "line-color": ["case", ["==", ["get", "share"], 50], "#ffffff", "#ffb3a0"],
        "line-width": ["case", ["==", ["get", "share"], 50], 1.6, 1.1],
      },
    });
    this.map.addLayer({
      id: "cues",
      type: "circle",
      source: "cues",
      paint: {
        "circle-radius": 11,
        "circle-color": "rgba(120, 200, 255, 0.25)",
        "circle-stroke-color": "#78c8ff",
        "circle-stroke-width": 2.5,
      },
    });
  }

  private draw(): void {
    if (!this.ready) return;
    const view = this.visible ? this.view : null;
    const pixels = view ? heatPixels(view) : null;
    (this.map.getSource("emission-regions") as maplibre.GeoJSONSource | undefined)?.setData({
      type: "FeatureCollection",
      features: view ? regionFeatures(view) : [],
    });
    if (this.map.getLayer("emission-heat")) this.map.removeLayer("emission-heat");
    if (this.map.getSource("emission-heat")) this.map.removeSource("emission-heat");
    if (view && pixels && view.declined === null) {
      this.canvas.width = view.columns;
      this.canvas.height = view.rows;
      const image = new ImageData(pixels, view.columns, view.rows);
      this.canvas.getContext("2d")?.putImageData(image, 0, 0);
      this.map.addSource("emission-heat", {
        type: "canvas",
        canvas: this.canvas,
        coordinates: view.corners,
        animate: false,
      });
      // Where hardly anything speaks for a source, its map is shown faintly.
      const opacity = 0.25 + 0.6 * view.p;
      this.map.addLayer(
        {
          id: "emission-heat",
          type: "raster",
          source: "emission-heat",
          paint: { "raster-opacity": opacity, "raster-fade-duration": 0, "raster-resampling": "nearest" },
        },
        "emission-regions",
      );
      this.drawn++;
    }
    this.drawCues();
  }

  private drawCues(): void {
    if (!this.ready) return;
    (this.map.getSource("cues") as maplibre.GeoJSONSource | undefined)?.setData({
      type: "FeatureCollection",
      features: this.cues.map((c) => ({
        type: "Feature",
        properties: {},
        geometry: { type: "Point", coordinates: c.at },
      })),
    });
  }
}
