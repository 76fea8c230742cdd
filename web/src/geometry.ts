import type { Ground, LonLat } from "./api.ts";

/** sqrt of the 90 % quantile of chi-square with two degrees of freedom. */
export const RADIUS_90 = 2.146;

const A = 6_378_137;
const E2 = 6.694379990141e-3;

/** Metres per degree of longitude and of latitude at a latitude (WGS84 radii of curvature). */
export function metresPerDegree(lat: number): { lon: number; lat: number } {
  const phi = (lat * Math.PI) / 180;
  const w = Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const n = A / w;
  const m = (A * (1 - E2)) / w ** 3;
  const degree = Math.PI / 180;
  return { lon: n * Math.cos(phi) * degree, lat: m * degree };
}

/** Half axes (metres, long one first) and the angle of the long one from east, of the ellipse that holds 90 %. */
export function ellipse90(cov: Ground["cov"]): { a: number; b: number; angle: number } {
  const [ee, en, , nn] = cov;
  const mean = (ee + nn) / 2;
  const spread = Math.hypot((ee - nn) / 2, en);
  return {
    a: RADIUS_90 * Math.sqrt(Math.max(mean + spread, 0)),
    b: RADIUS_90 * Math.sqrt(Math.max(mean - spread, 0)),
    angle: 0.5 * Math.atan2(2 * en, ee - nn),
  };
}

/** The outline of a ground position's 90 % ellipse, closed. */
export function ellipseOutline(g: Ground, corners = 40): LonLat[] {
  const { a, b, angle } = ellipse90(g.cov);
  const scale = metresPerDegree(g.lat);
  const out: LonLat[] = [];
  for (let i = 0; i <= corners; i++) {
    const t = (2 * Math.PI * (i % corners)) / corners;
    const u = a * Math.cos(t);
    const v = b * Math.sin(t);
    const east = u * Math.cos(angle) - v * Math.sin(angle);
    const north = u * Math.sin(angle) + v * Math.cos(angle);
    out.push([g.lon + east / scale.lon, g.lat + north / scale.lat]);
  }
  return out;
}

/** South-west and north-east corners around points; null when there is none. */
export function boundsOf(points: Iterable<LonLat>): [LonLat, LonLat] | null {
  let box: [LonLat, LonLat] | null = null;
  for (const [lon, lat] of points) {
    if (!box)
      box = [
        [lon, lat],
        [lon, lat],
      ];
    box[0] = [Math.min(box[0][0], lon), Math.min(box[0][1], lat)];
    box[1] = [Math.max(box[1][0], lon), Math.max(box[1][1], lat)];
  }
  return box;
}

/** Centre of the vertices of an outline. */
export function middle(points: LonLat[]): LonLat {
  const n = Math.max(points.length, 1);
  return [points.reduce((s, p) => s + p[0], 0) / n, points.reduce((s, p) => s + p[1], 0) / n];
}

/** Course from one place to the next, radians clockwise from north; null when they are the same. */
export function course(from: LonLat, to: LonLat): number | null {
  const scale = metresPerDegree(from[1]);
  const e = (to[0] - from[0]) * scale.lon;
  const n = (to[1] - from[1]) * scale.lat;
  return Math.hypot(e, n) < 0.5 ? null : Math.atan2(e, n);
}
