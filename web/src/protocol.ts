import type { LiveMessage } from "./api.ts";

/** Length of the head of a binary message. */
export const HEAD = 12;

/** A coded picture of `live/1`. */
export interface CodedPicture {
  /** Index of the feed in `hello`. */
  feed: number;
  key: boolean;
  /** Presentation time in 90 kHz ticks. */
  pts: number;
  /** Annex B. */
  bytes: Uint8Array;
}

/** Reads a binary message; null when it is not one that we know. */
export function parsePicture(data: ArrayBuffer): CodedPicture | null {
  if (data.byteLength <= HEAD) return null;
  const view = new DataView(data);
  if (view.getUint8(0) !== 1) return null;
  return {
    key: (view.getUint8(1) & 1) === 1,
    feed: view.getUint16(2),
    pts: Number(view.getBigInt64(4)),
    bytes: new Uint8Array(data, HEAD),
  };
}

const TYPES = new Set([
  "hello",
  "tick",
  "status",
  "counts",
  "clocks",
  "video",
  "frame",
  "emission",
  "aircraft",
  "event",
  "alert",
  "note",
  "track_edit",
  "purged",
  "lost",
  "refused",
]);

/** Reads a text message; null when its schema or type is not known here (readers ignore those). */
export function parseMessage(text: string): LiveMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { schema, type } = value as { schema?: unknown; type?: unknown };
  if (schema !== "live/1" || typeof type !== "string" || !TYPES.has(type)) return null;
  return value as LiveMessage;
}

/**
 * The codec string of H.264 from the sequence parameter set of a key frame (ITU-T H.264, 7.3.2.1):
 * for relays that did not say it. Null when there is none.
 */
export function codecOf(annexB: Uint8Array): string | null {
  for (let i = 0; i + 6 < annexB.length; i++) {
    const start = annexB[i] === 0 && annexB[i + 1] === 0 && annexB[i + 2] === 1;
    if (start && ((annexB[i + 3] ?? 0) & 0x1f) === 7) {
      const hex = (n: number | undefined) => (n ?? 0).toString(16).padStart(2, "0");
      return `avc1.${hex(annexB[i + 4])}${hex(annexB[i + 5])}${hex(annexB[i + 6])}`;
    }
  }
  return null;
}
