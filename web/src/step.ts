import type { LiveFrame, Point } from "./api.ts";

/** Longest that a picture waits for its analysis: of the stream's time where more comes, of the clock where nothing does. */
export const PATIENCE_MS = 1500;
const PATIENCE_TICKS = PATIENCE_MS * 90;
/** A page that is further behind than this goes on with the latest key frame. */
const BEHIND_TICKS = 3 * 90_000;
/** Analyses that are remembered: half a minute at 30 a second. */
const MOST_ANALYSES = 900;

/** What is drawn over a picture. */
export interface Overlay {
  /** `exact`: of this very frame; `between`: interpolated from its two neighbours; `late`: none came in time. */
  kind: "exact" | "between" | "late";
  points: Point[];
  frame: LiveFrame | null;
}

/**
 * Keeps pictures and their analyses in step. Pictures wait, still coded (decoders have few output
 * buffers), until the analysis has passed them or patience ends; then they are released in
 * decoding order, and each is drawn with the boxes that belong to its presentation time.
 */
export class Stepper<P extends { pts: number; key: boolean }> {
  private waiting: P[] = [];
  /** When something came last. */
  private heardAt = Number.NEGATIVE_INFINITY;
  private analyses = new Map<number, LiveFrame>();
  private order: number[] = [];
  /** Greatest presentation time analysed so far. */
  private analysed = Number.NEGATIVE_INFINITY;
  private analysedAt = Number.NEGATIVE_INFINITY;

  /** A picture came at `now` (milliseconds of any clock). */
  addPicture(picture: P, now: number): void {
    const last = this.waiting.at(-1)?.pts;
    // A jump of time is another run of the feed: what was known about the old one is over.
    if (last !== undefined && Math.abs(picture.pts - last) > 10 * 90_000) this.clear();
    this.waiting.push(picture);
    this.heardAt = now;
    this.catchUp();
  }

  /** An analysis came at `now`. */
  addAnalysis(frame: LiveFrame, now: number): void {
    if (frame.pts_90k < this.analysed - 10 * 90_000) this.forgetAnalyses();
    this.analyses.set(frame.pts_90k, frame);
    this.order.push(frame.pts_90k);
    while (this.order.length > MOST_ANALYSES) {
      const oldest = this.order.shift();
      if (oldest !== undefined) this.analyses.delete(oldest);
    }
    this.analysed = Math.max(this.analysed, frame.pts_90k);
    this.analysedAt = now;
    this.heardAt = now;
  }

  /** The pictures that may be decoded at `now`. */
  release(now: number): P[] {
    const out: P[] = [];
    for (;;) {
      const head = this.waiting[0];
      if (!head) break;
      const known = head.pts <= this.analysed;
      const newest = this.waiting.at(-1)?.pts ?? head.pts;
      const patient = newest - head.pts < PATIENCE_TICKS && now - this.heardAt < PATIENCE_MS;
      if (!known && patient) break;
      out.push(head);
      this.waiting.shift();
    }
    return out;
  }

  /** True when no analysis came for longer than patience, at `now`. */
  isLate(now: number): boolean {
    return now - this.analysedAt > PATIENCE_MS;
  }

  /** What to draw over the picture of this presentation time. */
  overlay(pts: number): Overlay {
    const exact = this.analyses.get(pts);
    if (exact) return { kind: "exact", points: exact.tracks, frame: exact };
    let before: LiveFrame | null = null;
    let after: LiveFrame | null = null;
    for (const frame of this.analyses.values()) {
      const at = frame.pts_90k;
      if (at < pts && (!before || at > before.pts_90k)) before = frame;
      if (at > pts && (!after || at < after.pts_90k)) after = frame;
    }
    if (!before || !after || after.pts_90k - before.pts_90k > 90_000) {
      return { kind: "late", points: [], frame: null };
    }
    const share = (pts - before.pts_90k) / (after.pts_90k - before.pts_90k);
    return { kind: "between", points: between(before.tracks, after.tracks, share), frame: before };
  }

  /** Drops what is far behind the latest key frame: live means now. */
  private catchUp(): void {
    const head = this.waiting[0];
    const newest = this.waiting.at(-1);
    if (!head || !newest || newest.pts - head.pts <= BEHIND_TICKS) return;
    const key = this.waiting.map((p) => p.key).lastIndexOf(true);
    if (key > 0) this.waiting.splice(0, key);
  }

  /** Pictures that wait. */
  get waits(): number {
    return this.waiting.length;
  }

  clear(): void {
    this.waiting = [];
    this.forgetAnalyses();
  }

  private forgetAnalyses(): void {
    this.analyses.clear();
    this.order = [];
    this.analysed = Number.NEGATIVE_INFINITY;
  }
}

/** Boxes of the tracks that both frames have. */
function between(a: Point[], b: Point[], share: number): Point[] {
  const later = new Map(b.map((p) => [p.track, p]));
  const mix = (x: number, y: number) => x + (y - x) * share;
  return a.flatMap((p) => {
    const q = later.get(p.track);
    if (!q) return [];
    const box = {
      x: mix(p.box.x, q.box.x),
      y: mix(p.box.y, q.box.y),
      w: mix(p.box.w, q.box.w),
      h: mix(p.box.h, q.box.h),
    };
    return [{ ...p, box }];
  });
}
