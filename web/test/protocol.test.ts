import { describe, expect, it } from "vitest";
import { codecOf, parseMessage, parsePicture } from "../src/protocol.ts";

const message = (...bytes: number[]) => new Uint8Array(bytes).buffer;

describe("binary messages", () => {
  it("are a head and Annex B", () => {
    const p = parsePicture(message(1, 1, 0, 2, 255, 255, 255, 255, 255, 255, 255, 253, 7, 8));
    expect(p).toEqual({ key: true, feed: 2, pts: -3, bytes: new Uint8Array([7, 8]) });
  });

  it("keep presentation times beyond 32 bits", () => {
    const p = parsePicture(message(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 9));
    expect(p?.pts).toBe(2 ** 40 + 5);
    expect(p?.key).toBe(false);
  });

  it("of another version, or too short, are ignored", () => {
    expect(parsePicture(message(2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 7))).toBeNull();
    expect(parsePicture(message(1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1))).toBeNull();
    expect(parsePicture(message())).toBeNull();
  });
});

describe("text messages", () => {
  it("of other schemas or types are ignored", () => {
    expect(parseMessage('{"schema":"live/1","type":"tick","server_us":1}')).toMatchObject({ type: "tick" });
    for (const bad of [
      "",
      "null",
      "[]",
      '{"type":"tick"}',
      '{"schema":"live/2","type":"tick"}',
      '{"schema":"live/1","type":"new"}',
    ]) {
      expect(parseMessage(bad)).toBeNull();
    }
  });
});

describe("codecOf", () => {
  it("reads profile and level from the sequence parameter set", () => {
    const unit = new Uint8Array([0, 0, 0, 1, 9, 16, 0, 0, 0, 1, 0x67, 0x64, 0, 0x1f, 0xac]);
    expect(codecOf(unit)).toBe("avc1.64001f");
    expect(codecOf(new Uint8Array([0, 0, 1, 0x41, 1, 2, 3]))).toBeNull();
  });
});
