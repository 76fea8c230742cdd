/** What a feed's clocks say against each other, in words. */
import type { TimeFault } from "./api.ts";
import { number } from "./format.ts";
import { fill, type Lang, type Words, wordOf } from "./i18n.ts";

/** One sentence with its numbers. */
export function clockFault(f: TimeFault, t: Words, lang: Lang): string {
  const s = (us: number) => number(Math.abs(us) / 1e6, lang, 1);
  const scale = (of: string | undefined) => (of ? `, ${wordOf(t, "scale", of)}` : "");
  switch (f.kind) {
    case "jump":
      return fill(t.clockJump, { s: s(f.by_us) });
    case "drift":
      return fill(f.ppm > 0 ? t.clockFast : t.clockSlow, { ppm: Math.abs(f.ppm) });
    case "pictures":
      return fill(f.ahead_us > 0 ? t.clockAheadPictures : t.clockBehindPictures, { s: s(f.ahead_us), scale: scale(f.scale) });
    case "received":
      return fill(f.ahead_us > 0 ? t.clockAhead : t.clockBehind, { s: s(f.ahead_us), scale: scale(f.scale) });
    case "lag":
      return fill(t.clockLag, { s: s(f.behind_us) });
  }
}
