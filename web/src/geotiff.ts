import { fromUrl, type GeoTIFF } from "geotiff";
import type { LonLat } from "./api.ts";
import { boundsOf } from "./geometry.ts";
import { fromMercator, mercator, type Projection, projectionOf } from "./projection.ts";

/** A picture for the map: RGBA in Web Mercator, with its corners (upper left, then clockwise). */
export interface GroundPicture {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
  corners: [LonLat, LonLat, LonLat, LonLat];
}

/** Longest side of what is shown, pixels. */
const LONGEST = 2048;
/** Places are reckoned at every so many pixels, and between them in proportion: exact to a hundredth of a pixel. */
const STEP = 16;

/** A GeoTIFF that can't be shown; the message says why, for people who make such files. */
export class UnfitGeoTiff extends Error {}

/** Reads as much of a GeoTIFF as the map can show, in ranges, by its overviews where it has them. */
export async function openGeoTiff(url: string): Promise<GroundPicture> {
  return await onTheMap(await fromUrl(url));
}

/** The picture of an opened GeoTIFF: EPSG:4326, 3857 or UTM on WGS84, north up. */
export async function onTheMap(tiff: GeoTIFF): Promise<GroundPicture> {
  const image = await tiff.getImage();
  const keys = image.getGeoKeys() ?? {};
  const code = Number(keys.ProjectedCSTypeGeoKey ?? keys.GeographicTypeGeoKey ?? 0);
  const projection = projectionOf(code);
  if (!projection) {
    throw new UnfitGeoTiff(`EPSG:${code || "?"} ≠ EPSG:4326, 3857, 326zz, 327zz`);
  }
  let box: [number, number, number, number];
  try {
    const [sx = 0, sy = 0] = image.getResolution();
    box = image.getBoundingBox() as [number, number, number, number];
    if (image.getFileDirectory().hasTag("ModelTransformation") || !(sx > 0 && sy < 0)) box = [0, 0, 0, 0];
  } catch {
    box = [0, 0, 0, 0];
  }
  if (!(box[2] > box[0] && box[3] > box[1])) throw new UnfitGeoTiff("≠ north-up");
  const shrink = Math.min(1, LONGEST / Math.max(image.getWidth(), image.getHeight()));
  const width = Math.max(1, Math.round(image.getWidth() * shrink));
  const height = Math.max(1, Math.round(image.getHeight() * shrink));
  // The smallest overview that is large enough.
  let best = image;
  for (let i = 1; i < (await tiff.getImageCount()); i++) {
    const other = await tiff.getImage(i);
    const alike = Math.abs(other.getWidth() / other.getHeight() / (image.getWidth() / image.getHeight()) - 1);
    const same = other.getSamplesPerPixel() === image.getSamplesPerPixel() && alike < 0.02;
    if (same && other.getWidth() >= width && other.getWidth() < best.getWidth()) best = other;
  }
  const samples = await best.readRGB({ width, height, interleave: true, enableAlpha: true });
  const shift = samples instanceof Uint16Array ? 8 : 0;
  const depth = samples.length / (width * height);
  const empty = image.getGDALNoData();
  const source = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    let blank = empty === 0;
    for (let k = 0; k < 3; k++) {
      const v = Number(samples[i * depth + k]) >> shift;
      source[i * 4 + k] = v;
      blank &&= v === 0;
    }
    const alpha = depth > 3 ? Number(samples[i * depth + 3]) >> shift : 255;
    source[i * 4 + 3] = blank ? 0 : alpha;
  }
  return toMercator(source, width, height, box, projection);
}

/** Lays a north-up picture over Web Mercator, by the nearest pixel. */
function toMercator(
  source: Uint8ClampedArray,
  width: number,
  height: number,
  [x0, y0, x1, y1]: [number, number, number, number],
  projection: Projection,
): GroundPicture {
  // The edge may bulge: points along it.
  const edge: LonLat[] = [];
  for (let i = 0; i <= 32; i++) {
    const [x, y] = [x0 + ((x1 - x0) * i) / 32, y0 + ((y1 - y0) * i) / 32];
    for (const p of [[x, y0], [x, y1], [x0, y], [x1, y]] as [number, number][]) edge.push(projection.from(p));
  }
  const bounds = boundsOf(edge);
  if (!bounds || !bounds.flat().every(Number.isFinite)) throw new UnfitGeoTiff("?");
  // Mercator ends before the poles.
  const clip = (lat: number) => Math.min(Math.max(lat, -85), 85);
  const [left, bottom] = mercator([bounds[0][0], clip(bounds[0][1])]);
  const [right, top] = mercator([bounds[1][0], clip(bounds[1][1])]);
  const rgba = new Uint8ClampedArray(width * height * 4);
  const at = (i: number, j: number): [number, number] => {
    const place = fromMercator([left + ((right - left) * i) / width, top - ((top - bottom) * j) / height]);
    const [x, y] = projection.to(place);
    return [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  };
  for (let j0 = 0; j0 < height; j0 += STEP) {
    for (let i0 = 0; i0 < width; i0 += STEP) {
      const [a, b, c, d] = [at(i0, j0), at(i0 + STEP, j0), at(i0, j0 + STEP), at(i0 + STEP, j0 + STEP)];
      for (let j = j0; j < Math.min(j0 + STEP, height); j++) {
        const v = (j + 0.5 - j0) / STEP;
        for (let i = i0; i < Math.min(i0 + STEP, width); i++) {
          const u = (i + 0.5 - i0) / STEP;
          const mix = (k: 0 | 1) =>
            (a[k] * (1 - u) + b[k] * u) * (1 - v) + (c[k] * (1 - u) + d[k] * u) * v;
          const [sx, sy] = [Math.floor(mix(0)), Math.floor(mix(1))];
          if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue;
          const from = (sy * width + sx) * 4;
          rgba.set(source.subarray(from, from + 4), (j * width + i) * 4);
        }
      }
    }
  }
  const corner = (x: number, y: number): LonLat => fromMercator([x, y]);
  return {
    width,
    height,
    rgba,
    corners: [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)],
  };
}
