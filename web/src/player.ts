import type { LiveFrame, Point } from "./api.ts";
import { drawOverlay } from "./draw.ts";
import { type CodedPicture, codecOf } from "./protocol.ts";
import { type Overlay, Stepper } from "./step.ts";
import type { Outline } from "./zones.ts";

/** What was drawn last. */
export interface Drawn {
  pts: number;
  width: number;
  height: number;
  overlay: Overlay;
  count: number;
}

export type PlayerProblem = { kind: "codec"; codec: string } | { kind: "insecure" } | null;

/**
 * Decodes one feed (WebCodecs) and draws each picture with the boxes of that very frame. The clean
 * picture is on `picture` (the map drapes it), boxes are on `boxes` above it.
 */
export class Player {
  readonly stepper = new Stepper<CodedPicture>();
  drawn: Drawn | null = null;
  problem: PlayerProblem = null;
  selected: string | null = null;
  /** The outlines to draw over the picture of a frame. */
  zones: (frame: LiveFrame) => Outline[] = () => [];
  /** Called after each picture that was drawn. */
  onDrawn: (drawn: Drawn) => void = () => {};
  private decoder: VideoDecoder | null = null;
  private codec: string | null = null;
  private needKey = true;
  private count = 0;
  private timer: number;

  constructor(
    readonly picture: HTMLCanvasElement,
    readonly boxes: HTMLCanvasElement,
  ) {
    // Patience ends even when nothing comes any more.
    this.timer = window.setInterval(() => this.pump(), 100);
  }

  close(): void {
    window.clearInterval(this.timer);
    this.stop();
  }

  setCodec(codec: string): void {
    if (codec !== this.codec) {
      this.stop();
      this.codec = codec;
    }
  }

  /** Pictures were lost or the connection was: go on with the next key frame. */
  interrupted(): void {
    this.stepper.clear();
    this.stop();
  }

  addPicture(p: CodedPicture): void {
    this.stepper.addPicture(p, performance.now());
    this.pump();
  }

  addAnalysis(frame: LiveFrame): void {
    this.stepper.addAnalysis(frame, performance.now());
    this.pump();
  }

  /** Draws the boxes of the shown picture again, after a selection. */
  redraw(): void {
    if (this.drawn) this.drawBoxes(this.drawn.overlay);
  }

  /** The picture's pixel at a place of its canvas, and how large pixels are shown; none beside it. */
  pixelAt(x: number, y: number): { pixel: [number, number]; scale: number } | null {
    const drawn = this.drawn;
    if (!drawn) return null;
    const rect = this.boxes.getBoundingClientRect();
    const scale = Math.min(rect.width / drawn.width, rect.height / drawn.height);
    const px = (x - (rect.width - drawn.width * scale) / 2) / scale;
    const py = (y - (rect.height - drawn.height * scale) / 2) / scale;
    const inside = px >= 0 && py >= 0 && px <= drawn.width && py <= drawn.height;
    return inside ? { pixel: [px, py], scale } : null;
  }

  /** The track whose box is at a place of the canvas (CSS pixels), the smallest one. */
  trackAt(x: number, y: number): string | null {
    const drawn = this.drawn;
    const at = this.pixelAt(x, y);
    if (!drawn || !at) return null;
    const [px, py] = at.pixel;
    const slack = 6 / at.scale;
    const hit = (p: Point) =>
      px >= p.box.x - slack &&
      px <= p.box.x + p.box.w + slack &&
      py >= p.box.y - slack &&
      py <= p.box.y + p.box.h + slack;
    const hits = drawn.overlay.points.filter(hit);
    hits.sort((a, b) => a.box.w * a.box.h - b.box.w * b.box.h);
    return hits[0]?.track ?? null;
  }

  private drawBoxes(overlay: Overlay): void {
    const zones = overlay.frame ? this.zones(overlay.frame) : [];
    drawOverlay(this.boxes, overlay, zones, this.selected);
  }

  private pump(): void {
    for (const p of this.stepper.release(performance.now())) this.decode(p);
  }

  private decode(p: CodedPicture): void {
    if (typeof VideoDecoder === "undefined") {
      this.problem = { kind: "insecure" };
      return;
    }
    if (p.key && !this.codec) this.codec = codecOf(p.bytes);
    if (this.needKey && !p.key) return;
    if (!this.decoder && !this.start()) return;
    this.needKey = false;
    try {
      // Presentation times are only compared, so that 90 kHz ticks may stand for microseconds.
      const type = p.key ? "key" : "delta";
      this.decoder?.decode(new EncodedVideoChunk({ type, timestamp: p.pts, data: p.bytes }));
    } catch {
      this.stop();
    }
  }

  private start(): boolean {
    if (!this.codec) return false;
    const codec = this.codec;
    const decoder = new VideoDecoder({
      output: (frame) => this.draw(frame),
      error: () => {
        if (this.drawn === null) this.problem = { kind: "codec", codec };
        this.stop();
      },
    });
    try {
      decoder.configure({ codec, optimizeForLatency: true });
    } catch {
      this.problem = { kind: "codec", codec };
      return false;
    }
    this.decoder = decoder;
    return true;
  }

  private stop(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
    this.needKey = true;
  }

  private draw(frame: VideoFrame): void {
    const width = frame.displayWidth;
    const height = frame.displayHeight;
    for (const canvas of [this.picture, this.boxes]) {
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
    }
    this.picture.getContext("2d")?.drawImage(frame, 0, 0, width, height);
    const pts = frame.timestamp;
    frame.close();
    const overlay = this.stepper.overlay(pts);
    this.drawBoxes(overlay);
    this.problem = null;
    this.drawn = { pts, width, height, overlay, count: ++this.count };
    this.onDrawn(this.drawn);
  }
}
