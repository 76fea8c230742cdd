import type { LiveFrame, LonLat, Operation } from "./api.ts";
import { metresPerDegree } from "./geometry.ts";

export type Pixel = [number, number];

/** An outline to draw over a picture. */
export interface Outline {
  name: string;
  points: Pixel[];
}

type Matrix = [number, number, number, number, number, number, number, number, number];

/** The zones of the operation as they lie in a frame's picture: by its footprint, or as carried along by registration. */
export function zonesIn(frame: LiveFrame, operation: Operation): Outline[] {
  const names = new Map(operation.zones.map((z) => [z.id, z.name || z.id]));
  const out = frame.drawn.map((d): Outline => ({ name: names.get(d.zone) ?? d.zone, points: d.outline }));
  const corners = frame.coverage.footprint_lon_lat;
  const first = corners?.[0];
  if (corners?.length !== 4 || !first) return out;
  // Metres about a corner: degrees are not the same length both ways.
  const scale = metresPerDegree(first[1]);
  const metres = ([lon, lat]: LonLat): Pixel => [
    (lon - first[0]) * scale.lon,
    (lat - first[1]) * scale.lat,
  ];
  const toGround = fromUnitSquare(corners.map(metres));
  const toUnit = toGround && inverse(toGround);
  if (!toUnit) return out;
  const { width, height } = frame;
  for (const z of operation.zones) {
    if (!z.polygon) continue;
    const seen = inFront(z.polygon.map((p) => times(toUnit, metres(p))));
    const points = seen.map(([x, y, w]): Pixel => [(x / w) * width, (y / w) * height]);
    if (points.length > 2) out.push({ name: z.name || z.id, points });
  }
  return out;
}

type Homogeneous = [number, number, number];

/** The part of an outline that lies in front of the camera: what is behind it has no pixel. */
function inFront(points: Homogeneous[]): Homogeneous[] {
  const least = 1e-3;
  return points.flatMap((p, i) => {
    const q = points[(i + 1) % points.length] ?? p;
    const out: Homogeneous[] = p[2] > least ? [p] : [];
    if (p[2] > least !== q[2] > least) {
      const k = (least - p[2]) / (q[2] - p[2]);
      out.push([p[0] + (q[0] - p[0]) * k, p[1] + (q[1] - p[1]) * k, least]);
    }
    return out;
  });
}

function times(m: Matrix, [x, y]: Pixel): Homogeneous {
  return [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5], m[6] * x + m[7] * y + m[8]];
}

/** The map from the unit square to a quadrilateral (Heckbert 1989, 2.2.3); null when it has none. */
function fromUnitSquare(corners: Pixel[]): Matrix | null {
  const [a, b, c, d] = corners;
  if (!a || !b || !c || !d) return null;
  const [sx, sy] = [a[0] - b[0] + c[0] - d[0], a[1] - b[1] + c[1] - d[1]];
  const [x1, y1, x2, y2] = [b[0] - c[0], b[1] - c[1], d[0] - c[0], d[1] - c[1]];
  const det = x1 * y2 - x2 * y1;
  if (Math.abs(det) < 1e-9) return null;
  const g = (sx * y2 - x2 * sy) / det;
  const h = (x1 * sy - sx * y1) / det;
  return [
    b[0] - a[0] + g * b[0],
    d[0] - a[0] + h * d[0],
    a[0],
    b[1] - a[1] + g * b[1],
    d[1] - a[1] + h * d[1],
    a[1],
    g,
    h,
    1,
  ];
}

/** The inverse, of a sign that gives what is in front of the camera a positive third coordinate. */
function inverse(m: Matrix): Matrix | null {
  const [a, b, c, d, e, f, g, h, i] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (Math.abs(det) < 1e-12) return null;
  const inv: Matrix = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  // The middle of the picture is in front.
  const middle = times(inv, [(a + b + 2 * c) / (g + h + 2), (d + e + 2 * f) / (g + h + 2)]);
  const sign = middle[2] < 0 ? -1 : 1;
  return inv.map((v) => (v * sign) / Math.abs(det)) as Matrix;
}
