import { describe, expect, it } from "vitest";
import type { LiveMessage } from "../src/api.ts";
import { clockFault } from "../src/clocks.ts";
import { dictionaries } from "../src/i18n.ts";
import samples from "./samples.json";

describe("a clock's faults", () => {
  const told = (samples.live as LiveMessage[]).flatMap((m) => (m.type === "clocks" ? m.faults : []));

  it("are told in words with their numbers, in both languages", () => {
    expect(told.map((f) => clockFault(f, dictionaries.en, "en"))).toEqual([
      "The metadata's clock jumped by 2.5 s against the pictures; later jumps are only counted.",
      "The metadata's clock runs 300 millionths slower than the pictures'.",
      "Metadata are 0.2 s behind the time written in the pictures.",
      "The metadata's clock is 18.0 s ahead of this server's, as GPS time would be: compare the clocks.",
      "Metadata come 1.2 s after their pictures: live pictures are placed by older ones.",
    ]);
    const spanish = told.map((f) => clockFault(f, dictionaries.es, "es"));
    expect(spanish[3]).toContain("18,0 s por delante");
    expect(spanish[3]).toContain("GPS");
    expect(spanish.join()).not.toMatch(/[{}]/);
  });
});
