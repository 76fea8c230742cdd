import * as maplibre from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { PMTiles, Protocol } from "pmtiles";
import { feature } from "topojson-client";
import type { Topology } from "topojson-specification";
import world from "world-atlas/land-110m.json";
import type { LiveFrame, LonLat, Operation } from "./api.ts";
import { CLASS_COLOURS } from "./draw.ts";
import { AircraftLayer } from "./aircraft.ts";
import { EmissionLayer } from "./emission.ts";
import { circle, FlightLayer, type FlightView } from "./flight.ts";
import { openGeoTiff } from "./geotiff.ts";
import { boundsOf, course, ellipseOutline, middle } from "./geometry.ts";
import type { Tail } from "./session.ts";

// Under Vite the worker is a file of its own; without this the map stays blank.
maplibre.setWorkerUrl(workerUrl);

const tiles = new Protocol();
maplibre.addProtocol("pmtiles", tiles.tile);

type Features = GeoJSON.FeatureCollection;
const none: Features = { type: "FeatureCollection", features: [] };

const polygon = (ring: LonLat[], properties: Record<string, unknown> = {}): GeoJSON.Feature => ({
  type: "Feature",
  properties,
  geometry: { type: "Polygon", coordinates: [ring[0] ? [...ring, ring[0]] : []] },
});

/** Words on the map, drawn by ourselves: no fonts are fetched from anywhere. */
export interface MapWords {
  noLook: string;
  aircraft: string;
}

/** Least presentation time between two draped pictures, 90 kHz ticks. */
const DRAPE_TICKS = 27_000;

/** What the map shows; imperative, because it changes with every frame. */
export class MapView {
  readonly map: maplibre.Map;
  readonly emission: EmissionLayer;
  readonly flight: FlightLayer;
  readonly aircraft: AircraftLayer;
  follow = false;
  drape = true;
  selected: string | null = null;
  words: MapWords;
  onTrack: (name: string | null) => void = () => {};
  /** Takes the next clicks in place of [`onTrack`]: a place is asked for. */
  onPlace: ((at: LonLat) => void) | null = null;
  /** Called when the user moves the map by hand. */
  onMoved: () => void = () => {};
  /** Frames drawn, and what was draped last: for tests. */
  drawn = { frames: 0, drapedPts: null as number | null };
  private ready = false;
  private fitted = false;
  private tails: Map<string, Tail> = new Map();
  private frame: LiveFrame | null = null;
  private heading = new Map<string, { at: LonLat; course: number }>();
  private alertAt: LonLat | null = null;
  private readonly labels: HTMLCanvasElement;
  private readonly observer: ResizeObserver;
  private readonly place = new maplibre.Marker({ color: "#ffe066", scale: 0.7 });

