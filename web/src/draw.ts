import type { ObjectClass, Point } from "./api.ts";
import type { Overlay } from "./step.ts";
import type { Outline } from "./zones.ts";

/** As on the map. */
const ZONE_COLOUR = "#e8c468";

/** Colours of classes: told apart by people who don't see red and green alike, too. */
export const CLASS_COLOURS: Record<ObjectClass, string> = {
  unknown: "#c9d2d8",
  person: "#ffd166",
  car: "#4cc9f0",
  pickup: "#6fb1ff",
  truck: "#ff8f5a",
  other: "#c49bff",
};

/** Draws zones and boxes over a picture; the canvas has the picture's size in pixels. */
export function drawOverlay(
  canvas: HTMLCanvasElement,
  overlay: Overlay,
  zones: Outline[],
  selected: string | null,
): void {
  const c = canvas.getContext("2d");
  if (!c) return;
  c.clearRect(0, 0, canvas.width, canvas.height);
  // The same look on the screen whatever the picture's size.
  const unit = canvas.width / Math.max(canvas.clientWidth, 320);
  for (const z of zones) drawZone(c, z, unit);
  for (const p of overlay.points) drawBox(c, p, unit, p.track === selected);
}

/** Thin and without filling: what happens in a zone matters, not the zone. */
function drawZone(c: CanvasRenderingContext2D, z: Outline, unit: number): void {
  c.save();
  c.lineJoin = "round";
  c.beginPath();
  for (const [x, y] of z.points) c.lineTo(x, y);
  c.closePath();
  c.strokeStyle = "rgba(0,0,0,.55)";
  c.lineWidth = 3 * unit;
  c.stroke();
  c.strokeStyle = ZONE_COLOUR;
  c.lineWidth = 1.3 * unit;
  c.stroke();
  // The name at the upper edge, kept within the picture.
  const top = z.points.reduce((a, b) => (b[1] < a[1] ? b : a));
  const size = 11 * unit;
  c.font = `600 ${size}px ui-sans-serif, system-ui, sans-serif`;
  const wide = c.measureText(z.name).width;
  const { width, height } = c.canvas;
  const inside = z.points.some(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height);
  if (inside) {
    const x = Math.min(Math.max(top[0] - wide / 2, 4 * unit), width - wide - 4 * unit);
    const y = Math.min(Math.max(top[1] - 4 * unit, size + 2 * unit), height - 4 * unit);
    c.lineWidth = 3 * unit;
    c.strokeStyle = "rgba(8,13,17,.85)";
    c.strokeText(z.name, x, y);
    c.fillStyle = ZONE_COLOUR;
    c.fillText(z.name, x, y);
  }
  c.restore();
}

function drawBox(c: CanvasRenderingContext2D, p: Point, unit: number, selected: boolean): void {
  if (p.state === "unobserved" || p.state === "ended") return;
  const colour = CLASS_COLOURS[p.class] ?? CLASS_COLOURS.unknown;
  const { x, y, w, h } = p.box;
  const pad = 2 * unit;
  const [x0, y0, bw, bh] = [x - pad, y - pad, w + 2 * pad, h + 2 * pad];
  c.save();
  c.lineJoin = "round";
  const outline = () => c.strokeRect(x0, y0, bw, bh);
  if (p.state === "coasting") c.setLineDash([5 * unit, 4 * unit]);
  c.strokeStyle = "rgba(0,0,0,.65)";
  c.lineWidth = (selected ? 5 : 3.5) * unit;
  outline();
  c.strokeStyle = colour;
  c.lineWidth = (selected ? 3 : 1.6) * unit;
  outline();
  c.setLineDash([]);
  if (p.state === "stopped") {
    // Corner marks: it stands.
    const m = 5 * unit;
    c.fillStyle = colour;
    for (const [cx, cy] of [
      [x0, y0],
      [x0 + bw, y0],
      [x0, y0 + bh],
      [x0 + bw, y0 + bh],
    ] as const) {
      c.fillRect(cx - m / 2, cy - m / 2, m, m);
    }
  }
  const size = 12 * unit;
  c.font = `600 ${size}px ui-sans-serif, system-ui, sans-serif`;
  const wide = c.measureText(p.track).width + 8 * unit;
  const above = y0 - size - 5 * unit > 0;
  const top = above ? y0 - size - 5 * unit : y0 + bh + unit;
  c.fillStyle = selected ? colour : "rgba(8,13,17,.82)";
  c.fillRect(x0, top, wide, size + 4 * unit);
  c.fillStyle = selected ? "#081014" : colour;
  c.textBaseline = "middle";
  c.fillText(p.track, x0 + 4 * unit, top + size / 2 + 2.5 * unit);
  c.restore();
}
