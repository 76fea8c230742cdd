import type { LonLat } from "./api.ts";

const RADIANS = Math.PI / 180;
/** Radius of Web Mercator's sphere, metres. */
const R = 6_378_137;

/** Web Mercator (EPSG:3857), metres. */
export function mercator([lon, lat]: LonLat): [number, number] {
  return [R * lon * RADIANS, R * Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2))];
}

export function fromMercator([x, y]: [number, number]): LonLat {
  return [x / R / RADIANS, (2 * Math.atan(Math.exp(y / R)) - Math.PI / 2) / RADIANS];
}

// Transverse Mercator on WGS84 by Krüger's series in the third flattening, to its third power
// (Karney 2011, J. Geodesy 85): below a millimetre within a zone.
const F = 1 / 298.257223563;
const N = F / (2 - F);
const A = (R / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3,
  (61 / 240) * N ** 3,
];
const BETA = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3,
  (17 / 480) * N ** 3,
];
const DELTA = [
  2 * N - (2 / 3) * N ** 2 - 2 * N ** 3,
  (7 / 3) * N ** 2 - (8 / 5) * N ** 3,
  (56 / 15) * N ** 3,
];
const SCALE = 0.9996;

function toUtm([lon, lat]: LonLat, zone: number, south: boolean): [number, number] {
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const phi = Math.sin(lat * RADIANS);
  const t = Math.sinh(Math.atanh(phi) - e * Math.atanh(e * phi));
  const dl = (lon - (6 * zone - 183)) * RADIANS;
  const xi = Math.atan2(t, Math.cos(dl));
  const eta = Math.atanh(Math.sin(dl) / Math.sqrt(1 + t * t));
  let [u, v] = [xi, eta];
  for (const [i, a] of ALPHA.entries()) {
    const k = 2 * (i + 1);
    u += a * Math.sin(k * xi) * Math.cosh(k * eta);
    v += a * Math.cos(k * xi) * Math.sinh(k * eta);
  }
  return [500_000 + SCALE * A * v, (south ? 10_000_000 : 0) + SCALE * A * u];
}

function fromUtm([x, y]: [number, number], zone: number, south: boolean): LonLat {
  const xi = (y - (south ? 10_000_000 : 0)) / (SCALE * A);
  const eta = (x - 500_000) / (SCALE * A);
  let [u, v] = [xi, eta];
  for (const [i, b] of BETA.entries()) {
    const k = 2 * (i + 1);
    u -= b * Math.sin(k * xi) * Math.cosh(k * eta);
    v -= b * Math.cos(k * xi) * Math.sinh(k * eta);
  }
  const chi = Math.asin(Math.sin(u) / Math.cosh(v));
  let lat = chi;
  for (const [i, d] of DELTA.entries()) lat += d * Math.sin(2 * (i + 1) * chi);
  return [6 * zone - 183 + Math.atan2(Math.sinh(v), Math.cos(u)) / RADIANS, lat / RADIANS];
}

/** From a coordinate system's own numbers to degrees and back. */
export interface Projection {
  to: (place: LonLat) => [number, number];
  from: (xy: [number, number]) => LonLat;
}

/** The projection of an EPSG code: 4326, 3857, or WGS84 / UTM (326zz, 327zz); null for any other. */
export function projectionOf(code: number): Projection | null {
  if (code === 4326) return { to: (p) => [p[0], p[1]], from: (p) => [p[0], p[1]] };
  if (code === 3857) return { to: mercator, from: fromMercator };
  const zone = code % 100;
  const family = Math.floor(code / 100);
  if ((family !== 326 && family !== 327) || zone < 1 || zone > 60) return null;
  const south = family === 327;
  return { to: (p) => toUtm(p, zone, south), from: (p) => fromUtm(p, zone, south) };
}