  constructor(
    container: HTMLElement,
    private readonly operation: Operation,
    private readonly video: HTMLCanvasElement,
    words: MapWords,
  ) {
    this.words = words;
    this.map = new maplibre.Map({
      container,
      style: this.style(),
      bounds: this.siteBounds(),
      fitBoundsOptions: { padding: 30 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 21,
      // So that a test can read what was drawn.
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    this.emission = new EmissionLayer(this.map);
    this.flight = new FlightLayer(this.map);
    this.aircraft = new AircraftLayer(this.map);
    this.map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-left");
    this.map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
    this.labels = document.createElement("canvas");
    this.labels.className = "map-labels";
    container.append(this.labels);
    this.map.on("load", () => {
      this.ready = true;
      this.update();
    });
    this.map.on("render", () => {
      this.drawn.frames++;
      this.drawLabels();
    });
    this.map.on("click", (e) => {
      if (this.onPlace) this.onPlace([e.lngLat.lng, e.lngLat.lat]);
      else this.onTrack(this.trackAt(e.point.x, e.point.y));
    });
    this.map.on("dragstart", () => this.onMoved());
    this.observer = new ResizeObserver(() => this.map.resize());
    this.observer.observe(container);
  }

  /** Marks a place that was asked for. */
  showPlace(at: LonLat | null): void {
    if (at) this.place.setLngLat(at).addTo(this.map);
    else this.place.remove();
  }

  close(): void {
    this.observer.disconnect();
    this.labels.remove();
    this.map.remove();
  }

  /** Shows the site whole, or these flights with it. */
  fit(planned: FlightView[]): void {
    const flown = planned.flatMap((f) => [...f.route, ...(f.orbit ? circle(f.orbit.centre, f.orbit.radius_m) : [])]);
    const site = planned.length > 0 ? this.operation.zones.flatMap((z) => z.polygon ?? []) : [];
    const bounds = boundsOf([...flown, ...site]) ?? this.siteBounds();
    this.map.fitBounds(bounds, { padding: 24, duration: 300 });
  }

  private siteBounds(): maplibre.LngLatBoundsLike {
    const zones = this.operation.zones.flatMap((z) => z.polygon ?? []);
    const box = boundsOf(zones) ?? boundsOf(this.operation.authority.area);
    if (!box)
      return [
        [-180, -60],
        [180, 75],
      ];
    // The picture's footprint too, and the aircraft when it is about as near.
    const seen = [...zones, ...(this.frame?.coverage.footprint_lon_lat ?? [])];
    const near = boundsOf(seen) ?? box;
    const sensor = this.frame?.coverage.sensor;
    const all = sensor ? boundsOf([...near, [sensor[0], sensor[1]]]) : null;
    const size = (b: [LonLat, LonLat]) => Math.max(b[1][0] - b[0][0], b[1][1] - b[0][1]);
    // The ground matters more than the aircraft: it is seen too only where it costs little.
    return all && size(all) < 1.25 * size(near) ? all : near;
  }

  private style(): maplibre.StyleSpecification {
    const { zones, authority } = this.operation;
    const topology = world as unknown as Topology;
    const landObject = topology.objects.land;
    const land = landObject ? (feature(topology, landObject) as unknown as Features) : none;
    const geo = (data: Features | GeoJSON.Feature): maplibre.GeoJSONSourceSpecification => ({
      type: "geojson",
      data,
    });
    const zoneFeatures = zones.flatMap((z) => (z.polygon ? [polygon(z.polygon)] : []));
    const noLook = authority.no_look.map((n) => polygon(n.polygon));
    return {
      version: 8,
      sources: {
        land: geo(land),
        area: geo(polygon(authority.area)),
        zones: geo({ type: "FeatureCollection", features: zoneFeatures }),
        nolook: geo({ type: "FeatureCollection", features: noLook }),
        footprint: geo(none),
        tails: geo(none),
        ellipses: geo(none),
        alert: geo(none),
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#0b1217" } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": "#18222a" } },
        { id: "shore", type: "line", source: "land", paint: { "line-color": "#2c3c47", "line-width": 1 } },
        {
          id: "area",
          type: "line",
          source: "area",
          paint: { "line-color": "#7fd1c7", "line-width": 1.2, "line-dasharray": [4, 3] },
        },
        {
          id: "footprint-fill",
          type: "fill",
          source: "footprint",
          paint: { "fill-color": "#8fb3c9", "fill-opacity": 0.06 },
        },
        {
          id: "footprint",
          type: "line",
          source: "footprint",
          paint: { "line-color": "#a9c4d4", "line-width": 1.2 },
        },
        {
          id: "zones-fill",
          type: "fill",
          source: "zones",
          paint: { "fill-color": "#e8c468", "fill-opacity": 0.08 },
        },
        { id: "zones", type: "line", source: "zones", paint: { "line-color": "#e8c468", "line-width": 1.4 } },
        {
          id: "nolook-fill",
          type: "fill",
          source: "nolook",
          paint: { "fill-color": "#d0485a", "fill-opacity": 0.28 },
        },
        {
          id: "nolook",
          type: "line",
          source: "nolook",
          paint: { "line-color": "#ff6b7d", "line-width": 1.6 },
        },
        {
          id: "tails",
          type: "line",
          source: "tails",
          layout: { "line-cap": "round", "line-join": "round" },
          paint: { "line-color": ["get", "colour"], "line-width": 2, "line-opacity": 0.75 },
        },
        {
          id: "ellipses-fill",
          type: "fill",
          source: "ellipses",
          paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.1 },
        },
        {
          id: "ellipses",
          type: "line",
          source: "ellipses",
          paint: { "line-color": ["get", "colour"], "line-width": ["get", "width"] },
        },
        {
          id: "alert",
          type: "circle",
          source: "alert",
          paint: {
            "circle-radius": 14,
            "circle-color": "rgba(0,0,0,0)",
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 2,
          },
        },
      ],
    };
  }

  /** The operator's own background, from this server; null takes it away. */
  async setBackground(name: string | null): Promise<void> {
    if (!this.ready) await new Promise((done) => this.map.once("load", done));
    for (const layer of this.map.getStyle().layers) {
      if (layer.id.startsWith("own-")) this.map.removeLayer(layer.id);
    }
    if (this.map.getSource("own")) this.map.removeSource("own");
    if (!name) return;
    const url = `${location.origin}/background/${encodeURIComponent(name)}`;
    if (/\.tiff?$/i.test(name)) {
      const { width, height, rgba, corners } = await openGeoTiff(url);
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
      this.map.addSource("own", { type: "canvas", canvas, coordinates: corners, animate: false });
      this.map.addLayer(
        { id: "own-raster", type: "raster", source: "own", paint: { "raster-fade-duration": 0 } },
        "area",
      );
      return;
    }
    const archive = new PMTiles(url);
    tiles.add(archive);
    const header = await archive.getHeader();
    // 1 is vector (MVT); the others are pictures.
    if (header.tileType !== 1) {
      this.map.addSource("own", { type: "raster", url: `pmtiles://${url}`, tileSize: 256 });
      this.map.addLayer({ id: "own-raster", type: "raster", source: "own" }, "area");
      return;
    }
    this.map.addSource("own", { type: "vector", url: `pmtiles://${url}` });
    const meta = (await archive.getMetadata()) as { vector_layers?: { id: string }[] };
    for (const { id } of meta.vector_layers ?? []) {
      const source = { source: "own", "source-layer": id } as const;
      this.map.addLayer(
        {
          id: `own-fill-${id}`,
          type: "fill",
          ...source,
          filter: ["==", "$type", "Polygon"],
          paint: { "fill-color": "#22313b", "fill-opacity": 0.6 },
        },
        "area",
      );
      this.map.addLayer(
        {
          id: `own-line-${id}`,
          type: "line",
          ...source,
          filter: ["==", "$type", "LineString"],
          paint: { "line-color": "#5b7382", "line-width": 1 },
        },
        "area",
      );
    }
  }

  showAlert(at: LonLat | null, go: boolean): void {
    this.alertAt = at;
    if (at && go) this.map.easeTo({ center: at, zoom: Math.max(this.map.getZoom(), 17), duration: 400 });
    this.update();
  }

  /** The picture on the canvas is now the one of `frame`. */
  showPicture(frame: LiveFrame): void {
    const corners = frame.coverage.footprint_lon_lat;
    this.frame = frame;
    if (!this.ready) return;
    if (corners?.length !== 4 || !this.drape) {
      this.removeDrape();
      return;
    }
    // Moving the picture onto the map costs more than all else on the page: three times a second
    // is enough to read the ground by; tracks move with every picture.
    const last = this.drawn.drapedPts;
    if (last !== null && Math.abs(frame.pts_90k - last) < DRAPE_TICKS) return;
    const coordinates = corners as [LonLat, LonLat, LonLat, LonLat];
    const source = this.map.getSource("drape") as maplibre.CanvasSource | undefined;
    if (source) {
      source.setCoordinates(coordinates);
      // The canvas is read once for each picture, not for each frame of the screen.
      source.play();
      source.pause();
    } else {
      this.map.addSource("drape", { type: "canvas", canvas: this.video, coordinates, animate: false });
      (this.map.getSource("drape") as maplibre.CanvasSource).setWarp?.("perspective");
      this.map.addLayer(
        {
          id: "drape",
          type: "raster",
          source: "drape",
          paint: { "raster-opacity": 0.85, "raster-fade-duration": 0 },
        },
        "footprint-fill",
      );
    }
    this.drawn.drapedPts = frame.pts_90k;
    this.map.triggerRepaint();
  }

  private removeDrape(): void {
    if (this.map.getLayer("drape")) this.map.removeLayer("drape");
    if (this.map.getSource("drape")) this.map.removeSource("drape");
    this.drawn.drapedPts = null;
  }

  /** What is known now about tracks and sensor. */
  show(frame: LiveFrame, tails: Map<string, Tail>): void {
    this.frame = frame;
    // As they were at this moment, though more may be known by now.
    const here = new Map(frame.tracks.map((p) => [p.track, p]));
    this.tails = new Map();
    for (const [name, tail] of tails) {
      const at = here.get(name);
      const last = at ?? tail.points.findLast((p) => p.t_us <= frame.t_us);
      if (!last) continue;
      this.tails.set(name, { ...tail, last, points: tail.points.filter((p) => p.t_us <= frame.t_us) });
    }
    if (!this.fitted && this.ready && frame.coverage.footprint_lon_lat) {
      this.fitted = true;
      this.fit([]);
    }
    const sensor = frame.coverage.sensor;
    if (sensor) {
      const at: LonLat = [sensor[0], sensor[1]];
      const before = this.heading.get(frame.feed);
      const turned = before ? course(before.at, at) : null;
      if (!before || turned !== null) {
        this.heading.set(frame.feed, { at, course: turned ?? before?.course ?? 0 });
      }
    }
    this.update();
  }

  update(): void {
    if (!this.ready) return;
    const set = (id: string, features: GeoJSON.Feature[]) => {
      (this.map.getSource(id) as maplibre.GeoJSONSource | undefined)?.setData({
        type: "FeatureCollection",
        features,
      });
    };
    const corners = this.frame?.coverage.footprint_lon_lat;
    set("footprint", corners ? [polygon(corners)] : []);
    const tails: GeoJSON.Feature[] = [];
    const ellipses: GeoJSON.Feature[] = [];
    for (const tail of this.tails.values()) {
      const g = tail.last.ground;
      if (!g) continue;
      const colour = CLASS_COLOURS[tail.last.class] ?? CLASS_COLOURS.unknown;
      const coordinates = tail.points.flatMap((p) => (p.ground ? [[p.ground.lon, p.ground.lat]] : []));
      if (coordinates.length > 1) {
        tails.push({
          type: "Feature",
          properties: { colour },
          geometry: { type: "LineString", coordinates },
        });
      }
      const width = tail.last.track === this.selected ? 2.5 : 1.2;
      ellipses.push(polygon(ellipseOutline(g), { colour, width }));
    }
    set("tails", tails);
    set("ellipses", ellipses);
    const point = this.alertAt;
    set(
      "alert",
      point ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: point } }] : [],
    );
    if (this.follow && corners) this.map.jumpTo({ center: middle(corners) });
    this.map.triggerRepaint();
  }

  private trackAt(x: number, y: number): string | null {
    let best: { name: string; d: number } | null = null;
    for (const [name, tail] of this.tails) {
      const g = tail.last.ground;
      if (!g) continue;
      const at = this.map.project([g.lon, g.lat]);
      const d = Math.hypot(at.x - x, at.y - y);
      if (d < 18 && (!best || d < best.d)) best = { name, d };
    }
    return best?.name ?? null;
  }

  /** Names, aircraft and positions, on a canvas above the map. */
  private drawLabels(): void {
    const { clientWidth: w, clientHeight: h } = this.map.getContainer();
    const ratio = window.devicePixelRatio || 1;
    if (this.labels.width !== Math.round(w * ratio) || this.labels.height !== Math.round(h * ratio)) {
      this.labels.width = Math.round(w * ratio);
      this.labels.height = Math.round(h * ratio);
    }
    const c = this.labels.getContext("2d");
    if (!c) return;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, w, h);
    const text = (words: string, x: number, y: number, colour: string, align: CanvasTextAlign = "center") => {
      c.font = "600 12px ui-sans-serif, system-ui, sans-serif";
      c.textAlign = align;
      c.textBaseline = "middle";
      c.lineWidth = 3;
      c.strokeStyle = "rgba(8,13,17,.85)";
      c.strokeText(words, x, y);
      c.fillStyle = colour;
      c.fillText(words, x, y);
    };
    for (const z of this.operation.zones) {
      if (!z.polygon) continue;
      const box = boundsOf(z.polygon);
      if (!box) continue;
      const west = this.map.project([box[0][0], box[1][1]]);
      const east = this.map.project(box[1]);
      // A name much wider than its zone would lie on its neighbours': it comes when one looks closer.
      c.font = "600 12px ui-sans-serif, system-ui, sans-serif";
      if (c.measureText(z.name).width > 2 * Math.abs(east.x - west.x)) continue;
      text(z.name, (west.x + east.x) / 2, west.y - 9, "#f1d48a");
    }
    for (const n of this.operation.authority.no_look) {
      const at = this.map.project(middle(n.polygon));
      text(this.words.noLook, at.x, at.y - 7, "#ff9aa6");
      text(n.name, at.x, at.y + 7, "#ff9aa6");
    }
    for (const [name, tail] of this.tails) {
      const p = tail.last;
      if (!p.ground) continue;
      const at = this.map.project([p.ground.lon, p.ground.lat]);
      const colour = CLASS_COLOURS[p.class] ?? CLASS_COLOURS.unknown;
      const seen = p.state === "seen" || p.state === "stopped";
      c.beginPath();
      if (p.state === "stopped") c.rect(at.x - 4, at.y - 4, 8, 8);
      else c.arc(at.x, at.y, 4, 0, 2 * Math.PI);
      c.lineWidth = 2;
      c.strokeStyle = colour;
      c.fillStyle = seen ? colour : "rgba(8,13,17,.9)";
      c.fill();
      c.stroke();
      text(name, at.x + 9, at.y - 9, name === this.selected ? "#ffffff" : colour, "left");
    }
    for (const [feed, { at: place, course: angle }] of this.heading) {
      const at = this.map.project(place);
      c.save();
      c.translate(at.x, at.y);
      c.rotate(angle);
      c.beginPath();
      c.moveTo(0, -12);
      c.lineTo(8, 9);
      c.lineTo(0, 4);
      c.lineTo(-8, 9);
      c.closePath();
      c.fillStyle = "#e9f3f7";
      c.strokeStyle = "#081014";
      c.lineWidth = 2;
      c.stroke();
      c.fill();
      c.restore();
      text(`${this.words.aircraft} ${feed}`, at.x, at.y + 20, "#e9f3f7");
    }
  }
}
